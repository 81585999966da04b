"""How many inputs each parser gets, and the table of what they did."""

from __future__ import annotations

import pytest
from attack import HEAD, ROW


class Table:
    """Collects the rows of all tests, from whichever process ran them."""

    def __init__(self) -> None:
        self.rows: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a test noted."""
        if report.when == "call":
            self.rows += [str(value) for key, value in report.user_properties if key == ROW]

    def pytest_terminal_summary(self, terminalreporter, config) -> None:
        """Print it, with what repeats it."""
        if self.rows:
            terminalreporter.section("fuzz")
            terminalreporter.write_line(HEAD)
            terminalreporter.write_line("\n".join(sorted(self.rows)))
            terminalreporter.write_line(f"Repeat with --fuzz-seed {config.getoption('--fuzz-seed')}.")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--inputs N`, `--fuzz-seed N`."""
    parser.addoption("--inputs", type=int, default=0, help="Mutated inputs per parser; a bounded number if not given.")
    parser.addoption("--fuzz-seed", type=int, default=15, help="What the mutations are drawn with.")


def pytest_configure(config: pytest.Config) -> None:
    """One table per session."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Table())
