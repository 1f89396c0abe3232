"""A piece of sound, as every part of the program hands it to the next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


GivesWay = Literal["waits", "is muted", "is lowered"]
"""What becomes of a line while somebody speaks over it.

It waits, and goes on where it was; it goes on unheard, as a count must that keeps time; or it goes on more quietly,
because all of it must be heard.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Clip:
    """Mono sound.

    Attributes:
        samples: int16, shape (n,).
        rate: samples per second (Hz).
        text: what is said in it; empty where nothing is.
        gives_way: what becomes of it while somebody speaks over it.
    """

    samples: NDArray[np.int16]
    rate: int
    text: str = ""
    gives_way: GivesWay = "waits"

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate
