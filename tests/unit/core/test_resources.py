"""The files that ship beside the code are found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.core import resources
from bench.core.errors import BenchError

if TYPE_CHECKING:
    from pathlib import Path


def test_the_templates_are_found() -> None:
    """From any working directory."""
    assert (resources.template_dir() / resources.MARKER).is_file()


@pytest.mark.parametrize("where", ["bench/templates", "templates"])
def test_both_layouts_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    """Inside the package in a wheel, beside it in a clone."""
    (tmp_path / where).mkdir(parents=True)
    (tmp_path / where / resources.MARKER).touch()
    monkeypatch.setattr(resources, "files", lambda _: tmp_path / "bench" / "core")
    assert tmp_path / where == resources.template_dir()


def test_missing_templates_are_an_incomplete_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names both places, the hint says what to type."""
    monkeypatch.setattr(resources, "files", lambda _: tmp_path / "bench" / "core")
    with pytest.raises(BenchError) as caught:
        resources.template_dir()
    assert f"neither in {tmp_path / 'bench' / 'templates'} nor in {tmp_path / 'templates'}." in caught.value.message
    assert "Install keras-bench again: python3 -m pip install --force-reinstall keras-bench" == caught.value.hint
