"""Texts -> token ids, by Keras's TextVectorization. Runs in a worker process only: it imports Keras."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.catalog.datasets.arrays import AnyArray
    from bench.catalog.datasets.declared import TextKeys

_BATCH = 1024


def token_ids(train: Sequence[str], test: Sequence[str], keys: TextKeys) -> tuple[AnyArray, AnyArray]:
    """The texts of both parts as ids of words; 0 pads and 1 is a word that the vocabulary lacks.

    Lower case, without punctuation, cut at blanks; the vocabulary is that of the training part alone.

    Args:
        train: n texts.
        test: m texts.
        keys: how large the vocabulary is, and how many ids each text becomes.

    Returns:
        (n, length) and (m, length) int64.
    """
    # by name: the harness, which reads tables as well, never imports Keras
    layers: Any = importlib.import_module("keras.layers")
    layer = layers.TextVectorization(max_tokens=keys.vocabulary, output_sequence_length=keys.length)
    layer.adapt(list(train), batch_size=_BATCH)
    return _ids(layer, train), _ids(layer, test)


def _ids(layer: Any, texts: Sequence[str]) -> AnyArray:  # noqa: ANN401  a layer of Keras
    parts = [np.asarray(layer(list(texts[start : start + _BATCH]))) for start in range(0, len(texts), _BATCH)]
    return np.concatenate(parts).astype(np.int64)
