"""Recording one step: every ATen operation that Keras runs in it, in order, as a graph of `torch.fx`.

A step is a function of the variables and the batch only as long as Python does not look at values. So whoever reads a
value in Python, and whoever runs code that is not Keras's or PyTorch's, ends the recording (`NotRecordedError`). Two
things that Python does in every step are kept as calls: Keras's own draw of a seed, and a learning-rate schedule.
"""

from __future__ import annotations

import gc
import sys
import sysconfig
import weakref
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import keras
import torch
from keras.src.backend.torch import random as keras_random  # it is not public, but draws the seeds
from torch.fx import Graph, Node
from torch.fx.node import map_aggregate
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode, _disable_current_modes

from bench.execute.worker.runtimes.torch.program import Program, kind_of, writes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

READS = frozenset(
    {"item", "tolist", "numpy", "__array__", "__bool__", "__float__", "__int__", "__index__", "__complex__"}
)
"""Methods of a tensor that take its values to Python."""

KNOWN = frozenset({"keras", "torch", "torchvision", "numpy", "ml_dtypes", "optree", "tree", "bench"})
"""Packages whose code a recorded step may run, beside the standard library."""

STANDARD = (sysconfig.get_path("stdlib"), "<")
"""What the names of the standard library's files begin with, and those of code that it generates."""

READ = torch.ops.aten._local_scalar_dense.default  # noqa: SLF001  the operation has no other name
"""What an operation does that takes a number and is given a tensor."""

UNKNOWN_AHEAD = (torch.Tag.dynamic_output_shape, torch.Tag.data_dependent_output, torch.Tag.inplace_view)
"""What is not the same for every batch of a shape, or changes a tensor's own shape."""


class NotRecordedError(Exception):
    """Why a step cannot be replayed; its text is a clause."""


def record(
    model: keras.Model,
    step: Callable[[Any], object],
    batch: Any,  # noqa: ANN401
    variables: Sequence[torch.Tensor],
) -> Program:
    """Run a step on a batch and record it.

    Args:
        model: compiled, with all its variables.
        step: of Keras, such as `model.train_step`.
        batch: nested tensors; a replay takes batches of the same structure, shapes and dtypes.
        variables: all that the step may change.

    Raises:
        NotRecordedError: another batch could run other operations.
    """
    refusals = _Refusals()
    reads = _NoReads(refusals)
    recorder = _Recorder(variables, keras.tree.flatten(batch), refusals, reads)
    try:
        with ExitStack() as stack:
            stack.enter_context(_seeds_by(recorder.call))
            stack.enter_context(_rate_by(model.optimizer, recorder.call))
            stack.enter_context(reads)
            stack.enter_context(recorder)
            own = stack.enter_context(own_code())
            step(batch)
    except Exception:
        # Keras puts words of its own around an exception that leaves a layer
        if not refusals.clauses:
            raise
    if clauses := [*refusals.clauses, *own]:
        raise NotRecordedError(clauses[0])
    return recorder.end()


class _Refusals:
    """Why a step cannot be recorded."""

    def __init__(self) -> None:
        self.clauses: list[str] = []

    def refuse(self, clause: str) -> NotRecordedError:
        """The error to be raised."""
        self.clauses.append(clause)
        return NotRecordedError(clause)


class _NoReads(TorchFunctionMode):  # type: ignore[misc]  # PyTorch is not looked into
    """Refuses Python a tensor's values, but for what is called aside."""

    def __init__(self, refusals: _Refusals) -> None:
        super().__init__()
        self._refusals = refusals
        self.aside = False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401
        name = getattr(func, "__name__", "")
        if name in READS and not self.aside:
            raise self._refusals.refuse(f"Python reads a tensor's value in a step ({name})")
        return func(*args, **(kwargs or {}))


class _Recorder(TorchDispatchMode):  # type: ignore[misc]
    """Writes down what runs; see `record`."""

    def __init__(
        self, variables: Sequence[torch.Tensor], batch: Sequence[torch.Tensor], refusals: _Refusals, reads: _NoReads
    ) -> None:
        super().__init__()
        self._refusals, self._no_reads = refusals, reads
        self._graph = Graph()
        self._captured: list[object] = []
        self._memory: dict[int, Callable[[], object]] = {}
        self._nodes: dict[int, tuple[Callable[[], object], Node]] = {}
        self._numbers: list[tuple[float, Node]] = []
        for number, tensor in enumerate(batch):
            self._last = self._graph.placeholder(f"batch_{number}")
            self._hold(tensor, self._last)
        for variable in variables:
            self._hold(variable, self._capture("variable", variable))

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401
        kwargs = kwargs or {}
        if func is not READ and _depends_on_values(func, args):
            raise self._refusals.refuse(f"what {func} makes depends on values")
        made = func(*args, **kwargs)
        noted = [map_aggregate(given, self._reference) for given in (args, kwargs)]
        if self._numbers and func is not READ:
            noted = [map_aggregate(given, self._number) for given in noted]
            if self._numbers:
                raise self._refusals.refuse(f"a number is read before {func}, which does not take it")
        node = self._graph.call_function(func, *noted)
        self._check_writes(node)
        if func is READ:
            self._numbers.append((made, node))
        elif isinstance(made, torch.Tensor):
            self._made(made, node)
        else:
            for number, part in enumerate(made or ()):
                if isinstance(part, torch.Tensor):
                    self._hold(part, self._graph.call_function(_part, (node, number)))
        return made

    def call(self, function: Callable[..., object], *arguments: object) -> object:
        """Run a function aside: a replay calls it again, with the same arguments."""
        self._no_reads.aside = True
        try:
            with _disable_current_modes(), _profile(None):
                made = function(*arguments)
        finally:
            self._no_reads.aside = False
        if not isinstance(made, (torch.Tensor, torch.Generator)):
            raise self._refusals.refuse("a step depends on a number that Python computes")
        nodes = [self._capture("call", part) for part in (function, *arguments)]
        self._hold(made, self._graph.call_function(call, tuple(nodes)))
        return made

    def end(self) -> Program:
        """What was recorded."""
        self._graph.output(None)
        return Program(self._graph, self._captured)

    def _made(self, tensor: torch.Tensor, node: Node) -> None:
        self._hold(tensor, node)
        if kind := kind_of(node):
            node.meta.update(kind=kind, value=tensor.detach())

    def _capture(self, kind: str, value: object) -> Node:
        with self._graph.inserting_after(self._last):
            self._last = self._graph.placeholder(f"{kind}_{len(self._captured)}")
        self._last.meta["kind"] = kind
        self._captured.append(value)
        return self._last

    def _hold(self, value: Any, node: Node) -> None:  # noqa: ANN401  a tensor, a generator
        if self._known(value) is not None:
            return  # an operation that writes gives back the tensor that it was given
        keep = node.op == "placeholder" or not isinstance(value, torch.Tensor)
        held = (lambda: value) if keep else weakref.ref(value)
        self._nodes[_identity(value)] = (held, node)
        if isinstance(value, torch.Tensor) and self._memory.get(_address(value), _nothing)() is None:
            self._memory[_address(value)] = held

    def _known(self, value: Any) -> Node | None:  # noqa: ANN401
        held = self._nodes.get(_identity(value))
        if held is None:
            return None
        return held[1] if isinstance(value, torch.Generator) or held[0]() is value else None

    def _reference(self, value: Any) -> Any:  # noqa: ANN401
        """What stands for an argument in the graph."""
        if not isinstance(value, (torch.Tensor, torch.Generator)):
            return value
        if (known := self._known(value)) is not None:
            return known
        if isinstance(value, torch.Generator):
            raise self._refusals.refuse("a step draws from a generator that is not Keras's")
        if value.numel() and self._memory.get(_address(value), _nothing)() is not None:
            raise self._refusals.refuse("a step uses memory of a tensor by a way that was not recorded")
        node = self._capture("constant", value)
        self._hold(value, node)
        return node

    def _number(self, value: Any) -> Any:  # noqa: ANN401
        """The read that a number comes from, or the number."""
        if isinstance(value, (int, float)):
            for read in self._numbers:
                if type(read[0]) is type(value) and read[0] == value:
                    self._numbers.remove(read)
                    return read[1]
        return value

    def _check_writes(self, node: Node) -> None:
        for target in writes(node):
            if target.meta.get("kind") == "constant":
                raise self._refusals.refuse("a step changes a tensor that is not a variable of the model")


def call(function: Callable[..., object], *arguments: object) -> object:
    """What a replay does where the step called a function aside."""
    return function(*arguments)


def _identity(value: Any) -> int:  # noqa: ANN401
    """What a tensor or a generator is known by; PyTorch wraps a generator anew for every operation."""
    return int(value._cdata) if isinstance(value, torch.Generator) else id(value)  # noqa: SLF001


def _part(made: Sequence[object], number: int) -> object:
    return made[number]


def _address(value: torch.Tensor) -> int:
    return int(value.untyped_storage().data_ptr())


def _nothing() -> None:
    return None


def _depends_on_values(func: Any, args: Sequence[Any]) -> bool:  # noqa: ANN401
    """Whether the shape of what an operation makes, or of what it is given, may be another one next time."""
    if func is torch.ops.aten.index.Tensor:  # chosen by numbers, and not by a mask, as many come out as were asked for
        return any(index is not None and index.dtype in (torch.bool, torch.uint8) for index in args[1])
    return any(tag in func.tags for tag in UNKNOWN_AHEAD)


@contextmanager
def _seeds_by(call: Callable[..., object]) -> Iterator[None]:
    """Have Keras draw its seeds aside."""
    draw = keras_random.torch_seed_generator
    keras_random.torch_seed_generator = lambda seed: call(draw, seed)
    try:
        yield
    finally:
        keras_random.torch_seed_generator = draw


@contextmanager
def _rate_by(optimizer: Any, call: Callable[..., object]) -> Iterator[None]:  # noqa: ANN401
    """Have a learning-rate schedule computed aside."""
    if isinstance(getattr(optimizer, "_learning_rate", None), (keras.Variable, type(None))):
        yield
        return
    rate = optimizer._get_current_learning_rate  # noqa: SLF001  it has no public name
    object.__setattr__(optimizer, "_get_current_learning_rate", lambda: call(rate))
    try:
        yield
    finally:
        object.__delattr__(optimizer, "_get_current_learning_rate")


@contextmanager
def _profile(hook: Any) -> Iterator[None]:  # noqa: ANN401
    before = sys.getprofile()
    sys.setprofile(hook)
    try:
        yield
    finally:
        sys.setprofile(before)


def _is_known(frame: FrameType) -> bool:
    name = str(frame.f_globals.get("__name__"))
    package, file = name.partition(".")[0], frame.f_code.co_filename
    # the code of a named tuple is generated, in a module of that name
    standard = package in sys.stdlib_module_names or package.startswith("namedtuple_")
    return package in KNOWN or (standard and file.startswith(STANDARD))


def _is_import(frame: FrameType | None) -> bool:
    """Whether a function was called by an import, which comes once and does not belong to the step."""
    while frame is not None:
        if frame.f_globals.get("__name__") == "importlib._bootstrap":
            return True
        frame = frame.f_back
    return False


@contextmanager
def own_code() -> Iterator[list[str]]:
    """Clauses that say which code of somebody's own is run: it may do something else next time."""
    own: list[str] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and not own and not _is_known(frame) and not _is_import(frame):
            name = frame.f_globals.get("__name__")
            own.append(f"a step runs code that is not Keras's: {frame.f_code.co_qualname} of {name}")

    collects = gc.isenabled()
    gc.disable()  # it calls whoever asked for it, in the middle of a step
    try:
        with _profile(note):
            yield own
    finally:
        if collects:
            gc.enable()
