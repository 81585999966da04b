"""How large the attacks on the store are, and the table of what they found."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

ROW = "attack on the store"


@dataclass(frozen=True)
class Counted:
    """Notes what an attack found for the table at the end.

    Attributes:
        properties: of the test, which travel from the process that runs it to the one that prints the table.
    """

    properties: list[tuple[str, object]]

    def __call__(self, attack: str, count: int, *, lost: int, doubled: int, note: str = "") -> None:
        """Note how many times something was done, and how many trials that lost or doubled."""
        self.properties.append((ROW, f"| {attack} | {count:,} | {lost} | {doubled} | {note} |"))


class Table:
    """Collects the rows of all tests."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a test noted."""
        if report.when == "call":
            self.lines += [str(value) for key, value in report.user_properties if key == ROW]

    def pytest_terminal_summary(self, terminalreporter) -> None:
        """Print it."""
        if self.lines:
            terminalreporter.section("attacks on the store")
            terminalreporter.write_line("| attack | count | lost | doubled | |\n| --- | --- | --- | --- | --- |")
            terminalreporter.write_line("\n".join(sorted(self.lines)))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--store-kills N`, `--store-flips N` and `--store-faults N`."""
    parser.addoption("--store-kills", type=int, default=60, help="How many writers of the store are killed.")
    parser.addoption("--store-flips", type=int, default=300, help="How many bits of a store are flipped.")
    parser.addoption("--store-faults", type=int, default=3, help="In how many runs of the command line a call fails.")


def pytest_configure(config):
    """One table per session."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Table())


@pytest.fixture
def counted(request) -> Counted:
    """The table."""
    return Counted(request.node.user_properties)
