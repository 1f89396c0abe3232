"""Word MMI: make the word that was said likely, and every other word of the lexicon unlikely.

The sequence objective on phones spends most of its effort on differences that no command needs. Here something said by
itself, with silence around it, competes with what it will compete with in the product: every word of the lexicon, any
other row of phones, and silence (Bahl et al. 1986, "Maximum mutual information estimation of hidden Markov model
parameters for speech recognition"). No alignment takes part: a phone may begin whenever it fits best.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from train_command_model.competition import Network, log_likelihood

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from train_command_model.objective import PhoneModel

Units = tuple[int, ...]
"""The network outputs of something said, silence left out."""

Ways = tuple[Units, ...]
"""How it may be pronounced; none: it is silence or noise."""

_FLOOR = 1e-30
# What it costs to be no word of the lexicon (a natural logarithm), as in the decoding graph.
_UNKNOWN = 3.0
# An example that the network finds so unlikely (a natural logarithm) is mislabelled, and teaches hardly anything.
_HOPELESS = -8.0


@dataclass(frozen=True, slots=True)
class Tree:
    """The lexicon as a tree of outputs: what begins alike shares nodes.

    Attributes:
        outputs: of each node.
        parents: of each node; 0 is the root, the silence before, so that node n is parent n + 1.
        ends: 1 for nodes at which an entry ends, else 0.
        entries: all of them.
    """

    outputs: npt.NDArray[np.int64]
    parents: npt.NDArray[np.int64]
    ends: npt.NDArray[np.float32]
    entries: frozenset[Units]

    @classmethod
    def of(cls, entries: Iterable[Units]) -> Tree:
        entries = frozenset(entries)
        places: dict[Units, int] = {(): 0}
        for entry in sorted(entries):
            for length in range(1, len(entry) + 1):
                places.setdefault(entry[:length], len(places))
        nodes = list(places)[1:]
        return cls(
            np.array([node[-1] for node in nodes], np.int64),
            np.array([places[node[:-1]] for node in nodes], np.int64),
            np.array([node in entries for node in nodes], np.float32),
            entries,
        )


class WordObjective:
    """Scores what is said by itself against the lexicon.

    Args:
        tree: the lexicon.
        phones: how phones follow each other in other speech.
    """

    def __init__(self, tree: Tree, phones: PhoneModel) -> None:
        self._entries = tree.entries
        moves = phones.moves.astype(np.float32)
        self._network = Network(
            tree.outputs.astype(np.uintp),
            tree.parents.astype(np.uintp),
            tree.ends,
            begin=moves[0, 1:] * np.float32(math.exp(-_UNKNOWN)),
            moves=np.ascontiguousarray((moves[1:, 1:] + np.eye(len(moves) - 1, dtype=np.float32)).T),
            stop=moves[1:, 0] / moves[1:, 0].max(),
        )

    def loss(self, scores: Tensor, said: Sequence[Ways]) -> tuple[Tensor, float]:
        """Give the loss, and the share of examples for which what was said is likelier than all else together.

        Args:
            scores: batch x moments x outputs.
            said: what was said in each example.
        """
        likely = _likelihoods(scores)
        meant = _log_likelihood(likely, said)
        # What the lexicon lacks competes with it, too.
        lacking = meant.new_tensor([-math.inf if self._has(ways) else 0.0 for ways in said])
        share = meant - torch.logaddexp(log_likelihood(likely, self._network), meant + lacking)
        loss = -torch.log(torch.exp(share) + math.exp(_HOPELESS)).mean()
        return loss, float((share.detach() > math.log(0.5)).float().mean())

    def _has(self, ways: Ways) -> bool:
        return not ways or any(way in self._entries for way in ways)


class _Scales:
    """Keeps numbers of a recursion near one. What is divided by is a constant to the gradient: it cancels out.

    Every part of a recursion is multiplied by one likelihood of each moment, so scaling those scales all.
    """

    def __init__(self, ones: Tensor) -> None:
        self.last = ones
        self._total = torch.zeros_like(ones[0])

    @torch.no_grad()
    def note(self, *parts: Tensor) -> None:
        """Find what the next moment is to be scaled by."""
        total = sum((part.sum(0, keepdim=True) for part in parts), torch.zeros_like(self.last)) + _FLOOR
        self._total -= self.last[0].log()
        self.last = total.reciprocal()

    def log_likelihood(self, ended: Tensor) -> Tensor:
        """Give the logarithm of what `ended` (1 x batch) would be unscaled."""
        return self._total + (ended + _FLOOR)[0].log()


def _log_likelihood(likely: Tensor, said: Sequence[Ways]) -> Tensor:
    """Sum over all ways to say each example, and over all their timings, with silence around them."""
    rows = [(place, way) for place, ways in enumerate(said) for way in ways or ((),)]
    owners = torch.tensor([place for place, _ in rows], device=likely.device)
    chain, last = (part.to(likely.device) for part in _chains([way for _, way in rows]))
    state = likely.new_zeros(chain.shape)
    state[0] = 1.0
    scales = _Scales(likely.new_ones(1, len(rows)))
    for moment, unscaled in enumerate(likely.index_select(2, owners).unbind(0)):
        now = unscaled * scales.last
        moved = torch.cat([state.new_zeros(1, len(rows)), state[:-1]]) if moment else torch.zeros_like(state)
        state = now.gather(0, chain) * (state + moved)
        scales.note(state)
    ended = scales.log_likelihood((state * last).sum(0, keepdim=True))
    columns = torch.tensor([number for ways in said for number in range(len(ways) or 1)], device=likely.device)
    together = likely.new_full((len(said), int(columns.max()) + 1), -1e4)
    return torch.logsumexp(together.index_put((owners, columns), ended), dim=1)


def _chains(ways: Sequence[Units]) -> tuple[Tensor, Tensor]:
    """Give the outputs of each way with silence around them, as columns, and where each ends."""
    longest = max(len(way) for way in ways) + 2
    chain = torch.zeros(longest, len(ways), dtype=torch.int64)
    last = torch.zeros(longest, len(ways))
    for column, way in enumerate(ways):
        chain[1 : len(way) + 1, column] = torch.tensor(way, dtype=torch.int64)
        last[len(way) + 1 if way else 0, column] = 1.0
    return chain, last


def _likelihoods(scores: Tensor) -> Tensor:
    """Give likelihoods, the likeliest output's at each moment 1, as moments x outputs x batch."""
    top = scores.max(dim=2, keepdim=True).values.detach()
    return (scores - top).exp().permute(1, 2, 0).contiguous()
