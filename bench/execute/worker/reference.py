"""What cells that follow another backend are trained with: its initial weights, and its order of the examples.

A worker of the reference's backend draws both as its trials do, under the same seed, and writes them to a file. A trial
that follows reads the file. Runs in a worker process only.
"""

from __future__ import annotations

import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.core.errors import BenchError
from bench.execute.backends import BACKENDS
from bench.execute.failures import sentence, with_hint
from bench.execute.messages import Drawn, Refusal
from bench.execute.worker.compilation import OWN_METHODS, compile_model, own_method
from bench.execute.worker.engines import ENGINES, Course, Made
from bench.execute.worker.kit import Kit
from bench.execute.worker.own import ModelError
from bench.execute.worker.process import capture
from bench.execute.worker.runtimes import DeviceMissingError
from bench.execute.worker.setup import build_model, load_data, start_anew
from bench.record.records import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import keras
    from numpy.typing import NDArray

    from bench.execute.messages import TrialTask
    from bench.execute.worker.data import TrainingData

    Order = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """What a reference begins with.

    Attributes:
        weights: its initial weights, in the order of `Model.weights`.
        orders: (n,) int32 for each epoch, the places of the examples in the order of training; epochs of the same
            order share the array.
    """

    weights: tuple[NDArray[Any], ...]
    orders: tuple[Order, ...]


def draw(tasks: Sequence[tuple[TrialTask, str, str]], send: Callable[[object], None]) -> None:
    """Draw the reference of each task, write it to a file, and send a `Drawn` for each, in order.

    Args:
        tasks: of references on one device, each with the file that captures what is printed meanwhile, and the file to
            write.
        send: takes a `Drawn` for every task.
    """
    kit = Kit()
    for task, log, path in tasks:
        capture(log)
        send(Drawn(_refusal(task, kit, Path(path))))
        sys.stdout.flush()


def _refusal(task: TrialTask, kit: Kit, path: Path) -> Refusal | None:
    """Write a reference; why there is none."""
    name = BACKENDS[task.cell.backend].title
    try:
        write(drawn(task, kit), path)
    except DeviceMissingError as error:
        return Refusal(status=Status.SKIPPED, reason=str(error))
    except (ModelError, BenchError) as error:
        return Refusal(status=Status.FAILED, reason=f"There is no reference on {name} to follow: {with_hint(error)}")
    except Exception as error:  # noqa: BLE001  whatever a builder or Keras raises
        traceback.print_exc()
        return Refusal(status=Status.FAILED, reason=f"There is no reference on {name} to follow: {sentence(error)}")
    return None


def drawn(task: TrialTask, kit: Kit) -> Reference:
    """What the trial of a task begins with: drawn by the steps that a trial takes.

    Raises:
        DeviceMissingError: the device is missing.
        ModelError: the model cannot be built, or its order depends on more than its seed.
    """
    seat = kit.take_seat(task)
    start_anew(task)
    data = kit.find_data(task) or load_data(task)
    kit.keep_data(task, data)
    with seat.placement.scope():
        model = build_model(task, data)
        engine = ENGINES["epoch"]
        compile_model(model, task, data, engine)
        weights = tuple(model.get_weights())
        settings = task.cell.settings
        course = Course(epochs=settings.epochs, batch_size=settings.batch_size, on_epoch=lambda _: True)
        return Reference(weights, tuple(engine.orders(Made(model, data, task.trial_id), course)))


def write(reference: Reference, path: Path) -> None:
    """Write a reference to an `.npz` file; orders that are equal take the room of one.

    Raises:
        ModelError: a weight is of a type that NumPy does not know.
    """
    content: dict[str, NDArray[Any]] = {}
    for place, weight in enumerate(reference.weights):
        if weight.dtype.kind == "V" or not weight.dtype.isbuiltin:
            raise ModelError(f"Weights of the type {weight.dtype} cannot be handed to another backend.")
        content[f"weight-{place}"] = weight
    kept: list[Order] = []
    epochs = []
    for order in reference.orders:
        if not kept or not np.array_equal(kept[-1], order):
            kept.append(order)
        epochs.append(len(kept) - 1)
    content |= {f"order-{place}": order for place, order in enumerate(kept)}
    content["epochs"] = np.array(epochs, np.int32)
    part = path.with_suffix(".part.npz")
    np.savez(part, **content)  # type: ignore[arg-type]  # its names are given as text
    part.replace(path)  # a worker that is ended meanwhile leaves no half of a file


def read(path: Path) -> Reference:
    """A reference that `write` has written.

    Raises:
        OSError: there is no such file.
    """
    with np.load(path, allow_pickle=False) as file:
        weights = tuple(file[f"weight-{place}"] for place in range(sum(name.startswith("weight-") for name in file)))
        orders = [file[f"order-{place}"] for place in range(int(file["epochs"].max()) + 1)]
        return Reference(weights, tuple(orders[epoch] for epoch in file["epochs"]))


def begin_as(reference: Reference, model: keras.Model, task: TrialTask) -> None:
    """Give a fresh model the weights of its reference.

    Raises:
        ModelError: the two have other weights.
    """
    name = BACKENDS[task.cell.follows].title
    own = [tuple(weight.shape) for weight in model.weights]
    theirs = [weight.shape for weight in reference.weights]
    if own != theirs:
        place = next((at for at, (here, there) in enumerate(zip(own, theirs, strict=False)) if here != there), None)
        how = (
            f"it has {len(own)} weights here and {len(theirs)} there"
            if place is None
            else f"weight {place + 1} ({model.weights[place].path}) has the shape {own[place]} here and "
            f"{theirs[place]} there"
        )
        raise ModelError(
            f"The model of {task.cell.builder} cannot begin with its weights on {name}: {how}. Declare it on one "
            "backend only, or let the builder make the same weights on each."
        )
    model.set_weights(list(reference.weights))


def check_orders(reference: Reference, model: keras.Model, data: TrainingData, epochs: int) -> None:
    """Check that a model can be trained in the order of its reference.

    Raises:
        ModelError: it cannot.
    """
    orders = reference.orders
    if len(orders) < epochs or any(len(order) != data.train.size for order in orders):
        raise ModelError("The reference was drawn for other epochs or other training data. Run the command again.")
    if own_method(type(model), OWN_METHODS) == "fit" and len({id(order) for order in orders}) > 1:
        raise ModelError(
            f"{type(model).__name__} has a fit of its own, which cannot be given another order for every epoch. Put "
            "TensorFlow first on the axis: its fit has one order for all epochs."
        )
