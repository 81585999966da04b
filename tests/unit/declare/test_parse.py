"""What a suite file says, when it says it right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.core.errors import SuiteError
from bench.declare.grid import expand
from bench.declare.optimizer import Optimizer
from bench.declare.schedule import Constant, Cosine
from bench.declare.schema import GateKeys, PublishedKeys

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bench.declare.suite import Suite

# the example of the design, word for word; only the ellipsis of the schedule is left out, it is a comment there
EXAMPLE = """\
# bench.toml: `bench run bench.toml`; shipped suites go by name: `bench run mnist-mlp`
[suite]
name = "mnist-mlp"
dataset = "mnist"                 # a name, a folder of IDX files, an .npz, or "package.module:loader"
fallback_dataset = "digits"       # only where the suite says so, and then loudly
seeds = 5                         # trials per cell
epochs = 20                       # every training setting below may also be an axis of a grid
batch_size = 32
optimizer = "sgd"                 # a Keras optimizer, or { name = "sgd", momentum = 0.9 }
learning_rate = 0.1               # a number, or { schedule = "cosine", initial = 0.5, ... }
loss = "categorical_crossentropy"
device = "cpu"
engine = "auto"
timeout_s = 600                   # per trial

[architectures.model-1]           # your name for it; published figures are shown beside ours
builder = "softmax"
published = { accuracy = 0.9288, source = "Digits-Classification-using-MLP" }

[architectures.model-2]
builder = "mlp"                   # or "my_package.models:make_model"
hidden = [128]
published = { accuracy = 0.9782, source = "Digits-Classification-using-MLP" }

[[grid]]                          # lists multiply; several [[grid]] tables are a union
architecture = ["model-1", "model-2"]
learning_rate = [0.05, 0.1]

[[grid]]
architecture = "mlp"              # a catalog architecture can be named directly,
hidden = [[32], [128], [128, 128]]  # and its parameters are axes
batch_size = [32, 128]

[[exclude]]                       # drops every cell that matches all its keys
hidden = [32]
batch_size = 128

[[include]]                       # adds one cell
architecture = "lenet5"
epochs = 5

[gate]                            # see the gate; all optional
margin = 0.005
alpha = 0.01
"""


def test_the_example_of_the_design_gives_its_cells(parsed: Callable[..., Suite]) -> None:
    """Two grids are a union, the exclusion drops one cell, the inclusion adds one."""
    expansion = expand(parsed(EXAMPLE))
    expected = [
        "model-1[lr=0.05]@mnist@cpu",
        "model-1[lr=0.1]@mnist@cpu",
        "model-2[lr=0.05]@mnist@cpu",
        "model-2[lr=0.1]@mnist@cpu",
        "mlp[hidden=32,batch=32]@mnist@cpu",
        "mlp[hidden=128,batch=32]@mnist@cpu",
        "mlp[hidden=128,batch=128]@mnist@cpu",
        "mlp[hidden=128-128,batch=32]@mnist@cpu",
        "mlp[hidden=128-128,batch=128]@mnist@cpu",
        "lenet5[epochs=5]@mnist@cpu",
    ]
    assert expected == [cell.id for cell in expansion.cells]
    assert 1 == expansion.excluded
    assert () == expansion.idle_excludes


def test_the_example_of_the_design_sets_its_keys(parsed: Callable[..., Suite]) -> None:
    """Every key of the example arrives where the harness reads it."""
    suite = parsed(EXAMPLE)
    keys = suite.keys
    assert ("mnist-mlp", "mnist", "digits") == (suite.name, keys.dataset, keys.fallback_dataset)
    assert (0, 1, 2, 3, 4) == keys.seeds
    assert (20, 32, "cpu", "auto", 600.0) == (keys.epochs, keys.batch_size, keys.device, keys.engine, keys.timeout_s)
    assert (Optimizer(name="sgd"), Constant(initial=0.1)) == (keys.optimizer, keys.learning_rate)
    published = PublishedKeys(accuracy=0.9288, source="Digits-Classification-using-MLP")
    assert published == suite.architectures["model-1"].published
    assert {"hidden": [128]} == suite.architectures["model-2"].parameters
    assert GateKeys(margin=0.005, alpha=0.01) == suite.gate
    assert EXAMPLE == suite.source


def test_a_grid_outranks_an_architecture_which_outranks_the_suite(parsed: Callable[..., Suite]) -> None:
    """The table nearest to the cell decides."""
    suite = parsed("""
        [suite]
        name = "s"
        dataset = "digits"
        epochs = 1
        batch_size = 1
        learning_rate = 1
        [architectures.a]
        builder = "mlp"
        batch_size = 2
        learning_rate = 2
        dropout = 0.2
        activation = "tanh"
        [[grid]]
        learning_rate = 3
        activation = "elu"
    """)
    (cell,) = expand(suite).cells
    settings = cell.settings
    assert (1, 2, 3.0) == (settings.epochs, settings.batch_size, settings.learning_rate.initial)
    assert {"dropout": 0.2, "activation": "elu"} == cell.parameters
    assert "a[lr=3,activation=elu]@digits@cpu" == cell.id


def test_set_overrides_the_suite_only(parsed: Callable[..., Suite]) -> None:
    """--set replaces a key of [suite]; what an architecture or a grid says stays."""
    text = """
        [suite]
        name = "s"
        dataset = "digits"
        epochs = 5
        [architectures]
        a = { builder = "softmax" }
        b = { builder = "softmax", epochs = 7 }
    """
    suite = parsed(text, overrides={"epochs": 1, "seeds": [4, 2], "optimizer": "adam"})
    assert [1, 7] == [cell.settings.epochs for cell in expand(suite).cells]
    assert (4, 2) == suite.keys.seeds
    assert ["adam", "adam"] == [str(cell.settings.optimizer) for cell in expand(suite).cells]


def test_set_may_mend_what_the_file_has_wrong(parsed: Callable[..., Suite]) -> None:
    """An override takes a key's place before anything is checked."""
    suite = parsed(
        '[suite]\nname="s"\ndataset="mnits"\n[[grid]]\narchitecture="softmax"', overrides={"dataset": "mnist"}
    )
    assert "mnist" == suite.keys.dataset


def test_a_pyproject_holds_a_suite_under_tool_bench(parsed: Callable[..., Suite]) -> None:
    """The same keys, one floor down; the rest of the file is somebody else's."""
    text = """
        [project]
        name = "x"
        [tool.bench.suite]
        name = "s"
        dataset = "digits"
        [[tool.bench.grid]]
        architecture = "softmax"
        epochs = [1, 2]
    """
    suite = parsed(text, origin="some/pyproject.toml")
    assert ["softmax[epochs=1]@digits@cpu", "softmax[epochs=2]@digits@cpu"] == [c.id for c in expand(suite).cells]
    assert "some/pyproject.toml [tool.bench]" == suite.origin


@pytest.mark.parametrize("text", ["tool = 5", "[tool]\nbench = 5", "[project]\nname = 'x'"])
def test_a_pyproject_without_a_suite_is_refused(parsed: Callable[..., Suite], text: str) -> None:
    """Whatever `tool` is, the refusal says that [suite] is missing."""
    with pytest.raises(SuiteError, match=r"pyproject.toml \[tool.bench\] has 2 problems:\n  suite: received nothing"):
        parsed(text, origin="pyproject.toml")


def test_named_architectures_alone_are_the_grid(ids: Callable[[str], list[str]]) -> None:
    """A file without [[grid]] trains every architecture that it names, once."""
    assert ["b@digits@cpu", "a@digits@cpu"] == ids(
        '[architectures.b]\nbuilder="softmax"\n[architectures.a]\nbuilder="mlp"'
    )


def test_a_grid_without_architecture_takes_the_named_ones(ids: Callable[[str], list[str]]) -> None:
    """Axes alone multiply every named architecture."""
    assert ["a[epochs=1]@digits@cpu", "a[epochs=2]@digits@cpu"] == ids(
        '[architectures.a]\nbuilder="softmax"\n[[grid]]\nepochs=[1, 2]'
    )


def test_an_include_alone_is_a_suite(ids: Callable[[str], list[str]]) -> None:
    """Where only cells are included, named architectures are not trained beside them."""
    assert ["a[epochs=2]@digits@cpu"] == ids(
        '[architectures.a]\nbuilder="softmax"\n[[include]]\narchitecture="a"\nepochs=2'
    )


def test_a_name_of_the_file_hides_the_catalogs(parsed: Callable[..., Suite]) -> None:
    """[architectures.mlp] is what a grid then means by mlp."""
    suite = parsed(
        '[suite]\nname="s"\ndataset="digits"\n[architectures.mlp]\nbuilder="softmax"\n[[grid]]\narchitecture="mlp"'
    )
    assert ["softmax"] == [cell.builder for cell in expand(suite).cells]


def test_every_way_to_name_a_data_set(parsed: Callable[..., Suite], tmp_path: Path) -> None:
    """A name, a folder, an .npz and a loader are axes like any other, and read by their own names in an id."""
    (tmp_path / "idx.v2").mkdir()
    (tmp_path / "mine.npz").touch()
    (tmp_path / "t10k-images-idx3-ubyte").touch()  # for the folder itself, "."
    suite = parsed(
        '[suite]\nname="s"\n[[grid]]\narchitecture="softmax"\n'
        'dataset=["mnist", "./idx.v2", "mine.npz", "my.data:load", "."]'
    )
    expected = ["mnist", "idx.v2", "mine", "load", "."]
    assert [f"softmax@{label}@cpu" for label in expected] == [cell.id for cell in expand(suite).cells]


def test_a_device_reads_one_way(ids: Callable[[str], list[str]]) -> None:
    """`cpu:0` is `cpu`, `gpu` is any GPU and not the first."""
    assert ["softmax@digits@cpu", "softmax@digits@gpu", "softmax@digits@gpu:0", "softmax@digits@cpu[threads=2]"] == ids(
        '[[grid]]\narchitecture="softmax"\ndevice=["cpu:0", "gpu", "gpu:0", "cpu[threads=2]"]'
    )


def test_schedules_and_optimizers_are_axes(parsed: Callable[..., Suite]) -> None:
    """A table stands where a value stands."""
    suite = parsed("""
        [suite]
        name = "s"
        dataset = "digits"
        [[grid]]
        architecture = "softmax"
        learning_rate = [0.1, { schedule = "cosine", initial = 0.5 }]
        optimizer = ["adam", { name = "sgd", momentum = 0.9 }]
    """)
    cells = expand(suite).cells
    assert [
        "softmax[lr=0.1,optimizer=adam]@digits@cpu",
        "softmax[lr=0.1,optimizer=sgd(momentum=0.9)]@digits@cpu",
        "softmax[lr=cosine(initial=0.5),optimizer=adam]@digits@cpu",
        "softmax[lr=cosine(initial=0.5),optimizer=sgd(momentum=0.9)]@digits@cpu",
    ] == [cell.id for cell in cells]
    assert Cosine(schedule="cosine", initial=0.5) == cells[-1].settings.learning_rate
    assert {"momentum": 0.9} == cells[-1].settings.optimizer.options


def test_a_memory_limit_may_have_a_unit(parsed: Callable[..., Suite]) -> None:
    """`4 GiB` and its number of bytes are the same."""
    suite = parsed('[suite]\nname="s"\ndataset="digits"\nmemory_limit_bytes="4 GiB"\n[[grid]]\narchitecture="softmax"')
    assert 4 * 2**30 == expand(suite).cells[0].memory_limit_bytes


def test_a_builder_is_read_and_never_run(parsed: Callable[..., Suite], tmp_path: Path) -> None:
    """Checking a suite reads the source of the user's module and runs none of it, nor of its package."""
    package = tmp_path / "mine"
    package.mkdir()
    (package / "__init__.py").write_text("open('ran', 'w')\n")
    (package / "models.py").write_text(
        "open('ran', 'w')\ndef make(input_shape, num_classes, *, width=3, depth=1): ...\n"
    )
    suite = parsed(
        '[suite]\nname="s"\ndataset="digits"\n[[grid]]\narchitecture="mine.models:make"\nwidth=[1, 2]\n'
        "[[exclude]]\nwidth=2\n"
    )
    assert ["make[width=1]@digits@cpu"] == [cell.id for cell in expand(suite).cells]
    assert not (tmp_path / "ran").exists()


def test_a_builder_with_open_keywords_takes_any_parameter(parsed: Callable[..., Suite], tmp_path: Path) -> None:
    """`**options` may be anything, in a grid as in an exclude; what is nearly right is left to the worker."""
    (tmp_path / "mine.py").write_text("def make(input_shape, num_classes, **options): ...\n")
    suite = parsed(
        '[suite]\nname="s"\ndataset="digits"\n[[grid]]\narchitecture="mine:make"\nwidth=[1, "wide", [2, 3]]\n'
        "[[exclude]]\nwidth=1\n[[exclude]]\nanything=3\n"
    )
    assert ["make[width=wide]@digits@cpu", "make[width=2-3]@digits@cpu"] == [cell.id for cell in expand(suite).cells]
