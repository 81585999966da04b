"""Writers of the store are killed at any moment: what was acknowledged is there once, and nothing is half there."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.soak


def test_three_writers_are_killed(tmp_path: Path, request: pytest.FixtureRequest, counted) -> None:
    """With -9; some are stopped for longer than their lease first. The last writer finds all it needs."""
    kills = request.config.getoption("--store-kills")
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("writers.py"), tmp_path, str(kills)],
        check=True,
        capture_output=True,
        text=True,
        timeout=120 + 20 * kills,
    )
    found = json.loads(done.stdout)
    note = f"{found['acknowledged']:,} commits acknowledged, {found['stops']} writers stopped beyond their lease"
    counted("kill -9 of one of three writers", kills, lost=found["lost"], doubled=found["doubled"], note=note)
    assert (0, 0, 0) == (found["lost"], found["doubled"], found["torn"]), found
    assert (True, True, found["keys"]) == (found["sound"], found["complete"], found["shown"]), found
