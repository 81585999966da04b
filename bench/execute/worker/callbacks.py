"""Callbacks of the user's own. Runs in a worker process only."""

from __future__ import annotations

import keras

from bench.execute.worker.own import ModelError, called


def make_callback(reference: str) -> keras.callbacks.Callback:
    """What a function or class of the user's own, called without arguments, makes.

    Raises:
        ModelError: it cannot be imported or called, or makes no Keras callback.
    """
    made = called(reference, "callback")
    if not isinstance(made, keras.callbacks.Callback):
        raise ModelError(f"{reference} returned {type(made).__name__}, not a Keras callback. Return one from it.")
    return made
