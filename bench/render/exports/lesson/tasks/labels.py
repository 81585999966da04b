"""Any number of labels at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.core.formatting import plural
from bench.core.target import THRESHOLD
from bench.render.exports.lesson.subject import Kind, Step
from bench.render.exports.lesson.tasks.words import compared, separate

if TYPE_CHECKING:
    from bench.render.exports.lesson.subject import Subject


class LabelWords:
    """See `Words`."""

    truth_text = "the labels that an example has"

    def names(self, of: Subject) -> list[str]:
        """The names of the labels, and a function that lists those of an example."""
        return [
            f"labels = {list(of.target.names)!r}",
            "",
            "",
            "def describe(row):",
            '    return ", ".join(name for name, has in zip(labels, row) if has) or "none"',
            "",
            "",
        ]

    def predicted(self, of: Subject) -> str:
        """That an example may have several."""
        return f" An example has any of {plural(of.target.width, 'label')}: several at once, or none."

    def truth(self, row: str) -> str:
        """The labels of an example."""
        return f"describe({row})"

    def encoding(self, of: Subject) -> tuple[list[str], str]:
        """Zeros and ones."""
        del of
        return (
            ["def target(rows):", "    return rows.astype(np.float32)"],
            "The labels of an example are a row of zeros and ones, one number per label.",
        )

    def last_layer(self, of: Subject) -> str:
        """A number or a probability per label."""
        number = "probability" if of.outputs_are == "probabilities" else "number"
        return f"The last layer gives a {number} per label, independent of the others."

    def reading(self, of: Subject) -> tuple[list[str], str]:
        """A probability per label, and the labels that are probable enough."""
        code, name = separate(of)
        return [*code, f"predicted = ({name} >= {THRESHOLD}).astype(np.uint8)"], name

    def mistakes(self, of: Subject) -> Step:
        """The examples of which some label is wrong."""
        where = "below" if of.kind is Kind.PICTURE else "after"
        return Step(
            "Look at the mistakes",
            f"The {of.examples} with the most wrong labels: the labels that each has, and {where} them those that were "
            "predicted.",
            "number_wrong = (predicted != y_test).sum(axis=1)\n"
            'wrong = [n for n in np.argsort(-number_wrong, kind="stable")[:12] if number_wrong[n]]\n'
            f"{compared(of)}",
        )
