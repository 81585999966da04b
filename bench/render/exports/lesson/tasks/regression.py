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
        if _unnamed(of):
            return ["", "", "def describe(row):", '    return ", ".join(f"{value:.4g}" for value in row)', "", ""]
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
        if _unnamed(of):
            return f" {plural(len(names), 'number is', 'numbers are')} predicted for each."
        more = f" and {plural(len(names) - _MOST_NAMES, 'further value')}" if len(names) > _MOST_NAMES else ""
        return f" The values to predict for each: {', '.join(names[:_MOST_NAMES])}{more}."

    def truth(self, row: str) -> str:
        """The values of an example, with their names."""
        return f"describe({row})"

    def encoding(self, of: Subject) -> tuple[list[str], str]:
        """The values as they are."""
        del of
        return ["def target(rows):", "    return rows.astype(np.float32)"], "True values are not changed."

    def last_layer(self, of: Subject) -> str:
        """The predicted values."""
        return f"The last layer gives the predicted {'value' if of.target.width == 1 else 'values'}."

    def reading(self, of: Subject) -> tuple[list[str], str]:
        """What the network puts out is the prediction."""
        return [f"predicted = {predict(of)}"], "predicted"

    def mistakes(self, of: Subject) -> Step:
        """The examples with the largest errors."""
        mean = "" if of.target.width == 1 else ", averaged over targets"
        where = "below" if of.kind is Kind.PICTURE else "after"
        return Step(
            "Look at the largest errors",
            f"The {of.examples} with the largest errors{mean}: the true values of each, and {where} them the "
            "predicted values.",
            "error = np.abs(predicted - y_test).mean(axis=1)\n"
            'wrong = np.argsort(-error, kind="stable")[:12]\n'
            f"{compared(of)}",
        )


def _unnamed(of: Subject) -> bool:
    """Whether the values have numbers for names, as those of a loader have."""
    return of.target.names == tuple(str(number) for number in range(of.target.width))
