"""What values say about a data set: their range, pictures or not, and what spoils a score."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.catalog.datasets import DataFacts, checked, differing, is_picture, load, obtain, store
from bench.catalog.datasets.arrays import Arrays
from bench.catalog.datasets.facts import InputFacts, facts_of
from bench.core.target import class_target

LETTERS = ("a", "b", "c", "d")


def made(x_train: list[float], y_train: list[int], x_test: list[float], y_test: list[int]) -> Arrays:
    """One number per example, as a picture of one pixel."""
    x, z = (np.array(values).reshape(-1, 1, 1) for values in (x_train, x_test))
    return checked(x, np.array(y_train), z, np.array(y_test), where="here")


def test_the_facts_of_whole_numbers() -> None:
    """Class c has two test examples and no training example; d has none anywhere but in training."""
    arrays = made([4, 7, 9, 9], [0, 1, 3, 3], [9, 8, 4, 9], [2, 1, 2, 0])
    expected = DataFacts(low=4, high=9, whole=True, picture=False, unseen=(("c", 2),), overlap=3, unstable=0)
    assert expected == facts_of(arrays, class_target(LETTERS))


@pytest.mark.parametrize(("values", "whole"), [([0.0, 255.0], True), ([-1.5, 2.0], False)])
def test_floats_may_be_whole_numbers(values: list[float], *, whole: bool) -> None:
    """Floats as notebooks make them, of bytes, are whole; the range is that of the training inputs alone."""
    facts = facts_of(made(values, [0, 1], [900.0], [1]), class_target(LETTERS))
    assert (values[0], values[1], whole) == (facts.low, facts.high, facts.whole)


def test_a_single_broken_value_beyond_the_first_chunk_counts() -> None:
    """Every value is looked at, in however many chunks."""
    values = np.zeros(10_000, np.float32).reshape(-1, 1, 1, 1)
    values[9_999] = 0.5
    labels = np.zeros(10_000, np.uint8)
    assert not facts_of(Arrays(values, labels, values, labels), class_target(("a",))).whole


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((28, 28, 1), True),
        ((32, 32, 3), True),
        ((2, 2, 4), True),
        ((8, 8, 300), False),
        ((8, 8, 2), False),
        ((1, 30, 1), False),
        ((30, 1, 1), False),
        ((30,), False),
        ((100, 6), False),
        ((8, 8, 8, 1), False),
    ],
)
def test_pictures_are_what_can_be_drawn(*, shape: tuple[int, ...], expected: bool) -> None:
    """Two pixels or more in each direction, and grey, RGB or RGBA."""
    assert expected == is_picture(shape)


def several() -> Arrays:
    """A picture, an id and measured values, with a weight per training example."""
    pictures, ids = np.zeros((3, 2, 2), np.uint8), np.array([7, 300, 7])
    x, z = {"picture": pictures, "id": ids}, {"picture": pictures[:2], "id": np.array([300, 9])}
    return checked(x, np.array([0.5, 1, 2]), z, np.array([0.5, 1]), where="here", w_train=np.ones(3))


def test_several_inputs_have_facts_of_their_own() -> None:
    """The whole has the range of all; only the picture is one; two inputs are equal where both are."""
    arrays = several()
    expected = DataFacts(
        low=0,
        high=300,
        whole=True,
        picture=False,
        unseen=(),
        overlap=1,
        by_input={"picture": InputFacts(0, 0, True, True), "id": InputFacts(7, 300, True, False)},
    )
    assert expected == facts_of(arrays, arrays.target)
    assert isinstance(hash(expected), int)


def test_any_input_target_or_weight_makes_an_example_another() -> None:
    """Each counts once; a part that has weights differs from one that has none."""
    arrays = several()
    ids, values = arrays.x_train["id"] + np.array([[0], [1], [0]], np.int32), arrays.y_train.copy()
    values[2] = 9
    changed = replace(arrays, x_train={**arrays.x_train, "id": ids}, y_train=values)
    assert (0, 2) == (differing(arrays, several()), differing(arrays, changed))
    assert 3 == differing(arrays, replace(arrays, w_train=None))
    assert 1 == differing(arrays, replace(arrays, w_train=np.array([1, 2, 1], np.float32)))


def test_equal_answers_do_not_differ(arrays: Arrays) -> None:
    """The same bytes in the same places."""
    assert 0 == differing(arrays, replace(arrays, x_train=arrays.x_train.copy()))


def test_examples_that_moved_or_changed_are_counted_once(arrays: Arrays) -> None:
    """Two that swapped places, one with another label, one with other inputs and another label."""
    x, y = arrays.x_train.copy(), arrays.y_train.copy()
    x[[0, 1]], y[[0, 1]] = x[[1, 0]], y[[1, 0]]
    y[5] = 9
    x[7] += 1
    y[7] = 9
    assert 4 == differing(arrays, replace(arrays, x_train=x, y_train=y))


def test_a_part_of_another_size_differs_as_a_whole(arrays: Arrays) -> None:
    """The larger number of examples counts: 12 against 11 in training, and the test part is the same."""
    shorter = replace(arrays, x_train=arrays.x_train[1:], y_train=arrays.y_train[1:])
    assert (12, 12) == (differing(arrays, shorter), differing(shorter, arrays))


def test_what_is_obtained_has_its_facts(base, arrays: Arrays) -> None:
    """The shipped digits go from 0 to 255 and share no example between their parts; own data has facts as well."""
    expected = DataFacts(low=0, high=255, whole=True, picture=True, unseen=(), overlap=0)
    assert expected == obtain("digits", base=base).facts
    assert facts_of(arrays, class_target(("0", "1", "2"))) == store(arrays, "mine").facts


def test_other_names_for_the_same_arrays_are_kept_too(arrays: Arrays) -> None:
    """Names are no part of the hash; the file follows the last that was stored."""
    first = store(arrays, "mine")
    named = store(replace(arrays, names=LETTERS[:3]), "mine")
    assert (first.path, first.sha256) == (named.path, named.sha256)
    assert LETTERS[:3] == named.target.names == load(named.path, named.sha256).target.names
