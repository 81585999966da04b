"""A database on a server: few connections, patience while the server starts or is full, and no endless waiting."""

from __future__ import annotations

import math
import random
import re
import time
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event
from sqlalchemy.exc import DisconnectionError

from bench.record.store.dialects import POSTGRESQL, SCHEMA

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

PATIENCE_S = 30.0
"""How long a server is waited for that takes no connection yet, and a thread for the connection of the other."""

_FULL_OR_STARTING = re.compile(
    "too many clients|connection slots|too many connections|starting up|shutting down|not yet accepting connections"
)
"""What PostgreSQL says while it has no connection left or is not ready. The protocol has a code for each, but without a
connection the client library hands over the text alone. A server that speaks another language is not waited for."""

RESTED_S = 1.0
"""Seconds after which a connection is asked whether it is alive before it is used again."""

_USED_AT = "bench_used_at"

_PARAMETERS = {
    "application_name": "keras-bench",
    "connect_timeout": "10",
    # a server that vanished is noticed within half a minute, and not after two hours
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "4",
    "tcp_user_timeout": "30000",
}
"""Of libpq, where the URL does not set them."""


def open_server(url: URL, busy_timeout_s: float) -> Engine:
    """An engine for a server; no connection is made yet.

    A process has one connection, which its heartbeat shares: many processes use one server.

    Args:
        url: of the database.
        busy_timeout_s: how long a statement waits for rows that others hold.
    """
    if url.get_backend_name() != POSTGRESQL:
        return create_engine(url, pool_pre_ping=True)
    if url.get_driver_name().startswith("psycopg"):
        url = url.update_query_dict({name: value for name, value in _PARAMETERS.items() if name not in url.query})
    engine = create_engine(
        url,
        pool_size=1,
        max_overflow=0,
        pool_timeout=PATIENCE_S,
        execution_options={"schema_translate_map": {None: SCHEMA}},
    )

    @event.listens_for(engine, "do_connect")
    def _patiently(dialect: Any, _: object, arguments: Any, parameters: Any) -> Any:  # noqa: ANN401  the driver's own
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return dialect.connect(*arguments, **parameters)
            except dialect.loaded_dbapi.OperationalError as error:
                if not _FULL_OR_STARTING.search(str(error)) or time.monotonic() >= deadline:
                    raise
            time.sleep(random.uniform(0.2, 0.6))  # noqa: S311  so that many do not come back at once

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:  # noqa: ANN401  the driver's own connection
        cursor = connection.cursor()
        cursor.execute(f"SET lock_timeout = {round(busy_timeout_s * 1000)}")
        cursor.close()
        connection.commit()

    _look_after(engine)
    return engine


def _look_after(engine: Engine) -> None:
    """Replace connections that have died while they rested."""

    @event.listens_for(engine, "checkin")
    def _note(_: object, record: Any) -> None:  # noqa: ANN401  the pool's own
        record.info[_USED_AT] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _check(connection: Any, record: Any, _: object) -> None:  # noqa: ANN401
        # asking costs as much as a statement: only what has rested is asked whether it is alive
        if time.monotonic() - record.info.get(_USED_AT, math.inf) > RESTED_S:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise DisconnectionError from error  # the pool makes another
