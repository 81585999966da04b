"""What version 0.1.0 left, which knew accuracy only: its store, run file and baseline are read and judged as by itself.

`version_3/` was written by that version: run `run-a`, which was accepted, and run `run-b`, a point lower, of one cell.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from scipy import stats

from bench.analyse.gate.judge import judge
from bench.core.score import ACCURACY
from bench.record.baseline import read_baseline
from bench.record.evidence import Difference, Flips
from bench.record.runfile import read_run_file
from bench.record.store import Store
from bench.record.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).with_name("version_3")
DIFFERENCE = Difference(
    value=-0.010000000000000009,
    low=-0.011121895658039494,
    high=-0.008878104341960524,
    level=0.05,
    p_inferior=0.9999346466748302,
    p_drop=1.1866672719481257e-06,
    p_drop_adjusted=1.1866672719481257e-06,
    p_gain_adjusted=0.999998813332728,
    look=1,
)
FLIPS = Flips(lost=10, gained=0, p=0.001953125, classes=(("0", 1), ("1", 1), ("2", 1)), swapped=())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The store, made again from its text."""
    with sqlite3.connect(tmp_path / "bench.db") as connection:
        connection.executescript((FOLDER / "store.sql").read_text())
    connection.close()
    opened = Store(str(tmp_path / "bench.db"))
    yield opened
    opened.close()


def test_the_store_and_the_run_file_hold_the_same_run(store: Store) -> None:
    """Accuracies and predictions; the score is accuracy."""
    stored, file = store.load_run("run-b"), read_run_file(FOLDER / "run.json")
    assert stored.run.score == file.run.score == ACCURACY
    assert [trial.outcome.accuracy for trial in stored.trials] == [trial.outcome.accuracy for trial in file.trials]
    assert [0.97, 0.971, 0.969, 0.97] == [trial.outcome.value(ACCURACY) for trial in stored.trials]
    (data,) = stored.run.datasets
    both = [[data.target.unpack(t.outcome.predictions or b"").tolist() for t in run.trials] for run in (stored, file)]
    assert both[0] == both[1]


def test_its_history_is_of_accuracy(store: Store) -> None:
    """Of both runs."""
    past = store.history(store.load_run("run-b").run)
    assert [("run-a", 0.98), ("run-a", 0.981), ("run-a", 0.979), ("run-a", 0.98)] == [
        (trial.run.run_id, trial.score) for trial in past[:4]
    ]
    assert len(past) == 8


def test_it_is_judged(store: Store) -> None:
    """From the store and from the file, to the verdict of the version that wrote it, which knew no pairs."""
    baseline = read_baseline(FOLDER / "baseline.json")
    for run in (store.load_run("run-b"), read_run_file(FOLDER / "run.json")):
        (cell,) = judge(baseline, [run]).cells
        assert Verdict.REGRESSED is cell.verdict
        assert cell.difference.value == pytest.approx(DIFFERENCE.value)
        assert cell.difference.pairs == 4
        assert cell.difference.low > DIFFERENCE.low
        # four equal differences deviate by at least one example over the root of two
        error = 1 / baseline.cells[0].images / 2**0.5 / 4**0.5
        assert cell.difference.p_drop == pytest.approx(stats.t.cdf(cell.difference.value / error, 3))
        assert cell.flips == FLIPS
