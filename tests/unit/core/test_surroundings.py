"""Errors that a machine or a shell leads to are no bugs of ours."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import pytest

from bench.core.errors import ExitCode
from bench.core.surroundings import cause_outside


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (
            OSError(errno.ENOSPC, "No space left on device", "a.txt"),
            74,
            "a.txt cannot be used: No space left on device.",
        ),
        (OSError(errno.EROFS, "Read-only file system", "b"), 74, "b cannot be used: Read-only file system."),
        (PermissionError(errno.EACCES, "Permission denied", "c"), 2, "c cannot be used: Permission denied."),
        (OSError(errno.EMFILE, "Too many open files"), 2, "A file cannot be used: Too many open files."),
        (MemoryError(), 2, "There is not enough memory for this."),
    ],
)
def test_what_a_system_refuses_is_a_sentence(error: Exception, code: int, message: str) -> None:
    """A disk that takes nothing more is exit 74."""
    outside = cause_outside(error)
    assert outside is not None
    assert (code, message) == (outside.exit_code, outside.message)


@pytest.mark.parametrize("error", [FileNotFoundError(errno.ENOENT, "No such file", "d"), ValueError("e"), OSError("f")])
def test_what_may_be_a_bug_stays_one(error: Exception) -> None:
    """A file that is not there, for one, was looked for by us."""
    assert cause_outside(error) is None


def test_a_current_folder_that_is_gone_explains_any_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python cannot say where it is."""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    outside = cause_outside(FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT)))
    assert outside is not None
    assert "The current folder does not exist any more." == outside.message


@pytest.mark.parametrize("value", ["abc", "-1", "9" * 30, "1.5"])
def test_a_time_of_build_that_is_none_is_named(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """NumPy reads the variable while it is imported."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", value)
    outside = cause_outside(ValueError("invalid literal"))
    assert outside is not None
    assert "SOURCE_DATE_EPOCH" in outside.message
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert cause_outside(ValueError("invalid literal")) is None


def test_a_system_without_a_folder_for_temporary_files_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's own message is a list of folders."""

    def none() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in [...]")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    outside = cause_outside(FileNotFoundError(errno.ENOENT, "No usable temporary directory found in [...]"))
    assert outside is not None
    assert (ExitCode.UNWRITTEN, "TMPDIR" in outside.hint) == (outside.exit_code, True)
