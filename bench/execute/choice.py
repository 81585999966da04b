"""Which engine trains a cell, and why. Pure; knows no TensorFlow."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.core.formatting import seconds
from bench.execute.backends import BACKENDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.declare.cell import Cell
    from bench.execute.messages import Inspection
    from bench.record.records import EngineSurvey, EngineTiming

OPEN = ("auto", "auto-exact")
"""Declared engines that leave the choice to a measurement."""

UNMEASURED = "epoch"
"""What trains where nothing was measured: never slower by much than `fit`, and with its weights."""


SURVEY_SHARE = 0.05
"""Of the time that a training is estimated to take, what measuring engines for it may take."""

STEP_PER_FORWARD = 3.0
"""A training step takes about three times a call of the model: forwards, backwards and the update."""

LONG_STEP_S = 0.01
"""Steps that take longer are counted as measured: an engine that leaves out Python gains little on them."""

FIRST_PER_BUILD, FIRST_S = 3.0, 0.5
"""Measuring a first engine takes about three times as long as building the model, and no less than these seconds."""

XLA_PER_FIRST = 3.0
"""Measuring the program that XLA compiles takes about three times as long as measuring the one it does not."""

SHORT_CALL_S = 0.0015
"""A model whose call takes no longer spends its steps on starting operations, of which XLA leaves few."""

CLEAR_GAIN = 8.0
"""A survey ends where a step of XLA's program takes this many times less than estimated: on such networks `epoch` takes
four to seven times as long as XLA's program."""


def is_exact(cell: Cell) -> bool:
    """Whether a cell admits only engines whose weights are those of `fit`, bit for bit."""
    return cell.deterministic or cell.engine == "auto-exact"


def needs_survey(cell: Cell) -> bool:
    """Whether engines have to be tried before one is chosen: there are several, or equal weights are a promise."""
    return cell.engine in OPEN and (is_exact(cell) or len(BACKENDS[cell.backend].engines) > 1)


def survey_budget_s(inspection: Inspection | None, steps: int) -> float:
    """Seconds that measuring engines is worth.

    Args:
        inspection: of a cell of the shape; without one nothing is known, and nothing is bounded.
        steps: of all trials of the shape that a run trains.
    """
    if inspection is None:
        return math.inf
    return SURVEY_SHARE * steps * STEP_PER_FORWARD * inspection.forward_time_s


def survey_order(inspection: Inspection | None) -> tuple[str, ...]:
    """The engines in the order in which a survey measures them: one that leaves nothing to gain spares the others.

    `epoch` is quick to compile. Where steps are short, XLA's program is several times as fast.
    """
    if inspection is not None and inspection.forward_time_s <= SHORT_CALL_S:
        return ("epoch-xla", "epoch", "fit")
    return ("epoch", "epoch-xla", "fit")


def remaining_budget_s(budget_s: float, inspection: Inspection | None, timings: Sequence[EngineTiming]) -> float:
    """What measuring may take in all, by what is known of the steps so far.

    A step that takes long is arithmetic, of which Python's part is small: then what was measured replaces the estimate.
    """
    step_time_s = min((timing.step_time_s for timing in timings if timing.step_time_s), default=0.0)
    if inspection is None or step_time_s < LONG_STEP_S:
        return budget_s
    return budget_s * min(1.0, step_time_s / (STEP_PER_FORWARD * inspection.forward_time_s))


def leaves_nothing(inspection: Inspection | None, timings: Sequence[EngineTiming]) -> bool:
    """Whether XLA's program is so much faster than estimated that no other engine can come near it."""
    if inspection is None:
        return False
    xla_s = [timing.step_time_s for timing in timings if timing.engine == "epoch-xla" and timing.step_time_s]
    return any(CLEAR_GAIN * step_s <= STEP_PER_FORWARD * inspection.forward_time_s for step_s in xla_s)


def worth_measuring(inspection: Inspection | None, budget_s: float, *, exact: bool) -> bool:
    """Whether a survey keeps within its budget; where equal weights are a promise, it is always made."""
    if exact or inspection is None:
        return True
    first_s = max(FIRST_S, FIRST_PER_BUILD * inspection.build_time_s)
    # `epoch` alone is compared with nothing; XLA's program alone is measured for being the fastest
    further = 0.0 if survey_order(inspection)[0] == "epoch-xla" else XLA_PER_FIRST
    return first_s + further * first_s <= budget_s


def needs_fit(cell: Cell, *, streamed: bool) -> str:
    """Why a cell can be trained by `fit` alone, as a clause; empty where every engine may do.

    Args:
        cell: as declared.
        streamed: whether its data is read in batches.
    """
    backend = BACKENDS[cell.backend]
    if cell.engine not in {"fit", *OPEN, *backend.engines}:
        return f"{backend.title} has no engine of this name"
    if streamed:
        return "its data is streamed, which Model.fit alone reads"
    return "callbacks of its own are called by Model.fit" if cell.settings.callbacks else ""


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """An engine's name and why it was taken; no reason where the suite names it."""

    name: str
    reason: str


def choose_engine(
    cell: Cell, survey: EngineSurvey | None, steps: int, *, exact: bool, streamed: bool = False
) -> EngineChoice:
    """The engine that takes a training from its first line to its last step in the least time.

    Args:
        cell: its engine is taken as declared where it is neither `auto` nor `auto-exact`.
        survey: every engine's timing for cells of this shape; None where it could not be measured.
        steps: of the whole training.
        exact: admit only engines whose weights are those of `fit`, bit for bit, as `auto-exact` does.
        streamed: whether its data is read in batches.
    """
    declared = cell.engine
    if declared != "fit" and (reason := needs_fit(cell, streamed=streamed)):
        return EngineChoice("fit", f"{declared} cannot train this cell: {reason}")
    if declared not in OPEN:
        return EngineChoice(declared, "")
    exact = exact or declared == "auto-exact"
    setting = "auto-exact" if exact else "auto"
    if survey is None:
        return _unmeasured(cell, setting, exact=exact)
    able = [timing for timing in survey.timings if timing.step_time_s is not None and (timing.exact or not exact)]
    if not able:
        return EngineChoice("fit", f"{setting}: no other engine can train this model: {_obstacles(survey)}")
    best = min(able, key=lambda timing: _total_s(timing, steps))
    parts = ", ".join(f"{timing.engine} {seconds(_total_s(timing, steps))}" for timing in able)
    reason = f"{setting}: measured on this shape, {steps:,} steps and what goes before them take {parts}"
    unmeasured = ""
    if not survey.complete:
        unmeasured = "measuring the other engines would cost more than they could save"
    elif [timing.engine for timing in survey.timings] == ["epoch-xla"]:
        unmeasured = "its steps are so short that no other engine was measured"
    return EngineChoice(best.engine, "; ".join(filter(None, (reason, _obstacles(survey), unmeasured))))


def _unmeasured(cell: Cell, setting: str, *, exact: bool) -> EngineChoice:
    """The engine where there is no survey; on TensorFlow `epoch` keeps the weights of `fit`."""
    backend = BACKENDS[cell.backend]
    if len(backend.engines) > 1:
        why = "measuring the engines would have failed or cost more than this training is worth"
        return EngineChoice(UNMEASURED, f"{setting}: {why}; this one keeps fit's weights")
    if exact:
        return EngineChoice("fit", f"{setting}: it could not be tried whether another engine keeps fit's weights")
    return EngineChoice(UNMEASURED, f"{setting}: the only engine of {backend.title} beside fit")


def _total_s(timing: EngineTiming, steps: int) -> float:
    return (timing.prepare_time_s or 0.0) + steps * (timing.step_time_s or 0.0)


def _obstacles(survey: EngineSurvey) -> str:
    unable = sorted((timing.engine, timing.obstacle) for timing in survey.timings if timing.obstacle)
    return "; ".join(f"not {engine}: {obstacle}" for engine, obstacle in unable)
