"""A cell as a lesson: the steps of its training in plain Keras, each with what it is there for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.core.formatting import count, percent, printable
from bench.declare.schedule import Constant
from bench.render.treatment import inputs_text, loss_text

if TYPE_CHECKING:
    from bench.declare.cell import Cell
    from bench.record.records import TrialRecord
    from bench.record.treatment import CompileRecord

HELD_OUT_NOTE = "They are drawn with a number of their own, so that every seed holds out the same."


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
        loss: its class in `keras.losses`; empty where a name is enough.
        schedule: the call that makes the learning rate's schedule; empty for a constant one.
        data_file: name of the archive beside the lesson.
        dataset: in words.
        classes: names, by number.
        image_shape: height, width, channels.
        picture: whether the examples are pictures that can be drawn.
        held_out_seed: draws the images held out for validation.
    """

    trial: TrialRecord
    layers: tuple[str, ...]
    target: str
    optimizer: str
    loss: str
    schedule: str
    data_file: str
    dataset: str
    classes: tuple[str, ...]
    image_shape: tuple[int, ...]
    picture: bool
    held_out_seed: int

    @property
    def cell(self) -> Cell:
        """The cell of the trial."""
        return self.trial.cell

    @property
    def compiled(self) -> CompileRecord | None:
        """What the builder compiled the model with; None where the suite did."""
        compiled = self.trial.outcome.compiled
        return compiled if compiled is not None and compiled.by == "builder" else None

    @property
    def sparse(self) -> bool:
        """Whether the loss takes classes by their number."""
        return self.compiled.loss.startswith("sparse_") if self.compiled else self.cell.settings.loss.sparse

    @property
    def examples(self) -> str:
        """What the examples are called."""
        return "images" if self.picture else "examples"


def lesson(subject: Subject) -> tuple[Step, ...]:
    """The steps, from loading the data to looking at the mistakes."""
    return (
        _prepare(subject),
        _load(subject),
        _look(subject),
        _targets(subject),
        _build(subject),
        _compile(subject),
        _train(subject),
        _evaluate(subject),
        _mistakes(subject),
    )


def _prepare(of: Subject) -> Step:
    cell, threads = of.cell, of.trial.outcome.threads
    lines = ["import os", "", f'os.environ["KERAS_BACKEND"] = {cell.backend!r}', ""]
    lines += ["import keras", *(["import matplotlib.pyplot as plt"] if of.picture else []), "import numpy as np"]
    # names of classes are text, whatever dollar signs they hold
    drawing = ['plt.rcParams["text.parse_math"] = False'] if of.picture else []
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
        f"{of.dataset}: {of.examples} to learn from, and others that the network never sees before it is tested. The "
        "archive lies beside this file: run it in its own folder.",
        f"with np.load({of.data_file!r}) as archive:\n"
        '    x_train, y_train = archive["x_train"], archive["y_train"]\n'
        '    x_test, y_test = archive["x_test"], archive["y_test"]\n\n'
        f"classes = {list(of.classes)!r}\n"
        f'print(f"{{len(x_train):,}} training {of.examples}, {{len(x_test):,}} test {of.examples} of '
        '{x_train.shape[1:]}")',
    )


def _look(of: Subject) -> Step:
    if not of.picture:
        return Step(
            "Look at the examples",
            "Before anything is computed, look at the data: a class, and the first values of an example.",
            "for example, label in list(zip(x_train, y_train))[:6]:\n"
            "    print(classes[int(label)], np.round(example.ravel()[:8], 3))",
        )
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
            f"{percent(settings.validation_split, 0)} of the training {of.examples} are held out: they show how well "
            f"the network does on what it does not learn from, without touching the test set. {HELD_OUT_NOTE}"
        )
    code += _scaling(of)
    text.append(_scaling_text(of))
    if of.sparse:
        code += ["def target(labels):", "    return labels.astype(np.int64)"]
        text.append("The loss takes classes by their number.")
    else:
        code += ["def target(labels):", "    return np.eye(len(classes), dtype=np.float32)[labels.astype(int)]"]
        text.append("A class becomes a row of zeros with a single one, which is what the network is to put out.")
    return Step("Prepare inputs and targets", " ".join(text), "\n".join(code))


def _scaling(of: Subject) -> list[str]:
    """The function `scale`, as the trial's inputs were scaled."""
    inputs, declared = of.trial.outcome.inputs, of.cell.settings.input_scaling
    head = ["def scale(inputs):", "    inputs = inputs.astype(np.float32)"]
    if declared == "standard":
        lines = ["mean = np.float32(np.mean(x_train, dtype=np.float64))",
                 "deviation = np.float32(np.std(x_train, dtype=np.float64) or 1.0)", "", "",
                 *head, "    return (inputs - mean) / deviation"]  # fmt: skip
    elif inputs is None and declared == "unit":  # a record of version 0.1, which went by the type of the values
        lines = ["whole = np.float32(255 if x_train.dtype == np.uint8 else 1)", "", "",
                 *head, "    return inputs / whole"]  # fmt: skip
    elif inputs is not None and inputs.divisor != 1:
        lines = [*head, f"    return inputs / np.float32({inputs.divisor:.9g})"]
    else:
        lines = [*head, "    return inputs"]
    return [*lines, "", ""]


def _scaling_text(of: Subject) -> str:
    inputs = of.trial.outcome.inputs
    if inputs is not None:
        return f"Inputs are {inputs_text(inputs)}."
    match of.cell.settings.input_scaling:
        case "standard":
            return "Inputs are shifted and scaled to mean 0 and deviation 1 over the training set."
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
    title = "Choose loss and optimizer"
    if of.compiled:
        return Step(
            title,
            f"The function that made the network has compiled it already: loss {loss_text(of.compiled)}, optimizer "
            f"{of.compiled.optimizer_text} with learning rate {of.compiled.learning_rate}.",
            "print(model.optimizer.get_config())",
        )
    settings = of.cell.settings
    constant = isinstance(settings.learning_rate, Constant)
    rate = repr(settings.learning_rate.initial) if constant else "schedule"
    options = "".join(f", {key}={value!r}" for key, value in settings.optimizer.options.items())
    before = "" if constant else f"schedule = {of.schedule}\n"
    text = (
        f"The loss says how wrong the network is ({settings.loss.name.replace('_', ' ')}); the optimizer says how its "
        "weights are changed to be less wrong, and the learning rate by how much at a time."
    )
    if settings.loss.from_logits:
        text += " The network puts out logits, and the loss turns them into probabilities."
    if not constant:
        text += " Here the learning rate changes from step to step."
    loss = repr(settings.loss.name)
    if settings.loss.options:
        words = ", ".join(f"{key}={value!r}" for key, value in settings.loss.options.items())
        loss = f"keras.losses.{of.loss}({words})"
    return Step(
        title,
        text,
        f"{before}model.compile(\n    optimizer=keras.optimizers.{of.optimizer}(learning_rate={rate}{options}),\n"
        f'    loss={loss},\n    metrics=["accuracy"],\n)',
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
        f"{count(settings.epochs)} epochs: in each, every training example is seen once, {count(settings.batch_size)} "
        "at a time; after each such batch the weights change a little.",
        f"history = model.fit(\n    scale(x_train),\n    target(y_train),\n    batch_size={settings.batch_size},\n"
        f"    epochs={settings.epochs},\n{extra}    verbose=2,\n)",
    )


def _evaluate(of: Subject) -> Step:
    outcome, cell = of.trial.outcome, of.cell
    right, total = (outcome.test_images or 0) - (outcome.test_errors or 0), count(outcome.test_images)
    code = [
        "predicted = np.argmax(model.predict(scale(x_test), batch_size=1000, verbose=0), axis=1)",
        "right = int(np.sum(predicted == y_test))",
        f'print(f"Test accuracy {{right / len(y_test):.2%}}: {{right:,}} of {{len(y_test):,}} {of.examples}")',
        f'print("In the benchmark: {percent(outcome.accuracy)}, {count(right)} of {total} {of.examples}")',
    ]
    text = (
        f"Only now the test {of.examples} are used, once: choosing anything by them would make the figure look better "
        "than it is."
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
            "differently; an example more or less may be right here."
        )
    return Step("Test", text, "\n".join(code))


def _mistakes(of: Subject) -> Step:
    if not of.picture:
        return Step(
            "Look at the mistakes",
            "The examples that the network gets wrong: the number of the example, its class and what was predicted.",
            "for number in np.flatnonzero(predicted != y_test)[:12]:\n"
            "    print(number, classes[int(y_test[number])], classes[predicted[number]])",
        )
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
