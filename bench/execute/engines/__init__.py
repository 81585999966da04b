"""Engines: the ways to drive the epochs of a training.

An engine takes a compiled model and its data and trains every epoch; all else about a trial is the same whichever
engine runs. It tells of each epoch as it ends, so that whatever happens next, the epochs before it are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bench.execute.engines.fit import FitEngine

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

    from bench.execute.data import TrainingData
    from bench.record.records import EpochRecord


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """An engine and why it was taken."""

    engine: Engine
    reason: str


class Engine(Protocol):
    """What drives the epochs."""

    name: str

    def train(
        self,
        model: keras.Model,
        data: TrainingData,
        *,
        epochs: int,
        batch_size: int,
        on_epoch: Callable[[EpochRecord], bool],
    ) -> float:
        """Train all epochs.

        Args:
            model: compiled, with the metric `accuracy`.
            data: scaled inputs and targets.
            epochs: at least 1.
            batch_size: the last batch of an epoch may be smaller.
            on_epoch: told of every epoch as it ends; training stops when it returns False.

        Returns:
            Seconds the first training step took, tracing and compiling included; no epoch's time contains them.
        """
        ...


def choose_engine(name: str) -> EngineChoice:
    """The engine a cell declares; `auto` takes the fastest there is that changes no result."""
    reason = "auto: the only engine so far" if name == "auto" else ""
    return EngineChoice(FitEngine(), reason)
