"""What engines cost: steady epochs of each over those of `fit`, in turn in one run, on full MNIST.

`nox -s perf`, alone on the machine. Each round trains every engine once; a figure is the median of the rounds' ratios.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

import bench
from bench.execute.harness.launcher import WarmServer

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Figures
    from pytest_benchmark.fixture import BenchmarkFixture

SUITE = """
[suite]
name = "engines"
dataset = "mnist"
seeds = 1
epochs = 4
batch_size = {batch}
device = "{device}"
backend = "{backend}"
learning_rate = 0.1
[[grid]]
architecture = "{architecture}"
{parameters}
engine = {engines}
"""

DENSE = ("fit", "epoch", "epoch-xla")
OPEN = ("fit", "epoch", "auto")
"""Under XLA these take ten times as long on a processor and more, which `auto` finds out for itself."""


@dataclass(frozen=True)
class Case:
    """A network, and what is promised of it.

    Attributes:
        targets: of an engine's steady epochs over those of `fit`.
        utilisation: of `epoch-xla`, as a share of the fastest product seen on the device; what misses it is printed so.
    """

    name: str
    architecture: str
    parameters: str
    batch: int
    engines: tuple[str, ...]
    rounds: int
    targets: dict[str, float]
    utilisation: float | None = None
    device: str = "cpu"
    backend: str = "tensorflow"


CASES = [
    Case("128 hidden, batch 128", "mlp", "hidden = [[128]]", 128, DENSE, 5, {"epoch": 4.0}, 0.85),
    Case("128 hidden, batch 128, one thread", "mlp", "hidden = [[128]]", 128, DENSE, 3, {}, 0.85, "cpu[threads=1]"),
    Case("512-512 hidden, batch 128", "mlp", "hidden = [[512, 512]]", 128, DENSE, 3, {}, 0.80),
    Case("no hidden layer, batch 128", "softmax", "", 128, DENSE, 3, {}),
    Case("128 hidden, batch 32", "mlp", "hidden = [[128]]", 32, DENSE, 3, {}),
    Case("lenet5, batch 128", "lenet5", "", 128, OPEN, 3, {"auto": 1.0}),
    Case("cnn, batch 128", "cnn", "", 128, OPEN, 3, {"auto": 1.0}),
    *(
        Case(f"{title}, {name}", "mlp", "hidden = [[128]]", batch, ("fit", "epoch"), 3, targets, backend=backend)
        for title, backend, target in (("JAX", "jax", 3.0), ("PyTorch", "torch", 1.5))
        for name, batch, targets in (
            ("128 hidden, batch 128", 128, {"epoch": target}),
            ("128 hidden, batch 32", 32, {}),
        )
    ),
]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in; the user's own cache of data."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_engines_over_fit(benchmark: BenchmarkFixture, own_folder: Path, figures: Figures, case: Case) -> None:
    """Steady epochs, on all 60,000 images."""
    text = SUITE.format(
        batch=case.batch,
        architecture=case.architecture,
        parameters=case.parameters,
        engines=list(case.engines),
        device=case.device,
        backend=case.backend,
    )
    (own_folder / "cell.toml").write_text(text)
    ratios: dict[str, list[float]] = {engine: [] for engine in case.engines[1:]}
    seconds: dict[str, list[float]] = {engine: [] for engine in case.engines}
    utilisation, taken = [], set()

    def once() -> None:
        run = bench.run("cell.toml", fresh=True, progress=False)
        trials = run.trials()
        trials["declared"] = trials["cell_id"].str.extract(r"engine=([a-z-]+)", expand=False)
        epochs = run.epochs().merge(trials[["trial_id", "declared"]])
        steady = epochs[epochs["epoch"] > 1].groupby("declared")["train_time_s"].median()
        for engine, epoch_time_s in steady.items():
            seconds[engine].append(epoch_time_s)
        for engine, found in ratios.items():
            found.append(steady["fit"] / steady[engine])
        by_engine = trials.set_index("declared")
        if case.utilisation:
            utilisation.append(by_engine.loc["epoch-xla", "utilisation"])
        if "auto" in case.engines:
            taken.add(by_engine.loc["auto", "engine"])

    benchmark.pedantic(once, rounds=case.rounds)
    benchmark.extra_info.update({"ratios": ratios, "epoch_time_s": seconds, "utilisation": utilisation})
    figures.add(f"{case.name}: an epoch of `fit`", seconds["fit"], form="{:.2f} s")
    for engine, found in ratios.items():
        told = f"`{engine}` (took {', '.join(sorted(taken))})" if engine == "auto" else f"`{engine}`"
        figures.add(f"{case.name}: {told} over `fit`", found, target=case.targets.get(engine))
    if case.utilisation:
        figures.add(f"{case.name}: utilisation of `epoch-xla`", utilisation, target=case.utilisation, form="{:.0%}")


def test_where_an_epoch_goes(benchmark: BenchmarkFixture, figures: Figures) -> None:
    """The `epoch` program for 128 hidden, batch 128, built up part by part: what is left to save."""
    found: dict[str, list[float]] = {}

    def once() -> None:
        with WarmServer() as server:
            for name, part_s in server.call("ablation:ablation", ((128,), 128), timeout_s=300).items():
                found.setdefault(name, []).append(part_s)

    benchmark.pedantic(once, rounds=3)
    benchmark.extra_info["parts_s"] = found
    for name, seconds in found.items():
        figures.add(f"128 hidden, batch 128, an epoch of `epoch`: {name}", seconds, form="{:.3f} s")
