"""Engines: the ways to drive the epochs of a training.

An engine takes a compiled model and its data and trains every epoch; all else about a trial is the same whichever
engine runs. It tells of each epoch as it ends, so that whatever happens next, the epochs before it are known.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.execute.worker.engines.engine import Course, Engine, Made, Prepared
from bench.execute.worker.runtimes import current

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ENGINES", "Course", "Engine", "Made", "Prepared"]

ENGINES: Mapping[str, Engine] = current().engines()
"""Those of the backend that Keras has in this process."""
