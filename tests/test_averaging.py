# ruff: noqa: E402 - what the imports need is looked for first
"""The model is the mean of what the last rounds of training led to."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest

for package in ("torch", "pocketsphinx"):
    pytest.importorskip(package, reason="training needs the `train` extra")

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import torch
from train_command_model.averaging import averaged
from train_command_model.network import Shape
from train_command_model.training import Model

SHAPE = Shape(outputs=6, width=12, narrow=4)


def model(seed: int) -> Model:
    torch.manual_seed(seed)
    return Model.new(SHAPE)


def sound(seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(8, SHAPE.left + 28 + SHAPE.right, 40, generator=generator) * 3 + 1


def test_every_weight_is_the_mean_of_the_models() -> None:
    first, second = model(1), model(2)
    mean = averaged([first, second], [sound(0)])
    pairs = zip(first.network.parameters(), second.network.parameters(), mean.network.parameters(), strict=True)
    for one, other, between in pairs:
        assert torch.allclose((one + other) / 2, between, atol=1e-6)
    assert torch.allclose(
        (first.frame_output.weight + second.frame_output.weight) / 2, mean.frame_output.weight, atol=1e-6
    )


def test_what_passes_through_it_is_normalised_anew() -> None:
    """The two models' own measures are of other weights."""
    mean = averaged([model(1), model(2)], [sound(0), sound(1)])
    last: list[torch.Tensor] = []
    mean.network.last_norm.register_forward_hook(lambda _module, _inputs, output: last.append(output))
    with torch.no_grad():
        mean.network(torch.cat([sound(0), sound(1)]))
    assert last[0].mean().item() == pytest.approx(0, abs=0.05)
    assert last[0].std().item() == pytest.approx(1, abs=0.05)


def test_it_is_ready_for_use_and_can_be_trained_on() -> None:
    mean = averaged([model(1), model(2)], [sound(0)])
    assert not mean.network.training
    momenta = [one.momentum for one in mean.network.modules() if isinstance(one, torch.nn.BatchNorm1d)]
    assert set(momenta) == {0.1}


def test_no_more_is_looked_at_than_it_takes() -> None:
    looked_at = itertools.count()
    averaged([model(1), model(2)], (sound(0) for _ in looked_at))
    assert next(looked_at) < 400
