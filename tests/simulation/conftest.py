"""How many grids are simulated, and what was counted."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

COUNTS = pytest.StashKey[list[str]]()


@dataclass(frozen=True)
class Counted:
    """Notes counts for the table at the end.

    Attributes:
        grids: how many are to be simulated.
    """

    grids: int
    lines: list[str]

    def __call__(self, what: str, count: int, rate: float) -> None:
        """Note that `count` of the grids were so, where the gate states `rate`."""
        self.lines.append(f"| {what} | {count:,} of {self.grids:,} | {count / self.grids:.2%} | {rate:.0%} |")


def pytest_configure(config):
    """One table per session."""
    config.stash[COUNTS] = []


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
