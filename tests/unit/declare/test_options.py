"""Options of losses and optimizers: what Keras has and uses is passed on, anything else is refused by name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from bench.core.errors import SuiteError
from bench.declare.grid import expand
from bench.declare.loss import Loss
from bench.declare.optimizer import check_options
from bench.declare.settings import TrainingSettings, setting_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.declare.suite import Suite

    Problems = Callable[..., list[str]]

GRID = "[[grid]]\narchitecture = 'softmax'\n"


@pytest.mark.parametrize(
    ("key", "beginning"),
    [
        ("optimizer = { name = 'sgd', decay = 1e-6 }", "expected no decay: Keras ignores it; write learning_rate = "),
        (
            "optimizer = { name = 'sgd', nesterov = true }",
            "expected a momentum beside nesterov: Keras ignores nesterov",
        ),
        ("optimizer = { name = 'adam', ema_momentum = 0.9 }", "expected use_ema = true beside ema_momentum"),
        ("optimizer = { name = 'adam', clipnorm = 1.0, clipvalue = 1.0 }", "expected one of clipnorm, clipvalue, "),
        ("optimizer = { name = 'sgd', momentun = 0.9 }", "expected options of sgd: clipnorm, "),
        ("optimizer = { name = 'sgd', beta_1 = 0.9 }", "expected options of sgd: clipnorm, "),
        (
            "loss = { name = 'categorical_crossentropy', from_logit = true }",
            "expected categorical_crossentropy with no",
        ),
        ("loss = { name = 'hinge', from_logits = true }", "expected hinge with no options"),
        ("loss = { name = 'binary_crossentropy', from_logits = 'yes' }", "expected from_logits = true or false"),
        ("loss = { from_logits = true }", "expected this key"),
        ("loss = 3", "expected a Keras loss by its name, or a table with a `name`"),
    ],
)
def test_an_option_that_would_be_dropped_is_refused(problems: Problems, key: str, beginning: str) -> None:
    """Keras would take some of these and say nothing, or a line in a log."""
    (problem,) = problems(f"{GRID}{key}")
    assert f"; {beginning}" in problem


def test_the_nearest_option_is_named(problems: Problems) -> None:
    """A slip is not looked up."""
    assert problems(f"{GRID}optimizer = {{ name = 'sgd', momentun = 0.9 }}")[0].endswith("(did you mean momentum?)")


@pytest.mark.parametrize(
    ("loss", "text", "stored"),
    [
        ("huber", "huber", "huber"),
        ({"name": "huber"}, "huber", "huber"),
        ({"name": "huber", "delta": 2.0}, "huber(delta=2.0)", {"name": "huber", "delta": 2.0}),
        (
            {"name": "categorical_crossentropy", "label_smoothing": 0.1, "from_logits": True},
            "categorical_crossentropy(from_logits=true,label_smoothing=0.1)",
            {"name": "categorical_crossentropy", "label_smoothing": 0.1, "from_logits": True},
        ),
    ],
)
def test_a_loss_reads_in_an_id_and_is_stored_as_it_was(loss: Any, text: str, stored: Any) -> None:
    """A loss without options is its name, as in every record before."""
    made = TrainingSettings.model_validate({"loss": loss})
    assert (text, stored) == (str(made.loss), made.model_dump(mode="json")["loss"])
    assert made == TrainingSettings.model_validate(made.model_dump(mode="json"))


def test_a_loss_says_what_it_takes() -> None:
    """Class numbers or one-hot rows, logits or probabilities."""
    sparse = Loss.model_validate({"name": "sparse_categorical_crossentropy", "from_logits": True})
    assert (True, True) == (sparse.sparse, sparse.from_logits)
    assert (False, False) == (Loss(name="huber").sparse, Loss(name="huber").from_logits)


def test_records_with_options_of_an_earlier_version_are_read() -> None:
    """A suite file is held to the list of options; what was stored is not."""
    old = TrainingSettings.model_validate({"optimizer": {"name": "sgd", "decay": 1e-6}})
    assert {"decay": 1e-6} == old.optimizer.options


def test_a_short_name_yields_to_a_parameter_of_that_name() -> None:
    """`lr=0.1,lr=0.2` would be two settings under one name."""
    from factories import cell  # noqa: PLC0415  the helper's module is not typed

    plain = cell("net", parameters={}, named=("learning_rate",))
    both = cell("net", parameters={"lr": 0.2}, named=("learning_rate", "lr"))
    assert ("net[lr=0.1]", "net[learning_rate=0.1,lr=0.2]") == (plain.name, both.name)


def settings(**keys: Any) -> TrainingSettings:
    """As a suite writes them."""
    return TrainingSettings.model_validate(keys)


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({"loss": "own:focal"}, "own:focal"),
        ({"loss": {"name": "own:focal", "gamma": 2.0}}, "own:focal(gamma=2.0)"),
        ({"optimizer": {"name": "own:make", "momentum": 0.9}}, "own:make(momentum=0.9)"),
        ({"learning_rate": {"schedule": "own:stairs", "initial": 0.1}}, "own:stairs(initial=0.1)"),
        ({"learning_rate": {"schedule": "own:stairs", "initial": 0.1, "at": [1, 2]}}, "own:stairs(initial=0.1,at=1-2)"),
        ({"class_weight": "balanced"}, "balanced"),
        ({"class_weight": {"no": 1, "yes": 50.0}}, "(no=1,yes=50)"),
        ({"class_weight": "none"}, "none"),
        ({"callbacks": ["own:make", "own:Other"]}, "own:make-own:Other"),
        ({"reduce_on_plateau": {"patience": 3}}, "ReduceOnPlateau(patience=3)"),
        ({"early_stopping": {"restore_best": True}}, "EarlyStopping(restore_best=true)"),
    ],
)
def test_what_is_named_by_reference_reads_in_an_id(keys: dict[str, Any], text: str) -> None:
    """As it is written, with its options; and a record of it is read to the same settings."""
    made = settings(**keys)
    (key,) = keys
    assert text == setting_text(getattr(made, key))
    assert made == TrainingSettings.model_validate(json.loads(made.model_dump_json()))


def test_options_of_one_s_own_are_not_judged_by_their_names() -> None:
    """Only the function knows them."""
    optimizer = settings(optimizer={"name": "own:make", "decay": 1, "anything": "goes"}).optimizer
    assert {"decay": 1, "anything": "goes"} == check_options(optimizer).options


def test_a_rule_that_follows_what_is_held_out_needs_something_held_out(parsed: Callable[..., Suite]) -> None:
    """The test part is no guide to a training."""
    text = '[suite]\nname = "s"\ndataset = "digits"\nreduce_on_plateau = {}\n[[grid]]\narchitecture = "softmax"'
    with pytest.raises(SuiteError) as caught:
        expand(parsed(text))
    assert (
        "bench.toml sets reduce_on_plateau for 1 cell without examples to judge by: softmax@digits@cpu."
        == caught.value.message
    )
    assert caught.value.hint.startswith("Set validation_split = 0.1 beside reduce_on_plateau")


def test_two_rules_for_one_learning_rate_are_refused(parsed: Callable[..., Suite]) -> None:
    """A schedule would undo what the plateau lowers."""
    text = (
        '[suite]\nname = "s"\ndataset = "digits"\nvalidation_split = 0.1\nreduce_on_plateau = {}\n'
        'learning_rate = { schedule = "cosine", initial = 0.1 }\n[[grid]]\narchitecture = "softmax"'
    )
    with pytest.raises(
        SuiteError, match=r"sets reduce_on_plateau and a schedule for .*: both decide the learning rate"
    ):
        expand(parsed(text))
