"""Where the files that ship beside the code are, in an installed wheel and in a clone."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from bench.core.errors import BenchError

MARKER = "base.html.j2"


def template_dir() -> Path:
    """The folder of the report's templates: `bench/templates` in a wheel, `templates` beside `bench` in a clone.

    Raises:
        BenchError: neither folder holds the templates, so the installation is incomplete.
    """
    package = Path(str(files("bench.core"))).parent
    for folder in (package / "templates", package.parent / "templates"):
        if (folder / MARKER).is_file():
            return folder
    raise BenchError(
        f"The report's templates are neither in {package / 'templates'} nor in {package.parent / 'templates'}.",
        hint="Install keras-bench again: python3 -m pip install --force-reinstall keras-bench",
    )
