"""Text in a narrow column: names are broken between their parts, and a table gives up width where that costs least."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from bench.core.formatting import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult

_PARTS = re.compile(r"(?<=[\s,\[(/])|(?=@)|(?<=\w-)(?<!\de-)(?=\w)")
"""Where a line may end: after a space, comma, bracket or slash, before @, and after a hyphen that is no sign."""

WIDEST = 10_000


@dataclass(frozen=True, slots=True)
class Breaking:
    """Text whose lines end between words and between the parts of a name: `mlp[layers=1,` then `nodes=512]@mnist`.

    Attributes:
        text: as it is; line ends are kept.
    """

    text: str

    def lines(self, width: int) -> Iterator[str]:
        """The lines of a column; a part that is longer than the column is broken anywhere."""
        for line in printable(self.text).split("\n"):
            row = ""
            for part in _PARTS.split(line):
                if row and cell_len((row + part).rstrip()) > width:
                    yield row.rstrip()
                    row = part.lstrip()
                else:
                    row += part
                if row.endswith("-") and cell_len(row) == width + 1:  # the sign begins the next line rather than a word
                    yield row[:-1]
                    row = "-"
            yield row.rstrip()

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """From the longest part to the longest line."""
        lines = printable(self.text).split("\n")
        parts = [part.strip() for line in lines for part in _PARTS.split(line)]
        widest = max(map(cell_len, lines), default=0)
        return Measurement(max(map(cell_len, parts), default=0), widest).with_maximum(options.max_width)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """One text per line."""
        for line in self.lines(options.max_width):
            yield Text(line, overflow="fold")


class FittingTable(Table):
    """An unruled table. Where it is wider than the console, the headings of its numbers are broken, then its names."""

    def add_row(self, *cells: RenderableType | None, **settings: Any) -> None:  # noqa: ANN401  Rich's own
        """Add a row; text in columns of text may be broken."""
        columns = [*self.columns, *(None for _ in cells)]
        super().add_row(
            *(
                Breaking(cell) if isinstance(cell, str) and column is not None and not column.no_wrap else cell
                for cell, column in zip(cells, columns, strict=False)
            ),
            **settings,
        )

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The table, narrowed where it has to be."""
        table: Table = self
        if Measurement.get(console, options.update(width=WIDEST), self).maximum > options.max_width:
            table = _narrowed(self, console, options)
        yield from Table.__rich_console__(table, console, options)


def _narrowed(table: FittingTable, console: Console, options: ConsoleOptions) -> Table:
    """The same with headings of numbers in as many lines as make them no wider than their longest word or number."""
    narrow = Table(
        title=table.title, box=None, title_justify="left", title_style=table.title_style,
        header_style=table.header_style, pad_edge=False,
    )  # fmt: skip
    narrow.rows = table.rows
    for column in table.columns:
        if not (column.no_wrap and isinstance(column.header, str)):
            narrow.columns.append(column)
            continue
        values = [Measurement.get(console, options, cell).maximum for cell in column.cells]
        width = max([*values, *map(cell_len, column.header.split())], default=0)
        narrow.columns.append(replace(column, header="\n".join(Breaking(column.header).lines(width))))
    return narrow
