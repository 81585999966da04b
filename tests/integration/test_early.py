"""The warm server that a command starts before its own imports: it never outlives the command."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest
from commandline import bench_process, start_bench

SLOW = """
import os, time
from pathlib import Path
marker = Path(__file__).with_name("process")
marker.with_suffix(".new").write_text(str(os.getpid()))
marker.with_suffix(".new").rename(marker)
time.sleep(300)
"""
"""A package that says which process imports it, and keeps it."""

WITHIN_S = 60.0


@pytest.fixture
def packages(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a TensorFlow whose import does not end, searched first."""
    folder = own_folder / "packages"
    add(folder, "tensorflow")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), *sys.path]))
    return folder


def add(folder: Path, name: str) -> None:
    """Put a package into the folder whose import does not end."""
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text(SLOW)


def importing(folder: Path, name: str) -> psutil.Process:
    """The process that imports a package, once it does."""
    until = time.monotonic() + WITHIN_S
    marker = folder / name / "process"
    while not marker.exists():
        assert time.monotonic() < until
        time.sleep(0.01)
    return psutil.Process(int(marker.read_text()))


def test_a_wrong_suite_ends_it(packages: Path, own_folder: Path) -> None:
    """Exit code 2 as ever, and no process or folder is left."""
    (own_folder / "wrong.toml").write_text('[suite]\nname = "wrong"\nepochs = "many"\n')
    temporary = own_folder / "temporary"
    temporary.mkdir()
    done = bench_process("run", "wrong.toml", TMPDIR=str(temporary))
    assert 2 == done.returncode, done.stderr
    assert [] == list(temporary.iterdir())
    assert [] == [process for process in psutil.process_iter() if str(packages) in search_path(process)]


def search_path(process: psutil.Process) -> str:
    """Where a process looks for packages; empty where it does not say."""
    try:
        return process.environ().get("PYTHONPATH", "")
    except psutil.Error:
        return ""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_a_command_that_is_ended_while_it_imports(packages: Path, number: int) -> None:
    """By Ctrl-C, by `kill`, and by what cannot be handled: the server hears of it while it imports itself."""
    add(packages, "rich")  # the command alone imports it before TensorFlow is there
    with start_bench("run", "digits") as process:
        server, command = importing(packages, "tensorflow"), importing(packages, "rich")
        assert process.pid == command.pid == server.ppid()
        os.kill(process.pid, number)
        said = process.communicate(timeout=WITHIN_S)[0]
    assert process.returncode == (-number if number == signal.SIGKILL else 130), said
    _, alive = psutil.wait_procs([server], timeout=5)
    assert [] == alive
    assert not Path("reports").exists()


def test_it_is_the_server_that_trains(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run starts one warm server: the early one fits."""
    counting = own_folder / "packages" / "sitecustomize.py"
    counting.parent.mkdir()
    counting.write_text(
        "import sys\n"
        "if any('bench.execute.server' in word for word in sys.orig_argv):\n"
        f"    open({str(own_folder / 'started')!r}, 'a').write('server ')\n"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(counting.parent), *sys.path]))
    done = bench_process("run", "digits", "--seeds", "1", "-k", "softmax", "--set", "epochs=1", "--set", "engine=fit")
    assert 0 == done.returncode, done.stderr
    assert "server " == (own_folder / "started").read_text()
