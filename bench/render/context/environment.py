"""Where a run was made and on what data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import MISSING, compact, count, number, plural, size
from bench.render.context.values import Table
from bench.render.datasets import done_texts, split_text, target_text
from bench.render.origin import environment_origin
from bench.render.words import example_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.record.records import DatasetRecord, Environment, RunRecord, RunResult, Yardstick

GIGA = 1e9


def environment_rows(result: RunResult) -> tuple[tuple[str, str], ...]:
    """Host, versions, and how fast the devices multiply, as label and value."""
    run = result.run
    host, origin = run.environment, environment_origin(result)
    recorded = [("Recorded by", origin)] if origin else []
    if host is None:
        return tuple(recorded)
    rows = [
        *recorded,
        ("Host", host.hostname),
        ("Platform", host.platform),
        ("Processor", f"{host.cpu_model}, {plural(host.cores, 'core')}, {host.usable_cores} usable"),
        *(
            [("Processor details", ", ".join(f"{name} {value}" for name, value in host.processor.items()))]
            if host.processor
            else []
        ),
        ("Memory", size(host.memory_bytes)),
        ("Devices", ", ".join(filter(None, (_device(host, index) for index in range(len(host.devices))))) or MISSING),
        ("Python", host.python),
        ("keras-bench", run.bench_version or MISSING),
        ("Git", _git(host)),
        *_yardsticks(result),
        *sorted(host.variables.items()),
    ]
    return tuple(rows)


def _yardsticks(result: RunResult) -> Iterator[tuple[str, str]]:
    """What utilisation is a share of, for each device and precision of the run's trials."""
    fastest: dict[tuple[str, str], Yardstick] = {}
    for trial in result.trials:
        yardstick = trial.outcome.speed.yardstick
        if yardstick is not None:
            key = (trial.cell.device, yardstick.dtype)
            fastest[key] = max(
                fastest.get(key, yardstick),
                yardstick,
                key=lambda candidate: (not candidate.doubts, candidate.flops_per_s),
            )
    for (device, dtype), best in fastest.items():
        shape = " x ".join(map(str, best.shape))
        rate = f"{compact(best.flops_per_s / GIGA)} GFLOP/s by {best.source}: {shape}, {dtype}"
        threads = f", {plural(best.threads, 'thread')}" if device.startswith("cpu") else ""
        doubt = " (disturbed while it was measured, so utilisation is not given)" if best.doubts else ""
        yield f"Fastest product on {device}", f"{rate}{threads}{doubt}"


def packages(run: RunRecord) -> Table:
    """The versions that a result depends on."""
    packages = sorted(run.environment.packages.items()) if run.environment else []
    return Table(
        columns=("package", "version"),
        rows=tuple(packages),
        names=2,
    )


def cpu_flags(run: RunRecord) -> str:
    """One line; empty where unknown."""
    return " ".join(run.environment.cpu_flags) if run.environment else ""


def datasets(run: RunRecord) -> Table:
    """The data as it was trained on; earlier versions did not record what the inputs are, and have no column of it."""
    recorded = any(data.low is not None for data in run.datasets)
    examples = f"{example_word(run.datasets)}s"
    inputs = ("training inputs",) if recorded else ()
    counts = (f"training {examples}", f"test {examples}")
    return Table(
        columns=("data set", *counts, "shape", *inputs, "target", "source", "SHA-256 of the arrays"),
        rows=tuple(_dataset_row(data, recorded=recorded) for data in run.datasets),
    )


def _device(host: Environment, index: int) -> str:
    device = host.devices[index]
    parts = [part for part in (device.description, size(device.memory_bytes)) if part not in {"", MISSING}]
    return f"{device.name} ({', '.join(parts)})" if parts else device.name


def _git(host: Environment) -> str:
    if host.git_revision is None:
        return "not a git checkout"
    return f"{host.git_revision} (with uncommitted changes)" if host.git_dirty else host.git_revision


def _values(data: DatasetRecord) -> str:
    """`whole numbers from 0 to 255`."""
    if data.low is None or data.high is None:
        return MISSING
    if data.whole:
        return f"whole numbers from {count(data.low)} to {count(data.high)}"
    return f"numbers from {number(data.low)} to {number(data.high)}"


def _dataset_row(data: DatasetRecord, *, recorded: bool) -> tuple[str, ...]:
    digest = data.sha256 if data.pinned else f"{data.sha256} (not pinned)"
    inputs = (_values(data),) if recorded else ()
    counts = (count(data.train_images), count(data.test_images))
    source = data.source + split_text(data.preparation)
    source = "; ".join((source, *done_texts(data.preparation, weighted=data.weighted)))
    return (data.name, *counts, _shape(data), *inputs, target_text(data.target), source, digest)


def _shape(data: DatasetRecord) -> str:
    """`28 x 28 x 1`; of several inputs each with its name."""
    if data.inputs:
        return ", ".join(f"{name} {_lengths(shape)}" for name, shape in data.inputs.items())
    return _lengths(data.image_shape)


def _lengths(shape: tuple[int, ...]) -> str:
    return " x ".join(str(length) for length in shape) or "1"
