"""Data that people have, from a table of a suite to a file that trials read: in this process, or in a worker."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.catalog import datasets
from bench.catalog.datasets import Split
from bench.catalog.datasets.offer import silent
from bench.commands.data import prepare_data
from bench.core.errors import DataError
from bench.core.target import Task
from bench.declare.grid import expand
from bench.declare.parse import parse_suite
from bench.execute.harness.servers import runtime_signatures, warm_servers

TABLES = """
[suite]
name = "own"
score = "own_data:exactness"      # judges any task
direction = "higher"
[[grid]]
architecture = "softmax"
dataset = ["houses", "reviews", "drawn", "sklearn:iris", "digits"]

[datasets.houses]
path = "houses.csv"
target = "price"
test_split = 0.2

[datasets.reviews]
path = "reviews.csv"
target = "mood"
test_split = 0.25
text = { column = "review", vocabulary = 50, length = 6 }

[datasets.drawn]
loader = "own_data:drawn"
test_split = 0.5
"""
LOADER = """
import numpy as np
def drawn():
    return np.random.normal(size=(40, 3)), np.arange(40) % 2
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """Every data set of the suite, had once, with a cache of its own."""
    base = tmp_path_factory.mktemp("own")
    towns = np.array(["Leeds", "York"])
    pd.DataFrame(
        {"area": np.linspace(20.5, 99, 50), "town": towns[np.arange(50) % 2], "price": np.linspace(1.5, 9, 50)}
    ).to_csv(base / "houses.csv", index=False)
    moods = np.array(["bad", "good"])
    words = [f"a {moods[index % 2]} film" for index in range(40)]
    pd.DataFrame({"review": words, "mood": moods[np.arange(40) % 2]}).to_csv(base / "reviews.csv", index=False)
    (base / "own_data.py").write_text(LOADER)
    suite = parse_suite(TABLES, base=base, origin="bench.toml")
    cells = expand(suite, max_cells=10).cells
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BENCH_CACHE", str(base / "cache"))
        with warm_servers(runtime_signatures(cells), keep=False) as servers:
            return prepare_data(suite, cells, servers, silent)


def test_a_csv_is_read_and_its_targets_are_measured(prepared):
    """Whatever the table declares is on record with the run."""
    houses = prepared.obtained["houses"]
    assert (40, 10, Task.REGRESSION, ("price",)) == (
        houses.train_images, houses.test_images, houses.target.task, houses.target.names
    )  # fmt: skip
    assert ("area", "town=Leeds", "town=York") == houses.features
    record = next(record for record in prepared.records() if record.name == "houses")
    assert (("price",), houses.features, "houses.csv") == (record.targets, record.features, record.source)


def test_texts_become_token_ids_in_a_worker(prepared):
    """Keras is imported there and not here."""
    reviews = prepared.obtained["reviews"]
    arrays = datasets.load(reviews.path, reviews.sha256)
    assert ((6,), ("bad", "good"), "|u1") == (reviews.input_shape, reviews.target.names, arrays.x_train.dtype.str)
    good = arrays.x_train[arrays.y_train == 1]
    assert (good == good[0]).all()
    assert (good[0] != arrays.x_train[arrays.y_train == 0][0]).sum() == 1


def test_scikit_learn_s_own_needs_no_table(prepared):
    """The split is a quarter of each class, and said."""
    iris = prepared.obtained["sklearn:iris"]
    assert (112, 38, Split.FRACTION) == (iris.train_images, iris.test_images, iris.preparation.split)
    assert [line for line in prepared.descriptions if line.startswith("iris: 112 training and 38 test examples (25 %")]


def test_a_loader_of_a_table_is_called_twice(prepared):
    """What differs is said of it, in examples."""
    assert prepared.obtained["drawn"].facts.unstable == 40
    (warning,) = [line for line in prepared.warnings if "not repeatable" in line]
    assert "The loader of drawn is not repeatable: 40 examples of 40 differed" in warning


def test_a_table_may_have_a_stand_in(prepared, tmp_path, monkeypatch):
    """A file that cannot be read falls back, loudly, where the suite allows it, and ends the run elsewhere."""
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    (tmp_path / "a.csv").write_text("x,y\n1,\n")
    text = (
        '[suite]\nname="s"\ndataset="mine"\nFALLBACK[[grid]]\narchitecture="softmax"\n[datasets.mine]\npath="a.csv"\n'
    )
    text += 'target="y"\ntest_split=0.5'
    for fallback in ("", 'fallback_dataset="digits"\n'):
        suite = parse_suite(text.replace("FALLBACK", fallback), base=Path(tmp_path), origin="bench.toml")
        cells = expand(suite, max_cells=1).cells
        if not fallback:
            with pytest.raises(DataError, match=r"a\.csv has missing values in y \(1\), the first in row 1"):
                prepare_data(suite, cells, None, silent)
        else:
            (notice,) = prepare_data(suite, cells, None, silent).notices
            assert "(1,437 training examples)" in notice
