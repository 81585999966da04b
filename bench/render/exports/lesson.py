"""A cell as a lesson: the steps of its training in plain Keras, each with what it is there for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.core.formatting import count, percent, printable
from bench.declare.settings import Constant

if TYPE_CHECKING:
    from bench.declare.cell import Cell
    from bench.record.records import TrialRecord

HELD_OUT_NOTE = "The images held out are drawn with a number of their own, so that every seed holds out the same."


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a lesson.

    Attributes:
        text: what it is there for, plain sentences.
        code: Python, complete given the steps before it.
    """

    title: str
    text: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is taught.

    Attributes:
        trial: whose training the lesson repeats.
        layers: a call per layer after the input; empty where `target` makes the model.
        target: the builder as `package.module:function`.
        optimizer: its class in `keras.optimizers`.
        schedule: the call that makes the learning rate's schedule; empty for a constant one.
        data_file: name of the archive beside the lesson.
        dataset: in words.
        classes: names, by number.
        image_shape: height, width, channels.
        held_out_seed: draws the images held out for validation.
    """

    trial: TrialRecord
    layers: tuple[str, ...]
    target: str
    optimizer: str
    schedule: str
    data_file: str
    dataset: str
    classes: tuple[str, ...]
    image_shape: tuple[int, ...]
    held_out_seed: int

    @property
    def cell(self) -> Cell:
        """The cell of the trial."""
        return self.trial.cell


def lesson(subject: Subject) -> tuple[Step, ...]:
    """The steps, from loading the data to looking at the mistakes."""
    return (
        _prepare(subject),
        _load(subject),
        _look(),
        _targets(subject),
        _build(subject),
        _compile(subject),
        _train(subject),
        _evaluate(subject),
        _mistakes(),
    )


def _prepare(of: Subject) -> Step:
    cell, threads = of.cell, of.trial.outcome.threads
    lines = ["import os", "", f'os.environ["KERAS_BACKEND"] = {cell.backend!r}', ""]
    lines += ["import keras", "import matplotlib.pyplot as plt", "import numpy as np"]
    # names of classes are text, whatever dollar signs they hold
    drawing = ['plt.rcParams["text.parse_math"] = False']
    text = (
        "Random numbers draw the first weights and the order of the images. A fixed seed makes them the same every "
        "time, so that a training can be repeated."
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
            text += " Operations are held to a fixed order as well, so that the last weights are the same to the bit."
        settings = held + settings
    return Step("Prepare", text, "\n".join([*lines, "", *settings, *drawing]))


def _load(of: Subject) -> Step:
    return Step(
        "Load the data",
        f"{of.dataset}: images to learn from, and others that the network never sees before it is tested. The archive "
        "lies beside this file: run it in its own folder.",
        f"with np.load({of.data_file!r}) as archive:\n"
        '    x_train, y_train = archive["x_train"], archive["y_train"]\n'
        '    x_test, y_test = archive["x_test"], archive["y_test"]\n\n'
        f"classes = {list(of.classes)!r}\n"
        'print(f"{len(x_train):,} training images, {len(x_test):,} test images of {x_train.shape[1:]}")',
    )


def _look() -> Step:
    return Step(
        "Look at the images",
        "Before anything is computed, look at what is to be told apart.",
        "figure, axes = plt.subplots(2, 6, figsize=(9, 3.4))\n"
        "for axis, image, label in zip(axes.flat, x_train, y_train):\n"
        '    axis.imshow(image.squeeze(), cmap="gray_r")\n'
        "    axis.set_title(classes[int(label)])\n"
        '    axis.axis("off")\n'
        "plt.show()",
    )


def _targets(of: Subject) -> Step:
    settings = of.cell.settings
    code, text = [], []
    if settings.validation_split:
        code += [
            f"order = np.random.default_rng({of.held_out_seed}).permutation(len(x_train))",
            f"held = round(len(x_train) * {settings.validation_split!r})",
            "held_out, kept = np.sort(order[:held]), np.sort(order[held:])",
            "x_validation, y_validation = x_train[held_out], y_train[held_out]",
            "x_train, y_train = x_train[kept], y_train[kept]",
            "",
        ]
        text.append(
            f"{percent(settings.validation_split, 0)} of the training images are held out: they show how well the "
            f"network does on images it does not learn from, without touching the test set. {HELD_OUT_NOTE}"
        )
    code += _scaling(settings.input_scaling)
    text.append(_scaling_text(settings.input_scaling))
    if settings.loss.startswith("sparse_"):
        code += ["def target(labels):", "    return labels.astype(np.int64)"]
        text.append("The loss takes classes by their number.")
    else:
        code += ["def target(labels):", "    return np.eye(len(classes), dtype=np.float32)[labels.astype(int)]"]
        text.append("A class becomes a row of zeros with a single one, which is what the network is to put out.")
    return Step("Prepare inputs and targets", " ".join(text), "\n".join(code))


def _scaling(name: str) -> list[str]:
    lines = ["def scale(images):", "    images = images.astype(np.float32)"]
    if name == "standard":
        lines = ["mean = np.float32(np.mean(x_train, dtype=np.float64))",
                 "deviation = np.float32(np.std(x_train, dtype=np.float64) or 1.0)", "", "",
                 *lines, "    return (images - mean) / deviation"]  # fmt: skip
    elif name == "unit":
        lines = ["whole = np.float32(255 if x_train.dtype == np.uint8 else 1)", "", "",
                 *lines, "    return images / whole"]  # fmt: skip
    else:
        lines.append("    return images")
    return [*lines, "", ""]


def _scaling_text(name: str) -> str:
    match name:
        case "standard":
            return "Inputs are shifted and scaled to mean 0 and deviation 1 over the training images."
        case "unit":
            return "Pixels from 0 to 255 become numbers from 0 to 1, which gradients handle better."
        case _:
            return "Inputs are taken as they are."


def _build(of: Subject) -> Step:
    parameters = of.trial.outcome.parameter_count
    size = f" It has {count(parameters)} weights to learn." if parameters else ""
    if not of.layers:
        module, _, name = of.target.partition(":")
        # a dictionary: what a suite calls its parameters need not be a name that Python takes
        words = f", **{of.cell.parameters!r}" if of.cell.parameters else ""
        return Step(
            "Build the network",
            f"This network is made by a function of your own.{size}",
            f"from {module} import {name}\n\n"
            f"model = {name}({of.image_shape!r}, {len(of.classes)}{words})\nmodel.summary()",
        )
    stack = "".join(f"        {line},\n" for line in (f"keras.Input({of.image_shape!r})", *of.layers))
    return Step(
        "Build the network",
        "Layers that follow one another: each takes what the one before puts out. The last one gives a probability per "
        f"class.{size}",
        f"model = keras.Sequential(\n    [\n{stack}    ]\n)\nmodel.summary()",
    )


def _compile(of: Subject) -> Step:
    settings = of.cell.settings
    constant = isinstance(settings.learning_rate, Constant)
    rate = repr(settings.learning_rate.initial) if constant else "schedule"
    options = "".join(f", {key}={value!r}" for key, value in settings.optimizer.options.items())
    before = "" if constant else f"schedule = {of.schedule}\n"
    text = (
        f"The loss says how wrong the network is ({settings.loss.replace('_', ' ')}); the optimizer says how its "
        "weights are changed to be less wrong, and the learning rate by how much at a time."
    )
    if not constant:
        text += " Here the learning rate changes from step to step."
    return Step(
        "Choose loss and optimizer",
        text,
        f"{before}model.compile(\n    optimizer=keras.optimizers.{of.optimizer}(learning_rate={rate}{options}),\n"
        f'    loss={settings.loss!r},\n    metrics=["accuracy"],\n)',
    )


def _train(of: Subject) -> Step:
    settings, extra = of.cell.settings, ""
    if settings.validation_split:
        extra += "    validation_data=(scale(x_validation), target(y_validation)),\n"
    if rule := settings.early_stopping:
        monitor = rule.monitor.replace("validation_", "val_")
        stop = f'"{monitor}", patience={rule.patience}, min_delta={rule.min_delta!r}'
        extra += f"    callbacks=[keras.callbacks.EarlyStopping({stop})],\n"
    return Step(
        "Train",
        f"{count(settings.epochs)} epochs: in each, every training image is seen once, {count(settings.batch_size)} at "
        "a time; after each such batch the weights change a little.",
        f"history = model.fit(\n    scale(x_train),\n    target(y_train),\n    batch_size={settings.batch_size},\n"
        f"    epochs={settings.epochs},\n{extra}    verbose=2,\n)",
    )


def _evaluate(of: Subject) -> Step:
    outcome, cell = of.trial.outcome, of.cell
    right, total = (outcome.test_images or 0) - (outcome.test_errors or 0), count(outcome.test_images)
    code = [
        "predicted = np.argmax(model.predict(scale(x_test), batch_size=1000, verbose=0), axis=1)",
        "right = int(np.sum(predicted == y_test))",
        'print(f"Test accuracy {right / len(y_test):.2%}: {right:,} of {len(y_test):,} images")',
        f'print("In the benchmark: {percent(outcome.accuracy)}, {count(right)} of {total} images")',
    ]
    text = (
        "Only now the test images are used, once: choosing anything by them would make the figure look better than it "
        "is."
    )
    if cell.deterministic and outcome.weights_digest:
        code = [
            "import hashlib", "", *code, "",
            "digest = hashlib.sha256()",
            "for weight in map(np.ascontiguousarray, model.get_weights()):",
            '    digest.update(f"{weight.shape}{weight.dtype}".encode())',
            "    digest.update(weight.data)",
            f"same = digest.hexdigest() == {outcome.weights_digest!r}",
            'print("The weights are those of the benchmark,", "bit by bit" if same else "but not bit by bit")',
        ]  # fmt: skip
    elif outcome.engine not in {"fit", "epoch"}:
        text += (
            f" The benchmark trained with its engine {printable(outcome.engine or '')}, which rounds a little "
            "differently; an image more or less may be right here."
        )
    return Step("Test", text, "\n".join(code))


def _mistakes() -> Step:
    return Step(
        "Look at the mistakes",
        "The images that the network gets wrong: would you have read them rightly?",
        "wrong = np.flatnonzero(predicted != y_test)[:12]\n"
        "figure, axes = plt.subplots(2, 6, figsize=(9, 3.6))\n"
        "for axis, number in zip(axes.flat, wrong):\n"
        '    axis.imshow(x_test[number].squeeze(), cmap="gray_r")\n'
        '    axis.set_title(f"{classes[int(y_test[number])]}, read as {classes[predicted[number]]}", fontsize=8)\n'
        "for axis in axes.flat:\n"
        '    axis.axis("off")\n'
        "plt.show()",
    )
