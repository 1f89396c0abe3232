"""Put a finished model together: network, graphs and the options Vosk reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from train_command_model.features import KALDI_OPTIONS
from train_command_model.graph import Costs, write_graphs
from train_command_model.kaldi_files import write_acoustic_model
from train_command_model.network import SUBSAMPLING, Network

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from train_command_model.objective import PhoneModel
    from train_command_model.units import Outputs
    from train_command_model.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Decoding:
    """What `conf/model.conf` says.

    Attributes:
        acoustic_scale: 1 for a model trained on sequences, 0.3 to 0.5 for one trained on frames.
        beam: how much worse than the best a way may be.
        endings: trailing silence (s) that ends an utterance: after a likely end, a less likely one, any.
        chunk: frames computed at a time; half of it is the mean wait.
    """

    acoustic_scale: float = 1.0
    beam: float = 12.0
    endings: tuple[float, float, float] = (0.3, 0.5, 0.8)
    chunk: int = 6

    def lines(self) -> list[str]:
        return [
            "--min-active=200",
            "--max-active=1000",
            f"--beam={self.beam}",
            # Wider lattices cost time and bring nothing: only the best path is read.
            "--lattice-beam=2.0",
            # The phone loop makes determinising by phone a thousand times slower.
            "--phone-determinize=false",
            f"--acoustic-scale={self.acoustic_scale}",
            f"--frame-subsampling-factor={SUBSAMPLING}",
            f"--frames-per-chunk={self.chunk}",
            "--endpoint.silence-phones=1",
            *(
                f"--endpoint.rule{rule}.min-trailing-silence={seconds}"
                for rule, seconds in zip((2, 3, 4), self.endings, strict=True)
            ),
        ]


def write_model(
    folder: Path,
    *,
    network: Network,
    outputs: Outputs,
    priors: npt.NDArray[np.float64] | None,
    vocabulary: Vocabulary,
    phones: PhoneModel,
    costs: Costs,
    decoding: Decoding,
    recorded: Iterable[str],
) -> None:
    """Write a folder that `vosk.Model` loads.

    Args:
        folder: where it goes.
        network: the acoustic network, and
        outputs: what its outputs stand for.
        priors: how often each output is the true one, where the network doesn't know; None: it does.
        vocabulary: the words.
        phones: how phones follow each other.
        costs: of ways through the graph.
        decoding: how Vosk searches.
        recorded: phrases that many people said by themselves in the recordings.
    """
    write_acoustic_model(folder, network, outputs, priors)
    write_graphs(folder, vocabulary, outputs, phones, costs)
    (folder / "conf").mkdir(parents=True, exist_ok=True)
    (folder / "conf" / "mfcc.conf").write_text("\n".join([*KALDI_OPTIONS, ""]))
    (folder / "conf" / "model.conf").write_text("\n".join([*decoding.lines(), ""]))
    (folder / "decoys.txt").write_text("\n".join([*vocabulary.decoys, ""]))
    (folder / "recorded.txt").write_text("\n".join([*sorted(recorded), ""]))
    (folder / "phone_loop").touch()  # lets the listener score phrases against `[unk]`
