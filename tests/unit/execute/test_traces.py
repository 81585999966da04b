"""What a trial leaves behind in its worker is found; what is usual is not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.execute.worker.traces import is_own

SCRIPT = """
import json, os, signal, subprocess, sys, threading, time
import keras, numpy as np
from factories import cell
from types import SimpleNamespace
from bench.execute.worker.traces import Traces

OWN = SimpleNamespace(builder="own_made:net", cell=cell(), score=SimpleNamespace(name="accuracy"), stream=None,
                      search_path=(sys.argv[1],))
sys.path.insert(0, sys.argv[1])
EVENT = threading.Event()

def looked(traces):
    return [trace.text for trace in traces._look()]

def usual():
    import own_made
    own_made.net().fit(np.zeros((4, 3)), np.zeros((4, 1)), verbose=0)
    keras.utils.set_random_seed(3)

DOES = {
    "a process": lambda: subprocess.Popen(["sleep", "60"]),
    "a thread": lambda: threading.Thread(target=EVENT.wait, daemon=True).start(),
    "a variable": lambda: os.environ.update(NEW="1"),
    "the folder": lambda: os.chdir("/"),
    "a signal": lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN),
    "floatx": lambda: keras.config.set_floatx("float16"),
    "numpy": lambda: np.seterr(all="raise"),
    "a method": lambda: setattr(keras.layers.Dense, "call", lambda self, x: x),
    "a function": lambda: setattr(keras.utils, "to_categorical", len),
    "standard output": lambda: setattr(sys, "stdout", sys.__stderr__),
}
UNDOES = {
    "a variable": lambda: os.environ.pop("NEW"), "the folder": lambda: os.chdir(sys.argv[1]),
    "floatx": lambda: keras.config.set_floatx("float32"), "numpy": lambda: np.seterr(all="warn"),
    "a signal": lambda: signal.signal(signal.SIGTERM, signal.SIG_DFL),
    "a thread": lambda: (EVENT.set(), time.sleep(0.2)),
}
os.chdir(sys.argv[1])
found = {}
traces = Traces(OWN)
usual()
found["nothing"] = looked(traces)
found["imported anew"] = "own_made" in sys.modules
for name, do in DOES.items():
    traces = Traces(OWN)
    left = do()
    output, sys.stdout = sys.stdout, sys.__stdout__
    if name == "standard output":
        sys.stdout = output
    found[name] = looked(traces)
    sys.stdout = sys.__stdout__
    if name == "a process":
        left.kill(); left.wait()
    UNDOES.get(name, lambda: None)()
print(json.dumps(found))
"""

MODULE = """
import keras
def net():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model
"""


@pytest.mark.parametrize(
    ("file", "own"),
    [
        ("/home/me/suite/own.py", True),
        ("/home/me/suite/parts/layers.py", True),
        ("/home/me/suite2/own.py", False),
        ("/home/me/suite/.venv/lib/site-packages/keras/src/layer.py", False),
    ],
)
def test_only_modules_of_the_users_own_are_imported_anew(file: str, own: bool) -> None:  # noqa: FBT001
    """An environment below the suite's folder is installed all the same; a folder of a longer name is another one."""
    folders, installed = [Path("/home/me/suite")], [Path("/home/me/suite/.venv/lib/site-packages")]
    assert is_own(Path(file), folders, installed) is own


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What was found after each kind of trace, in a process of its own."""
    folder = tmp_path_factory.mktemp("traces")
    (folder / "own_made.py").write_text(MODULE)
    tests = Path(__file__).parents[2]
    script = f"import sys\nsys.path[:0] = [{str(tests)!r}, {str(tests.parent)!r}]\n{SCRIPT}"
    run = subprocess.run([sys.executable, "-c", script, str(folder)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    answer: dict[str, list[str]] = json.loads(run.stdout.splitlines()[-1])
    return answer


def test_a_usual_training_leaves_nothing(found) -> None:
    """The module of the builder is taken out, so that the next trial imports it anew."""
    assert found["nothing"] == []
    assert found["imported anew"] is False


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a process", "the process"),
        ("a thread", "the thread"),
        ("a variable", "environment"),
        ("the folder", "the working folder"),
        ("a signal", "signals"),
        ("floatx", "floatx"),
        ("numpy", "NumPy's errors"),
        ("a method", "keras.src.layers.core.dense.Dense.call"),
        ("a function", "to_categorical"),
        ("standard output", "standard output"),
    ],
)
def test_what_cannot_be_set_back_is_found(found, name: str, words: str) -> None:
    """And ends the worker, whose log says why."""
    assert any(words in line for line in found[name]), found[name]
