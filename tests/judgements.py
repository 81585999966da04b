"""Judgements as a check makes them, without a run behind them."""

from __future__ import annotations

import io

from bench.declare.schema import GateKeys
from bench.record.evidence import Difference, Seeds
from bench.record.verdicts import CellVerdict, Judgement, Verdict
from bench.render.console import TextConsole
from bench.render.gate.terminal import verdict_table

SEEDS = Seeds(n=5, mean=0.98, std=0.002)


def cell(verdict: Verdict, name: str = "mlp@mnist@cpu", **changes) -> CellVerdict:
    difference = Difference(
        value=-0.004, low=-0.007, high=-0.001, level=0.05, p_inferior=0.3, p_drop=0.01, p_drop_adjusted=0.02,
        p_gain_adjusted=1.0, look=1,
    )  # fmt: skip
    compared = verdict not in {Verdict.MISSING, Verdict.INVALID}
    values = {
        "cell_id": name,
        "verdict": verdict,
        "reason": "0.40 points lower.",
        "margin": 0.005,
        "baseline": SEEDS,
        "current": SEEDS if compared else None,
        "difference": difference if compared else None,
        **changes,
    }
    return CellVerdict(**values)


def judgement(*cells: CellVerdict, **changes) -> Judgement:
    values = {
        "suite": "mnist-mlp",
        "runs": ("20261124-120000-abcd",),
        "baseline": "ab" * 32,
        "accepted_at": "2026-11-24T12:00:00+00:00",
        "gate": GateKeys().model_dump(mode="json"),
        "looks": 1,
        "cells": cells,
        **changes,
    }
    return Judgement(**values)


ALL = judgement(*(cell(verdict, f"{verdict.lower()}@mnist@cpu") for verdict in Verdict))


def printed(of: Judgement) -> str:
    file = io.StringIO()
    TextConsole(file=file, width=200, color_system=None).print(verdict_table(of))
    return file.getvalue()
