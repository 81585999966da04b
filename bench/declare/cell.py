"""A point of the grid: architecture x data set x device x hyperparameters."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import attrgetter
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from bench.declare.settings import SETTINGS, TrainingSettings, canonical, setting_text

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORT = {"learning_rate": "lr", "batch_size": "batch", "validation_split": "validation", "input_scaling": "scaling"}

PLACE = ("device", "engine", "precision", "backend", "deterministic")
"""Beside the training settings, what decides a training's bits and times: where and how it is run."""

LIMITS = ("isolation", "timeout_s", "memory_limit_bytes", "target_accuracy")
"""What changes no result: limits of a trial, and what is read off it afterwards."""

_MADE = ("builder", *(name for name in PLACE if name != "engine"))
"""What makes a model but for its parameters, and where it is trained but for the engine."""

_made = attrgetter(*_MADE)

_KEYS = frozenset({"architecture", "dataset", *PLACE, *LIMITS, *SETTINGS})
"""Every key of a cell but for its builder's parameters."""

_SETTINGS = frozenset(SETTINGS)
_parameters: dict[str, str] = {}

MOST_PARAMETERS = 4096
"""How many parameters' JSON is kept."""

_UNNAMED = frozenset({"architecture", "dataset", "device"})
"""Keys that a cell's name leaves out: its id has them at other places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What is trained, on what, where and how; its trials differ only by their seed.

    Attributes:
        architecture: the name the report shows, the user's own (`model-1`) or the catalog's (`mlp`).
        builder: what makes the model, a catalog name or `package.module:function`.
        parameters: the builder's keyword arguments, as JSON values.
        dataset: a catalog name, a path or `package.module:loader`.
        dataset_alias: what the suite calls it where its short name alone would be another's too; else empty.
        device: `cpu`, `cpu[threads=1]`, `gpu:0`.
        engine: how the epochs are driven, as declared.
        precision: the Keras dtype policy: `float32`, `mixed_float16`, `mixed_bfloat16`.
        backend: what Keras computes with: `tensorflow`, `jax`, `torch`.
        follows: the backend whose initial weights and order of examples it is trained with: the first one that the
            suite declares the same cell on. Empty for that one, and for cells of a single backend.
        deterministic: whether operations are held to a fixed order, and the weights' digests kept on the way.
        settings: the training settings.
        score: what it is ranked and judged by, as the suite says; empty for what is usual for its data.
        named: the keys its own table named, in that order; they are what its id shows.
        timeout_s: seconds one trial may take.
        memory_limit_bytes: memory one trial may claim; None leaves it to the machine.
        isolation: `group` where a process may train several trials of one shape in turn, `trial` for one process each,
            as in all records of earlier versions.
        target_accuracy: fraction; the time to reach it is reported.
        node_kind: the kind of node that trains it, where a run has several kinds; else empty. It is no part of a key:
            what differs between kinds is in the signature of their environment.
    """

    architecture: str
    builder: str
    parameters: dict[str, Any]
    dataset: str
    dataset_alias: str = ""
    device: str
    engine: str
    precision: str = "float32"
    backend: str = "tensorflow"
    deterministic: bool = False
    settings: TrainingSettings
    score: str = ""
    named: tuple[str, ...] = ()
    timeout_s: float
    memory_limit_bytes: int | None = None
    isolation: str = "trial"
    target_accuracy: float | None = None
    follows: str = ""
    node_kind: str = ""
    id: str = field(init=False)

    def __post_init__(self) -> None:
        parameters = self.parameters
        for key in self.named:
            if key not in parameters and key not in _KEYS:
                raise ValueError(f"named holds {key[:60]!r}, which the cell does not have")
        object.__setattr__(self, "id", _cell_id(self))

    def value(self, key: str) -> object:
        """The cell's value of any key that a grid may name.

        Raises:
            KeyError: the cell has no such key.
        """
        if key in _SETTINGS:
            return getattr(self.settings, key)
        if key in _KEYS:
            return getattr(self, key)
        return self.parameters[key]

    @property
    def dataset_name(self) -> str:
        """Its data set in ids and reports."""
        return self.dataset_alias or dataset_label(self.dataset)

    @property
    def name(self) -> str:
        """Its id without data set and device: `mlp[hidden=128,lr=0.1]`."""
        parts = []
        for key in self.named:
            if key in _SETTINGS:
                value = getattr(self.settings, key)
            elif key in _UNNAMED:
                continue
            else:
                value = self.value(key)
            # shortened, but where the builder has a parameter of the short name
            short = SHORT.get(key, key)
            parts.append(f"{key if short in self.parameters else short}={setting_text(value)}")
        brackets = ",".join(parts)
        return f"{self.architecture}[{brackets}]" if brackets else self.architecture

    def on_dataset(self, dataset: str, alias: str = "") -> Cell:
        """The same cell on another data set."""
        return replace(self, dataset=dataset, dataset_alias=alias)

    def fingerprint(self) -> str:
        """SHA-256 (hex) of all that decides the training, but for the data, the seed and the code.

        The name of the architecture and the limits of a trial are left out: they change no result. So are the settings
        that the builder's own `compile()` takes the place of: its code decides them, and counts on its own.
        """
        # without a value they are left out, as in the keys of earlier versions
        further = [(name, value) for name in ("score", "follows") if (value := getattr(self, name))]
        frame = _frame(_made(self), (("engine", self.engine), *further), self.settings.deciding)
        return _digest(*frame, self.parameters_text)

    def shape(self) -> str:
        """SHA-256 (hex) of what a training step's cost depends on, but for the data, the code and the machine.

        Cells of one shape differ in learning rate, epochs or engine; a step of theirs takes the same time.
        """
        return _shape(*_frame(_made(self), self.settings.shaping, None), self.parameters_text)

    @property
    def parameters_text(self) -> str:
        """JSON of the builder's parameters, the same text for equal ones."""
        # a grid has few of them, and many cells; values that read alike in Python read alike in JSON
        written = repr(self.parameters)
        text = _parameters.get(written)
        if text is None:
            if len(_parameters) >= MOST_PARAMETERS:
                _parameters.clear()
            text = _parameters[written] = canonical(self.parameters)
        return text


def _digest(before: str, after: str, parameters: str) -> str:
    return hashlib.sha256(f"{before}{parameters}{after}".encode()).hexdigest()


_shape = lru_cache(maxsize=4096)(_digest)
"""The same; many cells are of one shape."""


@lru_cache(maxsize=4096)
def _frame(made: tuple[object, ...], further: tuple[tuple[str, object], ...], settings: str | None) -> tuple[str, str]:
    """The JSON of an object with its keys in order, up to the value of `parameters` and after it.

    It is the same for many cells of a grid.

    Args:
        made: the values of `_MADE`.
        further: by key.
        settings: JSON already; None where the object has none.
    """
    values = {**dict(zip(_MADE, made, strict=True)), **dict(further)}
    content = {key: canonical(value) for key, value in values.items()}
    if settings is not None:
        content["settings"] = settings
    before = "".join(f'"{key}": {content[key]}, ' for key in sorted(content) if key < "parameters")
    after = "".join(f', "{key}": {content[key]}' for key in sorted(content) if key > "parameters")
    return f'{{{before}"parameters": ', f"{after}}}"


@lru_cache(maxsize=1024)
def dataset_label(dataset: str) -> str:
    """A data set's short name in ids and reports: the file's or folder's own name for a path."""
    if ":" in dataset and "/" not in dataset:
        return dataset.rpartition(":")[2]
    return PurePath(dataset).name.removesuffix(".npz") or dataset


def dataset_names(references: Iterable[str]) -> dict[str, str]:
    """A name for each reference that no other one has: short where that is enough, longer where it is not.

    `keras.datasets.mnist:load_data` is `load_data` on its own, and `mnist.load_data` beside another `load_data`.
    """
    names = {reference: dataset_label(reference) for reference in references}
    for longer in (_qualified, str):
        taken = Counter(names.values())
        names = {reference: longer(reference) if taken[name] > 1 else name for reference, name in names.items()}
    return names


def _qualified(reference: str) -> str:
    """A reference's short name with what stands before it: the last part of its module, or its folder."""
    short = dataset_label(reference)
    if ":" in reference and "/" not in reference:
        return f"{reference.partition(':')[0].rpartition('.')[2]}.{short}"
    return f"{PurePath(reference).parent.name}/{short}".removeprefix("/")


def _cell_id(cell: Cell) -> str:
    """An id that reads like pytest's and depends on nothing but the cell's own declaration."""
    kind = f"@{cell.node_kind}" if cell.node_kind else ""
    return f"{cell.name}@{cell.dataset_name}@{cell.device}{kind}"
