"""One or more measured values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import plural
from bench.render.exports.lesson.subject import Kind, Step
from bench.render.exports.lesson.tasks.words import compared, predict

if TYPE_CHECKING:
    from bench.render.exports.lesson.subject import Subject

_MOST_NAMES = 6
"""Names of values in a sentence."""


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
        """The names of the values."""
        names = of.target.names
        more = f" and {plural(len(names) - _MOST_NAMES, 'further value')}" if len(names) > _MOST_NAMES else ""
        return f" What is to be predicted of each: {', '.join(names[:_MOST_NAMES])}{more}."

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

    def mistakes(self, of: Subject) -> Step:
        """The examples with the largest errors."""
        mean = "" if of.target.width == 1 else ", the mean over what is predicted"
        where = "below" if of.kind is Kind.PICTURE else "after"
        return Step(
            "Look at the largest errors",
            f"The {of.examples} with the largest errors{mean}: what is true of each, and {where} it what was "
            "predicted.",
            "error = np.abs(predicted - y_test).mean(axis=1)\n"
            'wrong = np.argsort(-error, kind="stable")[:12]\n'
            f"{compared(of)}",
        )
