"""Runs and baselines for small cases of the gate: accuracies as counts of a test set, with predictions to match."""

from __future__ import annotations

import random
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import factories
import numpy as np

from bench.analyse.gate.acceptance import Approval, accept
from bench.declare.cell import Cell
from bench.declare.schema import GateKeys
from bench.record.baseline import Baseline
from bench.record.records import RunResult, TrialRecord

APPROVAL = Approval("2026-11-24T12:00:00+00:00", "Somebody <s@example.org>", "the first")
CELL = factories.cell("model-1", dataset="digits")
IMAGES = 360
"""Test examples of `digits`."""


def labels(images: int) -> np.ndarray:
    """The true class of every test example, (images,) uint8."""
    return np.arange(images, dtype=np.uint8) % 10


def trial(cell: Cell, seed: int, right: int, images: int, code: str) -> TrialRecord:
    """A training that predicts `right` of `images` test examples; which ones depends on cell, seed and code."""
    predicted = labels(images)
    wrong = random.Random(f"{code}/{cell.id}/{seed}").sample(range(images), images - right)  # noqa: S311  no secret
    predicted[wrong] = (predicted[wrong] + 1) % 10
    made = factories.trial(cell, seed, accuracy=right / images, test_images=images)
    digest = f"{zlib.crc32(predicted.tobytes()):08x}" * 8
    outcome = replace(made.outcome, predictions=zlib.compress(predicted.tobytes()), weights_digest=digest)
    return replace(made, outcome=outcome)


def run(
    right: Sequence[int],
    *,
    others: Sequence[tuple[Cell, Sequence[int]]] = (),
    seeds: Sequence[int] | None = None,
    images: int = IMAGES,
    code: str = "now",
    gate: Mapping[str, Any] | None = None,
) -> RunResult:
    """A run whose seeds predict so many test examples correctly.

    Args:
        right: correct predictions of each seed of `CELL`.
        others: the same of further cells.
        seeds: their numbers; 0, 1, 2, ... where None.
        images: test examples.
        code: another one gives other predictions, with the same seeds.
        gate: rules of the suite that are not the default.
    """
    trials = [
        trial(cell, seed, number, images, code)
        for cell, numbers in ((CELL, right), *others)
        for seed, number in zip(seeds or range(len(numbers)), numbers, strict=True)
    ]
    data = factories.dataset("digits", labels=zlib.compress(labels(images).tobytes()), test_images=images)
    rules = GateKeys(**(gate or {})).model_dump(mode="json")
    return factories.result(
        *trials, run_id=f"run-{code}", datasets=(data,), gate=rules, fingerprint="here", code={"mlp": code}
    )


def baseline(right: Sequence[int], **options: Any) -> Baseline:
    """A run that was accepted; its predictions are those of other trainings than the default of `run`."""
    return accept(run(right, **{"code": "then", **options}), APPROVAL, None)
