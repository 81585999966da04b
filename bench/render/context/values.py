"""What the templates see: frozen values, every number already text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.render.charts.canvas import Chart
    from bench.render.decision import Card
    from bench.render.findings import Headline

NAME_WIDTH = 90  # characters of a cell's name that a table can carry


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as text; the first `names` columns hold names, the others numbers."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """Something that weakens or qualifies trust in the numbers, and why."""

    label: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of the leaderboard.

    Attributes:
        key: its name in the page.
        meaning: its definition, which stands where the column does.
        beneath: what stands beneath its values, smaller; empty for nothing.
        sub_before, sub_after: what a page adds to the number beneath, so that it is no number without a name.
        unit: of the numbers that a copy as CSV holds; empty for a mere number.
        small: whether a reader who sorts by it looks for small values first.
        number: whether its values are numbers, which are set to the right.
        visible: whether a reader sees it at first; the others can be chosen.
        axis: whether it is a setting of the grid, which the names of cells hold as well.
    """

    key: str
    heading: str
    meaning: str
    beneath: str = ""
    sub_before: str = ""
    sub_after: str = ""
    unit: str = ""
    small: bool = False
    number: bool = True
    visible: bool = True
    axis: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What a column says of a cell.

    Attributes:
        sub: what stands beneath it, smaller.
        key: the number to sort by; empty for text and for what is missing.
        end: of an interval that begins with `key`; empty for anything else.
    """

    text: str
    sub: str = ""
    key: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacesSection:
    """The same networks on several backends or devices.

    Attributes:
        name: of the section in the page.
        title: a finding.
        findings: what each place says beside the first one.
        columns: the network, its first place, then two for each of the others.
        rows: one per network.
        notes: how the table is to be read.
    """

    name: str
    heading: str
    title: str
    findings: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderboardRow:
    """A cell in the leaderboard, every number as printed.

    Attributes:
        rank: by `bench.analyse.ranking.ranks`; `-` for a cell that has none.
        note: why it has no rank; empty where it has one, and without a result.
        leads: whether no other cell may be the best.
        bar: an SVG element, empty without an OK trial.
        figures: in the order of the columns.
        command: what to type to train it again.
        complete: whether every trial gave a result.
    """

    rank: str
    cell_id: str
    label: str
    bar: str
    figures: tuple[Value, ...]
    command: str
    note: str
    leads: bool
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaderboard:
    """The cells of one data set, the best first.

    Attributes:
        scale: what the ends of the bars stand for.
        ranking: how ranks are made, and how often they err.
        columns: those that have something to say.
    """

    dataset: str
    scale: str
    ranking: str
    columns: tuple[Column, ...]
    rows: tuple[LeaderboardRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A trial without a result.

    Attributes:
        log: where its log is, as recorded.
        log_link: the same as seen from the run's folder; empty where it is no link to follow.
    """

    label: str
    seed: str
    status: str
    reason: str
    log: str
    log_link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContext:
    """What the templates see.

    Attributes:
        notices: what the reader must know before any number.
        cards: what to choose, for each data set with a result.
        verdict: what the gate says of the run, in a sentence; empty where it was not asked.
        verdict_red: whether that turns a check red.
        untimed: why there are no times; empty where there are.
        facts: label and value of the run as a whole.
        common: settings that all cells share.
        differing: the settings in which cells differ; None where there are none.
        environment: label and value.
        cpu_flags: one line; empty where unknown.
        missing: planned trials there is no record of, as a sentence; empty for none.
        export_command: what to type to have the first cell as a notebook.
    """

    suite: str
    run_id: str
    started_at: str
    bench_version: str
    command: str
    notices: tuple[str, ...]
    headlines: tuple[Headline, ...]
    cards: tuple[Card, ...]
    badges: tuple[Badge, ...]
    facts: tuple[tuple[str, str], ...]
    leaderboards: tuple[Leaderboard, ...]
    places: tuple[PlacesSection, ...]
    verdict: str
    verdict_red: bool
    untimed: str
    charts: tuple[Chart, ...]
    failures: tuple[Failure, ...]
    missing: str
    common: tuple[tuple[str, str], ...]
    differing: Table | None
    suite_source: str
    environment: tuple[tuple[str, str], ...]
    cpu_flags: str
    nodes: Table
    packages: Table
    datasets: Table
    definitions: tuple[tuple[str, str], ...]
    export_command: str
