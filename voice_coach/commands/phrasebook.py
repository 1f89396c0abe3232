"""The phrases of `phrases.yaml`, loaded and checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec

from voice_coach.commands.grammar import Command, Grammar
from voice_coach.commands.templates import TemplateError, expand
from voice_coach.errors import ContentError
from voice_coach.packaged import read_yaml

GROUPS = ("flow", "stop", "dose", "ask", "answer", "body", "note", "attention")


class _ValuedPhrase(msgspec.Struct, forbid_unknown_fields=True):
    say: str
    is_: int | str = msgspec.field(name="is")


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    group: str
    phrases: list[str | _ValuedPhrase]
    typed: list[str | _ValuedPhrase] = []


class _File(msgspec.Struct, forbid_unknown_fields=True):
    slots: dict[str, dict[str, int]]
    commands: dict[str, _Entry]
    over_the_coach: list[str] = []


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """Every phrase of every command.

    Attributes:
        meanings: phrase -> command, for all commands.
        groups: command id -> its group.
        over_the_coach: ids of the commands that count while the coach speaks through a loudspeaker.
        typed: the same as `meanings`, for phrases that count only when they are typed.
    """

    meanings: dict[str, Command]
    groups: dict[str, str]
    over_the_coach: frozenset[str] = frozenset()
    typed: dict[str, Command] = field(default_factory=dict)

    def grammar(self, active: frozenset[str] | None = None) -> Grammar:
        """Give the grammar of the `active` command ids; all commands when None."""
        ids = self.groups.keys() if active is None else active
        return Grammar(
            {phrase: command for phrase, command in self.meanings.items() if command.id in ids},
            urgent=frozenset(id_ for id_ in ids if self.groups[id_] in ("stop", "body")),
            typed={phrase: command for phrase, command in self.typed.items() if command.id in ids},
        )


@cache
def load_phrasebook() -> Phrasebook:
    """Load the phrases in the package.

    Raises:
        ContentError: the file breaks its schema, a template cannot be read, or a phrase has two meanings.
    """
    return parse_phrasebook(read_yaml("voice_coach.commands", "phrases"))


def parse_phrasebook(data: Any) -> Phrasebook:
    """Check plain data against the schema and expand its templates.

    Raises:
        ContentError: as in `load_phrasebook`.
    """
    try:
        file = msgspec.convert(data, _File)
    except msgspec.ValidationError as error:
        raise _broken(str(error)) from error
    meanings: dict[str, Command] = {}
    typed: dict[str, Command] = {}
    for id_, entry in file.commands.items():
        if entry.group not in GROUPS:
            raise _broken(f"command {id_!r} is in group {entry.group!r}; groups are {', '.join(GROUPS)}")
        _add(meanings, _meanings(id_, entry.phrases, file.slots))
        _add(typed, _meanings(id_, entry.typed, file.slots))
    for phrase in meanings.keys() & typed.keys():
        raise _broken(f"{phrase!r} is said, and typed only")
    groups = {id_: entry.group for id_, entry in file.commands.items()}
    return Phrasebook(meanings, groups, _over_the_coach(file.over_the_coach, groups), typed)


def _add(meanings: dict[str, Command], more: list[tuple[str, Command]]) -> None:
    for phrase, command in more:
        other = meanings.setdefault(phrase, command)
        if other != command:
            raise _broken(f"{phrase!r} means both {other.id!r} and {command.id!r}")


def _over_the_coach(names: list[str], groups: dict[str, str]) -> frozenset[str]:
    unknown = set(names) - set(groups) - set(groups.values())
    if unknown:
        raise _broken(f"over_the_coach names {', '.join(sorted(unknown))}, which is no command and no group")
    return frozenset(id_ for id_, group in groups.items() if id_ in names or group in names)


def _meanings(
    id_: str, templates: list[str | _ValuedPhrase], slots: dict[str, dict[str, int]]
) -> list[tuple[str, Command]]:
    meanings = []
    for template in templates:
        say, value = (template, None) if isinstance(template, str) else (template.say, template.is_)
        try:
            phrases = expand(say, slots)
        except TemplateError as error:
            raise _broken(f"command {id_!r}: {error}") from error
        meanings += [(p.text, Command(id_, p.value if value is None else value)) for p in phrases]
    return meanings


def _broken(reason: str) -> ContentError:
    return ContentError(
        f"The command phrases cannot be used: {reason}.",
        "No session can start without them.",
        "pip install --force-reinstall voice-coach",
    )
