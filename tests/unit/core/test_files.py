"""A file is whole or not there."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from bench.core.errors import OutputError
from bench.core.files import write_text


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    """As UTF-8 with line feeds, readable for everybody, and with nothing left beside it."""
    path = write_text(tmp_path / "deep" / "er" / "report.html", "ü\nline\n")
    assert "ü\nline\n".encode() == path.read_bytes()
    assert 0o644 == path.stat().st_mode & 0o777
    assert [path] == list(path.parent.iterdir())


def test_a_file_takes_the_place_of_another(tmp_path: Path) -> None:
    """A reader that has the old one open keeps reading the old one."""
    path = write_text(tmp_path / "file", "old")
    with path.open() as reader:
        write_text(path, "new")
        assert ("old", "new") == (reader.read(), path.read_text())


@pytest.mark.parametrize("before", [None, "old"])
def test_a_failed_write_changes_nothing(tmp_path: Path, before: str | None) -> None:
    """Text that UTF-8 cannot hold, after a megabyte that it can: what was there stays, nothing lies beside it."""
    path = tmp_path / "file"
    if before:
        path.write_text(before)
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "x" * 2**20 + "\ud800")
    expected = [before] if before else []
    assert expected == [found.read_text() for found in tmp_path.iterdir()]


def test_an_interrupted_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C just before the rename."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_text(tmp_path / "file", "text")
    assert [] == list(tmp_path.iterdir())


def test_a_folder_in_the_way_is_an_error(tmp_path: Path) -> None:
    """It stays, and nothing lies beside it."""
    (tmp_path / "file").mkdir()
    with pytest.raises(OutputError, match="cannot be written: Is a directory"):
        write_text(tmp_path / "file", "text")
    assert [tmp_path / "file"] == list(tmp_path.iterdir())


def test_a_link_is_followed_and_a_pipe_stays_one(tmp_path: Path) -> None:
    """What others rely on under that name is not replaced by a file."""
    (tmp_path / "target").write_text("old")
    (tmp_path / "link").symlink_to("target")
    write_text(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert "new" == (tmp_path / "target").read_text()
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_text(tmp_path / "pipe", "through")
    assert b"through" == os.read(reader, 100)
    os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


def test_a_private_file_stays_private(tmp_path: Path) -> None:
    """Its permissions are its owner's business."""
    (tmp_path / "file").touch(mode=0o600)
    write_text(tmp_path / "file", "text")
    assert 0o600 == (tmp_path / "file").stat().st_mode & 0o777


def test_a_durable_file_is_on_the_disk_before_and_its_name_after_the_rename(tmp_path: Path, monkeypatch) -> None:
    """The bytes first, then the names in its folder and the name of that folder."""
    done = []
    sync, replace = os.fsync, Path.replace

    def note_sync(descriptor: int) -> None:
        done.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        sync(descriptor)

    def note_replace(self: Path, target: Path) -> Path:
        done.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(Path, "replace", note_replace)
    write_text(tmp_path / "new" / "file", "text", durable=True)
    assert done[0].parent == tmp_path / "new"
    assert ["rename", tmp_path / "new", tmp_path] == done[1:]
    done.clear()
    write_text(tmp_path / "file", "text")
    assert ["rename"] == done


def test_a_disk_that_fails_to_keep_a_durable_file_is_an_error(tmp_path: Path, monkeypatch) -> None:
    """Whoever wrote it keeps it elsewhere."""

    def fail(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OutputError, match="cannot be written: Input/output error"):
        write_text(tmp_path / "file", "text", durable=True)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["round", "x" * 300, "file/below"])
def test_a_name_that_no_file_can_have_is_an_error(tmp_path: Path, name: str) -> None:
    """A link to itself, more than 255 bytes, a file in the place of a folder."""
    (tmp_path / "round").symlink_to("round")
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written: "):
        write_text(tmp_path / name, "text")
