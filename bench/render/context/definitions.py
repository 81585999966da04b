"""What the words of a report mean that belong to no one column, and how its intervals were made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.record.measures import RANK

if TYPE_CHECKING:
    from bench.core.score import Score


def definitions(score: Score, example: str, *, classes: bool) -> tuple[tuple[str, str], ...]:
    """Word and meaning.

    Args:
        score: of the run.
        example: what an example is called.
        classes: whether there are test errors, as where classes are predicted.
    """
    errors = (("Intervals of test errors", f"Wilson's score interval over test {example}s, 95 %: JASA 22 (1927)."),)
    return (
        (
            "Cell",
            "An architecture on a data set and a device with its settings. Its trials differ only by their seed.",
        ),
        (
            "Rank",
            (
                f"{RANK} This rank is the lower end of a confidence interval: Al Mohamad, Goeman and van Zwet, "
                "Biometrics 78 (2022)."
            ),
        ),
        (
            "Better by more than chance",
            (
                "A t test of two cells with unequal deviations, at a level divided by the number of pairs of cells on "
                "the data set (Bonferroni). If all cells are equal, at most 5 % of reports show a rank other than 1. "
                "With more than three cells of three seeds each, the deviations of all cells improve the estimates for "
                "cells with few seeds (moderated variances: Smyth, Statistical Applications in Genetics and Molecular "
                "Biology, 2004)."
            ),
        ),
        (
            "May be as good",
            "A cell of rank 1: no other cell is better by more than chance. Also a cell with one seed.",
        ),
        (
            f"Intervals of {score.heading}",
            "Student's t over seeds, 95 %, of the mean: NIST/SEMATECH e-Handbook, section 1.3.5.2.",
        ),
        (
            "Intervals of effects of settings",
            (
                "t with Satterthwaite's degrees of freedom over the seeds of these cells, 95 % for all pairs of "
                "levels of all settings together (Bonferroni): Biometrics Bulletin 2 (1946)."
            ),
        ),
        *(errors if classes else ()),
        (
            "Prediction interval of one further seed",
            "For a single observation, 95 %: Hahn and Meeker, Statistical Intervals, chapter 4.",
        ),
        (
            "Spread of times",
            "Median and quartiles over the timed trials (Hyndman and Fan, type 7); no interval is claimed.",
        ),
    )
