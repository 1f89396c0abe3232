"""Prints what an examination finds."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from voice_coach.audio.quiet import libraries_silenced
from voice_coach.doctor.examination import Examination
from voice_coach.doctor.findings import Finding, exit_status
from voice_coach.settings import read_settings
from voice_coach.typed_input import is_terminal

if TYPE_CHECKING:
    from pathlib import Path

_COLOURS = {"good": "green", "poor": "yellow", "broken": "red", "not checked": None}
_PART_WIDTH = 14
_VERDICT_WIDTH = 12


def examine(
    *, as_json: bool, quick: bool, microphone: str | None, speaker: str | None, model_folder: Path | None
) -> None:
    """Examine everything, print it, and exit with the status of what is broken."""
    someone = not as_json and is_terminal(sys.stdin) and is_terminal(sys.stdout)
    examination = Examination(
        settings=read_settings({"microphone": microphone, "speaker": speaker}),
        model_folder=model_folder,
        quick=quick,
        ask=_ask if someone else None,
    )
    findings: list[Finding] = []
    with libraries_silenced():
        for finding in examination.findings():
            findings.append(finding)
            if not as_json:
                _print(finding)
    status = exit_status(findings)
    if as_json:
        rows = [asdict(finding) for finding in findings]
        click.echo(json.dumps({"exit_status": status, "findings": rows}))
    sys.exit(status)


def _ask(sentence: str) -> None:
    click.echo(sentence)


def _print(finding: Finding) -> None:
    verdict = click.style(finding.verdict.ljust(_VERDICT_WIDTH), fg=_COLOURS[finding.verdict])
    click.echo(f"{finding.part.ljust(_PART_WIDTH)}{verdict}{finding.says}")
    if finding.remedy:
        click.echo(f"{' ' * (_PART_WIDTH + _VERDICT_WIDTH)}Try: {finding.remedy}")
