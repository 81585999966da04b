"""Architectures are looked up, and their parameters read, without importing Keras or running anybody's module."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.catalog import registry
from bench.catalog.registry import UnknownReferenceError, architecture_names, find_architecture, find_module_source
from bench.core.errors import SuiteError
from bench.declare.parse import parse_suite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Offer = Callable[[dict[str, str]], None]


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> Iterator[Offer]:
    """Installed packages that offer architectures: `offer({"name": "package.module:function"})`."""

    def install(points: dict[str, str]) -> None:
        found = tuple(EntryPoint(name, value, registry.ENTRY_POINT_GROUP) for name, value in points.items())
        monkeypatch.setattr(
            registry, "entry_points", lambda group: found if group == registry.ENTRY_POINT_GROUP else ()
        )
        registry._entry_points.cache_clear()

    yield install
    registry._entry_points.cache_clear()


def module(folder: Path, text: str, name: str = "mine") -> tuple[str, ...]:
    """A module that leaves a file when it is run; the search path that finds it."""
    path = folder / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"open('ran', 'w')\n{text}\n")
    return (str(folder),)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("softmax", {"output"}),
        ("mlp", {"hidden", "layers", "nodes", "activation", "dropout", "batch_norm", "output"}),
        ("lenet5", {"activation", "output"}),
        ("cnn", {"filters", "kernel", "dense", "activation", "dropout", "batch_norm", "output"}),
        ("rnn", {"kind", "units", "vocabulary", "embedding", "dropout", "output"}),
        ("conv1d", {"filters", "kernel", "activation", "vocabulary", "embedding", "dropout", "output"}),
    ],
)
def test_a_shipped_architecture_goes_by_its_name(name: str, parameters: set[str]) -> None:
    """With the parameters of its signature, and the file that a code signature covers."""
    found = find_architecture(name)
    assert (name, parameters) == (found.reference, set(found.parameters or {}))
    assert found.target.startswith("bench.catalog.architectures.")
    assert found.source is not None
    assert found.target == find_architecture(found.target).target
    assert found.source == find_architecture(found.target).source


def test_looking_up_imports_no_keras() -> None:
    """Only a worker process may: an import of Keras takes seconds and half a gigabyte."""
    script = (
        "import sys; from bench.catalog.registry import architecture_names, find_architecture\n"
        "[find_architecture(name) for name in architecture_names()]\n"
        "print(sorted({'keras', 'tensorflow'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "[]\n" == answer.stdout


@pytest.mark.parametrize(
    ("source", "parameters"),
    [
        ("def make(input_shape, num_classes): ...", set()),
        ("def make(input_shape, num_classes, width=3, *, depth=1): ...", {"width", "depth"}),
        ("def make(a, /, b, c=1): ...", {"c"}),
        ("def make(a, b, /, c=1): ...", {"c"}),
        ("def make(input_shape, num_classes, *args, depth=1): ...", {"depth"}),
        ("async def make(input_shape, num_classes, *, depth=1): ...", {"depth"}),
        ("@decorated\ndef make(input_shape, num_classes, *, depth=1): ...", {"depth"}),
        ("def make(input_shape, num_classes, *, depth=1, **options): ...", None),  # open: anything may be set
        ("from elsewhere import make", None),  # open: the source is elsewhere
        ("from elsewhere import build as make", None),
        ("from elsewhere import *", None),
        ("import make", None),
        ("make = partial(build, depth=3)", None),
        ("make: object = build", None),
        ("class make:\n    def __init__(self, input_shape, num_classes): ...", None),
        ("if True:\n    def make(input_shape, num_classes): ...", None),
        ("try:\n    from fast import make\nexcept ImportError:\n    def make(a, b): ...", None),
        ("def __getattr__(name): ...", None),
        ("def make(", None),  # the import in the worker says what is wrong, with its line
    ],
)
def test_a_builders_parameters_are_read_from_its_source(
    tmp_path: Path, source: str, parameters: set[str] | None
) -> None:
    """What follows shape and classes, by name; None where only a worker can tell."""
    found = find_architecture("mine:make", module(tmp_path, source))
    assert parameters == (None if found.parameters is None else set(found.parameters))
    assert ("mine:make", tmp_path / "mine.py") == (found.target, found.source)
    assert not (tmp_path / "ran").exists()


def test_a_parameter_of_somebodys_builder_takes_any_value(tmp_path: Path) -> None:
    """Its annotations may name what only a worker can import."""
    found = find_architecture("mine:make", module(tmp_path, "def make(a, b, *, width: keras.Width = 3): ..."))
    assert found.parameters is not None
    assert ["wide", 3, None] == [found.parameters["width"].validate_python(value) for value in ("wide", 3, None)]


@pytest.mark.parametrize(
    ("source", "takes"),
    [
        ("def make(): ...", "make()"),
        ("def make(num_classes): ...", "make(num_classes)"),
        ("def make(*, a): ...", "make(a)"),
    ],
)
def test_a_function_that_no_builder_can_be(tmp_path: Path, source: str, takes: str) -> None:
    """A plan says so, long before a worker calls it."""
    with pytest.raises(UnknownReferenceError) as caught:
        find_architecture("mine:make", module(tmp_path, source))
    assert caught.value.allowed.startswith("a function that takes the shape of an input and the number of classes")
    assert caught.value.allowed.endswith(f"; mine defines {takes}")


def test_parameters_without_a_default_are_required(tmp_path: Path) -> None:
    """By position or by name; a decorator may fill them in."""
    source = "def make(a, b, width, depth=1, *, rate, name='x'): ..."
    assert ("width", "rate") == find_architecture("mine:make", module(tmp_path, source)).required
    assert () == find_architecture("mine:make", module(tmp_path, f"@filled\n{source}")).required


def test_a_function_that_the_module_lacks(tmp_path: Path) -> None:
    """The names of those it has are there for the spelling."""
    path = module(tmp_path, "def make(): ...\ndef build(): ...\nimport os.path")
    with pytest.raises(UnknownReferenceError) as caught:
        find_architecture("mine:mkae", path)
    assert "a function that mine defines; it has no 'mkae'" == caught.value.allowed
    assert ("make", "build") == caught.value.valid


@pytest.mark.parametrize("reference", ["", "mkp", "a:b:c", "a:", ":b", "a b:c", "a.:b", "a:b.c", "a:1"])
def test_what_is_neither_a_name_nor_a_function(reference: str) -> None:
    """The refusal says how both look."""
    with pytest.raises(UnknownReferenceError) as caught:
        find_architecture(reference)
    assert "a catalog name, or package.module:function for a builder of your own" == caught.value.allowed
    assert architecture_names() == caught.value.valid


@pytest.mark.parametrize("name", ["absent", "json.absent", "mine.absent", "__main__", "absent.absent"])
def test_a_module_that_is_not_there(tmp_path: Path, name: str) -> None:
    """Of a package, the first part that is missing is named."""
    path = module(tmp_path, "")
    missing = "absent" if name == "absent.absent" else name
    with pytest.raises(UnknownReferenceError) as caught:
        find_module_source(name, path)
    expected = f"a module that can be imported; there is no {missing!r} beside the suite file or in this environment"
    assert expected == caught.value.allowed


def test_a_module_of_a_package_is_found_without_running_the_package(tmp_path: Path) -> None:
    """Neither its __init__ nor that of any package above it."""
    module(tmp_path / "pack", "", "__init__")
    module(tmp_path / "pack" / "sub", "", "__init__")
    module(tmp_path / "pack" / "sub", "", "leaf")
    path = (str(tmp_path),)
    assert tmp_path / "pack" / "sub" / "leaf.py" == find_module_source("pack.sub.leaf", path)
    assert tmp_path / "pack" / "sub" / "__init__.py" == find_module_source("pack.sub", path)
    assert not (tmp_path / "ran").exists()


def test_the_suites_folder_comes_first(tmp_path: Path) -> None:
    """A module of the user's own hides an installed one of its name."""
    assert tmp_path / "json.py" == find_module_source("json", module(tmp_path, "", "json"))


def test_a_module_without_source_is_open() -> None:
    """A built-in one has no file that could be read."""
    found = find_architecture("sys:exit")
    assert (None, None) == (found.source, found.parameters)


def test_installed_packages_offer_architectures(tmp_path: Path, offer: Offer) -> None:
    """Under the name they choose, after the shipped ones, which they cannot replace."""
    offer({"resnet": "mine:make", "mlp": "mine:make"})
    assert ("softmax", "mlp", "lenet5", "cnn", "rnn", "conv1d", "resnet") == architecture_names()
    found = find_architecture("resnet", module(tmp_path, "def make(a, b, *, blocks=3): ..."))
    assert ("resnet", "mine:make", {"blocks"}) == (found.reference, found.target, set(found.parameters or {}))
    assert find_architecture("mlp").target == "bench.catalog.architectures.dense:mlp"


@pytest.mark.parametrize("value", ["gone:make", "sys", "sys:a.b"])
def test_an_installed_package_that_is_broken_spoils_only_its_own_name(tmp_path: Path, offer: Offer, value: str) -> None:
    """Suites that do not use it parse, with an [[exclude]] too; one that does is refused with a problem."""
    offer({"broken": value})
    head = '[suite]\nname = "s"\ndataset = "digits"\n'
    parse_suite(f'{head}[[grid]]\narchitecture = "mlp"\n[[exclude]]\ndropout = 0.5', base=tmp_path, origin="bench.toml")
    with pytest.raises(SuiteError, match=r"grid\[1\]\.architecture: received 'broken'; expected"):
        parse_suite(f'{head}[[grid]]\narchitecture = "broken"', base=tmp_path, origin="bench.toml")


def test_the_names_of_nobody_are_the_shipped_ones(offer: Offer) -> None:
    """Where no package offers any."""
    offer({})
    assert tuple(registry.SHIPPED) == architecture_names()


def test_the_shipped_sources_are_those_of_this_package() -> None:
    """A code signature covers the very file that is trained from."""
    folder = Path(registry.__file__).parent / "architectures"
    assert {folder} == {find_architecture(name).source.parent for name in registry.SHIPPED}  # type: ignore[union-attr]
