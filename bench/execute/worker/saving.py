"""Saving a trained model as a file of Keras. Runs in a worker process only."""

from __future__ import annotations

import os
import traceback
from typing import TYPE_CHECKING

from bench.core.files import sha256_of
from bench.execute.failures import sentence
from bench.record.records import SavedModel

if TYPE_CHECKING:
    from pathlib import Path

    import keras


def save_model(model: keras.Model, path: Path) -> SavedModel:
    """Save a model under a temporary name and rename the file, so that no reader sees half of it.

    A model that cannot be saved costs its trial nothing: the answer says why.

    Args:
        model: trained.
        path: of the file, which ends in `.keras`.
    """
    # Keras takes no other ending
    temporary = path.with_name(f".{path.stem}-{os.getpid()}.keras")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        model.save(temporary)
        saved = SavedModel(file=path.name, sha256=sha256_of(temporary), size_bytes=temporary.stat().st_size)
        temporary.replace(path)
    except Exception as error:  # noqa: BLE001  whatever a layer of somebody's own cannot do
        traceback.print_exc()
        temporary.unlink(missing_ok=True)
        return SavedModel(file=path.name, obstacle=sentence(error))
    return saved
