"""What people bring, each trained to the figure that is right for it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from commandline import bench as command

import bench
from bench.core.target import Task

MODELS = """
import keras
from keras import layers as L


def sigmoid_net(input_shape, num_classes, units=60):
    return keras.Sequential([keras.Input(input_shape), L.Dense(units, activation="relu"),
                             L.Dense(units, activation="relu"), L.Dense(1, activation="sigmoid")])


def reg(input_shape, num_classes, units=32):
    i = keras.Input(input_shape)
    return keras.Model(i, L.Dense(1)(L.Dense(units, activation="relu")(L.Flatten()(i))))


def multi(input_shape, num_classes):
    return keras.Sequential([keras.Input(input_shape), L.Flatten(), L.Dense(32, activation="relu"),
                             L.Dense(5, activation="sigmoid")])


def plain(input_shape, num_classes, vocab=20000):
    i = keras.Input((None,), dtype="int64")
    x = L.GlobalAveragePooling1D()(L.Embedding(vocab, 16)(i))
    return keras.Model(i, L.Dense(num_classes, activation="softmax")(x))


class Plain(keras.Model):
    def __init__(self, classes):
        super().__init__()
        self.flat, self.hidden, self.out = L.Flatten(), L.Dense(32, "relu"), L.Dense(classes, "softmax")

    def call(self, x, training=False):
        return self.out(self.hidden(self.flat(x)))


def subclassed(input_shape, num_classes):
    return Plain(num_classes)
"""

DATA = """
import numpy as np


def split(name, size, seed=0, stratified=True):
    from sklearn import datasets
    from sklearn.model_selection import train_test_split
    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    a, b, p, q = train_test_split(x, y, test_size=size, random_state=seed, stratify=y if stratified else None)
    return (a, p), (b, q)


def cancer():
    return split("breast_cancer", 0.3, seed=7)


def wine():
    return split("wine", 0.3)


def iris():
    return split("iris", 0.2)


def diabetes():
    return split("diabetes", 0.25, stratified=False)


def whole_diabetes():
    (a, p), (b, q) = diabetes()
    return (a[:, None, :], p.astype("int64")), (b[:, None, :], q.astype("int64"))


def reviews(vocab=20000):
    def part(n, seed):
        r = np.random.default_rng(seed)
        y, x = r.integers(0, 2, n), r.integers(20, vocab, (n, 40))
        for i in range(n):
            words = np.arange(1, 8) if y[i] else np.arange(8, 15)
            x[i, r.choice(40, 4, replace=False)] = r.choice(words, 4)
        return x, y
    return part(2000, 1), part(500, 2)


def few_words():
    return reviews(200)


def labels():
    def part(n, seed):
        r = np.random.default_rng(seed)
        y, x = r.integers(0, 2, (n, 5)), np.zeros((n, 20, 20))
        for k in range(5):
            x[:, 4 * k:4 * k + 4, 4:16] += y[:, k][:, None, None]
        return (255 * np.clip(x + r.normal(0, 0.3, x.shape), 0, 1)).astype("uint8"), y
    return part(1000, 0), part(300, 1)


def fraud(weighted=False):
    def part(n, seed):
        r = np.random.default_rng(seed)
        y = (r.random(n) < 0.02).astype("int64")
        x = r.normal(size=(n, 30))
        x[y == 1, :6] += 1.1
        return x[..., None].astype("float32"), y
    (a, p), test = part(6000, 0), part(3000, 1)
    return ((a, p, np.where(p == 1, 50.0, 1.0)) if weighted else (a, p)), test


def weighted_fraud():
    return fraud(weighted=True)


def many():
    def part(n, seed):
        c, r = np.random.default_rng(7).uniform(0, 255, (300, 12, 12)), np.random.default_rng(seed)
        y = np.concatenate([np.arange(300), r.integers(0, 300, n - 300)])
        return np.clip(c[y] + r.normal(0, 40, (n, 12, 12)), 0, 255).astype("uint8"), y
    return part(3000, 0), part(600, 1)


def words():
    (a, p), (b, q) = split("iris", 0.2)
    names = np.array(["setosa", "versicolor", "virginica"])
    return (a, names[p]), (b, names[q])


def forgotten_division():
    (a, p), (b, q) = split("digits", 0.25)
    enlarge = lambda x: (x.reshape(-1, 8, 8, 1) * (255 / 16)).astype("float32")
    return (enlarge(a), p), (enlarge(b), q)
"""


@dataclass(frozen=True, slots=True)
class Case:
    """A suite that people write.

    Attributes:
        reached: the least, or where lower is better the largest, value of the score that is right.
        source: where that figure comes from.
    """

    data: str
    architecture: str
    keys: str
    task: Task
    width: int
    score: str
    reached: float
    source: str


STANDARD = 'input_scaling = "standard"\noptimizer = "adam"\nlearning_rate = 0.01'
CASES = (
    Case("cancer", "models:sigmoid_net", f"{STANDARD}\nepochs = 10", Task.CLASSES, 2, "accuracy", 0.96,
         "scikit-learn's own examples reach 0.97 to 0.99"),
    Case("cancer", "models:sigmoid_net", f'{STANDARD}\nepochs = 10\nscore = "auc"', Task.CLASSES, 2, "auc", 0.99,
         "as above"),
    Case("wine", "mlp", f"{STANDARD}\nepochs = 30", Task.CLASSES, 3, "accuracy", 0.97, "linear methods: 0.98 to 1"),
    Case("iris", "mlp", f"{STANDARD}\nepochs = 30", Task.CLASSES, 3, "accuracy", 0.9, "linear methods: 0.95 to 0.98"),
    Case("diabetes", "models:reg", f"{STANDARD}\nepochs = 80", Task.REGRESSION, 1, "mean_absolute_error", 47,
         "linear regression: 42 to 46"),
    Case("whole_diabetes", "models:reg", f"{STANDARD}\nepochs = 80", Task.REGRESSION, 1, "mean_absolute_error", 47,
         "as above"),
    Case("reviews", "models:plain", 'optimizer = "adam"\nlearning_rate = 0.01\nepochs = 3', Task.CLASSES, 2, "accuracy",
         1.0, "every review says its mood"),
    Case("few_words", "models:plain", 'optimizer = "adam"\nlearning_rate = 0.01\nepochs = 3', Task.CLASSES, 2,
         "accuracy", 1.0, "every review says its mood"),
    Case("labels", "models:multi", 'optimizer = "adam"\nepochs = 5', Task.MULTILABEL, 5, "f1_score", 0.98,
         "each label has pixels of its own"),
    Case("fraud", "mlp", 'optimizer = "adam"\nepochs = 5\nclass_weight = { 0 = 1.0, 1 = 50.0 }\nscore = "recall"',
         Task.CLASSES, 2, "recall", 0.65, "without weights it is below a half"),
    Case("weighted_fraud", "mlp", 'optimizer = "adam"\nepochs = 5\nscore = "recall"', Task.CLASSES, 2, "recall", 0.65,
         "the same weights, example by example"),
    Case("many", "mlp", 'optimizer = "adam"\nlearning_rate = 0.003\nepochs = 4', Task.CLASSES, 300, "accuracy", 0.95,
         "each class has a pattern of its own"),
    Case("words", "mlp", f"{STANDARD}\nepochs = 30", Task.CLASSES, 3, "accuracy", 0.9, "iris, with words for classes"),
    Case("forgotten_division", "mlp", 'optimizer = "adam"\nlearning_rate = 0.003\nepochs = 10', Task.CLASSES, 10,
         "accuracy", 0.93, "the digits divided by their full scale"),
    Case("digits", "models:subclassed", 'optimizer = "adam"\nlearning_rate = 0.003\nepochs = 10', Task.CLASSES, 10,
         "accuracy", 0.85, "the same network as functional model"),
)  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with the loaders and builders of all cases."""
    folder = tmp_path_factory.mktemp("cases")
    (folder / "models.py").write_text(MODELS)
    (folder / "data.py").write_text(DATA)
    return folder


QUICK = {"cancer-auc", "diabetes-mean_absolute_error", "labels-f1_score"}
"""A case of each task; the others are trained under soak."""


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=name, marks=() if name in QUICK else pytest.mark.soak)
        for case in CASES
        for name in [f"{case.data}-{case.score}"]
    ],
)
def test_it_reaches_what_is_right(place, case):
    """The task is inferred, the loss follows it, and the score is what a reader of the field expects."""
    dataset = case.data if case.data == "digits" else f"data:{case.data}"
    (place / "bench.toml").write_text(
        f'[suite]\nname = "{case.data}"\ndataset = "{dataset}"\nseeds = 1\nengine = "epoch"\n{case.keys}\n'
        f'[[grid]]\narchitecture = "{case.architecture}"\n'
    )
    done = command("run", cwd=place)
    assert 0 == done.returncode, done.stdout + done.stderr
    run = bench.load("latest", reports=place / "reports")
    (data,) = run.result.run.datasets
    assert (case.task, case.width, case.score) == (data.target.task, data.target.width, run.result.run.score.name)
    (value,) = run.trials()["score"]
    assert not run.result.run.score.better(case.reached, float(value))
