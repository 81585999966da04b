"""What the tests of stores on a server share: one PostgreSQL, and an empty database for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from postgres import Server

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL server that all tests of a process use."""
    started = Server()
    yield started
    started.remove()


@pytest.fixture
def database(server: Server) -> str:
    """The name of an empty database."""
    name = f"test_{uuid4().hex[:12]}"
    server.sql(f"CREATE DATABASE {name}")
    return name


@pytest.fixture
def url(server: Server, database: str) -> str:
    """The URL of an empty database, with its password."""
    return server.url(database)
