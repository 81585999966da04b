"""Networks in several places, in words: what a place is called, and how far scores agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.analyse.networks import Agreement
from bench.core.names import listed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.analyse.networks import Networks, Place
    from bench.core.score import Score

TITLES = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}


def place_name(place: Place) -> str:
    """`gpu`, `JAX`, `JAX/gpu`, `kind ab12`."""
    kind = f"kind {place.kind}" if place.kind else ""
    return "/".join(filter(None, (TITLES.get(place.backend, place.backend), place.device, kind)))


def place_names(networks: Networks) -> tuple[str, ...]:
    """The places of a run, the reference first; of one place, an empty name."""
    return tuple(map(place_name, networks.places))


def places_by_cell(networks: Networks) -> Mapping[str, str]:
    """By cell id, what its place is called; of one place, empty."""
    if not networks.several:
        return {}
    return {cell_id: place_name(place) for cell_id, place in networks.place_of.items()}


def counted_word(networks: Networks) -> str:
    """What a row of a leaderboard is."""
    return "network" if networks.several else "cell"


def drawn_note(networks: Networks) -> str:
    """Which place a chart of networks draws, as a sentence for its caption; empty for one place."""
    if not networks.several:
        return ""
    first = place_name(networks.places[0])
    elsewhere = "; a network without a result there is drawn in another place" if networks.astray else ""
    return f"Drawn: {first}{elsewhere}."


def scores_note(networks: Networks, dataset: str, score: Score) -> str:
    """Whose scores a leaderboard shows, and whether the other places have the same; empty for one place."""
    if not networks.several:
        return ""
    first, *others = place_names(networks)
    agreement = networks.agreement.get(dataset, Agreement.UNKNOWN)
    if agreement is Agreement.IDENTICAL and not networks.astray:
        return f"Scores are identical on {listed((first, *others), 'and')}: each network has one row."
    whose = f"Each network has one row, with its {score.heading} on {first}"
    if networks.astray:
        whose += ", or, where it has no result there, in the place that its row names"
    if agreement is Agreement.IDENTICAL:
        return f"{whose}; scores are identical wherever a network has them in several places."
    if agreement is Agreement.UNKNOWN:
        return f"{whose}; no other place has a result to compare it with."
    return f"{whose}; how {listed(others, 'and')} {'differs' if len(others) == 1 else 'differ'} is tested below."
