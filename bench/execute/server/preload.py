"""The imports of a warm server, which every run waits for.

Keras imports scikit-learn and Matplotlib where they are installed, for two of its packages that hardly any training
uses, and TensorFlow imports JAX, for the converter of TensorFlow Lite. That and the collector of garbage, which finds
none, are half of the time. So the imports go without, and what Keras made without them is made anew where it is used.
"""

from __future__ import annotations

import gc
import sys
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SPARED = ("jax", "matplotlib", "sklearn")
"""Packages that a backend and Keras are imported without, where they are not the backend."""

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
                import_module(module)
    finally:
        gc.enable()
    # workers share these objects' pages as long as no collector writes into them
    gc.collect()
    gc.freeze()


@contextmanager
def _spared(names: Iterable[str]) -> Iterator[None]:
    """While entered, packages look as if they were not installed."""
    spared = [name for name in names if name not in sys.modules]
    for name in spared:
        sys.modules[name] = None  # type: ignore[assignment] # how an import is made to fail
    try:
        yield
    finally:
        for name in spared:
            del sys.modules[name]
        for name in DEFERRED:
            _defer(name)


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
