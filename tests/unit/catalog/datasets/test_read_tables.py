"""A CSV or Parquet file that a suite declares: columns become inputs and targets, or a sentence says why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from bench.catalog.datasets import DatasetTable, Read, Split, from_table, obtain
from bench.catalog.datasets.read import files
from bench.core.errors import DataError
from bench.core.target import Task

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TOWNS = ("Bath", "Leeds", "York")
HOUSES = pd.DataFrame(
    {
        "rooms": np.arange(60) % 7,
        "area": np.linspace(20.5, 180, 60),
        "town": [TOWNS[index % 3] for index in range(60)],
        "garden": np.arange(60) % 2 == 0,
        "price": np.linspace(100.5, 900, 60),
        "w": 1 + np.arange(60) % 4,
    }
)


@pytest.fixture
def read(base: Path) -> Callable[..., Read]:
    """Writes a frame as `data.csv` beside the suite and reads it as a table declares."""

    def make(frame: pd.DataFrame, **keys: Any) -> Read:
        frame.to_csv(base / "data.csv", index=False)
        options = {"target": "price", "test_split": 0.25} | keys
        return from_table(DatasetTable(path="data.csv", **{k: v for k, v in options.items() if v is not None}), base)

    return make


def test_numbers_truth_values_and_texts_become_columns(read: Callable[..., Read]) -> None:
    """Texts are one-hot under `column=text`; everything is float32 where any column is measured."""
    arrays, preparation = read(HOUSES, weights="w")
    names = ("rooms", "area", "town=Bath", "town=Leeds", "town=York", "garden")
    assert (names, (6,), "<f4") == (arrays.features, arrays.input_shape, arrays.x_train.dtype.str)
    assert (Task.REGRESSION, ("price",)) == (arrays.task, arrays.target.names)
    assert (45, 15) == (len(arrays.x_train), len(arrays.x_test))
    assert (True, Split.FRACTION, 0.25, False) == (
        preparation.inferred, preparation.split, preparation.test_fraction, preparation.stratified
    )  # fmt: skip
    both = pd.concat([frame_of(arrays.x_train, arrays, "train"), frame_of(arrays.x_test, arrays, "test")])
    expected = pd.get_dummies(HOUSES, columns=["town"], prefix_sep="=").astype(np.float32)
    both = both.sort_values("price")
    for name in (*names, "price"):
        assert expected[name].tolist() == both[name].tolist()
    assert expected["w"].tolist() == both["w"].tolist()


def frame_of(x: Any, arrays: Any, part: str) -> pd.DataFrame:
    frame = pd.DataFrame(x, columns=arrays.features)
    return frame.assign(price=getattr(arrays, f"y_{part}")[:, 0], w=getattr(arrays, f"w_{part}"))


def test_the_test_part_is_the_same_each_time_and_has_every_class_alike(read: Callable[..., Read]) -> None:
    """A fixed seed draws it; of each of three towns a quarter is tested on."""
    first, second = (read(HOUSES, target="town") for _ in range(2))
    assert (first.arrays.x_test == second.arrays.x_test).all()
    assert [15, 15, 15] == np.bincount(first.arrays.y_train).tolist()
    assert [5, 5, 5] == np.bincount(first.arrays.y_test).tolist()
    assert (TOWNS, True) == (first.arrays.target.names, first.preparation.stratified)


@pytest.mark.parametrize(("classes", "fraction"), [([1, 9, 50], 0.2), ([2, 2, 2, 54], 0.5), ([30, 30], 0.11)])
def test_a_stratified_split_adds_up_and_leaves_every_class_something_to_train_on(
    read: Callable[..., Read], classes: list[int], fraction: float
) -> None:
    """Rounding moves no more than an example per class."""
    frame = pd.DataFrame({"x": np.arange(60.0), "y": np.repeat(np.arange(len(classes)), classes)})
    arrays = read(frame, target="y", test_split=fraction).arrays
    assert np.bincount(arrays.y_train, minlength=len(classes)).min() >= 1
    shares = np.bincount(arrays.y_test, minlength=len(classes)) - np.array(classes) * fraction
    assert np.abs(shares).max() <= 1


def test_categories_may_be_numbers(read: Callable[..., Read]) -> None:
    """By the order of the texts, as a single column."""
    arrays = read(HOUSES, features=["town"], categories="ordinal").arrays
    assert (("town",), "|u1", {0, 1, 2}) == (arrays.features, arrays.x_train.dtype.str, set(arrays.x_train[:, 0]))


def test_only_the_columns_that_are_named_are_inputs(read: Callable[..., Read]) -> None:
    """In the order that the suite gives."""
    assert ("area", "rooms") == read(HOUSES, features=["area", "rooms"]).arrays.features


@pytest.mark.parametrize(("words", "split"), [(("train", "test"), "part"), ((False, True), "part")])
def test_a_column_may_say_what_is_tested_on(read: Callable[..., Read], words: tuple[Any, Any], split: str) -> None:
    """`train` and `test`, or false and true; the column is no input."""
    frame = HOUSES.assign(part=[words[index >= 50] for index in range(60)])
    arrays, preparation = read(frame, split_column=split, test_split=None)
    assert (50, 10, Split.COLUMN) == (len(arrays.x_train), len(arrays.x_test), preparation.split)
    assert HOUSES["price"][50:].astype("float32").tolist() == arrays.y_test[:, 0].tolist()
    assert "part" not in arrays.features


def test_a_second_file_may_be_the_test_part(read: Callable[..., Read], base: Path) -> None:
    """Its columns may stand in another order; categories are those of the training part."""
    tested = HOUSES[:4].assign(town=["Bath", "Rome", "Rome", "York"])[list(reversed(HOUSES.columns))]
    tested.to_csv(base / "test.csv", index=False)
    arrays, preparation = read(HOUSES, test_path="test.csv", test_split=None)
    assert (60, 4, Split.PATH) == (len(arrays.x_train), len(arrays.x_test), preparation.split)
    assert ((("town", 2),), [1, 0, 0, 0]) == (preparation.unknown, arrays.x_test[:, 2].tolist())
    assert [0, 0, 0] == arrays.x_test[1, 2:5].tolist()


def test_kaggle_digits_are_pictures_where_a_shape_is_said(read: Callable[..., Read]) -> None:
    """Whole numbers from 0 to 255 stay bytes."""
    pixels = pd.DataFrame(np.arange(60 * 784).reshape(60, 784) % 256, columns=[f"pixel{i}" for i in range(784)])
    frame = pd.concat([pd.Series(np.arange(60) % 10, name="label"), pixels], axis=1)
    arrays = read(frame, target="label", shape=[28, 28, 1]).arrays
    assert ((28, 28, 1), "|u1", 10) == (arrays.input_shape, arrays.x_train.dtype.str, arrays.target.width)
    assert (784,) == read(frame, target="label").arrays.input_shape


def test_whole_numbers_stay_whole(read: Callable[..., Read]) -> None:
    """Ids never become floats."""
    arrays = read(pd.DataFrame({"a": np.arange(60) * 1000, "b": np.arange(60), "price": HOUSES["price"]})).arrays
    assert ("<i4", 59_000) == (arrays.x_train.dtype.str, max(arrays.x_train.max(), arrays.x_test.max()))


@pytest.mark.parametrize(
    ("columns", "task", "names"),
    [
        (["a", "b"], Task.MULTILABEL, ("a", "b")),
        (["price", "area"], Task.REGRESSION, ("price", "area")),
    ],
)
def test_several_columns_may_be_predicted(
    read: Callable[..., Read], columns: list[str], task: Task, names: tuple[str, ...]
) -> None:
    """Columns of 0 and 1 are labels, others measured values; each keeps its name."""
    frame = HOUSES.assign(a=np.arange(60) % 2, b=np.arange(60) % 3 == 0)
    arrays = read(frame, target=columns).arrays
    assert (task, names, 2) == (arrays.task, arrays.target.names, arrays.y_train.shape[1])


def test_the_task_may_be_said(read: Callable[..., Read]) -> None:
    """Rooms from 0 to 6 look like classes; the suite knows better."""
    looks, said = read(HOUSES, target="rooms"), read(HOUSES, target="rooms", task="regression")
    assert (Task.CLASSES, True) == (looks.arrays.task, looks.preparation.inferred)
    assert (Task.REGRESSION, False) == (said.arrays.task, said.preparation.inferred)


def gaps() -> pd.DataFrame:
    frame = HOUSES.copy()
    frame["rooms"] = frame["rooms"].astype(float)
    frame.loc[[2, 5], "rooms"] = np.nan
    frame.loc[7, "area"] = np.nan
    return frame


def test_missing_values_may_become_the_mean_of_the_training_part(read: Callable[..., Read]) -> None:
    """The test part does not enter it."""
    frame = gaps().assign(part=["test" if index < 6 else "train" for index in range(60)])
    arrays, preparation = read(frame, split_column="part", test_split=None, missing="mean")
    mean = frame["rooms"][6:].mean()
    assert (("rooms", 2), ("area", 1)) == preparation.filled
    assert np.float32(mean) == arrays.x_test[2, 0] == arrays.x_test[5, 0]
    assert np.isfinite(arrays.x_train).all()


def test_rows_with_missing_values_may_be_left_out(read: Callable[..., Read]) -> None:
    """How many is on record."""
    arrays, preparation = read(gaps(), missing="drop")
    assert (57, 3) == (len(arrays.x_train) + len(arrays.x_test), preparation.dropped)


def changed(column: str, row: int, value: Any) -> pd.DataFrame:
    frame = HOUSES.astype({column: object})
    frame.loc[row, column] = value
    return frame


REFUSED: dict[str, tuple[pd.DataFrame, dict[str, Any], str, str]] = {
    "wrong target": (HOUSES, {"target": "prize"}, "no column 'prize', which target names. It has rooms, area, town",
                     "Did you mean 'price'?"),
    "wrong feature": (HOUSES, {"features": ["rooms", "x"]}, "no column 'x', which features names", "of its columns"),
    "wrong weights": (HOUSES, {"weights": "W"}, "no column 'W', which weights names", ""),
    "the target as a feature": (HOUSES, {"features": ["price"]}, "price is named as a feature and as something", "out"),
    "nothing left": (HOUSES[["price"]], {}, "has no column other than price", "features"),
    "missing": (gaps(), {}, "has missing values in rooms (2), area (1), the first in row 3.", 'missing = "mean"'),
    "missing texts": (HOUSES.assign(town=[None, *HOUSES["town"][1:]]), {"missing": "mean"},
                      "missing values in town (1), the first in row 1", 'missing = "drop"'),
    "missing target": (changed("price", 3, np.nan), {"missing": "mean"}, "missing values in price (1)", "drop"),
    "everything missing": (HOUSES.assign(area=np.nan), {"missing": "drop"}, "every row has a missing", "features"),
    "no mean": (HOUSES.assign(area=np.nan), {"missing": "mean"}, "area has no value in any training row", "features"),
    "infinite": (changed("area", 4, "inf"), {}, "the column area holds an infinite value in row 5.", "Replace it"),
    "a huge value": (changed("area", 4, 1e300), {}, "area holds 1e+300, which float32 cannot hold, in row 5", "file"),
    "a stray text": (changed("area", 4, "?"), {}, "area holds numbers, but 1 row with a text: the first is row 5, with",
                     "Leave such a value empty"),
    "thousands": (HOUSES.assign(area=["1,200", "900", "2,500", "3,100"] * 15), {},
                  "the column area holds numbers that are written as texts, such as '1,200' in row 1", "thousands="),
    "decimal commas": (HOUSES.assign(area=["1,5", "2,25"] * 30), {}, "written as texts, such as '1,5' in row 1",
                       'decimal=","'),
    "dates": (HOUSES.assign(sold=["2024-05-31", "2024-06-01"] * 30), {}, "the column sold holds dates", "days since"),
    "target with commas": (HOUSES.assign(price=["1,200.5", "900", "2,500"] * 20), {},
                           "the targets are numbers that are written as texts, such as '1,200.5'", "1234.5"),
    "target of dates": (HOUSES.assign(price=["2024-05-31", "2024-06-01"] * 30), {}, "the targets are dates", "days"),
    "missing target and number": (gaps().assign(price=[None, *HOUSES["price"][1:]]), {}, "price (1)",
                                  'Say missing = "drop"'),
    "numbers that float32 makes one": (HOUSES.assign(rooms=1_700_000_000_000 + np.arange(60) * 1000), {},
                                       "tells apart only numbers 131072 apart", "Subtract the smallest"),
    "too many texts": (HOUSES.assign(town=[f"town {i}" for i in range(60)]), {},
                       "town holds 60 different texts in 60 rows, such as 'town 0'", 'categories = "ordinal"'),
    "a new category": (HOUSES.assign(town=["Rome", *HOUSES["town"][1:]], part=["test"] * 9 + ["train"] * 51),
                       {"categories": "ordinal", "split_column": "part", "test_split": None},
                       "town holds 'Rome' in row 1, which is tested on, and in no row that is trained on", "one-hot"),
    "a constant target": (HOUSES.assign(price=2.5), {}, "every target of the training part is 2.5", "right column"),
    "one class": (HOUSES.assign(price="dear"), {}, "every target is dear, a single class", "right column"),
    "texts for numbers": (HOUSES, {"target": "town", "task": "regression"}, "holds texts, such as 'Bath'", "numbers"),
    "words of a split": (HOUSES.assign(part="half"), {"split_column": "part", "test_split": None},
                         "the column part holds 'half' in row 1", "true (test)"),
    "a split of one word": (HOUSES.assign(part="train"), {"split_column": "part", "test_split": None},
                            "part says train of every row, so the test part is empty", "test_split"),
    "a small split": (HOUSES, {"test_split": 0.001}, "0.001 of 60 examples leaves no test example", "fraction"),
    "negative weights": (HOUSES.assign(w=-1), {"weights": "w"}, "w_train holds -1 for example 0", "0 or more"),
    "wrong shape": (HOUSES, {"shape": [3, 3]}, "7 values per example, and the shape [3, 3] has 9", "as many values"),
    "a header alone": (HOUSES[:0], {}, "has a header and no rows", "right file"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_says_where_and_what_to_type(read: Callable[..., Read], case: str) -> None:
    """File, column and row; nothing is trained."""
    frame, keys, message, hint = REFUSED[case]
    with pytest.raises(DataError) as caught:
        read(frame, **keys)
    assert message in caught.value.message
    assert "data.csv" in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("a,price\n1,2\n1,2,3\n", "cannot be read as a table: Error tokenizing data"),
        (b"a,price\n\xe9,2\n", "is not UTF-8: byte"),
        ("a,price\n1,x\n2,\n", "missing values in price (1)"),
        ("a,a,price\n1,2,3\n", "has two columns named a"),
        ("a,price\n1,2,3\n1,2,4\n", "cannot be read as a table: Length of header"),
    ],
)
def test_a_file_that_is_no_table_is_refused(base: Path, text: str | bytes, message: str) -> None:
    """With what is wrong with it."""
    (base / "data.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    table = DatasetTable(path="data.csv", target=("price",), test_split=0.5)
    with pytest.raises(DataError) as caught:
        from_table(table, base)
    assert message in caught.value.message
    assert caught.value.hint


def test_a_test_file_without_targets_is_refused(read: Callable[..., Read], base: Path) -> None:
    """As Kaggle's are."""
    HOUSES.drop(columns="price").to_csv(base / "test.csv", index=False)
    with pytest.raises(DataError, match=r"test\.csv has no column 'price': without its targets") as caught:
        read(HOUSES, test_path="test.csv", test_split=None)
    assert "test_split = 0.2 in place of test_path" in caught.value.hint


def test_files_of_many_chunks_are_read_as_a_whole(read: Callable[..., Read], monkeypatch: pytest.MonkeyPatch) -> None:
    """Texts of different chunks are the same categories, and a column may begin with numbers."""
    whole = read(HOUSES).arrays
    monkeypatch.setattr(files, "CHUNK", 7)
    chunked = read(HOUSES).arrays
    assert whole.features == chunked.features
    assert (whole.x_train == chunked.x_train).all()
    mixed = HOUSES.assign(town=["1"] * 20 + ["2"] * 20 + ["here"] * 20)
    assert ("town=1", "town=2", "town=here") == read(mixed).arrays.features[2:5]


def test_a_parquet_file_is_read_alike(read: Callable[..., Read], base: Path) -> None:
    """Columns of categories and truth values included; the tab-separated file as well."""
    pytest.importorskip("pyarrow")
    expected = read(HOUSES).arrays
    HOUSES.astype({"town": "category"}).to_parquet(base / "data.parquet")
    HOUSES.to_csv(base / "data.tsv", index=False, sep="\t")
    for path in ("data.parquet", "data.tsv"):
        arrays = from_table(DatasetTable(path=path, target=("price",), test_split=0.25), base).arrays
        assert expected.features == arrays.features
        assert (expected.x_train == arrays.x_train).all()


def test_row_numbers_without_a_name_are_no_feature(base: Path) -> None:
    """As `to_csv` writes them: in a sorted file they give the classes away. In `features` they are read."""
    HOUSES.to_csv(base / "data.csv")
    keys = {"path": "data.csv", "target": ("town",), "test_split": 0.25}
    arrays, preparation = from_table(DatasetTable(**keys), base)
    assert (("rooms", "area", "garden", "price", "w"), 1) == (arrays.features, preparation.nameless)
    asked = DatasetTable(**keys, features=("Unnamed: 0", "area"))
    assert ("Unnamed: 0", "area") == from_table(asked, base).arrays.features


def test_semicolons_are_known_by_the_header(base: Path) -> None:
    """As spreadsheets write them where a comma is the decimal mark."""
    HOUSES.to_csv(base / "data.csv", index=False, sep=";")
    arrays = from_table(DatasetTable(path="data.csv", target=("price",), test_split=0.25), base).arrays
    assert ("rooms", "area") == arrays.features[:2]


def test_blanks_around_texts_say_nothing(read: Callable[..., Read]) -> None:
    """`Bath ` is Bath, as a category and as a class."""
    blanks = [f"{town} " if index % 5 else f" {town}" for index, town in enumerate(HOUSES["town"])]
    assert ("town=Bath", "town=Leeds", "town=York") == read(HOUSES.assign(town=blanks)).arrays.features[2:5]
    assert TOWNS == read(HOUSES.assign(town=blanks), target="town").arrays.target.names


def test_a_column_may_be_numbers_in_one_file_and_texts_in_the_other(read: Callable[..., Read], base: Path) -> None:
    """Then it is texts in both, as they stand in the files."""
    HOUSES.assign(rooms=["7a", *HOUSES["rooms"][1:]]).to_csv(base / "test.csv", index=False)
    arrays = read(HOUSES, test_path="test.csv", test_split=None, target="rooms", task="classes").arrays
    assert ("0", "1", "2", "3", "4", "5", "6", "7a") == arrays.target.names
    kinds = ["1", "2", "x"] * 20
    HOUSES.assign(town=kinds).to_csv(base / "test.csv", index=False)
    arrays = read(HOUSES.assign(town=[1, 2] * 30), test_path="test.csv", test_split=None).arrays
    assert ["town=1", "town=2"] == [name for name in arrays.features if name.startswith("town")]
    column = arrays.features.index("town=1")
    assert [float(kind == "1") for kind in kinds] == arrays.x_test[:, column].tolist()


def test_dates_are_no_numbers(base: Path) -> None:
    """A column of dates is named."""
    pytest.importorskip("pyarrow")
    HOUSES.assign(sold=pd.Timestamp("2020-01-01")).to_parquet(base / "data.parquet")
    with pytest.raises(DataError, match="the column sold holds dates"):
        from_table(DatasetTable(path="data.parquet", target=("price",), test_split=0.25), base)


def test_what_is_obtained_says_how_it_was_prepared(read: Callable[..., Read], base: Path) -> None:
    """Two tables of one file are two data sets; a table of the same rows is the same."""
    read(HOUSES)
    table = DatasetTable(path="data.csv", target=("price",), test_split=0.25)
    houses = obtain("houses", base=base, table=table)
    assert ("houses", "data.csv", False, Split.FRACTION) == (
        houses.name, houses.source, houses.pinned, houses.preparation.split
    )  # fmt: skip
    assert houses.sha256 == obtain("homes", base=base, table=table).sha256
    assert ("price",) == houses.target.names
