"""Whatever a file holds, reading it ends in a value or in a sentence for the user, soon and in little memory."""

from __future__ import annotations

import pytest
from attack import BATCH, CORPUS, PAST, ROW, USUAL, attack


@pytest.mark.parametrize("name", USUAL)
def test_no_damage_reaches_a_traceback(name, request) -> None:
    """Mutated files: none is uncaught, takes 2 s of a processor, or 256 MB."""
    seed, inputs = request.config.getoption("--fuzz-seed"), request.config.getoption("--inputs") or USUAL[name]
    # a report has a dozen charts, which take seconds to draw
    report = attack(name, seed, max(inputs // 50, 10) if name == "report" else inputs)
    request.node.user_properties.append((ROW, report.row(name)))
    assert not report.findings, f"{name}, --fuzz-seed {seed}:\n" + "\n".join(report.findings)


@pytest.mark.parametrize("name", PAST)
def test_past_findings_stay_fixed(name, request) -> None:
    """Each file of the corpus, and each of those that are too large to be kept."""
    report = attack(name, CORPUS, BATCH)
    request.node.user_properties.append((ROW, report.row(f"{name}, past findings")))
    assert report.inputs
    assert not report.findings, f"{name}:\n" + "\n".join(report.findings)
