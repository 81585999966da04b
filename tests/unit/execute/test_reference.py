"""What a cell that follows another backend begins with: written, read back, and refused where it does not fit."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import keras
import ml_dtypes
import numpy as np
import pytest
from factories import cell

from bench.execute.worker.own import ModelError
from bench.execute.worker.reference import Reference, begin_as, check_orders, read, write

if TYPE_CHECKING:
    from pathlib import Path

    from bench.execute.messages import TrialTask
    from bench.execute.worker.data import TrainingData

FIRST, SECOND = (np.array(order, np.int32) for order in ([2, 0, 1], [1, 2, 0]))


def task() -> TrialTask:
    """Of a cell on JAX that follows PyTorch."""
    return cast("TrialTask", SimpleNamespace(cell=cell(backend="jax", follows="torch", builder="own:make")))


def data(examples: int = 3) -> TrainingData:
    """Some training data."""
    return cast("TrainingData", SimpleNamespace(train=SimpleNamespace(size=examples)))


def model(units: int = 2) -> keras.Model:
    """Two weights."""
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(units)])


@dataclass
class OwnFit:
    """A model with a fit of its own, as far as it is asked."""

    def fit(self) -> None:
        """Of its own."""


def test_a_reference_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Every bit of every weight; equal orders are one array, as engines expect it."""
    written = Reference(
        (np.float32([[0.1, -0.0]]), np.array([], np.float64), np.int32(3)), (FIRST, FIRST.copy(), SECOND)
    )
    write(written, tmp_path / "a.npz")
    found = read(tmp_path / "a.npz")
    assert [(of.dtype, of.shape, of.tobytes()) for of in map(np.asarray, written.weights)] == [
        (of.dtype, of.shape, of.tobytes()) for of in found.weights
    ]
    assert found.orders[0] is found.orders[1]
    assert [FIRST.tolist(), FIRST.tolist(), SECOND.tolist()] == [order.tolist() for order in found.orders]
    assert ["a.npz"] == [path.name for path in tmp_path.iterdir()]


def test_weights_without_a_type_of_numpy_are_refused(tmp_path: Path) -> None:
    """Their bytes would be read back as something else."""
    half = np.array([1.0]).astype(ml_dtypes.bfloat16)
    with pytest.raises(ModelError, match="type bfloat16 cannot be handed"):
        write(Reference((half,), (FIRST,)), tmp_path / "a.npz")
    assert not list(tmp_path.iterdir())


def test_a_model_begins_with_the_weights_of_its_reference() -> None:
    """All of them."""
    weights = (np.full((4, 2), 0.5, np.float32), np.float32([1, 2]))
    made = model()
    begin_as(Reference(weights, (FIRST,)), made, task())
    assert [of.tolist() for of in weights] == [of.tolist() for of in made.get_weights()]


@pytest.mark.parametrize(
    ("shapes", "how"),
    [
        ([(4, 3), (3,)], r"weight 1 \(sequential.*/kernel\) has the shape \(4, 2\) here and \(4, 3\) there"),
        ([(4, 2)], "it has 2 weights here and 1 there"),
    ],
)
def test_other_weights_are_refused_by_name(shapes: list[tuple[int, ...]], how: str) -> None:
    """The first that differs, or how many there are."""
    weights = tuple(np.zeros(shape, np.float32) for shape in shapes)
    with pytest.raises(ModelError, match=f"own:make cannot begin with its weights on PyTorch: {how}"):
        begin_as(Reference(weights, (FIRST,)), model(), task())


def test_orders_of_other_data_or_fewer_epochs_are_refused() -> None:
    """Nothing is trained in a wrong order."""
    check_orders(Reference((), (FIRST, SECOND)), model(), data(), 2)
    for examples, epochs in ((4, 2), (3, 3)):
        with pytest.raises(ModelError, match="other epochs or other training data"):
            check_orders(Reference((), (FIRST, SECOND)), model(), data(examples), epochs)


def test_a_fit_of_its_own_takes_one_order() -> None:
    """Whichever batches it makes of the examples."""
    own = cast("Any", OwnFit())
    check_orders(Reference((), (FIRST, FIRST)), own, data(), 2)
    with pytest.raises(ModelError, match="OwnFit has a fit of its own"):
        check_orders(Reference((), (FIRST, SECOND)), own, data(), 2)
