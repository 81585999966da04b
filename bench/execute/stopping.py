"""Early stopping, by figures of the images held out. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.declare.settings import EarlyStopping
    from bench.record.records import EpochRecord


@dataclass(slots=True)
class Patience:
    """Follows a training and says when it has waited long enough, as Keras's callback `EarlyStopping` does."""

    rule: EarlyStopping
    _best: float = math.inf
    _waited: int = 0

    def exhausted(self, epoch: EpochRecord) -> bool:
        """Whether the training is to end with this epoch."""
        figure: float | None = getattr(epoch, self.rule.monitor)
        if figure is None:
            return False
        # smaller is better for both, so that one comparison serves
        value = figure if self.rule.monitor == "validation_loss" else -figure
        self._waited += 1
        if value < self._best - self.rule.min_delta:
            self._best, self._waited = value, 0
            return False
        return self._waited >= self.rule.patience and epoch.epoch > 1
