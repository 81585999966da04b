"""What was declared, installed or checked out otherwise: only what differs. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.analyse.configuration import canonical
from bench.core.formatting import plural, size
from bench.record.baseline import digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.analyse.compare.party import CellSide, Party
    from bench.record.records import DeviceRecord, Environment

ABSENT = "not there"
SHORT = 12  # characters of a hash that tell it from others


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is not the same on both sides, as text."""

    key: str
    before: str
    after: str


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Change, ...]:
    """The keys whose values differ, those of `before` first."""
    return tuple(
        Change(key, before.get(key, ABSENT), after.get(key, ABSENT))
        for key in dict.fromkeys((*before, *after))
        if before.get(key) != after.get(key)
    )


def cell_changes(before: CellSide, after: CellSide) -> tuple[Change, ...]:
    """What differs in how a cell was declared and trained: settings, data, code, engine, and where it ran."""
    task = after.cell.task
    settings = (before.cell.declared, after.cell.declared)
    # what trains the same is no change, whatever it is called
    changed = {change.key for change in changes(*(canonical(declared, task) for declared in settings))}
    declared = changes(*({key: text for key, text in side.items() if key in changed} for side in settings))
    was, now = _ran(before), _ran(after)
    both = was.keys() & now.keys()
    ran = changes({key: was[key] for key in was if key in both}, {key: now[key] for key in now if key in both})
    return (*declared, *ran)


def common(cells: Sequence[tuple[Change, ...]]) -> tuple[Change, ...]:
    """The changes that all of several cells share."""
    return tuple(change for change in cells[0] if all(change in other for other in cells[1:])) if cells else ()


def environment_changes(before: Party, after: Party) -> tuple[Change, ...]:
    """What differs between the hosts, their versions and the checkouts, as far as both sides kept it."""
    hosts = [party.run.environment if party.run else None for party in (before, after)]
    # earlier versions did not record the details of a processor: what one side lacks is no difference
    detailed = all(host and host.processor for host in hosts)
    was, now = (
        {} if host is None else _host(host) | (_processor(host) if detailed else {})
        for host in (hosts if all(hosts) else (None, None))
    )
    return (*changes(was, now), *changes(_origin(before), _origin(after)))


def _ran(side: CellSide) -> dict[str, str]:
    """What a training left of where it came from; a side that did not keep something does not differ in it."""
    cell = side.cell
    changes = {
        "data (SHA-256)": cell.data_sha256[:SHORT],
        "code (SHA-256)": cell.code_sha256[:SHORT],
        "engine that ran": ", ".join(side.engines),
        "device": ", ".join(side.devices),
        "processor and versions (SHA-256)": cell.fingerprint[:SHORT],
        "machine (SHA-256)": cell.machine[:SHORT],
    }
    return {key: value for key, value in changes.items() if value}


def _origin(party: Party) -> dict[str, str]:
    """What a run and a baseline both tell of where they come from."""
    if party.run:
        host = party.run.environment
        revision = ((host.git_revision or "") + ("+" if host.git_dirty else "")) if host else ""
        version, suite = party.run.bench_version, digest(party.run.suite_source)
    elif party.acceptance:
        accepted = party.acceptance
        revision, version, suite = accepted.revision, accepted.bench_version, accepted.suite_sha256
    else:
        return {}
    changes = {
        "suite": party.suite,
        "suite file (SHA-256)": suite[:SHORT],
        "git revision (+: with uncommitted changes)": revision,
        "keras-bench": version,
    }
    return {key: value for key, value in changes.items() if value}


def _processor(host: Environment) -> dict[str, str]:
    return {f"processor: {name}": text for name, text in host.processor.items()}


def _host(host: Environment) -> dict[str, str]:
    return {
        "host": host.hostname,
        "platform": host.platform,
        "processor": host.cpu_model,
        "processor flags": " ".join(host.cpu_flags),
        "cores": f"{plural(host.cores, 'core')}, {host.usable_cores} usable",
        "memory": size(host.memory_bytes),
        "devices": ", ".join(map(_device, host.devices)),
        "Python": host.python,
        # its version stands with the origin, which a baseline has too
        **{name: version for name, version in host.packages.items() if name != "keras-bench"},
        **host.variables,
    }


def _device(device: DeviceRecord) -> str:
    return f"{device.name} ({device.description})" if device.description else device.name
