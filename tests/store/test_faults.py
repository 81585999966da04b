"""Each call of the database fails, once or for good: exit code right, finished work kept, the next run completes."""

from __future__ import annotations

import tempfile
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from factories import RUN_ID, cell, dataset, run_record, trial
from faulty_store import ERRORS, Faults, install

from bench.core.errors import StoreError
from bench.record.records import RunResult, RunStatus
from bench.record.store import Claim, RunStore, Store, run_store

pytestmark = pytest.mark.soak

SHORT = cell(epochs=2)
PLANNED = tuple((SHORT.id, seed) for seed in (1, 2))
BEGUN = run_record(status=RunStatus.RUNNING, planned=PLANNED, datasets=(dataset(labels=b"labels"),))
FINISHED = replace(BEGUN, status=RunStatus.FINISHED)
TRIALS = tuple(trial(SHORT, seed) for seed in (1, 2))
WHOLE = RunResult(run=FINISHED, trials=TRIALS)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No waiting, and a temporary folder of the test's own."""
    monkeypatch.setattr(run_store, "PATIENCE_S", 0.0)
    monkeypatch.setattr(run_store, "RETRY_S", 0.0)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))


def run(store: RunStore) -> None:
    """All that a run of two trials asks of its store."""
    store.begin_run(BEGUN)
    for position, record in enumerate(TRIALS):
        assert Claim.GRANTED is store.acquire(record.key, RUN_ID)
        assert record == store.commit_trial(record, position=position)
    store.release_claims(RUN_ID)
    store.update_run(FINISHED)
    assert store.load_run(RUN_ID) == WHOLE


def in_store(folder: Path) -> RunResult:
    """The run as the next command reads it, which takes in what waits."""
    with closing(Store(str(folder / "bench.db"), create=False)) as store:
        store.take_in_pending(folder, lambda text: None)
        return store.load_run(RUN_ID)


def calls_of_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a run asks of the driver once its store is open."""
    counted = Faults()
    with monkeypatch.context() as patch:
        install(patch, counted)
        opened = RunStore(str(tmp_path / "count" / "bench.db"), reports=tmp_path / "count", warn=print)
        opening = counted.calls
        run(opened)
        calls = counted.texts[opening:]
        opened.close()
    return calls


@pytest.mark.parametrize("kind", ["ENOSPC", "EIO", "locked"])
@pytest.mark.parametrize("often", [1, 10**6])
def test_each_call_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, often: int, counted) -> None:
    """Once, after which nothing is missing; or for good, after which the next command takes everything in."""
    number = len(calls_of_a_run(tmp_path, monkeypatch))
    assert number > 20
    for call in range(number):
        folder = tmp_path / str(call)
        faults = Faults(kind)
        with monkeypatch.context() as patch:
            install(patch, faults)
            opened = RunStore(str(folder / "bench.db"), reports=folder, warn=lambda text: None)
            faults.first = faults.calls + call
            faults.last = faults.first + often - 1
            run(opened)
            unsaved = opened.unsaved()
            opened.close()
        if often == 1:
            assert unsaved is None, faults.texts[faults.first]
        assert in_store(folder) == WHOLE, faults.texts[faults.first]
    what = "once" if often == 1 else "for good"
    counted(f"a database call fails with {kind} {what}", number, lost=0, doubled=0)


@pytest.mark.parametrize("kind", list(ERRORS))
def test_each_call_of_opening_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, counted) -> None:
    """A run ends before it begins, or works; the store is as good as before, or not there yet."""
    number = 0
    while True:
        folder = tmp_path / str(number)
        faults = Faults(kind, first=number, last=number)
        with monkeypatch.context() as patch:
            install(patch, faults)
            with suppress(StoreError):
                RunStore(str(folder / "bench.db"), reports=folder, warn=lambda text: None).close()
        if faults.calls <= number:
            break
        with closing(RunStore(str(folder / "bench.db"), reports=folder, warn=pytest.fail)) as store:
            run(store)
        assert in_store(folder) == WHOLE
        number += 1
    assert number > 20
    counted(f"a call of opening a new store fails with {kind}", number, lost=0, doubled=0)
