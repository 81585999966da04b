"""What the benchmarks reached, as one table: in the terminal, and in the file that `--figures` names."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

HEADER = ("figure", "target", "median (smallest to largest)", "runs", "")
ABOUT = (
    "Made by `nox -s perf`, which replaces the rows that it measures. The runs of a ratio are whole runs of the "
    "benchmark, both sides in each."
)


@dataclass(frozen=True)
class Figure:
    """Something this project promises, and what was measured.

    Attributes:
        target: None where nothing is promised and the figure is reported all the same.
        at_most: whether smaller is better.
        form: how a value is printed.
    """

    name: str
    values: tuple[float, ...]
    target: float | None
    at_most: bool
    form: str

    def row(self) -> tuple[str, ...]:
        """As the table shows it."""
        middle, low, high = (self._text(value) for value in (self.median, min(self.values), max(self.values)))
        target = (
            "-" if self.target is None else f"{'at most' if self.at_most else 'at least'} {self._text(self.target)}"
        )
        return self.name, target, f"{middle} ({low} to {high})", str(len(self.values)), self.verdict

    @property
    def median(self) -> float:
        """Of the runs."""
        return statistics.median(self.values)

    @property
    def verdict(self) -> str:
        """By the median."""
        if self.target is None:
            return ""
        reached = self.median <= self.target if self.at_most else self.median >= self.target
        return "reached" if reached else "**not reached**"

    def _text(self, value: float) -> str:
        return self.form.format(value)


@dataclass
class Figures:
    """The figures of a session, in the order they were measured."""

    found: list[Figure] = field(default_factory=list)

    def add(
        self,
        name: str,
        values: Sequence[float],
        *,
        target: float | None = None,
        at_most: bool = False,
        form: str = "{:.2f} x",
    ) -> None:
        """Note a figure.

        Args:
            name: what was measured, for somebody who knows the project.
            values: one per run.
            target: what was promised.
            at_most: whether the target is an upper limit.
            form: a format of one value.
        """
        self.found.append(Figure(name, tuple(float(value) for value in values), target, at_most, form))

    def markdown(self, before: str = "") -> str:
        """The table; figures of the table `before` that were not measured this time stay in it."""
        known = {row[0]: row for row in map(_cells, before.splitlines()) if len(row) == len(HEADER)}
        measured = {figure.name: figure.row() for figure in self.found}
        rows = [HEADER, *(row for name, row in (known | measured).items() if name != HEADER[0] and name.strip("-"))]
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
        lines = [
            "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
        ]
        lines.insert(1, "| " + " | ".join("-" * max(3, width) for width in widths) + " |")
        return "\n".join(lines)


def _cells(line: str) -> tuple[str, ...]:
    """The cells of a line of a Markdown table."""
    return tuple(cell.strip() for cell in line.strip().strip("|").split(" | "))


FIGURES = pytest.StashKey[Figures]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--figures FILE`."""
    parser.addoption("--figures", type=Path, help="Also write the table of figures to this Markdown file.")


def pytest_configure(config: pytest.Config) -> None:
    """One table per session."""
    config.stash[FIGURES] = Figures()


@pytest.fixture
def figures(request: pytest.FixtureRequest) -> Figures:
    """Where a benchmark notes what it measured."""
    return request.config.stash[FIGURES]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the table, and write it where that was asked for."""
    found = config.stash[FIGURES]
    if not found.found:
        return
    terminalreporter.section("figures")
    terminalreporter.write_line(found.markdown())
    if path := config.getoption("figures"):
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(f"{ABOUT}\n\n{found.markdown(before)}\n", encoding="utf-8")
