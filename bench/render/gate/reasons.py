"""The sentences of a judgement, made from what it holds: reasons, changes, times and notes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from bench.core.formatting import plural, ratio, ratio_range
from bench.record.evidence import Obstacle, Origin
from bench.record.verdicts import Cause, Topic, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.core.score import Score
    from bench.record.evidence import Change, Difference, Drift, TimeVerdict
    from bench.record.verdicts import CellVerdict, Grounds, Judgement, Remark

NOT_THERE = "not there"
ORIGINS = {
    Origin.FIRST: "the first acceptance",
    Origin.BEST: "the best acceptance",
    Origin.EARLIER: "an earlier acceptance",
}
MOST_SEEDS = 10
"""Seeds that a note names; the others are counted."""


def worded(judgement: Judgement) -> Judgement:
    """The same with its sentences filled in; those of an earlier version's file stay as they are."""
    rule, score = str(judgement.gate.get("rule", "difference")), judgement.score
    return replace(
        judgement,
        cells=tuple(_worded_cell(cell, score, rule) for cell in judgement.cells),
        notes=tuple(_note(remark) for remark in judgement.remarks) or judgement.notes,
    )


def worst(difference: Difference, score: Score) -> float:
    """The bound of a difference on the side where it is worse."""
    return difference.low if score.higher_is_better else difference.high


def limit(margin: float, score: Score) -> float:
    """A margin as a difference: the largest change for the worse that is accepted."""
    return -score.gain(margin)


def _worded_cell(cell: CellVerdict, score: Score, rule: str) -> CellVerdict:
    return replace(
        cell,
        reason=_reason(cell, score, rule) if cell.grounds else cell.reason,
        changed=tuple(map(_changed, cell.differing)) or cell.changed,
        time=replace(cell.time, reason=cell.time.reason or _time(cell.time)) if cell.time else None,
    )


def _reason(cell: CellVerdict, score: Score, rule: str) -> str:
    grounds = cell.grounds
    if grounds is None:
        return cell.reason
    match grounds.cause:
        case Cause.SEEDS:
            text = _by_seeds(cell, score, rule)
        case Cause.ABSENT:
            text = "The baseline has this cell; the run does not."
        case Cause.OTHER_SCORE:
            text = _other_score(grounds)
        case Cause.OTHER_CELL:
            text = f"This is not the cell that was accepted: {'; '.join(map(_differs, grounds.differing))}."
        case Cause.NO_SCORE:
            text = _without_score(grounds, score)
        case Cause.SAME_WEIGHTS | Cause.SAME_PREDICTIONS:
            text = _same(grounds)
        case _:
            text = _about_seeds(grounds, score)
    return text


def _other_score(grounds: Grounds) -> str:
    other = grounds.differing[0]
    return (
        f"The score of the baseline is {other.before}, the score of the run is {other.after}: they cannot be compared. "
        f'Write score = "{grounds.detail}" under [suite], or accept this run: '
        'bench accept RUN --reason "another score".'
    )


def _about_seeds(grounds: Grounds, score: Score) -> str:
    match grounds.cause:
        case Cause.ONE_ACCEPTED_SEED:
            return f"One seed was accepted, so the spread of seeds is unknown. Accept at least {grounds.needed}."
        case Cause.DOUBTFUL_SEEDS:
            return (
                f"The seeds that were compared would pass, but not all seeds agree: seed {grounds.seed} reached "
                f"{score.text(grounds.reached)}, and the worst accepted one {score.text(grounds.accepted_worst)}."
            )
        case Cause.OUTLYING_SEED:
            return (
                f"Seed {grounds.seed} reached {score.text(grounds.reached)}, far from every accepted seed; the worst "
                f"of them reached {score.text(grounds.accepted_worst)}."
            )
        case _:
            promise = f"{grounds.needed} were planned" if grounds.planned else f"the gate asks for {grounds.needed}"
            return f"{plural(grounds.trials, 'seed')} came; {promise}. {grounds.detail}".strip()


def _same(grounds: Grounds) -> str:
    seeds = plural(grounds.trials, "seed")
    if grounds.cause is Cause.SAME_WEIGHTS:
        return f"The weights of all {seeds} equal the accepted weights, bit for bit."
    return f"Identical results: {seeds} that both sides have make the same prediction for every test example."


def _without_score(grounds: Grounds, score: Score) -> str:
    statuses = ", ".join(f"{number} {status}" for status, number in grounds.statuses)
    detail = grounds.detail or f"its {score.heading} is not a number"
    return f"{plural(grounds.trials, 'trial')} without a value of {score.heading} ({statuses}): {detail}"


def _by_seeds(cell: CellVerdict, score: Score, rule: str) -> str:
    """The figures that a call stands on, in a sentence."""
    change = cell.difference
    if change is None:
        return cell.reason
    unchanged = float(score.gap(change.value).replace(",", "")) == 0
    direction = "lower" if change.value < 0 else "higher"
    drop = "Unchanged" if unchanged else f"{score.gap_text(abs(change.value))} {direction}"
    if change.pairs:
        drop += f" over {plural(change.pairs, 'seed')} that both sides have"
    low = f"at worst {score.gap_text(worst(change, score))}"
    margin = f"the margin is {score.gap(limit(cell.margin, score))}"
    sure = f"adjusted p = {change.p_drop_adjusted:.2g}"
    beyond = " by more than the margin" if rule == "margin" else ""
    up, down = ("higher", "dropped") if score.higher_is_better else ("lower", "rose")
    match cell.verdict:
        case Verdict.PASS:
            return f"{drop}, {low}; {margin}."
        case Verdict.IMPROVED:
            return f"{drop}, and significantly {up} (adjusted p = {change.p_gain_adjusted:.2g})."
        case Verdict.REGRESSED:
            return f"{drop}, and significantly {down}{beyond} ({sure}); {low}, {margin}."
        case _:
            noun = "drop" if score.higher_is_better else "rise"
            return f"{drop}, {low}, {margin}: too few seeds to pass it, and no significant {noun}{beyond} ({sure})."


def _differs(change: Change) -> str:
    name = f"its {change.key}" if change.key == "data" else change.key
    return f"{name} was {_text(change.before)}, is {_text(change.after)}"


def _text(value: str | None) -> str:
    return NOT_THERE if value is None else value


def _changed(change: Change) -> str:
    match change.key:
        case "code":
            return "the code that builds or trains it"
        case "environment":
            return "the machine, its settings or the versions of Keras, its backend or NumPy"
        case _:
            return f"the {change.key}, {_text(change.before)} before and {_text(change.after)} now"


def _time(time: TimeVerdict) -> str:
    """A clause: how the times compare, or why they do not."""
    few = "of the {} trials ran alone on the machine; 3 are needed"
    match time.obstacle:
        case None:
            return (
                f"{ratio(time.ratio)} times the accepted time of an epoch, 95 % interval "
                f"{ratio_range(time.low, time.high)}, margin {ratio(time.margin)}"
            )
        case Obstacle.ENGINE:
            return f"the accepted times are of the engine {time.accepted}, the current times of {time.current}"
        case Obstacle.FEW_ACCEPTED:
            return f"{time.accepted} {few.format('accepted')}"
        case Obstacle.FEW_CURRENT:
            return f"{time.current} {few.format('current')}"
        case _:
            return UNTIMED[time.obstacle]


UNTIMED = {
    Obstacle.ENVIRONMENT: "the accepted times are of another processor, other settings or other versions",
    Obstacle.NO_ACCEPTED_MACHINE: "the baseline does not say which machine its times are of: accept a run to record it",
    Obstacle.NO_CURRENT_MACHINE: "the run does not say which machine its times are of: an earlier version trained it",
    Obstacle.MACHINE: (
        "the accepted times are of another machine: the processor's flags, family, model, stepping or caches, or "
        "variables that make it slow or fast, are not the same"
    ),
    Obstacle.ENGINE: "the engines are not the same",
    Obstacle.FEW_ACCEPTED: "fewer than 3 of the accepted trials ran alone on the machine",
    Obstacle.FEW_CURRENT: "fewer than 3 of the current trials ran alone on the machine",
}
"""Why times are not compared, for one cell or for many, as a clause."""


def _note(remark: Remark) -> str:
    match remark.topic:
        case Topic.RULES:
            rules = ", ".join(f"{rule.key} {rule.before}, not {rule.after}" for rule in remark.differing)
            text = f"The accepted rules apply: {rules}. `bench accept` takes over the rules of the suite."
        case Topic.PART:
            text = f"The run trained a part of the suite: -k {remark.text!r}."
        case Topic.ITSELF:
            text = (
                "This run itself was accepted: it is compared with itself, so this check says nothing about other runs."
            )
        case Topic.ERRORS_NOT_KEPT:
            text = (
                "Errors are not compared per example: a baseline stores the errors of at most "
                f"{remark.number:,} test examples."
            )
        case Topic.SEEDS:
            text = _unaccepted(remark.seeds)
        case Topic.UNTIMED:
            text = _untimed(remark)
        case Topic.NOTICE:
            text = remark.text
    return text


def _unaccepted(seeds: tuple[int, ...]) -> str:
    """What it means that seeds of the run were never accepted."""
    names = ", ".join(map(str, seeds[:MOST_SEEDS]))
    if len(seeds) > MOST_SEEDS:
        names += f" and {len(seeds) - MOST_SEEDS:,} more"
    begin, they = (f"Seed {names} is", "it was") if len(seeds) == 1 else (f"Seeds {names} are", "they were")
    return (
        f"{begin} not among the accepted seeds and cannot be paired with the baseline: check in review why "
        f"{they} chosen."
    )


def _untimed(remark: Remark) -> str:
    """How many cells have a time that could not be compared, and why."""
    whole = remark.number == remark.cells
    cells = f"any of {plural(remark.cells, 'cell')}" if whole else f"{remark.number} of {plural(remark.cells, 'cell')}"
    why = "; ".join(f"{UNTIMED[obstacle]} ({plural(number, 'cell')})" for obstacle, number in remark.obstacles)
    return f"The training time of {cells} could not be compared, so it was not judged: {why}."


def context_lines(cell: CellVerdict, score: Score) -> Iterator[str]:
    """Extra information shown with a verdict, a sentence each."""
    if cell.flips:
        yield from _flips(cell)
    if cell.drift:
        yield _drift(cell.drift, score)
    if cell.time:
        yield f"Time {cell.time.pace}: {cell.time.reason or _time(cell.time)}."
    if cell.changed:
        yield f"Changed since it was accepted: {', '.join(cell.changed)}."


def _drift(drift: Drift, score: Score) -> str:
    change = f"{score.signed_gap(drift.value)} {score.unit}".rstrip()
    bound = drift.low if score.higher_is_better else drift.high
    return (
        f"DRIFT: {change} since {ORIGINS[drift.origin]} ({drift.since[:10]}: {score.text(drift.accepted.mean)}); "
        f"at worst {score.signed_gap(bound)}."
    )


def _flips(cell: CellVerdict) -> Iterator[str]:
    flips = cell.flips
    if flips is None or not (flips.lost or flips.gained):
        return
    most = ", ".join(f"{name} ({number})" for name, number in flips.classes)
    examples = plural(flips.lost, "test example")
    if flips.task == "regression":
        same = f", {flips.ties:,} with the same error" if flips.ties else ""
        smaller = f"{flips.gained:,} with a smaller error{same}"
        yield f"{examples} with a larger error now, {smaller} (sign test p = {flips.p:.2g})."
        return
    yield (
        f"{examples} correct before and wrong now, {flips.gained} wrong before and correct now "
        f"(McNemar p = {flips.p:.2g})" + (f"; lost most: {most}." if most else ".")
    )
    yield from (f"The classes {a} and {b} look swapped." for a, b in flips.swapped)
