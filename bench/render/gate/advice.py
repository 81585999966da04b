"""What to do where a check is not simply green. Values in, text out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.analyse.gate.further_seeds import can_settle
from bench.core.formatting import plural
from bench.record.verdicts import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.core.score import Score
    from bench.record.verdicts import Judgement, Reach, Remedy

MORE_SEEDS = "more-seeds"


def next_steps(judgement: Judgement) -> tuple[str, ...]:
    """What to type where a check is not simply green, a paragraph for each kind of verdict."""
    steps = []
    if undecided := judgement.having(Verdict.INCONCLUSIVE):
        steps.append(
            inconclusive_step(
                judgement.gate,
                judgement.score,
                looks=judgement.looks,
                reach=judgement.reach,
                remedy=judgement.remedy,
                more_help=any(map(can_settle, undecided)),
            )
        )
    if judgement.having(Verdict.MISSING):
        steps.append(
            "MISSING: run the whole suite with the seeds it declares. To judge only the part that was run, add "
            "--partial. If a cell was removed on purpose, accept a run without it."
        )
    if judgement.having(Verdict.INVALID):
        steps.append(
            "INVALID: fix the trials that failed. If settings, data or the score were changed on purpose, accept a "
            "run with them."
        )
    if judgement.having(Verdict.REGRESSED):
        steps.append('REGRESSED: fix it. If the change is intended: bench accept RUN --reason "...".')
    if judgement.lacks_time:
        steps.append(
            "TIME: require_time asks for the time of every cell. Train on the machine, versions and engine that were "
            "accepted, while nothing else runs, with enough seeds; or accept a run of this machine."
        )
    if judgement.having(Verdict.IMPROVED):
        steps.append(improved_step(judgement))
    return tuple(steps)


def inconclusive_step(
    gate: Mapping[str, Any],
    score: Score,
    *,
    looks: int = 1,
    reach: Reach | None = None,
    remedy: Remedy | None = None,
    more_help: bool = True,
) -> str:
    """What settles inconclusive cells without adding to the stated error rates.

    Args:
        gate: the rules in force, as a judgement holds them.
        score: what is judged; the margin of `reach` is in its unit.
        looks: how often the seeds were looked at.
        reach: the margin that the seeds can hold, where it is known.
        remedy: how many seeds are enough for the margins in force, where it is known.
        more_help: whether more current seeds can settle any of these cells.
    """
    if gate["on_inconclusive"] == MORE_SEEDS:
        begin = f"INCONCLUSIVE: the seeds cannot decide after {plural(looks, 'look')} of at most {gate['looks']}."
        ways = "Choose a wider margin or more accepted seeds; either takes effect when a run is accepted with it."
    elif not more_help:
        begin = "INCONCLUSIVE: these seeds cannot decide, and more current seeds cannot help."
        ways = (
            "Every accepted seed is in a pair already, or only one was accepted. Choose a wider margin or more "
            "accepted seeds; either takes effect when a run is accepted with it."
        )
    else:
        begin = "INCONCLUSIVE: these seeds cannot decide."
        ways = (
            'Set on_inconclusive = "more-seeds" under [gate]: the check then trains further seeds of these cells, and '
            "the stated error rates include these looks. Or choose a wider margin, or more accepted seeds if more "
            "current seeds cannot help. Each takes effect when a run is accepted with it."
        )
    again = "Running the check again until it is green adds to the stated error rates."
    return " ".join((begin, again, ways, *_figures(score, reach, remedy)))


def _figures(score: Score, reach: Reach | None, remedy: Remedy | None) -> list[str]:
    """How much of each remedy is enough; only `bench power` where nothing was computed."""
    sentences = []
    if reach and reach.margin is not None:
        sentences.append(f"A margin of {score.gap_text(reach.margin)} is enough for these seeds.")
    if remedy and remedy.accepted is not None:
        sentences.append(f"{_enough(remedy.accepted, 'accepted')} for these margins.")
    if remedy and remedy.seeds is not None:
        sentences.append(f"{_enough(remedy.seeds, 'current')} for these margins.")
    if remedy and remedy.seeds is None:
        sentences.append("No number of current seeds is enough with these accepted seeds.")
    if not sentences:
        return ["`bench power` says how many seeds a margin needs."]
    return [*sentences, "Enough means: if nothing changed, 90 % of checks are green."]


def _enough(number: int, kind: str) -> str:
    return f"{plural(number, f'{kind} seed')} per cell {'is' if number == 1 else 'are'} enough"


def improved_step(judgement: Judgement) -> str:
    """How an improvement becomes what later runs are judged by."""
    accepted = max(cell.baseline.n for cell in judgement.cells)
    fewer = any(cell.current and cell.current.n < accepted for cell in judgement.cells)
    train = f"train the suite with --seeds {accepted}, as many as are accepted now, and " if fewer else ""
    return f'IMPROVED: to judge later runs by it, {train}accept the run: bench accept RUN --reason "...".'
