"""Data that a `tf.data.Dataset` streams, made ready batch by batch; any backend can train on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

if TYPE_CHECKING:
    from collections.abc import Callable


def mapped(dataset: Any, ready: Callable[[Any], tuple[Any, ...]], form: tuple[Any, ...], batches: int | None) -> Any:  # noqa: ANN401
    """A `tf.data.Dataset` whose batches are made ready by NumPy.

    Args:
        dataset: as the loader returned it.
        ready: a batch as NumPy arrays -> what the model is given.
        form: a batch that is ready.
        batches: of an epoch, which has to have so many; None for a dataset that goes on for ever.
    """
    given = tf.nest.flatten(form)
    inputs, varies = len(tf.nest.flatten(form[0])), _varies(dataset)
    # sequences may be longer in another batch than in the first
    shapes = [
        (None, *[None if varies and index < inputs else size for size in array.shape[1:]])
        for index, array in enumerate(given)
    ]

    def apply(*element: Any) -> Any:  # noqa: ANN401  tensors
        def run(*values: Any) -> list[Any]:  # noqa: ANN401  arrays
            return [
                np.ascontiguousarray(array)
                for array in tf.nest.flatten(ready(tf.nest.pack_sequence_as(element, values)))
            ]

        made = tf.numpy_function(run, tf.nest.flatten(element), [array.dtype for array in given])
        for tensor, shape in zip(made, shapes, strict=True):
            tensor.set_shape(shape)
        return tf.nest.pack_sequence_as(form, made)

    made = dataset
    if batches is not None and int(dataset.cardinality()) < 0:
        made = made.take(batches).apply(tf.data.experimental.assert_cardinality(batches))
    return made.map(apply, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)


def _varies(dataset: Any) -> bool:  # noqa: ANN401  a dataset
    """Whether examples may have different shapes from batch to batch."""
    specs = tf.nest.flatten(dataset.element_spec)
    return any(spec.shape.rank is not None and None in spec.shape.as_list()[1:] for spec in specs)
