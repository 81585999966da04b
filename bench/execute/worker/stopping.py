"""Rules that follow a validation figure: when to end a training, when to lower the learning rate. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.declare.stopping import EarlyStopping, ReduceOnPlateau
    from bench.record.records import EpochRecord


@dataclass(slots=True)
class Patience:
    """Follows a training and says when it has waited long enough, as Keras's callback `EarlyStopping` does.

    Attributes:
        improved: whether the last epoch is the best so far.
    """

    rule: EarlyStopping
    improved: bool = False
    _best: float = math.inf
    _waited: int = 0

    def exhausted(self, epoch: EpochRecord) -> bool:
        """Whether the training is to end with this epoch."""
        value = _figure(epoch, self.rule.monitor)
        self.improved = False
        if value is None:
            return False
        self._waited += 1
        if value < self._best - self.rule.min_delta:
            self._best, self._waited, self.improved = value, 0, True
            return False
        return self._waited >= self.rule.patience and epoch.epoch > 1


@dataclass(slots=True)
class Plateau:
    """Follows a training and says which learning rate comes next, as Keras's callback `ReduceLROnPlateau` does."""

    rule: ReduceOnPlateau
    _best: float = math.inf
    _waited: int = 0
    _cooling: int = 0

    def next_rate(self, epoch: EpochRecord, rate: float) -> float:
        """The learning rate of the next epoch.

        Args:
            epoch: the one that has ended.
            rate: what it was trained with.
        """
        value = _figure(epoch, self.rule.monitor)
        if value is None:
            return rate
        if self._cooling > 0:
            self._cooling -= 1
            self._waited = 0
        if value < self._best - self.rule.min_delta:
            self._best, self._waited = value, 0
            return rate
        if self._cooling > 0:
            return rate
        self._waited += 1
        if self._waited < self.rule.patience or rate <= self.rule.min_rate:
            return rate
        self._waited, self._cooling = 0, self.rule.cooldown
        return max(rate * self.rule.factor, self.rule.min_rate)


def _figure(epoch: EpochRecord, monitor: str) -> float | None:
    """A validation figure of an epoch, so that smaller is better; None where it was not measured."""
    figure: float | None = getattr(epoch, monitor)
    return figure if figure is None or monitor == "validation_loss" else -figure
