"""What a model does with its inputs, asked of models of Keras."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from bench.catalog.architectures.sequences import rnn
from bench.execute.worker.probe import read_inputs

IDS = np.array([[0, 3, 7], [1, 2, 9]], np.float32)


@pytest.mark.parametrize(
    ("inputs", "no_id"),
    [(IDS, None), (IDS - 5, -5.0), (IDS + 0.5, 0.5), (IDS * 100 + 0.25, 0.25)],
    ids=["ids", "negative", "fractions", "fractions beyond the table"],
)
def test_an_embedding_is_asked_for_ids_alone(inputs: np.ndarray, no_id: float | None) -> None:
    """What it is asked for else is noted: Keras would cut decimals and count negative numbers from the end."""
    assert no_id == read_inputs(rnn((3,), 1, vocabulary=10), inputs).no_id


@pytest.mark.parametrize("times", [1, 100], ids=["within", "beyond"])
def test_the_size_of_an_embedding_of_the_whole_input_is_known(times: int) -> None:
    """Even where the ids go beyond it, which Keras refuses to look up, or on some devices does not."""
    assert 10 == read_inputs(rnn((3,), 1, vocabulary=10), IDS * times).table


def test_an_embedding_of_one_column_among_amounts_is_fine() -> None:
    """Only what reaches the embedding counts."""
    table = keras.Input((3,))
    looked_up = keras.layers.Flatten()(keras.layers.Embedding(10, 2)(table[:, :1]))
    model = keras.Model(table, keras.layers.Dense(1)(keras.layers.Concatenate()([looked_up, table[:, 1:]])))
    read = read_inputs(model, IDS * np.array([1, 0.25, -3], np.float32))
    assert (None, None) == (read.no_id, read.table)
