"""What the body words do: the stop signs of the content's "safety and honesty".

They are heard in every state, silence the coach and stop the clock before anything else. What a word locks is out for
the rest of the session: the area that was worked on, on that foot; on both feet, where nobody can tell which it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from voice_coach.session.actions import Noted, Rated
from voice_coach.session.flow import begin_side, count_in, halt, offer, proceed, stand_still, sum_up
from voice_coach.session.phases import Phase, Trigger
from voice_coach.session.plan import UNKNOWN_SIDE
from voice_coach.session.questions import (
    FEELING,
    LET_GO,
    PAIN,
    WHICH_FOOT,
    answered,
    ask,
    is_anything_unasked,
    is_asked,
    must_be_answered,
    question_ahead,
)
from voice_coach.session.route import insert, is_work_left, side_is_unknown, what_follows
from voice_coach.session.speaking import Utterance
from voice_coach.session.state import (
    CHECK,
    EVERYTHING,
    NO_REGION,
    PRESSURE,
    RUBBING,
    SOLE,
    Cramp,
    Place,
    State,
    answer,
    close_side,
    current_rung,
    is_locked,
    is_out,
    lock,
    move,
    rung_of,
    speak,
    utterance,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from voice_coach.commands.grammar import Command
    from voice_coach.routines.schema import Step
    from voice_coach.session.actions import NotedKind
    from voice_coach.session.plan import PlannedStep

    Spot = tuple[Step, str]
    """A step and a side: where something was felt."""

NUMB_WAIT = 60.0
"""Seconds until the coach asks whether the feeling is there again."""
CRAMP_WAIT = 60.0
"""Seconds until the coach asks once more whether a cramp has let go, where it may not be stretched any longer."""
CRAMP_NEEDS_HELP_AFTER = 600.0
"""Seconds after which a cramp that has not let go needs medical help (NIDIRECT)."""
_STAY_UP_TO = 3
_LESS_UP_TO = 5
_NO_LADDER = frozenset({"check", "rest", "cramp"})
"""Families that do not get lighter because something hurts."""
_NUMBING = "diabetes"
"""Id of the first question that tells of feet without feeling."""


def body_word(state: State, command: Command) -> None:
    """React to a body word."""
    stand_still(state, urgent=True)
    if state.phase is Phase.SUMMARY:
        _after_the_end(state, command)
        return
    if command.id == "sharp" and is_asked(state, "pain"):
        state.sharp = True
        _leave_spot(state, "sharp", "pain_locked")
        return
    if state.phase in (Phase.PAUSED, Phase.STOPPED):
        state.back_to_halt = state.phase
    hurts = is_asked(state, "pain")
    if is_asked(state, "opening"):
        state.opening.remove(CHECK)  # this is an answer to it
    leave_question(state)
    state.hurt = _spots(state)
    _bar_rises(state)
    if command.id == "swollen":
        _swollen(state, injured=hurts or state.sharp)
    else:
        _REACTIONS[command.id](state, command)


def callus(state: State, _command: Command) -> None:
    """Note it, and say how to go round it; nothing stops."""
    state.hurt = _spots(state)
    _note(state, "callus")
    answer(state, "callus")


def _after_the_end(state: State, command: Command) -> None:
    """Say what helps; there is no work left to stop."""
    state.hurt = _spots(state)
    if command.id == "swollen":
        state.actions.append(Noted("swollen", None, "both"))
    else:
        _note(state, _KINDS[command.id], locked=command.id in _LOCKING)
    for line in _LAST_WORDS[command.id]:
        speak(state, utterance(state, "cramp_calf" if command.value == "calf" else line))
    if command.id in _ENDING or state.end_reason != "finished":
        state.end_reason = "body"


# --- where it is


def _spots(state: State) -> tuple[Spot, ...]:
    """Give what may be hurt: what is worked on; while the user is getting in place, what was worked on before, too."""
    side = state.side
    before = () if state.touched is None else (state.touched,)
    if side is None:
        return before
    here = (side.step, side.name)
    at_it = side.worked(state.now) > 0 or state.phase in (Phase.COUNT_IN, Phase.GO, Phase.WORK)
    return (here,) if at_it or here in before else (here, *before)


def _bar_rises(state: State) -> None:
    """Let nothing rise any more in the families of what hurts; in any, where nobody can tell."""
    families = _families(state)
    state.dials.barred |= families
    state.dials.pained |= families
    state.dials.undo = None


def _families(state: State) -> set[str]:
    if state.hurt:
        return {step.family for step, _ in state.hurt}
    return {planned.step.family for planned in state.steps}


def _note(state: State, kind: NotedKind, *, locked: bool = False) -> None:
    """Note the word for the history, once for every place that it may be about."""
    for step, side in state.hurt:
        state.actions.append(Noted(kind, step.id, side, step.family, step.region, locked))
    if not state.hurt:
        state.actions.append(Noted(kind, None, None, locked=locked))


def _lock(state: State, area: str | None = None) -> None:
    """Close the areas of what hurts, or `area` on those feet, and end the side under way, if it is in them."""
    for step, side in state.hurt:
        lock(state, area or (PRESSURE if step.region in NO_REGION else step.region), side)
    if not state.hurt:
        lock(state, area or PRESSURE, "both")
    side_now = state.side
    if side_now is not None and is_locked(state, side_now.step, side_now.name):
        state.ahead = what_follows(state, state.position, side_now.hand_over or side_now.dose)
        close_side(state, done=False)


def _leave_spot(state: State, kind: NotedKind, line: str, area: str | None = None) -> None:
    """Lock what hurts, say what to do about it, and offer what is left."""
    _note(state, kind, locked=True)
    _lock(state, area)
    speak(state, utterance(state, line))
    offer(state)


def leave_question(state: State) -> None:
    """Let something else come before the answer; a pain question left open counts as the worst answer."""
    if is_asked(state, "pain"):
        _note(state, "pain", locked=True)
        _lock(state)
    state.question = None


# --- pain


def _pain(state: State, _command: Command) -> None:
    _note(state, "pain")
    if not _is_one_too_many(state):
        ask(state, PAIN)


def _sharp(state: State, _command: Command) -> None:
    state.sharp = True
    if _is_one_too_many(state):
        _note(state, "sharp")
    else:
        _leave_spot(state, "sharp", "sharp")


def _is_one_too_many(state: State) -> bool:
    """Count a pain word; end the session at the second."""
    state.pains += 1
    if state.pains < state.limits.session.pains_to_finish:
        return False
    speak(state, utterance(state, "pain_twice"))
    sum_up(state, "body")
    return True


def give_up(state: State, line: str = "pain_locked", spot: Spot | None = None) -> None:
    """End what hurts, or `spot`, lock its area for the rest of the session, and offer what is left."""
    if spot is not None:
        state.hurt = (spot,)
    _bar_rises(state)
    stand_still(state)
    _leave_spot(state, "pain", line)


def pain_rated(state: State, rating: int) -> None:
    """Act on the answer to the pain question."""
    state.ratings.last = rating
    if state.hurt:
        step, side = state.hurt[0]
        state.actions.append(Rated(step.id, step.family, side, rung_of(state, step), rating, "pain"))
    if rating > _LESS_UP_TO:
        give_up(state)
        return
    if rating <= _STAY_UP_TO:
        answer(state, "pain_stay")
    else:
        _lower_rungs(state)
    _go_back(state)


def _lower_rungs(state: State) -> None:
    """Go one rung down because of pain, or halve the pressure where there is none."""
    side = state.side
    for family in _families(state) - _NO_LADDER:
        if side is None or family != side.step.family:
            state.dials.rungs[family] = state.dials.rungs.get(family, 0) - 1
    if side is None:
        answer(state, "pain_less_there")
        return
    rung = rung_of(state, side.step)
    if rung == 1:
        answer(state, "pain_lightest")
        return
    state.dials.rungs[side.step.family] = rung - 1 - side.step.rung
    answer(state, "pain_less", text=current_rung(state, side.step).text)


def _go_back(state: State) -> None:
    """Go back to where a body word was said: into the halt, or on after a count-in."""
    if state.back_to_halt is not None:
        stopped = state.back_to_halt is Phase.STOPPED
        move(state, Trigger.STOP if stopped else Trigger.PAUSE)
        speak(state, utterance(state, "only_resume_or_finish"))
    elif state.side is not None:
        count_in(state, clock_after=state.clock_after_count)
    elif not is_work_left(state):
        offer(state)
    else:
        proceed(state)


# --- endings


def _ending(state: State, command: Command) -> None:
    _end(state, _KINDS[command.id])


def _end(state: State, line: NotedKind) -> None:
    _note(state, line)
    speak(state, utterance(state, line))
    sum_up(state, "body")


def _swollen(state: State, *, injured: bool) -> None:
    """End; which leg it is, nobody has said: both are out until the user says more."""
    step = None if state.side is None else state.side.step.id
    state.actions.append(Noted("swollen", step, "both"))
    if injured:
        _end(state, "injury")
        return
    speak(state, utterance(state, "swollen"))
    sum_up(state, "body")


# --- numb, and the skin


def _numb(state: State, _command: Command) -> None:
    """Lock the area, and ask in a minute whether the feeling is there again."""
    _note(state, "numb", locked=True)
    _lock(state)
    if state.answers.get(_NUMBING, "no") != "no":
        speak(state, utterance(state, "numb"))
        _see_a_doctor(state)
        return
    must_be_answered(state, FEELING)
    state.ask_at = state.now + NUMB_WAIT
    halt(state, "numb", stop=state.back_to_halt is Phase.STOPPED)


def feeling_answered(state: State, *, yes: bool) -> None:
    """Go on without the numb area, or end where the feeling has not come back."""
    if yes:
        answered(state, FEELING)
        _go_back(state)
    else:
        _see_a_doctor(state)


def _see_a_doctor(state: State) -> None:
    speak(state, utterance(state, "numb_doctor"))
    sum_up(state, "body")


def _blister(state: State, _command: Command) -> None:
    """Lock all pressure on that sole; ankle and calf go on."""
    for dials in (state.dials.barred, state.dials.pained):
        dials.add("stretch")  # the firmest rung of the arch stretch strokes the sole
    if "blister_shoes" not in state.closing:
        state.closing.append("blister_shoes")
    _leave_spot(state, "blister", "blister", SOLE)


def _infected(state: State, _command: Command) -> None:
    _leave_spot(state, "infection", "infected", EVERYTHING)


def _bruise(state: State, _command: Command) -> None:
    _leave_spot(state, "bruise", "bruise")


def _bone(state: State, _command: Command) -> None:
    _leave_spot(state, "bone", "bone")


# --- cramp


def _cramp(state: State, command: Command) -> None:
    """Relieve it at once; nothing else begins before it has let go."""
    _note(state, "cramp")
    state.cramps += 1
    if state.cramps >= state.limits.session.cramps_to_finish:
        speak(state, utterance(state, "cramp_thrice"))
        sum_up(state, "body")
        return
    if _lasts_too_long(state):
        _get_help(state)
        return
    state.cramp = _cramp_now(state, calf=command.value == "calf")
    speak(state, utterance(state, f"cramp_{state.cramp.where}"))
    _interrupt_side(state)
    _relieve(state, state.cramp)


def _cramp_now(state: State, *, calf: bool) -> Cramp:
    """Give the cramp that the user tells of: a new one, or the one that is being relieved."""
    side, known = state.side, state.cramp
    name = UNKNOWN_SIDE if side is None or side.name == "both" else side.name
    if known is None:
        return Cramp("calf" if calf else "arch", name, state.now)
    return replace(known, where="calf" if calf else known.where)


def _interrupt_side(state: State) -> None:
    """End the side under way; it begins again at the lightest rung when the cramp has let go."""
    side = state.side
    if side is None:
        return
    if side.step.family == "cramp":
        state.ahead = what_follows(state, state.position)
    else:
        state.ahead = Place(state.position, side.dose, side.hand_over)
    close_side(state, done=False)
    if side.step.family not in _NO_LADDER:
        state.dials.rungs[side.step.family] = 1 - side.step.rung


def _relieve(state: State, cramp: Cramp) -> None:
    """Begin the relief or, where it has been done as long as it may be, or must not be, wait and ask."""
    relief = replace(state.plan.relief[cramp.where], sides=(cramp.side,))
    if _may_be_done(state, relief):
        begin_side(state, insert(state, state.ahead, relief))
        return
    must_be_answered(state, LET_GO)
    state.ask_at = min(state.now + CRAMP_WAIT, cramp.since + CRAMP_NEEDS_HELP_AFTER)
    halt(state, "cramp_wait")


def _may_be_done(state: State, planned: PlannedStep) -> bool:
    side = planned.sides[0]
    return not is_out(state, planned.step, side) and state.ledger.fitted(planned.step, side, planned.dose) is not None


def _lasts_too_long(state: State) -> bool:
    return state.cramp is not None and state.now - state.cramp.since >= CRAMP_NEEDS_HELP_AFTER


def _get_help(state: State) -> None:
    speak(state, utterance(state, "cramp_help"))
    sum_up(state, "body")


def let_go_answered(state: State, *, yes: bool) -> None:
    """Rub lightly and offer to go on when a cramp has let go; relieve it again when it has not."""
    cramp = state.cramp
    if cramp is None:
        proceed(state)
    elif not yes and _lasts_too_long(state):
        _get_help(state)
    elif not yes:
        speak(state, utterance(state, "cramp_again"))
        _relieve(state, cramp)
    else:
        answered(state, LET_GO)
        state.cramp = None
        _has_let_go(state, cramp)


def _has_let_go(state: State, cramp: Cramp) -> None:
    if state.bars.rubbing_after_cramp and not is_anything_unasked(state):
        _say_rub(state, state.plan.relief[cramp.where].step)
    elif not state.bars.rubbing_after_cramp:
        lock(state, RUBBING, cramp.side)
    if cramp.planned and side_is_unknown(state, state.ahead.position):
        ask(state, WHICH_FOOT)
    elif cramp.planned:
        proceed(state)
    else:
        state.offer_next = True
        _rub(state, cramp)


def _say_rub(state: State, relief: Step) -> None:
    if relief.cues.let_go:
        speak(state, Utterance(relief.cues.let_go), keep=True)


def _rub(state: State, cramp: Cramp) -> None:
    """Rub lightly for a while, where that may be done; then the user is asked whether to go on."""
    planned = replace(state.plan.rub[cramp.where], sides=(cramp.side,))
    if state.unanswered or is_anything_unasked(state) or not _may_be_done(state, planned):
        proceed(state)
        return
    state.dials.rungs[planned.step.family] = 1 - planned.step.rung
    state.dials.barred.add(planned.step.family)
    begin_side(state, insert(state, state.ahead, planned))


def ask_what_is_due(state: State) -> None:
    """Ask what was to be asked after a while; a cramp that has lasted too long by then needs help."""
    if state.ask_at is None or state.now < state.ask_at:
        return
    state.ask_at = None
    question = question_ahead(state)
    if question is not None and question.name == LET_GO.name and _lasts_too_long(state):
        _get_help(state)
    elif question is not None:
        if state.phase is Phase.STOPPED:
            state.back_to_halt = Phase.STOPPED
        ask(state, question)


_REACTIONS: dict[str, Callable[[State, Command], None]] = {
    "pain": _pain,
    "sharp": _sharp,
    "cramp": _cramp,
    "numb": _numb,
    "blister": _blister,
    "infected": _infected,
    "bruise": _bruise,
    "bone": _bone,
    "injury": _ending,
    "dizzy": _ending,
}
_KINDS: dict[str, NotedKind] = {
    "pain": "pain",
    "sharp": "sharp",
    "injury": "injury",
    "cramp": "cramp",
    "numb": "numb",
    "blister": "blister",
    "infected": "infection",
    "bruise": "bruise",
    "dizzy": "dizzy",
    "bone": "bone",
}
_ENDING = frozenset({"injury", "swollen", "dizzy"})
_LOCKING = frozenset({"pain", "sharp", "numb", "blister", "infected", "bruise", "bone"})
_LAST_WORDS: dict[str, tuple[str, ...]] = {
    "pain": ("pain_over",),
    "sharp": ("pain_over",),
    "cramp": ("cramp_arch",),
    "numb": ("numb", "numb_doctor"),
    "blister": ("blister", "blister_shoes"),
    "infected": ("infected",),
    "bruise": ("bruise",),
    "bone": ("bone",),
    "injury": ("injury",),
    "swollen": ("swollen",),
    "dizzy": ("dizzy",),
}
"""What is said to a body word when the session is over already."""
