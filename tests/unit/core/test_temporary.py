"""Folders for temporary files outlive no process for long."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from bench.core.errors import OutputError
from bench.core.temporary import LOCK, PREFIX, left_folders, temporary_folder
from bench.execute.system.folders import sweep

HOLD = """
from bench.core.temporary import temporary_folder
with temporary_folder() as folder:
    (folder / "file").write_text("text")
    print(folder, flush=True)
    input()
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for temporary files that nobody else uses."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def test_a_folder_is_removed_at_the_end(place: Path) -> None:
    """By its own process, and by no other before."""
    with temporary_folder() as folder:
        assert [folder] == list(place.iterdir())
        sweep()
        assert folder.is_dir()
    assert [] == list(place.iterdir())


def test_the_folder_of_a_process_that_was_killed_is_removed_by_the_next_start(place: Path) -> None:
    """And that of a process that is at work is not."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        folder = Path(process.stdout.readline().strip())
        sweep()
        assert (folder / "file").is_file()
        process.send_signal(signal.SIGKILL)
    assert (folder / "file").is_file()
    sweep()
    assert [] == list(place.iterdir())


def test_what_is_not_ours_stays(place: Path) -> None:
    """A folder without a lock, one of another name, and a link to one that would be removed."""
    (place / f"{PREFIX}1-aa").mkdir()
    (place / "other").mkdir()
    (place / "other" / LOCK).touch()
    (place / f"{PREFIX}2-bb").symlink_to("other")
    assert [] == list(left_folders())


def test_a_system_without_room_is_a_sentence(place: Path) -> None:
    """With what to set."""
    place.rmdir()
    place.write_text("a file in its place")
    with pytest.raises(OutputError, match="No folder for temporary files can be made: ") as caught, temporary_folder():
        pass
    assert "TMPDIR" in caught.value.hint
