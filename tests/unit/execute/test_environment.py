"""Which code a trial was trained by."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from bench.catalog.registry import find_architecture
from bench.execute import environment
from bench.execute.environment import code_signature, environment_signature, read_environment

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


HARMLESS = {"failures", "held", "messages", *environment.HARMLESS_MODULES}
"""What a trial uses as well, and what changes none of its results; the files of `system` neither."""


def test_every_module_that_decides_a_trial_is_part_of_its_key() -> None:
    """A trial is trained again when one of them has changed; whoever adds a module has to say which kind it is."""
    folder = Path(environment.__file__).parent
    reached = {
        module.removeprefix("bench.execute.")
        for path in environment.worker_files()
        for module in imported_by(path)
        if module.startswith("bench.execute.")
    }
    beside = {module for module in reached if not module.startswith(("worker.", "system."))}
    beside.add("backends")  # the server reads it
    assert beside - HARMLESS == set(environment.DECISIVE_MODULES["bench.execute"])
    rooms = {path.stem for path in (folder / "worker").iterdir()}
    assert set(environment.HARMLESS_MODULES) < rooms


TEXT = {"errors", "files", "formatting", "interrupts", "names", "resources", "score", "scores"}
"""What is written and printed; which of two values is better is read off a record, and not part of it."""


def test_every_value_at_the_bottom_that_decides_a_trial_is_part_of_its_key() -> None:
    """How true values are encoded and predictions decoded stands in core."""
    folder = Path(environment.__file__).parent
    paths = [*(folder / f"{name}.py" for name in environment.DECISIVE_MODULES["bench.execute"])]
    paths += environment.worker_files()
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


@pytest.fixture
def versions(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, str]:
    """The versions of all packages, to be changed; no configuration file of Keras."""
    versions = dict.fromkeys(("tensorflow", "keras", "numpy", "jax", "jaxlib", "torch"), "1.0")
    monkeypatch.setattr(environment, "_version", versions.get)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    return versions


@pytest.mark.parametrize(("package", "backend"), [("jax", "jax"), ("jaxlib", "jax"), ("torch", "torch")])
def test_another_version_of_a_backend_is_another_trial(versions: dict[str, str], package: str, backend: str) -> None:
    """Of those that are trained by it, and of no other; it is recorded with the run."""
    plain, own = environment_signature("tensorflow"), environment_signature(backend)
    assert own != plain
    assert plain == environment_signature()
    versions[package] = "2.0"
    assert plain == environment_signature("tensorflow")
    assert own != environment_signature(backend)
    assert "2.0" == read_environment((), Path(), [backend]).packages[package]
    assert package not in read_environment((), Path()).packages


def test_variables_of_a_backend_decide_its_trials_alone(versions, monkeypatch: pytest.MonkeyPatch) -> None:
    """JAX computes in double precision where a variable says so."""
    plain, own = environment_signature("tensorflow"), environment_signature("jax")
    monkeypatch.setenv("JAX_ENABLE_X64", "1")
    assert plain == environment_signature("tensorflow")
    assert own != environment_signature("jax")


@pytest.mark.parametrize("name", ["KERAS_MAX_EPOCHS", "NVIDIA_TF32_OVERRIDE", "ONEDNN_DEFAULT_FPMATH_MODE"])
def test_variables_that_change_what_is_trained_are_part_of_the_key(versions, monkeypatch, name: str) -> None:
    """Where they are set."""
    before = environment_signature()
    monkeypatch.setenv(name, "1")
    assert before != environment_signature()


@pytest.mark.parametrize(
    ("text", "same"),
    [
        (
            '{"floatx": "float32", "epsilon": 1e-07, "backend": "tensorflow", "image_data_format": "channels_last"}',
            True,
        ),
        ('{"epsilon": 0.001}', False),
        ('{"floatx": "float64"}', False),
        ("[" * 5000, True),
        ("nonsense", True),
    ],
)
def test_what_the_configuration_file_of_keras_says_is_part_of_the_key(
    versions, tmp_path, text: str, *, same: bool
) -> None:
    """Where it is not what Keras does anyway."""
    before = environment_signature()
    (tmp_path / "keras.json").write_text(text)
    assert same == (before == environment_signature())
