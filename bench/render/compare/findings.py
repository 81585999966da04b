"""What a comparison comes to, in one sentence, and what else the reader has to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analyse.compare.comparison import Call, worst_first
from bench.core.formatting import elided, plural
from bench.record.records import RunStatus
from bench.render.findings import NAME_WIDTH, Headline
from bench.render.times import comparison as in_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.analyse.compare.changes import Change
    from bench.analyse.compare.comparison import CellComparison, Comparison
    from bench.analyse.compare.party import Party
    from bench.core.score import Score

NAMED = 4  # changes that a sentence can name
VALUE_WIDTH = 40  # characters of a setting's value that a sentence can carry


def headline(comparison: Comparison, labels: Mapping[str, str]) -> Headline:
    """What changed from A to B and how surely.

    Args:
        comparison: of two runs or baselines.
        labels: of its cells, by id.
    """
    if comparison.equal:
        same_run = comparison.before.run_id == comparison.after.run_id
        reason = (
            f"both are run {elided(comparison.before.run_id, NAME_WIDTH)}"
            if same_run
            else "A and B have identical results"
        )
        total = f"{plural(len(comparison.cells), 'cell')} with {plural(comparison.after.trials, 'trial')}"
        return Headline(title=f"Nothing differs: {reason}, {total}", sentences=())
    return Headline(
        title="; ".join((*_scores(comparison, labels), *_time(comparison), *_absent(comparison))),
        sentences=(*_causes(comparison), *_caution(comparison)),
    )


def score_title(comparison: Comparison) -> str:
    """What the scores alone say, in numbers of cells."""
    title = comparison.score.title
    if len(comparison.cells) == 1:
        cell = comparison.cells[0]
        return f"{title} from A to B: {cell.call}, {signed_gap_text(cell.difference, comparison.score)}"
    counts = [(call, len(comparison.having(call))) for call in Call]
    clauses = [f"{number} {call}" for call, number in counts if number or call in {Call.WORSE, Call.BETTER}]
    return f"{title} from A to B: of {plural(len(comparison.cells), 'cell')}, {', '.join(clauses)}"


def notes(comparison: Comparison) -> tuple[str, ...]:
    """What the reader should know of either side before any number."""
    return tuple(
        note
        for name, party in (("A", comparison.before), ("B", comparison.after))
        for note in _party_notes(name, party)
    )


def signed_gap_text(difference: float, score: Score) -> str:
    """A difference with its sign and unit: `-2.10 points`, `+1.3`."""
    return f"{score.signed_gap(difference)} {score.unit}".rstrip()


def _scores(comparison: Comparison, labels: Mapping[str, str]) -> Iterator[str]:
    if len(comparison.cells) == 1:
        yield _only(comparison.cells[0], labels, comparison.score)
        return
    sure = {
        Call.WORSE: worst_first(comparison.having(Call.WORSE), comparison.score),
        Call.BETTER: worst_first(comparison.having(Call.BETTER), comparison.score)[::-1],
    }
    clauses = [_sure(cells, call, labels, comparison.score) for call, cells in sure.items() if cells]
    counts = {call: len(comparison.having(call)) for call in (Call.OPEN, Call.SAME, Call.VOID)}
    if not clauses and counts[Call.OPEN]:
        clauses = ["none is better or worse by more than chance"]
        # where that is all there is to say, a count of all would only say it again
        counts[Call.OPEN] %= len(comparison.cells)
    clauses += [_count(call, number) for call, number in counts.items() if number]
    yield f"Of {plural(len(comparison.cells), 'cell')}, {clauses[0]}"
    yield from clauses[1:]


def _sure(cells: Sequence[CellComparison], call: Call, labels: Mapping[str, str], score: Score) -> str:
    first = f"{elided(labels[cells[0].cell_id], NAME_WIDTH)} {figures(cells[0], score)}"
    word = called(call, score)
    return f"1 is {word}: {first}" if len(cells) == 1 else f"{len(cells)} are {word}, most of all {first}"


def called(call: Call, score: Score) -> str:
    """A call with what it stands on: `better (95 % interval above 0)`, `worse (95 % interval below 0)`."""
    if call not in {Call.WORSE, Call.BETTER}:
        return str(call)
    above = (call is Call.BETTER) == score.higher_is_better
    return f"{call} (95 % interval {'above' if above else 'below'} 0)"


def _count(call: Call, number: int) -> str:
    match call:
        case Call.OPEN:
            return f"{number} may be equal"
        case Call.SAME:
            return f"{number} {'has' if number == 1 else 'have'} identical results"
        case _:
            return f"{number} {'has' if number == 1 else 'have'} no result on one side or both"


def _only(cell: CellComparison, labels: Mapping[str, str], score: Score) -> str:
    """The headline of a single cell."""
    name = elided(labels[cell.cell_id], NAME_WIDTH)
    match cell.call:
        case Call.WORSE | Call.BETTER:
            return f"{name} is {called(cell.call, score)}: {figures(cell, score)}"
        case Call.OPEN:
            return f"{name} may be equal in A and B: {figures(cell, score)}"
        case Call.SAME:
            return f"{name} has identical results in A and B"
        case _:
            sides = [name for name, side in (("A", cell.before), ("B", cell.after)) if not side.values]
            return f"{name} has no result in {' and '.join(sides)}"


def figures(cell: CellComparison, score: Score) -> str:
    """Means and difference: `96.10 % -> 94.00 %, -2.10 points (-2.90 to -1.30)`, `MAE 41.2 -> 40.1, -1.1 (...)`."""
    first, second = cell.means
    change = f"{score.labelled(first.mean)} -> {score.text(second.mean)}, {signed_gap_text(cell.difference, score)}"
    if not cell.interval.known:
        return f"{change} (too few seeds for an interval)"
    return f"{change} ({score.signed_gap_range(cell.interval.low, cell.interval.high)})"


def _time(comparison: Comparison) -> Iterator[str]:
    if comparison.ratio is None:
        return
    over = f", geometric mean of {len(comparison.timed)} cells" if len(comparison.timed) > 1 else ""
    yield in_words(comparison.ratio, "training", "training times", over)


def _absent(comparison: Comparison) -> Iterator[str]:
    """What is missing must not be overlooked."""
    for name, cells in (("A", comparison.only_before), ("B", comparison.only_after)):
        if cells:
            yield f"{plural(len(cells), 'cell')} in {name} only"
    for name, party in (("A", comparison.before), ("B", comparison.after)):
        if party.failures:
            yield f"{party.failures} of {plural(party.trials, 'trial')} of {name} without a result"


def _causes(comparison: Comparison) -> Iterator[str]:
    """What differs in how the cells were trained: the candidates for a cause."""
    own = sum(any(change not in comparison.shared for change in cell.changes) for cell in comparison.cells)
    if comparison.shared:
        where = f" in all {len(comparison.cells)} cells" if len(comparison.cells) > 1 else ""
        yield f"Differences{where}: {_listed(comparison.shared)}."
    if own:
        more = " more" if comparison.shared else ""
        yield f"{plural(own, 'cell')} {'differs' if own == 1 else 'differ'} in{more} settings, which are listed below."
    if not comparison.shared and not own:
        rest = (
            "The environment differs"
            if comparison.environment
            else "The environment is the same too: only chance is left"
        )
        yield f"Settings, data, code and engine of the cells are the same. {rest}."


def _listed(shared: Sequence[Change]) -> str:
    clauses = [
        f"{elided(change.key, VALUE_WIDTH)} {elided(change.before, VALUE_WIDTH)} -> {elided(change.after, VALUE_WIDTH)}"
        for change in shared[:NAMED]
    ]
    return "; ".join(clauses) + (f"; and {len(shared) - NAMED} more" if len(shared) > NAMED else "")


def _caution(comparison: Comparison) -> Iterator[str]:
    compared = [cell for cell in comparison.cells if cell.call in {Call.WORSE, Call.BETTER, Call.OPEN}]
    if comparison.judged > 1:
        yield (
            f"Intervals are 95 % for all {comparison.judged} cells together: if nothing changed, at most one "
            "comparison in twenty calls any cell better or worse. Use bench check to decide by a margin with stated "
            "error rates."
        )
    elif comparison.judged:
        yield "The interval is 95 %. Use bench check to decide by a margin with stated error rates."
    if alone := len(compared) - comparison.judged:
        yield f"{plural(alone, 'cell')} with one seed on a side cannot be judged: one seed has no spread."
    partly = [cell for cell in compared if cell.same]
    if partly:
        same = sum(cell.same for cell in partly)
        yield (
            f"{plural(same, 'seed')} of {plural(len(partly), 'cell')} {'is' if same == 1 else 'are'} the same training "
            "on both sides, so the two sides are not independent and their intervals are wider than necessary."
        )
    if any(_other_data(cell) for cell in comparison.cells):
        yield f"Some cells have different data: their {comparison.score.heading} is on other test examples."


def _other_data(cell: CellComparison) -> bool:
    return cell.before.cell.data_sha256 != cell.after.cell.data_sha256


def _party_notes(name: str, party: Party) -> Iterator[str]:
    run = party.run
    if run is None:
        return
    if run.status is not RunStatus.FINISHED or party.trials < party.planned:
        state = {RunStatus.RUNNING: "has not finished", RunStatus.INTERRUPTED: "was interrupted"}.get(
            run.status, "is not complete"
        )
        yield f"Run {name} {state}: {party.trials} of {plural(party.planned, 'planned trial')} left a record."
    if run.asked.get("expression"):
        yield f"Run {name} trained a part of its suite: -k {run.asked['expression']!r}."
    yield from (f"{name}: {notice}" for notice in run.notices)
