"""The mean of several networks' weights, which hears better than each of them.

Where the learning rate rises and falls again, training is led out of one hollow into another beside it; the middle is
flatter and generalises better (Izmailov et al. 2018, "Averaging weights leads to wider optima and better
generalization").
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from train_command_model.training import Model

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# Batches from which the normalising layers of a mean learn what passes through it.
_BATCHES = 300


def averaged(models: Sequence[Model], batches: Iterable[Tensor]) -> Model:
    """Give the mean of `models`.

    Args:
        models: of the same shape.
        batches: inputs as in training (batch x frames x 40). What the normalising layers have seen belongs to weights
            that the mean hasn't; they see some of these instead.
    """
    mean = Model.new(models[0].network.shape)
    for part in ("network", "frame_output"):
        states = [getattr(model, part).state_dict() for model in models]
        getattr(mean, part).load_state_dict({name: _mean([state[name] for state in states]) for name in states[0]})
    _see(mean.network, itertools.islice(batches, _BATCHES))
    return mean


def _mean(values: Sequence[Tensor]) -> Tensor:
    return torch.stack([value.double() for value in values]).mean(0).to(values[0].dtype)


def _see(network: nn.Module, batches: Iterable[Tensor]) -> None:
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm1d)]
    usual = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        # None: the mean over all batches, instead of one that forgets.
        norm.momentum = None
    network.train()
    with torch.no_grad():
        for inputs in batches:
            network(inputs)
    network.eval()
    for norm, momentum in zip(norms, usual, strict=True):
        norm.momentum = momentum
