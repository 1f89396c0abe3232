"""Train the network: frame by frame first, whole sequences then, words by themselves at last."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from train_command_model.errors import UnusableError
from train_command_model.network import SUBSAMPLING, Network, Shape
from train_command_model.objective import Denominator, PhoneModel, numerator_log_likelihood, paths
from train_command_model.word_objective import WordObjective

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from train_command_model.dataset import Pass
    from train_command_model.units import Outputs
    from train_command_model.word_examples import WordExamples
    from train_command_model.word_objective import Tree, Ways

# Frames of one example: 1.5 s.
_PIECE = 150
_REPORT_EVERY = 100
_SAVE_EVERY = 100
# What is drawn at random, each from a stream of its own.
_PURPOSES = ("order", "pieces", "batch")
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
        word_weight: what the word objective counts beside both; 0: no words by themselves take part.
        half: whether the network computes in bfloat16; objectives and what is learnt stay in single precision.
    """

    steps: int
    rate: float
    sequence: bool
    dropout: float = 0.1
    frame_weight: float = 0.1
    word_weight: float = 0.0
    half: bool = False


@dataclass
class Model:
    """What is trained and saved: the network, and a second output layer that keeps it honest frame by frame."""

    network: Network
    frame_output: nn.Linear

    def save(
        self,
        path: Path,
        step: int = 0,
        optimiser: torch.optim.Optimizer | None = None,
        plan: Plan | None = None,
    ) -> None:
        partial = path.with_suffix(".part")
        torch.save(
            {
                "shape": self.network.shape,
                "network": self.network.state_dict(),
                "frame_output": self.frame_output.state_dict(),
                "optimiser": optimiser.state_dict() if optimiser else None,
                "step": step,
                "plan": plan,
            },
            partial,
        )
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> Model:
        saved = torch.load(path, weights_only=False, map_location="cpu")
        model = cls.new(saved["shape"])
        model.network.load_state_dict(saved["network"])
        model.frame_output.load_state_dict(saved["frame_output"])
        return model

    @classmethod
    def new(cls, shape: Shape, mean: Tensor | None = None, deviation: Tensor | None = None) -> Model:
        network = Network(shape, mean, deviation)
        return cls(network, nn.Linear(network.output.in_features, shape.outputs))


class Examples:
    """Pieces of all passes, in an order drawn anew for every round.

    What comes when depends on the seed, the stream and the step alone, so that training may go on at any step.
    """

    def __init__(self, passes: Sequence[Pass], shape: Shape, seed: int, batch: int = 64) -> None:
        if not passes:
            msg = "nothing to train on: one pass at least"
            raise UnusableError(msg)
        self._passes = passes
        self._shape = shape
        self.seed = seed
        self._size = batch

    def moments(self) -> tuple[Tensor, Tensor]:
        """Give mean and standard deviation of the features."""
        some = self._passes[0].features[:400_000].astype(np.float32)
        return torch.tensor(some.mean(0)), torch.tensor(some.std(0))

    def batches(self, stream: int, first: int = 0) -> Iterator[tuple[Tensor, npt.NDArray[np.int16]]]:
        """Give the batches of a stream from step `first` on, for ever."""
        step = 0
        for turn in itertools.count():
            for number in self._random("order", stream, turn).permutation(len(self._passes)):
                data = self._passes[number]
                pieces = self._pieces(data, self._random("pieces", stream, turn, int(number)))
                for begin in range(0, len(pieces) - self._size + 1, self._size):
                    if step >= first:
                        yield self._batch(data, pieces[begin : begin + self._size], self._random("batch", stream, step))
                    step += 1

    def _random(self, what: str, *numbers: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, _PURPOSES.index(what) + 1, *(number + 1 for number in numbers)])

    def _pieces(self, data: Pass, random: np.random.Generator) -> npt.NDArray[np.int64]:
        """Cut every recording into pieces, from a random point on: rows of first frame, begin and end."""
        rows = []
        for begin, end, _ in data.spans.tolist():
            room = (end - begin) - _PIECE
            if room <= 0:
                rows.append((begin, begin, end))
                continue
            offset = int(random.integers(0, min(room, _PIECE) + 1))
            rows.extend((first, begin, end) for first in range(begin + offset, end - _PIECE + 1, _PIECE))
        if len(rows) < self._size:
            msg = f"too little to train on: {len(rows)} pieces, and a batch takes {self._size}"
            raise UnusableError(msg)
        return random.permutation(np.array(rows))

    def _batch(
        self, data: Pass, pieces: npt.NDArray[np.int64], random: np.random.Generator
    ) -> tuple[Tensor, npt.NDArray[np.int16]]:
        first, begin, end = (pieces[:, column, None] for column in range(3))
        wanted = first + np.arange(-self._shape.left, _PIECE - SUBSAMPLING + 1 + self._shape.right)
        inputs = data.features[np.clip(wanted, begin, end - 1)].astype(np.float32)
        # The channel differs a little from any we have heard.
        tilt = random.normal(0, 0.15, (len(pieces), 1, inputs.shape[2])).astype(np.float32)
        frames = first + np.arange(_PIECE)
        labels = data.labels[np.clip(frames, begin, end - 1)]
        return torch.tensor(inputs) + torch.tensor(tilt) * torch.tensor(inputs.std((0, 1))), labels


class Words(NamedTuple):
    """What is said by itself, and the lexicon that it is to be told from."""

    examples: WordExamples
    lexicon: Tree


class Seen(NamedTuple):
    """What a step saw.

    Attributes:
        frames: the frame loss.
        sequences: the sequence loss.
        right: share of frames taken right.
        words: the word loss.
        words_right: share of the things said by themselves that are likelier than all else together.
    """

    frames: float
    sequences: float
    right: float
    words: float = 0.0
    words_right: float = 0.0


def train(
    model: Model,
    examples: Examples,
    plan: Plan,
    *,
    outputs: Outputs,
    phones: PhoneModel,
    checkpoint: Path,
    words: Words | None = None,
    number: int = 0,
) -> None:
    """Train in place, saving now and then; goes on where a checkpoint ends, as if it had never stopped.

    It runs on a GPU where there is one; the model is back in main memory afterwards. Every `number` sees the examples
    in another order.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    training = _Training(model, plan, outputs, phones, device, lexicon=words.lexicon if words else None)
    begun = training.resume(checkpoint)
    started = time.monotonic()
    seen: list[Seen] = []
    stream = int(plan.sequence) + int(words is not None) + number
    batches = examples.batches(stream, begun)
    said = words.examples.batches(begun, number) if words else itertools.repeat(None)
    for step in range(begun, plan.steps):
        torch.manual_seed((2 * examples.seed + stream) * 10_000_000 + step)
        seen.append(training.step(step, *next(batches), next(said)))
        if (step + 1) % _REPORT_EVERY == 0:
            pace = (time.monotonic() - started) / (step + 1 - begun)
            _report(step + 1, plan.steps, seen[-_REPORT_EVERY:], pace)
        if (step + 1) % _SAVE_EVERY == 0 or step + 1 == plan.steps:
            training.save(checkpoint, step + 1)
    training.finish()


def _report(step: int, steps: int, seen: Sequence[Seen], pace: float) -> None:
    mean = Seen(*np.mean(seen, axis=0))
    print(
        f"step {step}/{steps}  frames {mean.frames:.3f} ({mean.right:.3f} right)  sequences {mean.sequences:.4f}"
        f"  words {mean.words:.3f} ({mean.words_right:.3f} right)  {pace:.2f} s a step",
        flush=True,
    )


class _Training:
    """One plan being carried out."""

    def __init__(
        self,
        model: Model,
        plan: Plan,
        outputs: Outputs,
        phones: PhoneModel,
        device: torch.device,
        *,
        lexicon: Tree | None,
    ) -> None:
        self._words = WordObjective(lexicon, phones) if lexicon else None
        self._model, self._plan, self._outputs, self._device = model, plan, outputs, device
        model.network.to(device)
        model.frame_output.to(device)
        self._parameters = [*model.network.parameters(), *model.frame_output.parameters()]
        self._optimiser = torch.optim.AdamW(self._parameters, lr=plan.rate, weight_decay=3e-3, betas=(0.9, 0.98))
        self._denominator = Denominator(phones, device)
        self._of_unit = torch.tensor(outputs.of_unit)
        model.network.train()

    def resume(self, checkpoint: Path) -> int:
        """Take over what a checkpoint holds, and give how many steps it has seen.

        Raises:
            UnusableError: it was made with another plan.
        """
        if not checkpoint.exists():
            return 0
        saved = torch.load(checkpoint, weights_only=False, map_location=self._device)
        if saved["plan"] != self._plan:
            msg = f"{checkpoint} belongs to a training with other settings: remove it, or take another work folder"
            raise UnusableError(msg)
        self._model.network.load_state_dict(saved["network"])
        self._model.frame_output.load_state_dict(saved["frame_output"])
        self._optimiser.load_state_dict(saved["optimiser"])
        return int(saved["step"])

    def save(self, checkpoint: Path, step: int) -> None:
        self._model.save(checkpoint, step, self._optimiser, self._plan)

    def finish(self) -> None:
        self._model.network.to("cpu").eval()
        self._model.frame_output.to("cpu")

    def step(
        self, step: int, inputs: Tensor, labels: npt.NDArray[np.int16], said: tuple[Tensor, Sequence[Ways]] | None
    ) -> Seen:
        """Learn from a batch, and from what is `said` by itself."""
        progress = step / self._plan.steps
        for group in self._optimiser.param_groups:
            group["lr"] = self._plan.rate * _schedule(progress)
        dropout = self._plan.dropout * min(1.0, 4 * progress) * min(1.0, 4 * (1 - progress))
        scores, hidden = self._scores(inputs.to(self._device), dropout)
        truth = self._of_unit[torch.tensor(labels[:, ::SUBSAMPLING].astype(np.int64))].to(self._device)
        frame_scores = self._model.frame_output(hidden) if self._plan.sequence else scores
        frame_loss = functional.cross_entropy(frame_scores.flatten(0, 1), truth.flatten(), label_smoothing=0.05)
        loss, sequence_loss = frame_loss, 0.0
        if self._plan.sequence:
            objective = self._sequence_loss(scores, labels)
            sequence_loss = float(objective.detach())
            loss = objective + self._plan.frame_weight * frame_loss + 2.5e-4 * scores.square().mean()
        words = (0.0, 0.0)
        if self._words is not None and said is not None:
            word_loss, words_right = self._words.loss(self._scores(said[0].to(self._device), dropout)[0], said[1])
            loss = loss + self._plan.word_weight * word_loss
            words = (float(word_loss.detach()), words_right)
        self._learn(loss)
        right = float((frame_scores.detach().argmax(-1) == truth).float().mean())
        return Seen(float(frame_loss.detach()), sequence_loss, right, *words)

    def _scores(self, inputs: Tensor, dropout: float) -> tuple[Tensor, Tensor]:
        """Give the network's scores and what its output layer made them from."""
        hidden: list[Tensor] = []
        handle = self._model.network.output.register_forward_pre_hook(lambda _, args: hidden.append(args[0]))
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._plan.half):
            scores = self._model.network(inputs, dropout)
        handle.remove()
        return scores.float(), hidden[0].float()

    def _sequence_loss(self, scores: Tensor, labels: npt.NDArray[np.int16]) -> Tensor:
        numerator = numerator_log_likelihood(scores, paths(labels, self._outputs))
        difference = (numerator - self._denominator.log_likelihood(scores)) / scores.shape[1]
        fits = difference > _HOPELESS
        return -(difference * fits).sum() / fits.sum().clamp(min=1)

    def _learn(self, loss: Tensor) -> None:
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._parameters, 2.0)
        self._optimiser.step()


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
