"""Asks, shows and changes what a person has told about themselves."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, cast

import click
import msgspec

from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.errors import ProfileError, UsageError
from voice_coach.folders import profile_file
from voice_coach.here import date_here
from voice_coach.profile.person import due_questions
from voice_coach.profile.store import Profile, load_profile, open_profile, save_profile
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.substitution import find_tool
from voice_coach.routines.wishes import NO_TOOL
from voice_coach.typed_input import is_terminal

if TYPE_CHECKING:
    from voice_coach.profile.store import Reply
    from voice_coach.routines.schema import Catalogue, FirstQuestion

_UNCHANGED = "Nothing was changed."
_LEGS = frozenset({"left", "right", "both"})
_REPLIES = _LEGS | {"yes", "no"}
_SHORT = {"y": "yes", "n": "no"}


def edit_profile(*, show: bool, tools: str | None, place: str | None) -> None:
    """Change tools or place, or show the profile, or ask all questions where somebody types.

    Raises:
        CoachError: the profile cannot be read or written, or a tool does not exist.
    """
    catalogue = load_catalogue()
    if tools is not None or place is not None:
        _change(catalogue, tools, place)
        return
    profile = _open()
    if show or not is_terminal(sys.stdin):
        _show(catalogue, profile)
    else:
        _ask_all(catalogue)


def set_answer(question: str, answer: str) -> None:
    """Change one answer.

    Raises:
        CoachError: there is no such question or answer, or the profile cannot be written.
    """
    catalogue = load_catalogue()
    found = _find_question(catalogue, question)
    reply = _reply(found, answer)
    if reply is None:
        possible = "no, left, right or both" if found.which_leg else "yes or no"
        raise UsageError(
            f"The answer to {found.id} is {possible}, not {answer!r}.",
            _UNCHANGED,
            f"voice-coach profile set {found.id} no",
        )
    save_profile(profile_file(), _open().with_answer(found.id, reply, date_here()))
    click.echo(f"{found.id}: {reply}. {found.if_yes if reply != 'no' else 'Nothing is left out for this.'}")


def forget(questions: tuple[str, ...]) -> None:
    """Forget some answers, or the whole profile where none is named.

    Raises:
        CoachError: there is no such question, or the profile cannot be written.
    """
    path = profile_file()
    if questions:
        found = [_find_question(load_catalogue(), name).id for name in questions]
        save_profile(path, _open().without_answers(*found))
        click.echo(f"Forgotten: {', '.join(found)}.")
        return
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise ProfileError(f"{path} cannot be removed ({error.strerror}).", _UNCHANGED, f"ls -l {path}") from error
    click.echo("The profile is empty. The questions are asked before the next session.")


def _open() -> Profile:
    """Read the profile; a damaged one is put aside, one that cannot be read is an error.

    Raises:
        ProfileError: it cannot be read.
    """
    path = profile_file()
    profile = open_profile(path, lambda line: click.echo(line, err=True))
    return load_profile(path) if path.exists() else profile


def _find_question(catalogue: Catalogue, name: str) -> FirstQuestion:
    questions = {**catalogue.first_questions, **catalogue.flags}
    found = questions.get(name.strip().lower().replace("-", "_").replace(" ", "_"))
    if found is None:
        raise UsageError(
            f"There is no question called {name!r}; there are {', '.join(questions)}.",
            _UNCHANGED,
            "voice-coach profile --show",
        )
    return found


def _reply(question: FirstQuestion, text: str) -> Reply | None:
    """Give what a typed answer means; None where it is no answer to this question."""
    said = _SHORT.get(text.strip().lower(), text.strip().lower())
    command = load_phrasebook().grammar(_REPLIES).match(said)
    if command is None or (command.id in _LEGS and not question.which_leg):
        return None
    if question.which_leg and command.id == "yes":
        return "both"
    return cast("Reply", command.id)


# --- asking


def _ask_all(catalogue: Catalogue) -> None:
    """Ask one question after the other; each answer is kept as soon as it is given."""
    click.echo("A few questions about your feet and legs. Answer yes or no; Enter keeps the answer in brackets.")
    for question in catalogue.first_questions.values():
        known = _open().answers.get(question.id)
        reply = _ask(question, None if known is None else known.answer)
        save_profile(profile_file(), _open().with_answer(question.id, reply, date_here()))
        if reply != "no":
            click.echo(f"  {question.if_yes}")
    click.echo("Kept on this machine. Change one answer with: voice-coach profile set QUESTION ANSWER")
    _show_kit(_open())


def _ask(question: FirstQuestion, known: Reply | None) -> Reply:
    while True:
        text = click.prompt(question.ask, default=known, prompt_suffix=" ")
        reply = _reply(question, text)
        if reply is None:
            click.echo("  Please answer yes or no.")
        elif reply == "both" and text != known and "both" not in text.lower():
            return _ask_leg(question)
        else:
            return reply


def _ask_leg(question: FirstQuestion) -> Reply:
    while True:
        reply = _reply(question, click.prompt("  Left, right or both?", prompt_suffix=" "))
        if reply in _LEGS:
            return reply
        click.echo("  Please answer left, right or both.")


# --- showing


def _show(catalogue: Catalogue, profile: Profile) -> None:
    due = due_questions(profile, catalogue, date_here())
    for question in catalogue.first_questions.values():
        known = profile.answers.get(question.id)
        if known is None:
            said = "not answered yet"
        else:
            again = "; asked again before the next session" if question.id in due else ""
            said = f"{known.answer} ({known.on.isoformat()}{again})"
        click.echo(f"{question.id:12} {said}: {question.ask}")
        if known is not None and known.answer != "no":
            click.echo(f"{'':12} {question.if_yes}")
    for flag in catalogue.flags.values():
        known = profile.answers.get(flag.id)
        if known is not None and known.answer != "no":
            click.echo(f"{flag.id:12} {known.answer} ({known.on.isoformat()}): {flag.if_yes}")
            click.echo(f"{'':12} Once one has: voice-coach profile set {flag.id} no")
    _show_kit(profile)


def _show_kit(profile: Profile) -> None:
    tools = "everything" if profile.tools is None else ", ".join(profile.tools) or "none"
    click.echo(f'{"tools":12} {tools} (change with: voice-coach profile --tools "tennis ball, towel")')
    click.echo(f"{'place':12} {profile.place or 'anywhere'} (change with: voice-coach profile --place floor)")


# --- tools and place


def _change(catalogue: Catalogue, tools: str | None, place: str | None) -> None:
    named = None if tools is None else _tools(catalogue, tools)
    profile = _open()
    if tools is not None:
        profile = msgspec.structs.replace(profile, tools=named)
    if place is not None:
        profile = msgspec.structs.replace(profile, place=None if place == "anywhere" else place)
    save_profile(profile_file(), profile)
    _show_kit(profile)


def _tools(catalogue: Catalogue, text: str) -> tuple[str, ...] | None:
    """Give the tools that a person lists; None for all of them."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == ["all"]:
        return None
    if names == [NO_TOOL]:
        return ()
    found = {name: find_tool(catalogue, name) for name in names}
    unknown = [name for name, tool in found.items() if tool is None]
    if unknown or not names:
        what = f"There is no tool called {unknown[0]!r}" if unknown else "No tool is named"
        raise UsageError(
            f"{what}; there are {', '.join(catalogue.substitutions.tools)}.",
            _UNCHANGED,
            'voice-coach profile --tools "tennis ball, towel"',
        )
    return tuple(dict.fromkeys(tool for tool in found.values() if tool is not None))
