"""Which engine is the fastest for a shape of cell: every one is timed on scratch models. Runs in a worker only."""

from __future__ import annotations

import math
import time
import traceback
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bench.execute.choice import (
    STEP_PER_FORWARD,
    XLA_PER_FIRST,
    is_exact,
    leaves_nothing,
    remaining_budget_s,
    survey_order,
)
from bench.execute.failures import sentence
from bench.execute.worker.compilation import compile_model, steps_per_epoch
from bench.execute.worker.engines import ENGINES, Course
from bench.execute.worker.setup import build_model, load_data, memory_limit_bytes, start_anew
from bench.execute.worker.weights import weights_digest
from bench.record.records import EngineSurvey, EngineTiming

if TYPE_CHECKING:
    from bench.execute.messages import TrialTask
    from bench.execute.worker.data import TrainingData
    from bench.execute.worker.engines import Engine
    from bench.execute.worker.kit import Kit
    from bench.execute.worker.setup import Seat
    from bench.record.records import EpochRecord

EPOCHS = 3
"""Of which the first finds its memory and threads; the fastest of the others counts."""

COSTS = {"epoch": 1.0, "epoch-xla": XLA_PER_FIRST, "fit": 1.0}
"""What measuring an engine takes, in times of the one before it."""

FIRST_STEPS, FEWEST_STEPS, MOST_STEPS = 40, 3, 200
EPOCH_S = 0.08
"""Seconds that an epoch of a survey is to take."""

HOPELESS = 3.0
"""Times the step of the fastest engine: one whose first epoch was slower than that is measured no further."""

EXACT_STEPS = 60
"""Of every engine where bits are compared: they have to train the same thing."""


def survey_engines(task: TrialTask, kit: Kit) -> EngineSurvey:
    """Time the steps of every engine that may be taken for the task's cell.

    Each engine trains a model of its own on the cell's own data, a part of an epoch at a time. The times are kept, and
    in the kit the programs, so that the trial goes on with the one that won. Where the cell admits engines only whose
    weights are those of `fit`, that is tried here, on this very model, and not taken on trust.

    Args:
        task: of a trial that waits for the survey.
        kit: of the worker.
    """
    seat = kit.take_seat(task)
    start_anew(task)
    data = kit.find_data(task) or load_data(task)
    kit.keep_data(task, data)
    bench = _Bench(task, kit, seat, data)
    with seat.placement.scope():
        if is_exact(task.cell):
            timings, complete = _exact_timings(bench), True
        else:
            timings, complete = _timings(bench)
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    return EngineSurvey(shape=task.shape, timings=timings, measured_at=now, complete=complete)


@dataclass(frozen=True, slots=True)
class _Bench:
    """What every engine is timed with."""

    task: TrialTask
    kit: Kit
    seat: Seat
    data: TrainingData


@dataclass(frozen=True, slots=True)
class _Timed:
    """What an engine took, and the digest of the weights it ended with; empty where it did not end."""

    timing: EngineTiming
    digest: str = ""


def _timings(bench: _Bench) -> tuple[tuple[EngineTiming, ...], bool]:
    """What the engines take, as far as the budget goes, and whether it went all the way.

    `fit` is measured only where no engine with its weights can train the model.
    """
    timings: list[EngineTiming] = []
    task = bench.task
    whole, begun = steps_per_epoch(task, bench.data), time.perf_counter()
    steps = _steps(whole, STEP_PER_FORWARD * task.inspection.forward_time_s if task.inspection else 0.0)
    last_s = 0.0
    for name in _order(task):
        if leaves_nothing(task.inspection, timings):
            break
        if name == "fit" and (any(t.exact and not t.obstacle for t in timings) or all(t.obstacle for t in timings)):
            break
        spent_s = time.perf_counter() - begun
        known = [timing.step_time_s for timing in timings if timing.step_time_s is not None]
        budget_s = remaining_budget_s(task.survey_budget_s, task.inspection, timings)
        # an engine that cannot train the model leaves the choice as open as before
        if known and spent_s + COSTS[name] * last_s > budget_s:
            return tuple(timings), False
        timing = _timed(bench, ENGINES[name], steps, best_s=min(known, default=math.inf)).timing
        timings.append(timing)
        last_s = time.perf_counter() - begun - spent_s
        if timing.step_time_s:
            steps = _steps(whole, timing.step_time_s)
    return tuple(timings), True


def _order(task: TrialTask) -> list[str]:
    """The engines of this backend, in the order in which they are measured."""
    return [name for name in survey_order(task.inspection) if name in ENGINES]


def _steps(whole: int, step_time_s: float) -> int:
    """How many steps an epoch of a survey has."""
    wanted = int(EPOCH_S / step_time_s) if step_time_s else FIRST_STEPS
    return min(whole, max(FEWEST_STEPS, min(MOST_STEPS, wanted)))


def _exact_timings(bench: _Bench) -> tuple[EngineTiming, ...]:
    """What `fit`, and every engine that claims its weights, takes; an engine that ends with others is ruled out."""
    steps = min(EXACT_STEPS, steps_per_epoch(bench.task, bench.data))
    examples = steps * bench.task.cell.settings.batch_size
    # the same few examples for each: an engine draws its order over all that it is given
    bench = replace(bench, data=replace(bench.data, train=bench.data.train.rows(slice(examples))))
    names = [name for name in _order(bench.task) if ENGINES[name].exact]
    timed = [_timed(bench, ENGINES[name], steps, compared=True) for name in names]
    wanted = timed[-1].digest
    return tuple(
        candidate.timing
        if candidate.digest in ("", wanted)
        else EngineTiming(
            engine=candidate.timing.engine,
            exact=False,
            obstacle=f"after {EPOCHS * steps} steps its weights were not those of fit",
        )
        for candidate in timed
    )


def _timed(bench: _Bench, engine: Engine, steps: int, *, best_s: float = math.inf, compared: bool = False) -> _Timed:
    task, data = bench.task, bench.data
    step_times_s: list[float] = []

    def note(epoch: EpochRecord) -> bool:
        step_times_s.append(epoch.train_time_s / steps)
        # the first epoch finds its memory; of a slow model the second one tells enough
        # weights that are compared are those of equally many steps
        slow = len(step_times_s) > 1 and epoch.train_time_s > EPOCH_S and not compared
        return step_times_s[-1] <= HOPELESS * best_s and not slow

    course = Course(epochs=EPOCHS, batch_size=task.cell.settings.batch_size, on_epoch=note, steps_per_epoch=steps)
    model = build_model(task, data)
    compiled = compile_model(model, task, data, engine)
    obstacle = engine.obstacle(model, compiled, data, memory_limit_bytes(task, bench.seat))
    if obstacle:
        return _Timed(EngineTiming(engine=engine.name, exact=engine.exact, obstacle=obstacle))
    try:
        made = bench.kit.settle(engine, model, task, compiled, data)
        prepared = engine.train(made, course)
    except Exception as error:  # noqa: BLE001  whatever it is, the other engines may do
        traceback.print_exc()
        bench.kit.forget(engine.name)
        return _Timed(EngineTiming(engine=engine.name, exact=engine.exact, obstacle=f"it failed: {sentence(error)}"))
    timing = EngineTiming(
        engine=engine.name,
        exact=engine.exact,
        prepare_time_s=prepared.warmup_time_s + prepared.compile_time_s,
        step_time_s=min(step_times_s[1:] or step_times_s),
    )
    return _Timed(timing, weights_digest(made.model))
