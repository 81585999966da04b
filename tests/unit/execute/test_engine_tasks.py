"""Engines train the same thing for every task and every kind of input: exact comparisons with `Model.fit`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import pytest
from trainings import Ended, look, task, train, train_unseen

from bench.catalog.datasets import Arrays
from bench.core import trees
from bench.core.scores import SCORES, own_score
from bench.core.target import Task
from bench.execute.messages import Inspection, Refusal
from bench.record.records import Status
from bench.record.treatment import Untouched

if TYPE_CHECKING:
    from bench.record.records import Outcome

# Keras 3 hands TensorFlow's variables to NumPy 2 in a way that NumPy warns of; a worker prints no such warnings
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

TRAIN, ALL = 150, 190
RNG = np.random.default_rng(0)
NUMBERS = RNG.normal(2, 3, (ALL, 6)).astype(np.float32)
SERIES = RNG.normal(size=(ALL, 10, 2)).astype(np.float32)
TOKENS = RNG.integers(0, 50, (ALL, 8)).astype(np.int32)
HIGH = (NUMBERS[:, 0] > 4).astype(np.uint8)
WEIGHTS = RNG.uniform(0.1, 3, ALL).astype(np.float32)


def arrays(x: Any, y: Any, task: Task = Task.CLASSES, names: str = "no yes", w: Any = None) -> Arrays:
    """A data set whose first examples are trained on."""
    return Arrays(
        x_train=trees.rows(x, slice(TRAIN)),
        y_train=y[:TRAIN],
        x_test=trees.rows(x, slice(TRAIN, None)),
        y_test=y[TRAIN:],
        task=task,
        names=tuple(names.split()),
        w_train=None if w is None else w[:TRAIN],
        w_test=None if w is None else w[TRAIN:],
    )


VECTORS = arrays(NUMBERS, HIGH + (NUMBERS[:, 1] > 2).astype(np.uint8), names="low middle high")
SEQUENCES = arrays(SERIES, (SERIES.sum((1, 2)) > 0).astype(np.uint8))
TEXTS = arrays(TOKENS, (TOKENS[:, 0] > 25).astype(np.uint8))
LABELS = arrays(NUMBERS, (NUMBERS[:, :3] > 2).astype(np.uint8), Task.MULTILABEL, "x y z")
SUMS = NUMBERS[:, :2] @ np.array([[0.1, 0.2], [0.05, -0.1]], np.float32)
VALUES = arrays(NUMBERS, SUMS, Task.REGRESSION, "p q", WEIGHTS)
RARE = arrays(NUMBERS, HIGH)
MIXED = arrays({"num": NUMBERS, "tok": TOKENS}, HIGH)

CASES: dict[str, tuple[Arrays, str, dict[str, Any], dict[str, Any]]] = {
    "vectors, standardised": (VECTORS, "mlp", {"hidden": [8]}, {"input_scaling": "standard"}),
    "sequences, recurrent": (SEQUENCES, "rnn", {"kind": "gru", "units": 4}, {"validation_split": 0.2}),
    "sequences, convolutional": (SEQUENCES, "conv1d", {"filters": [4]}, {"optimizer": "adam", "learning_rate": 0.01}),
    "token ids": (TEXTS, "conv1d", {"vocabulary": 50, "filters": [4]}, {}),
    "labels": (LABELS, "mlp", {"hidden": [8]}, {}),
    "values, weighed": (VALUES, "mlp", {"hidden": [8]}, {"validation_split": 0.2, "input_scaling": "standard"}),
    "one sigmoid unit, balanced": (RARE, "mlp", {"hidden": [8], "output": "binary"}, {"class_weight": "balanced"}),
    "two inputs": (MIXED, "own_models:dict_model", {}, {"input_scaling": "standard"}),
}


KINDS = ("vectors, standardised", "sequences, recurrent", "labels", "values, weighed")
"""One case of each kind of problem; the others differ in their layers and are trained under soak."""


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, id=name, marks=() if name in KINDS else pytest.mark.soak) for name in CASES],
)
def trained(request: pytest.FixtureRequest) -> dict[str, Ended]:
    """A case by engine."""
    data, builder, parameters, keys = CASES[request.param]
    return by_engine(data, builder, parameters=parameters, **keys)


def by_engine(data: Arrays, builder: str, engines: tuple[str, ...] = ("fit", "epoch"), **keys: Any) -> dict[str, Ended]:
    """The ends of trials that differ by nothing but their engine; they are looked at once."""
    tasks = {engine: task(data, builder, engine=engine, **{"epochs": 2, **keys}) for engine in engines}
    answer = look(data, tasks[engines[0]])
    assert isinstance(answer, Inspection), answer.reason
    return {engine: train_unseen(data, replace(of, inspection=answer)) for engine, of in tasks.items()}


def outcome(of: Ended) -> Outcome:
    """Of a trial that was trained to its end."""
    assert Status.OK == of.ended.status, of.ended.reason
    return of.ended.outcome


def refused(data: Arrays, builder: str, **keys: Any) -> str:
    """Why a cell cannot be trained, said before anything is."""
    answer = look(data, task(data, builder, **keys))
    assert isinstance(answer, Refusal)
    return answer.reason


def test_the_epoch_program_ends_with_the_weights_of_fit(trained: dict[str, Ended]) -> None:
    """Bit for bit, and each was trained by the engine that was asked for."""
    fit, epoch = outcome(trained["fit"]), outcome(trained["epoch"])
    assert ("fit", "epoch") == (fit.engine, epoch.engine)
    assert fit.weights_digest == epoch.weights_digest
    assert (fit.loss, fit.metrics, fit.predictions) == (epoch.loss, epoch.metrics, epoch.predictions)
    assert (fit.validation_loss, fit.epochs[-1].loss) == (epoch.validation_loss, epoch.epochs[-1].loss)


def test_a_training_changes_the_weights(trained: dict[str, Ended]) -> None:
    """Equal digests of nothing trained would be no proof."""
    first, last = outcome(trained["fit"]).epochs[0].loss, outcome(trained["fit"]).epochs[-1].loss
    assert first is not None
    assert last is not None
    assert last != first


# XLA compiles the program that the tests above compare case by case; it takes seconds for each
QUICK = ("vectors, standardised",)
FUSED = [pytest.param(name, id=name, marks=() if name in QUICK else pytest.mark.soak) for name in CASES]


@pytest.mark.parametrize("name", FUSED)
def test_xla_ends_with_the_same_weights_within_rounding(name: str) -> None:
    """It fuses and reorders arithmetic."""
    data, builder, parameters, keys = CASES[name]
    trained = by_engine(data, builder, ("fit", "epoch-xla"), parameters=parameters, **keys)
    assert "epoch-xla" == outcome(trained["epoch-xla"]).engine
    for plain, fused in zip(trained["fit"].weights, trained["epoch-xla"].weights, strict=True):
        np.testing.assert_allclose(plain, fused, rtol=1e-3, atol=1e-5)


def test_class_weights_are_those_of_plain_keras() -> None:
    """The weights of `fit(class_weight=...)`, bit for bit."""
    keys = {"parameters": {"hidden": [8], "output": "binary"}, "input_scaling": "none", "epochs": 2}
    ours = train(RARE, task(RARE, "mlp", class_weight={"no": 1, "yes": 7}, **keys)).weights
    keras.utils.set_random_seed(0)
    dense = keras.layers.Dense
    model = keras.Sequential(
        [keras.Input((6,)), keras.layers.Flatten(), dense(8, activation="relu"), dense(1, activation="sigmoid")]
    )
    model.compile(keras.optimizers.SGD(0.1), "binary_crossentropy")
    y = RARE.y_train.astype(np.float32).reshape(-1, 1)
    model.fit(RARE.x_train, y, batch_size=32, epochs=2, class_weight={0: 1.0, 1: 7.0}, verbose=0)
    for plain, weight in zip(model.get_weights(), ours, strict=True):
        np.testing.assert_array_equal(plain, weight)


def test_sample_weights_change_a_training_and_its_test_loss() -> None:
    """They are not carried along for nothing."""
    plain = replace(VALUES, w_train=None, w_test=None)
    weighed, unweighed = (outcome(train(data, task(data, "softmax", epochs=1))) for data in (VALUES, plain))
    assert weighed.weights_digest != unweighed.weights_digest
    assert weighed.loss != unweighed.loss


OWN: dict[str, dict[str, Any]] = {
    "loss": {"loss": "own_parts:halved_error"},
    "loss with an option, optimizer": {
        "loss": {"name": "own_parts:Weighed", "factor": 0.5},
        "optimizer": {"name": "own_parts:descent", "momentum": 0.5},
    },
    "optimizer and schedule": {
        "optimizer": "own_parts:descent",
        "learning_rate": {"schedule": "own_parts:stairs", "initial": 0.05, "drop": 0.1},
    },
    "schedule without a configuration": {"learning_rate": {"schedule": "own_parts:Rooted", "initial": 0.05}},
}


ENOUGH = 2
"""Parts that are trained without soak: a loss, and a loss with an optimizer."""


@pytest.fixture(scope="module")
def plain_digest() -> str | None:
    """Of the same training without anything of one's own."""
    return outcome(train(VALUES, task(VALUES, "softmax", learning_rate=0.05))).weights_digest


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, id=name, marks=() if index < ENOUGH else pytest.mark.soak) for index, name in enumerate(OWN)],
)
def test_parts_of_one_s_own_train_alike_in_both_engines(name: str, plain_digest: str | None) -> None:
    """Bit for bit, and otherwise than without them."""
    found = by_engine(VALUES, "softmax", **{"learning_rate": 0.05, "epochs": 3, **OWN[name]})
    digests = {outcome(ended).weights_digest for ended in found.values()}
    assert 1 == len(digests)
    assert plain_digest not in digests
    assert "epoch" == outcome(found["epoch"]).engine


def test_a_record_names_what_is_one_s_own() -> None:
    """With its options, whether or not Keras can show them."""
    keys = {"loss": {"name": "own_parts:Weighed", "factor": 0.5}, "optimizer": "own_parts:descent"}
    compiled = outcome(train(VALUES, task(VALUES, "softmax", epochs=1, **keys))).compiled
    assert compiled is not None
    assert ("own_parts.Weighed(factor=0.5)", "SGD", "0.1") == (
        compiled.loss_text,
        compiled.optimizer,
        compiled.learning_rate,
    )


def test_callbacks_of_one_s_own_are_called_by_fit() -> None:
    """Whatever engine is declared, with the reason; the learning rates that they set stand in the record."""
    ended = train(RARE, task(RARE, "softmax", engine="epoch", callbacks=("own_parts:halving",)))
    found = outcome(ended)
    assert "fit" == found.engine
    assert "epoch cannot train this cell: callbacks of its own are called by Model.fit" == found.engine_reason
    assert pytest.approx([0.1, 0.05, 0.025]) == [epoch.learning_rate for epoch in found.epochs]


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        (
            {"callbacks": ("own_parts:no_callback",)},
            "own_parts:no_callback returned str, not a Keras callback. Return one from it.",
        ),
        (
            {"callbacks": ("own_parts:halvin",)},
            "own_parts:halvin cannot be imported: own_parts has no 'halvin'; did you mean 'halving'?",
        ),
        (
            {"optimizer": "own_parts:deaf"},
            (
                "own_parts:deaf made an optimizer with another learning rate than the suite's. Give it the "
                "learning_rate that the function is called with."
            ),
        ),
        (
            {"optimizer": {"name": "own_parts:descent", "speed": 3}},
            (
                "The optimizer own_parts:descent could not be made: TypeError: descent() got an unexpected keyword "
                "argument 'speed'."
            ),
        ),
        (
            {"optimizer": "own_parts:no_optimizer"},
            "own_parts:no_optimizer returned str, not a Keras optimizer. Return one from it.",
        ),
        (
            {"learning_rate": {"schedule": "own_parts:no_schedule", "initial": 0.1}},
            "own_parts:no_schedule returned float, not a Keras LearningRateSchedule. Return one from it.",
        ),
        (
            {"loss": "own_parts:failing_loss"},
            (
                "The loss own_parts:failing_loss cannot be computed: ValueError: not today. It is called with y_true "
                "(32, 2) and y_pred (32, 2)."
            ),
        ),
        (
            {"metrics": ("own_parts:raising",)},
            (
                "own_parts:raising could not judge the predictions: ZeroDivisionError: no such luck. It is called with "
                "y_true (40, 2) and y_pred (40, 2) and has to return a number."
            ),
        ),
        (
            {"score": own_score("own_parts:wordy", higher_is_better=True)},
            (
                "own_parts:wordy could not judge the predictions: TypeError: it returned 'good'. It is called with "
                "y_true (40, 2) and y_pred (40, 2) and has to return a number."
            ),
        ),
    ],
)
def test_a_part_of_one_s_own_that_cannot_be_used_is_refused_before_anything_is_trained(
    keys: dict[str, Any], sentence: str
) -> None:
    """In the look at the model, once for all seeds."""
    assert sentence == refused(VALUES, "softmax", **keys)


def test_a_score_of_one_s_own_stands_in_the_record() -> None:
    """Under the name that the suite gives it."""
    score = own_score("own_parts:worst_error", higher_is_better=False)
    found = outcome(train(VALUES, task(VALUES, "softmax", score=score, metrics=("r2_score",))))
    assert {"own_parts:worst_error", "r2_score"} == set(found.metrics)
    assert found.value(score) == found.metrics["own_parts:worst_error"] > 0
    assert found.accuracy is None


def test_a_score_that_the_test_part_leaves_undefined_is_refused_before_anything_is_trained() -> None:
    """No seed could be judged."""
    alike = replace(RARE, x_test=RARE.x_test[:5], y_test=np.zeros(5, np.uint8))
    assert (
        "The score AUC is not a finite number on the test part (5 examples, 1 different true value). Choose another "
        "score, or a test part that it can judge." == refused(alike, "mlp", score=SCORES["auc"])
    )


def test_class_weights_that_fit_no_class_are_refused_with_the_way_out() -> None:
    """The hint reaches the reader."""
    assert (
        "class_weight has no weight for the class 'yes'. Add \"yes\" = 1.0 to the table, or write class_weight = "
        '"balanced".' == refused(RARE, "softmax", class_weight={"no": 1})
    )


def test_a_learning_rate_is_lowered_alike_in_both_engines() -> None:
    """The same rates in the same epochs, and the same bits."""
    rule = {"patience": 1, "factor": 0.5, "min_delta": 5.0}
    found = by_engine(VALUES, "softmax", epochs=5, validation_split=0.2, reduce_on_plateau=rule)
    fit, epoch = outcome(found["fit"]), outcome(found["epoch"])
    rates = [record.learning_rate for record in fit.epochs]
    assert pytest.approx([0.1, 0.1, 0.05, 0.025, 0.0125]) == rates
    assert rates == [record.learning_rate for record in epoch.epochs]
    assert fit.weights_digest == epoch.weights_digest


def test_the_weights_of_the_best_epoch_are_restored_alike_in_both_engines() -> None:
    """They are those of a training that ends with that epoch, and so are the validation figures."""
    keys = {"validation_split": 0.3, "learning_rate": 1.5, "parameters": {"hidden": [16]}}
    rule = {"patience": 3, "restore_best": True}
    found = by_engine(VECTORS, "mlp", epochs=12, early_stopping=rule, **keys)
    fit, epoch = outcome(found["fit"]), outcome(found["epoch"])
    losses = [record.validation_loss for record in fit.epochs]
    best = 1 + int(np.argmin(np.array(losses, np.float64)))
    assert best < len(losses) < 12
    short = outcome(train(VECTORS, task(VECTORS, "mlp", epochs=best, **keys)))
    assert {short.weights_digest} == {fit.weights_digest, epoch.weights_digest}
    assert (short.validation_loss, short.accuracy) == (fit.validation_loss, fit.accuracy)


def test_one_unit_of_logits_is_read_through_a_sigmoid() -> None:
    """The same training and the same classes as with a sigmoid; `auto` hands the option on."""
    keys = {"score": SCORES["auc"], "epochs": 2}
    logits = outcome(train(RARE, task(RARE, "own_models:logit", loss={"name": "auto", "from_logits": True}, **keys)))
    assert logits.compiled is not None
    assert ("binary_crossentropy", "logits") == (logits.compiled.loss, logits.compiled.outputs)
    sigmoid = outcome(train(RARE, task(RARE, "softmax", parameters={"output": "binary"}, **keys)))
    assert (sigmoid.accuracy, sigmoid.metrics) == (logits.accuracy, pytest.approx(logits.metrics))


def test_a_hinge_says_yes_above_0() -> None:
    """Also where a trained model puts out nothing but values from 0 to 1."""
    ended = train(RARE, task(RARE, "own_models:logit", loss="hinge"))
    found = outcome(ended)
    kernel, bias = ended.weights
    values = (RARE.x_test @ kernel + bias)[:, 0]
    above_0, above_half = (float(np.mean((values > cut) == RARE.y_test)) for cut in (0, 0.5))
    assert above_0 != above_half
    assert above_0 == pytest.approx(found.accuracy)
    assert found.compiled is not None
    assert "values" == found.compiled.outputs
    all_yes = replace(RARE, x_test=NUMBERS[:9] * 0 + 0.25, y_test=np.ones(9, np.uint8))
    small = outcome(train(all_yes, task(all_yes, "own_models:quarter", loss="hinge", learning_rate=1e-6, epochs=1)))
    assert 1.0 == small.accuracy


def test_one_unit_without_a_sigmoid_is_found_out_by_chance_or_not() -> None:
    """Its fresh outputs may all be positive and small; those of the negated inputs are not."""
    bright = arrays(np.abs(NUMBERS) * 0.01, HIGH)
    assert "wants probabilities, but the model puts out values from" in refused(bright, "own_models:positive")


@pytest.mark.parametrize(
    "builder",
    [
        "own_models:binary_auc",
        *(pytest.param(f"own_models:{name}", marks=pytest.mark.soak) for name in ("sparse", "mae")),
    ],
)
def test_what_a_builder_compiles_is_trained_alike_in_both_engines(builder: str) -> None:
    """For class numbers, for values and for one sigmoid unit."""
    data = {"own_models:sparse": VECTORS, "own_models:mae": VALUES, "own_models:binary_auc": RARE}[builder]
    found = by_engine(data, builder, compile="builder")
    assert 1 == len({outcome(ended).weights_digest for ended in found.values()})


def test_ids_among_several_inputs_are_those_that_the_model_looks_up() -> None:
    """Whole numbers that it does not look up are amounts, and are standardised."""
    looked = look(MIXED, task(MIXED, "own_models:dict_model", input_scaling="standard"))
    counts = arrays({"num": NUMBERS, "tok": TOKENS}, HIGH)
    amounts = look(counts, task(counts, "mlp", input_scaling="standard", parameters={"hidden": [4]}))
    assert isinstance(looked, Inspection)
    assert isinstance(amounts, Inspection)
    assert (None, Untouched.IDS) == (looked.inputs["num"].untouched, looked.inputs["tok"].untouched)
    assert (None, None) == (amounts.inputs["num"].untouched, amounts.inputs["tok"].untouched)


def test_whole_numbers_that_float32_makes_one_are_refused() -> None:
    """Milliseconds since 1970 differ, but not for a model."""
    late = arrays(1_700_000_000_000 + 1000 * np.arange(len(NUMBERS), dtype=np.int64)[:, None], HIGH)
    assert "Subtract the smallest value from both parts." in refused(late, "mlp", parameters={"hidden": [4]})
