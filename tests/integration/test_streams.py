"""Data sets larger than memory: streamed by their loader, trained as plain Keras trains them, stored as any other."""

from __future__ import annotations

import importlib

import keras
import numpy as np
import pytest
import tensorflow as tf
from commandline import bench as command

import bench
from bench.core.errors import DataError
from bench.core.scores import SCORES
from bench.execute.worker.weights import weights_digest

LOADERS = """
import keras
import numpy as np
import tensorflow as tf

RNG = np.random.default_rng(3)
X = RNG.random((200, 6), "float32")
LOW = np.where(X.sum(axis=1) < 3, "low", "high")
NAMED = {"version": "1", "task": "classes", "names": ["low", "high"]}


def part(y, chosen):
    return tf.data.Dataset.from_tensor_slices((X[chosen], y[chosen])).batch(10)


def texts():
    return part(LOW, slice(150)).shuffle(15), part(LOW, slice(150, None)), NAMED


def numbers():
    y = (LOW == "high").astype(int)
    return part(y, slice(150)).shuffle(15), part(y, slice(150, None)), NAMED


def shuffled():
    return part(LOW, slice(150)), part(LOW, slice(150, None)).shuffle(5), NAMED


def spoiled():
    y = (LOW == "high").astype(int)
    y[120] = 7
    return part(y, slice(150)), part(y, slice(150, None)), {**NAMED, "train_examples": 150}


class Pairs(keras.utils.PyDataset):
    def __init__(self, first, last):
        super().__init__(workers=2)
        self.first, self.last = first, last

    def __len__(self):
        return (self.last - self.first) // 10

    def __getitem__(self, index):
        start = self.first + 10 * index
        x = X[start : start + 10]
        return {"left": x[:, :3], "right": x[:, 3:]}, np.stack([x[:, 0] > 0.5, x[:, 5] > 0.5], 1), np.ones(10)


def pairs():
    return Pairs(0, 150), Pairs(150, 200), {"version": 2, "task": "multilabel", "names": ["first", "last"]}


def sequences():
    def batches():
        rng = np.random.default_rng(3)
        while True:
            x = rng.normal(size=(10, int(rng.integers(4, 9)), 2)).astype("float32")
            yield x, x.mean(axis=(1, 2))

    signature = (tf.TensorSpec((None, None, 2), tf.float32), tf.TensorSpec((None,), tf.float32))
    stream = tf.data.Dataset.from_generator(batches, output_signature=signature)
    return stream, stream, {"version": "2026-01", "task": "regression", "train_examples": 150, "test_examples": 45}


def net(input_shape, num_classes):
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(num_classes, activation="softmax")])


def unit(input_shape, num_classes):
    return keras.Sequential([keras.Input(input_shape), keras.layers.Dense(1, activation="sigmoid")])


def compiled(input_shape, num_classes):
    model = net(input_shape, num_classes)
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def two(shapes, labels):
    inputs = {name: keras.Input(shape, name=name) for name, shape in shapes.items()}
    return keras.Model(inputs, keras.layers.Dense(labels, "sigmoid")(keras.layers.Concatenate()(list(inputs.values()))))


def recurrent(input_shape, values):
    return keras.Sequential([keras.Input((None, 2)), keras.layers.SimpleRNN(3), keras.layers.Dense(values)])


def big():
    def image(index):
        label = index % 2
        seed = tf.stack([index, tf.constant(1, tf.int64)])
        return tf.random.stateless_uniform((256, 256, 1), seed) + 0.5 * tf.cast(label, tf.float32), label

    def part(first, last):
        return tf.data.Dataset.range(first, last).map(image).batch(10)

    return part(0, 4000), part(4000, 4100), {**NAMED, "train_examples": 4000}


def pooled(input_shape, num_classes):
    first = [keras.Input(input_shape), keras.layers.AveragePooling2D(64), keras.layers.Flatten()]
    return keras.Sequential([*first, keras.layers.Dense(num_classes, activation="softmax")])
"""

HEAD = """
[suite]
name = "streams"
dataset = "stream_loaders:numbers"
epochs = 2
batch_size = 10
seeds = [1]
input_scaling = "none"
"""

KINDS = """
[[include]]
architecture = "stream_loaders:net"

[[include]]
architecture = "stream_loaders:unit"
dataset = "stream_loaders:texts"
class_weight = "balanced"

[[include]]
architecture = "stream_loaders:compiled"
compile = "builder"
dataset = "stream_loaders:texts"

[[include]]
architecture = "stream_loaders:two"
dataset = "stream_loaders:pairs"
score = "f1_score"

[[include]]
architecture = "stream_loaders:recurrent"
dataset = "stream_loaders:sequences"
"""


def suite(folder, tables: str, loaders: str = LOADERS) -> str:
    (folder / "stream_loaders.py").write_text(loaders)
    path = folder / "streams.toml"
    path.write_text(HEAD + tables)
    return str(path)


@pytest.fixture
def loaders(own_folder, monkeypatch):
    """The module of the loaders, as plain Keras uses it."""
    suite(own_folder, "")
    monkeypatch.syspath_prepend(str(own_folder))
    monkeypatch.delitem(importlib.sys.modules, "stream_loaders", raising=False)
    return importlib.import_module("stream_loaders")


def test_a_stream_is_trained_as_plain_keras_trains_it(own_folder, loaders):
    """Bit for bit, with class numbers one-hot as for arrays; an unseeded shuffle follows the trial's seed."""
    outcome = (
        bench.run(suite(own_folder, KINDS.split("[[include]]")[1].join(["[[include]]", ""]))).result.trials[0].outcome
    )
    keras.utils.set_random_seed(1)
    train, test, _ = loaders.numbers()
    keras.utils.set_random_seed(1)
    model = loaders.net((6,), 2)
    model.compile(keras.optimizers.SGD(0.01), "categorical_crossentropy", metrics=["accuracy"])
    model.fit(train.map(lambda x, y: (x, tf.one_hot(y, 2))), epochs=2, shuffle=False, verbose=0)
    assert weights_digest(model) == outcome.weights_digest
    assert model.evaluate(test.map(lambda x, y: (x, tf.one_hot(y, 2))), verbose=0)[1] == pytest.approx(outcome.accuracy)


@pytest.mark.parametrize(
    "number", [pytest.param(number, marks=pytest.mark.soak) if number < 4 else number for number in range(1, 6)]
)
def test_every_task_and_kind_of_stream_is_trained(own_folder, number):
    """Classes as numbers and texts, one sigmoid unit, a builder's own loss, labels of two inputs, endless values."""
    table = "[[include]]" + KINDS.split("[[include]]")[number]
    score = {4: '\nscore = "f1_score"\n', 5: '\nscore = "mean_absolute_error"\n'}.get(number, "\n")
    table = table.replace('score = "f1_score"\n', "")
    path = suite(own_folder, "")
    (own_folder / "streams.toml").write_text(HEAD + score + table)
    run = bench.run(path).result
    (trial,), (data,) = run.trials, run.run.datasets
    assert ("OK", "fit") == (trial.status, trial.outcome.engine)
    assert "its data is streamed, which Model.fit alone reads" in trial.outcome.engine_reason
    assert (150, 45 if number == 5 else 50) == (trial.outcome.train_images, trial.outcome.test_images)
    predicted, truth = (data.target.unpack(packed) for packed in (trial.outcome.predictions, data.labels))
    assert truth.shape == predicted.shape
    assert np.isfinite(trial.outcome.value(SCORES[run.run.score.name]))
    assert np.isfinite(trial.outcome.loss)
    kind = "keras.utils.PyDataset" if number == 4 else "tf.data.Dataset"
    assert (kind, 10, 15) == (data.stream.kind, data.stream.batch_size, data.stream.train_batches)
    assert f"is streamed: its loader gives {kind}s in batches of 10" in run.run.notices[0]


@pytest.mark.soak
def test_a_gigabyte_is_trained_in_a_fraction_of_its_memory(own_folder):
    """4,100 images of 256 KiB each are never in memory together; the worker holds a few batches and TensorFlow."""
    tables = '[[grid]]\narchitecture = "stream_loaders:pooled"\ndataset = "stream_loaders:big"\nepochs = 1\n'
    (trial,) = bench.run(suite(own_folder, tables)).result.trials
    assert ("OK", 4000, 100) == (trial.status, trial.outcome.train_images, trial.outcome.test_images)
    assert 4000 * 2**18 > 1e9
    assert trial.outcome.own_memory_bytes < 4e8


@pytest.mark.soak
def test_what_a_stream_cannot_give_is_refused_before_training(own_folder):
    """Each with what to write instead; the other cells are trained."""
    tables = """
[[grid]]
architecture = "stream_loaders:net"
batch_size = [10, 32]
[[include]]
architecture = "stream_loaders:net"
validation_split = 0.1
[[include]]
architecture = "stream_loaders:net"
input_scaling = "standard"
[[include]]
architecture = "stream_loaders:net"
dataset = "stream_loaders:spoiled"
class_weight = "balanced"
[[include]]
architecture = "stream_loaders:net"
dataset = "stream_loaders:spoiled"
[[include]]
architecture = "stream_loaders:net"
dataset = "stream_loaders:shuffled"
"""
    trials = bench.run(suite(own_folder, tables)).result.trials
    reasons = [trial.reason for trial in trials]
    assert ["OK", *["FAILED"] * 6] == [trial.status for trial in trials]
    for reason, words in zip(
        reasons[1:],
        (
            "Take validation_split out",
            "keras.layers.Normalization",
            "streams batches of 10, and batch_size is 32. Write batch_size = 10",  # of another shape, which comes later
            "Leave train_examples out of what the loader returns",
            "holds 7; the 2 classes have the numbers 0 to 1",
            "Do not shuffle it",
        ),
        strict=True,
    ):
        assert words in reason


@pytest.mark.soak
def test_a_stream_of_one_version_is_trained_once(own_folder):
    """An equal version and code are taken from the store; another version, or an edited loader, is trained again."""
    table = "[[include]]" + KINDS.split("[[include]]")[1]
    path = suite(own_folder, table)
    first = bench.run(path).result
    assert first.trials[0].trial_id in bench.run(path).result.reused
    suite(own_folder, table, LOADERS.replace('"version": "1"', '"version": "2"'))
    assert not bench.run(path).result.reused
    hashes = {first.run.datasets[0].sha256, bench.run(path).result.run.datasets[0].sha256}
    assert 2 == len(hashes)


@pytest.mark.soak
def test_a_stream_without_a_version_is_refused(own_folder):
    """With what to return; nothing is trained."""
    broken = LOADERS.replace("part(y, slice(150, None)), NAMED", "part(y, slice(150, None))")
    path = suite(own_folder, '[[grid]]\narchitecture = "stream_loaders:net"\n', broken)
    with pytest.raises(DataError, match="streams without a version") as refused:
        bench.run(path)
    assert '"version": "2026-01"' in refused.value.hint
    assert 2 == command("run", path).returncode


@pytest.mark.soak
def test_a_declared_loader_may_stream(own_folder):
    """Under the name of its table, which says nothing further of the data."""
    table = '[datasets.mine]\nloader = "stream_loaders:numbers"\n[[grid]]\narchitecture = "stream_loaders:net"\n'
    path = suite(own_folder, "")
    text = HEAD.replace('"stream_loaders:numbers"', '"mine"') + table
    (own_folder / "streams.toml").write_text(text)
    (trial,) = bench.run(path).result.trials
    assert ("OK", "net@mine@cpu") == (trial.status, trial.cell.id)
    (own_folder / "streams.toml").write_text(text.replace("[[grid]]", 'task = "classes"\n[[grid]]'))
    with pytest.raises(DataError, match="streams its data, and task is about data that is read whole"):
        bench.run(path)


@pytest.mark.soak
def test_a_lesson_cannot_be_made_of_a_stream(own_folder):
    """It would have to bring the data along."""
    path = suite(own_folder, "[[include]]" + KINDS.split("[[include]]")[1])
    bench.run(path)
    refused = command("export", "net", "--run", "streams", "--to", "script")
    assert (2, True) == (refused.returncode, "a lesson brings its data along" in refused.stderr)
