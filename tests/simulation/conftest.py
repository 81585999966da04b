"""How many grids are simulated, and what was counted."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

FEWEST = 2_000
COUNTS = pytest.StashKey[list[str]]()


@dataclass(frozen=True)
class Counted:
    """Notes counts for the table at the end.

    Attributes:
        grids: how many are to be simulated.
    """

    grids: int
    lines: list[str]

    def __call__(self, what: str, count: int, rate: float, number: int | None = None) -> None:
        """Note that `count` of the grids were so, or of `number`, where `rate` is stated."""
        number = self.grids if number is None else number
        self.lines.append(f"| {what} | {count:,} of {number:,} | {count / number:.2%} | {rate:.0%} |")


def pytest_configure(config):
    """One table per session."""
    config.stash[COUNTS] = []
    if config.getoption("--grids", 2_000) < FEWEST:
        raise pytest.UsageError(f"--grids must be at least {FEWEST:,}: fewer cannot tell the rates that are stated.")


@pytest.fixture
def counted(request) -> Counted:
    """The table."""
    return Counted(request.config.getoption("--grids"), request.config.stash[COUNTS])


def pytest_terminal_summary(terminalreporter, config):
    """Print it."""
    if config.stash[COUNTS]:
        terminalreporter.section("counts")
        terminalreporter.write_line("| simulated | count | rate | stated |\n| --- | --- | --- | --- |")
        terminalreporter.write_line("\n".join(config.stash[COUNTS]))
