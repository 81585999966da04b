"""The logs that an agent takes from its folder."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

from bench.execute.cluster import node_logs
from bench.execute.cluster.node_logs import take_logs

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_logs_are_cut_taken_and_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of every attempt, by their ends; links and the logs of other tasks stay."""
    monkeypatch.setattr(node_logs, "LONGEST_LOG_BYTES", 4)
    folder = tmp_path / "logs"
    folder.mkdir()
    for name in ("a.log", "a-2.log", "b.log"):
        (folder / name).write_bytes(b"start, end")
    (folder / "a-3.log").symlink_to(folder / "b.log")
    logs = take_logs(tmp_path, [SimpleNamespace(log="logs/a.log")])  # type: ignore[list-item]
    assert {"logs/a.log": b" end", "logs/a-2.log": b" end"} == logs
    assert {"a-3.log", "b.log"} == {path.name for path in folder.iterdir()}
