"""The acoustic network: a factorised time-delay network that answers every 30 ms.

It looks 13 frames ahead (0.13 s), which is part of every answer's latency, and 31 back, which costs nothing.
Every layer is a narrow linear map of two moments, a wide affine map of one or two, normalisation, a rectifier,
and a shortcut around all of it (Povey et al. 2018, "Semi-orthogonal low-rank matrix factorization for deep
neural networks"). Normalisation comes before the rectifier so that it folds into the affine map: Kaldi then needs
nothing but affine maps, rectifiers and sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from train_command_model.features import DIMENSION

SUBSAMPLING = 3
SHORTCUT = 0.66


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes and time offsets (in 10 ms frames).

    Attributes:
        splice: the input layer's frames around the answer's.
        layers: per layer, the offsets of its narrow and of its wide map.
        width: outputs of a layer.
        narrow: outputs of a layer's narrow map.
        outputs: of the network.
    """

    outputs: int
    width: int = 448
    narrow: int = 128
    splice: int = 4
    layers: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
        ((-3, 0), (0, 3)),
        ((-3, 0), (0, 3)),
        ((-6, 0), (0,)),
        ((-3, 0), (0, 3)),
        ((-6, 0), (0,)),
        ((-6, 0), (0,)),
    )

    @property
    def left(self) -> int:
        """Frames of context before the answer's."""
        return self.splice + sum(-min(narrow) - min(wide) for narrow, wide in self.layers)

    @property
    def right(self) -> int:
        """Frames of context after the answer's."""
        return self.splice + sum(max(narrow) + max(wide) for narrow, wide in self.layers)


class Layer(nn.Module):
    def __init__(self, shape: Shape, narrow: tuple[int, ...], wide: tuple[int, ...]) -> None:
        super().__init__()
        self.narrow_offsets, self.wide_offsets = narrow, wide
        self.narrow = nn.Linear(shape.width * len(narrow), shape.narrow, bias=False)
        self.wide = nn.Linear(shape.narrow * len(wide), shape.width)
        self.norm = nn.BatchNorm1d(shape.width)

    def forward(self, x: Tensor, dropout: float) -> Tensor:
        y = self.wide(splice(self.narrow(splice(x, self.narrow_offsets)), self.wide_offsets))
        y = torch.relu(self.norm(y.flatten(0, 1)).view_as(y))
        if self.training and dropout > 0:
            # One mask for all moments of an example, as Kaldi does.
            keep = torch.rand(y.shape[0], 1, y.shape[2], device=y.device) * (4 * dropout) + (1 - 2 * dropout)
            # Not in the mask's precision: all that follows would be in it, too.
            y = y * keep.to(y.dtype)
        skip = -(min(self.narrow_offsets) + min(self.wide_offsets)) // SUBSAMPLING
        return torch.add(y, x[:, skip : skip + y.shape[1]], alpha=SHORTCUT)


class Network(nn.Module):
    """Features with their context -> one score per output, every third frame."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, shape: Shape, mean: Tensor | None = None, deviation: Tensor | None = None) -> None:
        super().__init__()
        self.shape = shape
        self.register_buffer("mean", torch.zeros(DIMENSION) if mean is None else mean)
        self.register_buffer("deviation", torch.ones(DIMENSION) if deviation is None else deviation)
        self.first = nn.Linear(DIMENSION * (2 * shape.splice + 1), shape.width)
        self.first_norm = nn.BatchNorm1d(shape.width)
        self.layers = nn.ModuleList(Layer(shape, narrow, wide) for narrow, wide in shape.layers)
        self.last = nn.Linear(shape.width, shape.narrow * 2, bias=False)
        self.last_norm = nn.BatchNorm1d(shape.narrow * 2)
        self.output = nn.Linear(shape.narrow * 2, shape.outputs)

    def forward(self, features: Tensor, dropout: float = 0.0) -> Tensor:
        """Score the outputs.

        Args:
            features: batch x (left + 3 n - 2 + right) x 40.
            dropout: how much to disturb a layer's outputs.
        """
        x = (features - self.mean) / self.deviation
        width = 2 * self.shape.splice + 1
        x = x.unfold(1, width, SUBSAMPLING).transpose(2, 3).flatten(2)
        x = self.first(x)
        x = torch.relu(self.first_norm(x.flatten(0, 1)).view_as(x))
        for layer in self.layers:
            x = layer(x, dropout)
        x = self.last(x)
        x = self.last_norm(x.flatten(0, 1)).view_as(x)
        scores: Tensor = self.output(x)
        return scores


def splice(x: Tensor, offsets: tuple[int, ...]) -> Tensor:
    """Put the values at several offsets side by side; the moments that lack one go."""
    steps = [offset // SUBSAMPLING for offset in offsets]
    if len(steps) == 1:
        return x
    spliced: Tensor = _Splice.apply(x, [step - min(steps) for step in steps])  # type: ignore[no-untyped-call]
    return spliced


class _Splice(torch.autograd.Function):
    """The gradient of slices and their concatenation, in half as many passes over memory as it would take by itself."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, steps: list[int]) -> Tensor:
        ctx.steps = steps
        count = x.shape[1] - max(steps)
        return torch.cat([x[:, step : step + count] for step in steps], dim=-1)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        (gradient,) = gradients
        first, *others = zip(ctx.steps, gradient.chunk(len(ctx.steps), dim=-1), strict=True)
        moments = gradient.shape[1] + max(ctx.steps)
        whole = gradient.new_empty(gradient.shape[0], moments, gradient.shape[2] // len(ctx.steps))
        step, part = first
        end = step + part.shape[1]
        whole[:, :step], whole[:, step:end], whole[:, end:] = 0, part, 0
        for step, part in others:
            whole[:, step : step + part.shape[1]] += part
        return whole, None
