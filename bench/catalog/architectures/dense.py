"""Networks of dense layers, from softmax regression up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field, PositiveInt

from bench.core.trees import Shapes  # noqa: TC001  read at run time, as the schema of the parameters

if TYPE_CHECKING:
    import keras


Activation = Literal["relu", "tanh", "sigmoid", "elu", "selu", "gelu", "silu", "leaky_relu", "softplus", "linear"]
Rate = Annotated[float, Field(ge=0, lt=1)]
Output = Literal["softmax", "sigmoid", "linear", "binary"]
"""How a network ends; `binary` is one sigmoid unit for two classes. Left out, it follows what is predicted."""


def _as_list(value: object) -> object:
    return [value] if isinstance(value, int) and not isinstance(value, bool) else value


Sizes = Annotated[list[PositiveInt], BeforeValidator(_as_list)]


def softmax(input_shape: Shapes, num_classes: int, *, output: Output = "softmax") -> keras.Model:
    """No hidden layer: softmax regression on the flattened input, or linear regression.

    Args:
        input_shape: of an example; of several inputs, of each by its name.
        num_classes: how many classes, labels or values are predicted.
        output: how it ends.
    """
    return mlp(input_shape, num_classes, hidden=[], output=output)


def output_layer(num_classes: int, output: Output) -> keras.layers.Layer:
    """The last layer of a network: float32 whatever the precision of the others."""
    import keras  # noqa: PLC0415  only a worker process may import it

    units, activation = (1, "sigmoid") if output == "binary" else (num_classes, output)
    return keras.layers.Dense(units, activation=activation, dtype="float32")


def mlp(
    input_shape: Shapes,
    num_classes: int,
    *,
    hidden: Sizes | None = None,
    layers: Annotated[int, Field(ge=0)] | None = None,
    nodes: PositiveInt | None = None,
    activation: Activation = "relu",
    dropout: Rate = 0.0,
    batch_norm: bool = False,
    output: Output = "softmax",
) -> keras.Model:
    """A multilayer perceptron on the flattened input; several inputs are joined.

    Its size is `hidden`, a list of layer widths, or `layers` x `nodes` for layers of one width; [128] where neither is
    given.

    Args:
        input_shape: of an example; of several inputs, of each by its name.
        num_classes: how many classes, labels or values are predicted.
        hidden: nodes of each hidden layer; a single number is one layer.
        layers: number of hidden layers, with `nodes`.
        nodes: nodes of each of them.
        activation: of every hidden layer.
        dropout: fraction dropped after every hidden layer.
        batch_norm: normalise before every activation; the dense layers then need no bias and have none.
        output: how it ends.
    """
    import keras  # noqa: PLC0415  only a worker process may import it

    widths = hidden if hidden is not None else [nodes or 128] * (1 if layers is None else layers)
    stack: list[keras.layers.Layer] = []
    for width in widths:
        if batch_norm:
            stack += [keras.layers.Dense(width, use_bias=False), keras.layers.BatchNormalization()]
            stack += [keras.layers.Activation(activation)]
        else:
            stack += [keras.layers.Dense(width, activation=activation)]
        if dropout:
            stack += [keras.layers.Dropout(dropout)]
    stack.append(output_layer(num_classes, output))
    if isinstance(input_shape, dict):
        return _joined(input_shape, stack)
    return keras.Sequential([keras.Input(input_shape), keras.layers.Flatten(), *stack])


def _joined(shapes: dict[str, tuple[int, ...]], stack: list[keras.layers.Layer]) -> keras.Model:
    """The layers on several inputs, each flattened and all set in a row."""
    import keras  # noqa: PLC0415  only a worker process may import it

    inputs = {name: keras.Input(shape, name=name) for name, shape in shapes.items()}
    flat = [keras.layers.Flatten()(tensor) for tensor in inputs.values()]
    x = flat[0] if len(flat) == 1 else keras.layers.Concatenate()(flat)
    for layer in stack:
        x = layer(x)
    return keras.Model(inputs, x)


def conflict(parameters: dict[str, object]) -> str | None:
    """What in these `mlp` parameters contradicts itself, as the end of "received ..."; None when nothing does."""
    if parameters.get("hidden") is not None and (parameters.keys() & {"layers", "nodes"}):
        return "hidden together with layers or nodes"
    return None
