"""One class of many."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.render.exports.lesson.subject import Kind, Step
from bench.render.exports.lesson.tasks.words import EACH_BY_ITSELF, predict, separate

if TYPE_CHECKING:
    from bench.render.exports.lesson.subject import Subject


class ClassWords:
    """See `Words`."""

    truth_text = "a class"

    def names(self, of: Subject) -> list[str]:
        """The names of the classes, by number."""
        return [f"classes = {list(of.target.names)!r}"]

    def predicted(self, of: Subject) -> str:
        """Nothing: the classes stand in the code."""
        del of
        return ""

    def truth(self, row: str) -> str:
        """The name of a class."""
        return f"classes[int({row})]"

    def encoding(self, of: Subject) -> tuple[list[str], str]:
        """Class numbers, one sigmoid unit, or one-hot rows."""
        head = "def target(labels):"
        if of.one_unit:
            second = of.target.names[1]
            return (
                [head, "    return labels.astype(np.float32).reshape(-1, 1)"],
                f"The network has a single unit for the two classes, so a class becomes 0 or 1: 1 is {second}.",
            )
        if of.sparse:
            return [head, "    return labels.astype(np.int64)"], "The loss takes the number of a class."
        return (
            [head, "    return np.eye(len(classes), dtype=np.float32)[labels.astype(int)]"],
            "A class becomes a one-hot vector: zeros, and a 1 in the place of the class.",
        )

    def last_layer(self, of: Subject) -> str:
        """A number or a probability per class, or one unit for two."""
        number = "probability" if of.outputs_are == "probabilities" else "number"
        if of.one_unit:
            second = of.target.names[1]
            return f"The last layer is a single unit: it gives a {number} for the class {second}."
        return f"The last layer gives a {number} per class."

    def reading(self, of: Subject) -> tuple[list[str], str]:
        """Probabilities with a column per class, and the most probable class."""
        if of.one_unit:
            code, name = separate(of)
            code += [
                "# the unit gives the second class; the rest to 1 is the first class",
                f"{name} = np.concatenate([1 - {name}, {name}], axis=1)",
            ]
        elif of.outputs_are == "logits" and of.trained_by not in EACH_BY_ITSELF:
            name = "probabilities"
            code = [
                f"logits = {predict(of)}",
                "powers = np.exp(logits - logits.max(axis=1, keepdims=True))",
                "probabilities = powers / powers.sum(axis=1, keepdims=True)",
            ]
        elif of.outputs_are == "logits":
            code, name = separate(of)
        else:
            name = "probabilities" if of.outputs_are == "probabilities" else "outputs"
            code = [f"{name} = {predict(of)}"]
        return [*code, f"predicted = np.argmax({name}, axis=1)"], name

    def mistakes(self, of: Subject) -> Step:
        """The examples that were taken for another class."""
        if of.kind is Kind.PICTURE:
            return Step(
                "Look at the mistakes",
                "The images that the network misclassifies. Would you classify them correctly?",
                "wrong = np.flatnonzero(predicted != y_test)[:12]\n"
                "figure, axes = plt.subplots(2, 6, figsize=(9, 3.6))\n"
                "for axis, number in zip(axes.flat, wrong):\n"
                '    axis.imshow(x_test[number].squeeze(), cmap="gray_r")\n'
                '    axis.set_title(f"{classes[int(y_test[number])]}, read as {classes[predicted[number]]}", '
                "fontsize=8)\n"
                "for axis in axes.flat:\n"
                '    axis.axis("off")\n'
                "plt.show()",
            )
        return Step(
            "Look at the mistakes",
            "The examples that the network misclassifies: their numbers, classes and predicted classes.",
            "for number in np.flatnonzero(predicted != y_test)[:12]:\n"
            "    print(number, classes[int(y_test[number])], classes[predicted[number]])",
        )
