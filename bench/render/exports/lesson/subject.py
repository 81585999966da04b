"""What a lesson is about, and the steps that it is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from bench.core.target import Target, Task
from bench.record.treatment import Untouched

if TYPE_CHECKING:
    from bench.core.score import Score
    from bench.declare.cell import Cell
    from bench.declare.settings import TrainingSettings
    from bench.record.records import TrialRecord
    from bench.record.treatment import CompileRecord, InputRecord

_SEQUENCE = 2
"""Axes of a sequence, (steps, channels)."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a lesson.

    Attributes:
        text: what it is there for, plain sentences.
        code: Python, complete given the steps before it.
    """

    title: str
    text: str
    code: str


def spaced(code: str) -> str:
    """Code with two empty lines before every function."""
    return re.sub(r"\n{2,}def ", "\n\n\ndef ", code)


class Kind(Enum):
    """What an input is, as far as it decides how it is looked at."""

    PICTURE = auto()
    SEQUENCE = auto()
    TABLE = auto()
    IDS = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """An input of the network.

    Attributes:
        name: empty for the only one.
        shape: of one example.
        dtype: of the arrays in the archive, as NumPy names it.
        record: what was done to it before the network got it; None in records of version 0.1.
        picture: whether examples can be drawn.
        features: the names of a table's columns; empty for anything else.
    """

    name: str = ""
    shape: tuple[int, ...]
    dtype: str
    record: InputRecord | None
    picture: bool = False
    features: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind:
        """What it is."""
        if self.picture:
            return Kind.PICTURE
        if self.looked_up:
            return Kind.IDS
        if self.features and len(self.features) == self.shape[0] and len(self.shape) == 1:
            return Kind.TABLE
        return Kind.SEQUENCE if len(self.shape) == _SEQUENCE else Kind.OTHER

    @property
    def looked_up(self) -> bool:
        """Whether its values are names and not amounts."""
        return self.record is not None and self.record.untouched is Untouched.IDS

    @property
    def ids(self) -> bool:
        """Whether its values stay whole numbers."""
        return self.looked_up and self.dtype.startswith(("int", "uint"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is taught.

    Attributes:
        trial: whose training the lesson repeats.
        target: what is predicted.
        score: what the trial was judged by.
        inputs: in the order in which the network takes them.
        weighted: whether training examples have weights of their own.
        layers: a call per layer after the input, or after several inputs are joined; empty where `builder` makes it.
        builder: as `package.module:function`.
        parameters: what the builder is called with, by name.
        outputs: how many numbers the network puts out for an example.
        sparse: whether the loss takes classes by their number.
        optimizer: its class in `keras.optimizers`; empty for one of the user's own.
        loss: the argument of `compile()`, as code; one of the user's own begins with its name.
        loss_name: what the loss is called.
        schedule: the call that makes the learning rate's schedule; empty for a constant one and one of the user's own.
        score_is_metric: whether the score names a class of Keras metrics of the user's own.
        data_file: name of the archive in the lesson's folder.
        dataset: in words.
        held_out_seed: draws the examples held out for validation.
    """

    trial: TrialRecord
    target: Target
    score: Score
    inputs: tuple[Input, ...]
    weighted: bool = False
    layers: tuple[str, ...]
    builder: str
    parameters: dict[str, Any]
    outputs: int
    sparse: bool
    optimizer: str
    loss: str
    loss_name: str
    schedule: str
    score_is_metric: bool = False
    data_file: str
    dataset: str
    held_out_seed: int

    @property
    def cell(self) -> Cell:
        """The cell of the trial."""
        return self.trial.cell

    @property
    def settings(self) -> TrainingSettings:
        """How it was trained."""
        return self.trial.cell.settings

    @property
    def task(self) -> Task:
        """The kind of problem."""
        return self.target.task

    @property
    def compiled(self) -> CompileRecord | None:
        """What the builder compiled the model with; None where the suite did."""
        compiled = self.trial.outcome.compiled
        return compiled if compiled is not None and compiled.by == "builder" else None

    @property
    def several(self) -> bool:
        """Whether the network takes several inputs, by name."""
        return bool(self.inputs[0].name)

    @property
    def kind(self) -> Kind:
        """What the only input is."""
        return Kind.OTHER if self.several else self.inputs[0].kind

    @property
    def examples(self) -> str:
        """What the examples are called."""
        return "images" if self.kind is Kind.PICTURE else "examples"

    @property
    def one_unit(self) -> bool:
        """Whether a single unit stands for two classes."""
        return self.target.binary and self.outputs == 1

    @property
    def outputs_are(self) -> str:
        """`probabilities`, `logits` or `values`, as the trial read them."""
        compiled = self.trial.outcome.compiled
        usual = "values" if self.task is Task.REGRESSION else "probabilities"
        return (compiled.outputs if compiled is not None else "") or usual

    @property
    def trained_by(self) -> str:
        """The loss that trained it, which decides how its outputs are read: the builder's own, or the suite's."""
        return self.compiled.loss if self.compiled else self.loss_name

    @property
    def drawn(self) -> bool:
        """Whether the lesson draws anything."""
        return self.kind in {Kind.PICTURE, Kind.SEQUENCE}

    @property
    def weighs(self) -> bool:
        """Whether examples weigh differently in the loss."""
        return self.weighted or self.settings.class_weight is not None
