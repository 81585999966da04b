"""What a whole suite costs: `bench run` beside the loop in plain Keras that a user would write instead.

`nox -s perf`, alone on the machine; half an hour, nearly all of it in the plain loops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
import scipy.stats
from loops import PLAIN, TUNER, wall_time_s

import bench
from bench.catalog.datasets import obtain

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Figures
    from pytest_benchmark.fixture import BenchmarkFixture

SEEDS, EPOCHS, BATCH = 5, 20, 32
"""Of the shipped suite `mnist-mlp`, but for the batch size."""

ROUNDS = 2

GRID = """
[suite]
name = "grid"
dataset = "mnist"
seeds = 1
epochs = 1
batch_size = 128
engine = "epoch"
[[grid]]
architecture = "mlp"
learning_rate = {rates}
"""

SIZES = (4, 8, 16, 32, 64)

BEFORE = ["start_time_s", "load_time_s", "build_time_s", "warmup_time_s", "compile_time_s"]
"""Columns: all that a trial takes before its first epoch."""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in; the user's own cache of data."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


OURS = [
    *("-m", "bench", "run", "mnist-mlp", "--fresh", "--seeds", SEEDS),
    *("--set", f"batch_size={BATCH}", "--set", "learning_rate=0.1"),
]
SUITE = "suite `mnist-mlp` at batch 32"


def ratios(slow: list[float], quick: list[float]) -> list[float]:
    """Round by round."""
    return [of_slow / of_quick for of_slow, of_quick in zip(slow, quick, strict=True)]


def test_suite_over_a_plain_loop(benchmark: BenchmarkFixture, own_folder: Path, figures: Figures) -> None:
    """The default suite's two models at batch 32, five seeds, twenty epochs: wall times of whole programs."""
    (own_folder / "plain.py").write_text(PLAIN)
    sizes = [obtain("mnist", base=own_folder).path, SEEDS, EPOCHS, BATCH]
    two = [*OURS, "--jobs", 2, "--set", "device=cpu[threads=1]"]
    # the engines of the two shapes with one thread: measured here, remembered below
    one_epoch = {"epochs": 1, "batch_size": BATCH, "learning_rate": 0.1, "device": "cpu[threads=1]"}
    bench.run("mnist-mlp", seeds=1, settings=one_epoch, progress=False)
    fixed: list[float] = []
    # of JAX and PyTorch the quicker one: an epoch of `fit` takes a tenth on JAX, see the rows of the engines
    backends = ("tensorflow", "jax")
    taken: dict[str, list[float]] = {side: [] for side in ("empty", "again", "two", *backends)}

    def once() -> None:
        empty = own_folder / f"empty-{len(taken['empty'])}"
        taken["empty"].append(wall_time_s([*OURS, "--reports", empty]))
        taken["again"].append(wall_time_s([*OURS, "--reports", empty]))
        fixed.extend(pd.read_csv(empty / "mnist-mlp" / "latest" / "results.csv")[BEFORE].sum(axis=1))
        taken["two"].append(wall_time_s(two))
        for backend in backends:
            taken[backend].append(wall_time_s(["plain.py", *sizes], KERAS_BACKEND=backend))

    benchmark.pedantic(once, rounds=ROUNDS)
    benchmark.extra_info["wall_time_s"] = taken

    def over(ours: str, other: str = "tensorflow") -> list[float]:
        return ratios(taken[other], taken[ours])

    figures.add(f"{SUITE}: plain Keras loop", taken["tensorflow"], form="{:.0f} s")
    figures.add(f"{SUITE}: plain Keras loop over `bench run`", over("again"), target=11.0)
    figures.add(f"{SUITE}: the same, engines measured in that run", over("empty"), target=10.0)
    figures.add(f"{SUITE}: the same with `--jobs 2`, one thread each", over("two"), target=15.0)
    figures.add(f"{SUITE}: the loop on the JAX backend over `bench run`", over("again", "jax"), target=3.0)
    figures.add(
        "before an MLP's first epoch: start, data, build, trace, compile (`auto`, in that suite)",
        fixed,
        target=1.2,
        at_most=True,
        form="{:.2f} s",
    )


def test_suite_over_keras_tuner(benchmark: BenchmarkFixture, own_folder: Path, figures: Figures) -> None:
    """The same trials by KerasTuner's grid search, which trains each of them once; our store is empty."""
    (own_folder / "tuner.py").write_text(TUNER)
    sizes = [obtain("mnist", base=own_folder).path, SEEDS, EPOCHS, BATCH]
    taken: dict[str, list[float]] = {"ours": [], "tuner": []}

    def once() -> None:
        empty = own_folder / f"empty-{len(taken['ours'])}"
        taken["ours"].append(wall_time_s([*OURS, "--reports", empty]))
        taken["tuner"].append(wall_time_s(["tuner.py", *sizes], KERAS_BACKEND="tensorflow"))

    benchmark.pedantic(once, rounds=1)
    benchmark.extra_info["wall_time_s"] = taken
    figures.add(
        f"{SUITE}: KerasTuner's grid search over `bench run`", ratios(taken["tuner"], taken["ours"]), target=10.0
    )


def test_cost_of_a_grid(benchmark: BenchmarkFixture, own_folder: Path, figures: Figures) -> None:
    """Grids of 4 to 64 cells of one epoch: what a trial costs beside its training, and what a cell more costs."""
    rates = [round(0.01 + 0.002 * index, 4) for index in range(max(SIZES))]
    for cells in SIZES:
        (own_folder / f"grid-{cells}.toml").write_text(GRID.format(rates=rates[:cells]))
    fixed: list[float] = []
    straight: list[float] = []
    each: list[float] = []

    def once() -> None:
        walls = []
        for cells in SIZES:
            run = bench.run(f"grid-{cells}.toml", fresh=True, progress=False)
            walls.append(run.result.run.wall_time_s)
            fixed.extend(run.trials()[BEFORE].sum(axis=1))
        line = scipy.stats.linregress(SIZES, walls)
        straight.append(line.rvalue**2)
        each.append(line.slope)

    benchmark.pedantic(once, rounds=ROUNDS)
    benchmark.extra_info.update({"r_squared": straight, "cell_time_s": each})
    figures.add(
        "before an MLP's first epoch: start, data, build, trace, compile (`epoch`)",
        fixed,
        target=1.2,
        at_most=True,
        form="{:.2f} s",
    )
    figures.add("wall time of a grid against 4 to 64 cells: R² of the line", straight, target=0.98, form="{:.4f}")
    figures.add("a cell more, one epoch of 128 hidden included", each, form="{:.2f} s")
