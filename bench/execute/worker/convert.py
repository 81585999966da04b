"""A trained model of Keras as ONNX. Runs in a worker process of the TensorFlow backend only."""

from __future__ import annotations

import sys
import traceback
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from bench.core.files import sha256_of
from bench.execute.conversion import Conversion, Converted
from bench.execute.failures import sentence

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = 2
"""Inputs that the predictions of both models are compared on."""


def to_onnx(wanted: Conversion, send: Callable[[object], None]) -> None:
    """Convert a model and send a `Converted`; the file is there where it names no obstacle."""
    sys.path[:0] = [folder for folder in wanted.search_path if folder not in sys.path]
    try:
        send(_converted(wanted))
    except Exception as error:  # noqa: BLE001  whatever layers of somebody's own cannot do
        traceback.print_exc()
        Path(wanted.target).unlink(missing_ok=True)
        send(Converted(obstacle=sentence(error)))


def _converted(wanted: Conversion) -> Converted:
    import onnx  # noqa: PLC0415  an extra

    if sha256_of(Path(wanted.file)) != wanted.sha256:
        return Converted(obstacle="the file is not the one that the run has saved: its SHA-256 is another")
    if wanted.module:
        import_module(wanted.module)
    # what it was compiled with is not part of predictions, and may be the user's own
    model = keras.saving.load_model(wanted.file, compile=False)
    examples = _examples(wanted)
    predicted = np.asarray(model(examples, training=False))
    model.export(wanted.target, format="onnx", verbose=False, **_signature(model, wanted))
    proto = onnx.load(wanted.target)
    onnx.checker.check_model(proto)
    onnx.helper.set_model_props(proto, wanted.notes)
    onnx.save(proto, wanted.target)
    return Converted(difference=_difference(wanted.target, examples, predicted))


def _examples(wanted: Conversion) -> Any:  # noqa: ANN401  an array, or several by name
    """Inputs between 0 and 1; a layer that looks them up takes them for the id 0."""
    rng = np.random.default_rng(0)
    shapes = wanted.shapes

    def made(shape: tuple[int, ...]) -> Any:  # noqa: ANN401
        return rng.random((EXAMPLES, *shape), dtype=np.float32)

    return {name: made(shape) for name, shape in shapes.items()} if isinstance(shapes, dict) else made(shapes)


def _signature(model: keras.Model, wanted: Conversion) -> dict[str, Any]:
    """The inputs of a model that does not know them, with any number of examples."""
    if getattr(model, "inputs", None):
        return {}
    shapes = wanted.shapes
    if not isinstance(shapes, dict):
        return {"input_signature": [keras.InputSpec(shape=(None, *shapes), dtype="float32", name="inputs")]}
    return {
        "input_signature": [
            {name: keras.InputSpec(shape=(None, *shape), dtype="float32", name=name) for name, shape in shapes.items()}
        ]
    }


def _difference(target: str, examples: Any, predicted: Any) -> float:  # noqa: ANN401  arrays
    """How far the predictions by ONNX Runtime are from those of Keras, as the largest absolute value."""
    import onnxruntime  # noqa: PLC0415  an extra

    session = onnxruntime.InferenceSession(target, providers=["CPUExecutionProvider"])
    names = [entry.name for entry in session.get_inputs()]
    arrays: dict[str, Any] = dict.fromkeys(names, examples)
    if isinstance(examples, dict):
        # a converter may put something behind the name of an input
        arrays = {name: next(examples[own] for own in examples if name.partition(":")[0] == own) for name in names}
    outputs: Any = session.run(None, arrays)
    return float(np.abs(outputs[0] - predicted).max())
