"""Archives of one part, pairs of `.npy`, loaders in a table, and the collections of other libraries."""

from __future__ import annotations

import importlib.util
import io
import pickle
import sys
import tarfile
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from bench.catalog.datasets import DatasetTable, Split, from_table, named, obtain
from bench.catalog.datasets.keras_source import SCRIPT as KERAS_SCRIPT
from bench.catalog.datasets.read import collections
from bench.core.errors import DataError
from bench.core.target import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from bench.catalog.datasets import Arrays

X, Y = np.arange(40.0).reshape(20, 2) / 8, np.arange(20) % 2


def table(**keys: Any) -> DatasetTable:
    return DatasetTable.model_validate(keys)


# ------------------------------------------------------------------------------------------------------------ archives


def test_an_archive_of_one_part_is_split(base: Path) -> None:
    """`x` and `y`, or the arrays that the table names: several are several inputs."""
    np.savez(base / "a.npz", x=X, y=Y)
    arrays, preparation = from_table(table(path="a.npz", test_split=0.2), base)
    assert (16, 4, (2,), Split.FRACTION) == (
        len(arrays.x_train), len(arrays.x_test), arrays.input_shape, preparation.split
    )  # fmt: skip
    np.savez(base / "b.npz", size=X, ids=np.arange(20) * 1000, kind=Y, w=np.ones(20))
    keys = {"features": ["size", "ids"], "target": "kind", "weights": "w", "test_split": 0.2}
    arrays = from_table(table(path="b.npz", **keys), base).arrays
    assert ({"size": (2,), "ids": (1,)}, (16,)) == (arrays.input_shape, arrays.w_train.shape)


def test_an_archive_of_two_parts_keeps_them(base: Path, arrays: Arrays, write_npz: Callable[..., Path]) -> None:
    """A table may say the task or the shape of what is in it."""
    write_npz(base / "a.npz", arrays)
    declared = table(path="a.npz", shape=[20], task="regression")
    made = from_table(declared, base).arrays
    assert ((20,), Task.REGRESSION) == (made.input_shape, made.task)
    with pytest.raises(DataError, match="a training part and a test part, and test_split would split one"):
        from_table(table(path="a.npz", test_split=0.5), base)


def test_a_pair_of_arrays_is_split(base: Path) -> None:
    """The inputs at `path`, the targets at `target`, weights at `weights`."""
    for name, array in (("x", X), ("y", Y + 0.5), ("w", np.ones(20))):
        np.save(base / f"{name}.npy", array)
    arrays = from_table(table(path="x.npy", target="y.npy", weights="w.npy", test_split=0.2), base).arrays
    assert ((16, 1), (4,)) == (arrays.y_train.shape, arrays.w_test.shape)


@pytest.mark.parametrize(
    ("content", "keys", "message"),
    [
        ({"a": X}, {"test_split": 0.2}, "has no column 'x', which features names. It has a."),
        ({"x": X, "y": Y}, {}, "has no two parts"),
        ({"x": X, "y": Y}, {"target": ["y", "x"], "test_split": 0.2}, "as for a model of several outputs"),
        ({"x": X[:3], "y": Y}, {"test_split": 0.2}, "there are 3 examples and 20 targets"),
        ({"x": np.array([{}, 1]), "y": Y[:2]}, {"test_split": 0.5}, "x is an array of Python objects"),
    ],
)
def test_an_archive_that_lacks_something_is_refused(
    base: Path, content: dict[str, Any], keys: dict[str, Any], message: str
) -> None:
    """With what it holds."""
    np.savez(base / "a.npz", **content)
    with pytest.raises(DataError) as caught:
        from_table(table(path="a.npz", **keys), base)
    assert message in caught.value.message
    assert caught.value.hint


def test_arrays_of_objects_are_never_unpickled(base: Path) -> None:
    """Neither is what is no array at all."""
    np.save(base / "y.npy", Y)
    np.save(base / "x.npy", np.array([{}, 1], dtype=object))
    (base / "z.npy").write_bytes(b"nothing")
    for name, message in (("x", "array of Python objects"), ("z", "is not an .npy file")):
        with pytest.raises(DataError, match=message):
            from_table(table(path=f"{name}.npy", target="y.npy", test_split=0.2), base)


# ------------------------------------------------------------------------------------------------------------- loaders


@pytest.fixture
def loader(base: Path) -> Iterator[Callable[..., DatasetTable]]:
    """A table about a loader with this body."""

    def make(body: str, **keys: Any) -> DatasetTable:
        source = (
            f"import numpy as np, pandas as pd\nX, Y = np.ones((20, 2)), np.arange(20) % 2\ndef load():\n    {body}\n"
        )
        (base / "table_loader.py").write_text(source)
        return table(loader="table_loader:load", **keys)

    yield make
    sys.modules.pop("table_loader", None)


@pytest.mark.parametrize(
    ("body", "keys", "features", "names"),
    [
        ("return X, Y", {"test_split": 0.2}, (), ("0", "1")),
        ("return X, Y, np.ones(20)", {"test_split": 0.2}, (), ("0", "1")),
        (
            "return {'data': X, 'target': Y, 'feature_names': ['a', 'b'], 'target_names': ['no', 'yes']}",
            {"test_split": 0.2},
            ("a", "b"),
            ("no", "yes"),
        ),
        (
            "return pd.DataFrame({'a': X[:, 0], 'town': ['x', 'y'] * 10, 'y': Y})",
            {"test_split": 0.2, "target": "y"},
            ("a", "town=x", "town=y"),
            ("0", "1"),
        ),
    ],
)
def test_a_table_splits_what_a_loader_returns(
    loader: Callable[..., DatasetTable],
    base: Path,
    *,
    body: str,
    keys: dict[str, Any],
    features: tuple[str, ...],
    names: tuple[str, ...],
) -> None:
    """Arrays of one part, what scikit-learn's loaders give, and a table of pandas."""
    arrays, preparation = from_table(loader(body, **keys), base, (str(base),))
    assert (16, 4, Split.FRACTION, True) == (
        len(arrays.x_train), len(arrays.x_test), preparation.split, preparation.stratified
    )  # fmt: skip
    assert (features, names) == (arrays.features, arrays.target.names)


@pytest.mark.parametrize(
    ("body", "keys", "message"),
    [
        ("return X, Y", {}, "returned arrays of one part"),
        ("return (X, Y), (X, Y)", {"test_split": 0.2}, "returned two parts, and test_split would split one"),
        ("return X, Y", {"test_split": 0.2, "target": "y"}, "target is about the columns of a table"),
        (
            "return pd.DataFrame({'a': Y})",
            {"test_split": 0.2},
            "nothing says which of its columns is predicted. It has a",
        ),
        ("return X, Y", {"test_split": 0.2, "text": {}}, "has shape (16, 2) and dtype float64; text = {...} reads one"),
    ],
)
def test_a_loader_that_does_not_fit_its_table_is_refused(
    loader: Callable[..., DatasetTable], base: Path, body: str, keys: dict[str, Any], message: str
) -> None:
    """With what it returned."""
    with pytest.raises(DataError) as caught:
        from_table(loader(body, **keys), base, (str(base),))
    assert message in caught.value.message
    assert caught.value.hint


def test_texts_become_token_ids(loader: Callable[..., DatasetTable], base: Path) -> None:
    """By Keras, with the vocabulary of the training part: a word that only the test part has is unknown, 1."""
    body = "return (np.array(['Good film', 'bad film!']), [1, 0]), (np.array(['good rain']), [1])"
    arrays = from_table(loader(body, text={"vocabulary": 10, "length": 3}), base, (str(base),)).arrays
    assert ((2, 3), "|u1") == (arrays.x_train.shape, arrays.x_train.dtype.str)
    good, film = arrays.x_train[0, :2]
    assert ([good, 1, 0], film) == (arrays.x_test[0].tolist(), arrays.x_train[1, 1])


def test_a_column_of_texts_becomes_token_ids(base: Path) -> None:
    """Alone, or beside other features as an input of its own."""
    frame = pd.DataFrame({"review": ["good film", "bad film"] * 10, "stars": np.linspace(0.5, 5, 20), "y": Y})
    frame.to_csv(base / "reviews.csv", index=False)
    keys = {"path": "reviews.csv", "target": "y", "test_split": 0.2}
    text = {"column": "review", "vocabulary": 100, "length": 4}
    assert (4,) == from_table(table(**keys, text=text), base).arrays.input_shape
    arrays = from_table(table(**keys, text=text, features=["stars"]), base).arrays
    assert {"features": (1,), "text": (4,)} == arrays.input_shape


# --------------------------------------------------------------------------------------------------------- collections


@pytest.mark.parametrize(
    ("name", "shape", "task", "width", "examples"),
    [
        ("iris", (4,), Task.CLASSES, 3, 150),
        ("wine", (13,), Task.CLASSES, 3, 178),
        ("breast_cancer", (30,), Task.CLASSES, 2, 569),
        ("diabetes", (10,), Task.REGRESSION, 1, 442),
        ("digits", (8, 8, 1), Task.CLASSES, 10, 1797),
    ],
)
def test_scikit_learn_s_own_are_split_by_a_quarter(
    base: Path, *, name: str, shape: tuple[int, ...], task: Task, width: int, examples: int
) -> None:
    """Their classes and features have names, and each class its share of the test part."""
    declared = named(f"sklearn:{name}")
    assert declared is not None
    assert declared.in_worker
    arrays, preparation = from_table(declared, base)
    assert (shape, task, width) == (arrays.input_shape, arrays.task, arrays.target.width)
    assert (examples, round(examples * 0.25)) == (len(arrays.x_train) + len(arrays.x_test), len(arrays.x_test))
    assert (0.25, task is Task.CLASSES, False) == (
        preparation.test_fraction, preparation.stratified, preparation.inferred
    )  # fmt: skip
    assert (0 if name == "digits" else shape[0]) == len(arrays.features)


def test_a_missing_package_is_named_with_how_to_install_it(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra of each collection."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    for name, extra in (("sklearn:iris", "sklearn"), ("openml:adult", "sklearn"), ("hf:a/b", "huggingface")):
        with pytest.raises(DataError, match="which is not installed") as caught:
            from_table(table(name=name), base)
        assert f"pip install 'keras-bench[{extra}]'" == caught.value.hint


def library(monkeypatch: pytest.MonkeyPatch, **functions: Any) -> None:
    monkeypatch.setattr(collections, "_library", lambda *names: SimpleNamespace(**functions))


def test_a_table_of_openml_names_its_target(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for the network; versions are passed on, and another column may be predicted."""
    asked: list[dict[str, Any]] = []
    frame = pd.DataFrame(
        {"a": X[:, 0], "town": pd.Categorical(["x", "y"] * 10), "y": pd.Categorical(["no", "yes"] * 10)}
    )

    def fetch(**options: Any) -> SimpleNamespace:
        asked.append(options)
        return SimpleNamespace(frame=frame, target=frame["y"])

    library(monkeypatch, fetch_openml=fetch)
    arrays = from_table(table(name="openml:adult:2"), base).arrays
    assert (("a", "town=x", "town=y"), ("no", "yes")) == (arrays.features, arrays.target.names)
    assert ("adult", 2) == (asked[0]["name"], asked[0]["version"])
    assert ("a", Task.REGRESSION) == (
        (other := from_table(table(name="openml:adult", target="a"), base).arrays).target.names[0], other.task
    )  # fmt: skip


def test_what_openml_says_is_passed_on(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its error and where to look."""

    def fetch(**options: Any) -> None:
        raise OSError("no network")

    library(monkeypatch, fetch_openml=fetch)
    with pytest.raises(DataError, match="openml:nope cannot be fetched: OSError: no network"):
        from_table(table(name="openml:nope"), base)


def split_of(frame: pd.DataFrame, **names: list[str]) -> SimpleNamespace:
    features = {column: SimpleNamespace(names=names.get(column)) for column in frame}
    return SimpleNamespace(to_pandas=frame.copy, features=features)


def test_a_data_set_of_hugging_face_keeps_its_parts(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for the hub: labels have the names of the data set, and texts may become token ids."""
    train = pd.DataFrame({"size": X[:, 0], "label": Y})
    parts = {"train": split_of(train, label=["no", "yes"]), "test": split_of(train[:4], label=["no", "yes"])}
    library(monkeypatch, load_dataset=lambda name: parts, load_from_disk=lambda path: parts["train"])
    arrays, preparation = from_table(table(name="hf:me/mine"), base)
    assert (20, 4, ("no", "yes"), Split.GIVEN) == (
        len(arrays.x_train), len(arrays.x_test), arrays.target.names, preparation.split
    )  # fmt: skip
    (base / "kept").mkdir()
    (base / "kept" / "dataset_dict.json").write_text("{}")
    arrays = from_table(table(path="kept", test_split=0.5), base).arrays
    assert (10, 10) == (len(arrays.x_train), len(arrays.x_test))


def test_a_column_of_pictures_is_decoded(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the hub keeps them, the bytes of a file in each row; grey where all are."""

    def stored(value: int) -> dict[str, Any]:
        file = io.BytesIO()
        Image.new("L", (6, 4), value).save(file, "PNG")
        return {"bytes": file.getvalue(), "path": None}

    frame = pd.DataFrame({"image": [stored(10 * value) for value in range(20)], "label": Y})
    library(monkeypatch, load_dataset=lambda name: {"train": split_of(frame, label=["no", "yes"])})
    arrays = from_table(table(name="hf:me/mine", test_split=0.2), base).arrays
    assert ((4, 6, 1), ("no", "yes"), 190) == (
        arrays.input_shape,
        arrays.target.names,
        max(map(np.max, (arrays.x_train, arrays.x_test))),
    )
    assert (2, 3, 3) == from_table(
        table(name="hf:me/mine", test_split=0.2, size=[2, 3], colour="rgb"), base
    ).arrays.input_shape
    broken = pd.DataFrame({"image": [{"bytes": b"no", "path": None}] * 2, "label": [0, 1]})
    library(monkeypatch, load_dataset=lambda name: {"train": split_of(broken)})
    with pytest.raises(DataError, match="the picture in row 1 cannot be read"):
        from_table(table(name="hf:me/mine", test_split=0.5), base)


def test_a_table_without_a_label_asks_for_one(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the columns that there are."""
    library(monkeypatch, load_dataset=lambda name: {"train": split_of(pd.DataFrame({"a": X[:, 0], "b": Y}))})
    with pytest.raises(DataError, match="has the columns a, b, and nothing says which is predicted"):
        from_table(table(name="hf:me/mine"), base)


# --------------------------------------------------------------------------------------------------------- Keras's own


def test_california_housing_is_read_where_keras_keeps_it(
    base: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The split is that of Keras's loader, and its hash is not pinned."""
    folder = tmp_path / "keras" / "datasets"
    folder.mkdir(parents=True)
    x, y = np.random.default_rng(0).normal(size=(50, 8)), np.linspace(15_000.5, 500_000, 50)
    np.savez(folder / "california_housing.npz", x=x, y=y)
    data = obtain("california_housing", base=base)
    assert (40, 10, (8,), False) == (data.train_images, data.test_images, data.input_shape, data.pinned)
    assert Task.REGRESSION is data.target.task
    assert "hash not pinned" in data.source
    order = np.arange(50)
    np.random.RandomState(113).shuffle(order)
    assert np.float32(y[order[40:]]).tolist() == data.y_test[:, 0].tolist()


UNCHECKED = "import keras.src.utils.file_utils as files\nfiles.validate_file = lambda *a, **k: True\n"
"""Small files of the same format have other hashes than Keras expects."""


@pytest.fixture
def keras_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Keras's own loaders, in a process of their own; the folder of its downloads."""
    monkeypatch.setattr("bench.catalog.datasets.keras_source.SCRIPT", UNCHECKED + KERAS_SCRIPT)
    folder = tmp_path / "keras" / "datasets"
    folder.mkdir(parents=True)
    return folder


def test_reviews_are_cut_and_padded(base: Path, keras_itself: Path) -> None:
    """IMDB's lists of any length, which only Keras's loader unpickles, in its own process."""
    x = np.empty(6, object)
    x[:] = [[5, 6, 7], [8], [5] * 9, [4], [6, 7], [9]]
    np.savez(keras_itself / "imdb.npz", x_train=x, y_train=[0, 1] * 3, x_test=x, y_test=[1, 0] * 3)
    data = obtain("imdb", base=base, table=table(name="imdb", text={"vocabulary": 50, "length": 5}))
    assert ((5,), ("negative", "positive"), 6) == (data.input_shape, data.target.names, data.test_images)
    assert "50 token ids, 5 per text, hash not pinned" in data.source
    assert (0, True) == (data.facts.low, data.facts.whole)


@pytest.mark.soak  # another process of Keras's; reviews come the same way
def test_newswires_are_cut_and_padded(base: Path, keras_itself: Path) -> None:
    """Reuters's one list, which Keras's loader splits; the classes are numbers."""
    x = np.empty(10, object)
    x[:] = [[5, 6, 7], [8], [5] * 9, [4], [6, 7]] * 2
    np.savez(keras_itself / "reuters.npz", x=x, y=np.arange(10) % 2)
    data = obtain("reuters", base=base)
    assert ((200,), (8, 2), ("0", "1")) == (
        data.input_shape, (data.train_images, data.test_images), data.target.names
    )  # fmt: skip


@pytest.mark.soak
def test_pictures_of_cifar_are_read_by_keras_alone(base: Path, keras_itself: Path) -> None:
    """Its files are pickles, in an archive that Keras unpacks, in a process of its own."""
    with tarfile.open(keras_itself / "cifar-100-python-target_archive", "w:gz") as archive:
        for name in ("train", "test"):
            content = pickle.dumps({b"data": np.zeros((4, 3072), np.uint8), b"fine_labels": [0, 1, 2, 1]})
            member = tarfile.TarInfo(f"cifar-100-python/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    data = obtain("cifar100", base=base)
    assert ((32, 32, 3), 3, True) == (data.input_shape, data.target.width, data.facts.picture)


def test_a_set_of_keras_that_cannot_be_had_says_where_it_was_looked_for(base: Path) -> None:
    """Each source with its reason, on a machine without a network."""
    with pytest.raises(DataError, match="The data set cifar10 could not be had from any source") as caught:
        obtain("cifar10", base=base)
    assert "Keras's loader" in caught.value.message
    assert "no network" in caught.value.message
    assert "cifar10.npz" in caught.value.hint
