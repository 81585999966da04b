"""The leaderboard as a LaTeX table, for a paper that loads booktabs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from bench.analyse.labels import cell_labels
from bench.analyse.leader import leaders
from bench.analyse.stats import summary
from bench.core.formatting import MISSING, printable
from bench.record.collect import trials_frame
from bench.render.context.board import leaderboards
from bench.render.metrics import metric_words

if TYPE_CHECKING:
    from bench.record.records import RunResult

COLUMNS = ("Cell", "Data set", "Accuracy", "Deviation", "95 % interval", "Seeds")
LAST_COLUMNS = ("Train time", "Parameters")
"""Those that stand behind the further metrics of the suite."""

TAKEN_FOR_AN_OPTION = re.compile(r"(?<=\n)(?=[\[*])")
"""A row that begins so would be read as an argument of the line break before it."""


def latex_text(result: RunResult) -> str:
    """A table of every cell with the very digits of the report; names are escaped.

    The form is that of the booktabs package, whose rules pandas writes.
    """
    trials = trials_frame(result)
    score = result.run.score
    cells = summary(trials, score)
    rows = [
        {
            "Cell": row.label,
            "Data set": board.dataset,
            **{column.heading: value.text for column, value in zip(board.columns, row.figures, strict=True)},
            "Deviation": row.figures[0].sub,
        }
        for board in leaderboards(result.run, trials, cells, cell_labels(cells), leaders(cells, score))
        for row in board.rows
    ]
    columns = [*COLUMNS, *(printable(metric.heading) for metric in metric_words(cells.columns)), *LAST_COLUMNS]
    styled = pd.DataFrame(rows, columns=columns, dtype=object).fillna(MISSING).style.hide(axis="index")
    table = styled.format(escape="latex").format_index(escape="latex", axis=1).to_latex(
        hrules=True,
        column_format="ll" + "r" * (len(columns) - 2),
        caption="Test accuracy, mean over seeds.",
        position="htbp",
        position_float="centering",
    )  # fmt: skip
    head = f"% Run {' '.join(printable(result.run.run_id).split())} of keras-bench; needs \\usepackage{{booktabs}}\n"
    return head + TAKEN_FOR_AN_OPTION.sub("{}", table)
