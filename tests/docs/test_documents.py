"""The documents keep their word: links lead somewhere, commands are accepted, suites parse."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from bench import cli
from bench.declare.grid import expand
from bench.declare.parse import parse_suite
from bench.record.runfile import read_run_file
from bench.render.report import render_html, render_markdown

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "reports" / "examples"
RUN = ("suite-file.md", "tutorial.md", "your-own-data.md")
"""Pages whose suites are trained, by `test_own_data.py` and `test_tutorial.py`."""
DOCUMENTS = sorted(
    [
        *ROOT.glob("*.md"),
        *ROOT.glob("docs/*.md"),
        *ROOT.glob("examples/**/*.md"),
        *ROOT.glob("reports/perf/*.md"),
        EXAMPLES / "README.md",
    ]
)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)|(?:src|href)=\"([^\"#]+)\"")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[tuple[str, str]]:
    """Every code block of a language, with the document it stands in."""
    found = [(path.name, match) for path in DOCUMENTS for match in BLOCK.findall(path.read_text(encoding="utf-8"))]
    return [(name, text) for name, (kind, text) in found if kind == language]


def commands() -> list[str]:
    """Every `bench` command that a document says to type."""
    lines = [
        line.removeprefix("$ ") for _, text in blocks("console") for line in text.splitlines() if line.startswith("$ ")
    ]
    return [line.split("  #")[0].strip() for line in lines if line.startswith("$ bench ".removeprefix("$ "))]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files(path):
    """Every relative link of a document leads to a file of this repository."""
    targets = [one or other for one, other in LINK.findall(path.read_text(encoding="utf-8"))]
    missing = [target for target in targets if "://" not in target and not (path.parent / target).exists()]
    assert [] == missing


def headings(path: Path) -> set[str]:
    """The anchors that GitHub and the site give to the headings of a document."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_anchors_lead_to_headings(path):
    """A link to a part of a document names a heading that is there."""
    links = re.findall(r"\]\(([^)#\s]*)#([^)\s]+)\)", path.read_text(encoding="utf-8"))
    ours = [(path.parent / name if name else path, anchor) for name, anchor in links if "://" not in name]
    assert [] == [(target.name, anchor) for target, anchor in ours if anchor not in headings(target)]


def test_there_are_commands_to_check():
    """The documents say what to type."""
    assert len(commands()) >= 5


@pytest.mark.parametrize("line", commands())
def test_commands_are_accepted(line):
    """Every command of the documents has flags and arguments that the command line knows."""
    name, *words = shlex.split(line)[1:]
    command = cli.bench.commands[name]
    with click.Context(cli.bench) as parent:
        assert command.make_context(name, words, parent=parent)


@pytest.mark.parametrize(("name", "text"), [block for block in blocks("toml") if block[0] not in RUN])
def test_suites_in_documents_parse(name, text):
    """Every TOML block that is a suite is one, and has cells."""
    if "[suite]" in text:
        assert expand(parse_suite(text, base=ROOT, origin=name)).cells


def test_the_readme_names_the_two_commands():
    """The first screen of the README holds exactly what a newcomer types."""
    first = (ROOT / "README.md").read_text(encoding="utf-8")[:3000]
    assert "python3 -m pip install nox && python3 -m nox -s bench" in first
    assert "python3 -m pip install nox && python3 -m nox -s tests" in first


def table_rows(path: Path, *, after: str = "") -> list[tuple[str, ...]]:
    """The rows of a document's tables below a line, header and rule left out."""
    text = path.read_text(encoding="utf-8").partition(after)[2] if after else path.read_text(encoding="utf-8")
    text = text.partition("\n## ")[0]
    lines = [line.strip().strip("|").split(" | ") for line in text.splitlines() if line.startswith("|")]
    rows = [tuple(cell.strip() for cell in line) for line in lines]
    return [row for row in rows if row[0] != "figure" and row[0].strip("-")]


def test_the_readme_quotes_the_committed_figures():
    """Every row of its performance table stands in the table that the benchmarks wrote, to the last digit."""
    measured = table_rows(ROOT / "reports" / "perf" / "figures.md")
    quoted = table_rows(ROOT / "README.md", after="\n## Performance\n")
    assert len(quoted) == 3
    assert [] == [row for row in quoted if row not in measured]


LARGEST_BYTES = {"mnist-grid": 594_000, "mnist-mlp": 227_000}
"""Of a plain report: a tenth more than version 0.2.0 began with."""


@pytest.mark.parametrize("name", LARGEST_BYTES)
def test_a_report_stays_small(name):
    """It is sent by mail, and opens at once."""
    assert (EXAMPLES / name / "report.html").stat().st_size < LARGEST_BYTES[name]


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in EXAMPLES.glob("*/run.json")), ids=lambda path: path.name
)
def test_the_gallery_is_what_the_code_writes(folder):
    """The committed reports are those of today's templates: every title, table and number of them."""
    html, (markdown, charts) = (render(read_run_file(folder)) for render in (render_html, render_markdown))
    drawing = re.compile(r"<svg.*?</svg>", re.DOTALL)  # its last digits are matplotlib's business
    committed = (folder / "report.html").read_text(encoding="utf-8")
    assert drawing.sub("", html) == drawing.sub("", committed)
    assert markdown == (folder / "report.md").read_text(encoding="utf-8")
    assert sorted(charts) == sorted(f"charts/{path.name}" for path in folder.glob("charts/*"))
