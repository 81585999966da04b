"""Small networks for sequences: time series, (steps, channels), and token ids, (steps,)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import PositiveInt  # noqa: TC002  read at run time, as the schema of the parameters

# read at run time, as the schema of the parameters
from bench.catalog.architectures.dense import Activation, Output, Rate, Sizes, output_layer
from bench.catalog.architectures.shapes import SEQUENCES, check_shape

if TYPE_CHECKING:
    import keras


def rnn(
    input_shape: tuple[int, ...],
    num_classes: int,
    *,
    kind: Literal["gru", "lstm", "simple"] = "gru",
    units: PositiveInt = 32,
    vocabulary: PositiveInt | None = None,
    embedding: PositiveInt = 16,
    dropout: Rate = 0.0,
    output: Output = "softmax",
) -> keras.Model:
    """A recurrent layer over the steps, then the last layer.

    Args:
        input_shape: (steps, channels), or (steps,) for token ids.
        num_classes: how many classes, labels or values are predicted.
        kind: of the recurrent layer.
        units: of the recurrent layer.
        vocabulary: how many token ids there are; they are looked up in an embedding.
        embedding: numbers that stand for a token.
        dropout: fraction dropped before the last layer.
        output: how it ends.
    """
    import keras  # noqa: PLC0415  only a worker process may import it

    check_shape("rnn", input_shape, SEQUENCES)
    layer = {"gru": keras.layers.GRU, "lstm": keras.layers.LSTM, "simple": keras.layers.SimpleRNN}[kind]
    stack = [*_steps(input_shape, vocabulary, embedding), layer(units)]
    if dropout:
        stack += [keras.layers.Dropout(dropout)]
    return keras.Sequential([*stack, output_layer(num_classes, output)])


def conv1d(
    input_shape: tuple[int, ...],
    num_classes: int,
    *,
    filters: Sizes | None = None,
    kernel: PositiveInt = 3,
    activation: Activation = "relu",
    vocabulary: PositiveInt | None = None,
    embedding: PositiveInt = 16,
    dropout: Rate = 0.0,
    output: Output = "softmax",
) -> keras.Model:
    """Convolutions along the steps, the largest answer of each filter, then the last layer.

    Args:
        input_shape: (steps, channels), or (steps,) for token ids.
        num_classes: how many classes, labels or values are predicted.
        filters: of each convolution, [32] where not given.
        kernel: steps that a convolution looks at.
        activation: of every convolution.
        vocabulary: how many token ids there are; they are looked up in an embedding.
        embedding: numbers that stand for a token.
        dropout: fraction dropped before the last layer.
        output: how it ends.
    """
    import keras  # noqa: PLC0415  only a worker process may import it

    check_shape("conv1d", input_shape, SEQUENCES)
    stack = _steps(input_shape, vocabulary, embedding)
    for width in filters if filters is not None else [32]:
        stack += [keras.layers.Conv1D(width, kernel, padding="same", activation=activation)]
    stack += [keras.layers.GlobalMaxPooling1D()]
    if dropout:
        stack += [keras.layers.Dropout(dropout)]
    return keras.Sequential([*stack, output_layer(num_classes, output)])


def _steps(input_shape: tuple[int, ...], vocabulary: int | None, embedding: int) -> list[keras.layers.Layer]:
    """The input, as (steps, channels): token ids looked up, single values set apart."""
    import keras  # noqa: PLC0415  only a worker process may import it

    stack: list[keras.layers.Layer] = [keras.Input(input_shape)]
    if vocabulary is not None:
        return [*stack, keras.layers.Embedding(vocabulary, embedding)]
    return [*stack, keras.layers.Reshape((*input_shape, 1))] if len(input_shape) == 1 else stack
