"""What a run still has to train, and whom it waits for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from factories import cell, run_record, trial

from bench.declare.plan import PlannedTrial
from bench.execute.events import Wait
from bench.execute.harness.schedule import Schedule
from bench.record.store import Holder, Store
from bench.render.damage import waiting_text

CELL = cell(epochs=2)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store that another run uses as well."""
    with closing(Store(str(tmp_path / "bench.db"))) as opened:
        opened.begin_run(run_record(run_id="other"))
        opened.begin_run(run_record(run_id="mine"))
        yield opened


def test_a_run_says_once_whom_it_waits_for(store: Store) -> None:
    """Its own trials are nobody to wait for; what the other has trained is taken from the store."""
    waited: list[Holder] = []
    reused = []
    planned = [PlannedTrial(cell=CELL, seed=seed, key=f"key-{seed}", shape="") for seed in range(3)]
    schedule = Schedule(
        planned, store, "mine", fresh=False, make_task=lambda position: position, on_wait=waited.append,
        on_reuse=lambda position, record: reused.append(record.trial_id),
    )  # fmt: skip
    for key in ("key-1", "key-2"):
        store.acquire(key, "other")
    assert 0 == schedule.take().index
    assert isinstance(schedule.take(), Wait)
    assert isinstance(schedule.take(), Wait)
    assert ["other"] == [holder.run_id for holder in waited]
    for seed in (1, 2):
        store.commit_trial(trial(CELL, seed, key=f"key-{seed}", trial_id=f"t{seed}", run_id="other"), position=seed)
    assert schedule.take() is None
    assert ["t1", "t2"] == reused


def test_who_is_waited_for_is_named() -> None:
    """Host, process, run and since when, as far as it is known."""
    holder = Holder("20250101-1", "box", 42, datetime(2025, 1, 1, 12, 3, 4, tzinfo=UTC))
    expected = "Waiting for a trial that another run is training: run 20250101-1, process 42 on box, since "
    assert f"{expected}12:03:04 UTC" == waiting_text(holder)
    assert f"{expected}an unknown time" == waiting_text(replace(holder, since=None))
