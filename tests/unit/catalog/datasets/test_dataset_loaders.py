"""Somebody's own function as a data set: called in a worker, checked like everything else."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint, EntryPoints
from typing import TYPE_CHECKING

import pytest

from bench.catalog.datasets import entry_point_datasets, from_loader, is_loader, is_path, load, loaders, store
from bench.core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

GOOD = """
import numpy as np
import helper_of_loader
def make():
    x = np.arange(4 * 9).reshape(4, 3, 3)
    return [(x, [0, 1, 0, 1]), (x[:2], np.array([[0], [1]]))]
class Holder:
    make = staticmethod(make)
"""


@pytest.fixture
def module(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Writes a module and returns its name; what was imported is forgotten afterwards."""
    before = set(sys.modules)

    def write(source: str) -> str:
        (tmp_path / "helper_of_loader.py").write_text("")
        (tmp_path / "my_data.py").write_text(source)
        return "my_data"

    yield write
    for name in {"my_data", "helper_of_loader"} - before:
        sys.modules.pop(name, None)


@pytest.mark.parametrize("function", ["make", "Holder.make"])
def test_a_loader_is_called_and_its_result_checked(module: Callable[[str], str], tmp_path: Path, function: str) -> None:
    """Lists, wide integers and columns of labels are brought into form; the search path is left as it was."""
    before = list(sys.path)
    arrays = from_loader(f"{module(GOOD)}:{function}", [str(tmp_path)])
    assert ((4, 3, 3, 1), 2) == (arrays.x_train.shape, arrays.target.width)
    assert before == sys.path
    kept = store(arrays, "mine", source="my_data:make")
    assert ("mine", "my_data:make", False) == (kept.name, kept.source, kept.pinned)
    assert 4 == len(load(kept.path, kept.sha256).x_train)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import no_such_module_of_all", "cannot be imported: ModuleNotFoundError: No module named 'no_such"),
        ("def (", "cannot be imported: SyntaxError"),
        ("raise SystemExit(2)", "cannot be imported: SystemExit: 2"),
        ("def makes(): pass", "my_data has no 'make'"),
        ("make = 3", "it is of type int"),
        ("def make(): raise KeyError('label')", "raised KeyError: 'label'"),
        ("def make(): raise SystemExit", "raised SystemExit"),
        ("def make(x): pass", "raised TypeError: make() missing 1 required positional argument"),
        ("def make(): return None", "returned a NoneType where a pair belongs"),
        ("def make(): return 1, 2, 3", "returned a tuple of 3 where a pair belongs"),
        ("def make(): return (1, 2), 'ab'", "returned a str where a pair belongs"),
        ("def make(): return ([[1], [1, 2]], [0, 1]), (1, 2)", "y_test is a single int, of shape ()"),
        (
            "def make(): return ([[1], [1, 2]], [0, 1]), ([[1]], [0])",
            "x_train holds lists or arrays of different sizes",
        ),
        ("def make(): return (1, [0, 1]), (3, [0, 1])", "my_data:make: x_train has shape (); it is a single int"),
        (
            "import numpy as n\ndef make(): return n.zeros((4, 2)), n.zeros(4)",
            "returned arrays of one part; a data set has",
        ),
        (
            "def make(): return ([1], [0], [1.0], 2), ([1], [1])",
            "returned a tuple of 4 where a pair belongs: x_train and",
        ),
        ("def make(): return ([[1], [2]], {'a': 1}), ([[1]], [1])", "returned a dict of targets as y_train"),
        ("import pandas as p\ndef make(): return p.DataFrame({'a': [1]})", "returned one table that is not split"),
        (
            "from pandas import DataFrame as D\ndef make(): return (D({'a': [1, 2]}), [0, 1]), (D({'b': [1]}), [0])",
            "the columns of x_train are a, those of x_test b",
        ),
        ("def make(): return {'data': [1], 'target': [0]}", "returned a dict, as scikit-learn's loaders do"),
        (
            "import numpy as n\nm = n.ma.masked_equal([[[1.0]], [[2.0]]], 2)\ndef make(): return (m, [0, 1]), (m, [0])",
            "x_train is a masked array that hides 1 values",
        ),
        (
            "class Odd:\n  def __array__(self, *a, **k): 1 / 0\ndef make(): return (Odd(), [0]), ([1], [0])",
            "returned a Odd that is not an array: ZeroDivisionError: division by zero",
        ),
    ],
)
def test_what_goes_wrong_in_a_loader_is_told(
    module: Callable[[str], str], tmp_path: Path, source: str, expected: str
) -> None:
    """The type and the message of an error are kept."""
    with pytest.raises(DataError) as caught:
        from_loader(f"{module(source)}:make", [str(tmp_path)])
    assert expected in caught.value.message
    assert caught.value.hint


def test_tables_of_pandas_are_arrays_like_any_other(module: Callable[[str], str], tmp_path: Path) -> None:
    """A loader may return Series; their values are what counts."""
    source = "import numpy as np, pandas as pd\ny = pd.Series([1, 0, 1], index=[7, 8, 9])\nx = np.zeros((3, 2, 2))\n"
    arrays = from_loader(f"{module(source + 'def make(): return (x, y), (x, y)')}:make", [str(tmp_path)])
    assert [1, 0, 1] == arrays.y_train.tolist()


def test_weights_inputs_by_name_and_columns_come_along(module: Callable[[str], str], tmp_path: Path) -> None:
    """Triples have weights, dicts several inputs, and tables the names of their columns."""
    source = """
import numpy as np, pandas as pd
x, y = {"a": [1, 2, 3], "b": np.ones((3, 2))}, pd.DataFrame({"low": [0.5, 1, 2], "high": [1.5, 2, 3]})
def several(): return (x, y, [1, 2, 3]), (x, y)
t = pd.DataFrame({"age": [1.5, 2, 3], "rooms": [1, 2, 3]})
def table(): return (t, [0, 1, 1]), (t[:1], [0])
"""
    several, table = (from_loader(f"{module(source)}:{name}", [str(tmp_path)]) for name in ("several", "table"))
    assert ({"a": (1,), "b": (2,)}, ("low", "high")) == (several.input_shape, several.target.names)
    assert ([1, 2, 3], None) == (several.w_train.tolist(), several.w_test)
    assert (("age", "rooms"), (2,)) == (table.features, table.input_shape)


def test_texts_of_a_table_of_pandas_are_one_hot(module: Callable[[str], str], tmp_path: Path) -> None:
    """As in a CSV; a category that only the test part has is a row of zeros, and a missing one is refused."""
    source = """
import pandas as pd
t = pd.DataFrame({"age": [1.5, 2, 3], "town": pd.Categorical(["York", "Bath", "York"])})
z = pd.DataFrame({"age": [1.5, 2], "town": ["Rome", "York"]})
def table(): return (t, [0, 1, 1]), (z, [0, 1])
def gap(): return (t, [0, 1, 1]), (z.assign(town=[None, "York"]), [0, 1])
"""
    arrays = from_loader(f"{module(source)}:table", [str(tmp_path)])
    assert (("age", "town=Bath", "town=York"), [[1.5, 0, 0], [2, 0, 1]]) == (arrays.features, arrays.x_test.tolist())
    with pytest.raises(DataError, match=r"my_data:gap has missing values in town \(1\), the first in row 4"):
        from_loader("my_data:gap", [str(tmp_path)])


def test_only_loaders_are_called() -> None:
    """A name is not a loader."""
    with pytest.raises(DataError, match="'mnist' is not a loader"):
        from_loader("mnist")


@pytest.mark.parametrize(
    ("reference", "path", "loader"),
    [
        ("mnist", False, False),
        ("fashion_mnist", False, False),
        ("package.module:function", False, True),
        ("module:Class.method", False, True),
        ("module:", False, False),
        (":function", False, False),
        ("a b:c", False, False),
        ("./data", True, False),
        ("..", True, False),
        ("data/mnist", True, False),
        ("/data/mnist", True, False),
        ("mnist.npz", True, False),
        ("train.csv", True, False),
        ("Train.CSV", True, False),
        ("mnist.load_data", False, False),
        ("C:/mnist.npz", True, False),
        ("", False, False),
    ],
)
def test_references_are_told_apart(*, reference: str, path: bool, loader: bool) -> None:
    """A path has a separator, starts with a dot or ends as data files do; a loader is `dotted.name:another`."""
    assert (path, loader) == (is_path(reference), is_loader(reference))


def test_entry_points_are_loaders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Installed packages offer data sets by name, none is imported, and none takes over a name of the catalog."""
    points = EntryPoints(
        [
            EntryPoint("letters", "no_such_package.data:load [extra]", "bench.datasets"),
            EntryPoint("mnist", "no_such_package.data:other", "bench.datasets"),
        ]
    )
    monkeypatch.setattr(loaders, "entry_points", lambda group: points.select(group=group))
    assert {"letters": "no_such_package.data:load"} == entry_point_datasets()
