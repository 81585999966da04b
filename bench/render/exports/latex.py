"""The leaderboard as a LaTeX table, for a paper that loads booktabs, longtable and siunitx."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from bench.analyse.labels import cell_labels
from bench.analyse.leader import leaders
from bench.analyse.stats import summary
from bench.core.formatting import MISSING, number, one_line
from bench.record.collect import trials_frame
from bench.record.measures import metric_measures, summary_measures
from bench.render.context.board import leaderboards
from bench.render.words import example_word

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from bench.record.measures import Measure
    from bench.record.records import RunResult

RANK, CELL, DATASET = "Rank", "Cell", "Data set"
FIRST, LAST = ("score_mean", "score_std", "score_low", "n"), ("train_time_median_s", "parameter_count")
"""Measures of the summary before and behind the further metrics of the suite."""

PERCENT = " %"
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?")
"""What siunitx takes for a number."""

ESCAPES = {
    **{char: rf"\{char}" for char in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
"""What LaTeX reads as a command, an argument or mathematics (LaTeX: A Document Preparation System, section 2.2.1)."""


def latex_text(result: RunResult, top: int | None = None) -> str:
    """A table of the cells with the very digits of the report; names are escaped.

    It runs over pages (longtable), with rules of booktabs and numbers set under each other by siunitx, whose columns
    are of type S. Units stand in the headings.

    Args:
        result: the run.
        top: cells of each data set that are listed, the best first; None for all.
    """
    trials = trials_frame(result)
    score = result.run.score
    # rows begin with the rank: a name such as [a] would be read as an argument of the line break before it
    cells, measures = summary(trials, score), summary_measures(score, example_word(result.run.datasets))
    boards = leaderboards(result.run, trials, cells, cell_labels(cells), leaders(cells, score))
    listed_measures = (
        *(measures[name] for name in FIRST),
        *metric_measures(cells.columns),
        *(measures[name] for name in LAST),
    )
    summaries = {str(row["cell_id"]): row for row in cells.to_dict("records")}
    rows = [
        [row.rank, row.label, board.dataset, *(_text(measure, summaries[row.cell_id]) for measure in listed_measures)]
        for board in boards
        for row in board.rows[:top]
    ]
    columns = [RANK, CELL, DATASET, *(_heading(measure) for measure in listed_measures)]
    direction = "" if score.higher_is_better else f"; {score.direction}"
    ranking = " ".join(dict.fromkeys(board.ranking for board in boards))
    listed = f" The best {top} of {len(cells)} cells." if top is not None and len(rows) < len(cells) else ""
    styled = pd.DataFrame(rows, columns=columns, dtype=object).style.hide(axis="index")
    table = styled.format(lambda value: value if isinstance(value, Latex) else escaped(value)).format_index(
        escaped, axis=1
    ).to_latex(
        hrules=True,
        environment="longtable",
        siunitx=True,
        column_format="rll" + "".join("S" if _aligned(measure) else "r" for measure in listed_measures),
        caption=escaped(f"Test {score.heading}, mean over seeds{direction}.{listed} {ranking}"),
    )  # fmt: skip
    head = f"% Run {one_line(result.run.run_id)} of keras-bench; needs \\usepackage{{booktabs, longtable, siunitx}}\n"
    return head + str(table)


class Latex(str):
    """Text that is LaTeX already."""

    __slots__ = ()


def _aligned(measure: Measure) -> bool:
    """Whether a column holds single numbers, which are set under each other by their points."""
    return measure.number and measure.name != "score_low"


def _heading(measure: Measure) -> str:
    """The heading of a column: with its unit, which no row repeats."""
    unit = "s" if measure.unit == "s" else "%" if measure.text(0.5).endswith(PERCENT) else ""
    return f"{measure.title}, {unit}" if unit and _aligned(measure) else measure.title


def _text(measure: Measure, row: Mapping[Hashable, Any]) -> str:
    """A figure as its column needs it: a number without unit and commas, or text."""
    value = row[measure.name]
    if not _aligned(measure):
        return measure.span(row["score_low"], row["score_high"]) if measure.name == "score_low" else measure.text(value)
    if pd.isna(value):
        return Latex(f"{{{MISSING}}}")
    plain = number(float(value)) if measure.unit == "s" else measure.text(value).removesuffix(PERCENT).replace(",", "")
    return Latex(plain if NUMBER.fullmatch(plain) else f"{{{escaped(plain)}}}")


def escaped(value: object) -> str:
    """A value as text that LaTeX prints, on one line: an empty one would end a paragraph, which a table cannot hold."""
    return "".join(ESCAPES.get(char, char) for char in one_line(str(value)))
