"""A recorded step as a program: what it needs not run is taken out, the rest runs in the order of Keras."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras
import torch
from torch.fx import Graph, GraphModule, Node

if TYPE_CHECKING:
    from collections.abc import Sequence

RANDOM = torch.Tag.nondeterministic_seeded

SAME = frozenset({torch.ops.aten.detach.default, torch.ops.aten.lift_fresh.default})
"""Operations that give back what they are given, as far as values go."""

UNSAFE_VIEW = torch.ops.aten._unsafe_view.default  # noqa: SLF001  the operation has no other name
"""A view that its schema calls new."""

SHAPED = frozenset({"ones_like", "zeros_like"})
"""Operations that take nothing of a tensor but its shape and dtype."""


class Program:
    """The operations of a step for batches of one shape.

    Args:
        graph: placeholders of the batch first, then of what is captured; every operation in the order in which it ran.
        captured: variables, constants, functions and their arguments.
    """

    def __init__(self, graph: Graph, captured: Sequence[object]) -> None:
        self._captured = list(captured)
        self._kinds = [node.meta["kind"] for node in graph.nodes if node.op == "placeholder" and "kind" in node.meta]
        self._source = graph.python_code("self").src
        self.recorded = sum(node.op == "call_function" for node in graph.nodes)
        self._settle(graph)
        self.kept = sum(node.op == "call_function" for node in graph.nodes)
        self._run = GraphModule({}, graph).forward

    def __call__(self, batch: Any) -> None:  # noqa: ANN401  nested tensors
        """Do to the variables what the step would do."""
        with torch.no_grad():
            self._run(*keras.tree.flatten(batch), *self._captured)

    def differs(self, other: Program) -> bool:
        """Whether another recording of the step ran other operations, or the same ones with other constants."""
        if (self._source, self._kinds) != (other._source, other._kinds):
            return True
        pairs = zip(self._kinds, self._captured, other._captured, strict=False)
        return not all(same_bits(a, b) if kind == "constant" else a is b or a == b for kind, a, b in pairs)

    def _settle(self, graph: Graph) -> None:
        """Take out what is the same in every step, and what nobody uses."""
        changed = {_base(target) for node in graph.nodes for target in writes(node)}
        last = [node for node in graph.nodes if node.op == "placeholder"][-1]
        for node in list(graph.nodes):
            if node.target in SAME:
                node.replace_all_uses_with(node.args[0])
            value = node.meta.pop("value", None)
            if value is None or (node.meta["kind"] == "constant" and _base(node) in changed):
                continue
            with graph.inserting_after(last):
                last = graph.placeholder(f"settled_{len(self._captured)}")
            self._captured.append(value)
            node.replace_all_uses_with(last)
        graph.eliminate_dead_code(is_impure_node=_is_needed)


def same_bits(first: Any, second: Any) -> bool:  # noqa: ANN401  tensors
    """Whether two tensors are equal in dtype, shape and every bit."""
    if first.dtype != second.dtype or first.shape != second.shape:
        return False
    return bool(torch.equal(*(tensor.detach().reshape(-1).view(torch.uint8) for tensor in (first, second))))


def kind_of(node: Node) -> str:
    """What an operation makes, by the kinds of what it takes.

    "constant": the same in every step, as long as nothing writes into it; "variable": a view of one; else empty.
    """
    if not isinstance(node.target, torch._ops.OpOverload) or RANDOM in node.target.tags or writes(node):  # noqa: SLF001
        return ""
    kinds = [given.meta.get("kind") for given in node.all_input_nodes]
    if node.target._opname in SHAPED or all(kind == "constant" for kind in kinds):  # noqa: SLF001
        return "constant"
    viewed = _viewed(node)
    return "variable" if viewed is not None and viewed.meta.get("kind") == "variable" else ""


def writes(node: Node) -> list[Node]:
    """The nodes whose memory an operation changes."""
    schema = getattr(node.target, "_schema", None)
    if node.op != "call_function" or schema is None:
        return []
    written: list[Node] = []
    for place, argument in enumerate(schema.arguments):
        if argument.alias_info is not None and argument.alias_info.is_write:
            given = node.args[place] if place < len(node.args) else node.kwargs.get(argument.name)
            written += [
                part for part in (given if isinstance(given, (list, tuple)) else [given]) if isinstance(part, Node)
            ]
    return written


def _viewed(node: Node) -> Node | None:
    """The tensor whose memory an operation's one result shares; None where the result is new."""
    schema = getattr(node.target, "_schema", None)
    if schema is None:
        return None
    if node.target is not UNSAFE_VIEW and not any(made.alias_info is not None for made in schema.returns):
        return None
    return next((given for given in node.args if isinstance(given, Node)), None)


def _base(node: Node) -> Node:
    """What owns the memory of a node."""
    viewed = _viewed(node) if node.op == "call_function" else None
    return node if viewed is None else _base(viewed)


def _is_needed(node: Node) -> bool:
    """Whether a node does something, beside making what others use."""
    if node.op != "call_function":
        return True
    tags = getattr(node.target, "tags", None)
    if tags is None:
        return bool(node.target.__name__ == "call")
    return RANDOM in tags or bool(writes(node))
