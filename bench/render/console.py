"""A terminal or a log that shows text and obeys none: no markup is read, nothing controls it, no CI takes a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from bench.core.formatting import log_text, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import ConsoleOptions, RenderableType
    from rich.segment import Segment


class TextConsole(Console):
    """A console whose strings are text: brackets, colons and digits mean nothing, and styles are arguments.

    Names, reasons and notices come from other people's suites and runs. They are made harmless here, so that nobody who
    prints one needs to think of it:

    - characters that control a terminal are shown as U+FFFD, before a table measures its columns;
    - no line that leaves the console is a command to a CI runner, wherever long text was broken.

    Line ends are kept, since sentences have them: what must stay on a line is made so by `formatting.one_line`.

    Args:
        settings: those of `rich.console.Console`.
    """

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401  Rich's own
        super().__init__(markup=False, emoji=False, highlight=False, **settings)

    def render_str(self, text: str, **settings: Any) -> Text:  # noqa: ANN401  Rich's own
        """A string as text, also in the cells and headings of a table."""
        return super().render_str(printable(text), **settings)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """What a value looks like; a text may carry styles, and no character that controls anything."""
        if isinstance(renderable, Text) and not renderable.plain.isprintable():
            text = printable(renderable.plain)
            if text != renderable.plain:
                clean = renderable.copy()
                clean.plain = text
                renderable = clean
        return super().render(renderable, options)

    def _render_buffer(self, buffer: Iterable[Segment]) -> str:
        return log_text(super()._render_buffer(buffer))
