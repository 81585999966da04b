"""`auto` and `auto-exact`: what is measured, remembered and said, and what an engine that cannot do it leads to."""

from __future__ import annotations

import pytest

import bench

SUITE = """
[suite]
name = "choice"
dataset = "digits"
seeds = 2
epochs = 2
batch_size = 64

[[grid]]
architecture = "softmax"
engine = ["auto", "auto-exact", "epoch"]

[[include]]
architecture = "own:eager"
engine = "epoch"

[[include]]
architecture = "own:no_second_trace"
engine = "epoch-xla"

[[include]]
architecture = "own:own_step"
"""

BUILDERS = """
import keras
import tensorflow as tf

def layers(input_shape, num_classes):
    return [keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Dense(num_classes, activation="softmax")]

class Eager(keras.Sequential):
    @property
    def run_eagerly(self):
        return True
    @run_eagerly.setter
    def run_eagerly(self, value):
        pass

def eager(input_shape, num_classes):
    return Eager(layers(input_shape, num_classes))

class OwnStep(keras.Sequential):
    def train_step(self, data):
        return super().train_step(data)

def own_step(input_shape, num_classes):
    return OwnStep(layers(input_shape, num_classes))

class Printing(keras.layers.Layer):
    '''An operation that XLA has no kernel for.'''
    def call(self, x):
        return tf.strings.to_number(tf.strings.as_string(x)) + x - tf.stop_gradient(x)
    def compute_output_shape(self, shape):
        return shape

def no_second_trace(input_shape, num_classes):
    first, flat, last = layers(input_shape, num_classes)
    return keras.Sequential([first, flat, Printing(), last])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The suite and its builders."""
    folder = tmp_path_factory.mktemp("choice")
    (folder / "choice.toml").write_text(SUITE)
    (folder / "own.py").write_text(BUILDERS)
    return folder


@pytest.fixture(scope="module")
def run(folder):
    """The suite, run once; measuring engines may take what it takes, however short the trainings are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bench.execute.choice.SURVEY_SHARE", 1e6)
        return bench.run(folder / "choice.toml", reports=folder / "reports", progress=False)


def of(run, cell_id):
    """The trials of the cells whose ids begin so."""
    trials = run.trials()
    return trials[trials["cell_id"].str.startswith(cell_id)]


def test_auto_says_what_it_measured(run):
    """The time of what was measured for this very training: XLA's program first, since its steps are short."""
    rows = of(run, "softmax[engine=auto]")
    assert ["OK", "OK"] == rows["status"].tolist()
    reason = rows["engine_reason"].iloc[0]
    assert reason.startswith("auto: measured on this shape, 46 steps and what goes before them take epoch")
    assert {"epoch", "epoch-xla", "fit"} >= set(rows["engine"])
    assert 1 == rows["engine_reason"].nunique()


def test_fit_is_not_measured_where_an_engine_with_its_weights_can_train(run):
    """It has never been the faster of the two by much, and compiling it takes as long as a short training."""
    assert " fit " not in of(run, "softmax[engine=auto]")["engine_reason"].iloc[0]


@pytest.mark.soak
def test_a_training_that_is_too_short_is_not_measured(folder):
    """Measuring would take longer than 5 % of it: it is trained with fit's weights at once."""
    short = bench.run(
        folder / "choice.toml",
        reports=folder / "short",
        select="softmax and engine=auto and not exact",
        progress=False,
    )
    assert 0 == short.result.run.survey_time_s
    assert {"epoch"} == set(short.trials()["engine"])
    assert short.trials()["engine_reason"].str.contains("cost more than this training is worth").all()


def test_an_engine_that_cannot_train_leaves_the_choice_open(folder):
    """XLA comes first and has no kernel for a layer: with nothing left to spend, the next engine is tried and taken."""
    head = '[suite]\nname = "obstacle"\ndataset = "digits"\nseeds = 1\nepochs = 1\nbatch_size = 64\n'
    (folder / "obstacle.toml").write_text(f'{head}[[include]]\narchitecture = "own:no_second_trace"\n')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bench.execute.choice.SURVEY_SHARE", 0.0)
        patch.setattr("bench.execute.harness.executor.worth_measuring", lambda *of, **how: True)
        made = bench.run(folder / "obstacle.toml", reports=folder / "obstacle", progress=False)
    trial = made.trials().iloc[0]
    assert ("OK", "epoch") == (trial["status"], trial["engine"]), trial["engine_reason"]


def test_auto_exact_never_takes_xla(run):
    """Only engines whose weights were found to be those of fit, on this model."""
    rows = of(run, "softmax[engine=auto-exact]")
    assert {"fit", "epoch"} >= set(rows["engine"])
    assert "epoch-xla" not in rows["engine_reason"].iloc[0]
    assert of(run, "softmax[engine=epoch]")["weights_digest"].tolist() == rows["weights_digest"].tolist()


def test_engines_are_measured_once_and_remembered(run, folder):
    """The first run took time to measure engines; the next one, of other seeds and epochs, takes none."""
    assert run.result.run.survey_time_s > 0
    again = bench.run(
        folder / "choice.toml",
        reports=folder / "reports",
        seeds=[7],
        settings={"epochs": 3},
        select="softmax",
        progress=False,
    )
    assert 0 == again.result.run.survey_time_s
    assert again.trials()["engine_reason"].str.contains("measured on this shape, 69 steps").sum() == 2


@pytest.mark.parametrize(
    ("cell_id", "reason"),
    [
        ("eager", "epoch cannot train this model: Eager decides for itself whether to run eagerly"),
        ("own_step", "auto: no other engine can train this model: not epoch: OwnStep has a train_step of its own"),
    ],
)
def test_a_model_that_an_engine_cannot_train_is_trained_by_fit(run, cell_id, reason):
    """The obstacle is named, and nothing is lost."""
    rows = of(run, cell_id)
    assert [("OK", "fit")] * 2 == list(zip(rows["status"], rows["engine"], strict=True))
    assert rows["engine_reason"].str.startswith(reason).all()


def test_an_engine_that_fails_to_compile_a_model_leaves_it_to_fit(run):
    """XLA has no strings; the trial is there all the same, with the weights of fit and the compiler's own words."""
    rows = of(run, "no_second_trace")
    assert [("OK", "fit")] * 2 == list(zip(rows["status"], rows["engine"], strict=True))
    assert rows["engine_reason"].str.startswith("epoch-xla failed before its first epoch: ").all()
