"""What the harness itself costs: start-up, planning, and what it adds to a run.

`nox -s perf`, alone on the machine. Targets stand beside the figures and fail nothing: a shared machine may be slow.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

import bench
from bench.execute.harness.launcher import WarmServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Figures
    from pytest_benchmark.fixture import BenchmarkFixture

BIG = """
[suite]
name = "big"
dataset = "mnist"
seeds = 1
[[grid]]
architecture = "mlp"
layers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
nodes = [8, 16, 24, 32, 40, 48, 56, 64, 72, 80]
learning_rate = [0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1]
batch_size = [8, 16, 24, 32, 40, 48, 56, 64, 72, 80]
epochs = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
"""

LONG = """
[suite]
name = "long"
dataset = "digits"
seeds = 3
epochs = 250
[[grid]]
architecture = "mlp"
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture(scope="module")
def server() -> Iterator[WarmServer]:
    """A warm server."""
    with WarmServer() as server:
        server.ready()
        yield server


def command(*words: str) -> None:
    """Run `bench` to its end, output thrown away."""
    subprocess.run([sys.executable, "-m", "bench", *words], check=True, stdout=subprocess.DEVNULL)


def test_help(benchmark: BenchmarkFixture) -> None:
    """`bench --help`, the whole process; target 0.4 s."""
    benchmark.extra_info["target_s"] = 0.4
    benchmark.pedantic(command, args=("--help",), rounds=10, warmup_rounds=1)


def test_plan_of_100_000_cells(benchmark: BenchmarkFixture, own_folder: Path, figures: Figures) -> None:
    """`bench plan` of 100,000 cells, the whole process."""
    (own_folder / "big.toml").write_text(BIG)
    taken: list[float] = []
    peaks: list[float] = []

    def plan() -> None:
        begun = time.perf_counter()
        with subprocess.Popen(
            [sys.executable, "-m", "bench", "plan", "big.toml"], stdout=subprocess.DEVNULL
        ) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        taken.append(time.perf_counter() - begun)
        peaks.append(usage.ru_maxrss * 1024 / 1e6)

    benchmark.pedantic(plan, rounds=5, warmup_rounds=1)
    figures.add("plan of 100,000 cells", taken[1:], target=4.0, at_most=True, form="{:.2f} s")
    figures.add("plan of 100,000 cells: peak memory", peaks[1:], target=400.0, at_most=True, form="{:.0f} MB")


def test_trial_start(benchmark: BenchmarkFixture, server: WarmServer) -> None:
    """From the decision to a worker's answer, with the server warm; target 0.3 s."""
    benchmark.extra_info["target_s"] = 0.3
    benchmark.pedantic(
        server.call,
        args=("bench.execute.worker.errands:devices", None),
        kwargs={"timeout_s": 60},
        rounds=20,
        warmup_rounds=2,
    )


def test_overhead_of_a_run(benchmark: BenchmarkFixture, own_folder: Path) -> None:
    """What a run takes beside its trials and the warm-up; target 3 % of the run on trials of 5 s or more."""
    (own_folder / "long.toml").write_text(LONG)
    shares = []

    def run() -> None:
        done = bench.run("long.toml", fresh=True, progress=False)
        spent = done.trials()["total_time_s"].sum()
        wall = done.result.run.wall_time_s
        shares.append((wall - spent - done.result.run.warmup_time_s) / wall)

    benchmark.pedantic(run, rounds=3)
    benchmark.extra_info["overhead_share"] = max(shares)
    print(f"\nharness overhead of runs of three trials: {', '.join(f'{share:.1%}' for share in shares)} (target 3 %)")


LIBRARIES = "import pandas, matplotlib.pyplot, scipy.stats, sqlalchemy"
"""What a report and a store are made with."""


def test_nothing_to_train(benchmark: BenchmarkFixture, figures: Figures) -> None:
    """`bench run` of what the store holds, with its report, over the imports that these need; both whole processes."""
    words = ("run", "digits", "--seeds", "2", "--set", "epochs=2")
    command(*words)
    ours: list[float] = []
    theirs: list[float] = []

    def once() -> None:
        for taken, line in ((ours, ["-m", "bench", *words]), (theirs, ["-c", LIBRARIES])):
            begun = time.perf_counter()
            subprocess.run([sys.executable, *line], check=True, stdout=subprocess.DEVNULL)
            taken.append(time.perf_counter() - begun)

    benchmark.pedantic(once, rounds=7, warmup_rounds=1)
    ratios = [slow / quick for slow, quick in zip(ours, theirs, strict=True)]
    figures.add("run with nothing to train, its report included", ours[1:], form="{:.2f} s")
    name = f'run with nothing to train / `python -c "{LIBRARIES}"`'
    figures.add(name, ratios[1:], target=2.5, at_most=True, form="{:.2f} times")
