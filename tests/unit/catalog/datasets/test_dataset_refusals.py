"""A reference that is no data set is refused with what it is, what is read, and what to type, in plan and run alike."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.catalog.datasets import from_loader, obtain, refusal
from bench.core.errors import DataError, SuiteError
from bench.declare.parse import parse_suite


@pytest.fixture
def files(base: Path) -> Path:
    """What people have beside their suites."""
    random = np.random.default_rng(0)
    table = pd.DataFrame(random.integers(0, 256, (50, 9)))
    table["CLASS"] = np.arange(50) % 3
    table.to_csv(base / "train.csv", index=False)
    np.save(base / "x.npy", np.zeros(3))
    for name in ("notes.txt", "data.json", "data.parquet", "data.tar.gz", "frames.pkl"):
        (base / name).write_bytes(b"something")
    for picture in ("pictures/cat/0.png", "pictures/dog/0.jpg", "split/train/cat/0.png", "split/test/cat/0.png"):
        (base / picture).parent.mkdir(parents=True, exist_ok=True)
        (base / picture).write_bytes(b"a picture")
    for folder in ("flat", "idx", "papers", "archive", "nothing"):
        (base / folder).mkdir()
    (base / "flat" / "1.PNG").write_bytes(b"a picture")
    (base / "papers" / "a.pdf").write_bytes(b"%PDF")
    (base / "archive" / "mine.npz").write_bytes(b"PK")
    (base / "idx" / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(b"\0\0"))
    return base


READ = (
    "What is read: an .npz with x_train, y_train, x_test and y_test, a folder of the four IDX files, or what a loader"
)
REGRESSION = "holds measured values to predict (regression), which this version does not train."


@pytest.mark.parametrize(
    ("reference", "reason", "hint"),
    [
        ("train.csv", "train.csv is a table (.csv), which is not read. " + READ, "pandas.read_csv("),
        ("./train.csv", "./train.csv is a table (.csv), which is not read. " + READ, 'dataset = "my_data:load"'),
        ("data.parquet", "is a table (.parquet), which is not read. " + READ, "pandas.read_parquet("),
        ("x.npy", "is a single array (.npy), which is not read. " + READ, "numpy.savez('data.npz', x_train="),
        ("data.json", "is a JSON file (.json), which is not read. " + READ, "Write a loader, package.module:function"),
        ("notes.txt", "is a text file (.txt), which is not read. " + READ, "Write a loader, package.module:function"),
        ("frames.pkl", "is a file of Python objects (.pkl), which is not read.", "Write a loader"),
        ("data.tar.gz", "is a packed file (.gz), which is not read.", "Write a loader"),
        ("absent.csv", "/suite/absent.csv does not exist, and a table (.csv) would not be read.", "Check the path"),
        ("./absent", "/suite/absent does not exist.", "Name a folder of IDX files or an .npz"),
        ("./pictures", "is a folder of pictures, such as cat/0.png. " + READ, "image_dataset_from_directory"),
        ("./split", "is a folder of pictures, such as test/cat/0.png. " + READ, "('/train', '/test')"),
        ("./flat", "is a folder of pictures, such as 1.PNG. " + READ, "Write a loader, package.module:function"),
        ("pictures", "'pictures' is no name of a data set", 'Write "./pictures".'),
        ("./papers", "is a folder without IDX files; it holds a.pdf. " + READ, "Write a loader"),
        ("./archive", "is a folder with mine.npz in it, and no IDX files.", "/suite/archive/mine.npz"),
        ("idx/train-images-idx3-ubyte.gz", "is one of four IDX files.", "/suite/idx'"),
        ("nul\0/", "There is no data set at 'nul\\x00/'", "Check the path"),
        ("~no_such_user_of_all/x", "There is no data set at '~no_such_user_of_all/x'", "Check the path"),
        ("cifar10", "cifar10 is not how this data set is named", 'Write "keras.datasets.cifar10:load_data".'),
        ("cifar_10", "cifar_10 is not how", 'Write "keras.datasets.cifar10:load_data".'),
        ("CIFAR-100", "CIFAR-100 is not how", 'Write "keras.datasets.cifar100:load_data".'),
        ("keras.datasets.cifar10", "is not how this data", 'Write "keras.datasets.cifar10:load_data".'),
        ("cifar10.load_data()", "is not how this data", 'Write "keras.datasets.cifar10:load_data".'),
        ("tf.keras.datasets.mnist", "is not how this data", '"mnist", which is checked by its hash, or "keras.'),
        ("mnist.load_data", "is not how this data", '"keras.datasets.mnist:load_data"'),
        ("fashion-mnist", "is not how this data", '"fashion_mnist", which'),
        ("tensorflow.keras.datasets.mnist:load_data", "tensorflow.keras is no package", "keras.datasets.mnist:load"),
        ("imdb", "imdb holds texts, which this version does not train.", ""),
        ("reuters", "reuters holds texts", ""),
        ("keras.datasets.imdb:load_data", "holds texts", ""),
        ("california_housing", REGRESSION, ""),
        ("boston_housing", REGRESSION, ""),
        ("tf.keras.datasets.boston_housing", REGRESSION, ""),
        ("sklearn.datasets:load_diabetes", REGRESSION, ""),
        ("sklearn.datasets:fetch_20newsgroups", "holds texts", ""),
        ("sklearn.datasets:load_digits", "scikit-learn, which is not split", "datasets.load_digits(return_X_y=True)"),
        ("sklearn.datasets.load_iris", "one table of scikit-learn", "datasets.load_iris(return_X_y=True)"),
        ("iris", "one table of scikit-learn", "datasets.load_iris(return_X_y=True)"),
        ("sklearn.datasets:make_moons", "one table of scikit-learn", "Write a function of your own"),
    ],
)  # fmt: skip
def test_what_is_no_data_set_is_told_the_same_way_by_plan_and_run(
    files: Path, reference: str, reason: str, hint: str
) -> None:
    """The sentence says what it is, the hint what to type; nothing is called damaged, and nobody hears of pickles."""
    refused = refusal(reference, files)
    assert refused is not None
    assert reason in refused.reason
    assert hint in refused.hint
    assert bool(hint) == bool(refused.hint)
    assert not [word for word in ("damaged", "pickle", "allow_") if word in refused.reason + refused.hint]
    with pytest.raises(DataError) as caught:
        obtain(reference, base=files)
    assert (refused.reason, refused.hint) == (caught.value.message, caught.value.hint)
    suite = f'[suite]\nname="s"\ndataset={toml(reference)}\n[[grid]]\narchitecture="softmax"'
    with pytest.raises(SuiteError) as planned:
        parse_suite(suite, base=files, origin="bench.toml")
    assert refused.expected in planned.value.message


def toml(text: str) -> str:
    return '"' + text.replace("\0", "\\u0000") + '"'


@pytest.mark.parametrize(
    "reference",
    [
        "mnist", "digits", "keras.datasets.mnist:load_data", "keras.datasets.cifar10:load_data", "my.data:load",
        "imdb:load", "cifar10:load_data", "./idx", "./nothing", "archive/mine.npz",
    ],
)  # fmt: skip
def test_what_may_be_a_data_set_is_not_refused(files: Path, reference: str) -> None:
    """Somebody's own function may have any name; what a folder or an archive holds shows when it is read."""
    assert refusal(reference, files) is None


def test_a_printed_loader_works_as_it_is(files: Path) -> None:
    """Copied beside the suite, it gives the same two parts each time, which `checked` asks to be reshaped at most."""
    refused = refusal("train.csv", files)
    assert refused is not None
    code = [line.removeprefix("      ") for line in refused.hint.splitlines()[1:]]
    reshaped = (
        "    (a, p), (b, q) = original()\n    return (a.reshape(len(a), 1, -1), p), (b.reshape(len(b), 1, -1), q)"
    )
    (files / "my_data.py").write_text("\n".join([*code, "original = load", "def load():", reshaped]))
    try:
        first, second = (from_loader("my_data:load", [str(files)]) for _ in range(2))
    finally:
        sys.modules.pop("my_data", None)
    assert (40, 10, 3, (1, 9)) == (len(first.x_train), len(first.x_test), first.target.width, first.input_shape)
    assert (first.x_test == second.x_test).all()
