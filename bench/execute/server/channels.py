"""What a worker sends, read without waiting: half a message must not stop the process that keeps deadlines."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

CHUNK_BYTES = 2**20
PIPE_BYTES = 4 * 2**20
"""More than a pipe can hold: what a worker has left in it is read in so many bytes."""


class Messages:
    """The reading end of a worker's channel.

    A message is as `multiprocessing.connection.Connection.send_bytes` writes it: its length in four bytes (signed, most
    significant first), or -1 and its length in eight, then its content.

    Args:
        connection: the reading end of a pipe; it becomes non-blocking.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection, self._received = connection, bytearray()
        os.set_blocking(connection.fileno(), False)

    @property
    def closed(self) -> bool:
        """Whether nothing more can come."""
        return self._connection.closed

    def fileno(self) -> int:
        """The descriptor to wait for."""
        return self._connection.fileno()

    def read(self) -> Iterator[bytes]:
        """The messages that are complete by now; the channel closes when all who could write are gone."""
        try:
            chunk = os.read(self._connection.fileno(), CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError:
            chunk = b""
        if not chunk:
            self.close()
            return
        self._received += chunk
        while (message := self._next()) is not None:
            yield message

    def read_rest(self) -> Iterator[bytes]:
        """The messages that a worker which has ended left behind; whoever else still writes is not listened to."""
        for _ in range(PIPE_BYTES // CHUNK_BYTES):
            if self.closed:
                return
            yield from self.read()

    def close(self) -> None:
        """Read no more."""
        self._connection.close()

    def _next(self) -> bytes | None:
        for form, start in (("!i", 0), ("!Q", 4)):
            begin = start + struct.calcsize(form)
            if len(self._received) < begin:
                return None
            (length,) = struct.unpack_from(form, self._received, start)
            if length == -1:
                continue
            if length < 0 or len(self._received) < begin + length:
                return None
            message = bytes(self._received[begin : begin + length])
            del self._received[: begin + length]
            return message
        return None
