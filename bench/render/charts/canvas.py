"""matplotlib figures to SVG that belongs in a page: themed by CSS, free of the outside world, the same every time."""

from __future__ import annotations

import io
import re
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from bench.core.formatting import elided, printable
from bench.render.charts.palette import COLOURS, css, stand_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from matplotlib.axes import Axes

WIDTH = 760  # units of the view box, which are CSS pixels at full size
FONTS = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
NARROW = 420  # units of a drawing that a narrow screen shows whole
LABEL_WIDTH = 44  # characters of a name at an axis or in a legend
TITLE_WIDTH = 60  # characters of a name in a sentence
TAG = re.compile(r"(<[^>]*>)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A chart, its conclusion, and its numbers.

    Attributes:
        name: file name without suffix, unique in a report.
        heading: its subject.
        title: the conclusion, as a sentence.
        alt: a description for readers who cannot see it.
        note: how to read it.
        svg: an element to place in an HTML page that defines the colours of `palette`.
        columns: the headings of the table behind the chart, the first for text, the others for numbers.
        rows: that table, formatted.
        findings: a sentence for each cell.
        table_note: the contents of the table and the place of the rest.
    """

    name: str
    heading: str
    title: str
    alt: str
    note: str
    svg: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    findings: tuple[str, ...] = ()
    table_note: str = ""


def name(text: str, width: int = LABEL_WIDTH) -> str:
    """A user's name as a chart can carry it."""
    return elided(text, width)


@contextmanager
def canvas(height: int, *, apart: float = 0.0, width: int = WIDTH) -> Iterator[Figure]:
    """A figure of `WIDTH` x `height` pixels to draw on, under settings of ours alone.

    No matplotlibrc of the user's takes part, and text is never read as mathematics.

    Args:
        height: pixels.
        width: pixels; `NARROW` fits the screen of a telephone.
        apart: further space between panels, as a fraction of their width.
    """
    muted, ink, rule = stand_in("muted"), stand_in("ink"), stand_in("rule")
    with mpl.rc_context(), warnings.catch_warnings():
        # A name in a script DejaVu lacks is measured wrongly at worst: the reader's own fonts draw it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        mpl.rcdefaults()
        mpl.rcParams.update(
            {
                "svg.fonttype": "none",
                "svg.hashsalt": "keras-bench",
                "text.parse_math": False,
                "text.color": ink,
                "font.family": ["DejaVu Sans"],  # ships with matplotlib: the layout is the same on every machine
                "font.size": 11.5,
                "axes.edgecolor": rule,
                "axes.labelcolor": muted,
                "axes.titlecolor": ink,
                "axes.titlesize": 12,
                "axes.titlelocation": "left",
                "axes.spines.top": False,
                "axes.spines.right": False,
                "axes.grid": True,
                "axes.axisbelow": True,
                "axes.formatter.use_mathtext": False,
                "axes.unicode_minus": False,
                "grid.color": rule,
                "grid.linewidth": 0.8,
                "xtick.color": rule,
                "ytick.color": rule,
                "xtick.labelcolor": muted,
                "ytick.labelcolor": muted,
                "xtick.labelsize": 11,
                "ytick.labelsize": 11,
                "legend.frameon": False,
                "legend.fontsize": 11,
                "legend.labelcolor": ink,
                "lines.solid_capstyle": "round",
                "figure.facecolor": "none",
                "axes.facecolor": "none",
                "savefig.facecolor": "none",
            }
        )
        # 72 per inch: a point of matplotlib is a unit of the view box.
        figure = Figure(
            figsize=(width / 72, height / 72),
            dpi=72,
            layout=ConstrainedLayoutEngine(w_pad=0.09, h_pad=0.07, wspace=apart),
        )
        FigureCanvasSVG(figure)
        yield figure


def panels(figure: Figure, number: int, columns: int) -> list[Axes]:
    """`number` axes in rows of at most `columns`; cells of the last row that stay empty are not drawn."""
    columns = min(columns, number)
    grid = figure.add_gridspec(-(-number // columns), columns)
    return [figure.add_subplot(grid[index // columns, index % columns]) for index in range(number)]


def svg_text(figure: Figure, chart_name: str, title: str, alt: str, tips: Mapping[str, str] | None = None) -> str:
    """The figure as an SVG element: named, described, themed, without ids that could meet another chart's.

    To be called inside `canvas`, whose settings the drawing needs.

    Args:
        figure: drawn.
        chart_name: unique on a page.
        title: of the SVG element.
        alt: its description.
        tips: the tooltip of an artist, by its gid.
    """
    buffer = io.StringIO()
    # `savefig` draws every figure twice, the first time for the layout alone
    layout = figure.get_layout_engine()
    if layout is not None:
        layout.execute(figure)
        figure.set_layout_engine("none")
    canvas = FigureCanvasSVG(figure)
    canvas.print_svg(buffer, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})  # type: ignore[no-untyped-call]
    return _cleaned(buffer.getvalue(), chart_name, title, alt, tips or {})


def svg_file(chart: Chart) -> str:
    """The chart as a file of its own: it carries its colours and an opaque page for either theme."""
    style = (
        f"<style>svg{{{css(0)}}}@media (prefers-color-scheme:dark){{svg{{{css(1)}}}}}</style>"
        '<rect width="100%" height="100%" style="fill: var(--paper)"/>'
    )
    head, end, rest = chart.svg.partition("</desc>")
    opened = head.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{opened}{end}{style}{rest}\n'


def _cleaned(svg: str, chart_name: str, title: str, alt: str, tips: Mapping[str, str]) -> str:
    """Matplotlib's file as an element of a page. Only tags change: between them are names."""
    drawing = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->", "", printable(svg), flags=re.DOTALL)
    # Matplotlib escapes < and > in texts and attributes, so that every other piece is a tag and nothing else is
    body = TAG.split(drawing[drawing.index(">", drawing.index("<svg")) + 1 : drawing.rindex("</svg>")])
    body[1::2] = _own_ids(body[1::2], chart_name, tips)
    body[::2] = [text.strip() and text for text in body[::2]]
    view_box = re.search(r'viewBox="([^"]+)"', svg)
    size = view_box.group(1) if view_box else f"0 0 {WIDTH} {WIDTH}"
    width, height = size.split()[2:]
    drawn = "".join(body).replace("<g></g>", "").replace("><", ">\n<").strip()
    return (
        f'<svg viewBox="{size}" width="{width}" height="{height}" role="img" '
        f'aria-labelledby="{chart_name}-title {chart_name}-alt">\n'
        f'<title id="{chart_name}-title">{escape(printable(title))}</title>\n'
        f'<desc id="{chart_name}-alt">{escape(printable(alt))}</desc>\n{drawn}\n</svg>'
    )


def _own_ids(tags: list[str], chart_name: str, tips: Mapping[str, str]) -> list[str]:
    """The tags with the ids that one of them refers to, renamed to be of this chart; our colours, our fonts, tips."""
    tags = [tag.replace("xlink:href", "href") for tag in tags]
    used = {name for tag in tags for name in re.findall(r'(?:href="#|url\(#)([^")]+)', tag)}
    named = [
        re.sub(r' id="([^"]*)"', lambda m: f' id="{chart_name}-{m[1]}"' if m[1] in used else "", tag) for tag in tags
    ]
    ours = [_themed(re.sub(r'(href="#|url\(#)', rf"\g<1>{chart_name}-", tag)) for tag in named]
    if not tips:
        return ours
    gids = (re.search(r' id="([^"]*)"', tag) for tag in tags)
    return [
        f"{tag}<title>{escape(printable(tips[gid[1]]))}</title>" if gid and gid[1] in tips else tag
        for tag, gid in zip(ours, gids, strict=True)
    ]


def _themed(tag: str) -> str:
    if "#" in tag:
        for colour, (light, _) in COLOURS.items():
            tag = tag.replace(stand_in(colour), f"var(--{colour},{light})")
    return re.sub(r"font: ([^;\"']*px) [^;\"]*", rf"font: \1 {FONTS}", tag)
