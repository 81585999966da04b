"""What a worker sends is read without waiting for it."""

from __future__ import annotations

import multiprocessing
import os
import struct
from collections.abc import Iterator
from multiprocessing.connection import Connection

import pytest

from bench.execute.server.channels import Messages


@pytest.fixture
def pipe() -> Iterator[tuple[Messages, Connection]]:
    """Both ends of a worker's channel."""
    reader, writer = multiprocessing.Pipe(duplex=False)
    messages = Messages(reader)
    yield messages, writer
    messages.close()
    writer.close()


def test_messages_arrive_whole_and_in_order(pipe: tuple[Messages, Connection]) -> None:
    """Several in one read, and one of no length."""
    messages, writer = pipe
    for content in (b"first", b"", b"third"):
        writer.send_bytes(content)
    assert [b"first", b"", b"third"] == list(messages.read())
    assert [] == list(messages.read())


def test_half_a_message_is_waited_for_by_nobody(pipe: tuple[Messages, Connection]) -> None:
    """Not when it is read, and not when its worker has ended."""
    messages, writer = pipe
    os.write(writer.fileno(), struct.pack("!i", 1000) + b"half")
    assert [] == list(messages.read())
    assert [] == list(messages.read_rest())
    os.write(writer.fileno(), b"x" * 996)
    assert [b"half" + b"x" * 996] == list(messages.read())


def test_a_message_of_more_than_2_gib_has_its_length_in_eight_bytes(pipe: tuple[Messages, Connection]) -> None:
    """As `multiprocessing` writes it; the form is the same for a short one."""
    messages, writer = pipe
    os.write(writer.fileno(), struct.pack("!i", -1) + struct.pack("!Q", 5) + b"large")
    assert [b"large"] == list(messages.read())


def test_a_channel_closes_when_nobody_can_write_any_more(pipe: tuple[Messages, Connection]) -> None:
    """What was sent before comes first."""
    messages, writer = pipe
    writer.send_bytes(b"last")
    writer.close()
    assert [b"last"] == list(messages.read_rest())
    assert messages.closed


def test_a_message_longer_than_a_pipe_arrives_in_pieces(pipe: tuple[Messages, Connection]) -> None:
    """As final weights do."""
    messages, writer = pipe
    content, received = os.urandom(300_000), list[bytes]()
    wire = struct.pack("!i", len(content)) + content
    for start in range(0, len(wire), 50_000):
        os.write(writer.fileno(), wire[start : start + 50_000])
        received += messages.read()
    assert [content] == received
