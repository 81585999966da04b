"""Control groups, in folders that stand for those of the kernel: which can be made, and what is written where."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.execute.system import cgroups
from bench.execute.system.cgroups import delegated, enter, make_group

GIB = 2**30


@pytest.fixture
def slice_(monkeypatch: pytest.MonkeyPatch, own_folder: Path) -> Path:
    """A delegated group, as systemd makes it for a user, with the own group in it."""
    parent = own_folder / "root" / "user.slice" / "app.slice"
    (parent / "own.scope").mkdir(parents=True)
    (parent / "cgroup.subtree_control").write_text("cpu memory pids\n")
    (parent / "cgroup.procs").write_text("")
    (own_folder / "cgroup").write_text("1:name=systemd:/x\n0::/user.slice/app.slice/own.scope\n")
    monkeypatch.setattr(cgroups, "ROOT", own_folder / "root")
    monkeypatch.setattr(cgroups, "OWN", own_folder / "cgroup")
    monkeypatch.setattr(cgroups, "EMPTY_S", 0.01)
    return parent


def test_groups_are_made_beside_the_own_one(slice_: Path) -> None:
    """A group that holds processes cannot have any below it."""
    assert slice_ == delegated()


@pytest.mark.parametrize(
    ("own", "controllers"),
    [
        ("0::/user.slice/app.slice/own.scope", "cpu pids"),  # memory is not bounded there
        ("0::/", "cpu memory"),  # a container's own root
        ("0::/nowhere/at/all", "cpu memory"),
        ("5:memory:/user.slice/app.slice/own.scope", "cpu memory"),  # cgroup v1
        ("", "cpu memory"),
    ],
)
def test_where_no_group_can_be_made_there_is_none(slice_: Path, own_folder: Path, own: str, controllers: str) -> None:
    """The watch on what processes hold is enough then."""
    (slice_ / "cgroup.subtree_control").write_text(controllers)
    (own_folder / "cgroup").write_text(f"{own}\n")
    assert delegated() is None
    assert make_group(delegated(), "x", GIB) is None


def test_a_group_has_a_limit_and_ends_as_a_whole(slice_: Path) -> None:
    """A trial without a limit has no group; a name that is taken makes none either."""
    group = make_group(slice_, "job", GIB)
    assert group is not None
    assert (str(GIB), "1") == tuple((group.folder / name).read_text() for name in ("memory.max", "memory.oom.group"))
    assert make_group(slice_, "other", None) is None
    assert not (slice_ / "other").exists()


@pytest.mark.parametrize(
    ("events", "held"), [("low 0\noom 0\noom_kill 0\n", 0), ("oom 1\noom_kill 3\n", GIB), (None, 0)]
)
def test_what_the_kernel_ended_is_told(slice_: Path, events: str | None, held: int) -> None:
    """By the group's own count."""
    group = make_group(slice_, "job", GIB)
    assert group is not None
    if events is not None:
        (group.folder / "memory.events").write_text(events)
    assert held == group.over_bytes()


def test_a_worker_enters_its_group_and_the_group_is_removed(slice_: Path) -> None:
    """Whoever is still in it is ended first."""
    group = make_group(slice_, "job", GIB)
    assert group is not None
    (group.folder / "cgroup.kill").write_text("")  # a file of the kernel's, which goes with the folder
    enter(str(group.folder))
    assert "0" == (group.folder / "cgroup.procs").read_text()
    group.remove()
    assert "1" == (group.folder / "cgroup.kill").read_text()
    for file in group.folder.iterdir():
        file.unlink()
    group.remove()
    assert not group.folder.exists()


def test_a_worker_that_cannot_enter_stays_where_it_is(own_folder: Path) -> None:
    """Its memory is watched all the same."""
    enter(None)
    enter(str(own_folder / "nowhere"))
