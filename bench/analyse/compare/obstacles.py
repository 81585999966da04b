"""Why the times or the test examples of a cell cannot be compared."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Gap(StrEnum):
    """Why a part of a cell is not compared."""

    NO_RESULT = "no result"
    NO_FINGERPRINT = "no fingerprint"
    ENVIRONMENT = "environment"
    NO_MACHINE = "no machine"
    MACHINE = "machine"
    ENGINE = "engine"
    DEVICE = "device"
    DATA = "data"
    FEW_TIMES = "few times"
    SAME_TIMES = "same times"
    NO_PREDICTIONS = "no predictions"
    NO_ERRORS = "no errors"  # a baseline of too many examples
    MISFIT = "misfit"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why a part of a cell is not compared.

    Attributes:
        side: `A` or `B`, if the reason is on that side only.
        trials: how many trials of that side ran alone.
    """

    gap: Gap
    side: str = ""
    trials: int = 0
