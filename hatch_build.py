"""Puts the manual page into the wheel; it is made of the command line, and so never behind it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ManualPage(BuildHookInterface):  # type: ignore[misc,type-arg] - hatchling is there only while building
    """Writes the page beside the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the page before the wheel is made; an editable installation gets none."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from voice_coach.cli.man_page import man_page  # noqa: PLC0415 - found through the line above

        page = Path(self.directory) / "voice-coach.1"
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(man_page(), encoding="utf-8")
        build_data["shared_data"][str(page)] = "share/man/man1/voice-coach.1"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Leave nothing but the wheel."""
        del version, build_data, artifact_path
        (Path(self.directory) / "voice-coach.1").unlink(missing_ok=True)
