"""The scores that go by a name, which of them a task has by default, and those that are functions of the user's own."""

from __future__ import annotations

from bench.core.score import ACCURACY, OF_CLASSES, Form, Score
from bench.core.target import Task

_OF_LABELS = "With several labels, the mean over labels, each weighing the same."


OF_ONE_CLASS = frozenset({"f1_score", "precision", "recall"})
"""Scores that say something of one class where there are two, and something else of the other class."""


_CLASSES, _LABELS, _VALUES = Task.CLASSES, Task.MULTILABEL, Task.REGRESSION


def _fraction(name: str, heading: str, meaning: str, *tasks: Task, form: Form = Form.PERCENT) -> Score:
    return Score(name=name, heading=heading, meaning=meaning, low=0.0, high=1.0, form=form, tasks=tasks)


def _lower(name: str, heading: str, meaning: str, *tasks: Task) -> Score:
    return Score(name=name, heading=heading, meaning=meaning, higher_is_better=False, low=0.0, tasks=tasks)


SCORES: dict[str, Score] = {
    score.name: score
    for score in (
        ACCURACY,
        _fraction(
            "balanced_accuracy",
            "balanced accuracy",
            "The fraction of each class's test examples that were classified correctly, the mean over classes.",
            _CLASSES,
        ),
        _fraction(
            "top_5_accuracy",
            "top-5 accuracy",
            "Fraction of the test examples whose class is among the five most probable.",
            _CLASSES,
        ),
        _fraction(
            "auc",
            "AUC",
            "Area under the ROC curve: how often an example of a class is ranked above one of another; a tie counts "
            f"half. {OF_CLASSES} {_OF_LABELS}",
            _CLASSES,
            _LABELS,
            form=Form.FRACTION,
        ),
        _fraction(
            "f1_score",
            "F1",
            f"Harmonic mean of precision and recall. {OF_CLASSES} {_OF_LABELS}",
            _CLASSES,
            _LABELS,
        ),
        _fraction(
            "precision",
            "precision",
            f"Of the test examples that were given a class, the fraction that has it. {OF_CLASSES} {_OF_LABELS}",
            _CLASSES,
            _LABELS,
        ),
        _fraction(
            "recall",
            "recall",
            f"Of the test examples that have a class, the fraction that was given it. {OF_CLASSES} {_OF_LABELS}",
            _CLASSES,
            _LABELS,
        ),
        _fraction(
            "binary_accuracy",
            "label accuracy",
            "Fraction of all labels of the test examples that were predicted correctly.",
            _LABELS,
        ),
        _fraction(
            "exact_match",
            "exact match",
            "Fraction of the test examples whose labels were all predicted correctly.",
            _LABELS,
        ),
        _lower(
            "log_loss",
            "log loss",
            "Mean negative logarithm of the probability that was given to what is true (cross-entropy).",
            _CLASSES,
            _LABELS,
        ),
        _lower("mean_absolute_error", "MAE", "Mean absolute error over the test examples.", _VALUES),
        _lower("root_mean_squared_error", "RMSE", "Root of the mean squared error over the test examples.", _VALUES),
        _lower("mean_squared_error", "MSE", "Mean squared error over the test examples.", _VALUES),
        _lower(
            "mean_absolute_percentage_error",
            "MAPE",
            "Mean absolute error over the test examples, each in percent of its true value.",
            _VALUES,
        ),
        _lower(
            "mean_squared_logarithmic_error",
            "MSLE",
            "Mean squared difference of the logarithms of 1 + value, over the test examples.",
            _VALUES,
        ),
        Score(
            name="r2_score",
            heading="R²",
            meaning="Coefficient of determination: 1 less the squared error over that of always predicting the mean "
            "of the test part; the mean over targets.",
            high=1.0,
            form=Form.FRACTION,
            tasks=(_VALUES,),
        ),
        _lower("log_cosh", "log-cosh", "Mean logarithm of the hyperbolic cosine of the error.", _VALUES),
        Score(
            name="cosine_similarity",
            heading="cosine similarity",
            meaning="Cosine of the angle between predictions and true values, the mean over test examples.",
            low=-1.0,
            high=1.0,
            form=Form.FRACTION,
        ),
        Score(name="poisson", heading="Poisson loss", meaning="Mean Poisson loss.", higher_is_better=False),
        _lower(
            "categorical_crossentropy",
            "cross-entropy",
            "Mean negative logarithm of the probability of the true class.",
            _CLASSES,
        ),
        _lower(
            "binary_crossentropy", "binary cross-entropy", "Mean over the outputs, each by itself.", _CLASSES, _LABELS
        ),
        _lower("categorical_hinge", "categorical hinge", "Mean categorical hinge.", _CLASSES),
        _lower("hinge", "hinge", "Mean hinge.", _CLASSES, _LABELS),
        _lower("squared_hinge", "squared hinge", "Mean squared hinge.", _CLASSES, _LABELS),
        _lower("kl_divergence", "KL divergence", "Mean Kullback-Leibler divergence.", _CLASSES, _LABELS),
        _fraction(
            "top_k_categorical_accuracy",
            "top-5 accuracy",
            "Fraction of the test examples whose class is among the five most probable.",
            _CLASSES,
        ),
    )
}
"""The scores that go by a name: what a suite may rank by, and what it may list as further metrics."""


DEFAULTS = {
    Task.CLASSES: ACCURACY,
    Task.MULTILABEL: SCORES["f1_score"],
    Task.REGRESSION: SCORES["mean_absolute_error"],
}
"""What a suite is ranked by that names no score."""


def own_score(reference: str, *, higher_is_better: bool) -> Score:
    """The score that a function of the user's own computes.

    Args:
        reference: `package.module:function` of (y_true, y_pred).
        higher_is_better: its direction, which only the user knows.
    """
    name = reference.rpartition(":")[2]
    return Score(
        name=reference,
        heading=name.replace("_", " "),
        meaning=f"What {reference} returns for the true values and the predictions of the test examples.",
        higher_is_better=higher_is_better,
    )
