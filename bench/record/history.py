"""What earlier runs of a suite reached, as far as it can be compared with a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.record.records import RunRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class PastTrial:
    """What is left to say of an OK trial when later runs are looked at.

    Attributes:
        run: the run that trained it.
        score: what it reached, by the score of the run that is looked at.
        train_time_s: None where others were at work on the machine, or it is another one than that of the last run.
        test_images: examples it was tested on; 0 where that is not recorded.
        data: SHA-256 of its data set; empty where that is not recorded.
    """

    run: RunRecord
    cell_id: str
    seed: int
    score: float
    train_time_s: float | None
    test_images: int = 0
    data: str = ""
