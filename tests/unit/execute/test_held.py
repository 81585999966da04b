"""Data that the warm server holds for its workers."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.catalog.datasets import obtain
from bench.core.errors import DataError
from bench.execute import held


@pytest.fixture(autouse=True)
def nothing_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins with a server that holds nothing."""
    monkeypatch.setattr(held, "_held", {})


def test_what_is_held_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """And is let go of when other data is wanted."""
    digits = obtain("digits", base=Path())
    wanted = (str(digits.path), digits.sha256)
    held.hold([wanted])
    first = held.load(*wanted)
    assert held.load(*wanted) is first
    held.hold([wanted])
    assert held.load(*wanted) is first
    held.hold([])
    assert held.load(*wanted) is not first


def test_data_that_would_fill_the_memory_is_left_to_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """They let go of it again."""
    monkeypatch.setattr(held, "HELD_SHARE", 0.0)
    digits = obtain("digits", base=Path())
    held.hold([(str(digits.path), digits.sha256)])
    assert not held._held
    assert len(held.load(str(digits.path), digits.sha256).y_test) == digits.test_images


def test_what_cannot_be_read_is_reported_by_whoever_needs_it(tmp_path: Path) -> None:
    """The server goes on; a worker says what is wrong."""
    (tmp_path / "broken.npz").write_bytes(b"nothing")
    for path in (tmp_path / "broken.npz", tmp_path / "missing.npz"):
        held.hold([(str(path), "0" * 64)])
        assert not held._held
        with pytest.raises(DataError):
            held.load(str(path), "0" * 64)


def test_other_data_than_was_checked_is_not_held() -> None:
    """Its hash decides."""
    digits = obtain("digits", base=Path())
    held.hold([(str(digits.path), "0" * 64)])
    assert not held._held
