"""The report: context in, HTML and Markdown out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.core.files import write_text
from bench.render.charts.canvas import svg_file
from bench.render.context import ReportContext, report_context
from bench.render.pages import markdown_page, page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.record.history import PastTrial
    from bench.record.records import RunResult
    from bench.record.verdicts import Judgement
    from bench.render.explore.explorer import Explorer

HTML_TEMPLATE, MARKDOWN_TEMPLATE = "report.html.j2", "report.md.j2"
SHOWN = re.compile(r"\]\((charts/[\w-]+\.svg)\)")
"""A chart that a Markdown report refers to."""
INTERACTIVE = '<meta name="keras-bench" content="interactive">'
"""What stands in the head of an interactive page, as templates/report.html.j2 writes it."""
HEAD = 2_000  # characters at the beginning of a page that hold its `<meta>` elements


@dataclass(frozen=True, slots=True)
class ReportPaths:
    """Where a report was written."""

    html: Path
    markdown: Path
    charts: tuple[Path, ...]


def render_html(
    result: RunResult,
    *,
    template_dir: Path | None = None,
    judgement: Judgement | None = None,
    history: Sequence[PastTrial] = (),
    interactive: bool = False,
) -> str:
    """The report as one HTML page that asks for nothing from outside.

    Args:
        result: the run.
        judgement: of the gate, where one was made.
        template_dir: a folder of the user's, searched before ours.
        history: what earlier runs of the suite found, of `Store.history`.
        interactive: whether it has charts to explore as well, which make it about 1 MB larger.

    Raises:
        BenchError: it is to be interactive, and the extra `[interactive]` is not installed.
        TemplateError: a template is missing or has an error, with its file and line.
    """
    explorer = _explorer(result, interactive=interactive)
    return _html(report_context(result, judgement, history), template_dir, explorer)


def render_markdown(
    result: RunResult,
    *,
    template_dir: Path | None = None,
    judgement: Judgement | None = None,
    history: Sequence[PastTrial] = (),
) -> tuple[str, dict[str, str]]:
    """The report as Markdown, with its charts beside it.

    Args:
        result: the run.
        judgement: of the gate, where one was made.
        template_dir: a folder of the user's, searched before ours.
        history: what earlier runs of the suite found, of `Store.history`.

    Returns:
        The text, and each chart's SVG by the path the text refers to (`charts/<name>.svg`).

    Raises:
        TemplateError: a template is missing or has an error, with its file and line.
    """
    return _markdown(report_context(result, judgement, history), template_dir)


def write_report(
    result: RunResult,
    folder: Path,
    *,
    template_dir: Path | None = None,
    judgement: Judgement | None = None,
    history: Sequence[PastTrial] = (),
    interactive: bool = False,
) -> ReportPaths:
    """Writes `report.html`, `report.md` and `charts/*.svg` into `folder`, each whole or not at all.

    Both formats are rendered before the first file is touched: a template's error leaves an older report as it was.

    Raises:
        BenchError: `report.html` is to be interactive, and the extra `[interactive]` is not installed.
        TemplateError: a template is missing or has an error, with its file and line.
        OSError: the folder cannot be written to.
    """
    explorer = _explorer(result, interactive=interactive)
    context = report_context(result, judgement, history)
    html = _html(context, template_dir, explorer)
    markdown, charts = _markdown(context, template_dir)
    earlier = _shown(folder / "report.md")
    written = ReportPaths(
        charts=tuple(write_text(folder / path, svg) for path, svg in charts.items()),
        markdown=write_text(folder / "report.md", markdown),
        html=write_text(folder / "report.html", html),
    )
    # a chart of an earlier rendering that this report does not show; files that no report showed are the user's
    for stale in earlier - _shown(written.markdown):
        (folder / stale).unlink(missing_ok=True)
    return written


def _shown(report: Path) -> set[str]:
    """The charts that a report in Markdown refers to; none where there is no such file or it is no text."""
    try:
        return set(SHOWN.findall(report.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return set()


def is_interactive(path: Path) -> bool:
    """Whether this is a report that was written with charts to explore; False for whatever cannot be read."""
    try:
        with path.open(encoding="utf-8") as file:
            return INTERACTIVE in file.read(HEAD)
    except (OSError, ValueError):
        return False


def _explorer(result: RunResult, *, interactive: bool) -> Explorer | None:
    if not interactive:
        return None
    from bench.render.explore.explorer import explorer  # noqa: PLC0415  a part that few reports have

    return explorer(result)


def _html(context: ReportContext, template_dir: Path | None, explorer: Explorer | None) -> str:
    return page(HTML_TEMPLATE, template_dir, report=context, explorer=explorer)


def _markdown(context: ReportContext, template_dir: Path | None) -> tuple[str, dict[str, str]]:
    text = markdown_page(MARKDOWN_TEMPLATE, template_dir, report=context)
    return text, {f"charts/{chart.name}.svg": svg_file(chart) for chart in context.charts}
