"""One rule ranks cells: every output shows the ranks of the summary, and says how they are made."""

from __future__ import annotations

import functools
import html
import re

import pytest
from factories import cell, grid, reference_study, result, trial

from bench.analyse.leader import leaders
from bench.analyse.stats import summary
from bench.core.score import ACCURACY
from bench.record.collect import trials_frame
from bench.record.records import RunResult
from bench.render import tables
from bench.render.console import TextConsole
from bench.render.context import ReportContext, report_context
from bench.render.explore.data import exploration
from bench.render.exports.latex import latex_text
from bench.render.report import render_html, render_markdown
from bench.render.words import ranking_notes

ONE = [trial(cell("single"), 1, accuracy=0.99)]
RUNS = {
    "two cells": reference_study(),
    "a grid": result(*grid().trials[:45]),
    "one seed of the best": result(*ONE, *reference_study().trials),
    "one seed each": result(trial(cell("a"), 1, accuracy=0.9), trial(cell("b"), 1, accuracy=0.5)),
}


@functools.cache
def context(name: str) -> ReportContext:
    """All that the report of a run says."""
    return report_context(RUNS[name])


@functools.cache
def pages(name: str) -> tuple[str, str]:
    """The page and the Markdown of a run, which several tests read."""
    return render_html(RUNS[name]), render_markdown(RUNS[name])[0]


def shown(run: RunResult, width: int = 160) -> str:
    console = TextConsole(width=width, color_system=None)
    with console.capture() as capture:
        console.print(tables.leaderboard(summary(trials_frame(run), ACCURACY), ACCURACY, limit=100))
    return capture.get()


@pytest.mark.parametrize("name", RUNS)
def test_every_output_has_the_ranks_of_the_summary(name: str) -> None:
    """The page, Markdown, the terminal, interactive charts and LaTeX; in the order of the leaderboard."""
    run, (page, text) = RUNS[name], pages(name)
    cells = summary(trials_frame(run), ACCURACY)
    known = {row["cell_id"]: "-" if row["n"] < 2 else str(row["rank"]) for row in cells.to_dict("records")}
    (board,) = context(name).leaderboards
    ranks = [known[row.cell_id] for row in board.rows]
    markdown = text.split("## Leaderboard")[1].split("<details>")[0]

    assert ranks == [row.rank for row in board.rows]
    assert ranks == re.findall(r'<td data-key="[^"]*">([-\d]+)</td>\s*<th scope="row"', page)
    assert ranks == re.findall(r"^\| \\?([-\d]+) \| `", markdown, flags=re.MULTILINE)
    assert ranks == [line.split()[0] for line in shown(run).splitlines()[2:]]
    assert ranks == [one.rank for one in exploration(run).cells]
    assert ranks == re.findall(r"^([-\d]+) & ", latex_text(run), flags=re.MULTILINE)


@pytest.mark.parametrize("name", RUNS)
def test_the_headline_agrees_with_the_ranks(name: str) -> None:
    """It counts the others that share rank 1 or have one seed, and says who wins where there are none."""
    cells = summary(trials_frame(RUNS[name]), ACCURACY)
    (best,) = leaders(cells, ACCURACY)
    open_ = cells[(cells["rank"] == 1).fillna(value=False) | (cells["n"] == 1)]["cell_id"]
    (told,) = context(name).headlines

    assert set(open_) | {best.cell_id} == set(best.contenders)
    if len(best.contenders) == 1:
        assert " wins on mnist with " in told.title
    elif best.tied is not None:
        assert re.search(r"but (another|\d+ other) cells? may be as good$", told.title)
    else:
        assert told.title.endswith("there are too few seeds to be sure")


@pytest.mark.parametrize("name", RUNS)
def test_the_rule_stands_where_the_ranks_do(name: str) -> None:
    """Under the table of the page, in Markdown and LaTeX; the terminal prints the same."""
    run, (page, markdown) = RUNS[name], pages(name)
    (note,) = ranking_notes(summary(trials_frame(run), ACCURACY))
    escaped = note.replace("%", r"\%")

    assert note == context(name).leaderboards[0].ranking
    text = html.unescape(re.sub(r"<[^>]+>", "", page))
    assert note in " ".join(text.split())
    assert note in markdown
    assert escaped in latex_text(run)


def test_the_rule_says_over_how_many_pairs_it_errs() -> None:
    """Fifteen cells are 105 pairs; one seed each ranks nothing."""
    notes = {name: ranking_notes(summary(trials_frame(run), ACCURACY))[0] for name, run in RUNS.items()}

    assert "(t tests of 105 pairs, error 5 % for all together)" in notes["a grid"]
    assert "(t test, error 5 %)" in notes["two cells"]
    assert notes["one seed of the best"].endswith("A cell with one seed has no rank.")
    assert notes["one seed each"] == "One seed per cell: the data cannot rank the cells."


def test_the_leaderboard_fits_80_columns() -> None:
    """Without what all cells share, a name is on one line; where there is room it is the whole id."""
    run = result(*(trial(cell("mlp", parameters={"hidden": [64, width]}, named=("hidden",)), seed)
                   for width in (16, 32) for seed in (1, 2)))  # fmt: skip

    assert "mlp[hidden=64-16]@mnist@cpu" in shown(run)
    narrow = shown(run, 80).splitlines()
    assert any(re.match(r" *1 +mlp\[hidden=", line) for line in narrow)
    assert all(len(line.rstrip()) <= 80 for line in narrow)


def test_no_name_breaks_inside_a_word_at_80_columns() -> None:
    """Long names break between their settings; every setting is whole on a line, as every figure is."""
    run = result(
        *(
            trial(cell("mlp", parameters={"layers": 3, "nodes": width}, learning_rate=rate,
                       named=("layers", "nodes", "learning_rate", "batch_size")), seed)
            for width in (128, 512) for rate in (0.05, 0.1) for seed in (1, 2)
        )
    )  # fmt: skip
    lines = shown(run, 80).splitlines()
    assert all(len(line.rstrip()) <= 80 for line in lines)
    words = [word for line in lines[2:] for word in line.split()]
    pieces = [piece for word in words if "=" in word for piece in re.split(r"(?<=[,\[])", word) if piece]
    assert pieces
    assert all(re.fullmatch(r"mlp\[|(layers=3|nodes=(128|512)|lr=0\.(05|1)|batch=32)[,\]]", piece) for piece in pieces)
