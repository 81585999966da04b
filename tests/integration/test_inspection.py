"""Models are looked at before any seed: what they do with inputs is found, and what cannot be trained is told once."""

from __future__ import annotations

import pytest

import bench

BUILDERS = """
import keras
from keras import layers as L

def dense(*first):
    def build(input_shape, num_classes):
        last = [L.Flatten(), L.Dense(num_classes, activation="softmax")]
        return keras.Sequential([keras.Input(input_shape), *[make() for make in first], *last])
    return build

def plain(input_shape, num_classes):
    return dense()(input_shape, num_classes)

def rescaling(input_shape, num_classes):
    return dense(lambda: L.Rescaling(1 / 255))(input_shape, num_classes)

def signed_rescaling(input_shape, num_classes):
    return dense(lambda: L.RandomFlip(), lambda: L.Rescaling(1 / 127.5, offset=-1))(input_shape, num_classes)

def normalization(input_shape, num_classes):
    return dense(lambda: L.Normalization(mean=78.0, variance=9000.0))(input_shape, num_classes)

def by_lambda(input_shape, num_classes):
    return dense(lambda: L.Lambda(lambda x: x / 255.0))(input_shape, num_classes)

def by_operation(input_shape, num_classes):
    image = keras.Input(input_shape)
    return keras.Model(image, L.Dense(num_classes, activation="softmax")(L.Flatten()(image / 255.0)))

class InCall(keras.Model):
    def __init__(self, classes):
        super().__init__()
        self.flat, self.out = L.Flatten(), L.Dense(classes, "softmax")
    def call(self, x):
        return self.out(self.flat(x / 255.0))

def in_call(input_shape, num_classes):
    return InCall(num_classes)

def nested(input_shape, num_classes):
    inner = keras.Sequential([keras.Input(input_shape), L.Rescaling(1 / 255), L.Flatten()])
    return keras.Sequential([keras.Input(input_shape), inner, L.Dense(num_classes, activation="softmax")])

def pooled(input_shape, num_classes):
    return dense(lambda: L.AveragePooling2D(2))(input_shape, num_classes)

def normalised_later(input_shape, num_classes):
    return dense(lambda: L.Conv2D(4, 3), lambda: L.Rescaling(0.1), lambda: L.BatchNormalization())(
        input_shape, num_classes
    )

def lookup(input_shape, num_classes):
    print("building a lookup")
    return dense(lambda: L.Flatten(), lambda: L.Embedding(256, 2))(input_shape, num_classes)

def two_outputs(input_shape, num_classes):
    image = keras.Input(input_shape)
    flat = L.Flatten()(image)
    return keras.Model(image, [L.Dense(num_classes, activation="softmax")(flat), L.Dense(1)(flat)])

def raises(input_shape, num_classes):
    raise ValueError("the width must be even")
"""

SUITE = """
[suite]
name = "looked-at"
dataset = "digits"
seeds = 2
epochs = 1
engine = "epoch"

[[grid]]
architecture = [
  "looks:plain", "looks:rescaling", "looks:signed_rescaling", "looks:normalization", "looks:by_lambda",
  "looks:by_operation", "looks:in_call", "looks:nested", "looks:pooled", "looks:normalised_later", "looks:lookup",
  "looks:two_outputs", "looks:raises",
]

[[grid]]
architecture = ["looks:rescaling", "looks:lookup"]
input_scaling = "standard"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The suite and its builders."""
    folder = tmp_path_factory.mktemp("looked-at")
    (folder / "looks.py").write_text(BUILDERS)
    (folder / "looks.toml").write_text(SUITE)
    return folder


@pytest.fixture(scope="module")
def run(folder):
    """The suite, run once."""
    return bench.run(folder / "looks.toml", reports=folder / "reports", jobs=2, progress=False)


def of(run, cell_id):
    """The trials of a cell."""
    trials = run.trials()
    return trials[trials["cell_id"] == f"{cell_id}@digits@cpu"]


@pytest.mark.parametrize(
    "name",
    [
        "rescaling", "signed_rescaling", "normalization", "by_lambda", "by_operation", "in_call", "nested",
    ],
)  # fmt: skip
def test_a_model_that_scales_its_inputs_is_found_however_it_does_it(run, name):
    """By a layer, an operation or a line of `call()`: it is given the pixels as they are."""
    rows = of(run, name)
    assert ["OK"] * 2 == rows["status"].tolist()
    assert {("model scales", 1.0, True)} == set(
        zip(rows["input_untouched"], rows["input_divisor"], rows["model_scales"], strict=True)
    )


@pytest.mark.parametrize("name", ["plain", "pooled", "normalised_later"])
def test_a_model_that_does_not_is_given_scaled_inputs(run, name):
    """Pooling and a scaling further up are no scaling of inputs."""
    rows = of(run, name)
    assert {("", 255.0, False)} == set(
        zip(rows["input_untouched"], rows["input_divisor"], rows["model_scales"], strict=True)
    )


def test_ids_are_left_alone(run):
    """An embedding after a layer without weights is still the first to see the inputs."""
    rows = of(run, "lookup")
    assert {("OK", "ids", 1.0)} == set(zip(rows["status"], rows["input_untouched"], rows["input_divisor"], strict=True))


def test_ids_are_not_standardised(run):
    """The trial is refused with what to write."""
    reasons = set(of(run, "lookup[scaling=standard]")["reason"])
    assert reasons == {
        (
            "The model of looks:lookup looks its inputs up (Embedding): they are ids, which input_scaling = "
            '"standard" would turn into fractions. Write input_scaling = "none".'
        )
    }


def test_scaling_twice_is_trained_and_flagged(run):
    """`standard` is done as declared; the report says that the model scales as well."""
    rows = of(run, "rescaling[scaling=standard]")
    assert {("OK", True)} == set(zip(rows["status"], rows["model_scales"], strict=True))
    assert "1 cell with inputs scaled twice" in (run.folder / "report.md").read_text()


def test_what_a_builder_gets_wrong_is_one_row_of_the_report(run):
    """Two seeds, one reason, one log; no worker was started for either of them."""
    rows = of(run, "raises")
    assert {("FAILED", "ValueError: the width must be even")} == set(zip(rows["status"], rows["reason"], strict=True))
    assert 1 == rows["log"].nunique()
    assert "Traceback" in (run.folder / rows["log"].iloc[0]).read_text()
    assert rows["total_time_s"].isna().all()
    assert (run.folder / "report.md").read_text().count("the width must be even") == 1


def test_several_outputs_are_refused(run):
    """They come with a later version."""
    assert of(run, "two_outputs")["reason"].str.startswith("The model puts out several tensors").all()


def test_what_builders_print_is_in_a_log_of_their_own(run):
    """Each model's, beside the logs of the trials."""
    logs = [path.read_text() for path in (run.folder / "logs").glob("*-model.log")]
    assert 2 == sum("building a lookup" in log for log in logs)


def test_the_run_says_how_long_it_took(run):
    """It is no trial's time, and no harness's."""
    assert 0 < run.result.run.inspection_time_s < run.result.run.wall_time_s


def test_what_is_there_already_is_not_looked_at_again(run, folder):
    """A second run trains nothing of these cells, and builds nothing."""
    again = bench.run(
        folder / "looks.toml", reports=folder / "reports", select="plain or nested or lookup@", progress=False
    )
    assert 0 == again.result.run.inspection_time_s
    assert len(again.result.trials) == len(again.result.reused)
