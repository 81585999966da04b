"""What a worker keeps from one trial to the next: its seat, its data, and models with the programs that train them.

A program is used again only where nothing but values has changed: the same layers with the same options, the same
optimizer, loss and data. A further trial builds its own model under its own seed and compiles it; the values of all
its variables (weights, seed generators, the optimizer's state and learning rate) then take the place of those of the
model that the program was made for. Whatever Keras could hide from such a comparison is not used again: classes and
functions of somebody's own, and tensors that are no variables.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from bench.execute.alike import fixed, names_own_code, of_data
from bench.execute.system.memory import rss_bytes
from bench.execute.worker.engines import Made
from bench.execute.worker.runtimes.lean import without_tensorflow
from bench.execute.worker.setup import Seat, take_seat
from bench.execute.worker.traces import Traces

if TYPE_CHECKING:
    import keras

    from bench.execute.messages import TrialTask
    from bench.execute.worker.data import TrainingData
    from bench.execute.worker.engines import Engine
    from bench.record.treatment import CompileRecord

MOST_DATA = 2
"""Data sets that a worker keeps: cells of one shape may hold out another part, or none."""

MOST_MADE = 6
"""Models that a worker keeps with their programs."""

LARGE_BYTES = 2**26
"""Weights of a model of which it keeps but one."""

PLAIN = frozenset({"keras", "builtins", "collections"})
"""Packages whose objects a layer may hold and still be known by its configuration; tensors are of others."""


@dataclass(frozen=True, slots=True)
class Structure:
    """All of a compiled model but its values, as texts that can be compared."""

    model: str
    variables: tuple[str, ...]
    compiled: str
    settings: str


@dataclass(slots=True)
class Kit:
    """What a worker keeps.

    Attributes:
        watched: whether it is looked for what trials leave behind: where they are several.
        seat: of its trials; None before the first.
        traces: what the process was like when its seat had been taken, where it is watched.
        inherited_bytes: what it held before the first, pages shared with the warm server included.
        data: by what it was made of.
        made: by the name of the engine, the structure and the data that it was made for, the latest used last.
    """

    watched: bool = False
    seat: Seat | None = None
    traces: Traces | None = None
    inherited_bytes: int = field(default_factory=rss_bytes)
    data: dict[str, TrainingData] = field(default_factory=dict)
    made: dict[tuple[str, Structure, int], Made] = field(default_factory=dict)

    def take_seat(self, task: TrialTask) -> Seat:
        """The seat of all trials, taken by the first.

        Raises:
            DeviceMissingError: the declared device is not there.
        """
        if self.seat is None:
            self.seat = take_seat(task)
            self.traces = Traces(task) if self.watched else None
        return self.seat

    def find_data(self, task: TrialTask) -> TrainingData | None:
        """The data of an earlier trial, where this one's would be the same."""
        return self.data.get(_data_key(task))

    def keep_data(self, task: TrialTask, data: TrainingData) -> None:
        """Keep data for further trials; data that is read in batches is opened anew by each."""
        if data.feed is not None:
            return
        self.data[_data_key(task)] = data
        while len(self.data) > MOST_DATA:
            del self.data[next(iter(self.data))]

    def settle(
        self, engine: Engine, fresh: keras.Model, task: TrialTask, compiled: CompileRecord, data: TrainingData
    ) -> Made:
        """The model that an engine is to train: an earlier one with its program and all values of `fresh`, or `fresh`.

        Args:
            engine: that trains it.
            fresh: built under the seed of the task and compiled.
            task: of the trial.
            compiled: what `fresh` is compiled with.
            data: what it is trained on; a program is bound to it.
        """
        structure = structure_of(fresh, task, compiled) if engine.shares else None
        if structure is None:
            return Made(fresh, data, task.trial_id)
        key = engine.name, structure, id(data)  # which is no other's while the data is held
        made = self.made.pop(key, None)
        if made is None:
            made = Made(fresh, data, task.trial_id)
        else:
            take_over(made, fresh)
        self.made[key] = made
        most = 1 if 4 * fresh.count_params() > LARGE_BYTES else MOST_MADE
        while len(self.made) > most:
            del self.made[next(iter(self.made))]
        return made

    def forget(self, engine: str) -> None:
        """Let go of what an engine has made: nobody knows what it is after an error."""
        self.made = {key: made for key, made in self.made.items() if key[0] != engine}


def structure_of(model: keras.Model, task: TrialTask, compiled: CompileRecord) -> Structure | None:
    """The structure of a compiled model; None where it cannot be known, so that no program is used twice."""
    settings = task.cell.settings
    if compiled.by == "builder" or names_own_code(settings) or not _known(model):
        return None
    constant = settings.learning_rate.schedule == "constant"
    try:
        with without_tensorflow():
            config = json.dumps(_without_seeds(model.get_config()), sort_keys=True)
    except (NotImplementedError, TypeError, ValueError):
        return None
    return Structure(
        model=f"{type(model).__name__} {config}",
        variables=tuple(f"{variable.shape} {variable.dtype} {variable.trainable}" for variable in model.variables),
        compiled=repr(replace(compiled, learning_rate="") if constant else compiled),
        settings=fixed(settings),
    )


def _without_seeds(config: object) -> object:
    """A configuration without seeds: layers draw one where they are given none, and keep their state in variables."""
    if isinstance(config, dict):
        return {key: _without_seeds(value) for key, value in config.items() if key != "seed"}
    return [_without_seeds(value) for value in config] if isinstance(config, (list, tuple)) else config


def take_over(made: Made, fresh: keras.Model) -> None:
    """Give the model of a program all values of a fresh one of the same structure, the optimizer's included.

    Raises:
        ValueError: they have not the same variables after all.
    """
    fresh.optimizer.build(fresh.trainable_variables)
    for own, new in (
        *zip(made.model.variables, fresh.variables, strict=True),
        *zip(made.model.optimizer.variables, fresh.optimizer.variables, strict=True),
    ):
        own.assign(new)
    made.model.reset_metrics()


def _data_key(task: TrialTask) -> str:
    """All that decides what is trained on."""
    reading = task.inspection.reading if task.inspection else None
    return f"{task.data_sha256} {of_data(task.cell.settings)} {reading}"


def _known(model: keras.Model) -> bool:
    """Whether a model is Keras's own through and through, so that its configuration says all of it."""
    if type(model).__name__ not in {"Sequential", "Functional"}:
        return False
    layers = model._flatten_layers()  # noqa: SLF001  layers inside layers; it has no public name
    return all(type(layer).__module__.startswith("keras.") and _plain(_held(layer)) for layer in layers)


def _held(layer: keras.Layer) -> dict[str, Any]:
    """What a layer holds, but for what Keras and TensorFlow note about its class and its files."""
    return {
        name: value
        for name, value in vars(layer).items()
        if name != "_call_signature" and not name.startswith("_self_")
    }


def _plain(value: object) -> bool:
    """Whether Keras has made a value, or it is one of Python's own."""
    if isinstance(value, dict):
        return all(map(_plain, value.values()))
    if isinstance(value, (list, tuple, set, frozenset)):
        return all(map(_plain, value))
    module = getattr(value, "__module__", None) if callable(value) else None
    return (module or type(value).__module__).partition(".")[0] in PLAIN
