"""Which backend is started before a suite is checked, and that its process is over when nobody took it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.commands.early import LARGEST_BYTES, early_server, plain_backend
from bench.commands.workspace import Workspace

SUITE = """
[suite]
name = "early"
{keys}
[[grid]]
architecture = "mlp"
{axes}
"""


@pytest.mark.parametrize(
    ("keys", "axes", "overrides", "backend"),
    [
        ("", "", [], "tensorflow"),
        ('backend = "torch"', "", [], "torch"),
        ('backend = "torch"', "", ["epochs=1", " backend = jax"], "jax"),
        ("", "", ["backend='jax'"], "jax"),
        ("", 'backend = ["tensorflow", "jax"]', [], None),
        ('backend = ["tensorflow", "jax"]', "", [], None),
        ('backend = "theano"', "", [], None),
        ("", "", ["backend"], None),
        ("", "[architectures.own]\nbackend = 'jax'", [], None),
        ("", "[[include]]\nbackend = 'jax'", [], None),
        ("", "[architectures]\nown = 1", ["backend=torch"], "torch"),
        ("no TOML", "", [], None),
        (f"# {'x' * LARGEST_BYTES}", "", [], None),
    ],
)
def test_a_suite_of_one_backend_is_known_by_its_text(
    keys: str, axes: str, overrides: list[str], backend: str | None
) -> None:
    """Where there may be several, or it is not plain, nothing is started early."""
    Path("bench.toml").write_text(SUITE.format(keys=keys, axes=axes))
    assert backend == plain_backend(None, overrides)


def test_the_suite_is_the_one_that_is_run() -> None:
    """A shipped one by name, that of the project, or none."""
    assert "tensorflow" == plain_backend("digits", [])
    assert "tensorflow" == plain_backend(None, [])
    Path("pyproject.toml").write_text('[tool.bench.suite]\nname = "own"\nbackend = "jax"\n')
    assert "jax" == plain_backend(None, [])
    assert plain_backend("nowhere", []) is None
    Path("bench.toml").write_text("suite = 1")
    assert plain_backend(None, []) is None


def test_nothing_is_started_where_the_store_may_hold_everything() -> None:
    """A file that is there already, or a database on a server; with --fresh all is trained."""
    Path("reports").mkdir()
    Path("reports/bench.db").touch()
    for workspace in (Workspace(), Workspace(store="postgresql://somewhere/bench")):
        with early_server("digits", [], workspace, fresh=False) as started:
            assert started is None
    with early_server("digits", [], Workspace(), fresh=True) as started:
        assert started is not None


def test_a_process_that_nobody_took_ends_with_the_command() -> None:
    """However the command ends."""
    with pytest.raises(KeyboardInterrupt), early_server("digits", [], Workspace(), fresh=False) as started:  # noqa: PT012
        assert started is not None
        assert started.process.poll() is None
        raise KeyboardInterrupt
    assert started is not None
    assert started.process.poll() is not None
    assert not started.folder.exists()


def test_what_cannot_be_started_early_is_left_to_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what is wrong."""
    monkeypatch.setattr("subprocess.Popen", _refuse)
    with early_server("digits", [], Workspace(), fresh=False) as started:
        assert started is None


def _refuse(*_: object, **__: object) -> None:
    raise BlockingIOError(11, "Resource temporarily unavailable")


LIGHT = """
import sys
import bench.commands.early
print(sorted({"numpy", "pandas", "pydantic", "scipy", "sqlalchemy", "rich", "psutil"} & set(sys.modules)))
"""


def test_what_starts_it_imports_nothing_that_takes_a_while() -> None:
    """It would come before the start that it is to bring forward."""
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    assert "[]" == done.stdout.strip()
