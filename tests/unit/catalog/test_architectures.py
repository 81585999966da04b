"""The shipped builders' signatures are the schema that a suite is checked against; no model is built here."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from pydantic import ValidationError

from bench.catalog.architectures.dense import conflict
from bench.catalog.architectures.shapes import PICTURES, SEQUENCES, check_shape
from bench.catalog.registry import SHIPPED, find_architecture


def checked(name: str, parameter: str, value: object) -> Any:
    parameters = find_architecture(name).parameters
    assert parameters is not None
    return parameters[parameter].validate_python(value)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_builder_is_called_with_shape_classes_and_keywords(name: str) -> None:
    """Every other argument is a keyword with a default, so that a suite may leave it out."""
    parameters = list(inspect.signature(SHIPPED[name][0]).parameters.values())
    assert ["input_shape", "num_classes"] == [parameter.name for parameter in parameters[:2]]
    for parameter in parameters[2:]:
        assert parameter.kind is parameter.KEYWORD_ONLY
        assert parameter.default is not parameter.empty


@pytest.mark.parametrize("name", SHIPPED)
def test_a_default_is_a_value_that_may_be_given(name: str) -> None:
    """Writing a default down changes nothing."""
    for parameter in list(inspect.signature(SHIPPED[name][0]).parameters.values())[2:]:
        assert parameter.default == checked(name, parameter.name, parameter.default)


@pytest.mark.parametrize(
    ("name", "parameter", "value", "expected"),
    [
        ("mlp", "hidden", [], []),
        ("mlp", "hidden", [32, 16], [32, 16]),
        ("mlp", "hidden", 32, [32]),  # a single number is one layer
        ("mlp", "layers", 0, 0),
        ("mlp", "nodes", 1, 1),
        ("mlp", "dropout", 0, 0.0),
        ("mlp", "activation", "gelu", "gelu"),
        ("cnn", "filters", 8, [8]),
        ("cnn", "dense", 0, 0),
        ("lenet5", "activation", "tanh", "tanh"),
    ],
)
def test_a_value_that_is_admitted(name: str, parameter: str, value: object, expected: object) -> None:
    """Each as the builder receives it."""
    assert expected == checked(name, parameter, value)


@pytest.mark.parametrize(
    ("name", "parameter", "value"),
    [
        ("mlp", "hidden", [0]),
        ("mlp", "hidden", [-1]),
        ("mlp", "hidden", 0),
        ("mlp", "hidden", True),
        ("mlp", "hidden", "wide"),
        ("mlp", "hidden", [1.5]),
        ("mlp", "layers", -1),
        ("mlp", "nodes", 0),
        ("mlp", "dropout", 1),
        ("mlp", "dropout", -0.1),
        ("mlp", "activation", "rely"),
        ("cnn", "filters", [0]),
        ("cnn", "kernel", 0),
        ("cnn", "dense", -1),
        ("lenet5", "activation", "gelu"),
    ],
)
def test_a_value_that_is_refused(name: str, parameter: str, value: object) -> None:
    """What Keras would refuse later, or worse, would not."""
    with pytest.raises(ValidationError):
        checked(name, parameter, value)


@pytest.mark.parametrize(
    "parameters",
    [{}, {"hidden": [3]}, {"layers": 1}, {"nodes": 3}, {"layers": 1, "nodes": 3}, {"hidden": None, "nodes": 3}],
)
def test_one_way_to_say_a_size_is_no_conflict(parameters: dict[str, object]) -> None:
    """Layer by layer, or so many of one width."""
    assert conflict(parameters) is None


@pytest.mark.parametrize("parameters", [{"hidden": [3], "layers": 1}, {"hidden": [], "nodes": 3}])
def test_two_ways_to_say_a_size_are_a_conflict(parameters: dict[str, object]) -> None:
    """No rank between the two is guessed."""
    sentence = "hidden together with layers or nodes"
    assert sentence == conflict(parameters)


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("cnn", (5,), r"cnn takes pictures, \(height, width, channels\); an example has the shape \(5,\)\. If the"),
        ("lenet5", (5, 2), "lenet5 takes pictures"),
        ("rnn", (28, 28, 1), r"rnn takes sequences, .* \(28, 28, 1\)\. Take \"mlp\""),
        ("conv1d", {"a": (3,), "b": (2,)}, "conv1d takes one input, and the data have 2: a, b"),
    ],
)
def test_examples_of_another_form_are_refused(name: str, shape: object, message: str) -> None:
    """With the network that takes them."""
    with pytest.raises(ValueError, match=message):
        check_shape(name, shape, PICTURES if name in {"cnn", "lenet5"} else SEQUENCES)  # type: ignore[arg-type]
