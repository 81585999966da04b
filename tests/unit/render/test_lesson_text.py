"""What becomes of hostile names in exported code: it stays valid Python, and runs none of them."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from factories import HOSTILE, cell, result, trial
from lessons import cases

from bench.commands.export import LessonSource, make_subject, refuse_streamed
from bench.core.errors import BenchError
from bench.core.score import ACCURACY
from bench.core.target import Target, Task
from bench.execute.losses import resolved_loss
from bench.execute.messages import Recipe
from bench.record.records import Phases
from bench.record.treatment import InputRecord, Untouched
from bench.render.exports.latex import latex_text
from bench.render.exports.lesson import Input, Subject, lesson
from bench.render.exports.lesson.own import TAKEN, imports
from bench.render.exports.notebook import notebook_text
from bench.render.exports.pytest_benchmark import pytest_benchmark_text
from bench.render.exports.script import script_text

NASTY = ('"; import os; os.system("touch x") #', "a\nb", "$\\foo$", "{x}", "'''", "\x00\u202e")


def steps(**changes):
    of = cell(HOSTILE, parameters={"x=print(666), y": 1, "lambda": 2, "a b": '"'}, named=())
    subject = Subject(
        trial=trial(of), target=Target(Task.CLASSES, NASTY), score=ACCURACY, layers=(), builder="mine:make",
        parameters=of.parameters, outputs=6, sparse=False, optimizer="SGD", loss="'mean_squared_error'",
        loss_name="mean_squared_error", schedule="", data_file="data.npz", dataset=HOSTILE, held_out_seed=1,
        inputs=(Input(shape=(8, 8, 1), dtype="uint8", record=None, picture=True),),
    )  # fmt: skip
    return lesson(replace(subject, **changes))


def calls(code: str) -> set[str]:
    """The functions that a piece of code calls by name."""
    return {ast.unparse(node.func) for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)}


def taught(name, **changes):
    """The lesson of a case, with the outcome that a trial would have left; changes are made to its arrays."""
    case = cases()[name]
    case = replace(case, arrays=replace(case.arrays, **changes))
    target, settings = case.arrays.target, case.cell.settings
    width = 1 if case.cell.parameters.get("output") == "binary" else target.width
    outputs = "values" if target.task is Task.REGRESSION else "logits" if name == "logits" else "probabilities"
    scaled = InputRecord(divisor=15.0, low=0.0, high=9.0)
    if settings.input_scaling == "standard":
        scaled = InputRecord(offset=(1.0,) * 4, divisor=(2.0,) * 4, low=0.0, high=9.0)
    if name == "ids":
        scaled = InputRecord(low=0.0, high=29.0, untouched=Untouched.IDS)
    record = trial(case.cell)
    compiled = replace(record.outcome.compiled, outputs=outputs)
    outcome = replace(record.outcome, inputs=scaled, compiled=compiled, metrics={case.score.name: 0.5})
    loss = resolved_loss(settings.loss, target, width).name.rpartition(":")[2]
    recipe = Recipe(
        layers=("keras.layers.Dense(3)",) if case.builder.startswith("bench.") else (), parameters={}, outputs=width,
        sparse=False, optimizer="SGD", loss=f"{loss}()" if settings.loss.own else repr(loss), loss_name=loss,
        schedule="keras.optimizers.schedules.CosineDecay(0.1, 9)", score_is_metric=False, keras_version="3",
    )  # fmt: skip
    source = LessonSource(
        builder=case.builder, recipe=recipe, arrays=case.arrays, facts=case.facts, dataset="made", data_file="made.npz"
    )
    return lesson(make_subject(replace(record, outcome=outcome), source, case.score))


NAMES = tuple(cases())
PICTURES = tuple(name for name in NAMES if cases()[name].picture)


@pytest.mark.parametrize("name", NAMES)
def test_only_pictures_are_called_images(name):
    """Words follow the data: examples, rows, sequences; images where they can be drawn, and nowhere else."""
    text = script_text("a cell", taught(name)).lower()
    words = [word for word in ("image", "picture", "pixel") if word in text]
    assert (["image"] if name in PICTURES else []) == words


@pytest.mark.parametrize("name", NAMES)
def test_every_lesson_is_python(name):
    """Every step of every kind of data and task."""
    for step in taught(name):
        ast.parse(step.code)


def test_names_of_the_lesson_are_known():
    """What a lesson binds is what the user's own is never imported as."""
    bound = set()
    for name in NAMES:
        for node in ast.walk(ast.parse("\n".join(step.code for step in taught(name)))):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                bound.add(node.id)
            if isinstance(node, ast.FunctionDef):
                bound |= {node.name, *(argument.arg for argument in node.args.args)}
    assert set() == bound - TAKEN


def test_the_users_own_names_hide_none_of_the_lesson():
    """A score named `score`, and two functions of one name, get names of their own."""
    lines, names = imports("mine:score", "", "mine:make", "theirs:make", "mine:make")
    assert [
        "from mine import score as own_score",
        "from mine import make",
        "from theirs import make as own_make",
    ] == lines
    assert {"mine:score": "own_score", "mine:make": "make", "theirs:make": "own_make"} == names


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("vector", ("Look at the rows", "Look at the mistakes")),
        ("sequence", ("Look at the sequences", "Look at the mistakes")),
        ("ids", ("Look at the examples", "Look at the mistakes")),
        ("labels", ("Look at the examples", "Look at the mistakes")),
        ("values", ("Look at the rows", "Look at the largest errors")),
        ("several", ("Look at the examples", "Look at the mistakes")),
        ("picture-values", ("Look at the images", "Look at the largest errors")),
    ],
)
def test_what_is_looked_at_follows_the_data(name, titles):
    """Rows of a table, curves of a sequence, pictures; and at the end mistakes or errors."""
    steps_of = taught(name)
    assert titles == (steps_of[2].title, steps_of[-1].title)


def test_ids_stay_whole_numbers():
    """The record says that they are looked up; floats would round the large ones."""
    case = cases()["ids"]
    record = InputRecord(low=0, high=29, untouched=Untouched.IDS)
    assert Input(shape=(10,), dtype="int32", record=record).ids
    assert not Input(shape=(10,), dtype="float32", record=record).ids
    assert "int32" == case.arrays.x_train.dtype.name


def test_the_score_says_which_direction_is_better():
    """Beside its value, and its definition in the text."""
    step = taught("values")[-2]
    assert 'print(f"Test MAE {score:.4g} (lower is better)")' in step.code
    assert 'print("In the benchmark: 0.5")' in step.code
    assert "The score is MAE (mean absolute error over the test examples). Lower is better." in step.text


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("sigmoid", "It is the score of the class malignant."), ("labels", "It is the mean over labels.")],
)
def test_a_score_of_classes_says_of_which(name, sentence):
    """Two classes have one that is looked for; labels have a mean."""
    assert sentence in taught(name)[-2].text


def test_inputs_are_scaled_feature_by_feature_or_channel_by_channel():
    """In words and in code alike."""
    vector, sequence = taught("vector")[3], taught("sequence")[3]
    assert "over the training part, each feature by itself." in vector.text
    assert "mean = np.mean(x_train, axis=0, dtype=np.float64)" in vector.code
    assert "over the training part, each channel by itself." in sequence.text
    assert "mean = np.mean(x_train, axis=(0, 1), dtype=np.float64)" in sequence.code


def test_values_without_names_are_told_apart_by_their_order():
    """A loader's values are numbered, and a number for a name would read as a value."""
    named, unnamed = taught("values")[1], taught("values", names=())[1]
    assert "The values to predict for each: price, rent." in named.text
    assert "2 numbers are predicted for each." in unnamed.text
    assert "name" not in unnamed.code


def test_a_builder_of_keras_tuner_is_called_with_its_hyperparameters():
    """Fixed where the cell fixes them, and the builder's own parameters by name."""
    fixed = steps(hyperparameters={"units": 5}, parameters={"activation": "tanh"})[4].code
    assert "hyperparameters.values.update({'units': 5})" in fixed
    assert "model = make(hyperparameters, (8, 8, 1), 6, **{'activation': 'tanh'})" in fixed
    alone = steps(hyperparameters={}, parameters={}, gives_shape=False)[4].code
    assert "model = make(hyperparameters)" in alone


def test_rules_of_a_training_are_callbacks():
    """With every number that the suite declared."""
    step = taught("vector")[6]
    assert (
        'keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.1, patience=1, min_delta=0.05, cooldown=0, min_lr=0.0)'
        in step.code
    )
    assert (
        'keras.callbacks.EarlyStopping("val_loss", patience=2, min_delta=0.0, restore_best_weights=True)' in step.code
    )
    assert "the weights of the best epoch are restored" in step.text


def test_a_table_of_class_weights_is_in_the_order_of_the_classes():
    """Whether a class is named or numbered."""
    assert "by_class = np.array([1.0, 3.5])" in taught("sigmoid")[3].code


@pytest.mark.parametrize("title", [HOSTILE, *NASTY])
def test_a_script_is_python_and_calls_nothing_of_theirs(title):
    """Names are text between quotes, keys of a dictionary, or comments of one line."""
    text = script_text(title, steps())
    assert not {"os.system", "print(666)"} & calls(text)
    assert "\x00" not in text
    assert repr(list(NASTY)) in text


def test_a_notebook_has_the_same_code():
    """Each of its cells is Python too."""
    content = json.loads(notebook_text(HOSTILE, steps()))
    for part in content["cells"]:
        if part["cell_type"] == "code":
            assert "os.system" not in calls(part["source"])


def test_class_names_are_not_read_as_mathematics():
    """A dollar sign in a name is a dollar sign."""
    assert 'plt.rcParams["text.parse_math"] = False' in steps()[0].code


def test_streamed_data_is_refused_in_a_sentence():
    """A lesson has its data in a file, and such data never is in one."""
    with pytest.raises(BenchError, match="which its loader streams") as refused:
        refuse_streamed(SimpleNamespace(name="clicks", stream=object()), "mlp@clicks@cpu")
    assert "arrays" in refused.value.hint
    refuse_streamed(SimpleNamespace(name="digits", stream=None), "mlp@digits@cpu")


def test_a_run_id_ends_no_comment_of_latex():
    """The head of the table stays one line."""
    head = latex_text(result(trial(), run_id="r\n\\input{/etc/passwd}")).splitlines()[:2]
    assert head[0].startswith("% Run r \\input")
    assert not head[1].startswith("\\input")


def test_a_run_without_training_times_has_nothing_for_pytest_benchmark():
    """It says so instead of dividing by nothing."""
    untimed = trial()
    untimed = replace(untimed, outcome=replace(untimed.outcome, phases=Phases()))
    with pytest.raises(BenchError, match="has no valid times"):
        pytest_benchmark_text(result(untimed))
