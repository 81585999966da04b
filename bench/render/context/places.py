"""The same networks on several backends, devices or kinds of node, side by side, as text."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from bench.analyse.equivalence import Likeness
from bench.analyse.places import places
from bench.core.formatting import MISSING, elided, plural, ratio, ratio_range, seconds
from bench.core.names import listed
from bench.declare.schema import GateKeys
from bench.render.context.values import NAME_WIDTH, PlacesSection, Value
from bench.render.networks import TITLES
from bench.render.times import comparison, differ

if TYPE_CHECKING:
    from collections.abc import Collection

    from bench.analyse.equivalence import Equivalence
    from bench.analyse.places import Compared, Places, Side, Versus
    from bench.core.score import Score
    from bench.record.records import RunResult

HEADINGS = {"backend": "Backends", "device": "Devices", "kind": "Kinds of node"}
NO_RESULT = "no result"
IDENTICAL = "identical"
WORDS = {Likeness.EQUIVALENT: "equivalent", Likeness.DIFFERENT: "different", Likeness.OPEN: "not separated"}


def places_sections(result: RunResult, kept: Collection[str] | None = None) -> tuple[PlacesSection, ...]:
    """A section for every reference that a run has on each axis and data set.

    Args:
        result: the run.
        kept: ids of the cells that a report lists; None for all. Findings are of all.
    """
    run = result.run
    comparable = places(result.trials, run.score, GateKeys.model_validate(run.gate))
    comparable = tuple(of for of in comparable if any(map(_word, _all(of))))
    comparisons = sum(len(network.others) for of in comparable for network in of.networks)
    several = len({of.dataset for of in comparable}) > 1
    sections: list[PlacesSection] = []
    for of in comparable:
        number = sum(section.name.startswith(f"{of.axis}s") for section in sections)
        on = f" on {of.dataset}" if several else ""
        sections.append(
            PlacesSection(
                name=f"{of.axis}s" + (f"-{number + 1}" if number else ""),
                heading=f"{HEADINGS[of.axis]}{on}",
                title=_title(of),
                findings=tuple(_finding(of, place, run.score) for place in of.places[1:]),
                columns=_columns(of, run.score),
                rows=tuple(
                    _row(network, of, run.score)
                    for network in of.networks
                    if kept is None or network.reference.cell.id in kept
                ),
                notes=tuple(_notes(of, run.score, comparisons)),
            )
        )
    return tuple(sections)


def _name(place: str) -> str:
    return TITLES.get(place, place)


def _all(of: Places) -> list[Versus]:
    return [other for network in of.networks for other in network.others]


def _word(other: Versus) -> str:
    """What the two sides say; empty where one has no result."""
    if math.isnan(other.score.difference):
        return ""
    return IDENTICAL if other.identical else WORDS[other.score.likeness]


def _counted(others: list[Versus]) -> Counter[str]:
    """How many say what."""
    return Counter(_word(other) or NO_RESULT for other in others)


def _others(of: Places, place: str) -> list[Versus]:
    return [other for other in _all(of) if other.side.place == place]


def _title(of: Places) -> str:
    """What all comparisons of the section say together."""
    first, rest = _name(of.places[0]), listed([_name(place) for place in of.places[1:]], "and")
    words = _counted(_all(of))
    number = sum(words.values())
    identical, different = words[IDENTICAL], words[WORDS[Likeness.DIFFERENT]]
    equivalent = identical + words[WORDS[Likeness.EQUIVALENT]]
    if all(_identical(network) for network in of.networks):
        return f"Scores are identical on {listed([_name(place) for place in of.places], 'and')}{_slower(of)}"
    if equivalent == number:
        return f"{rest}: the score is equivalent to that on {first}{_slower(of)}"
    if different:
        verb = "differs" if different == 1 else "differ"
        return f"{rest}: {different} of {plural(number, 'comparison')} with {first} {verb} in score"
    if equivalent:
        equal = f"{equivalent} of {plural(number, 'comparison')}"
        verb = "is" if equivalent == 1 else "are"
        return f"{rest}: {equal} with {first} {verb} equivalent in score, and none is different"
    return f"{rest}: the seeds cannot separate the score from that on {first}"


def _identical(network: Compared) -> bool:
    """Whether every seed has the very same score everywhere."""
    return all(other.identical for other in network.others)


def _slower(of: Places) -> str:
    """How times differ, if they do certainly and by 5 %: `; an epoch on gpu takes 0.40 times as long`."""
    times = [
        f"an epoch on {_name(place)} takes {ratio(time.value)} times as long"
        for place, time in of.ratios.items()
        if time and differ(time)
    ]
    return f"; {listed(times, 'and')}" if times else ""


def _finding(of: Places, place: str, score: Score) -> str:
    """How a place differs from the first."""
    others = _others(of, place)
    words = _counted(others)
    counts = ", ".join(f"{words[word]} {word}" for word in (IDENTICAL, *WORDS.values(), NO_RESULT) if words[word])
    margins = {other.margin for other in others if other.margin is not None}
    within = f" (margin {score.gap_text(margins.pop())})" if len(margins) == 1 else ""
    time = of.ratios[place]
    took = comparison(time, "an epoch", "epoch times") if time else "times cannot be compared"
    head = f"{_name(place)} against {_name(of.places[0])}, {plural(len(others), 'network')}: {counts}{within}."
    return f"{head} {took[0].upper()}{took[1:]}."


def _columns(of: Places, score: Score) -> tuple[str, ...]:
    first, *rest = map(_name, of.places)
    unit = f", {score.unit}" if score.unit else ""
    others = [column for name in rest for column in (f"{name}: difference{unit}", f"{name}: time ratio")]
    return ("network", f"{score.heading}, {first}", *others)


def _row(network: Compared, of: Places, score: Score) -> tuple[Value, ...]:
    reference = network.reference
    values = [Value(text=_label(reference, of)), Value(text=score.text(reference.mean), sub=_epoch(reference))]
    by_place = {other.side.place: other for other in network.others}
    for place in of.places[1:]:
        other = by_place.get(place)
        values += [Value(text=MISSING), Value(text=MISSING)] if other is None else _versus(other, score)
    return tuple(values)


def _versus(other: Versus, score: Score) -> list[Value]:
    ratios = other.ratio
    time = f"{ratio(ratios.value)} ({ratio_range(ratios.low, ratios.high)})" if ratios else MISSING
    return [
        Value(
            text=_word(other) or NO_RESULT,
            sub=_difference(other.score, score) if _word(other) not in {"", IDENTICAL} else "",
        ),
        Value(text=time, sub=_epoch(other.side)),
    ]


def _epoch(side: Side) -> str:
    return "" if side.epoch_s is None else f"{seconds(side.epoch_s)} an epoch"


def _label(side: Side, of: Places) -> str:
    """The cell's name without what differs in its row."""
    cell = side.cell
    name = replace(cell, named=tuple(key for key in cell.named if key != of.axis)).name
    devices = {network.reference.cell.device for network in of.networks}
    return elided(name if of.axis == "device" or len(devices) == 1 else f"{name}@{cell.device}", NAME_WIDTH)


def _difference(of: Equivalence, score: Score) -> str:
    if not of.interval.known:
        return score.signed_gap(of.difference)
    return f"{score.signed_gap(of.difference)} ({score.signed_gap_range(of.interval.low, of.interval.high)})"


def _notes(of: Places, score: Score, comparisons: int) -> list[str]:
    """How the table was made, and what weakens it."""
    others = _all(of)
    paired = all(other.score.pairs for other in others if other.score.interval.known)
    first = _name(of.places[0])
    seeds = "the pairs of equal seeds" if paired else "means over seeds"
    together = f" for all {comparisons} comparisons together" if comparisons > 1 else ""
    margins = sorted({other.margin for other in others if other.margin is not None})
    notes = [
        f"A difference is a network's score there minus its score on {first}, by {seeds}. Intervals are "
        f"95 %{together}. Identical: every seed has exactly the same score. Different: the interval excludes 0. "
        + (
            f"Equivalent: two one-sided t tests exclude a difference of {score.gap_text(margins[0])} or more"
            f"{', or of the margin of the cell if it differs' if len(margins) > 1 else ''}; at most 5 % of "
            "reports make a wrong statement. Not separated: neither. "
            if margins
            else "Nothing can be called equivalent: the suite names no margin under [gate]. "
        )
        + f"A time ratio is the time of an epoch divided by its time on {first}, with a 95 % interval of its own, of "
        "trials that ran alone on one machine."
    ]
    if of.axis == "backend":
        notes.append(_of_backends(others, first))
    if not all(other.same_inputs for other in others):
        notes.append("Some networks got differently scaled inputs: Configuration lists them.")
    return notes


def _of_backends(others: list[Versus], first: str) -> str:
    if all(other.follows for other in others):
        return (
            f"Every seed began with the initial weights of {first} and saw the examples in its order. "
            "Random numbers during training, for example of dropout, differ."
        )
    if any(other.follows for other in others):
        return f"Only some networks began with the weights of {first} and saw its order of examples."
    return "Every backend drew its own initial weights and its own order of examples."
