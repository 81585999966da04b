"""Agents on the nodes of a Ray cluster: Ray places them, brings what is said, and ends them with the driver.

The only file that imports Ray. On every node one actor takes all processors, so that nothing else of Ray's runs beside
a training. It does nothing but to start the agent, as a process with the node's own environment, and to hand on bytes:
what Ray sets for its workers, and what it puts on their path, reaches no training. Ray itself repeats nothing.
"""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import queue
import signal
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from typing import TYPE_CHECKING, Any

import psutil
import ray
from ray._private import worker as ray_worker
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from bench.core.errors import ExecutionError
from bench.core.temporary import temporary_folder
from bench.execute.cluster.describe import cleaned
from bench.execute.cluster.messages import Beat, Lost, Put, Stop
from bench.execute.cluster.spawn import AgentProcess
from bench.execute.cluster.transport import BEAT_S, Delivery

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.execute.cluster.messages import Request

POLL_S = 10.0
"""Seconds that a question for news waits at a node."""

LOOK_S = 0.5
MOST_BYTES = 16 * 2**20
"""Of news in one answer, roughly."""

STOP_S = 10.0
"""Seconds that agents may take to end, before their actors are ended."""

STORE_BYTES = 200 * 2**20
"""Of the object store of a Ray of our own: it holds what is on its way."""

OWN = {"RAY_worker_niceness": "0", "RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
"""Variables of a Ray of our own: its workers would run at niceness 15."""


class Relay:
    """An actor: the parent of the agent of its node.

    Args:
        node: the name of the node.
    """

    def __init__(self, node: str) -> None:
        self._agent = AgentProcess(node, environment_of_node())
        self._said: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._early: dict[int, bytes] = {}
        self._next = 0
        threading.Thread(target=self._listen, daemon=True).start()

    def send(self, number: int, request: bytes) -> None:
        """Hand a request on, pickled, after all of smaller numbers: Ray does not promise their order."""
        self._early[number] = request
        with suppress(OSError):  # that the agent is gone is said by `news`
            while self._next in self._early:
                self._next += 1
                self._agent.connection.send_bytes(self._early.pop(self._next - 1))

    def news(self) -> list[bytes]:
        """What the agent has said, each pickled, and last a `Lost` where it is gone; nothing where it says nothing."""
        answers, held = [], 0
        with suppress(queue.Empty):
            answers.append(self._said.get(timeout=POLL_S))
            # a large model comes in many answers: Ray's store holds each of them as a whole
            while (held := held + len(answers[-1])) < MOST_BYTES:
                answers.append(self._said.get_nowait())
        return answers

    def _listen(self) -> None:
        while True:
            try:
                self._said.put(self._agent.connection.recv_bytes())
            except (EOFError, OSError):
                self._said.put(pickle.dumps(Lost(self._agent.last_words())))
                return


class RayTransport:
    """Agents on the nodes of the cluster that this process is connected to."""

    def __init__(self) -> None:
        relay = ray.remote(concurrency_groups={"requests": 1, "news": 1})(Relay)
        self._actors = {
            name: relay.options(
                num_cpus=resources["CPU"],
                num_gpus=resources.get("GPU", 0.0),
                max_restarts=0,
                max_task_retries=0,
                scheduling_strategy=NodeAffinitySchedulingStrategy(node_id, soft=False),
            ).remote(name)
            for name, (node_id, resources) in _nodes_with_processors().items()
        }
        self._files: dict[bytes, Any] = {}
        self._numbers = {name: count() for name in self._actors}
        self._sending = threading.Lock()
        self._inbox: queue.SimpleQueue[Delivery] = queue.SimpleQueue()
        self._gone: set[str] = set()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    @property
    def nodes(self) -> tuple[str, ...]:
        """The names of the nodes that have processors to give."""
        return tuple(self._actors)

    def now(self) -> float:
        """The clock of this machine."""
        return time.monotonic()

    def send(self, node: str, request: Request) -> None:
        """Send something to an agent."""
        if node in self._gone:
            return
        content: Any = pickle.dumps(request)
        if isinstance(request, Put):
            digest = hashlib.sha256(content).digest()
            if digest not in self._files:
                self._files[digest] = ray.put(content)
            # nodes fetch it from one another, and not all of them from this one
            content = self._files[digest]
        self._call(node, content)

    def receive(self, timeout_s: float) -> Sequence[Delivery]:
        """All that has come; see `Transport.receive`."""
        deliveries: list[Delivery] = []
        with suppress(queue.Empty):
            deliveries.append(self._inbox.get(timeout=timeout_s))
            while True:
                deliveries.append(self._inbox.get_nowait())
        return deliveries

    def end(self, node: str) -> None:
        """End the actor of a node, as far as Ray reaches it; its agent notices."""
        self._gone.add(node)
        with suppress(RayError):
            ray.kill(self._actors[node])

    def close(self) -> None:
        """End all agents, and wait for that."""
        if self._closing.is_set():
            return
        for name in self._actors:
            self.send(name, Stop())
        until = time.monotonic() + STOP_S
        while self._gone != self._actors.keys() and time.monotonic() < until:
            time.sleep(0.05)
        self._closing.set()
        self._thread.join(BEAT_S)
        for name in self._actors:
            self.end(name)

    def _call(self, node: str, content: Any) -> None:  # noqa: ANN401  bytes, or where Ray holds them
        with self._sending, suppress(RayError):  # that the actor is gone is found by whoever listens
            number = next(self._numbers[node])
            self._actors[node].send.options(concurrency_group="requests").remote(number, content)

    def _listen(self) -> None:
        """Take in what agents say, and give them signs of life."""
        asked = {self._ask(name): name for name in self._actors}
        beat, said = pickle.dumps(Beat()), time.monotonic()
        while asked and not self._closing.is_set():
            for reference in _answered(list(asked)):
                name = asked.pop(reference)
                try:
                    answers = [pickle.loads(content) for content in ray.get(reference)]  # noqa: S301  our own agent's
                except RayError as error:
                    answers = [Lost(_words(error))]
                for answer in answers:
                    self._inbox.put(Delivery(name, self.now(), answer))
                if any(isinstance(answer, Lost) for answer in answers):
                    self._gone.add(name)
                else:
                    asked[self._ask(name)] = name
            if time.monotonic() - said >= BEAT_S:
                said = time.monotonic()
                for name in self._actors.keys() - self._gone:
                    self._call(name, beat)

    def _ask(self, node: str) -> Any:  # noqa: ANN401  Ray's reference
        return self._actors[node].news.options(concurrency_group="news").remote()


def _answered(asked: list[Any]) -> list[Any]:
    """The questions that are answered, as soon as one is."""
    first, rest = ray.wait(asked, num_returns=1, timeout=LOOK_S)
    more = ray.wait(rest, num_returns=len(rest), timeout=0)[0] if first and rest else []
    return [*first, *more]


def _nodes_with_processors() -> dict[str, tuple[str, Mapping[str, float]]]:
    """By name, the id and the resources of every node that has processors; equal names of hosts get part of the id."""
    alive = [node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU", 0) > 0]
    hosts = [node["NodeManagerHostname"] for node in alive]
    return {
        host if hosts.count(host) == 1 else f"{host}-{node['NodeID'][:6]}": (node["NodeID"], node["Resources"])
        for host, node in zip(hosts, alive, strict=True)
    }


def environment_of_node() -> dict[str, str]:
    """The environment that Ray was started with on this node, before it changed anything for its workers."""
    for process in psutil.Process().parents():
        with suppress(psutil.Error, OSError):
            if process.name() == "raylet":
                original = process.environ()
                return cleaned(original, original)
    return cleaned(os.environ)


def _words(error: RayError) -> str:
    """What Ray says of a lost actor, as a clause."""
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return f"Ray lost its actor: {first.rstrip('.')}"


@contextmanager
def reach(address: str | None) -> Iterator[RayTransport]:
    """Agents on all nodes of a cluster, for as long as the context lasts.

    Args:
        address: HOST:PORT of its head; None starts a Ray of our own on this machine, and ends it.

    Raises:
        ExecutionError: there is none at the address.
    """
    with ExitStack() as stack:
        if not ray.is_initialized():
            stack.enter_context(_own() if address is None else _joined(address))
        transport = RayTransport()
        stack.callback(transport.close)
        yield transport


@contextmanager
def _joined(address: str) -> Iterator[None]:
    try:
        _init(address=address)
    except (ConnectionError, ValueError, RuntimeError, OSError) as error:
        first = str(error).strip().splitlines()[0]
        raise ExecutionError(
            f"No Ray cluster answers at {address}: {first}",
            hint="Start its head with `ray start --head`, and this machine with `ray start --address HOST:6379 "
            "--num-cpus 0`: a driver joins the cluster.",
        ) from error
    try:
        yield
    finally:
        ray.shutdown()


@contextmanager
def _own() -> Iterator[None]:
    """A Ray on this machine that nobody else reaches."""
    before = {name: os.environ.get(name) for name in OWN}
    with temporary_folder() as folder, ExitStack() as stack:
        os.environ.update(OWN)
        stack.callback(_restore, before)
        _init(
            address="local",
            include_dashboard=False,
            object_store_memory=STORE_BYTES,
            _node_ip_address="127.0.0.1",
            _temp_dir=str(folder),
        )
        stack.callback(ray.shutdown)
        yield


def _init(**options: Any) -> None:  # noqa: ANN401  whatever Ray takes
    """Connect to Ray, quietly; what this process does at SIGTERM stays its own."""
    # Ray prints the end of a node's log when that is lost, whatever `log_to_driver` says; the run names the node
    vars(ray_worker)["_worker_logs_enabled"] = False
    before = signal.getsignal(signal.SIGTERM)
    ray.init(log_to_driver=False, logging_level=logging.ERROR, configure_logging=False, **options)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, before)


def _restore(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
