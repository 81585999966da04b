"""Bits of a store that flip on the disk are found by its checksums, or by the database itself."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from flips import attack

pytestmark = pytest.mark.soak


def test_flipped_bits_are_named_or_refused(tmp_path: Path, request: pytest.FixtureRequest, counted) -> None:
    """No other value is read without a word, and nothing ends in a traceback."""
    flips = request.config.getoption("--store-flips")
    outcomes = attack(tmp_path, flips)
    bad = {
        name: number for name, number in outcomes.items() if name.split(" ", 1)[1].startswith(("wrong", "traceback"))
    }
    named = sum(number for name, number in outcomes.items() if name.startswith(("read named", "read refused")))
    counted("a bit of the store flipped", flips, lost=0, doubled=0, note=f"{named} noticed, {sum(bad.values())} not")
    assert {} == bad
    assert named > flips / 10
