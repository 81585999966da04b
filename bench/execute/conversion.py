"""What a worker is given to convert a trained model, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.core.trees import Shapes


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A trained model that is to become another file.

    Attributes:
        file: of Keras, as an absolute path.
        sha256: (hex) that it must have.
        shapes: of an example's inputs; a dict where there are several.
        search_path: folders that modules of the user's own may be imported from.
        module: the module of the builder, which defines or imports layers of the user's own; empty for our own.
        target: the file to write, as an absolute path.
        notes: texts to write into it, by name.
    """

    file: str
    sha256: str
    shapes: Shapes
    search_path: tuple[str, ...]
    module: str
    target: str
    notes: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """How a conversion ended.

    Attributes:
        difference: the largest between predictions of both files, as an absolute value; None where there is no file.
        obstacle: why there is no file; empty where there is.
    """

    difference: float | None = None
    obstacle: str = ""
