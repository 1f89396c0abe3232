"""Measure the compiled recursion over the lexicon beside the plain way, automatic differentiation.

Both take the same likelihoods, of a batch as training has it, in turns. Nothing is needed but the `train` extra.
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

import numpy as np
import torch
from train_command_model.competition import Network, log_likelihood

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor

# As the shipped network has it: 2 s of 30 ms, and what a lexicon of 2,100 ways to say 1,900 words makes.
_MOMENTS, _OUTPUTS, _BATCH, _NODES = 67, 251, 32, 4_200
_TURNS = 15


def plain(likely: Tensor, network: Network) -> Tensor:
    """Do what `log_likelihood` does, one operation after the other, for PyTorch to differentiate."""
    parents = torch.from_numpy(network.parents.astype(np.int64))
    outputs = torch.from_numpy(network.outputs.astype(np.int64))
    ends, begin, moves, stop = (torch.from_numpy(part) for part in network[2:])
    batch = likely.shape[2]
    before, after = likely[0, :1], likely.new_zeros(1, batch)
    nodes, loop = likely.new_zeros(len(outputs), batch), likely.new_zeros(len(begin), batch)
    total = likely.new_zeros(1, batch)
    for moment in likely[1:].unbind(0):
        sums = before, after, nodes.sum(0, keepdim=True), loop.sum(0, keepdim=True)
        mass = torch.stack(sums).sum(0).detach() + 1e-30
        total = total + mass.log()
        now = moment / mass
        ended = ends[None] @ nodes + stop[None] @ loop
        entered = torch.cat([before, nodes]).index_select(0, parents)
        nodes = now.index_select(0, outputs) * (nodes + entered)
        loop = now[1:] * (moves @ loop + begin[:, None] * before)
        after, before = now[:1] * (after + ended), now[:1] * before
    return (total + (before + after + 1e-30).log())[0]


def made_up(random: np.random.Generator, nodes: int = _NODES, outputs: int = _OUTPUTS) -> Network:
    """Give a lexicon of nobody's language: a tree, and rows of phones as likely as not."""
    moves = random.random((outputs - 1, outputs - 1)).astype(np.float32)
    return Network(
        outputs=random.integers(1, outputs, nodes).astype(np.uintp),
        parents=(random.random(nodes) * np.arange(1, nodes + 1)).astype(np.uintp),
        ends=random.integers(0, 2, nodes).astype(np.float32),
        begin=np.full(outputs - 1, 0.05 / outputs, np.float32),
        moves=np.ascontiguousarray(moves / moves.sum(0)),
        stop=random.random(outputs - 1).astype(np.float32),
    )


def made_up_likelihoods(
    random: np.random.Generator, moments: int = _MOMENTS, outputs: int = _OUTPUTS, batch: int = _BATCH
) -> Tensor:
    scores = random.normal(0, 3, (moments, outputs, batch))
    return torch.tensor(np.exp(scores - scores.max(1, keepdims=True)), dtype=torch.float32)


def _seconds(way: Callable[[Tensor, Network], Tensor], likely: Tensor, network: Network) -> float:
    wanted = likely.clone().requires_grad_()
    begun = time.perf_counter()
    way(wanted, network).sum().backward()  # type: ignore[no-untyped-call]
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=_TURNS)
    turns = parser.parse_args().turns
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    random = np.random.default_rng(1)
    network, likely = made_up(random), made_up_likelihoods(random)
    ways = plain, log_likelihood
    took = [[_seconds(way, likely, network) for way in ways] for _ in range(turns + 1)][1:]
    slow, quick = np.median(took, axis=0)
    print(f"plain {slow * 1e3:.0f} ms, compiled {quick * 1e3:.0f} ms: {quick / slow:.2f} of it (medians of {turns})")


if __name__ == "__main__":
    main()
