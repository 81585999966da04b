"""Tables [datasets.NAME]: every key checked, every mistake with what may stand there instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.core.errors import SuiteError
from bench.core.target import Task
from bench.declare.grid import expand
from bench.declare.parse import parse_suite

if TYPE_CHECKING:
    from pathlib import Path

    from bench.declare.suite import Suite

HEAD = '[suite]\nname = "s"\ndataset = "houses"\n[[grid]]\narchitecture = "softmax"\n'
FILE = 'path = "data.csv"\ntarget = "price"\ntest_split = 0.2\n'


def parsed(base: Path, tables: str, head: str = HEAD) -> Suite:
    (base / "data.csv").write_text("rooms,price\n1,2\n")
    np.save(base / "x.npy", np.zeros(3))
    (base / "pets" / "cat").mkdir(parents=True, exist_ok=True)
    return parse_suite(head + tables, base=base, origin="bench.toml")


def problems(base: Path, tables: str, head: str = HEAD) -> list[str]:
    with pytest.raises(SuiteError) as caught:
        parsed(base, tables, head)
    return [line.strip() for line in caught.value.message.splitlines()[1:]]


def test_a_table_is_a_data_set_by_its_name(tmp_path: Path) -> None:
    """Cells name it; the suite keeps what it declares."""
    suite = parsed(tmp_path, f'[datasets.houses]\n{FILE}task = "regression"\nfeatures = ["rooms"]\nweights = "w"')
    table = suite.datasets["houses"]
    assert (("price",), ("rooms",), Task.REGRESSION, "data.csv") == (
        table.target, table.features, table.task, table.source
    )  # fmt: skip
    assert {"houses"} == {cell.dataset_name for cell in expand(suite, max_cells=10).cells}


def test_two_data_sets_of_one_short_name_stay_apart(tmp_path: Path) -> None:
    """A table and a loader's function of the same name."""
    head = '[suite]\nname = "s"\n[[grid]]\narchitecture = "softmax"\ndataset = ["houses", "my_data:houses"]\n'
    suite = parsed(tmp_path, f"[datasets.houses]\n{FILE}", head)
    assert {"houses", "my_data.houses"} == {cell.dataset_name for cell in expand(suite, max_cells=10).cells}


OTHER = "a key that a CSV file has no use for; expected one of categories, features, missing, shape"
WRONG = [
    (
        FILE + "targe = 'x'",
        "targe: received an unknown key; expected a key of [datasets.houses] (did you mean target?)",
    ),
    ("path = 'data.csv'\ntest_split = 0.2", "target: received nothing; expected the column that is predicted"),
    ("path = 'data.csv'\ntarget = 'price'", "test_split: received nothing; expected the fraction of the rows"),
    (FILE.replace("0.2", "2"), "test_split: received 2; expected a value less than 1"),
    (FILE.replace("0.2", "0"), "test_split: received 0; expected a value greater than 0"),
    (FILE + "split_column = 'part'", "expected one of the keys test_split, test_path and split_column"),
    (FILE + "loader = 'a:b'", "expected one of the keys path, loader and name"),
    ("target = 'price'", "expected one of the keys path, loader and name"),
    (FILE + "size = [3, 4]", f"size: received {OTHER}"),
    ("path = 'pets'\ntarget = 'x'", "target: received a key that a folder of pictures has no use for"),
    ("path = 'pets'\nsize = [3]", "size: received [3]; expected two whole numbers greater than 0, [height, width]"),
    ("path = 'x.npy'\ntest_split = 0.2", "target: received nothing; expected the .npy of the targets"),
    (FILE + "task = 'regresion'", 'task: received \'regresion\'; expected "classes", "multilabel" or "regression"'),
    (FILE + "shape = [28, 0]", "shape: received [28, 0]; expected a list of whole numbers greater than 0"),
    (FILE + "features = []", "features: received []; expected the name of a column, or a list of names"),
    (FILE + "features = 3", "features: received 3; expected the name of a column, or a list of names"),
    (FILE + "missing = 'zero'", "missing: received 'zero'; expected 'mean' or 'drop'"),
    (FILE + "text = { colum = 'x' }", "text.colum: received an unknown key"),
    (FILE + "text = { length = 3 }", "text.column: received nothing; expected the column of the texts"),
    ("path = 'dta.csv'", "path: received 'dta.csv'; expected a file or folder that exists; "),
    ("path = 'data.csv'\ntarget = 'price'\ntest_path = 't.csv'", "test_path: received 't.csv'; expected a file"),
    ("loader = 'load'", "loader: received 'load'; expected package.module:function"),
    ("name = 'sklearn:irs'", "name: received 'sklearn:irs'; expected sklearn:iris, sklearn:wine, "),
    ("name = 'boston'", "name: received 'boston'; expected sklearn:NAME, openml:NAME, hf:owner/name"),
]


@pytest.mark.parametrize(("keys", "expected"), WRONG)
def test_a_wrong_table(tmp_path: Path, keys: str, expected: str) -> None:
    """One line says the key, what was received, and what may stand there; the cells that name it are no second one."""
    found = problems(tmp_path, f"[datasets.houses]\n{keys}")
    assert [line for line in found if line.startswith("datasets.houses") and expected in line]
    assert not [line for line in found if line.startswith("suite.dataset")]


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        (f"[datasets.house]\n{FILE}", "suite.dataset: received 'houses'; expected house, mnist, fashion_mnist"),
        (f"[datasets.mnist]\n{FILE}", "datasets.mnist: received 'mnist'; expected a name of letters, digits, dashes"),
        (f'[datasets."a.csv"]\n{FILE}', "datasets.a.csv: received 'a.csv'; expected a name of letters"),
        ("[datasets]\nhouses = 3", "datasets.houses: received 3; expected a table with a path, a loader or a name"),
        ("datasets = 3", "expected"),
    ],
)
def test_a_wrong_name(tmp_path: Path, tables: str, expected: str) -> None:
    """A name that no table has is answered with the nearest; a table takes over no name of the catalog."""
    found = problems(tmp_path, tables, "datasets = 3\n" + HEAD if tables == "datasets = 3" else HEAD)
    assert [line for line in found if expected in line]
