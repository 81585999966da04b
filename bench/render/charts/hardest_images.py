"""The images that most cells get wrong, drawn, with what they are and what they are taken for."""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING

import numpy as np

from bench.analyse.predictions import hardest, wrong_for_all
from bench.core.formatting import percent, plural
from bench.render.charts.canvas import Chart, canvas, name, svg_text
from bench.render.charts.palette import stand_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from bench.analyse.predictions import Answers, HardImage
    from bench.record.records import Exhibit

NAME = "hardest-images"
COLUMNS = 6
TALL = 146  # pixels of a row
CLASS = 11  # characters of a class's name under an image
COLOUR_CHANNELS = 3


def hardest_images(answers: Answers, exhibits: Sequence[Exhibit], suffix: str = "") -> Chart | None:
    """A picture per image, the hardest first.

    Args:
        answers: of one data set.
        suffix: of the chart's name, where a report has it for several data sets.
        exhibits: the pictures that the run kept.

    Returns:
        None where nothing was wrong, or the run kept no pictures.
    """
    kept = {one.image: one.pixels for one in exhibits if one.dataset == answers.sha256}
    shown = [one for one in hardest(answers) if one.image in kept]
    if not shown:
        return None
    title = _finding(answers, shown)
    rows = -(-len(shown) // COLUMNS)
    with canvas(TALL * rows + 20) as figure:
        grid = figure.subplots(rows, COLUMNS, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        for axes, one in zip(grid.flat, shown, strict=False):
            axes.imshow(_picture(kept[one.image]), cmap="gray_r", vmin=0, vmax=255, interpolation="none")
            true, taken = (name(answers.name(label), CLASS) for label in (one.label, one.read_as))
            axes.set_title(f"{true}, not {taken}", fontsize=11, color=stand_in("ink"), loc="center", pad=4)
            axes.text(
                0.5, -0.03, _share(one), transform=axes.transAxes, ha="center", va="top", fontsize=10,
                color=stand_in("muted"),
            )  # fmt: skip
        alt = (
            f"{plural(len(shown), 'test image')} of {name(answers.dataset)} that are most often read wrongly. {title}."
        )
        svg = svg_text(figure, NAME + suffix, title, alt)
    return Chart(
        name=NAME + suffix,
        heading="The images that most cells get wrong",
        title=title,
        alt=alt,
        note="Above each image stand its true class and the one it is most often taken for, below it how many "
        f"{'cells' if shown[0].of_cells > 1 else 'trials'} get it wrong"
        + (", each cell by the vote of its seeds" if shown[0].of_cells > 1 else "")
        + ". Among equals those come first that more trials get wrong, then those that come first in the test set.",
        svg=svg,
        columns=("test image", "true class", "most often taken for", "cells wrong", "trials wrong"),
        rows=tuple(
            (
                f"number {one.image}",
                name(answers.name(one.label)),
                name(answers.name(one.read_as)),
                f"{one.cells} of {one.of_cells}",
                f"{one.trials} of {one.of_trials}",
            )
            for one in shown
        ),
    )


def _share(one: HardImage) -> str:
    return f"{one.cells} of {one.of_cells} wrong" if one.of_cells > 1 else f"{one.trials} of {one.of_trials} wrong"


def _picture(pixels: str) -> NDArray[np.uint8]:
    """(height, width) or (height, width, 3) uint8; of other numbers of channels the first is shown."""
    height, width, channels, *rest = zlib.decompress(base64.b64decode(pixels))
    image = np.array(rest, dtype=np.uint8).reshape(height, width, channels)
    return image if channels == COLOUR_CHANNELS else image[:, :, 0]


def _finding(answers: Answers, shown: Sequence[HardImage]) -> str:
    """How many images nobody gets right; where there is none, the hardest."""
    first, everybody, images = shown[0], wrong_for_all(answers), len(answers.labels)
    who = "every cell" if first.of_cells > 1 else "every seed"
    if everybody:
        verb = "is" if everybody == 1 else "are"
        part = f"; {len(shown)} of them are drawn" if everybody > len(shown) else ""
        return f"{plural(everybody, 'test image')} of {images:,} {verb} wrong for {who}{part}"
    if first.of_cells > 1:
        return f"No test image is wrong for every cell; the hardest is for {first.cells} of {first.of_cells}"
    return f"The hardest test image is wrong for {percent(first.trials / first.of_trials, 0)} of the seeds"
