"""Lattice-free MMI: make the spoken phones likely, and every other sequence of phones unlikely.

Povey et al. 2016, "Purely sequence-trained neural networks for ASR based on lattice-free MMI", in the form that
suits this model's units: a network output stands for a phone after some of its neighbours, so the outputs
themselves are the states of the denominator, and a step of its forward algorithm is one matrix product.
Gradients come from automatic differentiation.

The numerator is the aligned sequence of units, each allowed some frames earlier and later than the aligner said.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from train_command_model.network import SUBSAMPLING
from train_command_model.pronunciation import PHONES
from train_command_model.units import Outputs, unit_of, units_of_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# How far, in 10 ms frames, a phone may begin or end from where the aligner put it.
_TOLERANCE = 5
_SILENCE_BETWEEN_WORDS = 0.3
_FLOOR = 1e-20


@dataclass(frozen=True, slots=True)
class PhoneModel:
    """How phones follow each other.

    Attributes:
        begin: probability of a word's first phone.
        follow: probability of the next phone in a word (phone x next).
        moves: probability of going from one output to another (not counting staying), words in any order.
    """

    begin: npt.NDArray[np.float64]
    follow: npt.NDArray[np.float64]
    moves: npt.NDArray[np.float64]


def count_phones(words: Iterable[tuple[Sequence[str], float]], outputs: Outputs) -> PhoneModel:
    """Estimate the phone model from pronunciations and how often each is said.

    What follows an output backs off to what follows its phone, and that to phones in general (Witten-Bell).
    """
    many = len(PHONES)
    begin = np.full(many, 0.5)
    ends = np.full(outputs.count, 0.2)
    after_output = np.zeros((outputs.count, many))
    after_phone = np.zeros((many, many))
    for phones, count in words:
        places = [PHONES.index(phone) for phone in phones]
        states = outputs.of_unit[units_of_word(phones)]
        begin[places[0]] += count
        ends[states[-1]] += count
        np.add.at(after_output, (states[:-1], np.array(places[1:], dtype=np.int64)), count)
        np.add.at(after_phone, (places[:-1], places[1:]), count)
    begin /= begin.sum()
    general = after_phone.sum(0) + 0.5
    follow = _backed_off(after_phone, (general / general.sum())[None])
    phone_of = _phone_of_output(outputs)
    after_output_smooth = _backed_off(after_output[1:], follow[phone_of[1:]])
    ending = ends[1:] / (ends[1:] + after_output[1:].sum(1) + 0.2)
    moves = np.zeros((outputs.count, outputs.count))
    starts = np.zeros(outputs.count)
    np.add.at(starts, outputs.of_unit[[unit_of(phone, "#") for phone in PHONES]], begin)
    moves[0] = starts
    moves[1:, 0] = _SILENCE_BETWEEN_WORDS * ending
    moves[1:] += (1 - _SILENCE_BETWEEN_WORDS) * ending[:, None] * starts
    for index, phone in enumerate(PHONES):
        rows = 1 + np.flatnonzero(phone_of[1:] == index)
        for place, following in enumerate(PHONES):
            target = int(outputs.of_unit[unit_of(following, phone)])
            moves[rows, target] += (1 - ending[rows - 1]) * after_output_smooth[rows - 1, place]
    return PhoneModel(begin, follow, moves)


def _phone_of_output(outputs: Outputs) -> npt.NDArray[np.int64]:
    phones = np.zeros(outputs.count, dtype=np.int64)
    for index, phone in enumerate(PHONES):
        for left in ("#", *PHONES):
            phones[outputs.of_unit[unit_of(phone, left)]] = index
    return phones


def _backed_off(counts: npt.NDArray[np.float64], lower: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    kinds = np.maximum((counts > 0).sum(-1, keepdims=True), 1)
    return np.asarray((counts + kinds * lower) / (counts.sum(-1, keepdims=True) + kinds))


class Denominator:
    """All sequences of phones, weighed by the phone model."""

    def __init__(self, model: PhoneModel, device: torch.device | None = None) -> None:
        stay = np.eye(len(model.moves))
        self._steps = torch.tensor(model.moves + stay, dtype=torch.float32, device=device)

    def log_likelihood(self, scores: Tensor) -> Tensor:
        """Sum over all sequences; scores: batch x moments x outputs."""
        top = scores.max(dim=2, keepdim=True).values.detach()
        first, *others = (scores - top).exp().unbind(1)
        # A piece of a recording may begin anywhere: all states alike, as Kaldi has it.
        state = first / scores.shape[2]
        logs = []
        for likely in others:
            norm = state.sum(1, keepdim=True) + _FLOOR
            logs.append(norm.log())
            state = likely * ((state / norm) @ self._steps)
        logs.append((state.sum(1, keepdim=True) + _FLOOR).log())
        return torch.cat([*logs, top[:, :, 0]], dim=1).sum(1)


@dataclass(frozen=True, slots=True)
class Path:
    """The units of a batch of pieces, and when each may sound.

    Attributes:
        outputs: batch x most units, padded.
        allowed: batch x moments x most units.
    """

    outputs: Tensor
    allowed: Tensor


def paths(labels: npt.NDArray[np.int16], outputs: Outputs) -> Path:
    """Turn frame labels (batch x frames) into what the numerator may pass through."""
    batch, frames = labels.shape
    moments = (frames + SUBSAMPLING - 1) // SUBSAMPLING
    centres = np.arange(moments) * SUBSAMPLING
    pieces = [_runs(row) for row in labels]
    most = max(len(units) for units, _, _ in pieces)
    units_padded = np.zeros((batch, most), dtype=np.int64)
    allowed = np.zeros((batch, moments, most), dtype=bool)
    for index, (units, firsts, ends) in enumerate(pieces):
        units_padded[index, : len(units)] = outputs.of_unit[units]
        allowed[index, :, : len(units)] = (centres[:, None] >= firsts - _TOLERANCE) & (
            centres[:, None] < ends + _TOLERANCE
        )
    return Path(torch.tensor(units_padded), torch.tensor(allowed))


def _runs(
    row: npt.NDArray[np.int16],
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    firsts = np.concatenate([[0], np.flatnonzero(np.diff(row)) + 1])
    ends = np.concatenate([firsts[1:], [len(row)]])
    return row[firsts], firsts, ends


def numerator_log_likelihood(scores: Tensor, path: Path) -> Tensor:
    """Sum over the allowed timings of the true units; minus infinity, or nearly, where none fits."""
    batch, moments, _ = scores.shape
    index = path.outputs.to(scores.device)[:, None, :].expand(-1, moments, -1)
    allowed = path.allowed.to(scores.device)
    chosen = scores.gather(2, index).masked_fill(~allowed, -1e4)
    top = chosen.max(dim=2, keepdim=True).values.detach()
    first, *others = (chosen - top).exp().unbind(1)
    state = torch.zeros_like(first)
    state[:, 0] = 1.0
    state = state * first
    total = scores.new_zeros(batch)
    for likely in others:
        norm = state.sum(1) + _FLOOR
        total = total + norm.log()
        state = state / norm[:, None]
        moved = torch.cat([scores.new_zeros(batch, 1), state[:, :-1]], dim=1)
        state = likely * (state + moved)
    # It ends in the last unit, or in one whose time reaches the end of the piece.
    return total + ((state * allowed[:, -1]).sum(1) + _FLOOR).log() + top.sum((1, 2))
