"""The machine that a run trained on, as far as a record keeps it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRecord:
    """A device as found: `cpu`, `gpu:0`; its marketing name, memory and driver where known."""

    name: str
    description: str = ""
    memory_bytes: int | None = None
    driver: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The host and its versions: what else a timing depends on.

    Attributes:
        processor: what else is known of it: vendor, family, model, stepping and the sizes of its caches, each by its
            name; empty in records of earlier versions.
        variables: of the environment, those that decide results or make them slower or faster.
    """

    hostname: str
    platform: str
    cpu_model: str
    cpu_flags: tuple[str, ...]
    cores: int
    usable_cores: int
    memory_bytes: int
    devices: tuple[DeviceRecord, ...]
    python: str
    packages: dict[str, str]
    git_revision: str | None
    git_dirty: bool | None
    variables: dict[str, str]
    processor: dict[str, str] = field(default_factory=dict)
