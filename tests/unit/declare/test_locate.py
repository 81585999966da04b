"""Which suite a user means."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.core.errors import SuiteError
from bench.declare.grid import expand
from bench.declare.locate import load_suite
from bench.declare.parse import parse_suite
from bench.declare.source import shipped_suites, starter_text

if TYPE_CHECKING:
    from collections.abc import Callable

MINE = '[suite]\nname = "{}"\ndataset = "digits"\n[[grid]]\narchitecture = "softmax"\n'


def test_the_shipped_suites_begin_with_the_default() -> None:
    """What `bench init` writes is not one of them."""
    names = ("breast-cancer", "diabetes", "digits", "fashion-mlp", "mnist-grid", "mnist-settings", "sequences", "wine")
    assert ("mnist-mlp", *names) == shipped_suites()


@pytest.mark.parametrize("name", shipped_suites())
def test_a_shipped_suite_goes_by_its_name(name: str) -> None:
    """Each one parses, expands, excludes nothing by mistake and is called what its file is called."""
    suite = load_suite(name)
    expansion = expand(suite)
    assert (name, name, ()) == (suite.name, suite.origin, expansion.idle_excludes)
    assert expansion.cells


def test_the_reference_study_shows_its_published_figures() -> None:
    """Two models, five seeds, the two figures."""
    suite = load_suite("mnist-mlp")
    assert ["model-1@mnist@cpu", "model-2@mnist@cpu"] == [cell.id for cell in expand(suite).cells]
    assert [0.9288, 0.9782] == [a.published.accuracy for a in suite.architectures.values() if a.published]
    assert 5 == len(suite.keys.seeds)


def test_the_grid_of_the_study_is_as_large_as_it_says() -> None:
    """54 networks and 6 without a hidden layer, over layers, nodes, learning rate and batch size."""
    cells = expand(load_suite("mnist-grid")).cells
    builders = [cell.builder for cell in cells]
    assert (6, 54) == (builders.count("softmax"), builders.count("mlp"))
    varied = {cell.named for cell in cells if cell.builder == "mlp"}
    assert {("layers", "nodes", "learning_rate", "batch_size")} == varied


def test_the_starter_is_a_suite(tmp_path: Path) -> None:
    """What `bench init` writes runs as it is, and each of its tables has an effect."""
    expansion = expand(parse_suite(starter_text(), base=tmp_path, origin="bench.toml"))
    assert (8, 1, ()) == (len(expansion.cells), expansion.excluded, expansion.idle_excludes)


def write(path: Path, name: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(MINE.format(name) if path.suffix == ".toml" and path.name != "pyproject.toml" else name)
    return path


def test_nothing_named_takes_what_lies_here(tmp_path: Path) -> None:
    """bench.toml, then [tool.bench] of the pyproject, then the default suite."""
    assert "mnist-mlp" == load_suite().name
    project = MINE.format("project").replace("[suite]", "[tool.bench.suite]").replace("[[grid", "[[tool.bench.grid")
    (tmp_path / "pyproject.toml").write_text(project)
    assert "project" == load_suite().name
    write(tmp_path / "bench.toml", "mine")
    assert "mine" == load_suite().name


@pytest.mark.parametrize("text", ["[project]\nname='x'", "tool = 5", "[tool]\nbench = 3", "not toml", "\xff"])
def test_a_pyproject_of_something_else_is_no_suite(tmp_path: Path, text: str) -> None:
    """It is passed over, even where it is broken: that is for its own tools to say."""
    (tmp_path / "pyproject.toml").write_bytes(text.encode("latin-1"))
    assert "mnist-mlp" == load_suite().name


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("bench.toml", None, "The suite file bench.toml cannot be read: No such file or directory."),
        ("pyproject.toml", "[tool.bench.suite]\nepochs = ", "pyproject.toml"),
    ],
)
def test_a_broken_suite_that_lies_here_is_not_passed_over(
    tmp_path: Path, name: str, text: str | None, message: str
) -> None:
    """A link that leads nowhere, or a [tool.bench] with a mistake: another suite would be a surprise."""
    if text is None:
        (tmp_path / name).symlink_to("gone.toml")
    else:
        (tmp_path / name).write_text(text)
    with pytest.raises(SuiteError, match=re.escape(message)):
        load_suite()


def test_a_file_is_read_from_its_own_folder(tmp_path: Path) -> None:
    """Its paths and modules start there, wherever the user stands; messages use the user's own words for it."""
    write(tmp_path / "sub" / "mine.toml", "mine")
    suite = load_suite("sub/mine.toml", overrides={"epochs": 3})
    assert (tmp_path / "sub", "sub/mine.toml", 3) == (suite.base, suite.origin, suite.keys.epochs)
    assert suite.base == load_suite("mine.toml", folder=tmp_path / "sub").base


def test_a_file_of_a_shipped_name_comes_first(tmp_path: Path) -> None:
    """A file in the folder is nearer than a suite of the package; a folder of that name is not in the way."""
    (tmp_path / "digits").mkdir()
    assert "digits" == load_suite("digits").origin
    (tmp_path / "mnist-mlp").write_text(MINE.format("mine"))
    assert "mine" == load_suite("mnist-mlp").name


def latin(path: Path) -> None:
    path.write_bytes(b"\xff")


@pytest.mark.parametrize(
    ("make", "name", "message"),
    [
        (None, "absent.toml", "The suite file absent.toml cannot be read: No such file or directory."),
        (None, "a/b", "The suite file a/b cannot be read: No such file or directory."),
        (Path.mkdir, "folder.toml", "The suite file folder.toml cannot be read: Is a directory."),
        (latin, "latin.toml", "The suite file latin.toml cannot be read: it is not UTF-8 text."),
        (None, "mnist-mpl", "There is no suite 'mnist-mpl'; did you mean 'mnist-mlp'?"),
        (None, "xyz", "There is no suite 'xyz'."),
    ],
)  # fmt: skip
def test_a_suite_that_is_not_there(
    tmp_path: Path, make: Callable[[Path], object] | None, name: str, message: str
) -> None:
    """A path is refused with the system's words, a name with the names there are."""
    if make:
        make(tmp_path / name)
    with pytest.raises(SuiteError) as caught:
        load_suite(name)
    assert message == caught.value.message
    shipped = f"{', '.join(shipped_suites()[:-1])} or wine"
    names = f"Give the path of a .toml file, or a shipped suite: {shipped}."
    expected = "`bench init` writes one to start from." if message.startswith("The suite file") else names
    assert expected == caught.value.hint
