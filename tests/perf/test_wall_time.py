"""How much of the wall time is training, and what a trial costs beside it.

`nox -s perf`, alone on the machine; a quarter of an hour, half of it in the plain loops.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from loops import PLAIN, wall_time_s

import bench
from bench.catalog.datasets import obtain

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Figures
    from pytest_benchmark.fixture import BenchmarkFixture

ROUNDS = 3

FURTHER = """
[suite]
name = "further"
dataset = "mnist"
seeds = 6
epochs = 2
batch_size = 128
learning_rate = 0.1
[[include]]
architecture = "mlp"
hidden = [128]
engine = "epoch"
[[include]]
architecture = "mlp"
hidden = [128]
engine = "fit"
"""

SMALL = ("2", "6", "32")
"""Seeds, epochs and batch size of two networks: so small that what comes before the training is most of it."""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in; the user's own cache of data."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("suite", "target", "rounds"), [("mnist-mlp", 0.60, 3), ("mnist-grid", 0.75, 1)])
def test_share_of_the_wall_time_in_epochs(  # noqa: PLR0917  fixtures and parameters
    benchmark: BenchmarkFixture, own_folder: Path, figures: Figures, suite: str, target: float, rounds: int
) -> None:
    """From an empty store, so that the engines are measured as well; the whole process is timed."""
    shares: list[float] = []
    walls: list[float] = []

    def once() -> None:
        reports = own_folder / f"{suite}-{len(walls)}"
        walls.append(wall_time_s(["-m", "bench", "run", suite, "--reports", reports]))
        (run,) = [path for path in (reports / suite).iterdir() if path.is_dir() and not path.is_symlink()]
        shares.append(bench.load(run).trials()["train_time_s"].sum() / walls[-1])

    benchmark.pedantic(once, rounds=rounds)
    benchmark.extra_info["wall_time_s"] = walls
    figures.add(f"`{suite}`, empty store: share of wall time in epochs", shares, target=target, form="{:.0%}")
    figures.add(f"`{suite}`, empty store: wall time", walls, form="{:.0f} s")


def test_cost_of_a_further_trial(benchmark: BenchmarkFixture, own_folder: Path, figures: Figures) -> None:
    """All but the epochs of a trial whose program an earlier one has made, over an epoch of `fit` in the same run."""
    (own_folder / "further.toml").write_text(FURTHER)
    ratios: list[float] = []
    costs: list[float] = []

    def once() -> None:
        trials = bench.run("further.toml", fresh=True, progress=False).trials()
        further = trials[(trials["engine"] == "epoch") & (trials["program_of"] != "")]
        cost = (further["start_time_s"] + further["total_time_s"] - further["train_time_s"]).median()
        costs.append(cost)
        ratios.append(cost / trials[trials["engine"] == "fit"]["epoch_time_s"].median())

    benchmark.pedantic(once, rounds=ROUNDS)
    name = "a further trial of a group, 128 hidden, batch 128"
    figures.add(f"{name}: all but its epochs", costs, form="{:.2f} s")
    figures.add(f"{name}: the same over an epoch of `fit`", ratios, target=0.4, at_most=True)


def test_small_suite_over_plain_loops(benchmark: BenchmarkFixture, own_folder: Path, figures: Figures) -> None:
    """Two networks, two seeds, six epochs, batch 32: all of both processes, start and report included."""
    (own_folder / "plain.py").write_text(PLAIN)
    seeds, epochs, batch = SMALL
    plain = ["plain.py", obtain("mnist", base=own_folder).path, *SMALL]
    ours = ["-m", "bench", "run", "mnist-mlp", "--seeds", seeds, "--set", f"epochs={epochs}"]
    ours += ["--set", f"batch_size={batch}", "--set", "learning_rate=0.1"]
    taken: dict[str, list[float]] = {"ours": [], "tensorflow": [], "jax": []}

    def once() -> None:
        taken["ours"].append(wall_time_s([*ours, "--reports", own_folder / f"empty-{len(taken['ours'])}"]))
        for backend in ("tensorflow", "jax"):
            taken[backend].append(wall_time_s(plain, KERAS_BACKEND=backend))

    benchmark.pedantic(once, rounds=ROUNDS)
    benchmark.extra_info["wall_time_s"] = taken
    name = "2 networks, 2 seeds, 6 epochs, batch 32, empty store"
    for backend, target in (("tensorflow", 4.5), ("jax", 2.0)):
        ratios = [plain_s / ours_s for plain_s, ours_s in zip(taken[backend], taken["ours"], strict=True)]
        figures.add(f"{name}: plain loop ({backend}) over `bench run`", ratios, target=target)
    figures.add(f"{name}: `bench run`", taken["ours"], form="{:.1f} s")
