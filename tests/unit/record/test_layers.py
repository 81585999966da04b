"""The layers of a model are kept once for all trials that have them, in stores and run files."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from factories import cell, result, run_record, trial, with_layers

from bench.core.errors import StoreError
from bench.record.layers import MOST_LAYERS, LayerRecord, checked_layers, layers_from_json, layers_to_json, structure_of
from bench.record.records import RunResult
from bench.record.runfile import RUN_FILE, read_run_file, write_run_file
from bench.record.store import Store
from bench.record.store.pending import PendingTrial, read_pending, write_pending

SHORT = cell(epochs=1)
ROWS = (
    LayerRecord(name="a/conv", kind="Conv2D", outputs=((8, None, 3), (4,)), parameters=7, trainable=5),
    LayerRecord(name="rest", kind="", layers=40),
)
SMALL, LARGE = with_layers(trial(SHORT, 1), 4, 10), with_layers(trial(SHORT, 2), 4, 8, 10)
ALIKE = tuple(with_layers(trial(SHORT, seed), 4, 10) for seed in (3, 4, 5))


def rows(path: Path) -> dict[str, str]:
    """The table of layers as it is on the disk."""
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("select sha256, layers from structures"))


def stored(path: Path, *trials) -> RunResult:
    """A run of these trials, written to a store."""
    planned = tuple((one.cell.id, one.seed) for one in trials)
    run = replace(run_record(planned=planned), run_id=trials[0].run_id)
    with closing(Store(str(path))) as store:
        store.import_run(RunResult(run=run, trials=trials))
    return RunResult(run=run, trials=trials)


def test_layers_are_read_back() -> None:
    """Every field, those that say nothing left out of the text; equal layers have one hash."""
    text = json.dumps(layers_to_json(ROWS))
    assert ROWS == layers_from_json(json.loads(text))
    assert "trainable" not in json.loads(text)[1]
    assert structure_of(ROWS) == structure_of(layers_from_json(json.loads(text))) != structure_of(ROWS[:1])
    assert not structure_of(())


@pytest.mark.parametrize(
    "wrong",
    [
        {"parameters": -1}, {"parameters": 1, "trainable": 2}, {"parameters": 10**16}, {"layers": 0},
        {"name": "n" * 101}, {"kind": "k" * 101}, {"outputs": [[-1]]}, {"outputs": [[1]] * 5}, {"outputs": [[1] * 9]},
        {"outputs": "8"}, {"name": 5},
    ],
    ids=str,
)  # fmt: skip
def test_what_no_model_has_is_not_read(wrong: dict[str, object]) -> None:
    """Figures below 0, more that is trained than there is, texts and tables without an end."""
    with pytest.raises(ValueError, match=r".+"):
        layers_from_json([{"name": "a", "kind": "Dense", **wrong}])
    with pytest.raises(ValueError, match="rows"):
        layers_from_json([{"name": "a", "kind": "Dense"}] * (MOST_LAYERS + 3))


def test_a_run_file_has_each_model_once(tmp_path: Path) -> None:
    """However many trials trained it."""
    run = result(SMALL, LARGE, *ALIKE)
    file = write_run_file(run, tmp_path)
    assert 2 == len(json.loads(file.read_text())["structures"])
    assert [one.outcome.layers for one in run.trials] == [one.outcome.layers for one in read_run_file(file).trials]


def test_layers_that_are_not_those_of_their_hash_are_left_out(tmp_path: Path) -> None:
    """Somebody edited them: the rest of the run is read. A trial that brings its own is refused."""
    file = write_run_file(result(SMALL), tmp_path)
    content = json.loads(file.read_text())
    structure = SMALL.outcome.structure
    content["structures"][structure][0]["parameters"] += 1
    file.write_text(json.dumps(content))
    assert () == read_run_file(file).trials[0].outcome.layers
    for damage in (None, [], {structure: "x"}, 5):
        (tmp_path / RUN_FILE).write_text(json.dumps({**content, "structures": damage}))
        assert () == read_run_file(file).trials[0].outcome.layers
    content["trials"][0]["outcome"]["layers"] = [{"name": "a", "kind": "Dense"}]
    file.write_text(json.dumps(content))
    with pytest.raises(StoreError, match="layers that do not match their digest"):
        read_run_file(file)


def test_a_store_has_each_model_once(tmp_path: Path) -> None:
    """Trials of a run have theirs, found by key or loaded with the run."""
    path = tmp_path / "bench.db"
    run = stored(path, SMALL, LARGE, *ALIKE)
    assert {SMALL.outcome.structure, LARGE.outcome.structure} == set(rows(path))
    with closing(Store(str(path))) as store:
        assert store.examine().sound
        read = store.load_run(run.run.run_id)
        assert [one.outcome.layers for one in run.trials] == [one.outcome.layers for one in read.trials]


@pytest.mark.parametrize("change", ["delete from structures", "update structures set layers = '[]'",
                                    "update structures set layers = x'00'",
                                    "update structures set layers = replace(layers, '50', '51')"])  # fmt: skip
def test_damaged_layers_are_named_and_repaired(tmp_path: Path, change: str) -> None:
    """The trial counts without them; importing its run brings them back."""
    path = tmp_path / "bench.db"
    run = stored(path, SMALL)
    before = rows(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(change)
    assert before != rows(path)
    with closing(Store(str(path))) as store:
        (damage,) = store.examine().damage
        assert ("structures", SMALL.outcome.structure) == (damage.table, damage.row)
        (read,) = store.load_run(run.run.run_id).trials
        assert ((), SMALL.outcome.accuracy) == (read.outcome.layers, read.outcome.accuracy)
        store.import_run(run)
        assert store.examine().sound
    assert before == rows(path)


def test_merging_brings_layers(tmp_path: Path) -> None:
    """Those that the target has already stay."""
    stored(tmp_path / "a.db", SMALL)
    stored(tmp_path / "b.db", replace(ALIKE[0], run_id="other", trial_id="other-3"),
           replace(LARGE, run_id="other", trial_id="other-2"))  # fmt: skip
    with (
        closing(Store(str(tmp_path / "a.db"))) as target,
        closing(Store(str(tmp_path / "b.db"), create=False)) as other,
    ):
        list(target.merge(other))
    assert {SMALL.outcome.structure, LARGE.outcome.structure} == set(rows(tmp_path / "a.db"))


def test_a_pending_trial_keeps_its_layers(tmp_path: Path) -> None:
    """It waits in a file of its own for the store."""
    pending = PendingTrial(run_id="r", trial=SMALL, position=0, reused=False, exclusive=False)
    read, _ = read_pending(write_pending(pending, "store", tmp_path / "run" / "pending"))
    assert isinstance(read, PendingTrial)
    assert SMALL.outcome.layers == read.trial.outcome.layers
    assert checked_layers(SMALL.outcome.structure, layers_to_json(read.trial.outcome.layers)) is not None
