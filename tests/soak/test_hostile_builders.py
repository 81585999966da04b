"""Builders that do harm: each is a row with the right status in time, and the trials beside it are as without it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from attacks import Count, Place

from bench.execute.harness.launcher import OVERDUE_S

pytestmark = pytest.mark.soak

TIME_LIMIT_S, SHORT_LIMIT_S = 30, 4
LATE_S = 5.0
"""Seconds after its time limit within which a trial must have ended."""

RESTART_S = 30.0
"""Seconds that a warm server may take to start on a machine that does much else."""

LONGEST_LOG_BYTES = 64 * 2**20
LONGEST_REASON = 2100


@dataclass(frozen=True)
class Kind:
    """What must become of a builder's trial.

    Attributes:
        statuses: that are right.
        reason: a part of the reason.
        memory: its limit.
        quick: whether it is one of the dozen that are always tried.
        attempts: how often its trial is begun.
        surveyed: whether engines are measured before, for which its training has to be long: then that is its first
            call after the look at it.
    """

    statuses: tuple[str, ...]
    reason: str = ""
    memory: str = ""
    quick: bool = False
    attempts: int = 1
    surveyed: bool = False

    @property
    def limit_s(self) -> float:
        """Its time limit."""
        return SHORT_LIMIT_S if "TIMEOUT" in self.statuses or self.attempts > 1 else TIME_LIMIT_S

    @property
    def longest_s(self) -> float:
        """When it must have ended; where the server is lost, the next one has to start first."""
        return self.limit_s + LATE_S + (0.0 if self.attempts == 1 else OVERDUE_S + RESTART_S)


def ok(**options) -> Kind:
    return Kind(("OK",), **options)


def failed(reason: str = "", **options) -> Kind:
    return Kind(("FAILED",), reason, **options)


def timeout(**options) -> Kind:
    return Kind(("TIMEOUT",), "longer than its 4.00 s", **options)


KINDS = {
    "raises": failed("ValueError: no"),
    "half_character": failed("ValueError: half \ufffd character", quick=True),
    "half_character_printed": Kind(("OK", "FAILED")),
    "long_message": failed("xxx"),
    "control_characters": failed("ValueError: \ufffd[2J\ufffd"),
    "unprintable": failed("Unprintable"),
    "base_exception": failed("exit code 1"),
    "interrupt": failed("exit code 1"),
    "system_exit": failed("exit code"),
    "recursion": failed("RecursionError"),
    "none": failed("NoneType"),
    "a_class": failed("the class Sequential"),
    "exits_well": failed("exit code 0"),
    "exits_badly": failed("exit code 3"),
    "kills_itself": failed("SIGKILL"),
    "ends_itself": failed("SIGTERM"),
    "real_time_signal": failed("signal"),
    "segfaults": failed("SIGSEGV"),
    "aborts": failed("SIGABRT"),
    "alarm": failed("SIGALRM"),
    "stops_itself": timeout(),
    "sleeps": timeout(),
    "busy": timeout(),
    "ignores_signals": timeout(quick=True),
    "blocks_signals": timeout(),
    "sleeps_in_a_thread_lock": timeout(),
    "one_line_of_200_mb": failed("exit code 3", quick=True),
    "log_of_200_mb": ok(),
    "garbage": ok(),
    "closes_output": ok(),
    "no_streams": ok(),
    "output_to_nowhere": ok(),
    "pipe_for_a_log": failed("it printed nothing", quick=True),
    "folder_for_a_log": failed("it printed nothing"),
    "device_for_a_log": failed("it printed nothing"),
    "writes_to_every_descriptor": failed("exit code 3"),
    "half_a_message": timeout(quick=True),
    "closes_every_descriptor": failed(),
    "child_in_a_session": ok(quick=True),
    "daemon_of_a_daemon": ok(),
    "daemon_process": ok(quick=True),
    "daemon_process_in_a_session": ok(),
    "daemon_process_in_a_survey": ok(surveyed=True),
    "sleeps_in_a_survey": timeout(surveyed=True),
    "program_in_a_session": ok(),
    "program_without_environment": ok(quick=True),
    "child_that_ignores_signals": ok(),
    "stopped_child": ok(),
    "many_children": ok(),
    "runaway": ok(quick=True),
    "zombies": ok(),
    "noisy_child": ok(),
    "child_on_the_channel": failed("exit code 3"),
    "pool_left_behind": ok(),
    "twin": Kind(("OK", "FAILED")),
    "thread_that_stays": ok(),
    "child_of_a_thread": ok(),
    "exits_with_a_daemon": failed("exit code 3"),
    "sleeps_with_a_daemon": timeout(),
    "leaves_its_group": ok(),
    "kills_the_server": failed("for the second time", quick=True, attempts=2),
    "stops_the_server": failed("for the second time", attempts=2),
    "temporary_files": ok(quick=True),
    "no_temporary_folder": Kind(("OK", "FAILED")),
    "another_folder": ok(),
    "no_environment": ok(),
    "no_modules": Kind(("OK", "FAILED")),
    "no_descriptors": failed(),
    "no_files": Kind(("OK", "FAILED")),
    "no_processor_time": failed("SIGKILL"),
    "greedy": failed("memory limit of 2.0 GiB", memory="2 GiB"),
    "shared_memory": failed("its memory limit is 2.0 GiB", memory="2 GiB", quick=True),
    "greedy_children": failed("its memory limit is 2.0 GiB", memory="2 GiB"),
    "diverges": Kind(("DIVERGED", "FAILED")),
    "wrong_width": failed("(None, 11)"),
    "layer_that_raises": failed("not in training"),
    "layer_that_sleeps": timeout(),
}

HEAD = """
[suite]
name = "evil"
dataset = "digits"
epochs = 1
seeds = 1
engine = "fit"
"""
NEIGHBOUR = '[[include]]\narchitecture = "evil:good"\nlearning_rate = {}\n'
EVIL = '[[include]]\narchitecture = "evil:{}"\ntimeout_s = {}\n'
SURVEYED = 'engine = "auto"\nepochs = 400\n'
NEIGHBOURS = 4


def suite(names: list[str]) -> str:
    """A suite of these builders, with good ones before, between and after them."""
    text, rate = HEAD, 0
    for index, name in enumerate([*names, ""]):
        if index * NEIGHBOURS >= rate * max(1, len(names)) or not name:
            rate += 1
            text += NEIGHBOUR.format(rate / 100)
        if name:
            text += EVIL.format(name, KINDS[name].limit_s)
            text += SURVEYED if KINDS[name].surveyed else ""
            text += f'memory_limit_bytes = "{KINDS[name].memory}"\n' if KINDS[name].memory else ""
    return text


@cache
def trials(folder: Path) -> dict[str, dict]:
    """The rows of a run by the name of their builder; good ones by their id."""
    (path,) = folder.glob("reports/evil/*-*/run.json")
    rows = {}
    for trial in json.loads(path.read_text())["trials"]:
        name = trial["cell"]["builder"].partition(":")[2]
        rows[json.dumps(trial["cell"]["settings"]) if name == "good" else name] = trial
    return rows


@dataclass(frozen=True)
class Attacked:
    """A run with hostile builders, a run of its good ones alone, and what was left behind."""

    names: list[str]
    place: Place
    alone: Place
    code: int
    output: str
    left: tuple[int, int]


@pytest.fixture(scope="module")
def attacked(request, tmp_path_factory, jobs: int) -> Attacked:
    """Both runs."""
    every = request.config.getoption("--all-builders")
    names = [name for name, kind in KINDS.items() if every or kind.quick]
    if jobs > 1:
        # a lost server takes the attempts of two trials with it
        names = [name for name in names if KINDS[name].attempts == 1]
    places = [Place(tmp_path_factory.mktemp(name)) for name in ("attacked", "alone")]
    for place, evil in zip(places, (names, []), strict=True):
        shutil.copy(Path(__file__).parent / "builders.py", place.folder / "evil.py")
        text = suite(names)
        if not evil:
            text = HEAD + "".join(NEIGHBOUR.format(part.split()[0]) for part in text.split("learning_rate = ")[1:])
        (place.folder / "evil.toml").write_text(text)
    code, output = places[0].run("run", "evil.toml", "--jobs", str(jobs))
    left = places[0].left_behind()
    assert 0 == places[1].run("run", "evil.toml")[0]
    return Attacked(names, *places, code, output, left)


def pytest_generate_tests(metafunc) -> None:
    """Two trials at a time as well where every builder is tried."""
    if "jobs" in metafunc.fixturenames:
        jobs = [1, 2] if metafunc.config.getoption("--all-builders") else [1]
        metafunc.parametrize("jobs", jobs, scope="module")


def test_every_builder_is_a_row_in_time(attacked: Attacked, jobs: int, counted) -> None:
    """Its status and reason are right, its log is bounded, and nothing of it is left."""
    count = Count(f"hostile builders, {jobs} at a time", count=len(attacked.names))
    assert 3 == attacked.code, attacked.output
    assert "Traceback" not in attacked.output
    rows = trials(attacked.place.folder)
    for name in attacked.names:
        kind, row = KINDS[name], rows.get(name)
        if row is None:
            count.lost += 1
            continue
        reason, took_s = row["reason"], row["outcome"]["phases"]["total_time_s"] or 0.0
        if row["status"] not in kind.statuses or kind.reason not in reason or len(reason) > LONGEST_REASON:
            count.notes.append(f"{name}: {row['status']} {reason[:500]}")
        if took_s > kind.longest_s:
            count.notes.append(f"{name}: {took_s:.1f} s")
    logs = [path.lstat().st_size for path in attacked.place.folder.glob("reports/evil/*-*/logs/*")]
    assert max(logs) <= LONGEST_LOG_BYTES
    count.left = sum(attacked.left)
    counted(count)


def test_neighbours_are_as_without_them(attacked: Attacked) -> None:
    """The same weights, bit for bit."""
    with_them, alone = (
        {key: trial["outcome"]["weights_digest"] for key, trial in trials(place.folder).items() if key.startswith("{")}
        for place in (attacked.place, attacked.alone)
    )
    assert len(alone) > NEIGHBOURS - 1
    assert all(alone.values())
    assert alone == with_them
