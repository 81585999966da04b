"""Agents as processes of this machine, over pipes: for tests, and for whoever reaches other machines in another way."""

from __future__ import annotations

import os
import queue
import threading
import time
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from bench.execute.cluster.messages import Beat, Lost, Stop
from bench.execute.cluster.spawn import AgentProcess, path_of_this_process
from bench.execute.cluster.transport import BEAT_S, Delivery

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.execute.cluster.messages import Request

LOOK_S = 0.5


class ProcessTransport:
    """Agents on this machine.

    Args:
        nodes: by name, the variables that its environment has beside those of this process.
    """

    def __init__(self, nodes: Mapping[str, Mapping[str, str]]) -> None:
        common = {**os.environ, "PYTHONPATH": path_of_this_process()}
        self._agents = {name: AgentProcess(name, {**common, **further}) for name, further in nodes.items()}
        self._outboxes: dict[str, queue.SimpleQueue[Request | None]] = {
            name: queue.SimpleQueue() for name in self._agents
        }
        self._inbox: queue.SimpleQueue[Delivery] = queue.SimpleQueue()
        self._closing = threading.Event()
        # whoever does not read keeps nobody but its own writer waiting
        self._threads = [threading.Thread(target=self._write, args=(name,), daemon=True) for name in self._agents]
        self._threads.append(threading.Thread(target=self._read, daemon=True))
        for thread in self._threads:
            thread.start()

    @property
    def nodes(self) -> tuple[str, ...]:
        """The names of the agents."""
        return tuple(self._agents)

    @property
    def process_ids(self) -> dict[str, int]:
        """By name, the process of each agent."""
        return {name: agent.process_id for name, agent in self._agents.items()}

    def now(self) -> float:
        """The clock of this machine."""
        return time.monotonic()

    def send(self, node: str, request: Request) -> None:
        """Send something to an agent, sooner or later."""
        self._outboxes[node].put(request)

    def receive(self, timeout_s: float) -> Sequence[Delivery]:
        """All that has come; see `Transport.receive`."""
        deliveries: list[Delivery] = []
        try:
            deliveries.append(self._inbox.get(timeout=timeout_s))
            while True:
                deliveries.append(self._inbox.get_nowait())
        except queue.Empty:
            return deliveries

    def end(self, node: str) -> None:
        """Kill an agent; its servers end with it."""
        self._agents[node].end()

    def close(self) -> None:
        """End all agents, and wait for that."""
        if self._closing.is_set():
            return
        for outbox in self._outboxes.values():
            outbox.put(Stop())
            outbox.put(None)
        for agent in self._agents.values():
            agent.wait()
        self._closing.set()
        for thread in self._threads:
            thread.join(BEAT_S)
        for agent in self._agents.values():
            agent.close()

    def _write(self, name: str) -> None:
        """Send what is asked for, and signs of life in between."""
        agent, outbox = self._agents[name], self._outboxes[name]
        while True:
            try:
                request = outbox.get(timeout=BEAT_S)
            except queue.Empty:
                request = Beat()
            if request is None:
                return
            try:
                agent.send(request)
            except OSError:  # that it is gone is found by whoever reads
                return

    def _read(self) -> None:
        open_ones = {agent.connection: agent for agent in self._agents.values()}
        while not self._closing.is_set():
            for connection in wait(list(open_ones), timeout=LOOK_S):
                agent = open_ones[connection]  # type: ignore[index]  # wait() gives back what it got
                try:
                    answer = agent.receive()
                except EOFError:
                    del open_ones[agent.connection]
                    answer = Lost(agent.last_words())
                self._inbox.put(Delivery(agent.node, self.now(), answer))
            if not open_ones:
                return
