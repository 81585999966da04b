"""What the warm server imports, and what it leaves for those who use it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import gc, inspect, json, sys
from bench.execute.backends import BACKENDS
from bench.execute.server.preload import SPARED, SPARED_BY, preload
backend = BACKENDS[sys.argv[1]]
preload(backend.preloaded)
import keras
def of_no_module(): pass
of_no_module.__module__ = None
inspect.getmodule(of_no_module.__code__)  # goes through all modules
spared = [name for name in (*SPARED, *sum(SPARED_BY.values(), ())) if name in sys.modules]
from keras.src.trainers.data_adapters import get_data_adapter
def of_frames():
    import pandas
    x, y = pandas.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}), pandas.Series([5.0, 6.0])
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="ones")])
    batch = next(iter(get_data_adapter(x, y).get_numpy_iterator()))
    return model.predict(x, verbose=0).tolist(), [part.tolist() for part in batch]
frames = of_frames()
hooks = [type(one).__name__ for one in sys.meta_path if "preload" in type(one).__module__]
wrapper = keras.wrappers.SKLearnClassifier
print(json.dumps({
    "spared": spared, "frames": frames, "hooks": hooks, "collects": gc.isenabled(), "frozen": gc.get_freeze_count() > 0,
    "bases": [base.__module__.partition(".")[0] for base in wrapper.__mro__],
    "plots": keras.visualization.plot_image_gallery.__globals__["plt"].__name__,
    "same": keras.wrappers is sys.modules["keras.wrappers"],
}))
"""


@pytest.fixture(scope="module")
def preloaded() -> dict[str, object]:
    """What a process holds after the imports of a server."""
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, "tensorflow"]
    root = Path(__file__).parents[3]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=root)
    return json.loads(done.stdout.splitlines()[-1])


def test_packages_that_hardly_any_training_uses_are_not_imported(preloaded) -> None:
    """They would double the time that every run waits; the collector works again afterwards."""
    assert preloaded["spared"] == []
    assert preloaded["collects"]
    assert preloaded["frozen"]


def test_parts_of_keras_that_need_them_are_whole_where_they_are_used(preloaded) -> None:
    """A wrapper derives from scikit-learn's own classes, and a gallery is drawn by Matplotlib."""
    assert "sklearn" in preloaded["bases"]
    assert preloaded["plots"] == "matplotlib.pyplot"
    assert preloaded["same"]


def test_pandas_is_known_to_keras_once_it_is_imported(preloaded) -> None:
    """A frame is predicted on and taken apart as without a server; nothing is left in the way of imports."""
    assert preloaded["frames"] == [[[4.0], [6.0]], [[[1.0, 3.0], [2.0, 4.0]], [[5.0], [6.0]]]]
    assert preloaded["hooks"] == []


def test_a_package_that_cannot_be_imported_is_an_error() -> None:
    """As without a server; what was spared is as it was."""
    from bench.execute.server.preload import preload  # noqa: PLC0415

    with pytest.raises(ModuleNotFoundError):
        preload(["no_such_backend"])
    assert sys.modules.get("sklearn", "absent") is not None
