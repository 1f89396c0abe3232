"""What is known about a person beforehand."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - read when a session is restored

import msgspec


class Person(msgspec.Struct, frozen=True):
    """What is known about a person beforehand.

    Attributes:
        answers: id of a first question or a flag -> `no`, `yes`, `left`, `right` or `both`.
        questions: ids of the first questions that are to be asked now.
        tools: the tools at hand; None where nobody has said. Names that are no tool count for nothing.
        place: where they usually are; None where nobody has said.
    """

    answers: Mapping[str, str] = {}
    questions: tuple[str, ...] = ()
    tools: tuple[str, ...] | None = None
    place: str | None = None
