"""What the harness knows of backends, and which engine it takes on each."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from factories import cell

from bench.declare.schema import Backend as BackendName
from bench.execute.backends import BACKENDS, JAX, TENSORFLOW, TORCH, usual_backend
from bench.execute.choice import choose_engine, needs_survey
from bench.execute.worker.devices import nth_visible

CACHE = Path("/cache")


def test_every_backend_that_a_suite_may_name_is_known() -> None:
    """And no other."""
    assert set(BackendName.__args__) == set(BACKENDS)


def test_flags_of_the_users_own_come_first() -> None:
    """XLA takes the last of two equal ones, and whoever sets others keeps them."""
    variables = TENSORFLOW.server_variables({"TF_XLA_FLAGS": "--tf_xla_auto_jit=2"}, CACHE)
    assert "tensorflow" == variables["KERAS_BACKEND"]
    assert (
        "--tf_xla_auto_jit=2 --tf_xla_persistent_cache_directory=/cache "
        "--tf_xla_persistent_cache_device_types=CPU,GPU" == variables["TF_XLA_FLAGS"]
    )
    assert TENSORFLOW.server_variables({}, CACHE)["TF_XLA_FLAGS"].startswith("--tf_xla_persistent_cache_directory=")


def test_programs_of_jax_are_kept_where_the_user_says_or_else_in_the_cache() -> None:
    """JAX has a variable for it."""
    name = "JAX_COMPILATION_CACHE_DIR"
    assert "/cache" == JAX.server_variables({}, CACHE)[name]
    assert "/mine" == JAX.server_variables({name: "/mine"}, CACHE)[name]


def test_a_server_imports_its_own_backend_alone() -> None:
    """The others are not even named."""
    for backend in BACKENDS.values():
        assert {backend.name} == set(backend.preloaded) & BACKENDS.keys()


def test_what_is_not_installed_is_installed_by_an_extra() -> None:
    """TensorFlow comes with keras-bench."""
    assert "python3 -m pip install 'keras-bench[torch]'" == TORCH.install
    assert "python3 -m pip install 'tensorflow'" == TENSORFLOW.install


def test_errands_run_on_whatever_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without TensorFlow on the next one; where there is none, the message is about TensorFlow."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object() if name == "torch" else None)
    assert TORCH is usual_backend()
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert TENSORFLOW is usual_backend()


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_single_engine_is_not_measured(backend: str) -> None:
    """Unless equal weights are a promise, which is tried on the model itself."""
    auto, promise = cell(backend=backend, engine="auto"), cell(backend=backend, engine="auto-exact")
    assert not needs_survey(auto)
    assert needs_survey(promise)
    assert needs_survey(cell(backend=backend, engine="auto", deterministic=True))
    choice = choose_engine(auto, None, 100, exact=False)
    assert ("epoch", f"auto: the only engine of {BACKENDS[backend].title} beside fit") == (choice.name, choice.reason)
    assert "fit" == choose_engine(promise, None, 100, exact=False).name


def test_tensorflow_has_two_engines_to_choose_from() -> None:
    """So they are measured; `fit` needs no choice."""
    assert needs_survey(cell(engine="auto"))
    assert not needs_survey(cell(engine="fit"))


def test_an_engine_of_another_backend_is_replaced_with_the_reason() -> None:
    """`epoch-xla` is a program of TensorFlow."""
    choice = choose_engine(cell(backend="jax", engine="epoch-xla"), None, 100, exact=False)
    assert ("fit", "epoch-xla cannot train this cell: JAX has no engine of this name") == (choice.name, choice.reason)


@pytest.mark.parametrize(
    ("visible", "index", "expected"),
    [(None, 1, "1"), ("2,3", 1, "3"), ("GPU-a, GPU-b", 0, "GPU-a"), ("2", 1, "-1"), ("0,-1,1", 1, "-1")],
)
def test_a_gpu_is_one_of_those_that_the_user_lets_be_seen(visible: str | None, index: int, expected: str) -> None:
    """Another process may have the others."""
    assert expected == nth_visible(visible, index)
