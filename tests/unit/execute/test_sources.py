"""Which files a change of a builder may lie in."""

from __future__ import annotations

import json
import os
from pathlib import Path

from bench.catalog.registry import Architecture
from bench.execute.environment import code_signature
from bench.execute.sources import source_files


def write(root, **files):
    for name, text in files.items():
        path = root / f"{name if '/' in name else name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def names(root, source, module):
    return [str(path.relative_to(root)) for path in source_files(root / source, module)]


def test_a_module_counts_with_what_it_imports_from_beside_it(tmp_path):
    """From one import to the next, in functions too; not the file that nobody imports, not what is installed."""
    write(
        tmp_path,
        models="import keras\nfrom blocks import block\n",
        blocks="def block():\n    import parts.dense as d\n    return d\n",
        parts__dense="import blocks\n",
        parts__other="",
        unrelated="import models\n",
    )
    assert ["blocks.py", "models.py", "parts/dense.py", "parts/other.py"] == names(tmp_path, "models.py", "models")


def test_a_package_counts_whole_and_with_its_neighbours(tmp_path):
    """Relative imports stay inside it; absolute ones may leave it."""
    write(
        tmp_path,
        **{"zoo/__init__": ""},
        zoo__nets="from . import extra\nimport shared\n",
        zoo__extra="",
        shared="x = 1\n",
    )
    assert ["shared.py", "zoo/__init__.py", "zoo/extra.py", "zoo/nets.py"] == names(tmp_path, "zoo/nets.py", "zoo.nets")


def test_a_file_that_is_no_python_counts_all_the_same(tmp_path):
    """Its trials fail, and mending it must train them again."""
    write(tmp_path, models="import broken\n", broken="def (:\n")
    assert ["broken.py", "models.py"] == names(tmp_path, "models.py", "models")


def test_a_change_in_a_helper_changes_the_signature(tmp_path):
    """So that no store serves what the old code trained."""
    write(tmp_path, models="from blocks import block\n", blocks="width = 1\n")
    architecture = Architecture("models:make", "models:make", None, tmp_path / "models.py")
    before = code_signature(architecture)
    write(tmp_path, blocks="width = 2\n")
    assert before != code_signature(architecture)


def test_a_builder_that_a_package_offers_counts_with_the_whole_package(tmp_path):
    """`zoo:make`, which `zoo/__init__.py` takes from a file of its own, and what lies beside the package."""
    write(tmp_path, **{"zoo/__init__": "from .nets import make\n"}, zoo__nets="import shared\n", shared="")
    assert ["shared.py", "zoo/__init__.py", "zoo/nets.py"] == names(tmp_path, "zoo/__init__.py", "zoo")


def test_an_installed_builder_counts_with_its_package_alone():
    """All that Python has lies beside it, and counts by its version: to read all that took minutes."""
    found = source_files(Path(json.__file__), "json")
    assert {Path(json.__file__).parent} == {path.parent for path in found}
    assert (Path(os.__file__),) == source_files(Path(os.__file__), "os")
