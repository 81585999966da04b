"""What a terminal shows in several forms: the widest one that fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.measure import Measurement

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult


class Fitting:
    """Several forms of one thing.

    Args:
        forms: the widest first; the last is shown where none is as narrow as the console.
    """

    def __init__(self, *forms: RenderableType) -> None:
        self.forms = forms

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The widest form that fits."""
        # measured without a limit: with one a table says that it can be as narrow as that
        free = options.update(width=10_000)
        fits = (form for form in self.forms if Measurement.get(console, free, form).maximum <= options.max_width)
        yield next(fits, self.forms[-1])
