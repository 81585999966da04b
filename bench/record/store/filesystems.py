"""Which file system a path lies on: SQLite cannot be relied on where several machines see one file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bench.core.errors import StoreError

MOUNTS = Path("/proc/self/mountinfo")

_NETWORK = {
    "acfs", "afs", "beegfs", "beegfs_nodev", "ceph", "cifs", "coda", "gfs2", "glusterfs", "gpfs", "ibrix", "lustre",
    "mmfs", "ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "panfs", "pvfs2", "quobyte", "smb2", "smb3", "smbfs", "wekafs",
    "xtreemfs",
}  # fmt: skip
"""File systems that several machines have at once."""

_FUSE = re.compile(
    r"fuse\.(ceph.*|beegfs.*|curlftpfs|davfs.*|gcsfuse|glusterfs|goofys|juicefs|lustre.*|moosefs|mfs.*|nfs.*|quobyte.*|"
    r"rclone|s3fs|s3ql|sshfs|vast.*|weka.*|xtreemfs.*)"
)
"""The same as programs of their own."""

_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Mount:
    """Where a file system is mounted, and its type as the kernel calls it."""

    point: str
    kind: str

    @property
    def network(self) -> bool:
        """Whether several machines may see it at once."""
        return self.kind in _NETWORK or _FUSE.fullmatch(self.kind) is not None


def mount_of(path: str, mounts: str) -> Mount | None:
    """The file system that a path lies on.

    Args:
        path: absolute, without links.
        mounts: the text of `/proc/PID/mountinfo`, see proc(5).

    Returns:
        The innermost mount that holds the path, of several at one place the last; None where none does.
    """
    innermost: Mount | None = None
    for line in mounts.splitlines():
        fields, separator, rest = line.partition(" - ")
        parts = fields.split(" ")
        if not separator or len(parts) < 5 or not rest:  # noqa: PLR2004  the fifth is where it is mounted
            continue
        point = _OCTAL.sub(lambda code: chr(int(code[1], 8)), parts[4])
        if PurePosixPath(path).is_relative_to(point) and (innermost is None or len(point) >= len(innermost.point)):
            innermost = Mount(point, rest.split(" ")[0])
    return innermost


def refuse_network(path: Path, mounts: Path | None = None) -> None:
    """Refuse to write to an SQLite store that several machines may write to.

    Args:
        path: of the store; it need not be there.
        mounts: `MOUNTS` where not given; without it, nothing is refused.

    Raises:
        StoreError: it lies on a network file system.
    """
    try:
        text = (mounts or MOUNTS).read_text(encoding="utf-8", errors="surrogateescape")
        mount = mount_of(str(path.resolve()), text)
    except (OSError, RuntimeError):  # another system, or links in a circle, which opening the file will name
        return
    if mount is not None and mount.network:
        raise StoreError(
            f"The store {path} lies on a network file system ({mount.kind} at {mount.point}), where SQLite loses data "
            "as soon as two machines write.",
            hint="Name a file on a disk of this machine, such as --store /var/tmp/bench.db; for many machines one on a "
            "server: --store postgresql+psycopg://USER@HOST/DATABASE. bench import RUN_FOLDER takes earlier runs in.",
        )
