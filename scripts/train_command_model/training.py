"""Train the network: frame by frame first, whole sequences then."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from train_command_model.network import SUBSAMPLING, Network, Shape
from train_command_model.objective import Denominator, PhoneModel, numerator_log_likelihood, paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from train_command_model.dataset import Pass
    from train_command_model.units import Outputs

# Frames of one example: 1.5 s.
_PIECE = 150
_REPORT_EVERY = 100
# Per moment: pieces whose alignment the scores make impossible are wrong in some way, and left out.
_HOPELESS = -10.0
# The share of the steps in which the learning rate rises.
_RISING = 0.05


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how boldly to train.

    Attributes:
        steps: batches.
        rate: the highest learning rate.
        sequence: whole sequences (LF-MMI) instead of frames.
        dropout: how much to disturb layers, at most.
        frame_weight: what the frame objective counts beside the sequence one.
    """

    steps: int
    rate: float
    sequence: bool
    dropout: float = 0.1
    frame_weight: float = 0.1


@dataclass
class Model:
    """What is trained and saved: the network, and a second output layer that keeps it honest frame by frame."""

    network: Network
    frame_output: nn.Linear

    def save(self, path: Path, step: int = 0, optimiser: torch.optim.Optimizer | None = None) -> None:
        partial = path.with_suffix(".part")
        torch.save(
            {
                "shape": self.network.shape,
                "network": self.network.state_dict(),
                "frame_output": self.frame_output.state_dict(),
                "optimiser": optimiser.state_dict() if optimiser else None,
                "step": step,
            },
            partial,
        )
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> Model:
        saved = torch.load(path, weights_only=False)
        model = cls.new(saved["shape"])
        model.network.load_state_dict(saved["network"])
        model.frame_output.load_state_dict(saved["frame_output"])
        return model

    @classmethod
    def new(cls, shape: Shape, mean: Tensor | None = None, deviation: Tensor | None = None) -> Model:
        network = Network(shape, mean, deviation)
        return cls(network, nn.Linear(network.output.in_features, shape.outputs))


class Examples:
    """Pieces of all passes, in an order drawn anew for every round."""

    def __init__(self, passes: Sequence[Pass], shape: Shape, seed: int, batch: int = 64) -> None:
        if not passes:
            msg = "nothing to train on: one pass at least"
            raise ValueError(msg)
        self._passes = passes
        self._shape = shape
        self._random = np.random.default_rng(seed)
        self._size = batch

    def moments(self) -> tuple[Tensor, Tensor]:
        """Give mean and standard deviation of the features."""
        some = self._passes[0].features[:400_000].astype(np.float32)
        return torch.tensor(some.mean(0)), torch.tensor(some.std(0))

    def batches(self) -> Iterator[tuple[Tensor, npt.NDArray[np.int16]]]:
        while True:
            for number in self._random.permutation(len(self._passes)):
                data = self._passes[number]
                pieces = self._pieces(data)
                for first in range(0, len(pieces) - self._size + 1, self._size):
                    yield self._batch(data, pieces[first : first + self._size])

    def _pieces(self, data: Pass) -> npt.NDArray[np.int64]:
        """Cut every recording into pieces, from a random point on: rows of first frame, begin and end."""
        rows = []
        for begin, end in zip(data.starts[:-1], data.starts[1:], strict=True):
            room = (end - begin) - _PIECE
            if room <= 0:
                rows.append((begin, begin, end))
                continue
            offset = int(self._random.integers(0, min(room, _PIECE) + 1))
            rows.extend((first, begin, end) for first in range(begin + offset, end - _PIECE + 1, _PIECE))
        return self._random.permutation(np.array(rows))

    def _batch(self, data: Pass, pieces: npt.NDArray[np.int64]) -> tuple[Tensor, npt.NDArray[np.int16]]:
        first, begin, end = (pieces[:, column, None] for column in range(3))
        wanted = first + np.arange(-self._shape.left, _PIECE - SUBSAMPLING + 1 + self._shape.right)
        inputs = data.features[np.clip(wanted, begin, end - 1)].astype(np.float32)
        # The channel differs a little from any we have heard.
        tilt = self._random.normal(0, 0.15, (len(pieces), 1, inputs.shape[2])).astype(np.float32)
        frames = first + np.arange(_PIECE)
        labels = data.labels[np.clip(frames, begin, end - 1)]
        return torch.tensor(inputs) + torch.tensor(tilt) * torch.tensor(inputs.std((0, 1))), labels


def train(
    model: Model,
    examples: Examples,
    plan: Plan,
    *,
    outputs: Outputs,
    phones: PhoneModel,
    checkpoint: Path,
) -> None:
    """Train in place, saving now and then; goes on where a checkpoint ends."""
    network, frame_output = model.network, model.frame_output
    parameters = [*network.parameters(), *frame_output.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=plan.rate, weight_decay=3e-3, betas=(0.9, 0.98))
    begun = _resume(model, optimiser, checkpoint)
    denominator = Denominator(phones)
    of_unit = torch.tensor(outputs.of_unit)
    network.train()
    started = time.monotonic()
    seen: list[tuple[float, float, float]] = []
    for step, (inputs, labels) in enumerate(examples.batches(), start=begun):
        if step >= plan.steps:
            break
        progress = step / plan.steps
        for group in optimiser.param_groups:
            group["lr"] = plan.rate * _schedule(progress)
        dropout = plan.dropout * min(1.0, 4 * progress) * min(1.0, 4 * (1 - progress))
        hidden: list[Tensor] = []
        handle = network.output.register_forward_pre_hook(lambda _, args, hidden=hidden: hidden.append(args[0]))
        scores = network(inputs, dropout)
        handle.remove()
        truth = of_unit[torch.tensor(labels[:, ::SUBSAMPLING].astype(np.int64))]
        frame_scores = frame_output(hidden[0]) if plan.sequence else scores
        frame_loss = functional.cross_entropy(frame_scores.flatten(0, 1), truth.flatten(), label_smoothing=0.05)
        loss, sequence_loss = frame_loss, 0.0
        if plan.sequence:
            numerator = numerator_log_likelihood(scores, paths(labels, outputs))
            difference = (numerator - denominator.log_likelihood(scores)) / scores.shape[1]
            fits = difference > _HOPELESS
            objective = -(difference * fits).sum() / fits.sum().clamp(min=1)
            sequence_loss = float(objective.detach())
            loss = objective + plan.frame_weight * frame_loss + 2.5e-4 * scores.square().mean()
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(parameters, 2.0)
        optimiser.step()
        right = (frame_scores.detach().argmax(-1) == truth).float().mean()
        seen.append((float(frame_loss.detach()), sequence_loss, float(right)))
        if (step + 1) % _REPORT_EVERY == 0:
            means = np.mean(seen[-_REPORT_EVERY:], axis=0)
            pace = (time.monotonic() - started) / (step + 1 - begun)
            print(
                f"step {step + 1}/{plan.steps}  frames {means[0]:.3f}  sequences {means[1]:.4f}"
                f"  right {means[2]:.3f}  {pace:.2f} s a step",
                flush=True,
            )
            model.save(checkpoint, step + 1, optimiser)
    network.eval()
    model.save(checkpoint, plan.steps, optimiser)


def _resume(model: Model, optimiser: torch.optim.Optimizer, checkpoint: Path) -> int:
    if not checkpoint.exists():
        return 0
    saved = torch.load(checkpoint, weights_only=False)
    model.network.load_state_dict(saved["network"])
    model.frame_output.load_state_dict(saved["frame_output"])
    optimiser.load_state_dict(saved["optimiser"])
    return int(saved["step"])


def _schedule(progress: float) -> float:
    """Rise quickly, fall slowly to nothing."""
    if progress < _RISING:
        return progress / _RISING + 1e-3
    return float(0.5 * (1 + np.cos(np.pi * (progress - _RISING) / (1 - _RISING))) + 1e-3)


def frame_priors(passes: Sequence[Pass], outputs: Outputs) -> npt.NDArray[np.float64]:
    """Give how often each output is the true one."""
    counts = np.ones(outputs.count)
    for data in passes:
        counts += np.bincount(outputs.of_unit[data.labels.astype(np.int64)], minlength=outputs.count)
    return np.asarray(counts / counts.sum())
