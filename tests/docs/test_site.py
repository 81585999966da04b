"""The generated parts of the documentation site are those of the code, and no page of it is left out."""

from __future__ import annotations

import re

import pytest
from documents import NAVIGATION, assisted, examples, fetched, navigation, outside, prepare
from pages import ROOT, first_cells
from reference import allowed, columns, exit_codes, suite_keys

from bench.catalog.datasets import DatasetTable
from bench.core.errors import ExitCode
from bench.declare.schema import GateKeys, PublishedKeys, SuiteKeys, json_schema
from bench.declare.source import shipped_suites
from bench.record.measures import EPOCH_COLUMNS, SUMMARY_COLUMNS, TRIAL_COLUMNS

DOCS = ROOT / "docs"
PAGES = {path.stem for path in DOCS.glob("*.md")} - {"index"}


def rows(text: str, heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its first two rows."""
    table = re.search(r"(^\|.*\n?)+", text.partition(heading)[2], re.MULTILINE)
    return [re.split(r"(?<!\\) ?\| ?", line.strip("| \n")) for line in table.group().splitlines()[2:]]


@pytest.mark.parametrize(
    ("heading", "keys"),
    [("## `[suite]`", SuiteKeys), ("## `[datasets.NAME]`", DatasetTable), ("## `[gate]`", GateKeys)],
)
def test_every_key_is_described(heading, keys):
    """With what it may be and what it means: a key that is added to the schema has a `description`."""
    table = rows(suite_keys(), heading)
    assert [f"`{key}`" for key in keys.model_fields] == [row[0] for row in table]
    assert [] == [row[0] for row in table if len(row) != 4 or not row[1] or not row[3]]


def test_the_keys_of_an_architecture_are_described():
    """What it shares with [suite] is named and described once."""
    text = suite_keys().partition("## `[architectures.NAME]`")[2].partition("\n## ")[0]
    assert "| `builder` | text | **required** |" in text
    assert "`epochs`" in text.partition("These keys of")[2]
    assert all(field.description for field in PublishedKeys.model_fields.values())


def test_every_table_that_is_a_value_has_a_section():
    """Each link of a table leads to one."""
    text = suite_keys()
    sections = {name.lower() for name in re.findall(r"^### (\w+)$", text, re.MULTILINE)}
    assert sections == {name.lower() for name in json_schema()["$defs"]}
    assert set(re.findall(r"\]\(#(\w+)\)", text)) - {"suite"} <= sections


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 2**31}, "whole number above 0"),
        ({"type": "number", "minimum": 0, "exclusiveMaximum": 1}, "number at least 0 and below 1"),
        ({"anyOf": [{"type": "boolean"}, {"type": "null"}]}, "true or false"),
        ({"enum": ["fit", "epoch"], "type": "string"}, '`"fit"`, `"epoch"`'),
        ({"type": "array", "items": {"type": "string"}}, "list of texts"),
        ({"$ref": "#/$defs/Cosine"}, "[Cosine](#cosine)"),
        ({"const": "balanced"}, '`"balanced"`'),
    ],
)
def test_a_schema_reads_as_words(value, words):
    """What a key may be, as a person says it."""
    assert words == allowed(value)


def test_every_exit_code_is_explained():
    """In the order of their numbers."""
    assert [str(code.value) for code in ExitCode] == [row[0] for row in rows(f"Codes\n{exit_codes()}", "Codes")]


def test_every_column_is_listed():
    """Of the three frames of a run."""
    for name, frame in (("trials", TRIAL_COLUMNS), ("epochs", EPOCH_COLUMNS), ("summary", SUMMARY_COLUMNS)):
        table = rows(columns(), f"run.{name}()`\n")
        assert [f"`{column}`" for column in frame] == [row[0] for row in table]
        assert {4} == {len(row) for row in table}


def test_every_variable_is_listed():
    """Those that our code reads."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "bench").rglob("*.py")]
    read = {name for text in sources for name in re.findall(r"\"(BENCH_[A-Z_]+)\"", text)}
    listed = first_cells((DOCS / "commands.md").read_text(encoding="utf-8"), "## Variables")
    assert read - {"BENCH_FOLDER"} == set(listed)


def test_every_shipped_suite_is_listed():
    """On the first page."""
    listed = first_cells((DOCS / "index.md").read_text(encoding="utf-8"), "## Shipped suites")
    assert sorted(shipped_suites()) == sorted(listed)


def test_the_navigation_has_every_page_once():
    """A page that nobody has placed is there too, under "More"."""
    text = navigation(PAGES | {"new-page"})
    named = [line for line in text.splitlines() if line in PAGES | {"new-page"}]
    assert sorted(PAGES | {"new-page"}) == sorted(named)
    assert "new-page" in text.partition(":caption: More")[2]
    assert {page for group in NAVIGATION.values() for page in group} <= PAGES


def test_links_that_leave_the_site_lead_to_the_repository():
    """The site has only the documents; what stays inside is left as it is."""
    address = "https://github.com/keras-bench/keras-bench/blob/main/action.yml"
    inside = "[page](gpus.md#memory)"
    assert f"[action]({address}) and {inside}" == outside(f"[action](../action.yml) and {inside}")


def test_generated_parts_take_their_place():
    """Each mark of the pages has a part, and a part is made only where its mark is."""
    assert "a\nTABLE\nb" == prepare("a\n<!-- generated: one -->\nb", {"one": lambda: "TABLE", "two": lambda: 1 / 0})
    marks = {mark for path in DOCS.glob("*.md") for mark in re.findall(r"<!-- generated: (.+) -->", path.read_text())}
    assert {"navigation", "suite keys", "exit codes", "columns"} == marks


def test_examples_of_a_command_are_code():
    """So that dashes and quotes stay as they are typed."""
    block = examples(["| Examples:", "|   bench run digits --seeds 5", ""])
    assert [".. code-block:: text", "", "   $ bench run digits --seeds 5", ""] == block[2:]


def test_a_keyboard_reaches_what_scrolls():
    """Code and wide tables; what has it already stays as it is."""
    page = assisted('<pre>code</pre><div class="table-wrapper docutils"></div>')
    assert 2 == page.count('tabindex="0"')
    assert page == assisted(page)


def test_what_a_page_would_fetch_is_noticed():
    """A script or style of another host; links to read are no matter."""
    own = '<script src="_static/a.js"></script><a href="https://example.org">x</a>'
    assert [] == fetched(own)
    assert 1 == len(fetched(own + '<link rel="stylesheet" href="https://example.org/a.css">'))
    assert 1 == len(fetched('<img alt="" src="//example.org/a.png">'))
