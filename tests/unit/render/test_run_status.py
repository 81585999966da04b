"""A run that has not ended is KILLED only where it can be seen that its process is gone."""

from __future__ import annotations

import os
import socket
from dataclasses import replace

import pytest
from factories import run_record

from bench.core.processes import place
from bench.record.records import RunStatus
from bench.record.store import RunLine
from bench.render.tables import run_status

GONE = 2**22 + 1
"""No system gives out so large a number."""


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"process_id": os.getpid(), "place": place()}, "RUNNING"),
        ({"process_id": GONE, "place": place()}, "KILLED"),
        ({"process_id": os.getpid(), "place": "elsewhere"}, "unknown"),
        ({"process_id": GONE, "place": "elsewhere"}, "unknown"),
        ({"process_id": GONE, "place": "elsewhere", "status": RunStatus.FINISHED}, "FINISHED"),
        ({"process_id": GONE, "environment": None}, "KILLED"),  # an earlier version, from before its environment
    ],
)
def test_the_status_of_a_run(changes: dict[str, object], expected: str) -> None:
    """By the place that its process number belongs to, whatever the host is called."""
    run = run_record(**{"status": RunStatus.RUNNING, **changes})
    assert expected == run_status(RunLine(run, 0, 0))


@pytest.mark.parametrize(("hostname", "expected"), [(socket.gethostname(), "KILLED"), ("elsewhere", "unknown")])
def test_a_run_of_an_earlier_version(hostname: str, expected: str) -> None:
    """It has no place, but the name of its host."""
    run = run_record(status=RunStatus.RUNNING, process_id=GONE)
    assert run.environment is not None
    run = replace(run, environment=replace(run.environment, hostname=hostname))
    assert expected == run_status(RunLine(run, 0, 0))
