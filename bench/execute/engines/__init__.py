"""Engines: the ways to drive the epochs of a training.

An engine takes a compiled model and its data and trains every epoch; all else about a trial is the same whichever
engine runs. It tells of each epoch as it ends, so that whatever happens next, the epochs before it are known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bench.execute.engines.epoch import EpochEngine
from bench.execute.engines.fit import FitEngine

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras

    from bench.execute.data import TrainingData
    from bench.record.records import EpochRecord


class Engine(Protocol):
    """What drives the epochs."""

    name: str

    def obstacle(self, model: keras.Model) -> str:
        """Why this engine cannot train the model, as a clause; empty when it can."""
        ...

    def schedule(self, schedule: keras.optimizers.schedules.LearningRateSchedule) -> object:
        """The learning-rate schedule as this engine's program needs it, equal in every value."""
        ...

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
            Seconds of tracing and compiling; no epoch's time contains them.
        """
        ...


ENGINES: dict[str, Engine] = {
    "fit": FitEngine(),
    "epoch": EpochEngine(xla=False),
    "epoch-xla": EpochEngine(xla=True),
}


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """An engine and why it was taken; no reason where the suite names it."""

    engine: Engine
    reason: str


def choose_engine(name: str, model: keras.Model) -> EngineChoice:
    """The engine that will train a model.

    `auto` takes the epoch program, which changes no result; what an engine cannot train, `fit` trains.

    Args:
        name: as the cell declares it.
        model: built, not yet compiled.
    """
    engine = ENGINES["epoch" if name == "auto" else name]
    if obstacle := engine.obstacle(model):
        return EngineChoice(ENGINES["fit"], f"{engine.name} cannot train this model: {obstacle}")
    reason = "auto: one program per epoch, with the same weights as fit, bit for bit" if name == "auto" else ""
    return EngineChoice(engine, reason)
