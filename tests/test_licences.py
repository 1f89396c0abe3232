"""Everything that is installed with the program is named with its licence, and everything tested with is locked."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import pytest

from tests.cli.program import ROOT

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FOR_DEVELOPERS = {"dev", "train"}


def names(requirements: list[str]) -> list[str]:
    """Give the plain names of packages."""
    return [re.split(r"[^a-z0-9-]", requirement.lower())[0] for requirement in requirements]


EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
FOR_USERS = sorted(
    {
        *names(PROJECT["dependencies"]),
        *(name for extra, wanted in EXTRAS.items() if extra not in FOR_DEVELOPERS for name in names(wanted)),
    }
)
FOR_TESTS = sorted(
    {*names(PROJECT["dependencies"]), *(name for extra in FOR_DEVELOPERS for name in names(EXTRAS[extra]))}
)


@pytest.mark.parametrize("package", FOR_USERS)
def test_every_package_that_a_user_gets_is_named_with_its_licence(package: str) -> None:
    named = re.findall(r"^\| ([a-z0-9-]+) \| \S", (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert package in named


@pytest.mark.parametrize("package", FOR_TESTS)
def test_every_package_of_the_tests_is_locked_with_hashes(package: str) -> None:
    lock = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8").lower()
    assert re.search(rf"^{re.escape(package)}==\S+.*\\\n +--hash=sha256:", lock, re.MULTILINE), "run scripts/lock"


def test_the_lock_names_no_place_to_download_from() -> None:
    lock = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    assert "://" not in lock
    assert "index-url" not in lock
