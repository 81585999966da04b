"""What the operations of a model do first with its inputs. In a worker process only.

The graph is followed from the input through operations that keep values as they are (reshaping, casting, slicing,
pooling). An operation with a constant that makes sense for inputs as they are, and not for values from 0 to 1, is a
scaling; one that takes the inputs for indices is a lookup. Anything else ends the walk.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import tensorflow as tf

if TYPE_CHECKING:
    import keras

KEEPS_VALUES = frozenset(
    {
        "AvgPool", "BroadcastTo", "Cast", "ConcatV2", "EnsureShape", "ExpandDims", "Identity", "MaxPool", "MirrorPad",
        "Pack", "Pad", "PadV2", "PreventGradient", "Reshape", "ResizeBilinear", "ResizeNearestNeighbor", "ReverseV2",
        "Slice", "Split", "SplitV", "Squeeze", "StopGradient", "StridedSlice", "Tile", "Transpose", "Unpack",
    }
)  # fmt: skip
KEEPS_INDICES = frozenset({"AddV2", "Maximum", "Minimum", "Select", "SelectV2", "Sub"})
"""What is done to whole numbers before they serve as indices: Keras counts negative ones from the end."""

INDEX_OF_LOOKUP = {"GatherV2": 1, "ResourceGather": 1, "GatherNd": 1, "OneHot": 0, "LookupTableFindV2": 1}
"""Operations that look something up, each with the place of its indices among its inputs."""


def first_uses(model: keras.Model, input_shape: tuple[int, ...], beyond: float) -> tuple[str, bool]:
    """Whether the inputs are looked up, and whether they are scaled.

    Args:
        model: built.
        input_shape: of one example.
        beyond: constants greater than this are not meant for values from 0 to 1.

    Returns:
        The operation that looks inputs up, empty for none; whether one scales them. A model that makes no graph says
        neither.
    """
    try:
        program = tf.function(lambda x: model(x, training=False), autograph=False)
        graph = program.get_concrete_function(tf.TensorSpec((2, *input_shape), tf.float32)).graph
    except Exception:  # noqa: BLE001  a `call()` that needs values
        return "", False
    looked_up, scaled = "", False
    waiting, seen = [graph.inputs[0]], set()
    while waiting:
        tensor = waiting.pop()
        for operation in tensor.consumers():
            places = [place for place, given in enumerate(operation.inputs) if given is tensor]
            if INDEX_OF_LOOKUP.get(operation.type) in places:
                looked_up = operation.type
            elif not tensor.dtype.is_integer and _scales(operation, places[0], beyond):
                scaled = True
            elif operation.name not in seen and (
                operation.type in KEEPS_VALUES or (tensor.dtype.is_integer and operation.type in KEEPS_INDICES)
            ):
                seen.add(operation.name)
                waiting += operation.outputs
    return looked_up, scaled


def _scales(operation: tf.Operation, place: int, beyond: float) -> bool:
    """Whether an operation of two values, one of them the inputs, scales them by a constant."""
    if operation.type not in {"AddV2", "Add", "Sub", "Mul", "RealDiv", "Div", "DivNoNan"} or len(operation.inputs) != 2:  # noqa: PLR2004
        return False
    constant = _constant(operation.inputs[1 - place])
    if constant is None or not constant.size or not np.isfinite(constant).all():
        return False
    largest = float(np.abs(constant).max())
    match operation.type:
        case "AddV2" | "Add" | "Sub":
            return largest > beyond
        case "Mul":
            return 0 < largest < 1 / beyond
        case _:
            return place == 0 and largest > beyond


def _constant(tensor: tf.Tensor) -> Any:  # noqa: ANN401  an array, or None
    """A tensor's value where it hangs on nothing but constants."""
    value = tf.get_static_value(tensor)
    return None if value is None else np.asarray(value, np.float64)
