"""Which code a trial was trained by."""

from __future__ import annotations

import sys

import pytest

from bench.catalog.registry import find_architecture
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
