"""Builders that do everything wrong: each trial gets its status and reason, and the others go on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import psutil
import pytest
from commandline import bench as bench_command

import bench
from bench.core.errors import BenchError, ExitCode

if TYPE_CHECKING:
    from pathlib import Path

    from bench.results import Run

BUILDERS = """
import os, signal, subprocess, sys, time

def good(input_shape, num_classes, *, width=8):
    import keras
    return keras.Sequential([
        keras.Input(input_shape), keras.layers.Flatten(),
        keras.layers.Dense(width, activation="relu"), keras.layers.Dense(num_classes, activation="softmax"),
    ])

def raises(input_shape, num_classes):
    raise ValueError("the width\\nmust be even\\n\\nand a long story follows")

def hostile(input_shape, num_classes):
    raise ValueError("[red]markup[/] <script>alert(1)</script> \\x1b[31mred\\x07 " + "y" * 5000)

def no_model(input_shape, num_classes):
    return "a model, honestly"

def wrong_output(input_shape, num_classes):
    return good(input_shape, 7)

def exhausts(input_shape, num_classes):
    import keras, tensorflow as tf
    class Full(keras.layers.Layer):
        def call(self, x, training=False):
            if training:
                raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor with shape[9,9]")
            return x
    model = good(input_shape, num_classes)
    return keras.Sequential([keras.Input(input_shape), Full(), *model.layers])

def wrong_input(input_shape, num_classes):
    return good((28, 28, 3), num_classes)

def explodes(input_shape, num_classes):
    import keras
    return keras.Sequential([
        keras.Input(input_shape), keras.layers.Flatten(), keras.layers.Rescaling(1e30),
        keras.layers.Dense(num_classes), keras.layers.Lambda(lambda x: x * float("inf") - x * float("inf")),
        keras.layers.Softmax(),
    ])

def killed(input_shape, num_classes):
    os.kill(os.getpid(), signal.SIGKILL)

def segfaults(input_shape, num_classes):
    import ctypes
    print("about to do something foolish", flush=True)
    ctypes.string_at(0)

def exits(input_shape, num_classes):
    os._exit(3)

def greedy(input_shape, num_classes):
    import numpy
    return [numpy.ones(2**27) for _ in range(100)]

def stubborn(input_shape, num_classes):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    print("child", child.pid, flush=True)
    while True:
        time.sleep(1)

def noisy(input_shape, num_classes):
    for stream in (1, 2):
        os.write(stream, b"\\x80\\x04garbage on a descriptor that is not ours\\n" * 1000)
    print("{'status': 'OK'}")
    return good(input_shape, num_classes)
"""

SUITE = """
[suite]
name = "faults"
dataset = "digits"
seeds = 1
epochs = 1
timeout_s = 120

[[grid]]
architecture = [
  "faulty:good", "faulty:raises", "faulty:no_model", "faulty:wrong_output", "faulty:wrong_input", "faulty:explodes",
  "faulty:killed", "faulty:segfaults", "faulty:exits", "faulty:noisy", "faulty:hostile",
  "faulty:exhausts",
]

[[include]]
architecture = "faulty:greedy"
memory_limit_bytes = "4 GiB"

[[include]]
architecture = "faulty:stubborn"
timeout_s = 3

[[include]]
architecture = "faulty:good"
width = "many"

[[include]]
architecture = "faulty:good"
device = "gpu:7"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the suite and its builders."""
    folder = tmp_path_factory.mktemp("faults")
    (folder / "faulty.py").write_text(BUILDERS)
    (folder / "faults.toml").write_text(SUITE)
    return folder


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    """The suite, run once."""
    return bench.run(folder / "faults.toml", reports=folder / "reports", jobs=2, progress=False)


EXPECTED = {
    "good@digits@cpu": ("OK", ""),
    "raises@digits@cpu": ("FAILED", "ValueError: the width must be even"),
    "no_model@digits@cpu": ("FAILED", "The builder faulty:no_model returned str, not a keras.Model."),
    "wrong_output@digits@cpu": (
        "FAILED",
        "The model of faulty:wrong_output puts out (None, 7) for inputs of (None, 8, 8, 1)",
    ),
    "wrong_input@digits@cpu": ("FAILED", "ValueError: Input 0 "),
    "explodes@digits@cpu": ("DIVERGED", "The loss was not a finite number in epoch 1 of 1."),
    "killed@digits@cpu": ("FAILED", "The worker was ended by signal SIGKILL while the model was built"),
    "segfaults@digits@cpu": ("FAILED", "The worker was ended by signal SIGSEGV while the model was built"),
    "exits@digits@cpu": ("FAILED", "The worker was ended by exit code 3 while the model was built"),
    "noisy@digits@cpu": ("OK", ""),
    "hostile@digits@cpu": ("FAILED", "ValueError: [red]markup[/] <script>alert(1)</script> "),
    "exhausts@digits@cpu": (
        "FAILED",
        "cpu ran out of memory for a model of 610 parameters, 146 KiB of training data and batches of 32; a smaller ",
    ),
    "greedy[memory_limit_bytes=4294967296]@digits@cpu": ("FAILED", "The trial reached its memory limit of 4.0 GiB"),
    "stubborn[timeout_s=3]@digits@cpu": (
        "TIMEOUT",
        "The 3.00 s that a trial may take were over while the model was built.",
    ),
    "good[width=many]@digits@cpu": ("FAILED", "ValueError: Received an invalid value for `units`"),
    "good@digits@gpu:7": ("SKIPPED", "The device gpu:7 does not exist: TensorFlow sees 0 GPUs on this machine."),
}
"""Status of every cell and the beginning of its reason, in the order of the plan; a trial that went well has none."""


def test_every_trial_leaves_a_row(run):
    """Nothing vanishes: sixteen cells, sixteen rows, in the order of the plan."""
    assert list(EXPECTED) == run.trials()["cell_id"].tolist()


@pytest.mark.parametrize("cell_id", EXPECTED)
def test_each_fault_has_its_status_and_reason(run, cell_id):
    """A fault is told by status and by one sentence that begins as expected; it leaves no accuracy."""
    row = run.trials().set_index("cell_id").loc[cell_id]
    status, beginning = EXPECTED[cell_id]
    assert status == row["status"]
    assert row["reason"].startswith(beginning)
    assert "\n" not in row["reason"]
    assert (status == "OK") == (row["reason"] == "")
    assert (status == "OK") == pd.notna(row["accuracy"])


def test_running_out_of_a_device_s_memory_is_told_in_its_own_words_too(run):
    """TensorFlow names the tensor that it had no room for."""
    reason = run.trials().set_index("cell_id").loc["exhausts@digits@cpu", "reason"]
    assert "OOM when allocating tensor with shape[9,9]" in reason


def test_a_model_for_other_inputs_fails_with_both_shapes(run):
    """The reason of a model that needs another shape names the shape it got."""
    reason = run.trials().set_index("cell_id").loc["wrong_input@digits@cpu", "reason"]
    assert "(None, 28, 28, 3)" in reason
    assert "8, 8)" in reason


def test_the_stubborn_trial_is_gone_with_all_it_started(run):
    """A worker that ignores SIGTERM is killed, and so is the process it had started."""
    row = run.trials().set_index("cell_id").loc["stubborn[timeout_s=3]@digits@cpu"]
    child = int((run.folder / row["log"]).read_text().split("child ")[1].split()[0])
    assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


def test_tracebacks_are_in_the_log(run):
    """What went wrong is told in full where the reason's reader can find it."""
    row = run.trials().set_index("cell_id").loc["raises@digits@cpu"]
    assert "Traceback (most recent call last)" in (run.folder / row["log"]).read_text()


def test_failures_are_reported(run):
    """The report is complete and shows what failed."""
    report = (run.folder / "report.html").read_text()
    assert "the width must be even" in report
    assert "SKIPPED" in report


def test_failed_trials_exit_3_and_are_not_cached(run, folder):
    """The command line trains failures again, keeps what was OK, and exits 3 with the log's path inline."""
    assert ExitCode.TRIALS_FAILED == run.exit_code()
    done = bench_command("run", "faults.toml", "-k", "raises or good@digits@cpu", cwd=folder)
    assert ExitCode.TRIALS_FAILED == done.returncode
    assert "[1/2] OK good@digits@cpu seed 0" in done.stdout
    assert "from the store" in done.stdout
    assert "FAILED raises@digits@cpu seed 0  ValueError: the width must be even Log: reports/faults/" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_what_a_builder_says_is_shown_and_not_obeyed(folder, run):
    """Terminal escapes, markup and scripts in an error stay text, in the terminal and in the report, and stay short."""
    done = bench_command("run", "faults.toml", "-k", "hostile", cwd=folder, FORCE_COLOR="1")
    assert "[red]markup[/] <script>alert(1)</script>" in done.stdout
    assert "\x1b[31mred" not in done.stdout
    assert len(run.trials().set_index("cell_id").loc["hostile@digits@cpu", "reason"]) < 450
    assert "<script>alert" not in (run.folder / "report.html").read_text()


def test_a_missing_device_fails_only_where_it_is_required(folder):
    """A skipped trial exits 0, and 3 with --require-devices."""
    skipped = bench_command("run", "faults.toml", "-k", "gpu:7", cwd=folder)
    assert (ExitCode.OK, True) == (skipped.returncode, "SKIPPED" in skipped.stdout)
    required = bench_command("run", "faults.toml", "-k", "gpu:7", "--require-devices", cwd=folder)
    assert ExitCode.TRIALS_FAILED == required.returncode


@pytest.mark.soak
def test_a_loader_of_the_users_own_is_called_twice_and_read_by_every_trial(tmp_path):
    """A data set from `package.module:function` is trained on as the first call gave it, with its hash on record."""
    (tmp_path / "mine.py").write_text(
        "import numpy as np\n"
        "def load():\n"
        "    open('calls', 'a').write('x')\n"
        "    rng = np.random.default_rng(0)\n"
        "    y = np.arange(200) % 3\n"
        "    x = (rng.random((200, 6, 6)) * 60 + 90 * y[:, None, None]).astype('uint8')\n"
        "    return (x[:150], y[:150]), (x[150:], y[150:])\n"
    )
    (tmp_path / "own.toml").write_text(
        '[suite]\nname = "own"\ndataset = "mine:load"\nseeds = 2\nepochs = 30\nlearning_rate = 0.5\n'
        '[[grid]]\narchitecture = "softmax"\n'
    )
    run = bench.run(tmp_path / "own.toml", progress=False)
    assert ["OK", "OK"] == run.trials()["status"].tolist()
    assert (run.trials()["accuracy"] > 0.9).all()
    assert "xx" == (tmp_path / "calls").read_text()  # the second call only shows that it returns the same
    assert ["softmax@load@cpu"] == run.trials()["cell_id"].unique().tolist()
    (data,) = run.result.run.datasets
    assert (0, 0, {}, True, True) == (data.unstable, data.overlap, data.unseen, data.whole, data.picture)
    assert data.low < 150 < data.high


def test_a_loader_that_fails_is_told_before_anything_is_trained(tmp_path):
    """A loader that raises ends the run with its own message."""
    (tmp_path / "broken.py").write_text("def load():\n    raise RuntimeError('the disk is on holiday')\n")
    (tmp_path / "own.toml").write_text(
        '[suite]\nname = "own"\ndataset = "broken:load"\n[[grid]]\narchitecture = "softmax"\n'
    )
    with pytest.raises(BenchError, match="the disk is on holiday"):
        bench.run(tmp_path / "own.toml", progress=False)
