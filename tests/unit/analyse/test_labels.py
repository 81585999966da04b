"""Short names of cells and what tells them apart."""

from __future__ import annotations

import pytest
from factories import cell, result, trial

from bench.analyse.configuration import configuration
from bench.analyse.labels import cell_labels, elided_labels
from bench.record.collect import trials_frame


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([("mnist", "cpu")], ["a"]),
        ([("mnist", "cpu"), ("digits", "cpu")], ["a@mnist", "a@digits"]),
        ([("mnist", "cpu"), ("mnist", "gpu:0")], ["a@cpu", "a@gpu:0"]),
        ([("mnist", "cpu"), ("digits", "gpu:0")], ["a@mnist@cpu", "a@digits@gpu:0"]),
    ],
)
def test_what_all_cells_share_is_left_out(places: list[tuple[str, str]], expected: list[str]) -> None:
    """A label names data set and device only where cells differ in them."""
    cells = [cell("a", dataset=dataset, device=device) for dataset, device in places]

    assert expected == list(cell_labels(trials_frame(result(*map(trial, cells)))).values())


def test_configuration_separates_common_from_differing() -> None:
    """A setting is common only if every cell has it with the same value."""
    first = cell("a", builder="softmax", parameters={}, learning_rate=0.1)
    second = cell("b", builder="mlp", parameters={"hidden": [128]}, learning_rate=0.1)

    found = configuration([first, second])

    assert ("architecture", "builder", "hidden") == found.axes
    assert (("a@mnist@cpu", ("a", "softmax", "-")), ("b@mnist@cpu", ("b", "mlp", "128"))) == found.cells
    assert dict(found.common)["learning_rate"] == "0.1"
    assert "hidden" not in dict(found.common)


def test_elided_labels_stay_different() -> None:
    """Two long names that a narrow column would make equal get as many characters as it takes to tell them apart."""
    labels = {str(rate): f"model[optimizer=adam,lr={rate},epochs=20,batch=128]" for rate in (0.001, 0.003)}

    short = elided_labels(labels, 20)

    assert 2 == len(set(short.values()))
    assert max(map(len, short.values())) < max(map(len, labels.values()))
    assert {"a": "same", "b": "same"} == elided_labels({"a": "same", "b": "same"}, 2)
