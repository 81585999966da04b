"""How many payloads the soak places, and what it counted."""

from __future__ import annotations

import pytest

COUNT = "payloads"


class Table:
    """Adds up what the tests counted, and prints it at the end."""

    def __init__(self) -> None:
        self.counts: list[tuple[int, int, int]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a test counted: runs, outputs, findings."""
        if report.when == "call":
            self.counts += [value for name, value in report.user_properties if name == COUNT]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the sums."""
        if self.counts:
            runs, outputs, findings = map(sum, zip(*self.counts, strict=True))
            terminalreporter.write_line(
                f"Payloads: {runs:,} hostile runs, {outputs:,} outputs read back, {findings:,} elements, attributes, "
                "commands or control characters of a payload"
            )


def pytest_addoption(parser: pytest.Parser) -> None:
    """How many."""
    parser.addoption(
        "--payloads", choices=["some", "all"], default="some",
        help="some: pages and charts with each ninth placing; all: with each",
    )  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    """Have the sums printed by the process that reports."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Table())
