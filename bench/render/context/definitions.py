"""What the words and columns of a report mean."""

from __future__ import annotations

TIMES = ("Train time", "Per epoch", "Images/s", "Utilisation", "Latency, p99", "Compile")
DEFINITIONS: tuple[tuple[str, str], ...] = (
    ("Cell", "An architecture on a data set and a device with its settings. Its trials differ only by their seed."),
    (
        "Accuracy",
        (
            "Fraction of the test images classified rightly after the last epoch, mean over the OK trials. No epoch is "
            "picked by its test accuracy."
        ),
    ),
    ("±", "Standard deviation over seeds, in percentage points, with n - 1 in the denominator."),
    (
        "95 % interval",
        (
            "Student's t interval of the mean accuracy: how far the mean over other seeds could lie from ours. It says "
            "nothing about other test images."
        ),
    ),
    (
        "Validation",
        (
            "Accuracy on images held out from the training set, mean over the OK trials. Choose settings by it, never "
            "by the test accuracy: the best of many test accuracies flatters."
        ),
    ),
    (
        "Test error",
        (
            "Of the median trial, with Wilson's 95 % interval for a test set of this size: how far the error on other "
            "images of the same kind could lie. Seeds are not pooled, because all are judged on the same images."
        ),
    ),
    (
        "Train time",
        (
            "Median and quartiles over the OK trials that ran alone, on a machine that nobody else kept busy. All "
            "epochs; tracing, compiling and validation are left out."
        ),
    ),
    ("Per epoch", "Median over a trial's epochs, then over trials."),
    ("Images/s", "Training images per second of training."),
    (
        "Utilisation",
        (
            "What a training step achieves of the device's arithmetic: the time its matrix products take on their own, "
            "measured after the training at the model's own shapes, over the time of the step."
        ),
    ),
    (
        "Latency, p99",
        "Prediction of a single image: the median over the trials' medians, and the largest 99th percentile.",
    ),
    ("Compile", "Tracing and compiling; with the engine fit, everything up to the end of the first step."),
    ("Memory", "The most the worker process held beyond what it was started with, the largest over trials."),
    (
        "Status",
        "OK where every seed gave a result. A trial that did not is listed under Failures and counts nowhere else.",
    ),
    (
        "Tied",
        (
            "The 95 % interval (Welch) of the difference to the first cell holds 0, or too few seeds leave it unknown. "
            "Each cell is compared on its own; with many cells, expect some ties and some leads by chance."
        ),
    ),
)


def definitions(*, timed: bool, validated: bool) -> tuple[tuple[str, str], ...]:
    """Term and meaning, of what this report shows."""
    absent = {*(() if timed else TIMES), *(() if validated else ("Validation",))}
    return tuple((term, meaning) for term, meaning in DEFINITIONS if term not in absent)
