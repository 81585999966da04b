"""The CSV file: text that no spreadsheet runs, and that comes back as it was."""

from __future__ import annotations

import io
import re

import pandas as pd
import pytest
from factories import cell, failed, result, trial

from bench.record.collect import trials_frame
from bench.render.exports.csv import csv_text


def read(text: str) -> pd.DataFrame:
    """The file as a reader gets it, every value a text."""
    return pd.read_csv(io.StringIO(text), dtype="string", keep_default_na=False)


def unguarded(value: str) -> str:
    """The text as it was, by the rule that the documentation gives."""
    return re.sub(r"(^|[;\t\n])'", r"\1", value)


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+cmd", "-1 is no axis", "@SUM(A1)", "\t=1", "'=1", "'", "''", "plain", "a=1", "a;=1", "a;'b", "a\n=1\n''",
     "\uff1d1+1", '"=1', "a,=1", "a;;'"],
)  # fmt: skip
def test_no_text_begins_a_formula_and_all_of_it_comes_back(text: str) -> None:
    """Whatever the reader takes for a separator; a text that had an apostrophe of its own comes back as well."""
    frame = read(csv_text(result(failed(cell("a", parameters={"name": text}), reason=text))))

    for value in (frame["reason"][0], frame["param_name"][0]):
        assert not [part for part in re.split(r"[;\t\n]", value) if part[:1] in set("=+-@\r\uff1d")]
        assert text == unguarded(value)


@pytest.mark.parametrize("text", ["-0.5", "+1", "1e-3", "-", "+", "-5 %", "a-b", "NaN"])
def test_what_no_spreadsheet_runs_is_as_it_was(text: str) -> None:
    """A number that stands in a column of texts, a lone sign."""
    assert text == read(csv_text(result(failed(cell("a", parameters={"name": text})))))["param_name"][0]


def test_a_carriage_return_ends_no_line_of_the_file() -> None:
    """Python before 3.13 writes it without quotes, and every reader takes it for the end of a line."""
    made = csv_text(result(failed(cell("a", parameters={"b\r=cmd": "c\r=cmd"}), reason="d\r\n=cmd")))

    assert "\r" not in made
    assert ["c\ufffd=cmd"] == list(read(made)["param_b\ufffd=cmd"])
    assert ["d\n'=cmd"] == list(read(made)["reason"])


def test_numbers_are_left_alone() -> None:
    """A negative number is no formula: it stays a number, and no heading changes."""
    run = result(trial(cell("a", parameters={"shift": -1.5})))

    assert "-1.5" == read(csv_text(run))["param_shift"][0]
    assert list(trials_frame(run).columns) == list(read(csv_text(run)).columns)
