"""Text stays text in Markdown, as a CommonMark parser with GitHub's tables reads it, and as GitHub's own does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from cmarkgfm import github_flavored_markdown_to_html
from cmarkgfm.cmark import Options
from factories import HOSTILE
from markdown_it import MarkdownIt

from bench.core.formatting import printable
from bench.render.markdown import PARTED, block, code, code_cell, escaped

if TYPE_CHECKING:
    from collections.abc import Callable

TEXTS = [
    HOSTILE,
    "# no heading",
    "1. no list",
    "12) no list",
    "- no list",
    "+ no list",
    "=====",
    "---",
    "> no quote",
    "*a* _b_ __c__ ~~d~~ `e` ``f",
    "![x](javascript:alert(1)) <a href='x'>y</a> <https://a.example> &lt; &#60;",
    "http://a.example www.a.example mailto:a@a.example",
    "_www.a.example WWW.a.example ftp://a.example xmpp:a@a.example/b a.b@c.d-e.f model@houses.csv@cpu a+b@c.d.",
    "mlp[hidden=128]@mnist@cpu @user @org/team, #12 x#12 a@b",
    "a | b \\| c \\",
    "two\nlines",
]


def texts_of(markdown: str) -> tuple[str, set[str]]:
    """What a parser makes of Markdown: the visible text and the names of all other tokens."""
    parser = MarkdownIt("commonmark", {"linkify": False}).enable(["table", "strikethrough"])
    children = [child for token in parser.parse(markdown) for child in token.children or [token]]
    leaves = [child for child in children if child.content and child.content != PARTED]
    return "".join(leaf.content for leaf in leaves), {child.type for child in children if child.content != PARTED}


@pytest.mark.parametrize("text", TEXTS)
def test_escaped_text_reads_as_itself(text: str) -> None:
    """Escaped prose is one paragraph of nothing but the text."""
    seen, kinds = texts_of(escaped(text))

    assert " ".join(printable(text).split()) == seen
    assert kinds <= {"paragraph_open", "paragraph_close", "text", "text_special", "inline"}


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("written", [escaped, code])
def test_github_links_nothing(text: str, written: Callable[[str], str]) -> None:
    """By the parser of GitHub itself: a paragraph of text or code, and no link, though it looks for bare addresses."""
    html = github_flavored_markdown_to_html(f"x {written(text)} y", options=Options.CMARK_OPT_UNSAFE)

    expected = ["<p"] if written is escaped else ["<p", "<code"]
    assert expected == re.findall(r"<[a-z]+", html)


@pytest.mark.parametrize("text", [*TEXTS, "^x", "[^1]"])
def test_a_picture_keeps_its_description(text: str) -> None:
    """A chart in a report is described by a sentence with names in it."""
    html = github_flavored_markdown_to_html(f"![{escaped(text)}](chart.svg)", options=Options.CMARK_OPT_UNSAFE)

    assert ["<p", "<img"] == re.findall(r"<[a-z]+", html)


def test_what_github_would_mention_is_parted() -> None:
    """It looks for names and numbers in the finished page, in whole texts; an address within a cell's name stays."""
    assert r"mlp\[a=1\]\@<!-- -->mnist\@cpu" == escaped("mlp[a=1]@mnist@cpu")
    assert r"mlp\@mnist\@cpu" == escaped("mlp@mnist@cpu")
    assert r"see \#<!-- -->12" == escaped("see #12")


@pytest.mark.parametrize("text", TEXTS)
def test_code_reads_as_itself(text: str) -> None:
    """A code span shows the text whatever backticks it holds."""
    seen, kinds = texts_of(f"x {code(text)} y")

    assert f"x {' '.join(printable(text).split())} y" == seen
    assert "code_inline" in kinds


@pytest.mark.parametrize("text", [text for text in TEXTS if "\\|" not in text])
def test_code_in_a_table_reads_as_itself(text: str) -> None:
    """A code span in a table stays in its own cell."""
    parser = MarkdownIt("commonmark").enable("table")

    tokens = parser.parse(f"| a | b |\n| --- | --- |\n| {code_cell(text)} | end |\n")

    cells = [token.children for token in tokens if token.type == "inline"]
    assert " ".join(printable(text).split()) == cells[2][0].content
    assert "end" == cells[3][0].content


def test_a_block_outlasts_the_fences_in_it() -> None:
    """A file that holds fences of its own cannot end the block around it."""
    text = "a\n```\nb\n`````\n<script>"

    (token,) = MarkdownIt("commonmark").parse(block(text, "toml"))

    assert ("fence", "toml", f"{text}\n") == (token.type, token.info, token.content)


def test_nothing_is_no_code() -> None:
    """An empty value leaves no stray backticks."""
    assert code(" ") == ""


@pytest.mark.parametrize("number", ["98.13 %", "0.09", "1 min 05 s", "92.45 to 92.65 %", "101,770", "34.8 s"])
def test_numbers_need_no_escape(number: str) -> None:
    """Numbers stand in the source as they stand in every other format."""
    assert number == escaped(number)
