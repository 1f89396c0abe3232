"""Training uses what the machine is good at."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="training needs the `train` extra")
sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import torch
from train_command_model import machine


@pytest.fixture
def capabilities(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A processor to describe, beside which there is no GPU."""
    found: dict[str, Any] = {}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: found)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    return found


def test_half_precision_is_for_processors_with_matrix_units(capabilities: dict[str, Any]) -> None:
    capabilities["amx_bf16"] = True
    assert machine.halves_well()


def test_a_processor_that_does_not_know_half_precision_trains_in_single(capabilities: dict[str, Any]) -> None:
    capabilities["amx_bf16"] = False
    assert not machine.halves_well()


def test_a_processor_of_another_kind_says_nothing_of_matrix_units(capabilities: dict[str, Any]) -> None:
    capabilities["sve"] = True
    assert not machine.halves_well()


def test_half_precision_is_for_graphics_processors(
    capabilities: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    capabilities["amx_bf16"] = False
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert machine.halves_well()


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 2), (4, 4), (64, 4), (0, 1)])
def test_each_core_gets_a_thread_up_to_four(capabilities: dict[str, Any], cores: int, threads: int) -> None:
    capabilities["num_physical_cores"] = cores
    assert machine.threads() == threads


def test_a_machine_whose_cores_are_unknown_trains_with_one_thread(capabilities: dict[str, Any]) -> None:
    assert not capabilities
    assert machine.threads() == 1
