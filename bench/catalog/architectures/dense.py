"""Networks of dense layers, from softmax regression up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field, PositiveInt

if TYPE_CHECKING:
    import keras

Activation = Literal["relu", "tanh", "sigmoid", "elu", "selu", "gelu", "silu", "leaky_relu", "softplus", "linear"]
Rate = Annotated[float, Field(ge=0, lt=1)]


def _as_list(value: object) -> object:
    return [value] if isinstance(value, int) and not isinstance(value, bool) else value


Sizes = Annotated[list[PositiveInt], BeforeValidator(_as_list)]


def softmax(input_shape: tuple[int, ...], num_classes: int) -> keras.Model:
    """No hidden layer: softmax regression on the flattened input.

    Args:
        input_shape: (height, width, channels).
        num_classes: width of the softmax output.
    """
    return mlp(input_shape, num_classes, hidden=[])


def mlp(
    input_shape: tuple[int, ...],
    num_classes: int,
    *,
    hidden: Sizes | None = None,
    layers: Annotated[int, Field(ge=0)] | None = None,
    nodes: PositiveInt | None = None,
    activation: Activation = "relu",
    dropout: Rate = 0.0,
    batch_norm: bool = False,
) -> keras.Model:
    """A multilayer perceptron on the flattened input, softmax at the end.

    Its size is `hidden`, a list of layer widths, or `layers` x `nodes` for layers of one width; [128] where neither is
    given.

    Args:
        input_shape: (height, width, channels).
        num_classes: width of the softmax output.
        hidden: nodes of each hidden layer; a single number is one layer.
        layers: number of hidden layers, with `nodes`.
        nodes: nodes of each of them.
        activation: of every hidden layer.
        dropout: fraction dropped after every hidden layer.
        batch_norm: normalise before every activation; the dense layers then need no bias and have none.
    """
    import keras  # noqa: PLC0415  only a worker process may import it

    widths = hidden if hidden is not None else [nodes or 128] * (1 if layers is None else layers)
    stack: list[keras.layers.Layer] = [keras.Input(input_shape), keras.layers.Flatten()]
    for width in widths:
        if batch_norm:
            stack += [keras.layers.Dense(width, use_bias=False), keras.layers.BatchNormalization()]
            stack += [keras.layers.Activation(activation)]
        else:
            stack += [keras.layers.Dense(width, activation=activation)]
        if dropout:
            stack += [keras.layers.Dropout(dropout)]
    return keras.Sequential([*stack, keras.layers.Dense(num_classes, activation="softmax", dtype="float32")])


def conflict(parameters: dict[str, object]) -> str | None:
    """What in these `mlp` parameters contradicts itself, as the end of "received ..."; None when nothing does."""
    if parameters.get("hidden") is not None and (parameters.keys() & {"layers", "nodes"}):
        return "hidden together with layers or nodes"
    return None
