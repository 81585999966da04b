"""The step that trains."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import count, number, plural
from bench.render.exports.lesson.own import imports
from bench.render.exports.lesson.subject import Step

if TYPE_CHECKING:
    from bench.declare.settings import TrainingSettings
    from bench.declare.stopping import EarlyStopping, ReduceOnPlateau
    from bench.render.exports.lesson.subject import Subject


def train(of: Subject) -> Step:
    """The call of `fit`."""
    settings, extra = of.settings, ""
    weights = "    sample_weight=w_train,\n" if of.weighs else ""
    if settings.validation_split:
        weight = ", w_validation" if of.weighted else ""
        extra += f"    validation_data=(scale(x_validation), target(y_validation){weight}),\n"
    lines, names = imports(*settings.callbacks)
    calls = [f"{names[reference]}()" for reference in settings.callbacks]
    if settings.reduce_on_plateau:
        calls.append(_plateau(settings.reduce_on_plateau))
    if settings.early_stopping:
        calls.append(_stopping(settings.early_stopping))
    if len(calls) == 1:
        extra += f"    callbacks=[{calls[0]}],\n"
    elif calls:
        extra += "    callbacks=[\n" + "".join(f"        {call},\n" for call in calls) + "    ],\n"
    head = "".join(f"{line}\n" for line in lines) + ("\n" if lines else "")
    return Step(
        "Train",
        _text(settings),
        f"{head}history = model.fit(\n    scale(x_train),\n    target(y_train),\n{weights}"
        f"    batch_size={settings.batch_size},\n    epochs={settings.epochs},\n{extra}    verbose=2,\n)",
    )


def _monitor(monitor: str) -> str:
    return monitor.replace("validation_", "val_")


def _stopping(rule: EarlyStopping) -> str:
    best = ", restore_best_weights=True" if rule.restore_best else ""
    words = f'"{_monitor(rule.monitor)}", patience={rule.patience}, min_delta={rule.min_delta!r}{best}'
    return f"keras.callbacks.EarlyStopping({words})"


def _plateau(rule: ReduceOnPlateau) -> str:
    words = (
        f'"{_monitor(rule.monitor)}", factor={rule.factor!r}, patience={rule.patience}, min_delta={rule.min_delta!r}, '
        f"cooldown={rule.cooldown}, min_lr={rule.min_rate!r}"
    )
    return f"keras.callbacks.ReduceLROnPlateau({words})"


def _text(settings: TrainingSettings) -> str:
    stopping, plateau = settings.early_stopping, settings.reduce_on_plateau
    most = "Up to " if stopping else ""
    text = (
        f"{most}{count(settings.epochs)} epochs: in each, every training example is seen once, "
        f"{count(settings.batch_size)} at a time. After each batch the weights change a little."
    )
    if plateau:
        text += (
            f" The learning rate is multiplied by {number(plateau.factor)} when the {_figure(plateau.monitor)} has not "
            f"improved for {plural(max(plateau.patience, 1), 'epoch')}."
        )
    if stopping:
        text += (
            f" Training ends when the {_figure(stopping.monitor)} has not improved for "
            f"{plural(max(stopping.patience, 1), 'epoch')} in a row"
            + ("; then the weights of the best epoch are restored." if stopping.restore_best else ".")
        )
    if settings.callbacks:
        many = len(settings.callbacks) > 1
        text += f" {'Callbacks of your own are' if many else 'A callback of your own is'} called during training."
    return text


def _figure(monitor: str) -> str:
    return monitor.replace("_", " ")
