"""What engines cost, both sides in turn in one run: `epoch` against `fit`, and a suite against a plain loop in Keras.

`nox -s perf`, alone on the machine. Each round trains both sides once; the figure is the median of the rounds' ratios.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

import bench

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_benchmark.fixture import BenchmarkFixture

ROUNDS = 3

CELL = """
[suite]
name = "engines"
dataset = "mnist"
seeds = 1
epochs = 4
batch_size = {batch}
learning_rate = 0.1
[[grid]]
architecture = "{architecture}"
{parameters}
engine = ["fit", "epoch", "epoch-xla"]
"""

PLAIN = """
import time
begun = time.perf_counter()
import keras
import numpy as np
with np.load({path!r}) as file:
    arrays = {{name: file[name] for name in ("x_train", "y_train", "x_test", "y_test")}}
x, x_test = (arrays[name].reshape(-1, 28, 28, 1).astype("float32") / 255 for name in ("x_train", "x_test"))
y, y_test = (np.eye(10, dtype="float32")[arrays[name]] for name in ("y_train", "y_test"))
for hidden in ([], [128]):
    for seed in range({seeds}):
        keras.utils.set_random_seed(seed)
        layers = [keras.Input(x.shape[1:]), keras.layers.Flatten()]
        layers += [keras.layers.Dense(width, activation="relu") for width in hidden]
        model = keras.Sequential([*layers, keras.layers.Dense(10, activation="softmax")])
        model.compile(optimizer=keras.optimizers.SGD(0.1), loss="categorical_crossentropy", metrics=["accuracy"])
        model.fit(x, y, batch_size=32, epochs={epochs}, verbose=0)
        print(hidden, seed, model.evaluate(x_test, y_test, verbose=0)[1])
print("seconds", time.perf_counter() - begun)
"""


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in; the user's own cache of data."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("architecture", "parameters", "batch"),
    [
        ("softmax", "", 128),
        ("mlp", "hidden = [[128]]", 128),
        ("mlp", "hidden = [[512, 512]]", 128),
        ("mlp", "hidden = [[128]]", 32),
        ("lenet5", "", 128),
        ("cnn", "", 128),
    ],
    ids=["softmax-128", "128-128", "512x512-128", "128-32", "lenet5-128", "cnn-128"],
)
def test_engines_over_fit(
    benchmark: BenchmarkFixture, own_folder: Path, architecture: str, parameters: str, batch: int
) -> None:
    """Steady epochs of `epoch` and `epoch-xla` over those of `fit`, on all 60,000 images."""
    (own_folder / "cell.toml").write_text(CELL.format(architecture=architecture, parameters=parameters, batch=batch))
    ratios: dict[str, list[float]] = {"epoch": [], "epoch-xla": []}
    times: dict[str, list[float]] = {"fit": [], "epoch": [], "epoch-xla": []}

    def once() -> None:
        run = bench.run("cell.toml", fresh=True, progress=False)
        epochs = run.epochs().merge(run.trials()[["trial_id", "engine"]])
        steady = epochs[epochs["epoch"] > 1].groupby("engine")["train_time_s"].median()
        for engine, seconds in steady.items():
            times[engine].append(seconds)
        for engine, found in ratios.items():
            found.append(steady["fit"] / steady[engine])

    benchmark.pedantic(once, rounds=ROUNDS)
    benchmark.extra_info.update({"ratios": ratios, "epoch_time_s": times})
    told = ", ".join(f"{engine} {statistics.median(found):.3f} s" for engine, found in times.items())
    print(
        f"\n{told} per epoch; over fit:", {name: sorted(round(r, 2) for r in found) for name, found in ratios.items()}
    )


def test_suite_over_a_plain_loop(benchmark: BenchmarkFixture, own_folder: Path) -> None:
    """The default suite's two models at batch 32: wall time of a plain loop in Keras over that of `bench run`."""
    seeds, epochs = 1, 5
    data = bench.run("mnist-mlp", seeds=1, settings={"epochs": 1, "batch_size": 1024}, progress=False)
    assert () == data.result.run.notices
    from bench.catalog.datasets import obtain  # noqa: PLC0415

    path = obtain("mnist", base=own_folder).path
    (own_folder / "plain.py").write_text(PLAIN.format(path=str(path), seeds=seeds, epochs=epochs))
    ours = [sys.executable, "-m", "bench", "run", "mnist-mlp", "--fresh", "--seeds", str(seeds)]
    ours += ["--set", f"epochs={epochs}", "--set", "batch_size=32", "--set", "learning_rate=0.1"]
    ratios = []

    def once() -> None:
        begun = time.perf_counter()
        subprocess.run([sys.executable, "plain.py"], check=True, capture_output=True)
        between = time.perf_counter()
        subprocess.run(ours, check=True, capture_output=True)
        ratios.append((between - begun) / (time.perf_counter() - between))

    benchmark.pedantic(once, rounds=ROUNDS)
    benchmark.extra_info["ratios"] = ratios
    print("\nplain loop over bench run, both models, 1 seed, 5 epochs:", [round(ratio, 2) for ratio in sorted(ratios)])
