"""The section of each of the best cells: what it says is the run's own, in every format."""

from __future__ import annotations

import io
import json
from dataclasses import replace

import numpy as np
from factories import cell, failed, grid, layers, reference_study, result, trial, with_answers, with_layers

from bench.analyse.predictions import Answers
from bench.analyse.structures import shortened, structure_of_cell
from bench.core.target import Target, Task
from bench.render.cell import print_cell
from bench.render.console import TextConsole
from bench.render.context import report_context
from bench.render.context.cells import FEW, NONE_KNOWN, anchor
from bench.render.documents.document import document_text
from bench.render.documents.show import show_document
from bench.render.layers import layer_rows
from bench.render.mistakes import mistakes
from bench.render.report import render_html, render_markdown
from bench.results import Run

SMALL = tuple(with_layers(trial(cell("small", epochs=3), seed), 4, 10) for seed in (1, 2))
LARGE = tuple(with_layers(trial(cell("large", epochs=3), seed), 4, 8, 10) for seed in (1, 2))
KNOWN = result(*SMALL, *LARGE)


def screen(run, cell_id: str) -> str:
    """What `bench show --cell` prints at 80 columns."""
    file = io.StringIO()
    print_cell(TextConsole(file=file, width=80, color_system=None), run, Run(run).summary(), cell_id)
    return file.getvalue()


def test_layers_stand_in_every_format() -> None:
    """With their parameters and the sum of these: 4 x 8 + 8 and 8 x 10 + 10."""
    large = next(section for section in report_context(KNOWN).cells.cells if section.label.startswith("large"))
    assert (("dense_0", "Dense", "8", "40"), ("dense_1", "Dense", "10", "90")) == large.layers
    assert "130 parameters." == large.parameters
    assert "Dense 8 (40), Dense 10 (90)" in render_markdown(KNOWN)[0]
    shown = screen(KNOWN, large.cell_id)
    assert "130 parameters" in shown
    assert "dense_1  Dense  10              90" in shown
    run = Run(KNOWN)
    document = json.loads(document_text(show_document(KNOWN, run.trials(), run.summary(), None, large.cell_id)))
    (entry,) = document["cells"]
    assert [(40, [[8]]), (90, [[10]])] == [(row["parameters"], row["outputs"]) for row in entry["layers"]]


def test_a_run_without_layers_says_so_once() -> None:
    """An earlier version trained it; where only some cells have them, each of the others says it."""
    html = render_html(reference_study(seeds=2))
    assert 1 == html.count(NONE_KNOWN)
    some = report_context(result(*SMALL, trial(cell("old", epochs=3), 1)))
    assert not some.cells.missing
    assert ["old"] == [one.label for one in some.cells.cells if "unknown" in one.parameters]


def test_seeds_with_other_layers_are_named() -> None:
    """A builder may draw how large its model is."""
    mixed = (SMALL[0], with_layers(trial(cell("small", epochs=3), 2), 4, 8, 10))
    assert "The model of seed 2 has other layers." == report_context(result(*mixed)).cells.cells[0].note


def test_a_large_table_is_not_printed_twice() -> None:
    """The second cell with the same layers refers to the first."""
    sizes = range(1, 10)
    run = result(*(with_layers(trial(cell(name, epochs=3), 1), *sizes) for name in ("a", "b")))
    first, second = report_context(run).cells.cells
    assert (8, ("", "")) == (len(first.layers), first.like)
    assert ((), (first.anchor, first.label)) == (second.layers, second.like)


def test_a_deep_model_is_shortened_without_losing_parameters() -> None:
    """Its ends stay; the row in the middle has the sum of the others."""
    structure = structure_of_cell([with_layers(SMALL[0], *[3] * 101)])
    rows = shortened(structure.layers, 30)
    assert (30, 100) == (len(rows), sum(row.layers for row in rows))
    assert structure.parameters == sum(row.parameters for row in rows)
    assert 30 == len(layer_rows(structure))
    assert layers(3, 3) == shortened(layers(3, 3), 30)


def test_the_best_ten_of_a_grid_have_sections() -> None:
    """Those that the leaderboard shows first, which link to them; a command shows the others."""
    context = report_context(with_answers(grid()))
    board = context.leaderboards[0]
    assert [row.cell_id for row in board.rows[:FEW]] == [section.cell_id for section in context.cells.cells]
    assert [anchor(row.cell_id) for row in board.rows[:FEW]] == [row.anchor for row in board.rows[:FEW]]
    assert {""} == {row.anchor for row in board.rows[FEW:]}
    assert f"{len(board.rows) - FEW} other cells" in context.cells.rest
    assert context.cells.other.endswith("--cell CELL")
    html = render_html(with_answers(grid()))
    for section in context.cells.cells:
        assert 1 == html.count(f'id="{section.anchor}"')
        assert f'href="#{section.anchor}"' in html
        assert "predicted as" in section.mistakes
        assert f'id="{section.samples}"' in html


def test_a_cell_without_a_result_has_no_notebook() -> None:
    """Nothing was trained that a notebook could repeat; the command trains it again."""
    (section,) = report_context(result(failed(cell("lost", epochs=3), 1))).cells.cells
    assert ("", "no result") == (section.notebook, section.result)
    assert section.command.endswith("--fresh")
    assert ("1", "FAILED") == section.seeds.rows[0][:2]


def test_values_have_errors_in_place_of_confusions() -> None:
    """The sizes of errors of a regression, of the median over its seeds: 1, 2, 3 and 4 too high."""
    truth = np.zeros((4, 1), np.float32)
    answers = Answers(dataset="houses", sha256="0" * 64, target=Target(Task.REGRESSION, ("price",)), truth=truth,
                      predicted={"a": np.array([[[1], [2], [3], [4]]], np.float32)})  # fmt: skip
    text = mistakes(answers, "a")
    assert text.startswith("price: the absolute error is at most 2 for half of the test examples, at most 4 for nine")
    assert text.endswith("the mean of predicted - true is 2.5.")
    assert not mistakes(answers, "b")


def test_a_line_for_each_seed_of_a_few_and_of_many_epochs() -> None:
    """A training of one epoch has no curve; a long one has as many points as a small drawing can show."""
    (short,) = report_context(result(trial(cell("short", epochs=1), 1))).cells.cells
    assert ("", "") == (short.curve, short.curve_note)
    (long,) = report_context(result(*(trial(cell("long", epochs=300), seed) for seed in (1, 2)))).cells.cells
    assert 2 == long.curve.count("M")
    assert 2 * 29 == long.curve.count("L")
    assert "over 300 epochs" in long.curve_note
    validated = replace(trial(cell("long", epochs=9), 1, validation=True))
    (section,) = report_context(result(validated)).cells.cells
    assert 'class="dashed"' in section.curve
