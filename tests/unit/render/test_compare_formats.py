"""A comparison in every format: the same digits, hostile names stay text, nothing is lost."""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from factories import HOSTILE, environment, failed, grid, seeded_run

from bench.analyse.compare.comparison import Comparison, compare
from bench.analyse.compare.party import party_of_run
from bench.core.score import ACCURACY
from bench.record.records import RunResult
from bench.render.charts.comparison import DRAWN, comparison_chart
from bench.render.compare.context import MOST_EXAMPLES, compare_context, compare_labels
from bench.render.compare.page import compare_html, compare_markdown
from bench.render.compare.terminal import compare_text, compare_view
from bench.render.console import TextConsole

A = {"worse": [0.960, 0.962, 0.958, 0.960], "open": [0.95, 0.96, 0.94, 0.955], "gone": [0.9, 0.91]}
B = {"worse": [0.740, 0.742, 0.738, 0.740], "open": [0.95, 0.97, 0.93, 0.951], "new": [0.8]}


class Page(HTMLParser):
    """The elements of a page and its visible text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: D102  HTMLParser's own
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:  # noqa: D102  HTMLParser's own
        self.text += f" {data}"


def compared(before: RunResult, after: RunResult) -> Comparison:
    return compare(party_of_run(before), party_of_run(after))


def plain(found: Comparison) -> str:
    return compare_text(compare_view(compare_context(found)))


@functools.cache
def usual() -> Comparison:
    after = seeded_run(
        "run-b", B, epoch_seconds=1.1, cells={"learning_rate": 0.01}, environment=environment(python="3.13.0")
    )
    broken = replace(after, trials=(*after.trials, failed(after.trials[0].cell, 9, reason="Out of memory.")))
    return compared(seeded_run("run-a", A), broken)


@functools.cache
def hostile() -> Comparison:
    """Every text that a user can choose, on both sides."""
    values = {HOSTILE: [0.9, 0.91, 0.92], "other": [0.9, 0.91]}
    before = seeded_run("run-a", values)
    after = seeded_run(
        HOSTILE,
        {HOSTILE: [0.8, 0.81, 0.82], f"{HOSTILE}2": [0.5]},
        cells={"parameters": {HOSTILE: HOSTILE}},
        suite_name=HOSTILE,
        command=HOSTILE,
        notices=(HOSTILE,),
        asked={"expression": HOSTILE},
        environment=environment(variables={HOSTILE: HOSTILE}, packages={HOSTILE: HOSTILE}),
    )
    named = tuple(replace(data, classes=(HOSTILE,) * 10) for data in after.run.datasets)
    trials = (*after.trials, failed(after.trials[0].cell, 9, reason=HOSTILE))
    return compared(before, replace(after, trials=trials, run=replace(after.run, datasets=named)))


def test_every_figure_is_the_same_in_every_format():
    """Digit for digit: the table of cells, the title and its sentences."""
    shown = compare_context(usual())
    html, markdown, terminal = Page(compare_html(usual())).text, compare_markdown(usual())[0], plain(usual())
    page, lines, text = (
        re.sub(r"\s+", " ", one.replace("\\", "").replace("`", "")) for one in (html, terminal, markdown)
    )
    figures = [value.line for row in shown.cells for value in row[2:]]
    assert 10 == len(figures)
    assert any("lost" in figure for figure in figures)
    for figure in (*figures, shown.title, *shown.sentences):
        assert figure in page
        assert figure in text
    for figure in figures:
        assert figure in lines
    assert shown.title in lines


def test_only_what_differs_is_shown():
    """One setting, one version; the cells of one side; what failed. What is equal is nowhere."""
    for text in (compare_html(usual()), compare_markdown(usual())[0].replace("\\", ""), plain(usual())):
        for part in (
            "learning_rate",
            "0.01",
            "3.11.2",
            "3.13.0",
            "gone",
            "new",
            "B only",
            "Out of memory.",
            "1 FAILED",
        ):
            assert part in text
        for part in ("batch_size", "keras 3", "tensorflow", "TF_NUM_INTRAOP_THREADS", "AMD EPYC"):
            assert part not in text


def test_a_run_with_itself_says_that_nothing_differs():
    """In all three formats."""
    run = seeded_run("run-a", A)
    found = compared(run, run)
    for text in (compare_html(found), compare_markdown(found)[0], plain(found)):
        assert "Nothing differs: both are run run-a" in text


def test_the_same_comparison_gives_the_same_bytes():
    """Nothing of the day it was made."""
    again = compared(seeded_run("run-a", A), seeded_run("run-b", B))
    once = compared(seeded_run("run-a", A), seeded_run("run-b", B))
    assert compare_html(once) == compare_html(again)
    assert compare_markdown(once, "x.svg") == compare_markdown(again, "x.svg")


def test_hostile_text_stays_text_in_the_page():
    """No element, attribute or address of its making; a policy that lets in the page's own script and nothing else."""
    html = compare_html(hostile())
    page = Page(html)
    assert ["script"] == [tag for tag, _ in page.elements if tag in {"script", "a", "img", "iframe", "link"}]
    script = html.split("<script>")[1].split("</script>")[0]
    harmless = compare_html(compared(seeded_run("run-a", A), seeded_run("run-b", B)))
    assert script == harmless.split("<script>")[1].split("</script>")[0]
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert "<script>alert" not in html
    assert "\x1b" not in html
    assert "\u202e" not in html
    assert "<script>alert('x')</script>" in page.text
    policies = [attributes.get("content") for _, attributes in page.elements if "http-equiv" in attributes]
    assert 1 == len(policies)
    assert policies[0] is not None
    assert policies[0].startswith("default-src 'none'")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert [f"script-src 'sha256-{digest}'"] == re.findall(r"script-src [^;]*", policies[0])


def test_hostile_text_stays_text_in_markdown():
    """Outside code spans every character that means something is escaped, and tables keep their columns."""
    text, svg = compare_markdown(hostile(), "x.svg")
    prose = re.sub(r"(`+).*?\1", "", text)
    assert not re.search(r"(?<!\\)<script", prose)
    assert not re.search(r"(?<!\\)\]\(javascript", prose)
    assert "\x1b" not in text
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        columns = {len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}
        assert 1 == len(columns), block
    ET.fromstring(svg)  # noqa: S314  our own
    assert "<script>" not in svg


def test_hostile_text_stays_text_in_a_terminal():
    """No escape of its own, whatever the console can do."""
    file = io.StringIO()
    TextConsole(file=file, width=200, color_system=None).print(compare_view(compare_context(hostile())))
    assert "\x1b" not in file.getvalue()
    assert "\u202e" not in file.getvalue()
    assert "[a](javascript:alert(1))" in file.getvalue()
    names = {"[red]x[/red]": [0.9, 0.91], ":smile: [/]": [0.9, 0.91]}
    text = plain(compared(seeded_run("run-a", names), seeded_run("run-b", names)))
    assert {"[red]x[/red]", ":smile: [/]"} <= {line.split("  ")[0] for line in text.splitlines()}


def test_a_narrow_terminal_shows_each_cell_in_lines_of_its_own():
    """A table of 80 columns would have no room for the names; every figure of it is there."""
    console = TextConsole(width=80, color_system=None)
    with console.capture() as capture:
        console.print(compare_view(compare_context(usual())))
    lines = [line.rstrip() for line in capture.get().splitlines()]
    wide = plain(usual())

    assert max(map(len, lines)) <= 80
    for cell in usual().cells:
        name, call = cell.cell_id.split("@")[0], str(cell.call)
        assert f"{name}  {call}" in lines
        assert re.search(rf"^{name} +{call} ", wide, flags=re.MULTILINE)
    assert sum(line.startswith("  A, SD in points: ") for line in lines) == len(usual().cells)


def test_what_cannot_be_compared_is_told_with_its_reason():
    """Once for all cells it holds of, with their number where it is not all of them."""
    before = seeded_run("run-a", {"a": [0.9, 0.91, 0.92], "b": [0.9, 0.91, 0.92], "c": [0.9, 0.91, 0.92]})
    after = seeded_run("run-b", {"a": [0.9, 0.91, 0.92], "b": [0.9, 0.91], "c": [0.9, 0.91]})
    bare = tuple(replace(t, outcome=replace(t.outcome, predictions=None)) for t in after.trials)
    found = compared(before, replace(after, trials=bare))
    for text in (Page(compare_html(found)).text, compare_markdown(found)[0], plain(found)):
        assert "Times of 2 cells are not compared: 2 trials of B ran alone on the machine, and 3 are needed." in text
        assert "Test examples are not compared: B has no stored predictions." in text


def test_no_missing_value_is_printed_as_one():
    """Not where a side has no result, one seed, or no predictions."""
    before = seeded_run("run-a", {"void": [0.9, 0.91], "one": [0.9], "bare": [0.9, 0.91, 0.92]})
    trials = []
    for trial in seeded_run("run-b", {"void": [0.9, 0.91], "one": [0.8], "bare": [0.9, 0.91, 0.92]}).trials:
        bare = replace(trial, outcome=replace(trial.outcome, predictions=None))
        trials.append(failed(trial.cell, trial.seed) if trial.cell.architecture == "void" else bare)
    after = seeded_run("run-b", {"void": [0.9]})
    found = compared(before, replace(after, trials=tuple(trials), run=replace(after.run, environment=None)))
    for text in (Page(compare_html(found)).text, compare_markdown(found)[0], plain(found)):
        assert not re.search(r"\b(nan|NaN|None|<NA>|NaT|inf)\b", text)
    nothing = replace(after, trials=tuple(failed(trial.cell, trial.seed) for trial in before.trials))
    empty = compared(before, nothing)
    assert comparison_chart(empty, compare_labels(empty), ACCURACY) is None
    assert "no result" in compare_html(empty)
    assert ("", False) == (compare_markdown(empty, "x.svg")[1], "x.svg" in compare_markdown(empty, "x.svg")[0])


def test_markdown_refers_to_its_chart_only_where_it_has_one():
    """Printed to a pipe it stands alone."""
    text, svg = compare_markdown(usual(), "out%20put.svg")
    assert "](out%20put.svg)" in text
    assert svg.startswith("<?xml")
    alone, nothing = compare_markdown(usual())
    assert ("", 0) == (nothing, alone.count(".svg"))


def test_the_chart_draws_the_cells_that_differ_most():
    """At most forty rows, the sure ones first; its table has all."""
    before = {f"net-{number}": [0.9, 0.91, 0.92] for number in range(60)}
    after = {**before, "net-59": [0.8, 0.801, 0.802]}
    found = compared(seeded_run("run-a", before), seeded_run("run-b", after))
    drawn = comparison_chart(found, compare_labels(found), ACCURACY)
    assert drawn is not None
    assert 60 == len(drawn.rows)
    assert "net-59" == drawn.rows[0][0]
    assert f"The {DRAWN} of 60 cells that differ most" in drawn.note
    assert "net-59 worse" in drawn.alt
    assert "Accuracy from A to B: of 60 cells, 1 worse, 0 better, 59 may be equal" == drawn.title


def test_a_wild_cell_does_not_press_the_others_together():
    """Its bar is cut off, and the note says so."""
    before = {f"net-{number}": [0.9, 0.901, 0.902] for number in range(5)}
    after = {**before, "net-0": [0.1, 0.5, 0.9]}
    found = compared(seeded_run("run-a", before), seeded_run("run-b", after))
    drawn = comparison_chart(found, compare_labels(found), ACCURACY)
    assert drawn is not None
    assert "are cut off at the edge" in drawn.note


@pytest.mark.parametrize("result", [grid()], ids=["sixty cells"])
def test_a_grid_is_compared_within_a_page(result):
    """Sixty cells and a diverged trial: a page below 300 kB, a terminal that counts what it leaves out."""
    later = replace(result, run=replace(result.run, run_id="run-z"), trials=result.trials[3:])
    found = compared(result, later)
    html = compare_html(found)
    assert len(html.encode()) < 300_000
    assert "... and 19 more rows; --format html has all" in plain(found)


def test_flipped_images_are_listed_up_to_a_number():
    """The rest is counted, and it says so."""
    found = compared(seeded_run("run-a", {"a": [0.9, 0.9]}), seeded_run("run-b", {"a": [0.8, 0.8]}))
    shown = compare_context(found)
    assert (MOST_EXAMPLES, True) == (len(shown.examples.rows), shown.examples_cut)
    assert ("a", "100", "lost", "0", "1") == shown.examples.rows[0]
    assert f"At most {MOST_EXAMPLES} per cell are listed" in compare_html(found)
    assert f"At most {MOST_EXAMPLES} per cell are listed" in compare_markdown(found)[0]
    assert "100 lost, 0 gained" in plain(found)
