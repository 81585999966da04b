"""Which forms of examples a network takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.core.trees import Shapes

PICTURES, SEQUENCES = (3,), (1, 2)
"""Axes of pictures, (height, width, channels), and of sequences, (steps,) and (steps, channels)."""

_WORDS = {
    PICTURES: "pictures, (height, width, channels)",
    SEQUENCES: "sequences, (steps, channels), or ids, (steps,)",
}
_WAYS = {
    PICTURES: ' If the values are pixels, say so by shape = [28, 28, 1] in a table [datasets.NAME]; else take "mlp".',
    SEQUENCES: ' Take "mlp", or "cnn" for pictures.',
}


def check_shape(name: str, input_shape: Shapes, axes: tuple[int, ...]) -> None:
    """Refuse examples that a network cannot take.

    Args:
        name: of the network.
        input_shape: of an example; of several inputs, of each by its name.
        axes: how many axes an example may have, `PICTURES` or `SEQUENCES`.

    Raises:
        ValueError: an example has another number of axes, or there are several inputs.
    """
    if isinstance(input_shape, dict):
        raise ValueError(  # noqa: TRY004  the type is right, the data are not
            f'{name} takes one input, and the data have {len(input_shape)}: {", ".join(input_shape)}. Take "mlp", '
            "which joins them, or a builder of your own."
        )
    if len(input_shape) not in axes:
        raise ValueError(f"{name} takes {_WORDS[axes]}; an example has the shape {tuple(input_shape)}.{_WAYS[axes]}")
