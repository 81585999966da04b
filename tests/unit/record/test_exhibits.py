"""Examples that are kept with a run: pictures of earlier versions, and rows."""

from __future__ import annotations

from factories import run_record

from bench.record.codec import run_from_json, run_to_json
from bench.record.records import Exhibit


def test_a_row_is_read_back() -> None:
    """Its columns in their order, with their values as text."""
    run = run_record(exhibits=(Exhibit(dataset="ab", image=3, values=(("rooms", "4"), ("area", "0.5"))),))
    assert run.exhibits == run_from_json(run_to_json(run), "Run").exhibits


def test_a_picture_of_an_earlier_version_is_read() -> None:
    """It has no values."""
    written = run_to_json(run_record())
    old = {**written, "exhibits": [{"dataset": "ab", "image": 3, "pixels": "eJw="}]}
    assert (Exhibit(dataset="ab", image=3, pixels="eJw="),) == run_from_json(old, "Run").exhibits
