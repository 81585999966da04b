"""The matrix products of a training step, found in the graph that TensorFlow traces of it."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import tensorflow as tf

from bench.core import trees

if TYPE_CHECKING:
    from collections.abc import Iterator

    import keras

    from bench.core.trees import Inputs


@dataclass(frozen=True, slots=True)
class Product:
    """A product of an (m, k) and a (k, n) matrix."""

    m: int
    k: int
    n: int

    @property
    def flops(self) -> int:
        """A multiplication and an addition for each of m * k * n."""
        return 2 * self.m * self.k * self.n


def training_flops(model: keras.Model, x: Inputs, batch_size: int) -> int | None:
    """Floating-point operations of the products of one training step; None where none can be found."""
    products = training_products(model, x, batch_size)
    return sum(product.flops * times for product, times in products) or None


def training_products(model: keras.Model, x: Inputs, batch_size: int) -> tuple[tuple[Product, int], ...]:
    """The products of one training step, forward and backward, and how often each occurs.

    A convolution counts as the product that it is after its patches are laid out as rows (Chellapilla, Puri and
    Simard, High Performance Convolutional Neural Networks for Document Processing, 2006). Elementwise work is left
    out. Tracing changes no variable.

    Args:
        model: built.
        x: (m, ...) inputs as the model takes them, or several by name; shapes and dtypes are read.
        batch_size: examples in the step.

    Returns:
        Empty where the graph shows none, or not their shapes.
    """

    def step(x: Any) -> Any:  # noqa: ANN401  tensors
        with tf.GradientTape() as tape:
            outputs = model(x, training=True)
        return tape.gradient(outputs, [weight.value for weight in model.trainable_weights])

    signature = trees.each(lambda array: tf.TensorSpec((batch_size, *array.shape[1:]), array.dtype), x)
    graph = tf.function(step, autograph=False).get_concrete_function(signature).graph
    try:
        counts = Counter(product for operation in _operations(graph) for product in _products(operation))
    except (TypeError, ValueError):  # a shape that is known at run time only
        return ()
    return tuple(counts.items())


def _operations(graph: Any) -> Iterator[Any]:  # noqa: ANN401  TensorFlow has no types
    """Every operation that a graph's outputs need, in the functions it calls too.

    A gradient is traced whole and run in part: nobody asks for that of a convolution by the images.
    """
    todo, seen = [tensor.op for tensor in graph.outputs], set()
    while todo:
        operation = todo.pop()
        if operation in seen:
            continue
        seen.add(operation)
        todo += [*(tensor.op for tensor in operation.inputs), *operation.control_inputs]
        yield operation
        for name in ("f", "body", "then_branch"):
            if name in operation.node_def.attr:
                called = operation.node_def.attr[name].func.name
                inner = graph._get_function(called)  # noqa: SLF001  it has no public name
                if inner is not None and getattr(inner, "graph", None) is not None:
                    yield from _operations(inner.graph)


def _products(operation: Any) -> Iterator[Product]:  # noqa: ANN401  TensorFlow has no types
    kind = operation.type
    if kind == "MatMul":
        left, right = operation.get_attr("transpose_a"), operation.get_attr("transpose_b")
        rows, inner = _shape(operation.inputs[0])[:: -1 if left else 1]
        columns = _shape(operation.inputs[1])[0 if right else 1]
        yield Product(rows, inner, columns)
    elif kind in {"BatchMatMulV2", "BatchMatMulV3"}:
        left = operation.get_attr("adj_x")
        *_, rows, inner = _shape(operation.inputs[0])
        rows, inner = (inner, rows) if left else (rows, inner)
        *stack, _, columns = _shape(operation.outputs[0])
        for _ in range(math.prod(stack)):
            yield Product(rows, inner, columns)
    elif kind == "Conv2D":
        height, width, channels, filters = _shape(operation.inputs[1])
        yield Product(_pixels(operation, operation.outputs[0]), height * width * channels, filters)
    elif kind == "Conv2DBackpropInput":
        height, width, channels, filters = _shape(operation.inputs[1])
        yield Product(_pixels(operation, operation.inputs[2]), filters, height * width * channels)
    elif kind == "Conv2DBackpropFilter":
        height, width, channels, filters = _shape(operation.outputs[0])
        yield Product(height * width * channels, _pixels(operation, operation.inputs[2]), filters)


def _pixels(operation: Any, outputs: Any) -> int:  # noqa: ANN401  TensorFlow has no types
    """Images times positions of a convolution's outputs."""
    count, *rest = _shape(outputs)
    across = rest[1:] if operation.get_attr("data_format") == b"NCHW" else rest[:-1]
    return count * math.prod(across)


def _shape(tensor: Any) -> list[int]:  # noqa: ANN401  TensorFlow has no types
    """A static shape.

    Raises:
        ValueError: a size is unknown.
    """
    sizes = tensor.shape.as_list()
    if any(size is None for size in sizes):
        raise ValueError(f"{tensor.name} has no static shape")
    return [int(size) for size in sizes]
