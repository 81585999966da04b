"""How large the attacks are, and the table of what was counted."""

from __future__ import annotations

import pytest
from attacks import Count, Place

COUNT = "attack"


class Table:
    """Collects the counts of all tests."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a test noted."""
        self.lines += [str(value) for key, value in report.user_properties if key == COUNT and report.when == "call"]

    def pytest_terminal_summary(self, terminalreporter) -> None:
        """Print it."""
        if self.lines:
            terminalreporter.section("attacks")
            terminalreporter.write_line(
                "| attack | count | lost | doubled | left behind |\n| --- | --- | --- | --- | --- |"
            )
            terminalreporter.write_line("\n".join(sorted(self.lines)))


def pytest_configure(config) -> None:
    """One table per session."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Table())


@pytest.fixture
def place(own_folder) -> Place:
    """A folder for one attack."""
    return Place(own_folder)


@pytest.fixture
def counted(request):
    """Notes a row of the table, and fails where anything in it is not 0."""

    def note(count: Count) -> None:
        request.node.user_properties.append((COUNT, count.line()))
        assert (0, 0, 0, []) == (count.lost, count.doubled, count.left, count.notes)

    return note
