"""Help and tables on a terminal of 80 columns: no line is longer, nothing is cut, names are broken between parts."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import click
import pytest
from commandline import bench
from factories import failed, grid, result

from bench import cli
from bench.analyse.stats import summary
from bench.core.score import ACCURACY
from bench.record.collect import trials_frame
from bench.record.runfile import read_run_file
from bench.render.breaking import Breaking
from bench.render.console import TextConsole
from bench.render.digest import digest_lines
from bench.render.plan import plan_table
from bench.render.tables import leaderboard, trials_table

COLUMNS = 80
GRID = Path(__file__).parents[2] / "reports" / "examples" / "mnist-grid"


def commands(group: click.Group, *path: str) -> list[tuple[str, ...]]:
    """Every command by its words, groups among them."""
    found = [path]
    for name, command in group.commands.items():
        found += commands(command, *path, name) if isinstance(command, click.Group) else [(*path, name)]
    return found


@pytest.mark.parametrize("words", commands(cli.bench), ids=" ".join)
def test_help_fits(words: tuple[str, ...]) -> None:
    """And says every description whole."""
    ended = bench(*words, "--help", COLUMNS=str(COLUMNS))
    lines = ended.stdout.splitlines()
    assert [] == [line for line in lines if len(line) > COLUMNS]
    assert [] == [line for line in lines if line.endswith("...") and not line.startswith("Usage:")]


def printed(*values: object) -> list[str]:
    """The lines of a terminal."""
    console = TextConsole(file=io.StringIO(), width=COLUMNS, color_system=None)
    for value in values:
        console.print(value)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize("table", ["leaderboard", "plan", "trials"])
def test_names_are_broken_between_their_parts(table: str) -> None:
    """Every line of a long id is a run of whole parts, and no column is cut."""
    run = read_run_file(GRID)
    run = replace(run, trials=run.trials[-20:])
    cells = list({trial.cell.id: trial.cell for trial in run.trials}.values())
    made = {
        "leaderboard": lambda: leaderboard(summary(trials_frame(run), ACCURACY), ACCURACY),
        "plan": lambda: plan_table(cells, 3, None),
        "trials": lambda: trials_table(run, most=20),
    }[table]()
    lines = printed(made)
    assert max(map(len, lines)) <= COLUMNS
    text = " ".join(lines)
    for parameter in ("layers=", "nodes=", "lr=", "batch="):
        assert parameter in text
    assert [] == [line for line in lines if line.rstrip().endswith("=")]


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("mlp[layers=1,lr=1e-05]@mnist@cpu", 16, ["mlp[layers=1,", "lr=1e-05]@mnist", "@cpu"]),
        ("20261127-065402-ae95e4734b021221", 16, ["20261127-065402-", "ae95e4734b021221"]),
        ("20261127-065402-ae95e4734b021221-0001", 16, ["20261127-065402-", "ae95e4734b021221", "-0001"]),
        ("two words\nand a line", 9, ["two words", "and a", "line"]),
        ("lr=-0.5, then", 8, ["lr=-0.5,", "then"]),
        ("", 5, [""]),
    ],
)
def test_lines_end_between_parts(text: str, width: int, lines: list[str]) -> None:
    """Not inside a word or a number."""
    assert lines == list(Breaking(text).lines(width))


def test_a_large_run_is_told_by_its_cells() -> None:
    """How trials ended, and each reason once, with some of those that it is of."""
    some = grid()
    trials = [*some.trials[:30], *(failed(some.trials[0].cell, seed, reason="out of memory") for seed in range(5))]
    lines = list(digest_lines(result(*trials)))
    assert lines[0].startswith("35 trials: 29 OK, 1 DIVERGED, 5 FAILED; ")
    assert "5 FAILED: out of memory (" in lines[-1]
    assert lines[-1].endswith("seed 2 and 2 more)")
