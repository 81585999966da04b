"""What nodes do before anything is trained: they look at models and draw references, a share of it each."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bench.core.errors import ExecutionError
from bench.execute.cluster.fleet import none_left

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from bench.execute.cluster.crew import Crew
    from bench.execute.cluster.fleet import Member
    from bench.execute.cluster.messages import Draw, DrawnThere, Look, Looked, Parcel


@dataclass(frozen=True, slots=True)
class Errand:
    """Something that a node of a kind is to do once.

    Attributes:
        request: makes the request of its number and its parcels.
    """

    kind: str
    parcels: tuple[Parcel, ...]
    request: Callable[[int, tuple[Parcel, ...]], Look | Draw]
    attempt: int = 1


class Errands:
    """Errands on their way to nodes and back.

    Args:
        crew: the nodes.
        attempts: how often an errand is begun at most: more than once where its node was lost.
    """

    def __init__(self, crew: Crew, attempts: int) -> None:
        self._crew, self._attempts = crew, attempts
        self._number = 0
        self._waiting: deque[Errand] = deque()
        self._under_way: dict[int, Errand] = {}
        self._answers: list[Looked | DrawnThere] = []

    @property
    def over(self) -> bool:
        """Whether all have been done that can be."""
        return not self._waiting and not self._under_way

    def add(self, errands: Iterable[Errand]) -> None:
        """Have errands done."""
        self._waiting.extend(errands)

    def give_out(self) -> None:
        """Give errands to nodes that have nothing to do; those of a kind without a node are left undone.

        Raises:
            ExecutionError: no node is left at all.
        """
        for errand in [self._waiting.popleft() for _ in range(len(self._waiting))]:
            member = self._crew.free(errand.kind)
            if member is not None:
                self._number += 1
                self._under_way[self._number] = errand
                member.errands.add(self._number)
                self._crew.send(member, errand.request(self._number, errand.parcels), errand.parcels)
            elif not any(self._crew.alive.values()):
                raise none_left(self._crew.fleet)
            elif self._crew.alive[errand.kind]:
                self._waiting.append(errand)

    def answered(self, member: Member, answer: Looked | DrawnThere) -> bool:
        """Take an answer; whether the node was at that errand."""
        if answer.errand not in member.errands:
            return False
        member.errands.remove(answer.errand)
        del self._under_way[answer.errand]
        self._answers.append(answer)
        return True

    def lost(self, member: Member) -> None:
        """Have another node do what a lost one was at.

        Raises:
            ExecutionError: it was lost too often.
        """
        for number in sorted(member.errands):
            errand = self._under_way.pop(number)
            if errand.attempt >= self._attempts:
                raise ExecutionError("Two nodes were lost while models were built; no trial was begun.")
            self._waiting.append(replace(errand, attempt=errand.attempt + 1))
        member.errands.clear()

    def answers(self) -> list[Looked | DrawnThere]:
        """What has come of errands since the last time."""
        answers, self._answers = self._answers, []
        return answers
