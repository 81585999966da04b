"""Where the templates are found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.core import resources
from bench.core.errors import BenchError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_clone_finds_the_folder_beside_the_package() -> None:
    """In a clone or a wheel the folder holds every template the report needs."""
    names = {path.name for path in resources.template_dir().iterdir()}

    assert {"base.html.j2", "report.html.j2", "report.md.j2", "style.css"} <= names


def test_an_installed_package_prefers_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Templates inside the package win over a folder that happens to lie beside it."""
    for folder in ("bench/templates", "templates", "bench/core"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "base.html.j2").touch()
    monkeypatch.setattr(resources, "files", lambda _: tmp_path / "bench" / "core")

    assert tmp_path / "bench" / "templates" == resources.template_dir()


def test_a_broken_installation_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without templates the error names both places and how to mend it."""
    monkeypatch.setattr(resources, "files", lambda _: tmp_path / "bench" / "core")

    with pytest.raises(BenchError, match="neither in") as caught:
        resources.template_dir()

    assert "Install keras-bench again" in caught.value.hint
