"""Imports of what is the user's own, under names that the lesson does not use for anything else."""

from __future__ import annotations

import builtins

TAKEN = frozenset(
    {
        *dir(builtins),
        "_", "archive", "area", "axes", "axis", "bottom", "by_class", "chances", "classes", "counts", "describe",
        "deviation", "digest", "error", "example", "f1", "features", "figure", "given", "has", "hashlib", "held",
        "held_out", "history", "image", "inputs", "kept", "keras", "label", "labels", "logits", "math", "mean",
        "metric", "model", "n", "name", "negatives", "np", "number", "number_wrong", "numbers", "order", "os",
        "outputs", "place", "plt", "positive", "positives", "powers", "precision", "predicted", "probabilities",
        "quantities", "ranks", "recall", "right", "row", "rows", "same", "scale", "schedule", "score", "target", "tf",
        "top", "true", "value", "values", "w_train", "w_validation", "weight", "weights", "whole", "wrong", "x",
        "x_test", "x_train", "x_validation", "y_test", "y_train", "y_validation",
    }
)  # fmt: skip
"""Names that the code of a lesson binds, and those that Python brings."""


def imports(*references: str) -> tuple[list[str], dict[str, str]]:
    """The lines that import the user's own, and the name of each in the lines that follow.

    Args:
        references: `package.module:name`; the same one may come twice, and an empty one is left out.

    Returns:
        Lines, and the name in the lesson by reference.
    """
    lines: list[str] = []
    names: dict[str, str] = {}
    for reference in dict.fromkeys(filter(None, references)):
        module, _, name = reference.partition(":")
        alias = name
        if name in TAKEN | set(names.values()):
            alias = f"own_{name}"
        while alias in names.values():
            alias += "_"
        lines.append(f"from {module} import {name}" + (f" as {alias}" if alias != name else ""))
        names[reference] = alias
    return lines, names
