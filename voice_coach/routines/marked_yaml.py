"""Reads a YAML file written by a person, so that every mistake in it can be told with its line.

Nothing in it is executed or expanded: tags and aliases, with which a small file can grow without end, are mistakes.
Numbers are what a person takes for numbers: 045 is 45, and 1:30 is text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from yaml.nodes import Node, ScalarNode

MOST_BYTES = 32 * 1024
_MOST_DEPTH = 6
_NUMBER = re.compile(r"[-+]?[0-9]{1,9}(\.[0-9]{1,9})?")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "": None, "null": None, "~": None}
_HINTS = {
    "mapping values are not allowed": "there is a colon in the wrong place: put text that holds a colon into quotes, "
    "and let the fields of a step stand exactly below each other",
    "could not find expected ':'": "a colon is missing after the name of a field",
    "expected <block end>": "this line stands too far to the left or to the right",
    "expected the node content": "something is missing, or one character too many, here",
    "while scanning a quoted scalar": "a quotation mark is opened and not closed",
    "while parsing a flow": "a bracket is not closed, or a comma is missing",
    "that cannot start any token": "a text that begins with this character needs quotes",
    "special characters are not allowed": "there is a character here that cannot be seen; delete it",
}


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """A mistake in a file.

    Attributes:
        line: counted from 1.
        column: counted from 1.
        where: step and field, in words; empty where it is about the whole file or no field.
        says: what is wrong, and what would be right.
    """

    line: int
    column: int
    where: str
    says: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.where}: {self.says}" if self.where else f"line {self.line}: {self.says}"


class UnreadableError(ValueError):
    """A file cannot be read as YAML at all; `problems` says why."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = problems


def text_of(path: Path) -> str:
    """Give the text of a file.

    Raises:
        UnreadableError: it is no file, too large, or no text in UTF-8.
    """
    try:
        if not path.is_file():
            raise UnreadableError(_at_the_top("this is no file" if path.exists() else "there is no such file"))
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UnreadableError(_at_the_top(f"the file cannot be read ({error.strerror})")) from error
    if len(data) > MOST_BYTES:
        raise UnreadableError(_at_the_top(f"the file is over {MOST_BYTES // 1024} kB; a routine takes two or three"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        says = "this is no text in UTF-8; let your editor save the file as UTF-8"
        raise UnreadableError(Problem(line, 1, "", says)) from error


def nodes_of(text: str) -> Node:
    """Give the one document in `text`, as PyYAML's nodes, in which every scalar is text still.

    Raises:
        UnreadableError: it is no YAML, or more than a routine needs.
    """
    import yaml  # noqa: PLC0415 - only for a routine of one's own

    tabs = [
        Problem(number, 1, "", "there is a tab at the beginning of the line; indent with spaces")
        for number, line in enumerate(text.splitlines(), start=1)
        if "\t" in line[: len(line) - len(line.lstrip())] and line.strip()
    ]
    if tabs:
        raise UnreadableError(*tabs)
    try:
        _refuse_tricks(text)
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise UnreadableError(Problem(line, column, "", _hint(str(error), error.problem))) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise UnreadableError(Problem(line, 1, "", _hint(str(error), error.reason))) from error
    except (OverflowError, ValueError) as error:
        if isinstance(error, UnreadableError):
            raise
        raise UnreadableError(_at_the_top(f"this is no YAML ({error})")) from error
    if node is None:
        raise UnreadableError(_at_the_top("the file is empty; a routine has a `name` and `steps`"))
    return node


def plain(node: ScalarNode) -> Any:
    """Give the value of a scalar: a number, true, false, None, or text."""
    text: str = node.value
    if node.style is not None:
        return text
    if _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return _WORDS.get(text.lower(), text)


def entries(node: Node) -> Iterator[tuple[Node, Node]]:
    """Give the pairs of key and value of a mapping."""
    yield from node.value


def _refuse_tricks(text: str) -> None:
    """Refuse what a routine never needs, before anything is built from it."""
    import yaml  # noqa: PLC0415 - as above

    depth = documents = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise UnreadableError(_here(event, "a second routine begins here; write one routine a file"))
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise UnreadableError(_here(event, "`&` and `*` stand for other places; write out what you mean"))
        if getattr(event, "tag", None) is not None:
            raise UnreadableError(_here(event, "`!` sets a type; leave it out"))
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > _MOST_DEPTH:
            raise UnreadableError(_here(event, "these brackets or dashes are nested too deeply for a routine"))


def _hint(whole: str, problem: str | None) -> str:
    hint = next((hint for words, hint in _HINTS.items() if words in whole), None)
    return hint or f"this is no YAML ({problem or 'it cannot be read'})"


def _here(event: Any, says: str) -> Problem:
    return Problem(event.start_mark.line + 1, event.start_mark.column + 1, "", says)


def _at_the_top(says: str) -> Problem:
    return Problem(1, 1, "", says)
