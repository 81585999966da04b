"""What every task has to say in a lesson."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from bench.render.exports.lesson.subject import Kind

if TYPE_CHECKING:
    from bench.render.exports.lesson.subject import Step, Subject

PREDICT = "model.predict(scale(x_test), batch_size=1000, verbose=0)"
"""What the network puts out for the test examples."""


class Words(Protocol):
    """The words and the code of a task. Code is a list of lines.

    Attributes:
        truth_text: what is printed of an example's true value, in words.
    """

    truth_text: str

    def names(self, of: Subject) -> list[str]:
        """Code that names what is predicted."""

    def predicted(self, of: Subject) -> str:
        """What is predicted, as a sentence after a space; empty where the names say it."""

    def truth(self, row: str) -> str:
        """An expression that puts a true value into words.

        Args:
            row: the variable that holds it.
        """

    def encoding(self, of: Subject) -> tuple[list[str], str]:
        """Code of the function `target`, which gives true values the form that the loss takes; and what it does."""

    def last_layer(self, of: Subject) -> str:
        """What the last layer puts out, as a sentence."""

    def reading(self, of: Subject) -> tuple[list[str], str]:
        """Code from what the network puts out to `predicted`; and the variable that scores read."""

    def mistakes(self, of: Subject) -> Step:
        """The last step: what the network gets wrong."""


def predict(of: Subject) -> str:
    """The call that predicts; a network of another precision may put out other floats."""
    return PREDICT if of.cell.precision == "float32" else f"{PREDICT}.astype(np.float32)"


SIGMOID = "1 / (1 + np.exp(-logits))"
"""The probability that a logit stands for, taken by itself."""

EACH_BY_ITSELF = ("binary_crossentropy", "binary_focal_crossentropy")
"""Losses that take every output by itself."""

HINGES = ("hinge", "squared_hinge")
"""Losses that train an output to lie on either side of 0."""


def separate(of: Subject) -> tuple[list[str], str]:
    """Code that makes a probability of each output by itself; and the variable that holds them.

    Values that are neither probabilities nor logits stay as they are, under the name `outputs`.
    """
    if of.outputs_are == "logits":
        return [f"logits = {predict(of)}", f"probabilities = {SIGMOID}"], "probabilities"
    if of.outputs_are == "values" and of.trained_by in HINGES:
        return [f"outputs = np.clip(({predict(of)} + 1) / 2, 0, 1)"], "outputs"
    name = "probabilities" if of.outputs_are == "probabilities" else "outputs"
    return [f"{name} = {predict(of)}"], name


def compared(of: Subject) -> str:
    """Code that sets what is true of the examples in `wrong` beside what was predicted, by `describe`."""
    if of.kind is not Kind.PICTURE:
        return (
            "for number in wrong:\n"
            '    print(f"{number}: {describe(y_test[number])}; predicted: {describe(predicted[number])}")'
        )
    return (
        "figure, axes = plt.subplots(2, 6, figsize=(11, 4.6))\n"
        "for axis, number in zip(axes.flat, wrong):\n"
        '    axis.imshow(x_test[number].squeeze(), cmap="gray_r")\n'
        '    axis.set_title(f"{describe(y_test[number])}\\n{describe(predicted[number])}", fontsize=7)\n'
        "for axis in axes.flat:\n"
        '    axis.axis("off")\n'
        "plt.show()"
    )
