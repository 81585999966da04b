"""A comparison as a page, and as Markdown with its chart beside it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from bench.render.charts.canvas import svg_file
from bench.render.charts.comparison import comparison
from bench.render.compare.context import MOST_EXAMPLES, CompareContext, compare_context, compare_labels
from bench.render.pages import markdown_page, page

if TYPE_CHECKING:
    from bench.analyse.compare.comparison import Comparison
    from bench.render.charts.canvas import Chart

HTML_TEMPLATE, MARKDOWN_TEMPLATE = "compare.html.j2", "compare.md.j2"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext(CompareContext):
    """A comparison with its chart.

    Attributes:
        chart: None where there is nothing to draw.
        image: what Markdown refers to the chart by; empty to leave it out.
        most_examples: examples of a cell that are named.
    """

    chart: Chart | None
    image: str = ""
    most_examples: int = MOST_EXAMPLES


def compare_html(found: Comparison) -> str:
    """The comparison as one HTML page that asks for nothing from outside."""
    return page(HTML_TEMPLATE, report=_context(found))


def compare_markdown(found: Comparison, image: str = "") -> tuple[str, str]:
    """The comparison as Markdown, and its chart as an SVG file.

    Args:
        found: the comparison.
        image: the chart's address, as safe in Markdown as in a URL; empty to leave the chart out.

    Returns:
        The text and the SVG; the latter is empty where there is nothing to draw or no address.
    """
    context = _context(found, image)
    svg = svg_file(context.chart) if context.chart and image else ""
    return markdown_page(MARKDOWN_TEMPLATE, report=context), svg


def _context(found: Comparison, image: str = "") -> PageContext:
    shown = compare_context(found)
    values = {one.name: getattr(shown, one.name) for one in fields(shown)}
    return PageContext(**values, chart=comparison(found, compare_labels(found), found.score), image=image)
