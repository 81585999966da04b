"""The index as one HTML page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.render.index.context import index_context
from bench.render.pages import page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.render.index.context import Folder

TEMPLATE = "index.html.j2"


def index_html(folders: Sequence[Folder], unreadable: Mapping[str, str], comparisons: Sequence[str]) -> str:
    """The index as one HTML page that asks for nothing from outside; the arguments are those of `index_context`.

    Raises:
        TemplateError: a template is missing or has an error, with its file and line.
    """
    return page(TEMPLATE, index=index_context(folders, unreadable, comparisons))
