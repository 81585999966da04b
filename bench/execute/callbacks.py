"""Callbacks of the user's own. Runs in a worker process only."""

from __future__ import annotations

import keras

from bench.execute.own import ModelError, imported


def make_callback(reference: str) -> keras.callbacks.Callback:
    """What a function or class of the user's own, called without arguments, makes.

    Raises:
        ModelError: it cannot be imported or called, or makes no Keras callback.
    """
    try:
        made = imported(reference)()
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(f"The callback {reference} could not be made: {type(error).__name__}: {error}.") from error
    if not isinstance(made, keras.callbacks.Callback):
        raise ModelError(f"{reference} returned {type(made).__name__}, not a Keras callback. Return one from it.")
    return made
