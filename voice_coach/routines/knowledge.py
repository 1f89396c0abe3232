"""What is good to know beside the steps: facts of the interview and of research, tips, sources, and "about"."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

from voice_coach.errors import ContentError
from voice_coach.packaged import read_yaml

if TYPE_CHECKING:
    from collections.abc import Collection

    from voice_coach.routines.schema import Catalogue, Step

_T = TypeVar("_T")
_TAG = re.compile(r"[A-Z][A-Z0-9]+(?:-[A-Z0-9]+)?")


class _Frozen(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class Belongs(_Frozen, frozen=True):
    """What something belongs to: it is enough that one name fits. Without any name, it belongs everywhere."""

    steps: tuple[str, ...] = ()
    families: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    routines: tuple[str, ...] = ()

    @property
    def everywhere(self) -> bool:
        return self == Belongs()

    def fits(self, routine: str, steps: Collection[Step]) -> bool:
        """Tell whether it belongs to the routine with this id, or to one of the steps."""
        return (
            self.everywhere
            or routine in self.routines
            or any(
                step.id in self.steps
                or step.family in self.families
                or step.region in self.regions
                or set(step.tools) & set(self.tools)
                for step in steps
            )
        )


class Fact(_Frozen, frozen=True):
    """A fact that is printed with the routines it belongs to, under its heading."""

    heading: str
    text: str
    source: str
    belongs: Belongs = msgspec.field(default=Belongs(), name="with")


class Tip(_Frozen, frozen=True):
    """A sentence or two after a session.

    Attributes:
        after: what has to have been done.
        ears: `closed` where it holds a phrase that a user might say.
    """

    say: str
    source: str
    id: str = ""
    after: Belongs = Belongs()
    ears: Literal["open", "closed"] = "open"


class Source(_Frozen, frozen=True):
    """Where something comes from, and where that can be read."""

    what: str
    at: tuple[str, ...]


class Section(_Frozen, frozen=True):
    """A part of what `voice-coach about` prints."""

    heading: str
    text: tuple[str, ...]
    source: str


@cache
def load_facts() -> dict[str, Fact]:
    """Load the facts.

    Raises:
        ContentError: the file in the package is broken.
    """
    return _load("facts", dict[str, Fact])


@cache
def load_tips() -> tuple[Tip, ...]:
    """Load the tips, in their order.

    Raises:
        ContentError: the file in the package is broken.
    """
    return tuple(msgspec.structs.replace(tip, id=id_) for id_, tip in _load("tips", dict[str, Tip]).items())


@cache
def load_sources() -> dict[str, Source]:
    """Load the sources, by their tags.

    Raises:
        ContentError: the file in the package is broken.
    """
    return _load("sources", dict[str, Source])


@cache
def load_about() -> tuple[Section, ...]:
    """Load what `voice-coach about` prints.

    Raises:
        ContentError: the file in the package is broken.
    """
    return _load("about", tuple[Section, ...])


def tags_in(text: str) -> tuple[str, ...]:
    """Give the tags of sources that stand in `text`, in their order."""
    known = load_sources()
    return tuple(dict.fromkeys(tag for tag in _TAG.findall(text) if tag in known))


def unknown_names(belongs: Belongs, catalogue: Catalogue) -> set[str]:
    """Give the names in `belongs` that stand for nothing in the catalogue."""
    steps = catalogue.steps.values()
    known = {
        "steps": catalogue.steps.keys(),
        "families": {step.family for step in steps},
        "regions": {step.region for step in steps},
        "tools": {tool for step in steps for tool in step.tools},
        "routines": catalogue.routines.keys(),
    }
    return {name for kind, names in known.items() for name in getattr(belongs, kind) if name not in names}


def _load(name: str, type_: type[_T]) -> _T:
    try:
        return msgspec.convert(read_yaml("voice_coach.routines", name), type_)
    except msgspec.ValidationError as error:
        raise ContentError(
            f"The file {name}.yaml in the package cannot be used: {error}.",
            "Sessions go on without it.",
            "pip install --force-reinstall voice-coach",
        ) from error
