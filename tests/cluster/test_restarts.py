"""A server that goes away in the middle of a run costs neither a trial nor the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from commandline import read_until, start_bench
from postgres import Server

from bench.core.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

SUITE = """
[suite]
name = "restarted"
dataset = "digits"
seeds = 4
epochs = 40
engine = "epoch"
[[grid]]
architecture = "softmax"
"""


def test_a_server_that_is_restarted_during_a_trial(server: Server, database: str, url: str, tmp_path: Path) -> None:
    """The run connects again and commits what it has trained meanwhile: exit 0, every trial once, nothing beside it."""
    (tmp_path / "suite.toml").write_text(SUITE)
    with start_bench("run", "suite.toml", "--store", url) as process:
        read_until(process, "[1/4]")
        server.stop()
        try:
            read_until(process, "The run goes on")
        finally:
            server.start()
        rest = process.stdout.read()
        assert ExitCode.OK == process.wait(timeout=120), rest
    counted = "SELECT count(*), count(DISTINCT key), min(status), max(status) FROM keras_bench.trials"
    assert "4|4|OK|OK" == server.sql(counted, database)
    assert "FINISHED|4" == server.sql(
        "SELECT status, (SELECT count(*) FROM keras_bench.run_trials) FROM keras_bench.runs", database
    )
    assert [] == list(tmp_path.rglob("pending"))
