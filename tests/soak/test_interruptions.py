"""A harness that is interrupted at any moment exits 130 in good order."""

from __future__ import annotations

import random
import signal
import time

import pytest
from attacks import NEW, Count, Place, follow_up, short_run_s, wait_until_heeded

pytestmark = pytest.mark.soak


def test_interruptions_at_random_moments(place: Place, counted, request) -> None:
    """Ctrl-C, SIGTERM and SIGHUP: exit 130 without a traceback, and what had finished is there."""
    draw = random.Random(16)  # noqa: S311  moments, no secrets
    count = Count("Ctrl-C, SIGTERM, SIGHUP")
    length_s, rounds = short_run_s(place), request.config.getoption("--interruptions")
    number = 0
    while count.count < rounds and number < 3 * rounds:
        number += 1
        what = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)[number % 3]
        before = place.stored()
        with place.start("run", "short.toml", "--seeds", str((number + 1) * NEW)) as process:
            wait_until_heeded(process)
            time.sleep(draw.uniform(0.0, length_s))
            late = process.poll() is not None
            process.send_signal(what)
            output = process.communicate(timeout=60)[0]
        if late:
            continue
        count.count += 1
        if process.returncode != 130 or "Traceback" in output:
            count.notes.append(f"{what.name}: exit {process.returncode}: {output}")
        count.left += sum(place.left_behind())
        kept = place.stored()
        count.lost += sum((before - kept).values()) + sum(1 for seed in said_ok(output) if not kept[seed])
    assert rounds == count.count, "the runs ended before they could be interrupted"
    follow_up(place, count, number)
    counted(count)


def said_ok(output: str) -> list[tuple[str, int]]:
    """Cell and seed of the trials that a run said were OK."""
    words = [line.split() for line in output.splitlines() if line.startswith("[") and "] OK " in line]
    return [(line[2], int(line[4])) for line in words]
