"""Small convolutional networks for small images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, PositiveInt

# read at run time, as the schema of the parameters
from bench.catalog.architectures.dense import Activation, Output, Rate, Sizes, output_layer
from bench.catalog.architectures.shapes import PICTURES, check_shape

if TYPE_CHECKING:
    import keras


def lenet5(
    input_shape: tuple[int, ...],
    num_classes: int,
    *,
    activation: Literal["tanh", "relu", "sigmoid"] = "tanh",
    output: Output = "softmax",
) -> keras.Model:
    """LeNet-5 with average pooling and a softmax output in place of the radial basis functions.

    Source: LeCun, Bottou, Bengio and Haffner, Gradient-Based Learning Applied to Document Recognition, Proceedings of
    the IEEE 86(11), 1998, section II.B and figure 2. The paper pads 28 x 28 to 32 x 32; "same" padding in the first
    layer does so here. Inputs smaller than 16 x 16 keep their size in the second convolution as well.

    Args:
        input_shape: (height, width, channels), at least 8 x 8.
        num_classes: how many classes, labels or values are predicted.
        activation: of every hidden layer.
        output: how it ends.
    """
    import keras  # noqa: PLC0415  only a worker process may import it

    check_shape("lenet5", input_shape, PICTURES)
    small = min(input_shape[:2]) < 16  # noqa: PLR2004  two poolings and a 5 x 5 kernel need this much
    return keras.Sequential(
        [
            keras.Input(input_shape),
            keras.layers.Conv2D(6, 5, padding="same", activation=activation),
            keras.layers.AveragePooling2D(2),
            keras.layers.Conv2D(16, 5, padding="same" if small else "valid", activation=activation),
            keras.layers.AveragePooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(120, activation=activation),
            keras.layers.Dense(84, activation=activation),
            output_layer(num_classes, output),
        ]
    )


def cnn(
    input_shape: tuple[int, ...],
    num_classes: int,
    *,
    filters: Sizes | None = None,
    kernel: PositiveInt = 3,
    dense: Annotated[int, Field(ge=0)] = 64,
    activation: Activation = "relu",
    dropout: Rate = 0.0,
    batch_norm: bool = False,
    output: Output = "softmax",
) -> keras.Model:
    """Blocks of convolution and max pooling, then one dense layer.

    Args:
        input_shape: (height, width, channels).
        num_classes: how many classes, labels or values are predicted.
        filters: of each block, [16, 32] where not given; every block halves height and width.
        kernel: height and width of every convolution.
        dense: nodes of the dense layer; 0 leaves it out.
        activation: of every hidden layer.
        dropout: fraction dropped before the last layer.
        batch_norm: normalise before every activation of a convolution.
        output: how it ends.
    """
    import keras  # noqa: PLC0415  only a worker process may import it

    check_shape("cnn", input_shape, PICTURES)
    stack: list[keras.layers.Layer] = [keras.Input(input_shape)]
    for width in filters if filters is not None else [16, 32]:
        if batch_norm:
            stack += [keras.layers.Conv2D(width, kernel, padding="same", use_bias=False)]
            stack += [keras.layers.BatchNormalization(), keras.layers.Activation(activation)]
        else:
            stack += [keras.layers.Conv2D(width, kernel, padding="same", activation=activation)]
        stack += [keras.layers.MaxPooling2D(2)]
    stack += [keras.layers.Flatten()]
    if dense:
        stack += [keras.layers.Dense(dense, activation=activation)]
    if dropout:
        stack += [keras.layers.Dropout(dropout)]
    return keras.Sequential([*stack, output_layer(num_classes, output)])
