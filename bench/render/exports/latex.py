"""The leaderboard as a LaTeX table, for a paper that loads booktabs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from bench.analyse.labels import cell_labels
from bench.analyse.leader import leaders
from bench.analyse.stats import summary
from bench.core.formatting import MISSING, one_line
from bench.record.collect import trials_frame
from bench.record.measures import metric_measures, summary_measures
from bench.render.context.board import leaderboards
from bench.render.words import example_word

if TYPE_CHECKING:
    from bench.record.records import RunResult

RANK, CELL, DATASET = "Rank", "Cell", "Data set"
FIRST, LAST = ("score_mean", "score_std", "score_low", "n"), ("train_time_median_s", "parameter_count")
"""Measures of the summary before and behind the further metrics of the suite."""

ESCAPES = {
    **{char: rf"\{char}" for char in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
"""What LaTeX reads as a command, an argument or mathematics (LaTeX: A Document Preparation System, section 2.2.1)."""


def latex_text(result: RunResult) -> str:
    """A table of every cell with the very digits of the report; names are escaped.

    The form is that of the booktabs package, whose rules pandas writes.
    """
    trials = trials_frame(result)
    score = result.run.score
    # rows begin with the rank: a name such as [a] would be read as an argument of the line break before it
    cells, measures = summary(trials, score), summary_measures(score, example_word(result.run.datasets))
    boards = leaderboards(result.run, trials, cells, cell_labels(cells), leaders(cells, score))
    rows = [
        {
            RANK: row.rank,
            CELL: row.label,
            DATASET: board.dataset,
            **{column.heading: value.text for column, value in zip(board.columns, row.figures, strict=True)},
            measures["score_std"].title: row.figures[0].sub,
        }
        for board in boards
        for row in board.rows
    ]
    shown = (*(measures[name] for name in FIRST), *metric_measures(cells.columns), *(measures[name] for name in LAST))
    columns = [RANK, CELL, DATASET, *(measure.title for measure in shown)]
    direction = "" if score.higher_is_better else f"; {score.direction}"
    ranking = " ".join(dict.fromkeys(board.ranking for board in boards))
    styled = pd.DataFrame(rows, columns=columns, dtype=object).fillna(MISSING).style.hide(axis="index")
    table = styled.format(escaped).format_index(escaped, axis=1).to_latex(
        hrules=True,
        column_format="rll" + "r" * (len(columns) - 3),
        caption=escaped(f"Test {score.heading}, mean over seeds{direction}. {ranking}"),
        position="htbp",
        position_float="centering",
    )  # fmt: skip
    head = f"% Run {one_line(result.run.run_id)} of keras-bench; needs \\usepackage{{booktabs}}\n"
    return head + str(table)


def escaped(value: object) -> str:
    """A value as text that LaTeX prints, on one line: an empty one would end a paragraph, which a table cannot hold."""
    return "".join(ESCAPES.get(char, char) for char in one_line(str(value)))
