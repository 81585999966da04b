"""What turns the pages of this folder, which GitHub shows too, into a site: generated parts, navigation, links."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sphinx.application import Sphinx

REPOSITORY = "https://github.com/keras-bench/keras-bench"
NAVIGATION = {
    "Start": ("tutorial", "your-own-data", "cookbook"),
    "Use": ("suite-file", "report", "accuracy-in-ci", "history", "many-machines", "gpus", "reliability"),
    "Reference": ("commands", "suite-keys", "api", "glossary"),
}
"""The pages in the order of the navigation. A page that is not named here comes under "More"."""
_OUTSIDE = re.compile(r"(\]\()\.\./([^)\s]+\))")
_FETCHED = re.compile(r"<(?:script|img|iframe|source|video|link)\b[^>]*?(?:src|href)=\"(?:https?:)?//[^\"]+\"")


_ASSISTED = (
    ("<pre>", '<pre tabindex="0">'),
    ('<div class="table-wrapper', '<div tabindex="0" class="table-wrapper'),
    ('role="heading">', 'role="heading" aria-level="2">'),
    ('<aside class="sidebar-drawer', '<aside aria-label="Pages" class="sidebar-drawer'),
    ('<aside class="toc-drawer', '<aside aria-label="On this page" class="toc-drawer'),
)
"""What the theme leaves out: a keyboard reaches what scrolls, headings have a level, side columns a name."""


def assisted(html: str) -> str:
    """A page that a keyboard and a screen reader can use."""
    for before, after in _ASSISTED:
        html = html.replace(before, after)
    return html


def navigation(pages: set[str]) -> str:
    """The hidden tables of contents of the index.

    Args:
        pages: the names of all pages but the index.
    """
    named = {page for group in NAVIGATION.values() for page in group}
    groups = {**NAVIGATION, "More": tuple(sorted(pages - named))}
    return "\n\n".join(
        "\n".join(["```{toctree}", ":hidden:", f":caption: {caption}", "", *group, "```"])
        for caption, group in groups.items()
        if group
    )


def outside(text: str) -> str:
    """Links that leave this folder lead to the repository: only the folder is in the site."""
    return _OUTSIDE.sub(rf"\1{REPOSITORY}/blob/main/\2", text)


def fetched(html: str) -> list[str]:
    """The tags of a page that a browser would fetch from another host."""
    return _FETCHED.findall(html)


def examples(lines: list[str]) -> list[str]:
    """The examples below a command's help as a block of code; sphinx-click makes each a line of prose."""
    typed = [line.removeprefix("|").strip() for line in lines]
    typed = [f"   $ {line}" for line in typed if line and line != "Examples:"]
    return [".. rubric:: Examples", "", ".. code-block:: text", "", *typed, ""]


def prepare(text: str, parts: dict[str, Callable[[], str]]) -> str:
    """The source of a page with its generated parts in place of `<!-- generated: NAME -->`."""
    for name, make in parts.items():
        mark = f"<!-- generated: {name} -->"
        if mark in text:
            text = text.replace(mark, make())
    return outside(text)


def setup(app: Sphinx) -> dict[str, bool]:
    """Have Sphinx read the pages as they are prepared, and check what it wrote."""
    from reference import columns, exit_codes, suite_keys  # noqa: PLC0415  after conf.py has set the path

    parts = {"columns": columns, "exit codes": exit_codes, "suite keys": suite_keys}

    def read(app: Sphinx, name: str, source: list[str]) -> None:
        pages = set(app.env.found_docs) - {"index"}
        source[0] = prepare(source[0], {**parts, "navigation": lambda: navigation(pages)})
        if name == "index":
            app.env.note_reread()

    def finished(app: Sphinx, error: Exception | None) -> None:
        if error is None and app.builder.format == "html":
            _finish(app.outdir)

    def show_examples(*event: Any) -> None:  # noqa: ANN401  what Sphinx calls: itself, the command, its lines
        lines = event[2]
        if lines:
            lines[:] = examples(lines)

    app.connect("source-read", read)
    app.connect("sphinx-click-process-epilog", show_examples)
    # the text of a command explains its arguments
    app.connect("sphinx-click-process-arguments", lambda *event: event[2].clear())
    app.connect("build-finished", finished)
    return {"parallel_read_safe": True}


def _finish(folder: Path) -> None:
    """Complete every page, and refuse a site that needs a network."""
    from sphinx.errors import ExtensionError  # noqa: PLC0415  the functions above are tested without Sphinx

    for path in sorted(folder.rglob("*.html")):
        html = path.read_text(encoding="utf-8")
        path.write_text(assisted(html), encoding="utf-8")
        tags = fetched(html)
        if tags:
            raise ExtensionError(f"{path.relative_to(folder)} would be fetched from elsewhere: {tags[0]}")
