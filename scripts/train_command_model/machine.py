"""What the machine that trains is good at."""

from __future__ import annotations

import torch

# By judgement, as a step's matrices are small; two take 0.59 of the time of one, more were not tried.
_MOST_THREADS = 4


def halves_well() -> bool:
    """Say whether training in bfloat16 is faster than in single precision here.

    On a GPU and on a processor with matrix units (AMX) it is, four times. A processor without any support takes
    fourteen times as long in bfloat16 (an AMD EPYC with AVX2: 3.7 s instead of 0.27 s a step).
    """
    return torch.cuda.is_available() or bool(torch.cpu.get_capabilities().get("amx_bf16", False))


def threads() -> int:
    """Give the threads that share a training step: one for each core, as two on the same core hinder each other."""
    return max(1, min(_MOST_THREADS, int(torch.cpu.get_capabilities().get("num_physical_cores", 1))))
