"""A harness that is killed at any moment loses no finished trial, doubles none, and leaves nothing."""

from __future__ import annotations

import random
import time

import pytest
from attacks import NEW, Count, Place, follow_up, short_run_s

pytestmark = pytest.mark.soak

PAST_THE_END = 1.1
"""Times the length of a run: the latest moment at which it is killed."""

SLOWEST_S = 60.0
"""Seconds in which a command has made its folder for temporary files."""


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


def test_the_folders_of_killed_commands_are_removed_by_the_next_start(place: Place, counted) -> None:
    """Killed while the command's folder for temporary files is there, beside that of its server."""
    count = Count("kill -9 of verify and export")
    short_run_s(place)
    for words in (("verify", "short.toml"), ("export", "softmax", "--run", "short", "--to", "script")):
        with place.start(*words) as process:
            until = time.monotonic() + SLOWEST_S
            while len(place.files()) < 2 and process.poll() is None and time.monotonic() < until:
                time.sleep(0.01)
            assert process.poll() is None, words
            process.kill()
            process.communicate()
        processes, files = place.left_behind()
        assert 1 == files, words
        count.count += 1
        count.left += processes
        code, output = place.run("verify", "short.toml", "--seeds", "1")
        assert 0 == code, output
        count.left += sum(place.left_behind())
    counted(count)
