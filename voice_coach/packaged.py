"""Reads the YAML files that lie in the package."""

from __future__ import annotations

from importlib import resources
from typing import Any


def read_yaml(package: str, name: str) -> Any:
    """Give the plain data of `name`.yaml in `package`, read by libyaml where PyYAML brings it (ten times faster)."""
    import yaml  # noqa: PLC0415 - only a session needs it, not --help

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = resources.files(package).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=loader)  # noqa: S506 - both are safe loaders
