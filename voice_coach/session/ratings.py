"""How strong it is, from zero to ten: when the coach asks, and what follows from the answer.

Asked half-way through the first step with pressure on each foot, after a rise, and at the end. The work goes on
meanwhile: numbers count for a few seconds after the question, and no answer changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from voice_coach.session.actions import Rated
from voice_coach.session.allowed import is_lightest
from voice_coach.session.hurt import give_up
from voice_coach.session.parts import AfterHarder, AskedRating, Side
from voice_coach.session.phases import NUMBERS, RUNNING, Phase
from voice_coach.session.rungs import STRONG_FROM, current_rung, may_rise, rung_of
from voice_coach.session.state import State, answer, speak, utterance
from voice_coach.session.timeline import LAST_SECONDS

if TYPE_CHECKING:
    from voice_coach.commands.grammar import Command
    from voice_coach.routines.schema import Step

    Asked = Literal["halfway", "after harder", "again", "end", "pain"]

ANSWER_WAIT = 10.0
"""Seconds after the question in which a number counts."""
END_WAIT = 8.0
"""The same for the question at the end; then the session is over."""
BETWEEN = 60.0
"""Seconds between two questions, at least."""
AFTER_HARDER = 10.0
"""Seconds of work on a new rung before the coach asks about it."""
AGAIN_AFTER = 15.0
"""Seconds after a strong rating until the coach asks once more."""
GO_UP_UP_TO = 1
TOO_STRONG_FROM = 6
LOCKED_FROM = 8
PRESSURE = frozenset({"ball", "hand", "roller", "stick"})
"""Families of the steps that press."""
_ASKED_AFTER = frozenset({"finished", "finished_early"})
"""How a session has ended that is asked about."""
_RATED = PRESSURE | {"stretch", "strength"}


def due(state: State) -> float | None:
    """Give when a question, or the end of the time for an answer, is due; None where neither is ahead."""
    question = state.ratings.open
    if question is not None:
        times = [question.until, state.speaking.echo_over_at(state.now)]  # then all numbers count again
        return min((time for time in times if time is not None), default=None)
    wish = _wish(state)
    return None if wish is None else wish[1]


def go_on(state: State) -> None:
    """Ask what is due, and close a question that nobody has answered."""
    _watch_answer(state)
    if state.phase is not Phase.WORK or state.side is None:
        return
    _count_after_harder(state, state.side)
    wish = _wish(state)
    if wish is not None and state.now >= wish[1]:
        asked, _ = wish
        side = state.side
        _ask(state, AskedRating(asked, side.step, side.name, rung_of(state, side.step)), "rating")
        if side.step.family in PRESSURE:
            state.ratings.feet.add(side.name)


def _watch_answer(state: State) -> None:
    """Begin the time for an answer when the question has been said, and end it."""
    question = state.ratings.open
    if question is None:
        return
    if state.phase not in RUNNING and state.phase is not Phase.SUMMARY:
        state.ratings.open = None
    elif question.until is None:
        if state.speaking.silent:
            wait = END_WAIT if question.asked == "end" else ANSWER_WAIT
            state.ratings.open = AskedRating(
                question.asked, question.step, question.side, question.rung, state.now + wait
            )
    elif state.now >= question.until:
        state.ratings.open = None


def _count_after_harder(state: State, side: Side) -> None:
    """Note at which second of this side's dose clock the first seconds on a new rung are done."""
    wish = state.ratings.after_harder
    if wish is None or wish.family != side.step.family:
        return
    if wish.worked is None or wish.side != state.side_number:
        worked = side.worked(state.now)
        seconds = min(AFTER_HARDER, (side.dose.seconds - worked) / 2)
        state.ratings.after_harder = AfterHarder(wish.family, state.side_number, worked + seconds)


def _wish(state: State) -> tuple[Literal["halfway", "after harder", "again"], float] | None:
    """Give the question that is to come on this side, and when; None where there is none, or no time for it."""
    side = state.side
    if state.phase is not Phase.WORK or side is None or side.running_since is None:
        return None
    if state.ratings.open is not None or not state.speaking.silent:
        return None
    wish = _wished(state, side, side.running_since - side.before)
    return wish if wish is not None and _has_time(state, side, wish[1]) else None


def _wished(state: State, side: Side, began: float) -> tuple[Literal["halfway", "after harder", "again"], float] | None:
    ratings = state.ratings
    earliest = state.began if ratings.last_asked is None else ratings.last_asked + BETWEEN
    if ratings.again is not None and ratings.again[0] == side.step.id:
        return "again", max(ratings.again[1], began + min(AFTER_HARDER, side.dose.seconds / 2))
    rise = ratings.after_harder
    if rise is not None and rise.worked is not None and rise.side == state.side_number:
        return "after harder", max(earliest, began + rise.worked)
    first_on_foot = side.step.family in PRESSURE and side.name not in ratings.feet
    if first_on_foot and "halfway" in side.said:
        return "halfway", earliest
    return None


def _has_time(state: State, side: Side, at: float) -> bool:
    """Tell whether a question at `at` would be over before the last seconds of this side are counted."""
    left = side.dose.seconds - side.worked(max(at, state.now)) - LAST_SECONDS
    return left > 0 and left >= state.speaking.seconds(utterance(state, "rating").text)


def _ask(state: State, question: AskedRating, line: str) -> None:
    state.ratings.open = question
    state.ratings.last_asked = state.now
    if question.asked == "after harder":
        state.ratings.after_harder = None
    elif question.asked == "again":
        state.ratings.again = None
    speak(state, utterance(state, line))


def ask_at_end(state: State) -> bool:
    """Ask about the session when its summary is over; False where there is nothing to ask, or not now."""
    ratings = state.ratings
    if ratings.open is not None:
        return True
    recently = ratings.last_asked is not None and state.now - ratings.last_asked < BETWEEN
    worked = _worked_last(state)
    if ratings.asked_at_end or recently or worked is None or state.end_reason not in _ASKED_AFTER:
        return False
    ratings.asked_at_end = True
    step, side = worked
    _ask(state, AskedRating("end", step, side, rung_of(state, step)), "rating_at_end")
    return True


def _worked_last(state: State) -> tuple[Step, str] | None:
    """Give what the question at the end is about: the last side with pressure or, without any, the last of all."""
    worked = [(entry.step, entry.side) for entry in state.ledger.entries if entry.step.family in _RATED]
    pressed = [(step, side) for step, side in worked if step.family in PRESSURE]
    return next(reversed(pressed or worked), None)


def forget(state: State) -> None:
    """Ask nothing that is open or planned: something more important has come."""
    state.ratings.open = None
    state.ratings.after_harder = None
    state.ratings.again = None
    if state.phase is Phase.SUMMARY:
        state.ratings.asked_at_end = True


def note(state: State, step: Step, side: str, rating: int, asked: Asked) -> None:
    """Note a rating: for the history, and because a strong one bars a rise."""
    state.ratings.last, state.ratings.last_at = rating, state.now
    state.actions.append(Rated(step.id, step.family, side, rung_of(state, step), rating, asked))


def rated(state: State, command: Command) -> None:
    """Act on the number that answers the open question."""
    question = state.ratings.open
    if question is None:
        answer(state, "not_now")
        return
    rating = NUMBERS.index(command.id)
    state.ratings.open = None
    note(state, question.step, question.side, rating, question.asked)
    if state.phase is Phase.SUMMARY:
        answer(state, _thanks(rating))
    elif rating >= LOCKED_FROM or (rating >= TOO_STRONG_FROM and question.asked == "again"):
        _leave(state, question)
    elif rating >= TOO_STRONG_FROM:
        _one_rung_down(state, question.step)
    elif rating >= STRONG_FROM:
        answer(state, "rating_enough")
    elif rating <= GO_UP_UP_TO and may_rise(state, question.step):
        answer(state, "rating_go_up")
    else:
        answer(state, "rating_stay")


def _thanks(rating: int) -> str:
    if rating >= LOCKED_FROM:
        return "summary_rated_hurts"
    return "summary_rated_strong" if rating >= TOO_STRONG_FROM else "summary_rated"


def _no_rise_any_more(state: State, step: Step) -> None:
    state.dials.undo = None
    state.dials.barred.add(step.family)
    state.dials.pained.add(step.family)


def _one_rung_down(state: State, step: Step) -> None:
    """Go one rung down at once, or halve the pressure where there is none, and ask once more."""
    _no_rise_any_more(state, step)
    state.ratings.after_harder = None
    state.ratings.again = (step.id, state.now + AGAIN_AFTER)
    rung = rung_of(state, step)
    if is_lightest(state, step):
        answer(state, "rating_lightest")
        return
    state.dials.rungs[step.family] = rung - 1 - step.rung
    answer(state, "rating_less", text=current_rung(state, step).text)


def _leave(state: State, question: AskedRating) -> None:
    """End the step that is too strong, and lock its area; on the other foot, its family goes on as gently as it can."""
    _no_rise_any_more(state, question.step)
    state.dials.rungs[question.step.family] = -len(question.step.ladder)
    forget(state)
    give_up(state, "rating_too_strong", (question.step, question.side))
