"""The files whose code decides what a builder makes: its own, and whatever it imports from beside them."""

from __future__ import annotations

import ast
import site
import sysconfig
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def source_files(source: Path, module: str) -> tuple[Path, ...]:
    """The Python files that a change of a builder may lie in, sorted.

    A builder of a package counts with every file of the package; a module counts with its file. To these comes, from
    one import to the next, every module and package that lies in the folder they are imported from. What is installed
    elsewhere counts by its version, not by its files; so does what lies beside a builder that is itself installed, such
    as one of `keras.applications`: all that Python has is beside it.

    Args:
        source: the file of the builder's module.
        module: its dotted name.
    """
    within = module.count(".") + (source.name == "__init__.py")
    top = source.parents[within - 1] if within else source
    root = top.parent
    files = set(_files(top))
    waiting = [] if root.resolve() in installed_places() else list(files)
    while waiting:
        imported = {
            file for name in _imported(waiting.pop()) for place in _places(root, name) for file in _files(place)
        }
        waiting += imported - files
        files |= imported
    return tuple(sorted(files))


@cache
def installed_places() -> frozenset[Path]:
    """The folders of Python's own modules and of installed packages."""
    places = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    return frozenset(Path(place).resolve() for place in (*places, site.getusersitepackages()))


def _files(place: Path) -> list[Path]:
    return list(place.rglob("*.py")) if place.is_dir() else [place]


def _places(root: Path, name: str) -> Iterator[Path]:
    """What `import name` would read of a folder."""
    for place in (root / f"{name}.py", root / name):
        if place.is_file() or (place.is_dir() and any(place.glob("*.py"))):
            yield place


def _imported(file: Path) -> set[str]:
    """The top-level names that a file imports, wherever in it; none of a file that cannot be read as Python."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return set()
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names
