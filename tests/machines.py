"""Runs on agents of this machine: for the tests of many machines, and as a process of its own that is killed."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.commands.nodes import Nodes
from bench.commands.request import RunRequest
from bench.commands.run import run_suite
from bench.commands.workspace import Workspace
from bench.execute.cluster.transports.processes import ProcessTransport
from bench.render.terminal import PlainDisplay, make_console
from bench.results import Run

MARK = "BENCH_TEST_OF_MACHINES"
"""A variable that all processes of a test have in their environment."""

BUILDERS = """
import os, signal, time
import keras

from parts import dense

def net(input_shape, num_classes, units=8):
    return keras.Sequential([keras.Input(input_shape), keras.layers.Flatten(), *dense(units, num_classes)])

def slow(input_shape, num_classes):
    time.sleep(2.0)
    return net(input_shape, num_classes)

def killed(input_shape, num_classes):
    # the look at the model goes well, and so the trial itself is what ends its worker
    if os.path.exists("looked"):
        os.kill(os.getpid(), signal.SIGKILL)
    open("looked", "w").close()
    return net(input_shape, num_classes)
"""

PARTS = """
import keras

def dense(units, classes):
    return [keras.layers.Dense(units, activation="relu"), keras.layers.Dense(classes, activation="softmax")]
"""

SUITE = """
[suite]
name = "many"
dataset = "digits"
epochs = 2
seeds = {seeds}
engine = "{engine}"
{further}
[architectures.{name}]
builder = "mine:{name}"
"""


def write_suite(folder: Path, name: str = "net", *, seeds: int = 2, engine: str = "auto", further: str = "") -> Path:
    """A suite of one cell with a builder of the user's own, which imports from beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mine.py").write_text(BUILDERS)
    (folder / "parts.py").write_text(PARTS)
    suite = folder / "bench.toml"
    suite.write_text(SUITE.format(name=name, seeds=seeds, engine=engine, further=further))
    return suite


def marked(mark: str) -> list[psutil.Process]:
    """The processes that have a mark in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and process.environ().get(MARK) == mark:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


class Told(PlainDisplay):
    """A display that also tells a test of trials that start, and keeps what was said."""

    def __init__(self, on_start: Callable[[str], None] | None = None) -> None:
        super().__init__(make_console())
        self.warnings: list[str] = []
        self._on_start = on_start

    def warn(self, text: str) -> None:
        """Keep a warning."""
        self.warnings.append(text)
        super().warn(text)

    def started(self, trial_id: str, name: str, epochs: int) -> None:
        """Tell of a trial."""
        if self._on_start is not None:
            self._on_start(name)


class Machines:
    """Agents of this machine, started anew for each run.

    Args:
        nodes: by name, the variables that its environment has beside those of this process.
    """

    def __init__(self, **nodes: dict[str, str]) -> None:
        self._nodes = nodes
        self.transport: ProcessTransport | None = None

    @contextmanager
    def reach(self) -> Iterator[ProcessTransport]:
        """The agents."""
        self.transport = ProcessTransport(self._nodes)
        try:
            yield self.transport
        finally:
            self.transport.close()


def run(
    suite: Path, reports: Path, machines: Machines | None = None, display: Told | None = None, *, jobs: int = 1
) -> Run:
    """Train a suite on machines, or on this one."""
    nodes = None if machines is None else Nodes(reach=machines.reach)
    request = RunRequest(suite=str(suite), workspace=Workspace(reports), nodes=nodes, jobs=jobs)
    return run_suite(request, display or Told())


if __name__ == "__main__":
    place = Path(sys.argv[1])
    told = Told(lambda name: print(f"started {name}", flush=True))
    run(write_suite(place, "slow", seeds=20, engine="fit"), place / "reports", Machines(one={}, two={}), told)
    time.sleep(60)
