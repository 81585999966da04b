"""What is done to inputs before a model gets them. Pure; knows no Keras."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.record.treatment import InputRecord, Untouched

if TYPE_CHECKING:
    from bench.catalog.datasets import DataFacts
    from bench.declare.settings import InputScaling

ALMOST_ONE = 2.0
"""Measured values that go no higher are taken for values from 0 to 1: resizing a picture overshoots a little."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model does with the inputs it is given.

    Attributes:
        lookup: the class of the layer that looks inputs up, such as `Embedding`; empty where they are amounts.
        scales: whether the model scales them itself.
        sparse: whether the loss that its builder compiled takes classes by their number.
    """

    lookup: str = ""
    scales: bool = False
    sparse: bool = False


PLAIN_READING = Reading()


def input_record(
    scaling: InputScaling, facts: DataFacts, reading: Reading, mean: float = 0.0, deviation: float = 1.0
) -> InputRecord:
    """What a scaling does to inputs, by what they are and what the model does with them.

    `unit` brings pictures and whole numbers to 0..1 once: by the full scale of their values, unless the model does it
    itself. Inputs that a model looks up are ids and stay as they are.

    Args:
        scaling: as declared.
        facts: of the training inputs.
        reading: what the model does with them.
        mean: of the inputs trained on; `standard` subtracts it.
        deviation: of the same; `standard` divides by it.
    """
    low, high, scales = facts.low, facts.high, reading.scales
    if scaling == "standard":
        return InputRecord(offset=mean, divisor=deviation or 1.0, low=low, high=high, model_scales=scales)
    untouched: Untouched | None = None
    divisor = full_scale(high, whole=facts.whole)
    if scaling == "none":
        untouched = Untouched.DECLARED
    elif reading.lookup:
        untouched = Untouched.IDS
    elif low < 0:
        untouched = Untouched.SIGNED
    elif divisor == 1:
        untouched = Untouched.IN_RANGE
    elif not (facts.picture or facts.whole):
        untouched = Untouched.FEATURES
    elif scales:
        untouched = Untouched.MODEL_SCALES
    return InputRecord(
        divisor=1.0 if untouched else divisor, low=low, high=high, untouched=untouched, model_scales=scales
    )


def full_scale(high: float, *, whole: bool) -> float:
    """The number that stands for 1: the smallest 2^k or 2^k - 1 that no value exceeds (16, 255, 65,535).

    Args:
        high: the largest value.
        whole: whether all values are whole numbers.
    """
    if high <= 1 or (not whole and high <= ALMOST_ONE):
        return 1.0
    bits = math.ceil(math.log2(high + 1))
    half = 2.0 ** (bits - 1)
    return half if half >= high else 2.0**bits - 1
