"""The hyperparameters of a builder are read from its source, so that a suite's names are checked without running it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.catalog.registry import UnknownReferenceError, find_architecture
from bench.core.errors import SuiteError
from bench.declare.parse import parse_suite


def parameters(folder: Path, source: str) -> set[str] | None:
    (folder / "tuned_models.py").write_text(source)
    known = find_architecture("tuned_models:build", (str(folder),)).parameters
    return None if known is None else set(known)


@pytest.mark.parametrize(
    ("source", "known"),
    [
        ("def build(hp): hp.Int('units', 32, 128); hp.Float(name='rate', min_value=0, max_value=1)", {"units", "rate"}),
        ("def build(hp, input_shape, num_classes): hp.Choice('kind', ['a', 'b'])", {"kind"}),
        ("def build(hp, input_shape, num_classes, *, depth=2): hp.Boolean('norm')", {"norm", "depth"}),
        ("def build(search: keras_tuner.HyperParameters): search.Fixed('seed', 1)", {"seed"}),
        ("def build(search: 'HyperParameters'): search.Int('units', 1, 2)", {"units"}),
        ("def build(hp):\n  with hp.conditional_scope('kind', ['cnn']): hp.Int('filters', 1, 2)", {"filters"}),
        ("def build(hp): return [hp.Int(f'units_{i}', 1, 2) for i in range(3)]", None),
        ("def build(hp): return block(hp)", None),
        ("def build(hp):\n  with hp.name_scope('head'): hp.Int('units', 1, 2)", None),
        ("def build(hp: tuple, num_classes, depth): hp.index('units')", {"depth"}),
    ],
)
def test_hyperparameters_are_parameters(tmp_path: Path, source: str, known: set[str] | None) -> None:
    """Those with a plain name are; where a name is made, or asked for elsewhere, only the worker can tell."""
    assert known == parameters(tmp_path, source)


def test_a_builder_of_hyperparameters_and_one_more_argument_is_refused(tmp_path: Path) -> None:
    """Nobody could say what the second argument is."""
    with pytest.raises(UnknownReferenceError, match=r"build\(hp\), or build\(hp, input_shape, num_classes, \.\.\.\)"):
        parameters(tmp_path, "def build(hp, input_shape): ...")


def test_a_plan_helps_with_the_name_of_a_hyperparameter(tmp_path: Path) -> None:
    """As with every other parameter of a builder."""
    (tmp_path / "tuned_models.py").write_text("def build(hp): hp.Int('units', 32, 128)")
    suite = '[suite]\nname = "t"\n[[grid]]\narchitecture = "tuned_models:build"\nunit = [32, 64]\n'
    with pytest.raises(SuiteError, match="units"):
        parse_suite(suite, base=tmp_path, origin="suite.toml")
    right = parse_suite(suite.replace("unit ", "units "), base=tmp_path, origin="suite.toml")
    assert (32, 64) == right.grids[0].axes["units"]
