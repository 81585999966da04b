"""Which verdicts make the test of a cell red."""

from __future__ import annotations

import pytest
from judgements import cell, judgement

from bench.pytest_plugin import _is_green
from bench.record.verdicts import Verdict


@pytest.mark.parametrize(
    ("rule", "green"),
    [
        ("exit-4", {Verdict.PASS, Verdict.IMPROVED}),
        ("fail", {Verdict.PASS, Verdict.IMPROVED}),
        ("more-seeds", {Verdict.PASS, Verdict.IMPROVED}),
        ("pass", {Verdict.PASS, Verdict.IMPROVED, Verdict.INCONCLUSIVE}),
    ],
)
def test_only_what_the_gate_lets_pass_is_green(rule: str, green: set[Verdict]) -> None:
    """An inconclusive cell only where the accepted rules say so."""
    cells = [cell(verdict, name=verdict) for verdict in Verdict]
    of = judgement(*cells, gate={**judgement().gate, "on_inconclusive": rule})
    assert green == {one.verdict for one in cells if _is_green(one, of)}
