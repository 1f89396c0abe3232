"""The documentation builds without a warning, its links and those of the README lead somewhere, and it is true."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import click
import pytest

from voice_coach.cli.main import cli
from voice_coach.settings_table import SETTINGS, variable_of

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"voice-coach ((?:[a-z-]+ ?)+)")
_LARGEST_PICTURE = 100_000


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the documentation; every warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


class _Fetched(HTMLParser):
    """Notes what a page has the browser fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = dict(attributes)
        if tag in ("script", "img", "iframe", "source"):
            self.addresses.append(given.get("src") or "")
        elif tag == "link" and "stylesheet" in (given.get("rel") or ""):
            self.addresses.append(given.get("href") or "")


def test_every_page_is_built_and_fetches_nothing_from_elsewhere(site: Path) -> None:
    for page in PAGES:
        parser = _Fetched()
        parser.feed((site / f"{page.stem}.html").read_text(encoding="utf-8"))
        assert [address for address in parser.addresses if "//" in address] == []


def test_every_page_is_in_the_navigation(site: Path) -> None:
    start = (site / "index.html").read_text(encoding="utf-8")
    navigation = start[start.index("md-nav--primary") :]
    assert [page.stem for page in PAGES if page.stem != "index" and f'href="{page.stem}.html"' not in navigation] == []


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.stem)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    links = [link for link in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link.partition("#")[0]).exists()] == []


@cache
def commands() -> frozenset[str]:
    """Give every command, with the groups it is in: `routines show`."""
    found: set[str] = set()

    def add(command: click.Command, path: tuple[str, ...]) -> None:
        found.add(" ".join(path))
        if isinstance(command, click.Group):
            for name, inner in command.commands.items():
                add(inner, (*path, name))

    add(cli, ())
    return frozenset(found)


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.stem)
def test_every_command_that_is_named_is_one(page: Path) -> None:
    named = _COMMAND.findall(page.read_text(encoding="utf-8"))
    first = {words.split()[0] for words in named} - {"session", "is", "and"}
    assert first - commands() == set()


def test_every_setting_is_in_the_table_with_its_variable_and_option() -> None:
    rows = [line for line in (DOCS / "settings.md").read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    known = {row.split("`")[1]: row for row in rows}
    assert set(known) == set(SETTINGS)
    for name, setting in SETTINGS.items():
        assert f"`[{setting.section}]`" in known[name]
        assert f"`{variable_of(name)}`" in known[name]
        assert setting.option in known[name]


def test_pictures_are_small_and_all_of_them_are_shown() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in [ROOT / "README.md", *PAGES])
    pictures = [path for path in (DOCS / "pictures").glob("*") if path.is_file()]
    assert [path.name for path in pictures if path.name not in text] == []
    assert [path.name for path in pictures if path.stat().st_size > _LARGEST_PICTURE] == []
