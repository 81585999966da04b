"""What is done to inputs before a model gets them. Pure; knows no Keras."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.execute.losses import resolved_loss
from bench.record.treatment import InputRecord, Untouched

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bench.catalog.datasets import DataFacts
    from bench.core.target import Target
    from bench.declare.settings import InputScaling, TrainingSettings

_VECTORS = 2
"""Axes of vectors, (n, features)."""

ALMOST_ONE = 2.0
"""Measured values that go no higher are taken for values from 0 to 1: resizing a picture overshoots a little."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a model does with the inputs it is given.

    Attributes:
        lookup: the class of the layer that looks inputs up, such as `Embedding`; empty where they are amounts.
        lookups: of several inputs, the names of those that are ids.
        scales: whether the model scales them itself.
        no_id: a value that is looked up and is no whole number from 0; None where there is none.
        table: how many ids its embedding has, where that is given the whole input; else None.
        sparse: whether the loss that its builder compiled takes classes by their number.
        outputs: the width of what it puts out; None where that is not known yet.
    """

    lookup: str = ""
    lookups: frozenset[str] = frozenset()
    scales: bool = False
    no_id: float | None = None
    table: int | None = None
    sparse: bool = False
    outputs: int | None = None

    def takes_numbers(self, settings: TrainingSettings, target: Target) -> bool:
        """Whether the loss takes classes by their number, and not one-hot."""
        if settings.compile == "builder":
            return self.sparse
        return resolved_loss(settings.loss, target, self.outputs).sparse


PLAIN_READING = Reading()


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """What is done to an input: (x - offset) / divisor.

    Attributes:
        offset, divisor: (), or one per feature or channel, float32.
        ids: whether the input is looked up: whole numbers stay whole numbers.
        record: the same as it is recorded.
    """

    offset: NDArray[np.float32]
    divisor: NDArray[np.float32]
    ids: bool
    record: InputRecord

    @property
    def shifts(self) -> bool:
        """Whether anything is subtracted."""
        return bool(self.offset.any())

    @property
    def divides(self) -> bool:
        """Whether anything is divided."""
        return bool((self.divisor != 1).any())

    @property
    def dtype(self) -> str:
        """Of what a model is given."""
        return "int32" if self.ids else "float32"

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        """An input as a model takes it."""
        if self.ids:
            return x if x.dtype == np.int64 else x.astype(np.int32)
        scaled = x.astype(np.float32)
        if self.shifts:
            scaled -= self.offset
        if self.divides:
            scaled /= self.divisor
        return scaled


def scaling_of(
    x: NDArray[Any], declared: InputScaling, facts: DataFacts, reading: Reading, *, name: str = ""
) -> Scaling:
    """The scaling of an input.

    Args:
        x: (n, ...) what is trained on, as decoded.
        declared: the setting.
        facts: of the data set.
        reading: what the model does with its inputs.
        name: of the input; empty for the only one.
    """
    if name:
        low, high = float(x.min()), float(x.max())
        if name in reading.lookups:
            record = InputRecord(low=low, high=high, untouched=Untouched.IDS)
            return Scaling(np.zeros((), np.float32), np.ones((), np.float32), ids=True, record=record)
        whole, picture = x.dtype.kind in "iub", x.ndim > _VECTORS + 1 and x.dtype == np.uint8
        facts = replace(facts, low=low, high=high, whole=whole, picture=picture)
    mean, deviation = moments(x) if declared == "standard" else (0.0, 1.0)
    record = input_record(declared, facts, reading, mean, deviation)
    ids = record.untouched is Untouched.IDS and x.dtype.kind in "iu"
    offset, divisor = (np.asarray(value, np.float32) for value in (record.offset, record.divisor))
    return Scaling(offset, divisor, ids=ids, record=record)


def moments(x: NDArray[Any]) -> tuple[float | tuple[float, ...], float | tuple[float, ...]]:
    """Mean and deviation of each feature of vectors, (n, features), or of each channel, the last axis, of all others.

    A feature that does not vary is divided by 1.

    Returns:
        Two numbers where there is one feature or channel, else two tuples of them.
    """
    if x.ndim == 1 or x.shape[-1] == 1:
        deviation = float(np.std(x, dtype=np.float64)) if x.min() < x.max() else 1.0
        return float(np.mean(x, dtype=np.float64)), deviation
    axes = tuple(range(x.ndim - 1))
    means, deviations = np.mean(x, axis=axes, dtype=np.float64), np.std(x, axis=axes, dtype=np.float64)
    # the mean of equal values may be off by a rounding, so that their deviation is not 0
    divisors = np.where(x.min(axis=axes) < x.max(axis=axes), deviations, 1.0)
    return tuple(map(float, np.atleast_1d(means))), tuple(map(float, np.atleast_1d(divisors)))


def input_record(
    scaling: InputScaling,
    facts: DataFacts,
    reading: Reading,
    mean: float | tuple[float, ...] = 0.0,
    deviation: float | tuple[float, ...] = 1.0,
) -> InputRecord:
    """What a scaling does to inputs, by what they are and what the model does with them.

    `unit` brings pictures and whole numbers to 0..1 once: by the full scale of their values, unless the model does it
    itself. Inputs that a model looks up are ids and stay as they are.

    Args:
        scaling: as declared.
        facts: of the training inputs.
        reading: what the model does with them.
        mean: of the inputs trained on, of all or of each feature; `standard` subtracts it.
        deviation: of the same; `standard` divides by it.
    """
    low, high, scales = facts.low, facts.high, reading.scales
    if scaling == "standard":
        return InputRecord(offset=mean, divisor=deviation, low=low, high=high, model_scales=scales)
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
