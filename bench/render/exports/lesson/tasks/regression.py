"""One or more measured values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import plural
from bench.render.exports.lesson.subject import Kind
from bench.render.exports.lesson.tasks.words import predict

if TYPE_CHECKING:
    from bench.render.exports.lesson.subject import Subject


class ValueWords:
    """See `Words`."""

    truth_text = "the true value of an example"

    def names(self, of: Subject) -> list[str]:
        """The names of the values, and a function that puts those of an example into words."""
        return [
            f"quantities = {list(of.target.names)!r}",
            "",
            "",
            "def describe(row):",
            '    return ", ".join(f"{name} {value:.4g}" for name, value in zip(quantities, row))',
            "",
            "",
        ]

    def predicted(self, of: Subject) -> str:
        """How many values are predicted."""
        return f" The network predicts {plural(of.target.width, 'number')} for each of them."

    def truth(self, row: str) -> str:
        """The values of an example, with their names."""
        return f"describe({row})"

    def encoding(self, of: Subject) -> tuple[list[str], str]:
        """The values as they are."""
        del of
        return ["def target(rows):", "    return rows.astype(np.float32)"], "True values are taken as they are."

    def last_layer(self, of: Subject) -> str:
        """The predicted values."""
        return f"The last one gives the predicted {'value' if of.target.width == 1 else 'values'}."

    def reading(self, of: Subject) -> tuple[list[str], str]:
        """What the network puts out is the prediction."""
        return [f"predicted = {predict(of)}"], "predicted"

    def mistakes(self, of: Subject) -> tuple[str, str, str]:
        """The examples with the largest errors."""
        mean = "" if of.target.width == 1 else ", the mean over what is predicted"
        text = f"The {of.examples} with the largest errors{mean}"
        head = 'error = np.abs(predicted - y_test).mean(axis=1)\nwrong = np.argsort(-error, kind="stable")[:12]\n'
        if of.kind is not Kind.PICTURE:
            return (
                "Look at the largest errors",
                f"{text}: the number of the example, its true value and what was predicted.",
                f"{head}for number in wrong:\n"
                '    print(f"{number}: {describe(y_test[number])}; predicted: {describe(predicted[number])}")',
            )
        return (
            "Look at the largest errors",
            f"{text}: above each its true value, and below that what was predicted.",
            f"{head}figure, axes = plt.subplots(2, 6, figsize=(11, 4.6))\n"
            "for axis, number in zip(axes.flat, wrong):\n"
            '    axis.imshow(x_test[number].squeeze(), cmap="gray_r")\n'
            '    axis.set_title(f"{describe(y_test[number])}\\n{describe(predicted[number])}", fontsize=7)\n'
            "for axis in axes.flat:\n"
            '    axis.axis("off")\n'
            "plt.show()",
        )
