"""A reference that is no data set is refused with what it is, what is read, and what to type, in plan and run alike."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.catalog.datasets import obtain, refusal
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
    (base / "broken.csv").write_text("")
    for name in ("notes.txt", "data.json", "book.xlsx", "data.parquet", "data.tar.gz", "frames.pkl"):
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


READ = "What is read: a CSV or Parquet file, a folder of pictures or of IDX files, an .npz, a pair of .npy, or what a"
TABLE = "is a table, and nothing says which part of it is predicted, and which part is the test part."


@pytest.mark.parametrize(
    ("reference", "reason", "hint"),
    [
        ("train.csv", f"train.csv {TABLE}", '[datasets.train]\n      path = "train.csv"\n      target = "CLASS"  # or'),
        ("./train.csv", f"./train.csv {TABLE}", "another of: 0, 1, 2, 3, 4, 5, 6, 7, 8, CLASS\n      test_split = 0.2"),
        ("broken.csv", "broken.csv is empty.", "right file"),
        ("data.parquet", "data.parquet cannot be read as a table", "header"),
        ("x.npy", "x.npy is a single array, and nothing says", 'path = "x.npy"\n      target = "y.npy"'),
        ("data.json", "is a JSON file (.json), which is not read. " + READ, "pandas.read_json(...) as a"),
        ("book.xlsx", "is a table (.xlsx), which is not read. " + READ, '[datasets.book]\n      loader = "my'),
        ("notes.txt", "is a text file (.txt), which is not read. " + READ, "Write a loader, package.module:function"),
        ("frames.pkl", "is a file of Python objects (.pkl), which is not read.", "Write a loader"),
        ("data.tar.gz", "is a packed file (.gz), which is not read.", "Write a loader"),
        ("absent.csv", "/suite/absent.csv does not exist.", "Name a file or folder"),
        ("absent.xlsx", "/suite/absent.xlsx does not exist, and a table (.xlsx) would not be read.", "Check the path"),
        ("./absent", "/suite/absent does not exist.", "Name a file or folder"),
        ("./pictures", "./pictures is a folder of pictures without the folders train and", "[datasets.pictures]\n"),
        ("./flat", "./flat is a folder of pictures, such as 1.PNG, without a subfolder for each", "flat/CLASS/1."),
        ("pictures", "'pictures' is not the name of a data set", 'Write "./pictures".'),
        ("./papers", "is a folder without IDX files or pictures; it holds a.pdf.", "Write a loader"),
        ("./archive", "is a folder with mine.npz in it, and no IDX files.", "/suite/archive/mine.npz"),
        ("idx/train-images-idx3-ubyte.gz", "is one of four IDX files.", "/suite/idx'"),
        ("nul\0/", "There is no data set at 'nul\\x00/'", "Check the path"),
        ("~no_such_user_of_all/x", "There is no data set at '~no_such_user_of_all/x'", "Check the path"),
        ("cifar_10", "cifar_10 is not how", 'Write "cifar10".'),
        ("CIFAR-100", "CIFAR-100 is not how", 'Write "cifar100".'),
        ("keras.datasets.cifar10", "is not how this data", 'Write "cifar10".'),
        ("cifar10.load_data()", "is not how this data", 'Write "cifar10".'),
        ("tf.keras.datasets.mnist", "is not how this data", 'Write "mnist".'),
        ("mnist.load_data", "is not how this data", 'Write "mnist".'),
        ("fashion-mnist", "is not how this data", 'Write "fashion_mnist".'),
        ("tensorflow.keras.datasets.mnist:load_data", "tensorflow.keras is not a package", 'Write "mnist".'),
        ("keras.datasets.imdb", "is not how this data", 'Write "imdb".'),
        ("keras.datasets.imdb:load_data", "returns token ids in lists of different lengths.", 'Write "imdb".'),
        ("boston_housing", "is not how this data", 'Write "keras.datasets.boston_housing:load_data".'),
        ("sklearn.datasets:load_diabetes", "is not how this data", 'Write "sklearn:diabetes", which tests on'),
        ("sklearn.datasets:load_digits", "is not how this data", 'Write "sklearn:digits"'),
        ("sklearn.datasets.load_iris", "is not how this data", 'Write "sklearn:iris"'),
        ("iris", "is not how this data", 'Write "sklearn:iris"'),
        ("sklearn.datasets:load_linnerud", "gives one table", 'loader = "sklearn.datasets:load_linnerud"'),
        ("sklearn:irs", "'sklearn:irs' is not a data set: expected sklearn:iris, sklearn:wine", "Check its name"),
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
        "imdb:load", "cifar10:load_data", "./idx", "./nothing", "archive/mine.npz", "./split", "cifar10", "imdb",
        "sklearn:iris", "openml:adult", "hf:a/b", "keras.datasets.boston_housing:load_data",
    ],
)  # fmt: skip
def test_what_may_be_a_data_set_is_not_refused(files: Path, reference: str) -> None:
    """Somebody's own function may have any name; what a folder or an archive holds shows when it is read."""
    assert refusal(reference, files) is None


@pytest.mark.parametrize("file", ["train.csv", "x.npy"])
def test_a_printed_table_works_as_it_is(files: Path, file: str) -> None:
    """Copied into the suite, it gives the same two parts each time."""
    np.save(files / "x.npy", np.zeros((50, 9)))
    np.save(files / "y.npy", np.arange(50) % 3)
    refused = refusal(file, files)
    assert refused is not None
    table = "\n".join(line.strip() for line in refused.hint.splitlines()[1:])
    name = refused.hint.splitlines()[0].rpartition('dataset = "')[2].removesuffix('":')
    text = f'[suite]\nname="s"\ndataset="{name}"\n[[grid]]\narchitecture="softmax"\n{table}'
    suite = parse_suite(text, base=files, origin="bench.toml")
    first, second = (obtain(name, base=files, table=suite.datasets[name]) for _ in range(2))
    assert (40, 10, 3, (9,)) == (first.train_images, first.test_images, first.target.width, first.input_shape)
    assert first.sha256 == second.sha256
