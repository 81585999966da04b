"""The examples that cells get most wrong: pictures as they are, anything else as rows with their values."""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.ticker import MaxNLocator

from bench.analyse.predictions import hardest, wrong_for_all
from bench.core.formatting import number, percent, plural
from bench.core.target import Task
from bench.render.charts.axes import quiet, value_axis
from bench.render.charts.canvas import Chart, canvas, name, svg_text
from bench.render.charts.palette import stand_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from bench.analyse.predictions import HardExample
    from bench.record.records import Exhibit
    from bench.render.charts.examples import Examples

NAME = "hardest-examples"
COLUMNS = 6
TALL, TALLER = 146, 166  # pixels of a row of images with a line above each, or two
LINE = 26  # pixels of a row without a picture
CLASS = 11  # characters of a class's name above an image
SHORT = 18  # characters of the true value, in its own line above an image
VALUE = 26  # characters of a true or predicted value next to a bar
FEATURES = 24  # columns of the table
TEXT_WIDTH = 200  # characters of a true or predicted value in the table
FEATURE_WIDTH = 200  # characters of an input's values in the table
COLOUR_CHANNELS = 3


def hardest_examples(examples: Examples) -> Chart | None:
    """A picture, or a row, per example, the hardest first.

    Returns:
        None where nothing was wrong, or the run kept none of these examples.
    """
    answers = examples.answers
    kept = {exhibit.image: exhibit for exhibit in examples.exhibits if exhibit.dataset == answers.sha256}
    drawn = [example for example in hardest(answers) if example.number in kept]
    if not drawn:
        return None
    exhibits = [kept[example.number] for example in drawn]
    pictures = all(exhibit.pixels for exhibit in exhibits)
    title = _finding(examples, drawn)
    tall = TALL if answers.target.task is Task.CLASSES else TALLER
    with canvas(tall * -(-len(drawn) // COLUMNS) + 20 if pictures else 76 + LINE * len(drawn)) as figure:
        if pictures:
            grid = figure.subplots(-(-len(drawn) // COLUMNS), COLUMNS, squeeze=False)
            _images(list(grid.flat), examples, drawn, exhibits)
        else:
            _rows(figure.subplots(), examples, drawn)
        number_of = plural(len(drawn), f"test {examples.noun}")
        alt = f"{number_of} of {name(answers.dataset)} with the largest errors. {title}."
        svg = svg_text(figure, NAME + examples.suffix, title, alt)
    features = list(dict.fromkeys(feature for exhibit in exhibits for feature, _ in exhibit.values))[:FEATURES]
    values = [dict(exhibit.values) for exhibit in exhibits]
    return Chart(
        name=NAME + examples.suffix,
        heading=f"The hardest {examples.nouns}",
        title=title,
        alt=alt,
        note=_note(examples, drawn, pictures=pictures),
        svg=svg,
        columns=(f"test {examples.noun}", *_columns(examples), *(name(feature) for feature in features)),
        rows=tuple(
            (
                f"number {example.number}",
                *_figures(examples, example),
                *(name(of.get(feature, ""), FEATURE_WIDTH) for feature in features),
            )
            for example, of in zip(drawn, values, strict=True)
        ),
        table_note="Values of inputs as they are in the data, before any scaling." if features else "",
    )


def _images(
    panels: Sequence[Axes], examples: Examples, drawn: Sequence[HardExample], exhibits: Sequence[Exhibit]
) -> None:
    classes = examples.answers.target.task is Task.CLASSES
    for axes in panels:
        axes.set_axis_off()
        # layout measures every tick, even of an axis that is off
        axes.xaxis.set_visible(False)
        axes.yaxis.set_visible(False)
    for axes, example, exhibit in zip(panels, drawn, exhibits, strict=False):
        axes.imshow(_picture(exhibit.pixels), cmap="gray_r", vmin=0, vmax=255, interpolation="none")
        true = examples.text(example.truth, CLASS if classes else SHORT)
        taken = examples.text(example.predicted, CLASS if classes else SHORT - 4)
        axes.set_title(
            f"{true}, not {taken}" if classes else f"{true}\nnot {taken}",
            fontsize=11 if classes else 10, color=stand_in("ink"), loc="center", pad=4,
        )  # fmt: skip
        axes.text(
            0.5, -0.03, _share(examples, example), transform=axes.transAxes, ha="center", va="top", fontsize=10,
            color=stand_in("muted"),
        )  # fmt: skip


def _rows(axes: Axes, examples: Examples, drawn: Sequence[HardExample]) -> None:
    """True and predicted value of each example if one value is predicted; else its error, as a bar."""
    ink, accent, places = stand_in("ink"), stand_in("accent"), range(len(drawn))
    if _one_value(examples):
        true, taken = (
            [values[0] for values in side] for side in zip(*((e.truth, e.predicted) for e in drawn), strict=True)
        )
        axes.hlines(places, true, taken, color=stand_in("muted"), linewidth=1.6)
        axes.plot(true, places, linestyle="none", marker="o", markersize=8, color=ink, label="true")
        axes.plot(taken, places, linestyle="none", marker="X", markersize=8, color=accent, label="predicted")
        value_axis(axes.xaxis, [*true, *taken])
        axes.set_xlabel(name(examples.answers.name(0)))
        axes.figure.legend(loc="outside upper left", ncols=2)
    else:
        errors = [_wrongness(examples, example) for example in drawn]
        axes.barh(places, errors, height=0.55, color=accent, linewidth=0)
        for place, example, error in zip(places, drawn, errors, strict=True):
            axes.annotate(
                _difference(examples, example), (error, place), xytext=(6, 0), textcoords="offset points",
                va="center_baseline", fontsize=11, color=ink,
            )  # fmt: skip
        axes.set_xlim(0, max(errors) * 1.9)
        axes.set_xticks([tick for tick in MaxNLocator(5).tick_values(0, max(errors)) if tick <= max(errors)])
        axes.set_xlabel(_WRONGNESS[examples.answers.target.task][0])
    axes.set_yticks(places, [f"number {example.number}" for example in drawn])
    axes.set_ylim(len(drawn) - 0.4, -0.6)
    quiet(axes, grid="x")


def _difference(examples: Examples, example: HardExample) -> str:
    """True and predicted value, in few words; of several values, the value with the largest error."""
    if examples.answers.target.task is Task.REGRESSION:
        off = [abs(true - taken) for true, taken in zip(example.truth, example.predicted, strict=True)]
        place = off.index(max(off))
        target = name(examples.answers.name(place), VALUE)
        return f"{target} is {number(example.truth[place])}, predicted {number(example.predicted[place])}"
    true, taken = (examples.text(values, VALUE) for values in (example.truth, example.predicted))
    return f"{true}, not {taken}"


def _one_value(examples: Examples) -> bool:
    return examples.answers.target.task is Task.REGRESSION and examples.answers.target.width == 1


def _cells_or_trials(example: HardExample) -> tuple[int, int]:
    """The number that misclassify it, and the total: cells, or trials if there is one cell."""
    return (example.cells, example.of_cells) if example.of_cells > 1 else (example.trials, example.of_trials)


def _share_wrong(example: HardExample) -> float:
    wrong, of = _cells_or_trials(example)
    return 100 * wrong / of


_WRONGNESS: dict[Task, tuple[str, Callable[[HardExample], float]]] = {
    Task.CLASSES: ("wrong predictions, % of cells", _share_wrong),
    Task.MULTILABEL: ("wrong labels, %, mean over cells", lambda example: 100 * example.error),
    Task.REGRESSION: ("absolute error, mean over targets and cells", lambda example: example.error),
}


def _wrongness(examples: Examples, example: HardExample) -> float:
    return _WRONGNESS[examples.answers.target.task][1](example)


def _share(examples: Examples, example: HardExample) -> str:
    """The text below an image."""
    if examples.answers.target.task is Task.REGRESSION:
        return f"off by {number(example.error)}"
    wrong, of = _cells_or_trials(example)
    return f"{wrong} of {of} wrong"


def _columns(examples: Examples) -> tuple[str, ...]:
    return {
        Task.CLASSES: ("true class", "most often predicted", "cells wrong", "trials wrong"),
        Task.MULTILABEL: ("true labels", "predicted", "labels wrong", "cells wrong", "trials wrong"),
        Task.REGRESSION: ("true", "predicted", "absolute error"),
    }[examples.answers.target.task]


def _figures(examples: Examples, example: HardExample) -> tuple[str, ...]:
    texts = (examples.text(example.truth, TEXT_WIDTH), examples.text(example.predicted, TEXT_WIDTH))
    wrong = (f"{example.cells} of {example.of_cells}", f"{example.trials} of {example.of_trials}")
    return {
        Task.CLASSES: (*texts, *wrong),
        Task.MULTILABEL: (*texts, percent(example.error, 1), *wrong),
        Task.REGRESSION: (*texts, number(example.error)),
    }[examples.answers.target.task]


def _note(examples: Examples, drawn: Sequence[HardExample], *, pictures: bool) -> str:
    noun, several = examples.noun, drawn[0].of_cells > 1
    vote = ", each cell by the vote of its seeds" if several else ""
    if examples.answers.target.task is Task.REGRESSION:
        together = "cells, each by the median of its seeds" if several else "seeds"
        note = f"The error is the absolute error, averaged over {together if several else 'targets'}. "
        note += f"The predicted value is the median over all trials. The {noun} with the largest error comes first."
        if not pictures and not _one_value(examples):
            note += " The text next to a bar names the target with the largest error."
    elif examples.answers.target.task is Task.MULTILABEL:
        note = "The chart shows the true labels and the wrong set of labels that trials predict most often. The order "
        note += f"is by the share of wrong labels{vote}."
    else:
        note = f"The text {'above an image' if pictures else 'next to a bar'} is the true class and the most "
        note += f"frequent wrong prediction. {'The text below it' if pictures else 'The bar'} says how many "
        note += f"{'cells' if several else 'trials'} misclassify the {noun}{vote}. If these are equal, the {noun} that "
        note += "more trials misclassify comes first."
    if not pictures:
        note += " The table below has the values of the inputs."
    return note


def _picture(pixels: str) -> NDArray[np.uint8]:
    """(height, width) or (height, width, 3) uint8; of other numbers of channels the first is shown."""
    height, width, channels, *rest = zlib.decompress(base64.b64decode(pixels))
    image = np.array(rest, dtype=np.uint8).reshape(height, width, channels)
    return image if channels == COLOUR_CHANNELS else image[:, :, 0]


def _finding(examples: Examples, drawn: Sequence[HardExample]) -> str:
    """The number of examples that every cell misclassifies; the hardest example if there is none."""
    first, answers, noun = drawn[0], examples.answers, examples.noun
    if answers.target.task is Task.REGRESSION:
        who = "over all cells" if first.of_cells > 1 else "for the only cell"
        mean = "a mean absolute error" if first.of_cells > 1 or answers.target.width > 1 else "an absolute error"
        text = f"Test {noun} {first.number} is the hardest: {mean} of {number(first.error)} {who}"
        return f"{text}; {_difference(examples, first)}"
    everybody, total = wrong_for_all(answers), len(answers.truth)
    who = "every cell" if first.of_cells > 1 else "every seed"
    if everybody:
        verb = "is" if everybody == 1 else "are"
        part = f"; the {len(drawn)} hardest are shown" if everybody > len(drawn) else ""
        return f"{plural(everybody, f'test {noun}')} of {total:,} {verb} misclassified by {who}{part}"
    wrong, of = _cells_or_trials(first)
    if first.of_cells > 1:
        return f"No test {noun} is misclassified by every cell; {wrong} of {of} misclassify the hardest"
    return f"The hardest test {noun} is misclassified by {percent(wrong / of, 0)} of the seeds"
