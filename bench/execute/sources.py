"""The files whose code decides what a builder makes: its own, and whatever it imports from beside them."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def source_files(source: Path, module: str) -> tuple[Path, ...]:
    """The Python files that a change of a builder may lie in, sorted.

    A builder of a package counts with every file of the package; a module counts with its file. To these comes, from
    one import to the next, every module and package that lies in the folder they are imported from. What is installed
    elsewhere counts by its version, not by its files.

    Args:
        source: the file of the builder's module.
        module: its dotted name.
    """
    depth = module.count(".")
    top = source.parents[depth if source.name == "__init__.py" else depth - 1] if depth else source
    root = top.parent
    files = set(_files(top))
    waiting = list(files)
    while waiting:
        found = {file for name in _imported(waiting.pop()) for place in _places(root, name) for file in _files(place)}
        waiting += found - files
        files |= found
    return tuple(sorted(files))


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
