"""How likely it is that anything was said: every word of the lexicon, any other row of phones, or nothing.

A recursion over time and its gradient, written out. Its steps are cheap, and their parts many: automatic
differentiation takes two or three times as long, most of it for moving numbers about.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

_FLOOR = np.float32(1e-30)

Floats = npt.NDArray[np.float32]
Places = npt.NDArray[np.uintp]


class Network(NamedTuple):
    """What may be said, as states with an output each; silence is output 0.

    Attributes:
        outputs: of each node of the lexicon, a tree.
        parents: of each node; 0 is the silence before, node n is parent n + 1; a node comes after its parent.
        ends: 1 for nodes at which a word ends, else 0.
        begin: how likely any other row of phones begins with each output but silence.
        moves: how likely each of these outputs comes after each (next x now).
        stop: how likely the row is over after each.
    """

    outputs: Places
    parents: Places
    ends: Floats
    begin: Floats
    moves: Floats
    stop: Floats


def log_likelihood(likely: Tensor, network: Network) -> Tensor:
    """Sum over all that may be said, with silence before and after it.

    Args:
        likely: of each output at each moment, moments x outputs x batch.
        network: what may be said.

    Returns:
        Natural logarithms, one for each of the batch.
    """
    total: Tensor = _LogLikelihood.apply(likely, network)  # type: ignore[no-untyped-call]
    return total


class _LogLikelihood(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, likely: Tensor, network: Network) -> Tensor:
        ctx.network = network
        ctx.likely = np.ascontiguousarray(likely.detach().cpu().numpy())
        total, ctx.history = _forward(ctx.likely, network)
        return torch.from_numpy(total).to(likely.device)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (gradient,) = gradients
        change = _backward(ctx.likely, ctx.network, ctx.history)
        return torch.from_numpy(change).to(gradient.device) * gradient, None


class _History(NamedTuple):
    """What the recursion came to at each moment.

    Attributes:
        nodes: the silence before and, after it, the nodes; moments x nodes + 1 x batch.
        loop: the other outputs; moments x outputs - 1 x batch.
        ended: what enters the silence after or stays there; moments x batch.
        scales: what everything was multiplied by, to keep numbers near one; moments x batch. It is a constant to the
            gradient: every part of the sum holds each of them once.
        result: the sum, scaled.
    """

    nodes: Floats
    loop: Floats
    ended: Floats
    scales: Floats
    result: Floats


def _forward(likely: Floats, network: Network) -> tuple[Floats, _History]:
    moments, count, batch = likely.shape
    nodes = np.empty((moments, len(network.outputs) + 1, batch), np.float32)
    loop = np.empty((moments, count - 1, batch), np.float32)
    ended, scales = np.zeros((moments, batch), np.float32), np.ones((moments, batch), np.float32)
    nodes[0], loop[0] = 0, 0
    nodes[0, 0] = likely[0, 0]
    after = np.zeros(batch, np.float32)
    enter = _compiled(_enter_nodes)
    for moment in range(1, moments):
        last, said, here = nodes[moment - 1], loop[moment - 1], nodes[moment]
        scales[moment] = 1 / (last.sum(0) + said.sum(0) + after + _FLOOR)
        now = likely[moment] * scales[moment]
        ended[moment] = after + network.ends @ last[1:] + network.stop @ said
        after = now[0] * ended[moment]
        here[0] = now[0] * last[0]
        enter(now, network.outputs, network.parents, last, here)
        loop[moment] = now[1:] * _spoken(network, last, said)
    result = nodes[-1, 0] + after + _FLOOR
    return np.log(result) - np.log(scales).sum(0), _History(nodes, loop, ended, scales, result)


def _backward(likely: Floats, network: Network, history: _History) -> Floats:
    """Give how the result changes with each likelihood."""
    nodes, loop, ended, scales, result = history
    change = np.zeros_like(likely)
    of_nodes, of_loop = np.zeros_like(nodes[0]), np.zeros_like(loop[0])
    of_after = 1 / result
    of_nodes[0] = of_after
    leave = _compiled(_leave_nodes)
    for moment in range(len(likely) - 1, 0, -1):
        last, here, now = nodes[moment - 1], change[moment], likely[moment] * scales[moment]
        here[0] = of_after * ended[moment] + of_nodes[0] * last[0]
        here[1:] = of_loop * _spoken(network, last, loop[moment - 1])
        of_after, of_loop = of_after * now[0], of_loop * now[1:]
        of_nodes[0] = of_nodes[0] * now[0] + network.begin @ of_loop
        of_loop = network.moves.T @ of_loop + network.stop[:, None] * of_after
        leave(now, network.outputs, network.parents, network.ends, last, of_after, here, of_nodes)
        here *= scales[moment]
    change[0, 0] = of_nodes[0]
    return change


def _spoken(network: Network, last: Floats, said: Floats) -> Floats:
    return np.asarray(network.moves @ said + network.begin[:, None] * last[0])


@cache
def _compiled(function: Callable[..., None]) -> Callable[..., None]:
    compiled: Callable[..., None] = numba.njit(function)
    return compiled


def _enter_nodes(now: Floats, outputs: Places, parents: Places, last: Floats, here: Floats) -> None:
    """Stay in each node, or come to it from its parent."""
    for node in range(len(outputs)):
        output, parent = outputs[node], parents[node]
        for item in range(now.shape[1]):
            here[node + 1, item] = now[output, item] * (last[node + 1, item] + last[parent, item])


def _leave_nodes(  # noqa: PLR0917 - compiled functions take no other arguments
    now: Floats,
    outputs: Places,
    parents: Places,
    ends: Floats,
    last: Floats,
    of_after: Floats,
    here: Floats,
    of_nodes: Floats,
) -> None:
    """Go back: tell `here`, the likelihoods, what the nodes mean for the result, and bring `of_nodes` a moment back."""
    # Lying apart from all else, it lets the compiler take many items at once.
    passed = np.empty(len(of_after), np.float32)
    # Children come after their parents: what goes to a parent is added to what it has already passed on.
    for node in range(len(outputs)):
        output, parent, ends_here = outputs[node], parents[node], ends[node]
        for item in range(len(of_after)):
            passed[item] = of_nodes[node + 1, item] * (last[node + 1, item] + last[parent, item])
        for item in range(len(of_after)):
            here[output, item] += passed[item]
        for item in range(len(of_after)):
            passed[item] = of_nodes[node + 1, item] * now[output, item]
        for item in range(len(of_after)):
            of_nodes[parent, item] += passed[item]
        for item in range(len(of_after)):
            of_nodes[node + 1, item] = passed[item] + ends_here * of_after[item]
