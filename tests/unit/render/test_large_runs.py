"""A report of more cells than a page carries lists the best, says so, and has statistics of all."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

import pytest
from factories import failed, large, with_answers
from rich.console import Console

from bench.analyse import extent
from bench.render.context import report_context
from bench.render.explore.data import exploration
from bench.render.report import render_markdown
from bench.render.tables import trials_table

if TYPE_CHECKING:
    from bench.record.records import RunResult
    from bench.render.context import ReportContext

CELLS = 30


@pytest.fixture(scope="module")
def run() -> RunResult:
    """Thirty cells of three seeds, two trials of which failed for reasons of their own."""
    whole = with_answers(large(cells=CELLS), images=50)
    *others, one, other = whole.trials
    lost = [failed(of.cell, of.seed, reason=f"reason {of.seed}") for of in (one, other)]
    return replace(whole, trials=(*others, *lost))


@pytest.fixture(scope="module")
def whole(run: RunResult) -> ReportContext:
    """The report of a page that carries them all."""
    return report_context(run)


@pytest.fixture
def part(run: RunResult, monkeypatch: pytest.MonkeyPatch) -> ReportContext:
    """The report of a page that carries ten cells and one failure."""
    monkeypatch.setattr(extent, "MOST_CELLS", 10)
    monkeypatch.setattr(import_module("bench.render.context.failures"), "MOST_FAILURES", 1)
    return report_context(run)


def test_the_best_are_listed_and_drawn(whole: ReportContext, part: ReportContext) -> None:
    """Ten, and whatever is on the front; in the leaderboard, in charts of single cells and among the settings."""
    (board,), (every,) = part.leaderboards, whole.leaderboards
    assert 10 <= len(board.rows) < CELLS == len(every.rows)
    assert [row.figures for row in every.rows[:10]] == [row.figures for row in board.rows[:10]]
    assert len(part.differing.rows) == len(board.rows)
    charts = {chart.name: chart for chart in part.charts}
    assert len(charts["score-against-time"].rows) == len(board.rows)


def test_what_is_said_is_said_of_all(whole: ReportContext, part: ReportContext) -> None:
    """Headlines, ranks and the charts of whole axes do not depend on how much a page carries."""
    assert (whole.headlines, whole.facts, whole.common) == (part.headlines, part.facts, part.common)
    assert whole.leaderboards[0].ranking == part.leaderboards[0].ranking
    both = [{chart.name: chart for chart in context.charts} for context in (whole, part)]
    assert both[0]["main-effects"] == both[1]["main-effects"]


def test_it_says_how_many_of_how_many(run: RunResult, whole: ReportContext, part: ReportContext) -> None:
    """In front, in either format, and where the others are; nothing of it where all are there."""
    shown = len(part.leaderboards[0].rows)
    assert f"{shown} of {CELLS} cells shown" == part.badges[0].label
    assert part.badges[1:] == whole.badges
    assert f"**{shown} of {CELLS} cells shown**" in render_markdown(run)[0]
    assert (2, 1) == (len(whole.failures), len(part.failures))
    assert "The first 1 of 2 failures are listed; results.csv has them all." == part.missing


def test_interactive_charts_have_the_same_cells(run: RunResult, part: ReportContext) -> None:
    """As the leaderboard lists, in its order and by its names."""
    assert [row.label for row in part.leaderboards[0].rows] == [shown.label for shown in exploration(run).cells]


def test_the_terminal_lists_the_first_trials(run: RunResult) -> None:
    """And says how many more there are."""
    console = Console(width=200)
    with console.capture() as capture:
        console.print(trials_table(run, most=5))
    lines = capture.get().splitlines()
    assert (7, f"... and {3 * CELLS - 5} more trials in results.csv") == (len(lines), lines[-1].strip())
