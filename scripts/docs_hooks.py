"""Hooks of MkDocs: no page is forgotten, and links to files of the repository become their names.

Pages that mkdocs.yml puts nowhere come last. A site has no source files; where the pages are read in the repository
itself, such a link leads to one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files


_TO_A_SOURCE = re.compile(r"\[([^\]]*)\]\(\.\./([^)\s]+)\)")


def on_page_markdown(markdown: str, **_others: Any) -> str:
    """Name the file that a link out of the documentation leads to."""
    return _TO_A_SOURCE.sub(r"\1 (`\2`)", markdown)


def on_files(files: Files, config: MkDocsConfig) -> None:
    """Put what is not in the navigation into a section of its own."""
    named = set(_named(config.nav))
    left = [file.src_uri for file in files.documentation_pages() if file.src_uri not in named]
    if left and config.nav is not None:
        config.nav.append({"More": left})


def _named(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    elif isinstance(nav, dict):
        for inner in nav.values():
            yield from _named(inner)
    else:
        for inner in nav or []:
            yield from _named(inner)
