"""Templates to pages: where they are looked for, what they may do, and whose fault it is when one fails."""

from __future__ import annotations

import base64
import hashlib
import traceback
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError
from jinja2 import TemplateError as JinjaError
from markupsafe import Markup

from bench.core import resources
from bench.core.errors import TemplateError
from bench.core.formatting import printable
from bench.render.charts.palette import css
from bench.render.markdown import block, code, code_cell, escaped, link
from bench.render.markup import label_markup, name_markup, sentence_markup

PLAIN = (".css", ".js")  # included as they stand; everything else is escaped


class Raw(str):
    """Markdown of our own making, which `escaped` must leave alone."""

    __slots__ = ()


def page(template: str, template_dir: Path | None = None, **values: Any) -> str:  # noqa: ANN401  a template takes any value
    """An HTML page with the colours of `palette`, every value escaped and printable.

    The filter `digest` gives the hash by which a page's policy lets one script run and no other.

    Args:
        template: its name.
        template_dir: a folder of the user's, searched before ours.
        values: what the template sees.

    Raises:
        TemplateError: the template is missing or has an error, with its file and line.
    """
    environment = _environment(
        template_dir,
        autoescape=lambda name: name is None or not name.endswith(PLAIN),  # on for every page
        finalize=_harmless,
    )
    environment.filters.update(breakable=label_markup, digest=digest, pieces=name_markup, unbroken=sentence_markup)
    environment.globals.update(light=css(0), dark=css(1))
    return _render(environment, template, template_dir, values)


def markdown_page(template: str, template_dir: Path | None = None, **values: Any) -> str:  # noqa: ANN401  as of `page`
    """A text in Markdown, escaped but for what a filter marked as ours; arguments and errors are those of `page`."""
    environment = _environment(
        template_dir,
        autoescape=False,  # HTML's escaping would be wrong in Markdown; ours is `finalize`, which sees every value
        finalize=lambda value: value if isinstance(value, Raw) else escaped(str(value)),
    )
    environment.filters.update(
        code=lambda text: Raw(code(text)),
        code_cell=lambda text: Raw(code_cell(text)),
        block=lambda text, language="": Raw(block(text, language)),
        link=lambda text, target: Raw(link(text, target)),
        raw=Raw,
    )
    return _render(environment, template, template_dir, values)


def _harmless(value: object) -> object:
    """A value of a page without characters that control anything; what is marked as HTML was made by us."""
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _environment(template_dir: Path | None, **settings: Any) -> Environment:  # noqa: ANN401  Jinja's own
    return Environment(  # noqa: S701  each caller says how it escapes
        loader=FileSystemLoader(_folders(template_dir)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        **settings,
    )


def _folders(template_dir: Path | None) -> list[str]:
    ours = str(resources.template_dir())
    return [str(template_dir), ours] if template_dir else [ours]


def _render(environment: Environment, template: str, template_dir: Path | None, values: dict[str, Any]) -> str:
    folders = _folders(template_dir)
    hint = "Fix the template, or do not use your own folder of templates." if template_dir else ""
    try:
        text = environment.get_template(template).render(**values)
        text.encode("utf-8")
    except TemplateSyntaxError as error:
        where = f"{error.filename or error.name}, line {error.lineno}"
        raise TemplateError(
            f"The template {where} cannot be read: {str(error.message).rstrip('.')}.", hint=hint
        ) from error
    except TemplateNotFound as error:
        raise TemplateError(f"There is no template {error.name!r} in {folders}.", hint=hint) from error
    except UnicodeEncodeError as error:
        raise TemplateError(f"The template {template} writes an invalid character: {error}.", hint=hint) from error
    except UnicodeDecodeError as error:
        raise TemplateError(f"A template in {folders} is not UTF-8: {error}.", hint=hint) from error
    except Exception as error:
        # Whatever a template's expressions raise is the template's error; anything raised elsewhere is a bug of ours.
        place = _template_line(error, folders)
        if place is None and not isinstance(error, JinjaError):
            raise
        raise TemplateError(f"The template {place or template} fails: {error}.", hint=hint) from error
    return text


def digest(script: str) -> Markup:
    """The hash of an inline script, as a Content-Security-Policy names it: `'sha256-...'`.

    Source: Content Security Policy Level 3 (W3C), section 2.3.1, hash-source.
    """
    code = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode()
    return Markup(f"'sha256-{code}'")  # noqa: S704  letters and digits of ours


def _template_line(error: Exception, folders: list[str]) -> str | None:
    """The innermost template that the error went through, as `file, line n`."""
    inside = [
        f"{frame.filename}, line {frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if any(Path(frame.filename).is_relative_to(folder) for folder in folders)
    ]
    return inside[-1] if inside else None
