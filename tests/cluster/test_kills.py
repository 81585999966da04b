"""Writers to a store on a server are killed and stopped at random moments: nothing is lost, nothing is there twice."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

WRITERS = Path(__file__).parents[1] / "store" / "writers.py"
KILLS = 6


def test_nothing_that_was_acknowledged_is_lost(url: str, tmp_path: Path) -> None:
    """As of a store in a file, by the same attack."""
    done = subprocess.run(
        [sys.executable, str(WRITERS), str(tmp_path), str(KILLS), url], check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout)
    assert KILLS == found["kills"]
    assert (0, 0, 0) == (found["lost"], found["doubled"], found["torn"]), found
    assert found["sound"], found
    assert found["complete"], found
    assert found["keys"] == found["shown"]
