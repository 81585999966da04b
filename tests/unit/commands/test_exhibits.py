"""What is kept of an example that is no picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from factories import reference_study, with_answers

from bench.catalog.datasets import checked, store
from bench.commands import exhibits as module
from bench.commands.exhibits import exhibits, values_of
from bench.core.errors import DataError


def test_a_row_of_a_table_has_its_columns() -> None:
    """Whole numbers are printed as such, the order is that of the columns."""
    x = np.array([[3.0, 0.25, 1e6]], np.float32)
    assert (("rooms", "3"), ("area", "0.25"), ("price", "1000000")) == values_of(x, ("rooms", "area", "price"))


def test_a_wide_row_has_its_first_columns() -> None:
    """Twenty-four of thirty."""
    values = values_of(np.zeros((1, 30), np.float32), tuple(f"c{number}" for number in range(30)))
    assert (24, "c23") == (len(values), values[-1][0])


def test_a_sequence_has_its_first_values_in_one_text() -> None:
    """Ids stay whole numbers, and how many there are is said."""
    ((name, text),) = values_of(np.arange(500, dtype=np.int32).reshape(1, 500), ())
    assert "input" == name
    assert text.startswith("0 1 2 3")
    assert text.endswith("22 23 ... (500 values)")


def test_several_inputs_have_a_text_each() -> None:
    """By their names."""
    x = {"left": np.array([[1, 2]]), "right": np.array([[0.5]])}
    assert (("left", "1 2"), ("right", "0.5")) == values_of(x, ())


def test_images_of_hundreds_of_channels_are_kept_as_values() -> None:
    """No colour can show 300 channels: the examples are rows of values, and the run has all else."""
    x, y = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 300), dtype=np.uint8), np.arange(40) % 10
    data = store(checked(x, y, x, y, where="hyper"), "hyper")
    run = with_answers(reference_study(seeds=2), images=40)
    wrong = [replace(t, outcome=replace(t.outcome, data_sha256=data.sha256)) for t in run.trials]
    datasets = (replace(run.run.datasets[0], sha256=data.sha256),)
    kept = exhibits(replace(run, run=replace(run.run, datasets=datasets), trials=tuple(wrong)), {"hyper": data})
    assert kept
    assert {("", "input")} == {(exhibit.pixels, exhibit.values[0][0]) for exhibit in kept}


def test_what_fails_after_the_trainings_costs_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug in what is kept to be shown is a sentence, and the caller goes on."""

    def broken(_: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(module, "answers_of", broken)
    with pytest.raises(DataError, match=r"ZeroDivisionError: oh\. This is a bug of ours; the run is complete\."):
        exhibits(reference_study(seeds=1), {})
