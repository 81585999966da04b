"""Builders that take a keras_tuner.HyperParameters, with the real keras-tuner."""

from __future__ import annotations

import sys

import pytest

from bench.execute.worker.hyperparameters import build_tuned, takes_hyperparameters
from bench.execute.worker.own import ModelError

pytest.importorskip("keras_tuner")


def build(hp):
    """A builder as users of keras-tuner write them; what it returns stands for a model."""
    kind = hp.Choice("kind", ["mlp", "cnn"])
    made = {"kind": kind, "rate": hp.Float("rate", 0.0, 0.5), "norm": hp.Boolean("norm"), "seed": hp.Fixed("seed", 7)}
    with hp.conditional_scope("kind", ["mlp"]):
        made["units"] = hp.Int("units", 32, 128)
    with hp.conditional_scope("kind", ["cnn"]):
        made["filters"] = hp.Int("filters", 4, 16)
    return made


def made(**values):
    return build_tuned(build, "models:build", (4,), 3, values)


def test_values_that_are_not_given_are_the_defaults():
    """Of keras-tuner: the first choice, the lowest number, False."""
    assert {"kind": "mlp", "rate": 0.0, "norm": False, "seed": 7, "units": 32, "filters": None} == made()


def test_given_values_are_fixed():
    """Those of a conditional scope too, where its condition is met."""
    asked = made(kind="cnn", filters=8, rate=0.25, norm=True, seed=7)
    assert {"kind": "cnn", "rate": 0.25, "norm": True, "seed": 7, "units": None, "filters": 8} == asked


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"units": 256}, "declares the hyperparameter units as a whole number from 32 to 128, and the suite gives 256"),
        ({"units": 64.0}, "units as a whole number from 32 to 128, and the suite gives 64.0"),
        ({"rate": "high"}, "rate as a number from 0.0 to 0.5, and the suite gives 'high'"),
        ({"norm": 1}, "norm as true or false, and the suite gives 1"),
        ({"kind": "rnn"}, "kind as one of 'mlp' or 'cnn', and the suite gives 'rnn'"),
        ({"seed": 8}, "seed as fixed at 7, and the suite gives 8"),
        ({"filters": 8}, "filters of the builder models:build is not active beside the other values of this cell"),
        ({"unit": 64}, "does not ask for a hyperparameter 'unit' .* did you mean 'units'"),
    ],
)
def test_a_value_that_is_none_is_refused(values, sentence):
    """With what was declared and what was given."""
    with pytest.raises(ModelError, match=sentence):
        made(**values)


def test_a_value_of_another_kind_is_named_where_it_broke_the_builder():
    """The builder's own error would be about something else."""
    with pytest.raises(ModelError, match="depth as a whole number from 1 to 3, and the suite gives 'deep'"):
        build_tuned(lambda hp: [0] * (hp.Int("depth", 1, 3) + 1), "models:build", (4,), 3, {"depth": "deep"})


def test_shape_and_width_are_given_to_a_builder_that_takes_them():
    """And its further parameters by name."""

    def shaped(hp, input_shape, num_classes, *, depth=1):
        return input_shape, num_classes, depth, hp.Int("units", 1, 9)

    assert takes_hyperparameters(shaped)
    assert ((4,), 3, 2, 5) == build_tuned(shaped, "models:shaped", (4,), 3, {"depth": 2, "units": 5})


def test_without_the_extra_there_is_a_command_to_type(monkeypatch):
    """Nobody has to know which package it is."""
    monkeypatch.setitem(sys.modules, "keras_tuner", None)
    with pytest.raises(ModelError, match=r"python3 -m pip install 'keras-bench\[tuner\]'"):
        made()
