"""Engines: the ways to drive the epochs of a training.

An engine takes a compiled model and its data and trains every epoch; all else about a trial is the same whichever
engine runs. It tells of each epoch as it ends, so that whatever happens next, the epochs before it are known.
"""

from __future__ import annotations

from bench.execute.engines.engine import Course, Engine, Made, Prepared
from bench.execute.engines.epoch import EpochEngine
from bench.execute.engines.fit import FitEngine

__all__ = ["ENGINES", "Course", "Engine", "Made", "Prepared"]

ENGINES: dict[str, Engine] = {
    "fit": FitEngine(),
    "epoch": EpochEngine(xla=False),
    "epoch-xla": EpochEngine(xla=True),
}
