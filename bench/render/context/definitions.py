"""What the words of a report mean that belong to no one column, and how its intervals were made."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
                f"Cells that the data cannot separate share a rank. From the {score.best_word} mean {score.heading} "
                "on, a cell joins the group above it while the 95 % interval of its difference to the first cell of "
                "the group (Welch) includes 0; the first cell for which it does not opens the next group, at the rank "
                "of its place."
            ),
        ),
        (
            "Tied",
            (
                "The 95 % interval (Welch) of the difference to the first cell includes 0, or too few seeds leave it "
                "unknown. Each cell is compared on its own; with many cells, expect some ties and some leads by chance."
            ),
        ),
        (
            f"Intervals of {score.heading}",
            "Student's t over seeds, 95 %, of the mean: NIST/SEMATECH e-Handbook, section 1.3.5.2.",
        ),
        ("Intervals of differences", "Welch's t with Satterthwaite's degrees of freedom, 95 %: Biometrika 34 (1947)."),
        *(errors if classes else ()),
        (
            "Where one further seed is expected",
            "Prediction interval for a single observation, 95 %: Hahn and Meeker, Statistical Intervals, chapter 4.",
        ),
        (
            "Spread of times",
            "Median and quartiles over the timed trials (Hyndman and Fan, type 7); no interval is claimed.",
        ),
    )
