"""The index as text: what the templates of the page place."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from bench.core.formatting import MISSING, plural, seconds
from bench.record.records import RunStatus
from bench.render.index.sparkline import sparkline
from bench.render.moments import moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.record.index import RunEntry

MOST_RUNS = 200
"""Rows of a suite; older runs are counted."""
PAGES = ("report.html", "report.md")
"""Of a run's folder, the best to open first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A run's folder.

    Attributes:
        path: relative to the index, its parts separated by `/`.
        entry: what it holds.
        files: the names of the pages that are there, of `PAGES`.
    """

    path: str
    entry: RunEntry
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A run in the table of its suite; all values are text.

    Attributes:
        link: of its first page; empty where no page is there.
        further: other pages: what each is called, and its address.
        started_key: to sort by.
        red: whether its check failed.
    """

    run_id: str
    path: str
    link: str
    further: tuple[tuple[str, str], ...]
    started: str
    started_key: str
    status: str
    trials: str
    best: str
    score: str
    score_key: str
    time: str
    time_key: str
    verdict: str
    red: bool
    revision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteSection:
    """A suite and its runs, the newest first.

    Attributes:
        anchor: the section's id, unique on the page.
        score: heading of the score's column.
        summary: sentences about the newest run with a score.
        spark: SVG of ours; empty for fewer than two runs with the same score.
        older: how many runs are not listed.
    """

    name: str
    anchor: str
    score: str
    summary: tuple[str, ...]
    spark: str
    spark_text: str
    rows: tuple[Row, ...]
    older: int
    history_command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexContext:
    """The whole page.

    Attributes:
        unreadable: folders whose `run.json` cannot be read, with the reason.
        comparisons: pages that `bench compare` wrote into the folder: what each is called, and its address.
    """

    title: str
    suites: tuple[SuiteSection, ...]
    unreadable: tuple[tuple[str, str], ...]
    comparisons: tuple[tuple[str, str], ...]


def index_context(folders: Sequence[Folder], unreadable: Mapping[str, str], comparisons: Sequence[str]) -> IndexContext:
    """The index of a folder.

    Args:
        folders: of runs.
        unreadable: reasons by the paths of the folders that cannot be read.
        comparisons: pages of comparisons, by their paths.
    """
    by_suite: dict[str, list[Folder]] = {}
    for folder in sorted(folders, key=lambda folder: (folder.entry.started_at, folder.entry.run_id), reverse=True):
        by_suite.setdefault(folder.entry.suite, []).append(folder)
    suites = tuple(
        _section(number, name, of_suite) for number, (name, of_suite) in enumerate(by_suite.items(), start=1)
    )
    runs = plural(len(folders), "run")
    return IndexContext(
        title=f"{plural(len(suites), 'suite')}, {runs}" if folders else "No runs yet",
        suites=suites,
        unreadable=tuple(sorted(unreadable.items())),
        comparisons=tuple((path.rpartition("/")[2], quote(path)) for path in sorted(comparisons)),
    )


def _section(number: int, name: str, folders: Sequence[Folder]) -> SuiteSection:
    newest = next((folder.entry for folder in folders if folder.entry.best), None)
    score = (newest or folders[0].entry).score
    values = _values(folders, score.name)
    return SuiteSection(
        name=name,
        anchor=f"suite-{number}",
        score=score.title,
        summary=_summary(newest, len(folders)),
        spark=sparkline(values),
        spark_text=_spark_text(values, newest),
        rows=tuple(_row(folder) for folder in folders[:MOST_RUNS]),
        older=max(len(folders) - MOST_RUNS, 0),
        history_command=shlex.join(["bench", "history", name]),
    )


def _values(folders: Sequence[Folder], score: str) -> list[float]:
    """The best mean of every whole run by the newest score, the oldest first."""
    entries = [folder.entry for folder in reversed(folders)]
    return [
        entry.best.mean
        for entry in entries
        if entry.best is not None and not entry.follows and entry.score.name == score
    ]


def _summary(newest: RunEntry | None, runs: int) -> tuple[str, ...]:
    if newest is None or newest.best is None:
        return (f"{plural(runs, 'run')}; no trial has a score yet.",)
    best, reached = newest.best, newest.score.labelled(newest.best.mean)
    seeds = plural(best.seeds, "seed")
    return (f"The best cell of the newest run with a score is {best.cell_id}: {reached}, the mean of {seeds}.",)


def _spark_text(values: Sequence[float], newest: RunEntry | None) -> str:
    if len(values) < 2 or newest is None:  # noqa: PLR2004  a point is no line
        return ""
    low, high = newest.score.range(min(values), max(values)), plural(len(values), "run")
    return f"Best mean {newest.score.heading} of {high}, oldest on the left: {low}."


def _row(folder: Folder) -> Row:
    entry, best = folder.entry, folder.entry.best
    pages = [(name, quote(f"{folder.path}/{name}")) for name in folder.files]
    verdict = ", ".join(f"{number} {verdict}" for verdict, number in entry.verdicts)
    time_s = None if best is None else best.train_time_s
    return Row(
        run_id=entry.run_id,
        path=folder.path,
        link=pages[0][1] if pages else "",
        further=tuple(pages[1:]),
        started=moment(entry.started_at),
        started_key=entry.started_at,
        status=_status(entry),
        trials=f"{entry.ok:,} of {entry.planned:,}",
        best=best.cell_id if best else MISSING,
        score=entry.score.text(best.mean) if best else MISSING,
        score_key=repr(best.mean) if best else "",
        time=seconds(time_s),
        time_key="" if time_s is None else repr(time_s),
        verdict=verdict or MISSING,
        red=bool(entry.exit_code),
        revision=entry.revision[:10] + (" and changes" if entry.dirty else ""),
    )


def _status(entry: RunEntry) -> str:
    more = f", more seeds of {entry.follows}" if entry.follows else ""
    # a run.json is written when a run ends: one that says RUNNING was copied on the way
    return ("unfinished" if entry.status is RunStatus.RUNNING else entry.status.lower()) + more
