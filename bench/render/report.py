"""The report: context in, HTML and Markdown out."""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError
from jinja2 import TemplateError as JinjaError

from bench.core import resources
from bench.core.errors import TemplateError
from bench.core.files import write_text
from bench.render.charts import accuracy_time, learning_curves, phases, published, verdicts
from bench.render.charts.canvas import svg_file
from bench.render.charts.palette import css
from bench.render.context import ReportContext, report_context
from bench.render.markdown import block, code, code_cell, escaped, link
from bench.render.markup import label_markup, sentence_markup

if TYPE_CHECKING:
    from bench.record.records import RunResult
    from bench.record.verdicts import Judgement

HTML_TEMPLATE, MARKDOWN_TEMPLATE = "report.html.j2", "report.md.j2"
CHARTS = tuple(module.NAME for module in (verdicts, accuracy_time, learning_curves, phases, published))


@dataclass(frozen=True, slots=True)
class ReportPaths:
    """Where a report was written."""

    html: Path
    markdown: Path
    charts: tuple[Path, ...]


class Raw(str):
    """Markdown of our own making, which `escaped` must leave alone."""

    __slots__ = ()


def render_html(result: RunResult, *, template_dir: Path | None = None, judgement: Judgement | None = None) -> str:
    """The report as one HTML page that asks for nothing from outside.

    Args:
        result: the run.
        judgement: of the gate, where one was made.
        template_dir: a folder of the user's, searched before ours.

    Raises:
        TemplateError: a template is missing or has an error, with its file and line.
    """
    return _html(report_context(result, judgement), template_dir)


def render_markdown(
    result: RunResult, *, template_dir: Path | None = None, judgement: Judgement | None = None
) -> tuple[str, dict[str, str]]:
    """The report as Markdown, with its charts beside it.

    Args:
        result: the run.
        judgement: of the gate, where one was made.
        template_dir: a folder of the user's, searched before ours.

    Returns:
        The text, and each chart's SVG by the path the text refers to (`charts/<name>.svg`).

    Raises:
        TemplateError: a template is missing or has an error, with its file and line.
    """
    return _markdown(report_context(result, judgement), template_dir)


def write_report(
    result: RunResult, folder: Path, *, template_dir: Path | None = None, judgement: Judgement | None = None
) -> ReportPaths:
    """Writes `report.html`, `report.md` and `charts/*.svg` into `folder`, each whole or not at all.

    Both formats are rendered before the first file is touched: a template's error leaves an older report as it was.

    Raises:
        TemplateError: a template is missing or has an error, with its file and line.
        OSError: the folder cannot be written to.
    """
    context = report_context(result, judgement)
    html = _html(context, template_dir)
    markdown, charts = _markdown(context, template_dir)
    written = ReportPaths(
        charts=tuple(write_text(folder / path, svg) for path, svg in charts.items()),
        markdown=write_text(folder / "report.md", markdown),
        html=write_text(folder / "report.html", html),
    )
    # a chart of an earlier rendering that this report does not show; files of the user's have other names
    for name in CHARTS:
        if f"charts/{name}.svg" not in charts:
            (folder / "charts" / f"{name}.svg").unlink(missing_ok=True)
    return written


def _html(context: ReportContext, template_dir: Path | None) -> str:
    folders = _folders(template_dir)
    # Everything is escaped but the style sheet, which is included as it stands.
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=lambda name: name is None or not name.endswith(".css"),  # noqa: S701  on for every page
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(breakable=label_markup, unbroken=sentence_markup)
    environment.globals.update(light=css(0), dark=css(1))
    return _render(environment, HTML_TEMPLATE, context, folders)


def _markdown(context: ReportContext, template_dir: Path | None) -> tuple[str, dict[str, str]]:
    folders = _folders(template_dir)
    # `finalize` sees the value of every expression, so that what no filter marked as ours is escaped.
    environment = Environment(
        loader=FileSystemLoader(folders),
        autoescape=False,  # noqa: S701  HTML's escaping would be wrong in Markdown; ours is `finalize`
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=lambda value: value if isinstance(value, Raw) else escaped(str(value)),
    )
    environment.filters.update(
        code=lambda text: Raw(code(text)),
        code_cell=lambda text: Raw(code_cell(text)),
        block=lambda text, language="": Raw(block(text, language)),
        link=lambda text, target: Raw(link(text, target)),
        raw=Raw,
    )
    text = _render(environment, MARKDOWN_TEMPLATE, context, folders)
    return text, {f"charts/{chart.name}.svg": svg_file(chart) for chart in context.charts}


def _folders(template_dir: Path | None) -> list[str]:
    ours = str(resources.template_dir())
    return [str(template_dir), ours] if template_dir else [ours]


def _render(environment: Environment, template: str, context: ReportContext, folders: list[str]) -> str:
    try:
        return environment.get_template(template).render(report=context)
    except TemplateSyntaxError as error:
        where = f"{error.filename or error.name}, line {error.lineno}"
        raise TemplateError(f"The template {where} cannot be read: {error.message}.", hint=_hint(folders)) from error
    except TemplateNotFound as error:
        raise TemplateError(f"There is no template {error.name!r} in {folders}.", hint=_hint(folders)) from error
    except UnicodeDecodeError as error:
        raise TemplateError(f"A template in {folders} is not UTF-8: {error}.", hint=_hint(folders)) from error
    except Exception as error:
        # Whatever a template's expressions raise is the template's error; anything raised elsewhere is a bug of ours.
        place = _template_line(error, folders)
        if place is None and not isinstance(error, JinjaError):
            raise
        raise TemplateError(f"The template {place or template} fails: {error}.", hint=_hint(folders)) from error


def _template_line(error: Exception, folders: list[str]) -> str | None:
    """The innermost template that the error went through, as `file, line n`."""
    inside = [
        f"{frame.filename}, line {frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if any(Path(frame.filename).is_relative_to(folder) for folder in folders)
    ]
    return inside[-1] if inside else None


def _hint(folders: list[str]) -> str:
    return "Mend the template, or leave your own folder of templates out." if len(folders) > 1 else ""
