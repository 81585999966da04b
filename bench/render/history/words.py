"""The sentences about a history: what changed, between which revisions, and what could not be judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from bench.analyse.history.breaks import FEWEST
from bench.analyse.history.changed import Changed, Kind
from bench.analyse.history.story import Change, Quantity, Silence
from bench.core.formatting import MISSING, elided, plural, ratio, ratio_range, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.analyse.history.story import CellHistory, SuiteHistory
    from bench.core.score import Score
    from bench.record.records import RunRecord

Call = Literal["better", "worse", "faster", "slower"]

REVISION = 8
"""Digits of a revision."""
NAMED = 3
"""Differences between two runs that a line names; JSON has all."""
WIDEST = 24
"""Characters of a name or a value in such a difference."""


def revision(run: RunRecord) -> str:
    """The first digits of a run's revision, `+` where files were changed; `-` where none was recorded."""
    if run.environment is None or not run.environment.git_revision:
        return MISSING
    return elided(run.environment.git_revision[:REVISION], REVISION) + ("+" if run.environment.git_dirty else "")


def when(run: RunRecord) -> str:
    """Date and time of a run, to the minute."""
    return elided(run.started_at[:16].replace("T", " "), 16)


def quantity(change: Change, score: Score) -> str:
    """What changed."""
    return score.heading if change.quantity is Quantity.SCORE else "training time"


def levels(change: Change, score: Score) -> str:
    """Before and after: `98.12 % to 97.10 %`."""
    text: Callable[[float], str] = score.text if change.quantity is Quantity.SCORE else seconds
    return f"{text(change.before)} to {text(change.after)}"


def size(change: Change, score: Score) -> str:
    """The change: `-1.02`, in points, or a ratio of times: `x 1.31`."""
    if change.quantity is Quantity.TIME:
        return f"x {ratio(change.after / change.before)}"
    return score.signed_gap(change.after - change.before)


def size_text(change: Change, score: Score) -> str:
    """The change with its unit, for a sentence: `-1.02 points`, `x 1.31`."""
    return f"{size(change, score)} {score.unit if change.quantity is Quantity.SCORE else ''}".rstrip()


def reach(change: Change, score: Score) -> str:
    """Its 95 % interval."""
    low, high = change.interval.low, change.interval.high
    return ratio_range(low, high) if change.quantity is Quantity.TIME else score.signed_gap_range(low, high)


def revisions(change: Change, runs: Sequence[RunRecord]) -> str:
    """Where the change lies: `0a1b2c3d..9e8f7a6b`, or the dates where a revision is missing."""
    ends = (runs[change.earliest], runs[change.latest])
    names = [revision(run) for run in ends]
    if MISSING in names:
        return f"{when(ends[0])} .. {when(ends[1])}"
    return f"{names[0]} (unchanged)" if names[0] == names[1] else "..".join(names)


def sentence(change: Change, history: SuiteHistory) -> str:
    """A change in a line, without its cell."""
    score = history.score
    where = revisions(change, history.runs)
    if MISSING not in {revision(history.runs[change.earliest]), revision(history.runs[change.latest])}:
        where = f"{'revisions' if '..' in where else 'revision'} {where}"
    return f"{quantity(change, score)}: {levels(change, score)} ({size_text(change, score)}), {call(change)}, {where}"


def call(change: Change) -> Call:
    """Whether it is for the better."""
    if change.quantity is Quantity.TIME:
        return "faster" if change.better else "slower"
    return "better" if change.better else "worse"


def differences(change: Change) -> str:
    """What else differs between the two runs: `keras 3.14 to 3.15, code of mlp`; empty where nothing recorded does."""
    named = [_difference(difference) for difference in change.changed[:NAMED]]
    more = len(change.changed) - len(named)
    return ", ".join(named) + (f", {more} more" if more > 0 else "")


def _difference(difference: Changed) -> str:
    name = elided(difference.name, WIDEST)
    match difference.kind:
        case Kind.CODE:
            return f"code of {name}"
        case Kind.MACHINE:
            return "another machine"
        case Kind.PYTHON:
            name = "Python"
        case _:
            pass
    return f"{name} {elided(difference.before, WIDEST) or 'absent'} to {elided(difference.after, WIDEST) or 'absent'}"


def title(history: SuiteHistory) -> str:
    """The finding: how many changes there are in how many cells."""
    runs = plural(len(history.runs), "run")
    judged = [cell for cell in history.cells if cell.score_silence is None or cell.time_silence is None]
    if not judged:
        few = all(cell.score_silence is Silence.FEW_RUNS for cell in history.cells)
        return f"No history yet: no cell has {FEWEST} runs" if few else "No history: no cell can be judged"
    cells = plural(len(judged), "cell")
    if not history.changes:
        return f"No change beyond chance in {cells} over {runs}"
    of = len({cell_id for cell_id, _ in history.changes})
    return f"{plural(len(history.changes), 'change')} in {of} of {cells} over {runs}"


def notes(history: SuiteHistory) -> list[str]:
    """What the reader must know of the data: a sentence for each kind of run that was left out or says little."""
    cells = history.cells
    lines = [
        _silent(cells, Silence.FEW_RUNS, f"fewer than {FEWEST} runs (two before and two after a change)"),
        _silent(cells, Silence.ONE_SEED, "one seed only, so the data cannot separate a change from chance"),
        _untimed(cells),
        _left(cells, "data", "used other data than the last run and are excluded"),
        _left(cells, "machine", "ran on another machine than the last run; their times are excluded"),
        _left(cells, "contended", "have no undisturbed training time; their times are excluded"),
    ]
    if missing := history.without_revision:
        lines.append(f"{plural(missing, 'run')} recorded no Git revision; changes next to them have dates instead.")
    return [line for line in lines if line]


def _silent(cells: Sequence[CellHistory], why: Silence, text: str) -> str:
    number = sum(cell.score_silence is why for cell in cells)
    return f"Not judged: {plural(number, 'cell')} with {text}." if number else ""


def _untimed(cells: Sequence[CellHistory]) -> str:
    """Cells whose score is judged and whose time is not."""
    number = sum(cell.score_silence is None and cell.time_silence is not None for cell in cells)
    return f"Times not judged: {plural(number, 'cell')} with fewer than {FEWEST} timed runs." if number else ""


def _left(cells: Sequence[CellHistory], reason: str, text: str) -> str:
    most = max((getattr(cell.left, reason) for cell in cells), default=0)
    if not most:
        return ""
    return f"Up to {plural(most, 'run')} of a cell {text}." if len(cells) > 1 else f"{plural(most, 'run')} {text}."


HOW = (
    "A change is a new level that lasts for two or more runs and is more than chance: 1 % error over all cells and "
    "runs together, separately for scores and for times. Intervals are 95 %. Changes of time below 5 % are not listed."
)
"""What a change is."""
