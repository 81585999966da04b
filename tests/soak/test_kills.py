"""A harness that is killed at any moment loses no finished trial, doubles none, and leaves nothing."""

from __future__ import annotations

import random
import time

import pytest
from attacks import NEW, Count, Place, follow_up, short_run_s

pytestmark = pytest.mark.soak

PAST_THE_END = 1.1
"""Times the length of a run: the latest moment at which it is killed."""


def test_kill_9_at_random_moments(place: Place, counted, request) -> None:
    """Resumed after every kill, each trial is in the store once; no process and no temporary file outlives the kill."""
    draw = random.Random(15)  # noqa: S311  moments, no secrets
    count = Count("kill -9 of the harness, resumed")
    length_s, rounds = short_run_s(place), request.config.getoption("--kills")
    for number in range(1, rounds + 1):
        before = place.stored()
        with place.start("run", "short.toml", "--seeds", str((number + 1) * NEW)) as process:
            time.sleep(draw.uniform(0.0, PAST_THE_END * length_s))
            process.kill()
            process.communicate()
        count.count += 1
        count.left += sum(place.left_behind())
        count.lost += sum((before - place.stored()).values())
    follow_up(place, count, rounds)
    counted(count)
