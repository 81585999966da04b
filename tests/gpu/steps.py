"""One step of `run.py` in a process of its own: `python steps.py STEP BACKEND DEVICE SIZE`.

Prints a JSON object: `checks` (name, whether it passed, what was seen) and `figures` (name, values, unit). What a step
asks is asked of the code that workers run.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.catalog.datasets import Arrays

ROUNDS = 3
"""Measurements of a figure."""

SEEDS = 8
"""Seeds in one program."""

CLOSE = 1e-3
"""How far apart weights may be where sums are added up in another order."""


@dataclass(frozen=True)
class Size:
    """How large everything is."""

    examples: int
    pixels: int
    hidden: int
    product: int


SIZES = {"gpu": Size(60_000, 784, 128, 8192), "pretended": Size(512, 64, 16, 256)}
BATCH = 128


@dataclass
class Report:
    """What a step has to say."""

    checks: list[tuple[str, bool, str]] = field(default_factory=list)
    figures: list[tuple[str, list[float], str]] = field(default_factory=list)

    def check(self, name: str, passed: bool, seen: str) -> None:  # noqa: FBT001  the outcome is the point
        """Note what was checked."""
        self.checks.append((name, bool(passed), seen))

    def figure(self, name: str, values: list[float], unit: str) -> None:
        """Note what was measured."""
        self.figures.append((name, values, unit))


def placement(report: Report, device: str, size: Size) -> None:
    """A model that is built on a device has all of its weights there, and its outputs."""
    import keras  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    from bench.declare.device import parse_device  # noqa: PLC0415
    from bench.execute.worker.runtimes import current  # noqa: PLC0415

    place = current().place(parse_device(device))
    with place.scope():
        model = keras.Sequential([keras.Input((size.pixels,)), keras.layers.Dense(size.hidden), keras.layers.Dense(10)])
        outputs = model(np.zeros((BATCH, size.pixels), np.float32))
        held = {_where(variable.value) for variable in model.variables} | {_where(outputs)}
    wanted = parse_device(device).kind
    record = place.device
    report.check("weights and outputs are on the device", held == {wanted}, ", ".join(sorted(held)))
    report.check(
        "the device has a name, and a GPU its memory and driver",
        wanted == "cpu" or bool(record.description and record.memory_bytes and record.driver),
        f"{record.name} {record.description} {record.memory_bytes} {record.driver}".strip(),
    )
    peak = place.peak_bytes()
    report.check("a GPU's peak memory is known", wanted == "cpu" or bool(peak), f"{peak} bytes")


def timing(report: Report, device: str, size: Size) -> None:
    """Four times the products take about four times as long, where the device is waited for."""
    import numpy as np  # noqa: PLC0415

    from bench.declare.device import parse_device  # noqa: PLC0415
    from bench.execute.worker.runtimes import current  # noqa: PLC0415
    from bench.execute.worker.speed.yardstick import fastest_product  # noqa: PLC0415

    runtime = current()
    place = runtime.place(parse_device(device))
    with place.scope():
        rng = np.random.default_rng(0)
        matrix = rng.random((size.product, size.product), dtype=np.float32)
        multiply = runtime.product_call(runtime.rate_sources()[-1], matrix, matrix, "float32")
        multiply()
        rounds = [(_timed(multiply, 8), _timed(multiply, 32)) for _ in range(ROUNDS)]
        rates = [2 * size.product**3 * 32 / many / 1e12 for _, many in rounds]
        yardsticks = [fastest_product(place, dtype).flops_per_s / 1e12 for dtype in ("float32", "bfloat16")]
    # whatever disturbs a round makes it longer
    few, many = map(min, zip(*rounds, strict=True))
    seen = f"32 products take {many / few:.2f} times as long as 8"
    report.check("the device is waited for", 2 < many / few < 8, seen)
    report.check("the rate of the device is measured", min(yardsticks) > 0, f"{yardsticks[0]:.3g} TFLOP/s")
    report.figure(f"products of {size.product} x {size.product}, float32", rates, "TFLOP/s")
    report.figure("fastest product, float32", yardsticks[:1], "TFLOP/s")
    report.figure("fastest product, bfloat16", yardsticks[1:], "TFLOP/s")


def engines(report: Report, device: str, size: Size) -> None:
    """`epoch` ends with the weights of `fit`, `fit` with its own when it is repeated; and what an epoch takes."""
    from trainings import task, train_unseen  # noqa: PLC0415

    arrays = _arrays(size)
    keys = {"device": device, "backend": os.environ["KERAS_BACKEND"], "epochs": 3, "batch_size": BATCH}
    keys |= {"parameters": {"hidden": [size.hidden]}, "deterministic": True}
    ends: dict[str, list[Any]] = {"fit": [], "epoch": []}
    for _ in range(ROUNDS):
        for engine, theirs in ends.items():
            theirs.append(train_unseen(arrays, task(arrays, "mlp", engine=engine, **keys)))
    bad = [end.ended.reason or end.ended.outcome.engine_reason for end in [*ends["fit"], *ends["epoch"]]
           if end.ended.status != "OK"]  # fmt: skip
    report.check("fit and epoch train", not bad, "; ".join(bad) or "every training is OK")
    if bad:
        return
    digests = {engine: {end.ended.outcome.weights_digest for end in theirs} for engine, theirs in ends.items()}
    used = {end.ended.outcome.engine for end in ends["epoch"]}
    reasons = {end.ended.outcome.engine_reason for end in ends["epoch"]}
    report.check("epoch trains and does not fall back", used == {"epoch"}, "; ".join(reasons))
    for engine, theirs in digests.items():
        report.check(f"{engine} repeats its own weights, deterministic", len(theirs) == 1, f"{len(theirs)} digests")
    apart = _apart(ends["fit"][0].weights, ends["epoch"][0].weights)
    equal = digests["fit"] == digests["epoch"]
    seen = "bit for bit" if equal else f"at most {apart:.2g} apart"
    report.check(f"epoch and fit agree within {CLOSE:g}", equal or apart < CLOSE, seen)
    times = {engine: [_steady(end) for end in theirs] for engine, theirs in ends.items()}
    name = f"{size.hidden} hidden, batch {BATCH}, deterministic"
    report.figure(f"{name}: an epoch of fit", times["fit"], "s")
    report.figure(f"{name}: an epoch of epoch", times["epoch"], "s")
    pairs = zip(times["fit"], times["epoch"], strict=True)
    report.figure(f"{name}: epoch over fit", [fit / epoch for fit, epoch in pairs], "x")


def memory(report: Report, device: str, size: Size) -> None:
    """Memory that cannot be had is an error that the runtime knows."""
    import keras  # noqa: PLC0415

    from bench.declare.device import parse_device  # noqa: PLC0415
    from bench.execute.worker.runtimes import current  # noqa: PLC0415

    runtime = current()
    place = runtime.place(parse_device(device))
    try:
        with place.scope():
            keras.ops.convert_to_numpy(keras.ops.ones((2**24, 2**20), "float32")[:1, :1])
            runtime.synchronise()
    except Exception as error:  # noqa: BLE001  which one is the question
        text = str(error).partition("\n")[0][:120]
        report.check("out of memory is recognised", runtime.ran_out_of_memory(error), f"{type(error).__name__}: {text}")
    else:
        report.check("out of memory is recognised", passed=False, seen="64 TiB were allocated")


def seeds(report: Report, device: str, size: Size) -> None:
    """Several seeds in one program, vectorised by JAX: each ends near where it ends on its own.

    An experiment of this script and no engine: seeds that share a program share its failures, time and memory.
    """
    import jax  # noqa: PLC0415
    import jax.numpy as jnp  # noqa: PLC0415
    import keras  # noqa: PLC0415
    import numpy as np  # noqa: PLC0415

    from bench.declare.device import parse_device  # noqa: PLC0415
    from bench.execute.worker.engines import ENGINES  # noqa: PLC0415
    from bench.execute.worker.runtimes import current  # noqa: PLC0415
    from bench.execute.worker.runtimes.jax.epoch import read_state  # noqa: PLC0415

    assert "epoch" in ENGINES

    current().place(parse_device(device))
    arrays = _arrays(size)
    x = jnp.asarray(arrays.x_train, jnp.float32)
    y = jnp.asarray(arrays.y_train, jnp.int32)
    steps = len(y) // BATCH
    models = []
    for seed in range(SEEDS):
        current().seed(seed)
        layers = [keras.layers.Dense(size.hidden, activation="relu"), keras.layers.Dense(10, activation="softmax")]
        model = keras.Sequential([keras.Input((size.pixels,)), *layers])
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        model.optimizer.build(model.trainable_variables)
        model._symbolic_build(data_batch=(np.zeros((BATCH, size.pixels), np.float32), np.zeros(BATCH, np.int32)))
        models.append(model)
    rng = np.random.default_rng(0)
    orders = jnp.asarray(np.stack([rng.permutation(len(y)).astype(np.int32) for _ in range(SEEDS)]))

    def epoch(state: Any, order: Any) -> Any:
        def step(index: Any, state: Any) -> Any:
            chosen = jax.lax.dynamic_slice_in_dim(order, index * BATCH, BATCH)
            _, after = models[0].train_step(state, (x[chosen], y[chosen]))
            return jax.tree.map(lambda old, new: jnp.asarray(new, old.dtype), state, tuple(map(list, after)))

        return jax.lax.fori_loop(0, steps, step, state)

    states = [read_state(model) for model in models]
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *states)
    alone, together = jax.jit(epoch), jax.jit(jax.vmap(epoch))
    single = [jax.block_until_ready(alone(state, order)) for state, order in zip(states, orders, strict=True)]
    fused = jax.block_until_ready(together(stacked, orders))
    apart = max(
        _apart(jax.tree.leaves(jax.tree.map(lambda leaf, at=index: leaf[at], fused[0])), jax.tree.leaves(one[0]))
        for index, one in enumerate(single)
    )
    report.check(f"{SEEDS} seeds in one program agree within {CLOSE:g}", apart < CLOSE, f"at most {apart:.2g} apart")
    ratios, times = [], []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for state, order in zip(states, orders, strict=True):
            jax.block_until_ready(alone(state, order))
        in_turn = time.perf_counter() - begun
        begun = time.perf_counter()
        jax.block_until_ready(together(stacked, orders))
        times.append(time.perf_counter() - begun)
        ratios.append(in_turn / times[-1])
    report.figure(f"{SEEDS} seeds in one program (not isolated): an epoch of all", times, "s")
    report.figure(f"{SEEDS} seeds in turn over {SEEDS} seeds in one program (not isolated)", ratios, "x")


def _where(array: Any) -> str:
    device = array.device if not hasattr(array, "devices") else next(iter(array.devices()))
    name = str(getattr(device, "platform", "") or getattr(device, "type", device))
    return "gpu" if name in {"cuda", "gpu", "rocm"} else name


def _timed(call: Callable[[], object], calls: int) -> float:
    begun = time.perf_counter()
    for _ in range(calls):
        call()
    return time.perf_counter() - begun


def _steady(end: Any) -> float:
    """Seconds of an epoch after the first."""
    return statistics.median(epoch.train_time_s for epoch in end.ended.outcome.epochs[1:])


def _apart(one: list[Any], other: list[Any]) -> float:
    import numpy as np  # noqa: PLC0415

    pairs = zip(map(np.asarray, one), map(np.asarray, other), strict=True)
    return max((float(np.abs(first - second).max()) for first, second in pairs), default=math.inf)


def _arrays(size: Size) -> Arrays:
    """Pictures that are made up, of ten classes that a small network can learn."""
    import numpy as np  # noqa: PLC0415

    from bench.catalog.datasets import Arrays  # noqa: PLC0415
    from bench.core.target import Task  # noqa: PLC0415

    rng = np.random.default_rng(0)
    y = rng.integers(0, 10, size.examples).astype(np.uint8)
    x = (rng.integers(0, 128, (10, size.pixels))[y] + rng.integers(0, 128, (len(y), size.pixels))).astype(np.uint8)
    test = min(1000, size.examples // 4)
    return Arrays(x_train=x, y_train=y, x_test=x[:test], y_test=y[:test], task=Task.CLASSES, names=tuple("0123456789"))


STEPS: dict[str, Callable[[Report, str, Size], None]] = {
    "placement": placement,
    "timing": timing,
    "memory": memory,
    "engines": engines,
    "seeds": seeds,
}


def main() -> None:
    """Do one step."""
    step, backend, device, size = sys.argv[1:]
    os.environ["KERAS_BACKEND"] = backend
    sys.path[:0] = [str(Path(__file__).parents[1])]
    report = Report()
    STEPS[step](report, device, SIZES[size])
    loaded = "tensorflow" in sys.modules
    report.check("TensorFlow is not imported", not loaded, "it is" if loaded else "it is not")
    print(json.dumps({"checks": report.checks, "figures": report.figures}))


if __name__ == "__main__":
    main()
