"""A look at the models of a run before any of them is trained: each cell's is built once, called once and compiled.

What a builder gets wrong is found here, once per cell and not once per seed, and nothing has been trained by then. A
worker looks at several cells in turn; `bench.execute.harness.inspections` is the harness's side.
"""

from __future__ import annotations

import sys
import time
import traceback
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from bench.core import trees
from bench.core.errors import BenchError
from bench.core.precision import coarse_step
from bench.core.target import Task
from bench.execute import held
from bench.execute.failures import sentence, with_hint
from bench.execute.inputs import PLAIN_READING, Reading
from bench.execute.losses import loss_problem
from bench.execute.messages import Inspected, Inspection, Refusal
from bench.execute.worker.callbacks import make_callback
from bench.execute.worker.compilation import compile_model, own_method, takes_class_numbers
from bench.execute.worker.data import prepare
from bench.execute.worker.engines import ENGINES
from bench.execute.worker.evaluation import check_figures, predictions
from bench.execute.worker.outputs import as_probabilities, bounded_problem, outputs_kind, outputs_problem, stands_alone
from bench.execute.worker.own import ModelError
from bench.execute.worker.probe import read_inputs
from bench.execute.worker.process import capture
from bench.execute.worker.runtimes import current
from bench.execute.worker.setup import build_model, import_from
from bench.execute.worker.streams import load_stream
from bench.execute.worker.weights import parameter_count
from bench.record.records import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from bench.core.target import Target
    from bench.execute.messages import TrialTask
    from bench.execute.worker.data import TrainingData
    from bench.record.treatment import CompileRecord

EXAMPLES = 32
"""Training inputs that a model is asked about, drawn evenly from the whole of them."""

MOST_TIMED = 512
"""Examples that a model is timed on; the time of a larger batch is reckoned from theirs."""


def inspect(tasks: Sequence[tuple[TrialTask, str]], send: Callable[[object], None]) -> None:
    """Look at the model of each task's cell and send an `Inspected` for each, in order.

    Args:
        tasks: each with the file that captures what is printed meanwhile.
        send: takes an `Inspected` for every task.
    """
    with current().without_accelerators():  # what is looked at is small, and a GPU is a trial's own
        for task, log in tasks:
            capture(log)
            send(Inspected(_answer(task)))
            sys.stdout.flush()
            keras.backend.clear_session()


def _answer(task: TrialTask) -> Inspection | Refusal | None:
    try:
        return _inspection(task)
    except (ModelError, BenchError) as error:
        return Refusal(status=Status.FAILED, reason=with_hint(error))
    except Exception as error:  # noqa: BLE001  whatever a builder or Keras raises, no seed will train
        traceback.print_exc()
        if isinstance(error, MemoryError) or current().ran_out_of_memory(error):
            return None  # the trial has a device and a limit of its own, and says what it had asked of them
        return Refusal(status=Status.FAILED, reason=sentence(error))


def _inspection(task: TrialTask) -> Inspection:
    import_from(task)
    keras.config.set_dtype_policy(task.cell.precision)
    data = _data(task, PLAIN_READING)
    begun = time.perf_counter()
    model = build_model(task, data)
    try:
        outputs = _call(model, data.scaled(_sample(data.train.x)))
    except Exception:
        _check_ids(task, data, _reading(model, data))
        raise
    width = outputs.shape[1]
    sparse = takes_class_numbers(model, task.target, _sample(data.truth_train), outputs)
    compiled = compile_model(model, task, replace(data, outputs=width), ENGINES["fit"])
    reading = replace(_reading(model, data), sparse=sparse, outputs=width)
    build_time_s = time.perf_counter() - begun
    _check_ids(task, data, reading)
    if reading.lookup and task.cell.settings.input_scaling == "standard":
        raise ModelError(
            f"The model of {task.cell.builder} looks its inputs up ({reading.lookup}): they are ids, which "
            'input_scaling = "standard" would turn into fractions. Write input_scaling = "none".'
        )
    data = _data(task, reading)
    _check_resolved(data)
    outputs, activated = _probed(model, data.scaled(_sample(data.train.x)), task.target)
    if width == 1 and _always_one(model, data.scaled(_sample(data.train.x))):
        raise ModelError(
            f"The model of {task.cell.builder} puts out 1 for every example, as a softmax of a single unit does. "
            f"End it in {'a linear unit' if task.target.task is Task.REGRESSION else 'a sigmoid'}."
        )
    if problem := bounded_problem(data.truth_train, task.target, activated=activated):
        raise ModelError(problem)
    declared = task.cell.settings.loss if compiled.by == "suite" else None
    problem = loss_problem(compiled.loss, task.target, width, declared=declared)
    if problem := problem or outputs_problem(outputs, compiled, task.target, activated=activated):
        raise ModelError(problem)
    compiled = replace(compiled, outputs=outputs_kind(outputs, compiled, task.target))
    _try_own_parts(task, data, model, outputs, compiled)
    if own_method(type(model), OWN_PREDICTING):
        predictions(model, data.scaled(_sample(data.train.x)), width)
    batch_size = min(task.cell.settings.batch_size, data.train.size)
    timed = min(batch_size, MOST_TIMED)
    batch = data.scaled(trees.rows(data.train.x, slice(timed)))
    return Inspection(
        reading=reading,
        inputs={name: scaling.record for name, scaling in data.scalings.items()},
        compiled=compiled,
        parameter_count=parameter_count(model),
        build_time_s=build_time_s,
        forward_time_s=min(_time_s(model, batch) for _ in range(2)) * batch_size / timed,
    )


def _probed(model: keras.Model, inputs: Any, target: Target) -> tuple[NDArray[np.float32], bool]:  # noqa: ANN401
    """What a model puts out for some inputs, and whether it is known to come from a softmax or a sigmoid.

    Single outputs of a fresh model may all lie between 0 and 1 by chance. Where no sigmoid is known, those for the
    negated inputs come after them: they are on the other side of 0 where there is none.
    """
    outputs, activated = _call(model, inputs), hasattr(_output(model, inputs), LOGITS)
    if stands_alone(outputs, target) and not activated:
        with suppress(Exception):  # inputs that it cannot take
            outputs = np.concatenate([outputs, _call(model, _negated(inputs))])
    return outputs, activated


def _check_ids(task: TrialTask, data: TrainingData, reading: Reading) -> None:
    """Refuse inputs that are looked up in an embedding and are no ids of it.

    Raises:
        ModelError: one is no whole number from 0, or goes beyond the embedding.
    """
    if reading.no_id is not None:
        raise ModelError(
            f"The model of {task.cell.builder} looks its inputs up in an embedding but they are not ids: one value is "
            f"{reading.no_id:g}, and an id is a whole number from 0. Take the embedding out"
            + (" (vocabulary)." if "vocabulary" in task.cell.parameters else ".")
        )
    if reading.table is not None and (highest := _highest(data)) >= reading.table:
        raise ModelError(
            f"The model of {task.cell.builder} looks up ids from 0 to {reading.table - 1:,}, and the data has the id "
            f"{highest:,}. Make its embedding larger: "
            + (f"vocabulary = {highest + 1}." if "vocabulary" in task.cell.parameters else f"{highest + 1:,} entries.")
        )


def _highest(data: TrainingData) -> int:
    """The largest id of both parts, as far as they are held."""
    return int(max(array.max() for part in (data.train, data.test) for _, array in trees.leaves(part.x)))


def _negated(inputs: Any) -> Any:  # noqa: ANN401  an array or a dict of them
    return trees.each(lambda x: -x if x.dtype.kind == "f" else x, inputs)


def _always_one(model: keras.Model, inputs: Any) -> bool:  # noqa: ANN401  an array or a dict of them
    """Whether a model puts out 1 whatever it is given; a sigmoid that does so is near 0 for the negated inputs."""
    if not (_call(model, inputs) == 1).all():
        return False
    try:
        return bool((_call(model, _negated(inputs)) == 1).all())
    except Exception:  # noqa: BLE001  inputs that it cannot take
        return False


LOGITS = "_keras_logits"
"""Where Keras's softmax and sigmoid leave what they were given, for its losses to find."""


def _try_own_parts(
    task: TrialTask, data: TrainingData, model: keras.Model, outputs: NDArray[np.float32], compiled: CompileRecord
) -> None:
    """Make and call what the suite names by reference, so that nothing is trained in vain.

    Raises:
        ModelError: a callback, the loss, a metric or the score cannot be used.
    """
    settings, target = task.cell.settings, task.target
    for reference in settings.callbacks:
        make_callback(reference)
    truth = _sample(data.truth_train)
    if settings.loss.own and compiled.by == "suite":
        _try_loss(settings.loss.name, model.loss, target.encode(truth, outputs.shape[1]), outputs[: len(truth)])
    if not np.isfinite(outputs).all():
        return
    readable = as_probabilities(outputs, compiled.outputs, compiled, target)
    check_figures(task, data, readable[np.arange(len(data.truth_test)) % len(readable)], compiled.outputs)


def _try_loss(name: str, loss: Any, y: NDArray[Any], outputs: NDArray[np.float32]) -> None:  # noqa: ANN401
    try:
        loss(y, outputs)
    except Exception as error:
        raise ModelError(
            f"The loss {name} cannot be computed: {sentence(error)}. It is called with y_true {y.shape} and y_pred "
            f"{outputs.shape}."
        ) from error


OWN_PREDICTING = ("predict", "predict_step", "make_predict_function", "predict_function")
"""What decides in `Model.predict`, and is tried before anything is trained."""

_arrays = lru_cache(maxsize=2)(held.load)
"""Many cells are trained on one data set, which is read and verified once for all of them."""


def _data(task: TrialTask, reading: Reading) -> TrainingData:
    if task.stream is not None:
        return load_stream(task, reading)
    arrays = _arrays(task.data_path, task.data_sha256)
    return prepare(arrays, task.facts, task.cell.settings, task.target, reading)


def _reading(model: keras.Model, data: TrainingData) -> Reading:
    """What the model does with its only input; of several, which of them are ids."""
    if isinstance(data.train.x, dict):
        return Reading(lookups=_lookups(model, data.train.x))
    return read_inputs(model, _sample(data.train.x).astype(np.float32))


def _lookups(model: keras.Model, x: dict[str, NDArray[Any]]) -> frozenset[str]:
    """The inputs that are ids: whole numbers of which a model does not see a quarter more, which no look-up does."""
    inputs = {name: _sample(array).astype(np.float32) for name, array in x.items()}
    usual, ids = _call(model, inputs), set()
    for name, array in x.items():
        if array.dtype.kind in "iu" and np.array_equal(usual, _call(model, {**inputs, name: inputs[name] + QUARTER})):
            ids.add(name)
    return frozenset(ids)


QUARTER = np.float32(0.25)
"""What an id turned to a whole number loses again."""


def _check_resolved(data: TrainingData) -> None:
    """Refuse amounts in whole numbers that become one in float32; ids stay whole numbers.

    Raises:
        ModelError: an input holds some.
    """
    for name, array in trees.leaves(data.train.x):
        record, ids = data.scalings[name].record, data.scalings[name].ids
        if not ids and array.dtype.kind in "iu" and (step := coarse_step(record.low, record.high)):
            inputs = f"The input {name} goes" if name else "The inputs go"
            raise ModelError(
                f"{inputs} from {record.low:.0f} to {record.high:.0f}, and float32, in which models compute, has only "
                f"numbers {step:g} apart at that size. Subtract the smallest value from both parts."
            )


def _sample(x: Any) -> Any:  # noqa: ANN401  an array or a dict of them
    step = max(1, trees.length(x) // EXAMPLES)
    return trees.rows(trees.rows(x, slice(None, None, step)), slice(EXAMPLES))


def _call(model: keras.Model, inputs: Any) -> NDArray[np.float32]:  # noqa: ANN401  an array or a dict of them
    return np.asarray(keras.ops.convert_to_numpy(_output(model, inputs)), np.float32)


def _output(model: keras.Model, inputs: Any) -> Any:  # noqa: ANN401  a tensor
    outputs = model(inputs, training=False)
    return outputs[0] if isinstance(outputs, (list, tuple)) and len(outputs) == 1 else outputs


def _time_s(model: keras.Model, inputs: Any) -> float:  # noqa: ANN401  an array or a dict of them
    begun = time.perf_counter()
    _call(model, inputs)
    return time.perf_counter() - begun
