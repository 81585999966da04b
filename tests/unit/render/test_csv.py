"""The CSV file: text that no spreadsheet runs, and that comes back as it was."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from factories import cell, failed, result, trial

from bench.record.collect import trials_frame
from bench.render.exports.csv import csv_text


def read(text: str) -> pd.DataFrame:
    """The file as a reader gets it, every value a text."""
    return pd.read_csv(io.StringIO(text), dtype="string", keep_default_na=False)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1 is no axis", "@SUM(A1)", "\t=1", "'=1", "'", "''", "plain", "a=1"])
def test_no_text_begins_a_formula_and_all_of_it_comes_back(text: str) -> None:
    """Taking one leading apostrophe off restores every text, also one that had an apostrophe of its own."""
    frame = read(csv_text(result(failed(cell("a", parameters={"name": text}), reason=text))))

    for value in (frame["reason"][0], frame["param_name"][0]):
        assert value[0] not in "=+-@\t\r"
        assert text == value.removeprefix("'")


def test_numbers_are_left_alone() -> None:
    """A negative number is no formula: it stays a number, and no heading changes."""
    run = result(trial(cell("a", parameters={"shift": -1.5})))

    assert "-1.5" == read(csv_text(run))["param_shift"][0]
    assert list(trials_frame(run).columns) == list(read(csv_text(run)).columns)
