"""How many grids are simulated, and what was counted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

FEWEST = 2_000
COUNT = "count"


@dataclass(frozen=True)
class Counted:
    """Notes counts for the table at the end.

    Attributes:
        grids: how many are to be simulated.
        properties: of the test, which travel from the process that runs it to the one that prints the table.
    """

    grids: int
    properties: list[tuple[str, object]]

    def __call__(self, what: str, count: int, rate: float | None, of: int = 0) -> None:
        """Note that `count` of the grids (or of so many) were so, where the gate states `rate`, if it states any."""
        number = of or self.grids
        stated = "-" if rate is None else f"{rate:.1%}"
        self.properties.append((COUNT, f"| {what} | {count:,} of {number:,} | {count / number:.2%} | {stated} |"))


class Table:
    """Collects the counts of all tests."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a test noted."""
        if report.when == "call":
            self.lines += [str(value) for key, value in report.user_properties if key == COUNT]

    def pytest_terminal_summary(self, terminalreporter) -> None:
        """Print it."""
        if self.lines:
            terminalreporter.section("counts")
            terminalreporter.write_line("| simulated | count | rate | stated |\n| --- | --- | --- | --- |")
            terminalreporter.write_line("\n".join(sorted(self.lines)))


def pytest_configure(config):
    """One table per session."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Table())
    if config.getoption("--grids", 2_000) < FEWEST:
        raise pytest.UsageError(f"--grids must be at least {FEWEST:,}: fewer cannot tell the rates that are stated.")


def pytest_collection_modifyitems(config, items):
    """With `--one-case`, keep the middle case of each simulation."""
    if not config.getoption("--one-case"):
        return
    simulations = Path(__file__).parent
    cases: dict[object, list[pytest.Item]] = {}
    for item in items:
        if item.path.is_relative_to(simulations):
            cases.setdefault((item.path, item.originalname), []).append(item)
    kept = {id(of[len(of) // 2]) for of in cases.values()}
    dropped = [item for of in cases.values() for item in of if id(item) not in kept]
    config.hook.pytest_deselected(items=dropped)
    gone = {id(item) for item in dropped}
    items[:] = [item for item in items if id(item) not in gone]


@pytest.fixture
def counted(request) -> Counted:
    """The table."""
    return Counted(request.config.getoption("--grids"), request.node.user_properties)
