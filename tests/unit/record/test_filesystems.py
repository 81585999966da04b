"""A store in a file is refused where several machines may write to it, and read everywhere."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from bench.core.errors import StoreError
from bench.record.store import Store, filesystems, upgrade_store
from bench.record.store.filesystems import Mount, mount_of, refuse_network

if TYPE_CHECKING:
    from pathlib import Path

MOUNTS = r"""22 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw,discard
23 22 0:22 / /proc rw,nosuid shared:12 - proc proc rw
40 22 0:41 /export/home /home rw,relatime shared:20 - nfs4 server:/export/home rw,vers=4.2
41 40 254:2 / /home/me/local rw,relatime - xfs /dev/vdb rw
42 22 0:50 / /data\040of\040all rw - lustre 10.0.0.1@tcp:/scratch rw
43 22 0:51 / /remote rw master:3 propagate_from:2 - fuse.sshfs me@host: rw
44 22 0:52 / /remote rw - tmpfs tmpfs rw
45 22 0:53 / /mnt/c rw - 9p drvfs rw
half a line
"""


@pytest.mark.parametrize(
    ("path", "expected", "network"),
    [
        ("/srv/bench.db", Mount("/", "ext4"), False),
        ("/home/me/bench.db", Mount("/home", "nfs4"), True),
        ("/homes/bench.db", Mount("/", "ext4"), False),
        ("/home/me/local/bench.db", Mount("/home/me/local", "xfs"), False),
        ("/data of all/bench.db", Mount("/data of all", "lustre"), True),
        ("/remote/bench.db", Mount("/remote", "tmpfs"), False),  # mounted over the one before
        ("/mnt/c/bench.db", Mount("/mnt/c", "9p"), False),  # a folder that one guest has of its host
    ],
)
def test_the_innermost_mount_counts(path: str, expected: Mount, *, network: bool) -> None:
    """By whole names of folders, with blanks, and what was mounted last."""
    assert expected == mount_of(path, MOUNTS)
    assert network == expected.network


@pytest.mark.parametrize("kind", ["nfs", "cifs", "smb3", "gpfs", "ceph", "beegfs", "fuse.sshfs", "fuse.glusterfs"])
def test_what_several_machines_share_is_a_network_file_system(kind: str) -> None:
    """Those that clusters and offices have."""
    assert Mount("/", kind).network


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "zfs", "overlay", "tmpfs", "virtiofs", "fuse.ntfs-3g"])
def test_a_disk_of_this_machine_is_none(kind: str) -> None:
    """Nor is what a virtual machine has of its host."""
    assert not Mount("/", kind).network


def test_nothing_is_said_of_mounts_that_cannot_be_read(tmp_path: Path) -> None:
    """As on another system."""
    assert mount_of("/x", "") is None
    refuse_network(tmp_path / "bench.db", tmp_path / "nothing")


def test_a_store_on_a_network_is_read_and_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error names the file system and the ways out; no file is made."""
    Store(str(tmp_path / "there.db")).close()
    mounts = tmp_path / "mountinfo"
    mounts.write_text(f"1 0 0:1 / / rw - ext4 /dev/vda rw\n2 1 0:2 / {tmp_path} rw - nfs4 host:/x rw\n")
    monkeypatch.setattr(filesystems, "MOUNTS", mounts)
    for name in ("new.db", "there.db"):
        with pytest.raises(StoreError, match=r"network file system \(nfs4 at ") as caught:
            Store(str(tmp_path / name))
        for way in ("--store /var/tmp/bench.db", "postgresql+psycopg://", "bench import"):
            assert way in caught.value.hint
    with pytest.raises(StoreError, match="network file system"):
        upgrade_store(str(tmp_path / "there.db"))
    assert not (tmp_path / "new.db").exists()
    with closing(Store(str(tmp_path / "there.db"), create=False)) as store:
        assert [] == store.runs()
