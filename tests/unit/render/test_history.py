"""Histories in words: titles, lines that fit, revisions, notes, and marks on the chart."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from factories import environment, run_record

from bench.analyse.history.changed import Changed, Kind
from bench.analyse.history.story import CellHistory, Change, Left, Quantity, Silence, SuiteHistory
from bench.analyse.intervals import Interval
from bench.core.score import ACCURACY
from bench.core.scores import SCORES
from bench.render.charts.history_marks import Mark, marks
from bench.render.console import TextConsole
from bench.render.history import words
from bench.render.history.markdown import history_markdown
from bench.render.history.terminal import history_view

RUNS = tuple(
    run_record(
        run_id=f"r{number}", started_at=f"2026-01-{number + 1:02d}T10:00:00Z",
        environment=environment(git_revision=f"{number}" * 40, git_dirty=number == 7),
    )
    for number in range(8)
)  # fmt: skip
FALL = Change(
    quantity=Quantity.SCORE, last=3, first=4, earliest=3, latest=4, before=0.98, after=0.97,
    interval=Interval(-0.011, -0.009), better=False, p=1e-6, changed=(),
)  # fmt: skip
SLOW = replace(FALL, quantity=Quantity.TIME, before=2.0, after=3.0, interval=Interval(1.4, 1.6), last=5, first=6)


def cell(*changes: Change, cell_id: str = "a@mnist@cpu", **fields) -> CellHistory:
    values = {"runs": 8, "score_silence": None, "time_silence": None, "left": Left(), **fields}
    return CellHistory(cell_id=cell_id, changes=changes, **values)


def story(*cells: CellHistory, **fields) -> SuiteHistory:
    return SuiteHistory(**{"runs": RUNS, "score": ACCURACY, "cells": cells, **fields})


def printed(history: SuiteHistory, width: int) -> str:
    file = io.StringIO()
    TextConsole(file=file, width=width, color_system=None).print(history_view(history))
    return file.getvalue()


def test_the_title_counts_changes_and_cells() -> None:
    """Or says that there is none, or nothing to judge."""
    assert "2 changes in 1 of 2 cells over 8 runs" == words.title(story(cell(FALL, SLOW), cell(cell_id="b")))
    assert "No change beyond chance in 1 cell over 8 runs" == words.title(story(cell()))
    few = {"score_silence": Silence.FEW_RUNS, "time_silence": Silence.NO_TIMES}
    assert "No history yet: no cell has 4 runs" == words.title(story(cell(**few)))
    assert "No history: no cell can be judged" == words.title(story(cell(**{**few, "score_silence": Silence.ONE_SEED})))


def test_a_change_is_said_in_its_unit() -> None:
    """Points for a percentage, a ratio for a time, the figure itself for an error."""
    assert "accuracy: 98.00 % to 97.00 % (-1.00 points), worse, revisions 33333333..44444444" == words.sentence(
        FALL, story()
    )
    assert "training time: 2.00 s to 3.00 s (x 1.50), slower, revisions 33333333..44444444" == words.sentence(
        SLOW, story()
    )
    of_error = replace(FALL, before=3.0, after=2.5, better=True)
    history = story(score=SCORES["mean_absolute_error"])
    assert words.sentence(of_error, history).startswith("MAE: 3.000 to 2.500 (-0.5), better,")


@pytest.mark.parametrize(
    ("last", "latest", "text"),
    [
        (3, 6, "33333333..66666666"),
        (5, 7, "55555555..77777777+"),
        (0, 0, "00000000 (unchanged)"),
    ],
)
def test_a_change_lies_between_two_revisions(last: int, latest: int, text: str) -> None:
    """A plus says that files were changed."""
    assert text == words.revisions(replace(FALL, earliest=last, latest=latest), RUNS)


def test_without_a_revision_dates_stand_in() -> None:
    """Of the runs on either side."""
    runs = (replace(RUNS[0], environment=None), RUNS[1])
    change = replace(FALL, last=0, first=1, earliest=0, latest=1)
    assert "2026-01-01 10:00 .. 2026-01-02 10:00" == words.revisions(change, runs)
    assert "1 run recorded no Git revision; changes next to them have dates instead." in words.notes(story(runs=runs))


def test_what_else_changed_is_named_up_to_three() -> None:
    """The rest is counted."""
    rows = (
        Changed(Kind.CODE, "mlp"), Changed(Kind.MACHINE), Changed(Kind.PYTHON, "", "3.11.2", "3.12.0"),
        Changed(Kind.PACKAGE, "jax", "", "0.7"),
    )  # fmt: skip
    text = words.differences(replace(FALL, changed=rows))
    assert "code of mlp, another machine, Python 3.11.2 to 3.12.0, 1 more" == text
    assert "jax absent to 0.7" == words.differences(replace(FALL, changed=rows[3:]))


@pytest.mark.parametrize(
    ("fields", "note"),
    [
        ({"score_silence": Silence.ONE_SEED}, "Not judged: 1 cell with one seed only, so the data cannot separate"),
        ({"score_silence": Silence.FEW_RUNS}, "Not judged: 1 cell with fewer than 4 runs (two before and two after"),
        ({"time_silence": Silence.NO_TIMES}, "Times not judged: 1 cell with fewer than 4 timed runs."),
        ({"left": Left(data=2)}, "2 runs used other data than the last run and are excluded."),
        ({"left": Left(machine=1)}, "1 run ran on another machine than the last run"),
        ({"left": Left(contended=3)}, "3 runs have no undisturbed training time"),
    ],
)
def test_what_is_left_out_has_a_sentence(fields: dict, note: str) -> None:
    """Each kind by itself."""
    (only,) = words.notes(story(cell(**fields)))
    assert only.startswith(note)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_lines_fit_the_terminal(width: int) -> None:
    """No name breaks inside a word at 80 columns."""
    text = printed(story(cell(FALL, SLOW, cell_id="mlp[hidden=128,learning_rate=0.1]@mnist@cpu")), width)
    assert max(map(len, text.splitlines())) <= width
    assert "mlp[hidden=128,learning_rate=0.1]@mnist@cpu" in text
    assert text.index("slower") < text.index("worse")


def test_markdown_is_a_table() -> None:
    """The newest change first."""
    rows = [line for line in history_markdown(story(cell(FALL, SLOW)), "mine").splitlines() if line.startswith("| `")]
    assert ["training time", "accuracy"] == [row.split(" | ")[1] for row in rows]


def test_cells_that_change_at_one_place_share_a_mark() -> None:
    """Its range is the wider one; what is not drawn has none."""
    wide = replace(FALL, earliest=2, latest=5)
    history = story(cell(FALL), cell(wide, cell_id="b"), cell(SLOW, cell_id="c"))
    (mark,) = marks(history, {"a@mnist@cpu", "b"}, Quantity.SCORE, RUNS)
    assert Mark(3, 4, 2, 5, mark.text) == mark
    assert [] == marks(history, {"a@mnist@cpu", "b"}, Quantity.TIME, RUNS)
