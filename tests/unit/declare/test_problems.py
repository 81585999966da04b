"""Every problem of a suite at once: where, what was received, what is allowed, and the nearest name."""

# ruff: noqa: E501  (each refusal stands on one line, as it is printed)

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from bench.core.errors import ExitCode, SuiteError
from bench.core.names import listed
from bench.declare.settings import METRICS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.declare.suite import Suite

    Problems = Callable[..., list[str]]

OPTIMIZERS = "adadelta, adafactor, adagrad, adam, adamax, adamw, ftrl, lamb, lion, muon, nadam, rmsprop or sgd"
LOSSES = (
    "auto, binary_crossentropy, categorical_crossentropy, categorical_focal_crossentropy, categorical_hinge, "
    "cosine_similarity, hinge, huber, kl_divergence, log_cosh, mean_absolute_error, mean_absolute_percentage_error, "
    "mean_squared_error, mean_squared_logarithmic_error, poisson, sparse_categorical_crossentropy or squared_hinge"
)
CLASS_WEIGHT = '"balanced", or a table with a weight above 0 for each class, such as { "0" = 1.0, "1" = 50.0 }'
SEEDS = "expected 1 to 10,000 trials per cell, or a list of different seeds from 0 to 4294967295"
SCHEDULES = "constant, cosine, exponential, inverse_time, piecewise or polynomial, or package.module:make"

WRONG = """
top = 1

[suite]
name = "-x"
dataset = "mnits"
epoch = 3
epochs = 0
batch_size = 1.5
optimizer = "sdg"
learning_rate = { schedule = "cosin", initial = 0.5 }
loss = "crossentropy"
device = "tpu"
engine = "fast"
seeds = [1, 1]
timeout_s = -1
validation_split = 1

[architectures.a]
builder = "mlpp"

[architectures.b]
builder = "mlp"
hiden = [3]
hidden = [0, "x"]
dropout = 2
published = { accuracy = 92.8, sorce = "x" }

[architectures.c]

[[grid]]
architecture = ["b", "lenet", 5]
learning_rate = [0.1, -1, "x", { schedule = "cosine" }]
batch_size = []
optimizer = [5, { name = "sgd", learning_rate = 3 }, { momentum = 3 }, "adamm"]
device = ["cpu", "tpu"]
dataset = ["mnist", "./nowhere"]

[[grid]]
architecture = "mlp"
hidden = [[32], [0], "x", true]
seeds = 3

[[include]]
architecture = ["mlp"]

[[exclude]]
hiden = 3
learning_rate = "fast"

[[exclude]]

[gate]
margin = 0
alpa = 0.1
"""

REPORT = f"""\
bench.toml has 45 problems:
  top: received an unknown key; expected a key of the file: architectures, datasets, exclude, gate, grid, include, suite
  suite.epoch: received an unknown key; expected a key of [suite] (did you mean epochs?)
  suite.dataset: received 'mnits'; expected mnist, fashion_mnist, digits, wine, breast_cancer, cifar10, cifar100, imdb, reuters or california_housing, a path such as ./my-data, or \
package.module:loader (did you mean mnist?)
  suite.epochs: received 0; expected a value greater than 0
  suite.batch_size: received 1.5; expected a whole number
  suite.optimizer.name: received 'sdg'; expected a Keras optimizer: {OPTIMIZERS}, or package.module:name (did you mean sgd?)
  suite.learning_rate: received {{'schedule': 'cosin', 'initial': 0.5}}; expected a table whose `schedule` is \
{SCHEDULES} (did you mean cosine?)
  suite.loss: received 'crossentropy'; expected a Keras loss: {LOSSES}, or package.module:name (did you mean binary_crossentropy?)
  suite.validation_split: received 1; expected a value less than 1
  suite.device: received 'tpu'; expected cpu, cpu[threads=N], gpu or gpu:N
  suite.engine: received 'fast'; expected 'auto', 'auto-exact', 'fit', 'epoch' or 'epoch-xla'
  suite.timeout_s: received -1; expected a value greater than 0
  suite.name: received '-x'; expected 1 to 80 letters, digits, dots, dashes and underscores, a letter or digit first
  suite.seeds: received [1, 1]; expected 1 to 10,000 trials per cell, or a list of different seeds from 0 to 4294967295
  architectures.a.builder: received 'mlpp'; expected a catalog name, or package.module:function for a builder of \
your own (did you mean mlp?)
  architectures.b.published.sorce: received an unknown key; expected a key of [architectures.b.published] \
(did you mean source?)
  architectures.b.published.accuracy: received 92.8; expected a value less than or equal to 1
  architectures.b.published.source: received nothing; expected this key
  architectures.b.hiden: received an unknown key; expected a key of b (its builder is mlp) (did you mean hidden?)
  architectures.b.hidden[1]: received 0; expected a value greater than 0
  architectures.b.hidden[2]: received 'x'; expected a whole number
  architectures.b.dropout: received 2; expected a value less than 1
  architectures.c.builder: received nothing; expected softmax, mlp, lenet5, cnn, rnn or conv1d, or package.module:function
  grid[1].architecture: received 'lenet'; expected one of b, softmax, mlp, lenet5, cnn, rnn or conv1d, or package.module:function \
(did you mean lenet5?)
  grid[1].architecture: received 5; expected one of b, softmax, mlp, lenet5, cnn, rnn or conv1d, or package.module:function
  grid[1].learning_rate[2].initial: received -1; expected a value greater than 0
  grid[1].learning_rate[3]: received 'x'; expected a number greater than 0, or a table with a `schedule`
  grid[1].learning_rate[4].initial: received nothing; expected this key
  grid[1].batch_size: received an empty list; expected at least one value: an empty axis has no cells
  grid[1].optimizer[1]: received 5; expected a Keras optimizer's name, or a table with a `name`
  grid[1].optimizer[2]: received {{'name': 'sgd', 'learning_rate': 3}}; expected an optimizer without a learning_rate: \
that is a setting of its own
  grid[1].optimizer[3].name: received nothing; expected this key
  grid[1].optimizer[4].name: received 'adamm'; expected a Keras optimizer: {OPTIMIZERS}, or package.module:name (did you mean adam?)
  grid[1].device[2]: received 'tpu'; expected cpu, cpu[threads=N], gpu or gpu:N
  grid[1].dataset[2]: received './nowhere'; expected a file or folder of data that exists in FOLDER
  grid[2].hidden[2][1]: received 0; expected a value greater than 0
  grid[2].hidden[3]: received 'x'; expected a list
  grid[2].hidden[4]: received true; expected a list
  grid[2].seeds: received 3; expected seeds in the table [suite] only
  include[1].architecture: received ['mlp']; expected one architecture: an include adds one cell
  exclude[1].hiden: received an unknown key; expected a key of a cell (did you mean hidden?)
  exclude[1].learning_rate: received 'fast'; expected a number greater than 0, or a table with a `schedule`
  exclude[2]: received an empty table; expected at least one key: it would exclude every cell
  gate.alpa: received an unknown key; expected a key of [gate] (did you mean alpha?)
  gate.margin: received 0; expected a value greater than 0"""


def test_all_problems_are_reported_at_once(parsed: Callable[..., Suite], tmp_path: Path) -> None:
    """One look at the output is enough to mend the whole file."""
    with pytest.raises(SuiteError) as caught:
        parsed(WRONG)
    assert REPORT.replace("FOLDER", str(tmp_path)) == caught.value.message
    assert "`bench init` writes a commented suite to start from; nothing was trained or written." == caught.value.hint
    assert ExitCode.USAGE == caught.value.exit_code


def test_what_should_be_a_table_and_is_none(parsed: Callable[..., Suite]) -> None:
    """Each top-level name of a wrong type is a problem of its own, and hides none of the others."""
    with pytest.raises(SuiteError) as caught:
        parsed("suite = 1\narchitectures = 2\ngrid = { architecture = 'mlp' }\ninclude = [1]\nexclude = {}\ngate = []")
    expected = """\
        bench.toml has 7 problems:
          suite: received 1; expected a table [suite]
          suite.name: received nothing; expected this key
          architectures: received 2; expected a table [architectures]
          grid: received {'architecture': 'mlp'}; expected tables written [[grid]]
          include: received [1]; expected tables written [[include]]
          exclude: received {}; expected tables written [[exclude]]
          gate: received []; expected a table [gate]"""
    assert dedent(expected) == caught.value.message


def test_an_empty_file_says_what_to_begin_with(parsed: Callable[..., Suite]) -> None:
    """The first thing missing is [suite]."""
    with pytest.raises(
        SuiteError, match='expected a table \\[suite\\] with at least a name, such as name = "my-suite"'
    ):
        parsed("")


def test_a_suite_of_nothing_says_what_to_add(problems: Problems) -> None:
    """A [suite] alone trains nothing, which is a slip rather than a wish."""
    assert [
        "grid: received nothing to train; expected a [[grid]], an [[include]] or an [architectures.NAME]"
    ] == problems("")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[suite", "Expected ']' at the end of a table declaration (at end of document)"),
        ("x = " + "9" * 5000, "a number of too many digits"),
        ("x = " + "[" * 3000 + "]" * 3000, "lists and tables nested too deeply"),
        ("x = " + "{x = " * 50 + "1" + "}" * 50, "lists and tables nested more than 40 deep"),
        ("[gate.margins." + "a." * 5000 + "a]", "a key of more than 200 parts, gate.margins.a.a.a.a..."),
        ("# " + "x" * 2**19, "more than 524,288 bytes"),
        ("x = [" + "1, " * 50_001 + "]", "more than 50,000 values"),
    ],
    ids=["a slip", "a number too long", "lists too deep", "tables too deep", "a key too deep", "too long", "too much"],
)
def test_what_is_not_toml_is_one_problem(parsed: Callable[..., Suite], text: str, expected: str) -> None:
    """The parser's own words are kept, whatever it stumbles over."""
    with pytest.raises(SuiteError) as caught:
        parsed(text)
    assert caught.value.message.startswith(f"bench.toml has 1 problem:\n  file: received {expected}")
    assert caught.value.message.endswith("; expected TOML")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("seeds = 0", f"seeds: received 0; {SEEDS}"),
        ("seeds = 1000000000000", f"seeds: received 1000000000000; {SEEDS}"),
        ("seeds = true", f"seeds: received true; {SEEDS}"),
        ("seeds = []", f"seeds: received []; {SEEDS}"),
        ("seeds = [-1]", f"seeds: received [-1]; {SEEDS}"),
        ("seeds = [4294967296]", f"seeds: received [4294967296]; {SEEDS}"),
        ("epochs = 'ten'", "epochs: received 'ten'; expected a whole number"),
        ("epochs = [1]", "epochs: received [1]; expected one value (a whole number); a list is an axis: write epochs = [...] under [[grid]]"),
        ("epochs = 2147483648", "epochs: received 2147483648; expected a value less than 2147483648"),
        (f"epochs = 0x{'f' * 5000}", "epochs: received an enormous number; expected a value less than 2147483648"),
        ("timeout_s = 'long'", "timeout_s: received 'long'; expected a number"),
        ("timeout_s = inf", "timeout_s: received inf; expected a finite number"),
        ("validation_split = nan", "validation_split: received nan; expected a finite number"),
        ("max_cells = 0", "max_cells: received 0; expected a value greater than 0"),
        ("description = 3", "description: received 3; expected a text"),
        ("input_scaling = 'units'", "input_scaling: received 'units'; expected 'unit', 'standard' or 'none'"),
        ("device = 3", "device: received 3; expected cpu, cpu[threads=N], gpu or gpu:N"),
        ("device = 'cpu:1'", "device: received 'cpu:1'; expected cpu, cpu[threads=N], gpu or gpu:N"),
        ("device = 'cpu[threads=0]'", "device: received 'cpu[threads=0]'; expected cpu, cpu[threads=N], gpu or gpu:N"),
        ("optimizer = { name = 'sgd', momentum = nan }", "optimizer: received {'name': 'sgd', 'momentum': nan}; expected options that are a text, a whole or finite number, true, false, or a list or table of them"),
        ("learning_rate = true", "learning_rate: received true; expected a number greater than 0, or a table with a `schedule`"),
        ("learning_rate = 0", "learning_rate.initial: received 0; expected a value greater than 0"),
        ("learning_rate = {}", f"learning_rate: received {{}}; expected a table whose `schedule` is {SCHEDULES}"),
        ("learning_rate = { schedule = 3 }", f"learning_rate: received {{'schedule': 3}}; expected a table whose `schedule` is {SCHEDULES}"),
        ("learning_rate = { schedule = 'cosine', initial = 1, final = 2 }", "learning_rate.final: received an unknown key; expected only the keys this table has"),
        ("learning_rate = { schedule = 'piecewise', boundaries = [2], values = [1] }", "learning_rate: received {'schedule': 'piecewise', 'boundaries': [2], 'values': [1]}; expected one more value than boundaries"),
        ("learning_rate = { schedule = 'piecewise', boundaries = [2, 1], values = [1, 2, 3] }", "learning_rate: received {'schedule': 'piecewise', 'boundaries': [2, 1], 'values':...; expected boundaries that rise"),
        ("learning_rate = { schedule = 'piecewise', boundaries = [2, 0], values = [1, 2, 3] }", "learning_rate.boundaries[2]: received 0; expected a value greater than 0"),
        ("memory_limit_bytes = 'a lot'", "memory_limit_bytes: received 'a lot'; expected a number of bytes greater than 0, or one with a unit, such as '4 GiB'"),
        ("fallback_dataset = 'digit'", "fallback_dataset: received 'digit'; expected mnist, fashion_mnist, digits, wine, breast_cancer, cifar10, cifar100, imdb, reuters or california_housing, a path such as ./my-data, or package.module:loader (did you mean digits?)"),
        ("loss = { name = 'auto', delta = 1 }", "loss: received {'name': 'auto', 'delta': 1}; expected auto with no option but from_logits or label_smoothing"),
        ("callbacks = ['own']", "callbacks[1]: received 'own'; expected package.module:make, a function that returns a Keras callback"),
        ("metrics = ['acuracy']", "metrics[1]: received 'acuracy'; expected a metric: METRICS (did you mean accuracy?)"),
        ("score = 'auk'", "score: received 'auk'; expected a score: METRICS (did you mean auc?)"),
        ("score = 3", "score: received 3; expected a score: METRICS"),
        ("score = 'own:good'", 'direction: received nothing; expected "higher" or "lower" with a score of your own'),
        ("score = 'auc'\ndirection = 'lower'", "direction: received 'lower'; expected no direction: auc has its own"),
        ("direction = 'lower'", "direction: received 'lower'; expected no direction without a score of your own"),
        ("direction = 'up'", "direction: received 'up'; expected 'higher' or 'lower'"),
        ("class_weight = 3", f"class_weight: received 3; expected {CLASS_WEIGHT}"),
        ("class_weight = {}", f"class_weight: received {{}}; expected {CLASS_WEIGHT}"),
        ("class_weight = { a = 0 }", f"class_weight: received {{'a': 0}}; expected {CLASS_WEIGHT}"),
        ("class_weight = { a = inf }", f"class_weight: received {{'a': inf}}; expected {CLASS_WEIGHT}"),
        ("class_weight = { a = true }", f"class_weight: received {{'a': True}}; expected {CLASS_WEIGHT}"),
        ("class_weight = [false]", f"class_weight: received [False]; expected {CLASS_WEIGHT}"),
        ("class_weight = ['ab']", f"class_weight: received ['ab']; expected {CLASS_WEIGHT}"),
        ("reduce_on_plateau = { factor = 1 }", "reduce_on_plateau.factor: received 1; expected a value less than 1"),
        ("learning_rate = { schedule = 'own:make' }", "learning_rate.initial: received nothing; expected this key"),
        ("fallback_dataset = 3", "fallback_dataset: received 3; expected a text"),
    ],
)  # fmt: skip
def test_a_wrong_key_of_the_suite(problems: Problems, line: str, expected: str) -> None:
    """Each kind of mistake has one line, and it says what may stand there."""
    expected = expected.replace("METRICS", f"{listed(METRICS)}, or package.module:name")
    assert [f"suite.{expected}"] == problems(f'{line}\n[[grid]]\narchitecture = "softmax"')


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ('device = ["cpu", "gpu"]', "device"),
        ("learning_rate = [0.1, 0.5]", "learning_rate"),
        ("epochs = [1, 2]", "epochs"),
    ],
)
def test_a_list_under_suite_says_that_lists_belong_in_a_grid(problems: Problems, line: str, key: str) -> None:
    """The suite has one value of each key; several values are an axis."""
    assert any(
        f"a list is an axis: write {key} = [...] under [[grid]]" in told
        for told in problems(f'{line}\n[[grid]]\narchitecture = "softmax"')
    )


@pytest.mark.parametrize("name", ["./absent", "data/absent.npz", f"./{'a' * 400}", "a\\u0000/b"])
def test_a_path_that_does_not_exist(problems: Problems, tmp_path: Path, name: str) -> None:
    """A path is looked for from the folder of the suite file; one that no system could hold does not exist either."""
    (problem,) = problems(f'[[grid]]\narchitecture = "softmax"\ndataset = "{name}"')
    assert problem.startswith("grid[1].dataset: received '")
    assert problem.endswith(f"expected a file or folder of data that exists in {tmp_path}")


@pytest.mark.parametrize(
    ("tables", "expected"),
    [
        ("[architectures]\na = 3", "architectures.a: received 3; expected a table with a builder"),
        ("[architectures.a]\nbuilder = 3", "architectures.a.builder: received 3; expected softmax, mlp, lenet5, cnn, rnn or conv1d, or package.module:function"),
        ("[architectures.a]\nbuilder = 'softmax'\npublished = 3", "architectures.a.published: received 3; expected a table"),
        ("[architectures.a]\nbuilder = 'softmax'\nseeds = 3", "architectures.a.seeds: received 3; expected seeds in the table [suite] only"),
        ("[architectures.a]\nbuilder = 'softmax'\nepochs = [1, 2]", "architectures.a.epochs: received [1, 2]; expected a whole number"),
        ("[architectures.a]\nbuilder = 'mlp'\nhidden = [1]\nnodes = 3", "architectures.a: received hidden together with layers or nodes; expected only one of them: each says how large the network is"),
        ("[architectures.a]\nbuilder = 'mlp'\nhidden = [1]\n[[grid]]\nlayers = [1, 2]", "grid[1]: received hidden together with layers or nodes; expected only one of them: each says how large the network is"),
        ("[architectures.a]\nbuilder = 'mlp'\nactivation = 'rely'", "architectures.a.activation: received 'rely'; expected 'relu', 'tanh', 'sigmoid', 'elu', 'selu', 'gelu', 'silu', 'leaky_relu', 'softplus' or 'linear'"),
        ("[architectures.a]\nbuilder = 'mlp'\nbatch_norm = 'maybe'", "architectures.a.batch_norm: received 'maybe'; expected true or false"),
        ("[architectures.a]\nbuilder = 'mlp'\nhidden = 2024-01-01", "architectures.a.hidden: received datetime.date(2024, 1, 1); expected a text, a whole or finite number, true, false, or a list or table of them"),
        ("[architectures.a]\nbuilder = 'softmx'\n[[grid]]\nepochs = 1", "architectures.a.builder: received 'softmx'; expected a catalog name, or package.module:function for a builder of your own (did you mean softmax?)"),
        ("[architectures.a]\nbuilder = 'softmx'\n[[grid]]\narchitecture = 'a'", "architectures.a.builder: received 'softmx'; expected a catalog name, or package.module:function for a builder of your own (did you mean softmax?)"),
        ("[gate]\nrequire_time = true", "gate.require_time: received true; expected false, or time = true beside it"),
        ("[[grid]]\nepochs = 1", "grid[1].architecture: received nothing; expected a named architecture or one of the catalog"),
        ("[[grid]]\narchitecture = []", "grid[1].architecture: received nothing; expected a named architecture or one of the catalog"),
        ("[[grid]]\narchitecture = ['mlp', 'cnn']\ndropuot = 0.1\nepochs = 1\n[[grid]]\narchitecture = 'softmax'\nwidth = 1", "grid[2].width: received an unknown key; expected a key of softmax (its builder is softmax): backend, batch_size, callbacks, class_weight, compile, dataset"),
        ("[[include]]\nepochs = 1", "include[1].architecture: received []; expected one architecture: an include adds one cell"),
        ("[[include]]\narchitecture = 'softmax'\nepochs = [1]", "include[1].epochs: received [1]; expected a whole number"),
        ("[[grid]]\narchitecture = 'softmax'\n[[exclude]]\nname = 'x'", "exclude[1].name: received an unknown key; expected a key of a cell"),
        ("[[grid]]\narchitecture = 'softmax'\n[[exclude]]\ndevice = ['cpu', 'tpu']", "exclude[1].device: received 'tpu'; expected cpu, cpu[threads=N], gpu or gpu:N"),
    ],
)  # fmt: skip
def test_a_wrong_table(problems: Problems, tables: str, expected: str) -> None:
    """Architectures, grids, includes and excludes are checked as strictly as [suite]."""
    assert any(problem.startswith(expected) for problem in problems(tables))


def test_one_mistake_of_two_architectures_is_two_problems_of_the_same_key(problems: Problems) -> None:
    """An axis must be a parameter of every architecture of its grid; each that lacks it is named."""
    assert [
        "grid[1].dropuot: received an unknown key; expected a key of mlp (its builder is mlp) (did you mean dropout?)",
        "grid[1].dropuot: received an unknown key; expected a key of cnn (its builder is cnn) (did you mean dropout?)",
    ] == problems('[[grid]]\narchitecture = ["mlp", "cnn"]\ndropuot = [0.1, 0.2]')


def test_a_mistake_is_told_once(problems: Problems) -> None:
    """A value that two builders refuse alike is one problem."""
    assert ["grid[1].dropout[1]: received 2; expected a value less than 1"] == problems(
        '[[grid]]\narchitecture = ["mlp", "cnn"]\ndropout = [2]'
    )


def test_a_wrong_table_that_others_refer_to_is_told_once(parsed: Callable[..., Suite]) -> None:
    """A grid that looks for a name in a broken [architectures] adds no second line about it."""
    with pytest.raises(SuiteError) as caught:
        parsed('grid = [{ architecture = "mlpp" }]\narchitectures = 3\n[suite]\nname = "s"')
    assert 1 == caught.value.message.count("architectures: received 3")


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("mine:make", "a module that can be imported; there is no 'mine' beside the suite file or in this environment"),
        ("models.deep:make", "a module that can be imported; there is no 'models.deep' beside the suite file or in this environment"),
        ("models:mkae", "a function that models defines; it has no 'mkae' (did you mean make?)"),
        ("models:", "a catalog name, or package.module:function for a builder of your own"),
        ("models:a.b", "a catalog name, or package.module:function for a builder of your own"),
        ("__main__:f", "a module that can be imported; there is no '__main__' beside the suite file or in this environment"),
    ],
)  # fmt: skip
def test_a_builder_that_does_not_exist(problems: Problems, tmp_path: Path, reference: str, expected: str) -> None:
    """Module and function are looked for without running the module."""
    (tmp_path / "models.py").write_text("open('ran', 'w')\ndef make(input_shape, num_classes, *, width=3): ...\n")
    assert [f"grid[1].architecture: received '{reference}'; expected {expected}"] == problems(
        f'[[grid]]\narchitecture = "{reference}"'
    )
    assert not (tmp_path / "ran").exists()


def test_a_parameter_that_a_builder_does_not_have(problems: Problems, tmp_path: Path) -> None:
    """The builder's own signature is what its parameters are checked against."""
    (tmp_path / "models.py").write_text("open('ran', 'w')\ndef make(input_shape, num_classes, *, width=3): ...\n")
    expected = "grid[1].widht: received an unknown key; expected a key of make (its builder is models:make) (did you mean width?)"
    assert [expected] == problems('[[grid]]\narchitecture = "models:make"\nwidht = 3')
    assert not (tmp_path / "ran").exists()


def test_an_override_is_checked_like_the_file(problems: Problems) -> None:
    """A wrong value of --set is told with the rest; a wrong key says where it came from."""
    tables = '[[grid]]\narchitecture = "softmax"'
    assert ["suite.epochs: received -1; expected a value greater than 0"] == problems(tables, overrides={"epochs": -1})
    assert ["--set.epoch: received an unknown key; expected a key of [suite] (did you mean epochs?)"] == problems(
        tables, overrides={"epoch": 1}
    )


def test_a_parameter_that_a_builder_needs_and_nobody_gives(problems: Problems, tmp_path: Path) -> None:
    """A plan names it; a value in the grid or in the table of the architecture will do."""
    (tmp_path / "own.py").write_text("def make(input_shape, num_classes, width, *, depth): ...\n")
    expected = "grid[1].width: received nothing; expected a value: own:make needs width"
    assert [expected] == problems("[[grid]]\narchitecture = 'own:make'\ndepth = [1, 2]")
    table = "[architectures.a]\nbuilder = 'own:make'\nwidth = 3"
    assert ["grid[1].depth: received nothing; expected a value: own:make needs depth"] == problems(table)


def test_endless_problems_are_cut_short(parsed: Callable[..., Suite]) -> None:
    """The first 50 are listed, and the rest of the file is not looked at: no spelling help for 9,000 keys."""
    with pytest.raises(SuiteError) as caught:
        parsed("[suite]\nname = 's'\n" + "".join(f"key_{number} = 1\n" for number in range(9_000)))
    first, *lines = caught.value.message.splitlines()
    assert first == "bench.toml has more than 50 problems, the first ones are:"
    assert len(lines) == 50
    assert lines[0].startswith("  suite.key_0: received an unknown key")


def test_a_problem_has_a_path_that_can_be_read(parsed: Callable[..., Suite]) -> None:
    """A key of thousands of letters is cut."""
    with pytest.raises(SuiteError) as caught:
        parsed(f"[suite]\nname = 's'\n{'k' * 5_000} = 1\n")
    assert f"  suite.{'k' * 194}...: received an unknown key" in caught.value.message
