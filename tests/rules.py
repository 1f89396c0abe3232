"""What no session may do, whoever comes and whatever is said: each rule gives a sentence for every breach.

The rules are those of the content, with the numbers of `oracle.py`; they look only at what a session was told and at
what it did.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests import oracle
from voice_coach.session.actions import DoseEnded, Noted, ProfileAnswered, Rated, StateChanged, StepBegan
from voice_coach.session.phases import Phase
from voice_coach.testing import Happened, MovedSession

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.scripted_people import Said, Visit
    from voice_coach.session.actions import Action
    from voice_coach.testing import LineSeconds

OVER = (Phase.SUMMARY, Phase.ENDED)
CRAMPS = ("cramp_arch", "cramp_calf")
PRESSES = oracle.FAMILIES["ball"] | oracle.FAMILIES["hand"] | oracle.FAMILIES["roller"] | oracle.FAMILIES["stick"]


@dataclass(frozen=True)
class Moment:
    """A word, and how the session stood before and after it.

    Attributes:
        events: number of events before the word, and after everything that it has brought about at once.
    """

    at: float
    text: str
    command: str
    asks: str | None
    before: StateChanged
    after: StateChanged
    events: tuple[int, int]
    counted: bool
    legal: frozenset[str]


class Watched(MovedSession):
    """A session of which every word is noted, with what it was said to."""

    def __init__(self, visit: Visit, line_seconds: LineSeconds) -> None:
        self.moments: list[Moment] = []
        self._ratings = list(visit.ratings)
        super().__init__(visit.plan, line_seconds=line_seconds)
        self._answers = dict(visit.replies)
        self._silence()

    def _silence(self) -> None:
        """Answer how strong it is, too, where the coach has asked."""
        super()._silence()
        asked = "six" in self.session.active and self.session.asks is None
        if asked and self._ratings:
            self.type(self._ratings.pop(0))

    def type(self, text: str) -> list[Action]:
        command = self._grammar.match_typed(text)
        asks, legal = self.session.asks, self.session.legal
        first = len(self.record.events)
        before = self.state
        before_that = [m for m in self.moments if m.text == text and self.now - m.at < 2.0]
        actions = super().type(text)
        id_ = "" if command is None else command.id
        span = (first, len(self.record.events))
        self.moments.append(
            Moment(self.now, text, id_, asks, before, self.state, span, id_ in legal and not before_that, legal)
        )
        return actions


def visited(visit: Visit, said: list[Said], line_seconds: LineSeconds) -> Watched:
    """Let somebody live through a session, until it is over or waits for somebody."""
    moved = Watched(visit, line_seconds)
    while visit.silent_at_first and moved.session.phase is not Phase.WORK and moved.due is not None:
        moved.move_to(moved.due)
    for wait, text in said:
        moved.move_by(wait)
        if moved.session.over:
            return moved
        moved.type(text)
    moved.move_to_end()
    return moved


def broken_rules(visit: Visit, moved: Watched) -> list[str]:
    """Give a sentence for every rule that the session has broken."""
    before_a_run = visit.routine.id == "pre_run"
    record, before = moved.record, visit.before
    return [
        *oracle.broken_caps(record, before_a_run=before_a_run),
        *oracle.broken_own_caps(record, visit.routine.caps),
        *oracle.broken_days(
            record,
            before.seconds_today,
            massages=before.massages_today,
            arch_stretches=before.arch_stretches_today,
        ),
        *bars_passed(visit, moved),
        *rungs_passed(visit, moved),
        *rises(moved),
        *rises_where_barred(moved),
        *strong_ratings_without_effect(moved),
        *locks_passed(moved),
        *work_in_a_cramp(moved),
        *rubbed_after_a_cramp(visit, moved),
        *deaf(moved),
        *badly_ended(moved),
        *feet_not_looked_at(moved),
    ]


def states(moved: Watched, since: int = 0) -> Iterator[tuple[float, StateChanged]]:
    for event in moved.record.events[since:]:
        if isinstance(event, Happened) and isinstance(event.action, StateChanged):
            yield event.at, event.action


def works(moved: Watched, since: int = 0) -> Iterator[tuple[float, str, str]]:
    """Give each step and side at which work began, from an event on."""
    for at, state in states(moved, since):
        if state.phase is Phase.WORK and state.step is not None and state.side is not None:
            yield at, state.step, state.side


def bars_passed(visit: Visit, moved: Watched) -> Iterator[str]:
    """Barred steps and sides are never worked on, from the answer on."""
    answers = dict(visit.person.answers)
    for event in moved.record.events:
        action = event.action if isinstance(event, Happened) else None
        if isinstance(action, ProfileAnswered):
            answers[action.question] = action.answer
        elif isinstance(action, StateChanged) and action.phase is Phase.WORK and action.step and action.side:
            if oracle.is_barred(action.step, action.side, answers):
                yield f"{action.step}, {action.side}, is worked on at {event.at:.2f}, after {answers}"
            if action.rung is not None and action.rung > oracle.highest_rung(action.step, answers):
                yield f"{action.step} is on rung {action.rung} at {event.at:.2f}, after {answers}"


def rungs_passed(visit: Visit, moved: Watched) -> Iterator[str]:
    """No rung is above the routine's ceiling, and never more than two above where the step begins."""
    routine = visit.routine
    written = {entry.step: entry.rung or oracle.DEFAULT_RUNG[entry.step] for entry in routine.steps}
    twice = {entry.step for entry in routine.steps if sum(e.step == entry.step for e in routine.steps) > 1}
    for at, state in states(moved):
        if state.step is None or state.rung is None:
            continue
        if state.rung > min(routine.rung_ceiling, 4) or (routine.id == "sore_foot_daily" and state.rung > 2):
            yield f"{state.step} is on rung {state.rung} at {at:.2f}, over the routine's ceiling"
        begins = max(written.get(state.step, 0), oracle.DEFAULT_RUNG[state.step])
        family = oracle.family_of(state.step)
        begins = max(1, begins + visit.before.rungs.get(family or "", 0))
        if state.step not in twice and state.rung > begins + oracle.RUNGS_UP:
            yield f"{state.step} is on rung {state.rung} at {at:.2f}, more than two above {begins}"
        if not oracle.STROKES[0] <= state.stroke <= oracle.STROKES[1]:
            yield f"{state.stroke} seconds for a stroke at {at:.2f}"


def rises(moved: Watched) -> Iterator[str]:
    """The rung rises twice in a session at most, and not within twenty seconds of the last time, except by undo."""
    harder = [
        moment
        for moment in moved.moments
        if moment.command == "harder"
        and moment.before.rung is not None
        and moment.after.rung is not None
        and (moment.before.step, moment.before.side) == (moment.after.step, moment.after.side)
        and moment.after.rung > moment.before.rung
    ]
    undone = sum(moment.command in ("undo", "cancel") for moment in moved.moments)
    if len(harder) > oracle.RUNGS_UP + undone:
        yield f"the rung rose {len(harder)} times"
    for one, other in itertools.pairwise(harder):
        if other.at - one.at < oracle.SECONDS_BETWEEN_RISES - oracle.ROUNDING:
            yield f"the rung rose at {one.at:.2f} and at {other.at:.2f}"


def rises_where_barred(moved: Watched) -> Iterator[str]:
    """After easier, a body word or a rating of four or more nothing rises in that family, except by undoing easier."""
    watch = _Rises()
    by_event = {moment.events[0]: moment for moment in moved.moments}
    word: Moment | None = None
    for number, event in enumerate(moved.record.events):
        word = by_event.get(number, word)
        if not isinstance(event, Happened):
            continue
        watch.bar(event.action)
        if isinstance(event.action, StateChanged):
            said = word if word is not None and word.at == event.at else None
            yield from watch.shown(event.at, event.action, said)


@dataclass
class _Rises:
    """What bars a rise in a family, and the rung that each step had last.

    Attributes:
        barred: family -> `body` for a body word or a strong rating, `easier` for that.
        last_rating: the last of all ratings.
        rungs: step -> rung.
    """

    barred: dict[str, str] = field(default_factory=dict)
    last_rating: int = 0
    rungs: dict[str, int] = field(default_factory=dict)

    def bar(self, action: Action) -> None:
        if isinstance(action, Rated):
            self.last_rating = action.rating
            if action.rating >= 6:
                self.barred[action.family] = "body"
        elif isinstance(action, Noted) and action.kind != "callus":
            self.barred |= dict.fromkeys([action.family] if action.family else oracle.FAMILIES, "body")

    def shown(self, at: float, state: StateChanged, word: Moment | None) -> Iterator[str]:
        if state.step is None or state.rung is None:
            return
        family = oracle.family_of(state.step) or ""
        said = "" if word is None else word.command
        if state.rung > self.rungs.get(state.step, state.rung) and said not in REPLANNED:
            yield from self._risen(f"{state.step} rose to rung {state.rung} at {at:.2f}", family, said)
        if said in TAKE_BACK and self.barred.get(family) == "easier":
            del self.barred[family]
        elif said == "easier" and word is not None and word.counted:
            self.barred.setdefault(family, "easier")
        self.rungs[state.step] = state.rung

    def _risen(self, what: str, family: str, said: str) -> Iterator[str]:
        if self.barred.get(family) == "body":
            yield f"{what}, after a body word or a strong rating"
        elif family in self.barred and said not in TAKE_BACK:
            yield f"{what}, after easier"
        elif self.last_rating >= 4 and said == "harder":
            yield f"{what}, after a rating of {self.last_rating}"


TAKE_BACK = frozenset({"undo", "cancel"})
REPLANNED = frozenset({"only_have", "no_tool", "place"})
"""Words that bring another way to do a step, with a ladder of its own."""


def strong_ratings_without_effect(moved: Watched) -> Iterator[str]:
    """A rating of six or more in the work, and of four or more after pain, lowers the rung or ends the step."""
    events = moved.record.events
    for number, event in enumerate(events):
        rated = event.action if isinstance(event, Happened) else None
        if not isinstance(rated, Rated) or rated.asked == "end" or rated.rating < (4 if rated.asked == "pain" else 6):
            continue
        if rated.family == "check":
            # A look at the feet presses nothing and is never left out; what presses is closed instead.
            continue
        now = [one.action for one in events[number:] if isinstance(one, Happened) and one.at == event.at]
        ended = any(isinstance(action, DoseEnded) and not action.done for action in now)
        shown = [action for action in now if isinstance(action, StateChanged)]
        state = shown[0] if shown else None
        lowest = rated.rung == 1
        lower = state is not None and state.step == rated.step and state.rung is not None and state.rung < rated.rung
        must_end = rated.rating >= (6 if rated.asked in ("pain", "again") else 8)
        before = [one for at, one in states(moved) if at <= event.at]
        was_here = bool(before) and (before[-1].step, before[-1].side) == (rated.step, rated.side)
        if must_end:
            for at, step, side in works(moved, number):
                if (step, side) == (rated.step, rated.side):
                    yield f"{step}, {side}, goes on at {at:.2f} after a {rated.rating} at {event.at:.2f}"
                    break
        elif was_here and not (ended or lower or lowest):
            yield f"{rated.step} stays on rung {rated.rung} after a {rated.rating} at {event.at:.2f}"


def locks_passed(moved: Watched) -> Iterator[str]:
    """What a word has locked while it was worked on is not worked on again."""
    for moment in moved.moments:
        before = moment.before
        locks = moment.command in oracle.LOCKING or moment.command == "blister"
        if not locks or not moment.counted or before.phase is not Phase.WORK or not before.step or not before.side:
            continue
        out = oracle.locked_by(moment.command, before.step)
        for at, step, side in works(moved, moment.events[0] + 1):
            if step in out and ("left" in (side, before.side)) + ("right" in (side, before.side)) < 2:
                yield f"{step}, {side}, is worked on at {at:.2f}, after {moment.text!r} on {before.step}, {before.side}"
    yield from notes_passed(moved)


def notes_passed(moved: Watched) -> Iterator[str]:
    """What is noted as locked is not worked on again, nor rubbed by a step that works on something else."""
    locked: set[tuple[str, str]] = set()
    for event in moved.record.events:
        action = event.action if isinstance(event, Happened) else None
        if isinstance(action, Noted) and action.locked and action.step and action.side:
            areas = [steps for steps in oracle.AREAS.values() if action.step in steps]
            out = set(oracle.SOLE) if action.kind == "blister" else set().union(*areas)
            if action.step == "foot_check" and action.kind == "pain":
                out = set(oracle.PRESSING)
            locked |= {(step, action.side) for step in out}
        elif isinstance(action, StateChanged) and action.phase is Phase.WORK and action.step and action.side:
            side = oracle.legs_worked(action)
            feet = ("left", "right", "both", "one") if side in ("both", "one") else (side, "both", "one")
            rubs = (action.step, action.rung) in oracle.RUBS
            if rubs and any(("thumb_sole", foot) in locked for foot in feet):
                yield f"{action.step}, {action.side}, rubs at {event.at:.2f}, though the sole is locked"
            if any((action.step, foot) in locked for foot in feet):
                yield f"{action.step}, {action.side}, is worked on at {event.at:.2f}, though it is locked"


def work_in_a_cramp(moved: Watched) -> Iterator[str]:
    """Until a cramp has let go nothing but its relief is done."""
    for number, moment in enumerate(moved.moments):
        if moment.command != "cramp" or not moment.counted or moment.before.phase in OVER:
            continue
        later = moved.moments[number + 1 :]
        gone = next((one for one in later if one.asks == "let go" and one.command == "yes"), None)
        end = len(moved.record.events) if gone is None else gone.events[0]
        for event in moved.record.events[moment.events[0] + 1 : end]:
            state = event.action if isinstance(event, Happened) else None
            if isinstance(state, StateChanged) and state.phase is Phase.WORK and state.step not in CRAMPS:
                yield f"{state.step} is worked on at {event.at:.2f}, in the cramp of {moment.at:.2f}"


def rubbed_after_a_cramp(visit: Visit, moved: Watched) -> Iterator[str]:
    """Whoever is pregnant is not rubbed where it has cramped."""
    if visit.person.answers.get("pregnant", "no") == "no":
        return
    sides: set[str] = set()
    for at, step, side in works(moved):
        if step in CRAMPS:
            sides |= {"left", "right"} if side in ("one", "both") else {side}
        elif step in oracle.FAMILIES["hand"] and (side in sides or (side in ("one", "both") and sides)):
            yield f"{step}, {side}, is rubbed at {at:.2f} after a cramp"


def deaf(moved: Watched) -> Iterator[str]:
    """Stop and body words count always, and easier wherever the session runs or stands still."""
    for moment in moved.moments:
        phase = moment.before.phase
        if phase in (Phase.NEW, Phase.ENDED):
            continue
        missing = oracle.CUTS_ANYTHING - moment.legal
        if missing:
            yield f"{sorted(missing)} would not have counted at {moment.at:.2f}, {phase}"
        asleep = "start_listening" in moment.legal and "callus" not in moment.legal
        if phase is not Phase.SUMMARY and not asleep and "easier" not in moment.legal:
            yield f"easier would not have counted at {moment.at:.2f}, {phase}"
        if moment.command == "easier" and phase is not Phase.SUMMARY and moment.counted and not asleep:
            before, after = moment.before, moment.after
            same = (before.step, before.side) == (after.step, after.side)
            if any(moment.events[0] < other.events[0] < moment.events[1] for other in moved.moments):
                continue  # a question was answered at the same moment, and lowered it, too
            # one calf is the lightest there is where the other must not be rolled
            alone = (before.step, (before.rung or 0) - 1) in oracle.BOTH_AT_ONCE and after.rung == before.rung
            if before.rung is not None and same and after.rung != max(1, before.rung - 1) and not alone:
                yield f"easier at {moment.at:.2f} took {before.step} from rung {before.rung} to {after.rung}"
        stopped = phase is Phase.SUMMARY or moment.after.phase is Phase.STOPPED
        if moment.command == "stop" and moment.counted and not stopped:
            yield f"stop at {moment.at:.2f} left the session {moment.after.phase}"


def badly_ended(moved: Watched) -> Iterator[str]:
    """Words that end a session end it for good, with no work after them."""
    for moment in moved.moments:
        if moment.command not in oracle.ENDS_FOR_GOOD or not moment.counted or moment.before.phase is Phase.ENDED:
            continue
        if any(True for _ in works(moved, moment.events[0] + 1)):
            yield f"work goes on after {moment.text!r} at {moment.at:.2f}"
        ended = moved.record.ended
        if ended is not None and (ended.resumable or ended.reason != "body"):
            yield f"after {moment.text!r} the session ended as {ended}"
    pains = [m for m in said(moved, "pain", "sharp") if not (m.command == "sharp" and m.asks == "pain")]
    for word, counted, most in (("pain", pains, 2), ("cramp", new_cramps(moved), 3)):
        if len(counted) >= most:
            last = counted[most - 1]
            if last.after.phase not in OVER:
                yield f"{word} number {most} at {last.at:.2f} left the session {last.after.phase}"
            if moved.record.ended is not None and moved.record.ended.resumable:
                yield f"after {word} number {most} the session can be resumed"


def said(moved: Watched, *words: str) -> list[Moment]:
    return [m for m in moved.moments if m.command in words and m.counted and m.before.phase not in OVER]


def new_cramps(moved: Watched) -> list[Moment]:
    """Give the words for a cramp that are not about one that is being relieved, or has not let go yet."""
    new, heard_of = [], False
    for before, moment in zip((None, *moved.moments), moved.moments, strict=False):
        since = 0 if before is None else before.events[0]
        relieved = (
            event.action for event in moved.record.events[since : moment.events[0]] if isinstance(event, Happened)
        )
        heard_of = heard_of or any(isinstance(one, StepBegan) and one.step in CRAMPS for one in relieved)
        if moment.asks == "let go" and moment.command == "yes":
            heard_of = False
        elif moment.command == "cramp" and moment.counted and moment.before.phase not in OVER:
            new += [] if heard_of else [moment]
            heard_of = True
    return new


def feet_not_looked_at(moved: Watched) -> Iterator[str]:
    """After twenty minutes, or a long pause, no step begins before the feet have been looked at."""
    running, halted, last, looked = 0.0, 0.0, 0.0, 0.0
    phase = Phase.NEW
    for event in moved.record.events:
        running += 0.0 if phase in STANDING else event.at - last
        halted += event.at - last if phase in STANDING else 0.0
        last = event.at
        action = event.action if isinstance(event, Happened) else None
        if isinstance(action, StateChanged):
            phase = action.phase
            halted = halted if phase in STANDING else 0.0
        elif isinstance(action, StepBegan) and action.step == "foot_check":
            looked = running
        elif isinstance(action, StepBegan) and action.step not in CRAMPS:
            if running - looked >= oracle.FOOT_CHECK_AFTER + oracle.ROUNDING:
                yield f"{action.step} begins at {event.at:.2f}, {running - looked:.0f} s after the feet were looked at"
            if halted > oracle.FOOT_CHECK_AFTER_PAUSE + oracle.ROUNDING:
                yield f"{action.step} begins at {event.at:.2f}, {halted:.0f} s stood still, without a look at the feet"


STANDING = (Phase.NEW, Phase.PAUSED, Phase.STOPPED, Phase.QUESTION, *OVER)
