"""The first steps of a lesson: what it needs, its data, and a look at them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.render.exports.lesson.subject import Kind, Step
from bench.render.exports.lesson.tasks import words_of

if TYPE_CHECKING:
    from bench.render.exports.lesson.subject import Subject

_MOST_FEATURES = 8
"""Columns of a table that are printed."""


def prepare(of: Subject) -> Step:
    """Imports, and everything that fixes random numbers and the order of operations."""
    cell, threads = of.cell, of.trial.outcome.threads
    lines = ["import os", "", f'os.environ["KERAS_BACKEND"] = {cell.backend!r}', ""]
    lines += ["import keras", *(["import matplotlib.pyplot as plt"] if of.drawn else []), "import numpy as np"]
    # names of classes are text, whatever dollar signs they hold
    drawing = ['plt.rcParams["text.parse_math"] = False'] if of.drawn else []
    text = (
        f"Random numbers draw the first weights and the order of the {of.examples}. A fixed seed makes them the same "
        "every time, so that a training can be repeated."
    )
    if cell.follows:
        text += (
            " The trial began with the weights and the order of another backend, so its score differs from the score "
            "of this program as the scores of two seeds differ."
        )
    settings = [f"keras.utils.set_random_seed({of.trial.seed})"]
    if cell.precision != "float32":
        settings.insert(0, f"keras.config.set_dtype_policy({cell.precision!r})")
    if cell.backend == "tensorflow" and (cell.deterministic or "threads" in cell.device):
        lines.append("import tensorflow as tf")
        held = [f"tf.config.threading.set_intra_op_parallelism_threads({threads})"] if threads else []
        if cell.deterministic:
            held.append("tf.config.experimental.enable_op_determinism()")
            held.append('tf.config.optimizer.set_experimental_options({"constant_folding": False})')
            text += " The order of operations is fixed too, so the final weights are the same, bit by bit."
        settings = held + settings
    return Step("Prepare", text, "\n".join([*lines, "", *settings, *drawing]))


def load_data(of: Subject) -> Step:
    """The arrays of the archive, and the names of what is predicted."""
    code = [f"with np.load({of.data_file!r}) as archive:"]
    if of.several:
        names = f"inputs = {[one_input.name for one_input in of.inputs]!r}"
        code = [names, *code]
        code += [
            f'    x_{part} = {{name: archive[f"x_{part}/{{name}}"] for name in inputs}}' for part in ("train", "test")
        ]
        code.append('    y_train, y_test = archive["y_train"], archive["y_test"]')
        size, shapes = "y", "{name: values.shape[1:] for name, values in x_train.items()}"
    else:
        code += [f'    x_{part}, y_{part} = archive["x_{part}"], archive["y_{part}"]' for part in ("train", "test")]
        size, shapes = "x", "x_train.shape[1:]"
    code += ['    w_train = archive["w_train"]'] if of.weighted else []
    code += ["", *words_of(of).names(of)]
    counted = f"{{len({size}_train):,}} training {of.examples}, {{len({size}_test):,}} test {of.examples}"
    if of.several:
        code += [f'print(f"{counted}")', f"print({shapes})"]
    else:
        code.append(f'print(f"{counted} of {{{shapes}}}")')
    return Step(
        "Load the data",
        f"{of.dataset}: training {of.examples}, and test {of.examples} that the network does not see during "
        f"training.{words_of(of).predicted(of)} The archive is in the folder of this file: run this file there.",
        "\n".join(code),
    )


def look(of: Subject) -> Step:
    """A few of the training examples, with what is true of them."""
    truth = words_of(of).truth("label")
    if of.several:
        return Step(
            "Look at the examples",
            "Before training, look at the data: the true value of an example, and the first values of each "
            "of its inputs.",
            f"for number, label in enumerate(y_train[:4]):\n    print({truth})\n"
            "    for name, values in x_train.items():\n"
            '        print("   ", name, np.round(values[number].ravel()[:8], 3))',
        )
    return _LOOKS[of.kind](of, truth)


def _pictures(_: Subject, truth: str) -> Step:
    return Step(
        "Look at the images",
        "Before training, look at some images.",
        "figure, axes = plt.subplots(2, 6, figsize=(9, 3.4))\n"
        "for axis, image, label in zip(axes.flat, x_train, y_train):\n"
        '    axis.imshow(image.squeeze(), cmap="gray_r")\n'
        f"    axis.set_title({truth})\n"
        '    axis.axis("off")\n'
        "plt.show()",
    )


def _sequences(of: Subject, truth: str) -> Step:
    lines = (
        "each line is a channel of the sequence" if of.inputs[0].shape[-1] > 1 else "from the first step to the last"
    )
    return Step(
        "Look at the sequences",
        f"Before training, look at the data: {lines}.",
        'figure, axes = plt.subplots(2, 3, figsize=(9, 4.6), sharey=True, layout="constrained")\n'
        "for axis, example, label in zip(axes.flat, x_train, y_train):\n"
        "    axis.plot(example)\n"
        f"    axis.set_title({truth}, fontsize=9)\n"
        "plt.show()",
    )


def _table(of: Subject, truth: str) -> Step:
    features = of.inputs[0].features
    text = "Before training, look at the first rows: the true value of each, and its columns."
    if len(features) > _MOST_FEATURES:
        text += f" There are {len(features):,} columns; the first {_MOST_FEATURES} are printed."
    return Step(
        "Look at the rows",
        text,
        f"features = {list(features[:_MOST_FEATURES])!r}\n"
        "for row, label in list(zip(x_train, y_train))[:6]:\n"
        f"    print({truth}, {{name: round(float(value), 3) for name, value in zip(features, row)}})",
    )


def _values(of: Subject, truth: str) -> Step:
    kind = "ids" if of.kind is Kind.IDS else "values"
    return Step(
        "Look at the examples",
        f"Before training, look at the data: {words_of(of).truth_text}, and the first {kind} of an example.",
        f"for example, label in list(zip(x_train, y_train))[:6]:\n    print({truth}, np.round(example.ravel()[:8], 3))",
    )


_LOOKS = {
    Kind.PICTURE: _pictures,
    Kind.SEQUENCE: _sequences,
    Kind.TABLE: _table,
    Kind.IDS: _values,
    Kind.OTHER: _values,
}
