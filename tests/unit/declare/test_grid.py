"""A suite's grids are counted, multiplied, united and thinned out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bench.core.errors import SuiteError
from bench.declare.grid import count, expand

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.declare.cell import Cell
    from bench.declare.suite import Suite

    Ids = Callable[[str], list[str]]

SUITE = '[suite]\nname = "s"\ndataset = "digits"\n'
GRID = '[[grid]]\narchitecture = "mlp"\nhidden = [[32], [64], [32, 64]]\nepochs = [1, 2]\n'


def test_axes_multiply_the_last_one_fastest(ids: Ids) -> None:
    """The order of the file is the order of the cells."""
    assert [
        "mlp[hidden=32,epochs=1]@digits@cpu",
        "mlp[hidden=32,epochs=2]@digits@cpu",
        "mlp[hidden=64,epochs=1]@digits@cpu",
        "mlp[hidden=64,epochs=2]@digits@cpu",
        "mlp[hidden=32-64,epochs=1]@digits@cpu",
        "mlp[hidden=32-64,epochs=2]@digits@cpu",
    ] == ids(GRID)


@pytest.mark.parametrize(
    ("exclude", "dropped"),
    [
        ("hidden = [32]\nepochs = 2", 1),  # a list parameter is one value: the network of one layer of 32
        ("hidden = [32, 64]", 2),  # ... the network of two layers, not one of 32 or of 64
        ("hidden = [[32], [64]]", 4),  # several values: one of them is enough
        ("hidden = 32", 2),  # written as the grid may write it
        ("epochs = [1, 2]", 6),
        ("architecture = 'mlp'\nepochs = 1", 3),
        ("architecture = ['mlp', 'cnn']\nepochs = 1", 3),
        ("dataset = 'digits'\nepochs = 1", 3),
        ("device = 'cpu:0'\nepochs = 1", 3),  # read as the cell's own device is
        ("engine = 'auto'\nepochs = 1", 3),
        ("learning_rate = 0.01\nepochs = 1", 3),  # keys that no axis names count as well
        ("optimizer = { name = 'sgd' }\nepochs = 1", 3),
    ],
)
def test_an_exclude_drops_the_cells_that_match_all_its_keys(
    parsed: Callable[..., Suite], exclude: str, dropped: int
) -> None:
    """A cell must have, for every key, the value or one of the values."""
    suite = parsed(f"{SUITE}{GRID}[[exclude]]\n{exclude}\n[[include]]\narchitecture = 'softmax'")
    expansion = expand(suite)
    assert (dropped, 7 - dropped, ()) == (expansion.excluded, len(expansion.cells), expansion.idle_excludes)


@pytest.mark.parametrize(
    "exclude",
    ["hidden = [16]", "hidden = [64, 32]", "dropout = 0.5", "filters = [8]", "architecture = 'cnn'", "epochs = 3"],
)
def test_an_exclude_that_drops_nothing_is_named(parsed: Callable[..., Suite], exclude: str) -> None:
    """It is most likely a slip: the second table here."""
    expansion = expand(parsed(f"{SUITE}{GRID}[[exclude]]\nhidden = [64]\n[[exclude]]\n{exclude}"))
    assert (2, (2,)) == (expansion.excluded, expansion.idle_excludes)


def test_two_excludes_that_match_one_cell_drop_it_once(parsed: Callable[..., Suite]) -> None:
    """Neither is idle."""
    expansion = expand(parsed(f"{SUITE}{GRID}[[exclude]]\nhidden = [64]\n[[exclude]]\nepochs = 1\nhidden = [64]"))
    assert (2, 4, ()) == (expansion.excluded, len(expansion.cells), expansion.idle_excludes)


def test_an_include_is_not_excluded(ids: Ids) -> None:
    """What is added by name is wanted, whatever was dropped before."""
    assert ["mlp[epochs=1]@digits@cpu", "mlp[epochs=2]@digits@cpu"] == ids(
        "[[grid]]\narchitecture='mlp'\nepochs=[1, 2]\n[[exclude]]\nepochs=2\n[[include]]\narchitecture='mlp'\nepochs=2"
    )


def test_cells_that_train_alike_are_one(ids: Ids) -> None:
    """The first table that names a cell gives it its id."""
    assert ["softmax[epochs=10]@digits@cpu", "softmax[epochs=20]@digits@cpu"] == ids("""
        [[grid]]
        architecture = "softmax"
        epochs = [10, 20, 10]
        [[grid]]
        architecture = "softmax"
        [[include]]
        architecture = "softmax"
        batch_size = 32
    """)


def test_one_training_under_two_names_is_two_cells(ids: Ids) -> None:
    """The report shows both, beside their own published figures."""
    assert ["a@digits@cpu", "b@digits@cpu"] == ids(
        "[architectures.a]\nbuilder='softmax'\n[architectures.b]\nbuilder='softmax'"
    )


def test_nothing_left_is_an_error(parsed: Callable[..., Suite]) -> None:
    """A suite that trains nothing cannot look like one that passed."""
    with pytest.raises(SuiteError) as caught:
        expand(parsed(f"{SUITE}{GRID}[[exclude]]\narchitecture = 'mlp'"))
    assert "bench.toml excludes every one of its cells." == caught.value.message
    assert "Narrow an [[exclude]] table." == caught.value.hint


def test_data_sets_of_one_short_name_are_named_apart(ids: Ids, tmp_path: Path) -> None:
    """An id takes the folder or the module where it must, and only there."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mnist.npz").touch()
    (tmp_path / "mine.npz").touch()
    files = ids("[[grid]]\narchitecture = 'softmax'\ndataset = ['./a/mnist.npz', './b/mnist.npz', './mine.npz']")
    assert ["softmax@a/mnist@cpu", "softmax@b/mnist@cpu", "softmax@mine@cpu"] == files
    loaders = "['keras.datasets.mnist:load_data', 'keras.datasets.cifar10:load_data', 'own:load']"
    assert ["softmax@mnist.load_data@cpu", "softmax@cifar10.load_data@cpu", "softmax@load@cpu"] == ids(
        f"[[grid]]\narchitecture = 'softmax'\ndataset = {loaders}"
    )


COMPILES = "[[grid]]\narchitecture = 'one:make'\ncompile = 'builder'\n"


@pytest.mark.parametrize(
    ("text", "void"),
    [
        (f"{COMPILES}learning_rate = [0.1, 0.2]", "learning_rate"),
        (f"{COMPILES}optimizer = 'adam'\nloss = 'huber'", "optimizer and loss"),
        (
            (
                "[[grid]]\narchitecture = 'x'\nloss = 'huber'\n"
                "[architectures.x]\nbuilder = 'one:make'\ncompile = 'builder'"
            ),
            "loss",
        ),
    ],
    ids=["an axis", "two keys", "nearer than compile"],
)
def test_what_the_builder_compiles_cannot_be_set_as_well(
    parsed: Callable[..., Suite], tmp_path: Path, text: str, void: str
) -> None:
    """It would be dropped without a word."""
    (tmp_path / "one.py").write_text("def make(input_shape, num_classes): ...\n")
    with pytest.raises(SuiteError, match=f"bench.toml sets {void} for (make|x), but compile = "):
        expand(parsed(f"{SUITE}{text}"))


def test_a_suite_s_optimizer_does_not_bind_the_architecture_that_compiles_itself(
    parsed: Callable[..., Suite], tmp_path: Path
) -> None:
    """It is there for the others."""
    (tmp_path / "one.py").write_text("def make(input_shape, num_classes): ...\n")
    suite = parsed(f"{SUITE}optimizer = 'adam'\n[[grid]]\narchitecture = 'softmax'\n{COMPILES}")
    assert ["suite", "builder"] == [cell.settings.compile for cell in expand(suite).cells]


@pytest.mark.parametrize(
    "grid",
    [
        "architecture = ['one:make', 'two:make']",
        "architecture = 'one:make'\nwidth = [1, '1']",
    ],
    ids=["builders of one name", "values that read alike"],
)
def test_different_cells_of_one_id_are_refused(parsed: Callable[..., Suite], tmp_path: Path, grid: str) -> None:
    """Statistics per cell would throw two kinds of training together."""
    for name in ("one", "two"):
        (tmp_path / f"{name}.py").write_text("def make(input_shape, num_classes, width=1): ...\n")
    with pytest.raises(SuiteError, match=r"declares different cells of one id: make.*@digits@cpu\."):
        expand(parsed(f"{SUITE}[[grid]]\n{grid}"))


MILLION = (
    SUITE
    + '[[grid]]\narchitecture = "mlp"\n'
    + "\n".join(f"{key} = {list(range(1, 101))}" for key in ("epochs", "batch_size", "nodes"))
)


def test_a_million_cells_are_counted_and_refused(parsed: Callable[..., Suite]) -> None:
    """The size is known, and refused, before the first cell is made."""
    suite = parsed(MILLION)
    assert 1_000_000 == count(suite)
    with pytest.raises(SuiteError) as caught:
        expand(suite)
    assert "bench.toml declares 1,000,000 cells, more than the limit of 100,000." == caught.value.message
    expected = "Shorten an axis, or allow it with --max-cells 1000000 (or max_cells = 1000000 under [suite])."
    assert expected == caught.value.hint


def test_a_limit_may_be_moved(parsed: Callable[..., Suite]) -> None:
    """By the file, and by the command line over it; the limit itself is allowed."""
    with pytest.raises(SuiteError, match=r"declares 6 cells, more than the limit of 5\."):
        expand(parsed(f"{SUITE}max_cells = 5\n{GRID}"))
    assert 6 == len(expand(parsed(f"{SUITE}max_cells = 6\n{GRID}")).cells)
    assert 6 == len(expand(parsed(f"{SUITE}max_cells = 1\n{GRID}"), max_cells=6).cells)
    with pytest.raises(SuiteError, match=r"more than the limit of 2\."):
        expand(parsed(f"{SUITE}max_cells = 100\n{GRID}"), max_cells=2)


VARIED = """
[[grid]]
architecture = ["mlp", "softmax"]
learning_rate = [0.1, { schedule = "cosine", initial = 0.3 }]
loss = ["auto", "categorical_crossentropy", { name = "categorical_crossentropy", label_smoothing = 0.1 }]
optimizer = ["sgd", { name = "adam", beta_1 = 0.8 }]
deterministic = [true, false]
[[grid]]
architecture = "mlp"
hidden = [[3], [128], [4, 5]]
device = ["cpu", "gpu"]
epochs = [5, 10]
"""


def as_one_object(of: Cell) -> tuple[str, str]:
    """Fingerprint and shape by their definition: the hash of one JSON object with its keys in order."""
    settings = of.settings.model_dump(mode="json")
    settings["loss"] = "auto" if settings["loss"] == "categorical_crossentropy" else settings["loss"]
    place = {key: getattr(of, key) for key in ("device", "engine", "precision", "backend", "deterministic")}
    whole = {"builder": of.builder, "parameters": of.parameters, **place, "settings": settings}
    steps = {key: str(getattr(of.settings, key)) for key in ("batch_size", "optimizer", "loss", "compile")}
    shape = {key: value for key, value in {**whole, **steps}.items() if key not in {"engine", "settings"}}
    with_score = {**whole, "score": of.score} if of.score else whole
    fingerprint, shape = (
        hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest() for content in (with_score, shape)
    )
    return fingerprint, shape


@pytest.mark.parametrize("score", ["", 'score = "auc"'], ids=["the usual score", "a score of its own"])
def test_the_parts_of_a_fingerprint_make_the_whole(parsed: Callable[..., Suite], score: str) -> None:
    """It is put together from parts that cells share; every stored trial is found by the hash of the whole."""
    cells = expand(parsed(f"{SUITE}{score}\n{VARIED}")).cells
    for of in cells:
        assert as_one_object(of) == (of.fingerprint(), of.shape())


def test_values_that_compare_equal_keep_fingerprints_of_their_own(parsed: Callable[..., Suite]) -> None:
    """1, 1.0 and true are equal to Python and different to a builder; so is what holds them."""
    (of,) = expand(parsed(f"{SUITE}[[grid]]\narchitecture = 'mlp'\n")).cells
    values: list[object] = [1, 1.0, True, "1", [1], [1.0], [True], {"a": 1}, {"a": 1.0}]
    cells = [replace(of, parameters={"hidden": value}) for value in values]
    assert [as_one_object(one) for one in cells] == [(one.fingerprint(), one.shape()) for one in cells]
    assert len({one.fingerprint() for one in cells}) == len({one.shape() for one in cells}) == len(values)


def test_equal_cells_are_one_cell_wherever_they_stand(parsed: Callable[..., Suite]) -> None:
    """Within a table, from one table to the next, and by what they train and not by how it is written."""
    tables = VARIED + VARIED + "[[include]]\narchitecture = 'mlp'\nhidden = [128]\nepochs = 5\ndevice = 'cpu'\n"
    cells = expand(parsed(f"{SUITE}{tables}")).cells
    assert len(cells) == len({(one.architecture, one.dataset, one.fingerprint()) for one in cells})
    assert len(cells) == len(expand(parsed(f"{SUITE}{VARIED}")).cells)


BACKENDS = """[[grid]]
architecture = "mlp"
epochs = [1, 2]
backend = ["jax", "tensorflow", "torch"]
[[exclude]]
epochs = 2
backend = "jax"
[[include]]
architecture = "softmax"
backend = "torch"
"""


def test_cells_that_differ_by_their_backend_follow_the_first_of_them(parsed: Callable[..., Suite]) -> None:
    """Each group has its own first one, in the order of the file; a cell on one backend follows nobody."""
    cells = expand(parsed(f"{SUITE}{BACKENDS}")).cells
    jax, tensorflow = (
        [("jax", ""), ("tensorflow", "jax"), ("torch", "jax")],
        [("tensorflow", ""), ("torch", "tensorflow")],
    )
    assert [*jax, *tensorflow, ("torch", "")] == [(cell.backend, cell.follows) for cell in cells]


def test_what_is_followed_has_the_keys_of_a_cell_alone(parsed: Callable[..., Suite]) -> None:
    """Its trials are reused where a suite takes a second backend, and those of the second are not taken for others."""
    alone = {
        cell.backend: cell for name in ("jax", "tensorflow") for cell in expand(parsed(f"{SUITE}{_on(name)}")).cells
    }
    first, second = expand(parsed(f"{SUITE}{_on('jax', 'tensorflow')}")).cells
    assert alone["jax"].fingerprint() == first.fingerprint()
    assert alone["tensorflow"].fingerprint() != second.fingerprint()
    assert alone["tensorflow"].shape() == second.shape()


def _on(*backends: str) -> str:
    return f'[[grid]]\narchitecture = "mlp"\nbackend = {json.dumps(backends)}\n'
