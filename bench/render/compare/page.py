"""A comparison as a page, and as Markdown with its chart beside it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from bench.render.charts.canvas import svg_file
from bench.render.charts.comparison import comparison_chart
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


def compare_html(comparison: Comparison) -> str:
    """The comparison as one HTML page that asks for nothing from outside."""
    return page(HTML_TEMPLATE, report=_context(comparison))


def compare_markdown(comparison: Comparison, image: str = "") -> tuple[str, str]:
    """The comparison as Markdown, and its chart as an SVG file.

    Args:
        comparison: of two runs or baselines.
        image: the chart's address, as safe in Markdown as in a URL; empty to leave the chart out.

    Returns:
        The text and the SVG; the latter is empty where there is nothing to draw or no address.
    """
    context = _context(comparison, image)
    svg = svg_file(context.chart) if context.chart and image else ""
    return markdown_page(MARKDOWN_TEMPLATE, report=context), svg


def _context(comparison: Comparison, image: str = "") -> PageContext:
    context = compare_context(comparison)
    values = {field.name: getattr(context, field.name) for field in fields(context)}
    return PageContext(
        **values, chart=comparison_chart(comparison, compare_labels(comparison), comparison.score), image=image
    )
