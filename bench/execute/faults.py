"""The known faults of `bench audit`, by name; `bench.execute.worker.planting` plants them."""

from __future__ import annotations

FAULTS = {
    "learning-rate": "the learning rate is ten times as high",
    "last-bias": "the last bias is left out",
    "shuffled-labels": "5 % of the true values in training are shuffled",
    "unscaled-test": "inputs are not scaled when the model is tested",
    "swapped-classes": "two classes, or two labels, are swapped in training",
    "missing-epoch": "one epoch too few",
    "half-the-data": "half of the training data is not used",
}
"""Mistakes that people make: the name on the command line, and what is wrong, as a clause."""
