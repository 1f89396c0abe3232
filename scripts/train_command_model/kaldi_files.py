"""The acoustic model as Kaldi's binary `final.mdl`.

What the bytes mean was read from Kaldi's sources: base/io-funcs-inl.h (numbers carry their size in a byte),
matrix/kaldi-matrix.cc and compressed-matrix.cc (matrices), hmm/hmm-topology.cc and transition-model.cc
(transitions), nnet3/nnet-nnet.cc and am-nnet-simple.cc (the network).
"""

from __future__ import annotations

import bisect
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from train_command_model.features import DIMENSION
from train_command_model.network import SHORTCUT, Layer, Network
from train_command_model.pronunciation import PHONES, SILENCE
from train_command_model.units import LEFTS, WORD_START, Outputs, unit_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

Matrix = npt.NDArray[np.float64]

POSITIONS = "BIES"
_BOUNDARY = {"B": "begin", "I": "internal", "E": "end", "S": "singleton"}


# --- numbers and matrices


def token(text: str) -> bytes:
    return text.encode() + b" "


def int32(value: int) -> bytes:
    return b"\x04" + struct.pack("<i", value)


def float32(value: float) -> bytes:
    return b"\x04" + struct.pack("<f", value)


def float64(value: float) -> bytes:
    return b"\x08" + struct.pack("<d", value)


def int_vector(values: Sequence[int]) -> bytes:
    return b"\x04" + struct.pack("<i", len(values)) + np.asarray(values, "<i4").tobytes()


def float_vector(values: npt.ArrayLike) -> bytes:
    numbers = np.asarray(values, "<f4")
    return token("FV") + int32(len(numbers)) + numbers.tobytes()


def compressed_matrix(matrix: Matrix) -> bytes:
    """One byte a weight: Kaldi's "CM" format, with four percentiles of every column.

    A byte up to 64 lies between the 0th and the 25th percentile, up to 192 between the 25th and the 75th, the
    rest above. The percentiles are 16 bit fractions of the whole matrix's range.
    """
    low, reach = float(matrix.min()), float(matrix.max() - matrix.min()) or 1.0
    rows, columns = matrix.shape
    ordered = np.sort(matrix, axis=0)
    quarters = ordered[[0, rows // 4, (3 * rows) // 4, rows - 1]]
    steps = np.round((quarters - low) / reach * 65535).astype(np.int64)
    # Kaldi keeps them strictly rising, so that no division is by zero.
    for row, (floor, ceiling) in enumerate(((0, 65532), (1, 65533), (2, 65534), (3, 65535))):
        below = steps[row - 1] + 1 if row else np.zeros(columns, np.int64)
        steps[row] = np.clip(np.maximum(steps[row], below), floor, ceiling)
    header = struct.pack("<ffii", low, reach, rows, columns)
    levels = np.asarray(low + steps * (reach / 65535), dtype=np.float64)
    coded = _coded(matrix, levels)
    return token("CM") + header + steps.T.astype("<u2").tobytes() + coded.T.tobytes()


def _coded(matrix: Matrix, levels: Matrix) -> npt.NDArray[np.uint8]:
    p0, p25, p75, p100 = levels
    lowest = (matrix - p0) / (p25 - p0) * 64
    middle = 64 + (matrix - p25) / (p75 - p25) * 128
    highest = 192 + (matrix - p75) / (p100 - p75) * 63
    code = np.where(
        matrix < p25,
        np.clip(np.round(lowest), 0, 64),
        np.where(matrix < p75, np.clip(np.round(middle), 64, 192), np.clip(np.round(highest), 192, 255)),
    )
    return np.asarray(code, dtype=np.uint8)


# --- phones and transitions


@dataclass(frozen=True, slots=True)
class Transitions:
    """Kaldi's numbering of phones in positions, and of the transitions of each with each output.

    Attributes:
        phones: name -> id, from 1 on: SIL, then AA_B, AA_I, AA_E, AA_S, ...
        triples: (phone id, state, output), sorted, as Kaldi looks them up by binary search.
    """

    phones: dict[str, int]
    triples: tuple[tuple[int, int, int], ...]

    @classmethod
    def of(cls, outputs: Outputs) -> Transitions:
        names = [SILENCE, *(f"{phone}_{position}" for phone in PHONES for position in POSITIONS)]
        phones = {name: number for number, name in enumerate(names, start=1)}
        triples = {(phones[SILENCE], 0, 0)}
        for phone in PHONES:
            first = int(outputs.of_unit[unit_of(phone, WORD_START)])
            later = {int(outputs.of_unit[unit_of(phone, left)]) for left in LEFTS if left != WORD_START}
            triples |= {(phones[f"{phone}_{position}"], 0, first) for position in "BS"}
            triples |= {(phones[f"{phone}_{position}"], 0, output) for position in "IE" for output in later}
        return cls(phones, tuple(sorted(triples)))

    def enter(self, phone: str, output: int) -> int:
        """Give the transition id of a phone's forward transition: Kaldi puts it on the arc into the phone."""
        return 2 * self._place(phone, output) + 2

    def stay(self, phone: str, output: int) -> int:
        """Give the transition id of its self-loop."""
        return 2 * self._place(phone, output) + 1

    def _place(self, phone: str, output: int) -> int:
        wanted = (self.phones[phone], 0, output)
        place = bisect.bisect_left(self.triples, wanted)
        if self.triples[place] != wanted:
            msg = f"{phone} never has output {output}"
            raise ValueError(msg)
        return place

    def word_boundaries(self) -> str:
        """Give the content of `word_boundary.int`."""
        return "".join(
            f"{number} {'nonword' if name == SILENCE else _BOUNDARY[name[-1]]}\n"
            for name, number in self.phones.items()
        )

    def encoded(self) -> bytes:
        """Give the TransitionModel: one emitting state for every phone."""
        ids = list(self.phones.values())
        # The topology's entry of each phone id; -1: there is no phone 0.
        entries = [-1, *(0 for _ in ids)]
        no_output = -1
        states = [
            int32(2),
            # The emitting state: its class, two transitions (to itself, onwards), each as likely.
            *(int32(0), int32(2), int32(0), float32(0.5), int32(1), float32(0.5)),
            # The final state: no class, no transitions.
            *(int32(no_output), int32(0)),
        ]
        logs = [0.0, *([float(np.log(0.5))] * (2 * len(self.triples)))]
        return b"".join(
            [
                token("<TransitionModel>") + token("<Topology>"),
                int_vector(ids) + int_vector(entries) + int32(1) + b"".join(states),
                token("</Topology>") + token("<Triples>") + int32(len(self.triples)),
                *(int32(number) for triple in self.triples for number in triple),
                token("</Triples>") + token("<LogProbs>") + float_vector(logs),
                token("</LogProbs>") + token("</TransitionModel>"),
            ]
        )


# --- the network


class _Nnet:
    """Collects configuration lines and components."""

    def __init__(self) -> None:
        self.lines = [f"input-node name=input dim={DIMENSION}"]
        self._components: list[tuple[str, bytes]] = []

    def add(self, name: str, source: str, component: bytes) -> str:
        self.lines.append(f"component-node name={name} component={name} input={source}")
        self._components.append((name, component))
        return name

    def affine(self, name: str, source: str, weight: Matrix, bias: Matrix) -> str:
        body = token("<LinearParams>") + compressed_matrix(weight) + token("<BiasParams>") + float_vector(bias)
        return self.add(name, source, token("<FixedAffineComponent>") + body + token("</FixedAffineComponent>"))

    def nonlinear(self, name: str, source: str, kind: str, dimension: int) -> str:
        nothing = float_vector([])
        body = [
            token("<Dim>") + int32(dimension),
            token("<ValueAvg>") + nothing + token("<DerivAvg>") + nothing + token("<Count>") + float64(0),
            token("<OderivRms>") + nothing + token("<OderivCount>") + float64(0),
            token("<NumDimsSelfRepaired>") + float64(0) + token("<NumDimsProcessed>") + float64(0),
        ]
        return self.add(name, source, token(f"<{kind}>") + b"".join(body) + token(f"</{kind}>"))

    def copy(self, name: str, source: str, dimension: int) -> str:
        """Give a sum of nodes a node of its own, so that it is computed once."""
        ones = token("<Scales>") + float_vector(np.ones(dimension))
        return self.add(name, source, token("<FixedScaleComponent>") + ones + token("</FixedScaleComponent>"))

    def encoded(self, output: str) -> bytes:
        lines = [*self.lines, f"output-node name=output input={output} objective=linear"]
        components = b"".join(
            token("<ComponentName>") + token(name) + component for name, component in self._components
        )
        config = ("\n".join(lines) + "\n\n").encode()
        count = token("<NumComponents>") + int32(len(self._components))
        return token("<Nnet3>") + b"\n" + config + count + components + token("</Nnet3>")


def acoustic_model(network: Network, transitions: Transitions, priors: npt.NDArray[np.float64] | None) -> bytes:
    """Encode transitions and network; with priors the network is a frame classifier, without a sequence model."""
    shape = network.shape
    nnet = _Nnet()
    mean = network.mean.double().numpy()
    scale = 1 / network.deviation.double().numpy()
    copies = 2 * shape.splice + 1
    weight, bias = _folded(network.first, network.first_norm)
    bias = bias - weight @ np.tile(mean * scale, copies)
    weight = weight * np.tile(scale, copies)
    node = nnet.affine("first", _append("input", range(-shape.splice, shape.splice + 1)), weight, bias)
    node = nnet.nonlinear("first_r", node, "RectifiedLinearComponent", shape.width)
    for number, layer in enumerate(network.layers):
        if not isinstance(layer, Layer):
            raise TypeError(type(layer).__name__)
        narrow = layer.narrow.weight.detach().double().numpy()
        inner = nnet.affine(f"n{number}", _append(node, layer.narrow_offsets), narrow, np.zeros(len(narrow)))
        wide = nnet.affine(f"w{number}", _append(inner, layer.wide_offsets), *_folded(layer.wide, layer.norm))
        active = nnet.nonlinear(f"r{number}", wide, "RectifiedLinearComponent", shape.width)
        node = nnet.copy(f"s{number}", f"Sum({active}, Scale({SHORTCUT}, {node}))", shape.width)
    node = nnet.affine("last", node, *_folded(network.last, network.last_norm))
    weight = network.output.weight.detach().double().numpy()
    node = nnet.affine("out", node, weight, network.output.bias.detach().double().numpy())
    if priors is not None:
        node = nnet.nonlinear("softmax", node, "LogSoftmaxComponent", shape.outputs)
    context = token("<LeftContext>") + int32(shape.left) + token("<RightContext>") + int32(shape.right)
    encoded_priors = token("<Priors>") + float_vector([] if priors is None else priors)
    return b"\0B" + transitions.encoded() + nnet.encoded(node) + context + encoded_priors


def _append(node: str, offsets: Iterable[int]) -> str:
    parts = [node if offset == 0 else f"Offset({node}, {offset})" for offset in offsets]
    return parts[0] if len(parts) == 1 else f"Append({', '.join(parts)})"


def _folded(affine: nn.Module, norm: nn.BatchNorm1d) -> tuple[Matrix, Matrix]:
    """Make an affine map and the normalisation after it one affine map."""
    if not isinstance(affine, nn.Linear) or norm.running_var is None or norm.running_mean is None:
        raise TypeError(type(affine).__name__)
    gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    weight = (affine.weight * gain[:, None]).detach().double().numpy()
    bias: torch.Tensor | None = affine.bias  # a layer made without one has None
    shift = (0 if bias is None else bias) - norm.running_mean
    shifted = (shift * gain + norm.bias).detach().double().numpy()
    return weight, shifted


def write_acoustic_model(
    folder: Path,
    network: Network,
    outputs: Outputs,
    priors: npt.NDArray[np.float64] | None,
) -> None:
    transitions = Transitions.of(outputs)
    (folder / "am").mkdir(parents=True, exist_ok=True)
    (folder / "am" / "final.mdl").write_bytes(acoustic_model(network, transitions, priors))
    (folder / "graph" / "phones").mkdir(parents=True, exist_ok=True)
    (folder / "graph" / "phones" / "word_boundary.int").write_text(transitions.word_boundaries())
