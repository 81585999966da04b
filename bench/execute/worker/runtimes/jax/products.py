"""The matrix products of a training step, found in the program that JAX traces of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

if TYPE_CHECKING:
    from collections.abc import Iterator

    import keras


def training_flops(model: keras.Model, inputs: Any, batch_size: int) -> int | None:  # noqa: ANN401  see below
    """Floating-point operations of the products of one training step, forward and backward; None for none.

    They are counted in JAX's program and not by XLA, whose own count includes elementwise work, which those of the
    other backends leave out. A convolution counts as the product that it is after its patches are laid out as rows.

    Args:
        model: built; nothing of it changes.
        inputs: shape of one example and dtype, or several by name.
        batch_size: examples in the step.
    """
    words = {"training": True} if model._call_has_training_arg else {}  # noqa: SLF001  as Keras's own steps do
    fixed = [variable.value for variable in model.non_trainable_variables]

    def outputs_sum(trained: list[Any], x: Any) -> Any:  # noqa: ANN401  arrays
        outputs, _ = model.stateless_call(trained, fixed, x, **words)
        return sum(jnp.sum(leaf) for leaf in jax.tree.leaves(outputs))

    shaped = inputs if isinstance(inputs, dict) else {"": inputs}
    arguments = {
        name: jax.ShapeDtypeStruct((batch_size, *shape), jax.dtypes.canonicalize_dtype(dtype))
        for name, (shape, dtype) in shaped.items()
    }
    x = arguments if isinstance(inputs, dict) else arguments[""]
    program = jax.make_jaxpr(jax.grad(outputs_sum))([variable.value for variable in model.trainable_variables], x)
    return sum(_flops(program.jaxpr)) or None


def _flops(program: Any) -> Iterator[int]:  # noqa: ANN401  JAX has no public type of it
    """The operations of each product, in the programs that it calls too."""
    for equation in program.eqns:
        kind, parameters = equation.primitive.name, equation.params
        if kind == "dot_general":
            (summed, _), _ = parameters["dimension_numbers"]
            left = equation.invars[0].aval.shape
            yield 2 * math.prod(equation.outvars[0].aval.shape) * math.prod(left[axis] for axis in summed)
        elif kind == "conv_general_dilated":
            kernel, numbers = equation.invars[1].aval.shape, parameters["dimension_numbers"].rhs_spec
            per_output = math.prod(kernel[axis] for axis in numbers[1:])
            # zeros that a strided convolution's gradient puts between its inputs are multiplied by nobody
            zeros = math.prod(parameters["lhs_dilation"]) * parameters["batch_group_count"]
            yield 2 * math.prod(equation.outvars[0].aval.shape) * per_output // zeros
        times = parameters.get("length", 1) if kind == "scan" else 1
        for inner in _programs(parameters):
            yield times * sum(_flops(inner))


def _programs(parameters: dict[str, Any]) -> Iterator[Any]:
    """The programs that an operation calls; of those that it chooses from, the first."""
    for name, value in parameters.items():
        if name == "branches":
            yield value[0].jaxpr
        elif hasattr(value, "jaxpr"):
            yield value.jaxpr
        elif hasattr(value, "eqns"):
            yield value
