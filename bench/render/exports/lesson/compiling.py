"""The step that chooses the loss and the optimizer."""

from __future__ import annotations

from keyword import iskeyword
from typing import TYPE_CHECKING

from bench.core.target import Task
from bench.declare.schedule import Constant, OwnSchedule
from bench.declare.values import is_reference
from bench.render.exports.lesson.own import imports
from bench.render.exports.lesson.subject import Step
from bench.render.treatment import loss_text

if TYPE_CHECKING:
    from bench.record.treatment import CompileRecord
    from bench.render.exports.lesson.subject import Subject

TITLE = "Choose loss and optimizer"


def choose_loss(of: Subject) -> Step:
    """Loss, optimizer and learning rate."""
    if of.compiled:
        return _by_builder(of.compiled)
    settings = of.settings
    rate, optimizer, loss = settings.learning_rate, settings.optimizer, settings.loss
    own_rate = rate.schedule if isinstance(rate, OwnSchedule) else ""
    own_optimizer = optimizer.name if is_reference(optimizer.name) else ""
    lines, names = imports(own_rate, own_optimizer, loss.name if loss.own else "")
    if isinstance(rate, OwnSchedule):
        words = _words({"epochs": settings.epochs, **rate.options})
        lines = ["import math", "", *lines]
        before = (
            f"schedule = {names[rate.schedule]}(\n    {rate.initial!r}, "
            f"steps_per_epoch=math.ceil(len(y_train) / {settings.batch_size}){words}\n)\n"
        )
    else:
        before = "" if isinstance(rate, Constant) else f"schedule = {of.schedule}\n"
    value = repr(rate.initial) if isinstance(rate, Constant) else "schedule"
    kind = names[own_optimizer] if own_optimizer else f"keras.optimizers.{of.optimizer}"
    code = _renamed(of.loss, loss.name, names[loss.name]) if loss.own else of.loss
    metrics = '    metrics=["accuracy"],\n' if of.task is Task.CLASSES else ""
    return Step(
        TITLE,
        _text(of, constant=isinstance(rate, Constant)),
        "".join(f"{line}\n" for line in lines)
        + ("\n" if lines else "")
        + f"{before}model.compile(\n    optimizer={kind}(learning_rate={value}{_words(optimizer.options)}),\n"
        f"    loss={code},\n{metrics})",
    )


def _by_builder(compiled: CompileRecord) -> Step:
    return Step(
        TITLE,
        f"The function that made the network has compiled it already: loss {loss_text(compiled)}, optimizer "
        f"{compiled.optimizer_text} with learning rate {compiled.learning_rate}.",
        "print(model.optimizer.get_config())",
    )


def _text(of: Subject, *, constant: bool) -> str:
    loss, own = of.settings.loss, []
    name = f"your own {loss.name}" if loss.own else of.loss_name.replace("_", " ")
    text = (
        f"The loss measures how wrong the network is ({name}). The optimizer changes the weights to make the loss "
        "smaller. The learning rate is the size of its steps."
    )
    if loss.from_logits:
        text += " The outputs of the network are logits, and the loss turns them into probabilities."
    if is_reference(of.settings.optimizer.name):
        own.append("The optimizer")
    if isinstance(of.settings.learning_rate, OwnSchedule):
        own.append("the learning rate" if own else "The learning rate")
    if not constant:
        text += " Here the learning rate changes from step to step."
    if own:
        text += f" {' and '.join(own)} {'come' if len(own) > 1 else 'comes'} from a function of your own."
    return text


def _renamed(code: str, reference: str, name: str) -> str:
    """The code of a loss of the user's own, under the name that it has in the lesson."""
    head, lambda_ends, call = code.partition(": ") if code.startswith("lambda ") else ("", "", code)
    return f"{head}{lambda_ends}{name}{call.removeprefix(reference.rpartition(':')[2])}"


def _words(options: dict[str, object]) -> str:
    """Further arguments of a call; what is no name in Python goes in as a dictionary and is code nowhere."""
    plain = {key: value for key, value in options.items() if key.isidentifier() and not iskeyword(key)}
    others = {key: value for key, value in options.items() if key not in plain}
    return "".join(f", {key}={value!r}" for key, value in plain.items()) + (f", **{others!r}" if others else "")
