"""Trials of arrays that a test makes up: looked at and trained in this process, by the code that a worker runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from unittest import mock

import keras
from factories import cell

from bench.catalog.datasets import DataFacts
from bench.core import trees
from bench.core.scores import DEFAULTS
from bench.execute.inputs import PLAIN_READING
from bench.execute.messages import FinalWeights, Inspected, Inspection, Refusal, TrialEnded, TrialTask
from bench.execute.worker import inspection
from bench.execute.worker.data import prepare
from bench.execute.worker.training import Steps, train_trial

if TYPE_CHECKING:
    import numpy as np

    from bench.catalog.datasets import Arrays
    from bench.core.score import Score
    from bench.execute.worker.data import TrainingData

SHIPPED = {
    "softmax": "bench.catalog.architectures.dense:softmax",
    "mlp": "bench.catalog.architectures.dense:mlp",
    "rnn": "bench.catalog.architectures.sequences:rnn",
    "conv1d": "bench.catalog.architectures.sequences:conv1d",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a trial sent last, with the weights that it ended with."""

    ended: TrialEnded
    weights: list[np.ndarray[Any, Any]]


def facts(arrays: Arrays) -> DataFacts:
    """Of the training inputs; of several, of all of them."""
    parts = [array for _, array in trees.leaves(arrays.x_train)]
    return DataFacts(
        low=min(float(part.min()) for part in parts),
        high=max(float(part.max()) for part in parts),
        whole=all(part.dtype.kind in "iu" for part in parts),
        picture=False,
        unseen=(),
        overlap=0,
    )


def task(
    arrays: Arrays,
    builder: str,
    *,
    parameters: dict[str, Any] | None = None,
    score: Score | None = None,
    seed: int = 0,
    **keys: Any,
) -> TrialTask:
    """A trial of arrays; `builder` is a shipped architecture or `module:function`, further keys are the cell's."""
    keys = {"engine": "fit", "epochs": 3, "batch_size": 32, **keys}
    return TrialTask(
        trial_id="t",
        position=0,
        key="k",
        cell=cell(builder=builder, parameters=parameters or {}, **keys),
        seed=seed,
        builder=SHIPPED.get(builder, builder),
        data_path="",
        data_sha256="",
        facts=facts(arrays),
        target=arrays.target,
        score=score or DEFAULTS[arrays.task],
        search_path=(),
        log="",
        measure=False,
        keep_weights=True,
    )


def look(arrays: Arrays, of: TrialTask) -> Inspection | Refusal:
    """What a look at the model says, before anything is trained."""
    answers: list[Any] = []
    with mock.patch.object(inspection, "_arrays", return_value=arrays), mock.patch.object(inspection, "capture"):
        inspection.inspect([(of, "")], answers.append)
    (answer,) = answers
    assert isinstance(answer, Inspected)
    assert answer.answer is not None
    return answer.answer


def train(arrays: Arrays, of: TrialTask) -> Ended:
    """The end of a trial that was looked at before; a refusal fails the test."""
    answer = look(arrays, of)
    assert isinstance(answer, Inspection), answer.reason
    return train_unseen(arrays, replace(of, inspection=answer))


def train_unseen(arrays: Arrays, of: TrialTask) -> Ended:
    """The end of a trial."""

    def load(of: TrialTask) -> TrainingData:
        reading = of.inspection.reading if of.inspection else PLAIN_READING
        return prepare(arrays, of.facts, of.cell.settings, of.target, reading)

    sent: list[Any] = []
    train_trial(of, sent.append, Steps(load_data=load))
    keras.backend.clear_session()
    (ended,) = [message for message in sent if isinstance(message, TrialEnded)]
    weights = [list(message.arrays) for message in sent if isinstance(message, FinalWeights)]
    return Ended(ended=ended, weights=weights[0] if weights else [])
