"""Settling `--jobs auto`, before anything else is looked at."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bench.commands.plan import declare
from bench.core.errors import BenchError
from bench.declare.device import parse_device
from bench.declare.jobs import AUTO, SINGLE, Jobs, candidates, jobs_for, paying, worth_measuring
from bench.declare.locate import load_suite

if TYPE_CHECKING:
    from bench.commands.request import RunRequest


def settle_jobs(request: RunRequest) -> tuple[RunRequest, Jobs | None]:
    """The request with a number of jobs, and where that was left open why it is this one.

    Trials get one thread each where the suite leaves their number to TensorFlow: `device` of [suite] becomes
    `cpu[threads=1]`, as `--set` would make it, so that ids, keys and everything that asks for the same again agree.

    Raises:
        BenchError: the suite is wrong or too large, no cell is selected, or other machines are to train.
    """
    if request.jobs != AUTO:
        return request, None
    if request.nodes is not None:
        raise BenchError(
            "--jobs auto measures this machine, and here other machines train.",
            hint="Write --jobs with the number of trials that each node is to train at a time.",
        )
    if "device" not in request.overrides:
        device = parse_device(load_suite(request.suite, overrides=request.overrides).keys.device)
        if device.kind == "cpu" and device.threads is None:
            request = replace(request, overrides={**request.overrides, "device": SINGLE})
    # reads the processor, which a plan need not wait for otherwise
    from bench.execute.harness.capacity import free_bytes, usable_cores  # noqa: PLC0415
    from bench.execute.system.gpus import usable, visible_gpus  # noqa: PLC0415

    declared = declare(request)
    trials = len(declared.cells) * len(declared.suite.keys.seeds)
    on_gpu = any(parse_device(cell.device).kind == "gpu" for cell in declared.cells)
    seen = visible_gpus() if on_gpu else ()
    gpus = len(usable(seen, [gpu.name for gpu in seen]))
    jobs = jobs_for(declared.cells, trials=trials, cores=usable_cores(), free_bytes=free_bytes(), gpus=gpus)
    return replace(request, jobs=jobs.number), jobs


def measured_jobs(jobs: Jobs, trials: int) -> tuple[int, dict[int, float]]:
    """How many trials at a time pay, measured on this machine in a second or two; and the rates, empty without.

    Args:
        jobs: as many as cores and memory carry.
        trials: that are to be trained; for few of them nothing is measured.
    """
    from bench.execute.harness.capacity import measured_rates  # noqa: PLC0415

    rates = measured_rates(candidates(jobs.number)) if worth_measuring(jobs, trials) else {}
    return (paying(rates) if rates else jobs.number), rates
