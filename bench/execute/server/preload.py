"""The imports of a warm server, which every run waits for.

Keras imports scikit-learn and Matplotlib where they are installed, for two of its packages that hardly any training
uses, and TensorFlow imports JAX, for the converter of TensorFlow Lite. That and the collector of garbage, which finds
none, are half of the time. pandas and SciPy, for data of their kinds, and IPython, for notebooks, are a fifth of the
rest. So the imports go without, and what Keras made without them is made anew where it is used.
"""

from __future__ import annotations

import gc
import sys
from contextlib import contextmanager
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from importlib.machinery import ModuleSpec

SPARED = ("jax", "matplotlib", "sklearn")
"""Packages that a backend and Keras are imported without, where they are not the backend."""

SPARED_BY = {"tensorflow": ("scipy", "IPython", "pandas"), "keras": ("IPython", "pandas")}
"""Packages that one module alone is imported without: TensorFlow imports Keras, and an old copy of it that asks for
SciPy."""

KNOWS_PANDAS = "keras.src.trainers.data_adapters.array_slicing"
"""The module of Keras that asks whether there is pandas, to take its frames apart."""

DEFERRED = ("visualization", "wrappers")
"""Packages of Keras that need some of them."""


def preload(modules: Iterable[str]) -> None:
    """Import modules; the objects that they make are never looked at by the collector of garbage.

    Raises:
        ImportError: a module cannot be imported.
    """
    modules = tuple(modules)
    gc.disable()
    try:
        with _spared(name for name in SPARED if name not in modules):
            for module in modules:
                with _absent(SPARED_BY.get(module, ())):
                    import_module(module)
        if KNOWS_PANDAS in sys.modules and "pandas" not in sys.modules:
            sys.meta_path.insert(0, _ToldOfPandas())
    finally:
        gc.enable()
    # workers share these objects' pages as long as no collector writes into them
    gc.collect()
    gc.freeze()


@contextmanager
def _spared(names: Iterable[str]) -> Iterator[None]:
    """While entered, packages look as if they were not installed; what Keras makes of them is deferred."""
    try:
        with _absent(names):
            yield
    finally:
        for name in DEFERRED:
            _defer(name)


@contextmanager
def _absent(names: Iterable[str]) -> Iterator[None]:
    """While entered, packages look as if they were not installed."""
    spared = [name for name in names if name not in sys.modules]
    for name in spared:
        sys.modules[name] = None  # type: ignore[assignment] # how an import is made to fail
    try:
        yield
    finally:
        for name in spared:
            del sys.modules[name]


class _ToldOfPandas(MetaPathFinder):
    """Has Keras look for pandas again when that is imported: no frame can be there before."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002  Python's signature
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if fullname != "pandas":
            return None
        sys.meta_path.remove(self)
        spec = find_spec(fullname)
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            names = vars(sys.modules[KNOWS_PANDAS])
            # what Keras does itself where there is pandas; its functions stay the same objects, which workers look at
            names.update(pandas=module, ARRAY_TYPES=(*names["ARRAY_TYPES"], module.Series, module.DataFrame))

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _defer(name: str) -> None:
    """Have a package of Keras made anew, with all that is installed, when it is first used."""
    public = [full for full in (f"keras.{name}", f"keras._tf_keras.keras.{name}") if full in sys.modules]
    private = f"keras.src.{name}"
    for made in [full for full in sys.modules if full == private or full.startswith(f"{private}.")]:
        del sys.modules[made]
    for full in public:
        module = _Deferred(sys.modules[full])
        sys.modules[full] = module
        parent, _, last = full.rpartition(".")
        setattr(sys.modules[parent], last, module)


class _Deferred(ModuleType):
    """A module that is executed when one of its names is first asked for.

    What is asked of every module, such as its file, is there before: Python's `inspect` goes through all modules, and
    the lazy loader of `importlib` would execute them then.
    """

    def __init__(self, made: ModuleType) -> None:
        super().__init__(made.__name__, made.__doc__)
        kept = ("__spec__", "__loader__", "__package__", "__path__", "__file__", "__cached__")
        self.__dict__.update({name: vars(made)[name] for name in kept if name in vars(made)})

    def __getattr__(self, name: str) -> object:
        if name.startswith("__") or self.__spec__ is None or self.__spec__.loader is None:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        self.__class__ = ModuleType  # type: ignore[assignment] # from here on it is a module like any other
        self.__spec__.loader.exec_module(self)
        return getattr(self, name)
