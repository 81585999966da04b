"""Which code a trial was trained by."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from bench.catalog.registry import find_architecture
from bench.execute import environment
from bench.execute.environment import code_signature

BUILDER = "def make(input_shape, num_classes):\n    return {}\n"


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module of the user's, in a folder of their own."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    path = tmp_path / "own_builders.py"
    path.write_text(BUILDER.format(1))
    return path


def signature(module) -> str:
    return code_signature(find_architecture("own_builders:make", (str(module.parent),)))


def test_an_edited_builder_is_other_code(module):
    """In one process too: a notebook that runs a suite again after an edit trains the new builder."""
    before = signature(module)
    assert before == signature(module)
    module.write_text(BUILDER.format(2))
    assert before != signature(module)
    module.write_text(BUILDER.format(1))
    assert before == signature(module)


HARMLESS = {"failures", "logs", "memory", "messages", "phases", "processes", "stability", "survey", "weights", "worker"}
"""What a trial uses as well, and what changes none of its results."""


def test_every_module_that_decides_a_trial_is_part_of_its_key() -> None:
    """A trial is trained again when one of them has changed; whoever adds a module has to say which kind it is."""
    folder = Path(environment.__file__).parent
    reached, waiting = set(), ["training", "inspection"]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        names = {
            module.removeprefix("bench.execute.")
            for module in imported_by(folder / f"{name}.py")
            if module.startswith("bench.execute.")
        }
        waiting += [name for name in names if (folder / f"{name}.py").exists() and name not in reached]
    assert reached - HARMLESS == set(environment.DECISIVE_MODULES["bench.execute"])


TEXT = {"errors", "files", "formatting", "interrupts", "names", "resources", "score"}
"""What is written and printed; which of two values is better is read off a record, and not part of it."""


def test_every_value_at_the_bottom_that_decides_a_trial_is_part_of_its_key() -> None:
    """How true values are encoded and predictions decoded stands in core."""
    folder = Path(environment.__file__).parent
    paths = [*(folder / f"{name}.py" for name in environment.DECISIVE_MODULES["bench.execute"])]
    paths += sorted((folder / "engines").glob("*.py"))
    core = {
        name
        for path in paths
        for module in imported_by(path)
        for name in ([module.removeprefix("bench.core.")] if module.startswith("bench.core.") else [])
    } | {"trees"}  # imported as `from bench.core import trees`
    assert core - TEXT == set(environment.DECISIVE_MODULES["bench.core"])


def imported_by(path: Path) -> set[str]:
    """The modules that a file imports from."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
