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

class NoLayers(keras.Model):
    def __init__(self, pixels, classes):
        super().__init__()
        self.w = self.add_weight(shape=(pixels, classes))
    def call(self, x):
        return keras.ops.softmax(keras.ops.matmul(keras.ops.reshape(x, (-1, 64)) / 255.0, self.w))

def no_layers(input_shape, num_classes):
    return NoLayers(64, num_classes)

class Inside(L.Layer):
    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1], 8))
    def call(self, x):
        return keras.ops.matmul(x / 255.0, self.w)

def inside_a_layer(input_shape, num_classes):
    return dense(L.Flatten, Inside)(input_shape, num_classes)

def mean_subtracted(input_shape, num_classes):
    return dense(lambda: L.Lambda(lambda x: x - 104.0))(input_shape, num_classes)

def cropped_first(input_shape, num_classes):
    crop = lambda: L.CenterCrop(7, 7)
    return dense(crop, lambda: L.Normalization(axis=None, mean=80.0, variance=1.0))(input_shape, num_classes)

def for_unit_inputs(input_shape, num_classes):
    return dense(lambda: L.Normalization(axis=None, mean=0.13, variance=0.09))(input_shape, num_classes)

def signed_from_unit(input_shape, num_classes):
    return dense(lambda: L.Rescaling(2.0, offset=-1.0))(input_shape, num_classes)

def asserting(input_shape, num_classes):
    import tensorflow as tf
    def within(x):
        with tf.control_dependencies([tf.debugging.assert_less_equal(x, 1.0)]):
            return tf.identity(x)
    return dense(lambda: L.Lambda(within))(input_shape, num_classes)

class Table(keras.Model):
    '''One pixel as an amount, which is used first, and the others as ids.'''
    def __init__(self, classes):
        super().__init__()
        self.flat, self.amount, self.out = L.Flatten(), L.Dense(4, "relu"), L.Dense(classes, "softmax")
        self.name_of, self.joined = L.Embedding(256, 4), L.Flatten()
    def call(self, x):
        flat = self.flat(x)
        amount, names = self.amount(flat[:, :1]), self.joined(self.name_of(flat[:, 1:]))
        return self.out(keras.ops.concatenate([amount, names], -1))

def table(input_shape, num_classes):
    return Table(num_classes)

class OwnTable(L.Layer):
    def build(self, shape):
        self.w = self.add_weight(shape=(256, 4))
    def call(self, x):
        return keras.ops.take(self.w, keras.ops.cast(x, "int32"), axis=0)

def own_table(input_shape, num_classes):
    return dense(L.Flatten, OwnTable)(input_shape, num_classes)

class Stages(keras.Model):
    def fit(self, *arguments, **keywords):
        super().fit(*arguments, **{**keywords, "epochs": 2})
        return super().fit(*arguments, **keywords)

def parts(input_shape, num_classes):
    image = keras.Input(input_shape)
    return image, L.Dense(num_classes, activation="softmax")(L.Flatten()(image))

def stages(input_shape, num_classes):
    return Stages(*parts(input_shape, num_classes))

def one_in_a_list(input_shape, num_classes):
    image, output = parts(input_shape, num_classes)
    return keras.Model([image], [output])

class ClassNumbers(keras.Model):
    def predict_step(self, data):
        return keras.ops.argmax(self(data), -1)[:, None]

def class_numbers(input_shape, num_classes):
    return ClassNumbers(*parts(input_shape, num_classes))

class Deaf(keras.Model):
    def compile(self, *arguments, **keywords):
        super().compile("adam", "mse")

def deaf(input_shape, num_classes):
    return Deaf(*parts(input_shape, num_classes))

def eager(input_shape, num_classes):
    model = keras.Model(*parts(input_shape, num_classes))
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    model.run_eagerly = True
    return model

class OwnTest(keras.Model):
    def test_step(self, data):
        x, y = data
        return {"loss": keras.ops.mean(keras.losses.categorical_crossentropy(y, self(x)))}

def own_test(input_shape, num_classes):
    return OwnTest(*parts(input_shape, num_classes))

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
seeds = 1
epochs = 1
engine = "epoch"

[[grid]]
architecture = [
  "looks:plain", "looks:rescaling", "looks:signed_rescaling", "looks:normalization", "looks:by_lambda",
  "looks:by_operation", "looks:in_call", "looks:nested", "looks:pooled", "looks:normalised_later", "looks:lookup",
  "looks:two_outputs", "looks:raises", "looks:no_layers", "looks:inside_a_layer", "looks:mean_subtracted",
  "looks:cropped_first", "looks:for_unit_inputs", "looks:signed_from_unit", "looks:asserting", "looks:table",
  "looks:own_table", "looks:stages", "looks:one_in_a_list", "looks:class_numbers", "looks:deaf",
]

[[grid]]
architecture = "looks:eager"
compile = "builder"

[[grid]]
architecture = "looks:own_test"
validation_split = 0.2

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
        "rescaling", "signed_rescaling", "normalization", "by_lambda", "by_operation", "in_call", "nested", "no_layers",
        "inside_a_layer", "mean_subtracted", "cropped_first",
    ],
)  # fmt: skip
def test_a_model_that_scales_its_inputs_is_found_however_it_does_it(run, name):
    """By a layer, an operation or a line of `call()`: it is given the pixels as they are."""
    rows = of(run, name)
    assert ["OK"] == rows["status"].tolist()
    assert {("model scales", 1.0, True)} == set(
        zip(rows["input_untouched"], rows["input_divisor"], rows["model_scales"], strict=True)
    )


@pytest.mark.parametrize(
    "name", ["plain", "pooled", "normalised_later", "for_unit_inputs", "signed_from_unit", "asserting"]
)
def test_a_model_that_does_not_is_given_scaled_inputs(run, name):
    """Pooling and a scaling further up are no scaling of inputs; nor is one whose numbers are meant for 0 to 1."""
    rows = of(run, name)
    assert {("", 255.0, False)} == set(
        zip(rows["input_untouched"], rows["input_divisor"], rows["model_scales"], strict=True)
    )


@pytest.mark.parametrize("name", ["lookup", "table", "own_table"])
def test_ids_are_left_alone(run, name):
    """An embedding may come after other layers, beside amounts, or be a table of one's own."""
    rows = of(run, name)
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


def test_what_a_builder_gets_wrong_is_one_row_of_the_report(folder):
    """Two seeds, one reason, one log; no worker was started for either of them."""
    run = bench.run(folder / "looks.toml", reports=folder / "wrong", select="raises", seeds=2, progress=False)
    rows = of(run, "raises")
    assert 2 == len(rows)
    assert {("FAILED", "ValueError: the width must be even")} == set(zip(rows["status"], rows["reason"], strict=True))
    assert 1 == rows["log"].nunique()
    assert "Traceback" in (run.folder / rows["log"].iloc[0]).read_text()
    assert rows["total_time_s"].isna().all()
    assert (run.folder / "report.md").read_text().count("the width must be even") == 1


def test_a_fit_in_stages_has_its_epochs_in_order(run):
    """Each stage counts from 1; the record goes on."""
    rows = of(run, "stages")
    assert ["OK"] == rows["status"].tolist()
    epochs = run.epochs()
    numbers = epochs[epochs["trial_id"] == rows["trial_id"].iloc[0]]["epoch"].tolist()
    assert [1, 2, 3] == numbers


def test_one_output_in_a_list_is_one_output(run):
    """As the functional guide writes models."""
    assert of(run, "one_in_a_list")["accuracy"].tolist() == of(run, "plain")["accuracy"].tolist()


@pytest.mark.parametrize(
    ("name", "beginning"),
    [
        (
            "class_numbers",
            "The model predicts an array of shape (32, 1) for 32 examples; a row of 10 numbers for each is needed",
        ),
        ("deaf", "Deaf has a compile() of its own, which does not use the suite's optimizer and loss."),
    ],
)
def test_methods_that_do_something_else_are_refused(run, name, beginning):
    """Before anything is trained."""
    assert {"FAILED"} == set(of(run, name)["status"])
    assert of(run, name)["reason"].str.startswith(beginning).all()


@pytest.mark.parametrize(
    ("name", "obstacle"),
    [
        ("eager[compile=builder]", "its builder compiled it with run_eagerly = True"),
        ("own_test[validation=0.2]", "OwnTest has a test_step of its own"),
    ],
)
def test_what_fit_would_do_otherwise_is_left_to_fit(run, name, obstacle):
    """However it was asked for."""
    rows = of(run, name)
    assert {("OK", "fit")} == set(zip(rows["status"], rows["engine"], strict=True))
    assert rows["engine_reason"].str.contains(obstacle).all()


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
        folder / "looks.toml",
        reports=folder / "reports",
        select="plain or nested or lookup@ or asserting",
        progress=False,
    )
    assert 0 == again.result.run.inspection_time_s
    assert len(again.result.trials) == len(again.result.reused)
