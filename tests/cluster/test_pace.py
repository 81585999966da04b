"""A store on PostgreSQL is not much slower than one on SQLite: both are measured in one test, on one machine."""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import pytest
from factories import RUN_ID, cell, run_record, trial

from bench.record.records import RunStatus
from bench.record.store import Store
from bench.render.report import write_report

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CELLS = [cell(epochs=3, learning_rate=0.001 * (1 + number)) for number in range(20)]


IN_TURN = 50
"""Trials that one store takes before it is the other's turn: whatever else the machine does slows both."""


def commit(urls: Sequence[str], trials: int) -> list[float]:
    """Claim and commit so many stub trials in each of several stores, which take turns; the seconds of each."""
    planned = [(CELLS[number % len(CELLS)], number) for number in range(trials)]
    records = [trial(of, seed, trial_id=f"t-{number}", key=f"k-{number}") for number, (of, seed) in enumerate(planned)]
    names = tuple((of.id, seed) for of, seed in planned)
    took_s = [0.0] * len(urls)
    with ExitStack() as stack:
        stores = [stack.enter_context(closing(Store(url))) for url in urls]
        for store in stores:
            store.begin_run(run_record(status=RunStatus.RUNNING, planned=names))
        for first in range(0, trials, IN_TURN):
            for number, store in enumerate(stores):
                begun = time.perf_counter()
                for position in range(first, min(first + IN_TURN, trials)):
                    store.acquire(records[position].key, RUN_ID)
                    store.commit_trial(records[position], position=position)
                took_s[number] += time.perf_counter() - begun
        for store in stores:
            store.update_run(run_record(planned=names))
    return took_s


def report(url: str, folder: Path) -> float:
    """Load the run and write its report; seconds."""
    begun = time.perf_counter()
    with closing(Store(url, create=False)) as store:
        result = store.load_run(RUN_ID)
        history = store.history(result.run)
    write_report(result, folder, history=history)
    return time.perf_counter() - begun


def test_a_server_takes_about_as_long_as_a_file(url: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Commits at most three times as long, a report of them at most half as long again."""
    trials = request.config.getoption("--stub-trials")
    file = str(tmp_path / "bench.db")
    on_file, on_server = commit([file, url], trials)
    (tmp_path / "warm").mkdir()
    report(file, tmp_path / "warm")  # the first report of a process imports what it needs
    # twice in turn, the quicker one of each: what else the machine does only slows
    rounds = [[report(place, tmp_path) for place in (file, url)] for _ in range(2)]
    reports = [min(times) for times in zip(*rounds, strict=True)]
    print(f"{trials} trials: {on_file:.1f} s on SQLite, {on_server:.1f} s on PostgreSQL")
    print(f"report: {reports[0]:.1f} s from SQLite, {reports[1]:.1f} s from PostgreSQL")
    assert on_server <= 3 * on_file
    assert reports[1] <= 1.5 * reports[0]
