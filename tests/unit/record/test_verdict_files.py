"""`verdict.json` as somebody may have damaged it: read, or taken for none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from factories import result

from bench.core.errors import ExitCode
from bench.declare.schema import GateKeys
from bench.record.evidence import Seeds
from bench.record.verdictfile import VERDICT_FILE, read_verdict, write_verdict
from bench.record.verdicts import CellVerdict, Judgement, Verdict
from bench.results import Run

if TYPE_CHECKING:
    from pathlib import Path


def judgement(**changes: Any) -> Judgement:
    seeds = Seeds(n=3, mean=0.9, std=0.01)
    cell = CellVerdict(cell_id="mlp@digits@cpu", verdict=Verdict.INCONCLUSIVE, margin=0.005, baseline=seeds)
    values: dict[str, Any] = {
        "suite": "mnist-mlp", "runs": (result().run.run_id,), "baseline": "ab" * 32, "accepted_at": "2026-01-01",
        "gate": GateKeys(on_inconclusive="fail").model_dump(mode="json"), "looks": 1, "cells": (cell,), **changes,
    }  # fmt: skip
    return Judgement(**values)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{}",
        "5",
        "null",
        "",
        "[" * 100_000,
        '{"a":' * 5_000 + "1" + "}" * 5_000,
        "\xff",
        '{"suite": "a", "suite": 1}',
    ],
)
def test_what_is_no_verdict_is_none(tmp_path: Path, text: str) -> None:
    """A list, nothing at all, or a nest without end."""
    (tmp_path / VERDICT_FILE).write_text(text, encoding="latin-1")
    assert read_verdict(tmp_path) is None


def test_rules_that_are_not_there_judge_nothing(tmp_path: Path) -> None:
    """An inconclusive check whose rules say nothing of it exits 4, as they do by default."""
    write_verdict(judgement(), tmp_path)
    content = json.loads((tmp_path / VERDICT_FILE).read_text())
    (tmp_path / VERDICT_FILE).write_text(json.dumps({**content, "gate": {}}))
    read = read_verdict(tmp_path)
    assert read is not None
    assert read.exit_code is ExitCode.NOT_JUDGED
    assert judgement().exit_code is ExitCode.REGRESSED


def test_the_verdict_of_another_run_is_not_shown(tmp_path: Path) -> None:
    """Only that of this very run of this very suite."""
    run = result()
    write_verdict(judgement(), tmp_path)
    assert Run(run, tmp_path).judgement == judgement()
    for changes in ({"suite": "other"}, {"runs": ("20260101-000000-abcd",)}):
        write_verdict(judgement(**changes), tmp_path)
        assert Run(run, tmp_path).judgement is None
