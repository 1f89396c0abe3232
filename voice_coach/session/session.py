"""A session: events go in with the time, actions come out, and the next deadline is a value.

There is no clock, thread, device or file in here. Whoever runs a session calls `receive` when something happens
and `tick` when `deadline` is reached, and carries out the actions that both give.

    session = Session(plan, grammar)
    actions = session.begin(now=0.0)
    actions += session.receive(Heard(Command("pause")), now=12.5)
    actions += session.tick(session.deadline)

Times are seconds since any fixed moment, as float; they never go back. The same events at the same times always
give the same actions, so a session can be replayed from its events.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voice_coach.commands.grammar import as_spoken
from voice_coach.session import (
    absence,
    answering,
    asking,
    attention,
    body,
    cramp,
    cues,
    dials,
    flow,
    minutes,
    opening,
    questions,
    ratings,
    remaining,
    resuming,
    saving,
    steering,
    tailoring,
)
from voice_coach.session.easing import eased
from voice_coach.session.events import (
    CutOff,
    Event,
    Heard,
    IllegalEventError,
    NotUnderstood,
    Slept,
    SpeechEnded,
    TakenUp,
    VoiceSwitched,
)
from voice_coach.session.ledger import Ledger, used_up
from voice_coach.session.manner import USUAL_MANNER, Manner
from voice_coach.session.parts import Dials
from voice_coach.session.phases import AWAKE, BODY, NUMBERS, RATING_COMMANDS, REFUSED, RUNNING, Phase
from voice_coach.session.rungs import rung_of
from voice_coach.session.snapshot import Snapshot, snapshot
from voice_coach.session.speaking import Speaking
from voice_coach.session.state import (
    State,
    active_commands,
    answer,
    hush,
    is_own_words,
    legal_commands,
    may_have_said,
    next_mark,
    show,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from voice_coach.commands.grammar import Command, Grammar
    from voice_coach.session.actions import Action
    from voice_coach.session.plan import Plan

_HANDLERS: dict[str, Callable[[State, Command], None]] = {
    "start": steering.start,
    "next": steering.next_,
    "skip": steering.skip,
    "back": steering.back,
    "repeat": steering.repeat,
    "pause": steering.pause,
    "resume": steering.resume,
    "finish": steering.finish,
    "stop": steering.stop,
    "harder": dials.harder,
    "easier": dials.easier,
    "longer": dials.longer,
    "shorter": dials.shorter,
    "faster": dials.faster,
    "slower": dials.slower,
    "more_time": dials.more_time,
    "undo": dials.undo,
    "have_minutes": minutes.have_minutes,
    "save_that": saving.save_that,
    "only_have": tailoring.only_have,
    "no_tool": tailoring.no_tool,
    "place": tailoring.stay_at,
    "only_side": tailoring.only_side,
    "how_long": asking.how_long,
    "whats_after": asking.whats_after,
    "which_foot": asking.which_foot,
    "what_can_i_say": asking.what_can_i_say,
    "why": asking.why,
    "details": asking.details,
    "louder": attention.speak_differently,
    "quieter": attention.speak_differently,
    "talk_faster": attention.speak_differently,
    "talk_slower": attention.speak_differently,
    "stop_listening": attention.stop_listening,
    "start_listening": attention.start_listening,
    "cancel": attention.cancel,
    "callus": body.callus,
    **dict.fromkeys(BODY, body.body_word),
    **dict.fromkeys(NUMBERS, ratings.rated),
}
_SILENT = BODY | {"stop"}
"""Commands that silence everything; no sound tells that they were accepted."""

KNOWN_COMMANDS = frozenset(_HANDLERS) | questions.ANSWERS
"""Ids of the commands that a session understands in one state or another."""


@dataclass(frozen=True, slots=True)
class View:
    """What there is to see of a session at one moment. Times are seconds."""

    phase: Phase
    step: str | None
    side: str | None
    rung: int | None
    rung_text: str | None
    left: float | None
    """Seconds left of this side's dose, or of the count-in; None where nothing is counted."""
    planned: float | None
    left_in_all: float
    after: str | None
    """Name of the step that comes after this one."""
    number: int
    of: int


class Session:
    """One session of the coach.

    Args:
        plan: what it sets out to do.
        grammar: every phrase of every command, to know which of them a line of the coach holds.
        words_per_second: of the voice; None where lines take no time, as in text.
        manner: how the voice speaks at first.
    """

    def __init__(
        self,
        plan: Plan,
        grammar: Grammar,
        words_per_second: float | None = None,
        manner: Manner = USUAL_MANNER,
    ) -> None:
        self._state = State(
            plan=plan,
            speaking=Speaking(words_per_second),
            ledger=Ledger(
                plan.limits,
                plan.routine.caps,
                today=plan.before.seconds_today,
                used_up=used_up(plan.limits, plan.before),
            ),
            dials=_dials(plan),
            grammar=grammar,
            steps=list(eased(plan).steps),
            dropped=list(plan.dropped),
            notices=list(plan.changes),
            noted_minutes=plan.told_minutes,
            minutes=plan.minutes,
            dose_factor=plan.before.dose_factor,
            missing=plan.missing,
            place=plan.place,
            bars=plan.bars,
            answers=dict(plan.answers),
            manner=manner,
        )
        self._heeded = True

    @property
    def over(self) -> bool:
        return self._state.phase is Phase.ENDED

    @property
    def heeded(self) -> bool:
        """Tell whether the last event meant anything; one that did not has changed nothing."""
        return self._heeded

    @property
    def phase(self) -> Phase:
        return self._state.phase

    @property
    def active(self) -> frozenset[str]:
        """Ids of the commands that count now when they are heard."""
        return active_commands(self._state)

    @property
    def answers(self) -> Mapping[str, str]:
        """Id of a first question or a flag -> what the user has told, as far as this session knows it."""
        return self._state.answers

    @property
    def asks(self) -> str | None:
        """Name of the question whose answer is waited for."""
        question = self._state.question
        return None if question is None or self._state.phase is not Phase.QUESTION else question.name

    @property
    def legal(self) -> frozenset[str]:
        """Ids of the commands that have a meaning in this phase."""
        legal = legal_commands(self._state)
        return legal & AWAKE if self._state.asleep else legal

    @property
    def listened_for(self) -> frozenset[str]:
        """Ids of the commands to listen for: those with a meaning, and those that are only answered."""
        refused = frozenset() if self._state.asleep else REFUSED.get(self._state.phase, frozenset())
        return self.legal | refused

    @property
    def deadline(self) -> float | None:
        """When `tick` is due next; None while only an event can change anything."""
        state = self._state
        running = state.phase in RUNNING
        left = state.limits.session.end_after - state.elapsed
        times = [
            next_mark(state),
            state.speaking.overdue,
            state.speaking.due,
            state.count_at,
            state.timer if _timer_counts(state) else None,
            state.ask_at if state.phase in (Phase.PAUSED, Phase.STOPPED) else None,
            ratings.due(state),
            state.speaking.ears_open_at(state.now),
            state.now + left if running else None,
        ]
        return min((time for time in times if time is not None), default=None)

    def begin(self, now: float) -> list[Action]:
        """Begin the session.

        Raises:
            IllegalEventError: it has begun before.
        """
        state = self._state
        if state.phase is not Phase.NEW:
            raise IllegalEventError("a session begins only once")
        state.now = state.began = now
        opening.begin_session(state)
        return self._settle()

    def receive(self, event: Event, now: float) -> list[Action]:
        """Take an event in, and give the actions that follow from it.

        Raises:
            IllegalEventError: the session has not begun or is over, or the time goes back, or the event speaks of a
                line that was never said. Nothing has changed.
        """
        state = self._state
        self._check(event, now)
        self._heeded = True
        actions = self.tick(now) if self._is_due(now) else []
        if state.phase is Phase.ENDED:
            return actions
        state.now = now
        self._take_in(event)
        return actions + self._settle() if self._heeded else actions

    def tick(self, now: float) -> list[Action]:
        """Do everything that is due by `now`, each thing as of the moment at which it was due: nothing drifts."""
        actions: list[Action] = []
        while self._is_due(now):
            deadline = self.deadline
            self._state.now = max(self._state.now, deadline if deadline is not None else now)
            actions += self._settle()
        self._state.now = max(self._state.now, now)
        return actions

    def upcoming(self) -> list[tuple[str, float | None]]:
        """Give the lines that are likely to be said soon, as (text, beat), for rendering ahead."""
        return cues.upcoming(self._state)

    def snapshot(self) -> Snapshot:
        """Give where the session stands, for going on with it after the program has died; nothing changes."""
        return snapshot(self._state)

    def view(self, now: float) -> View:
        """Give what there is to see at `now`; nothing changes."""
        state = self._state
        side = state.side
        counting = state.phase is Phase.COUNT_IN and state.timer is not None and state.count_at is None
        left = None if side is None else side.dose.seconds - side.worked(now)
        if counting and state.timer is not None:
            left = state.timer - now
        return View(
            phase=state.phase,
            step=None if side is None else side.step.name,
            side=None if side is None else side.name,
            rung=None if side is None else rung_of(state, side.step),
            rung_text=None if side is None else side.step.ladder[rung_of(state, side.step) - 1].text,
            left=left,
            planned=None if side is None else side.dose.seconds,
            left_in_all=remaining.seconds_in_all(state, now),
            after=asking.name_after(state),
            number=state.position.step + 1,
            of=len(state.steps),
        )

    def _take_in(self, event: Event) -> None:
        state = self._state
        if isinstance(event, Heard):
            self._heard(event)
        elif isinstance(event, SpeechEnded):
            self._speech_ended(event.token)
        elif isinstance(event, NotUnderstood):
            attention.not_understood(state, typed=event.typed)
        elif isinstance(event, VoiceSwitched):
            attention.switch_voice(state)
        elif isinstance(event, Slept):
            absence.slept(state, event.seconds)
        elif isinstance(event, CutOff):
            resuming.cut_off(state, event.unknown)
        elif isinstance(event, TakenUp):
            state.speaking.words_per_second, state.manner = event.words_per_second, event.manner
            attention.wake(state)
            resuming.take_up(state, asks=event.asks)
        else:
            hush(state, urgent=True)
            ratings.forget(state)
            if state.phase is not Phase.SUMMARY:
                flow.sum_up(state, "interrupted")

    def _check(self, event: Event, now: float) -> None:
        state = self._state
        if state.phase in (Phase.NEW, Phase.ENDED):
            raise IllegalEventError(f"a {state.phase.value} session takes no events")
        if now < state.now:
            raise IllegalEventError(f"the time goes back from {state.now} to {now}")
        if isinstance(event, SpeechEnded) and not self._is_due(now):
            self._check_token(event.token)

    def _check_token(self, token: int) -> None:
        if not 0 < token <= self._state.speaking.token:
            raise IllegalEventError(f"line {token} was never said")

    def _is_due(self, now: float) -> bool:
        deadline = self.deadline
        return not self.over and deadline is not None and deadline <= now

    def _heard(self, event: Heard) -> None:
        state, command = self._state, event.command
        legal = legal_commands(state)
        unheeded = self._is_doubled(command) or self._sleeps_through(event)
        if unheeded or (not event.typed and self._is_echo(event, legal)):
            self._heeded = False
            return
        state.missed.in_a_row = 0
        state.last_command = (command, state.now)
        state.heard_at[command] = state.now
        if command.id not in legal:
            _refuse(state, command)
            return
        state.speaking.draw_breath(state.now)
        slept = state.asleep
        if command.id in _SILENT:
            attention.wake(state)
        if command.id in _SILENT or (state.phase is Phase.SUMMARY and command.id not in RATING_COMMANDS):
            ratings.forget(state)
        is_answer = state.question is not None and command.id in state.question.answers
        if is_answer and state.phase is Phase.QUESTION and command.id not in _SILENT:
            answering.answered(state, command)
        else:
            _HANDLERS[command.id](state, command)
        if command.id not in _SILENT:
            attention.sound(state, "listening" if slept and not state.asleep else "accepted")

    def _is_echo(self, event: Heard, legal: frozenset[str]) -> bool:
        """Tell whether the coach has heard itself, or a command that does not count while it says what it says."""
        state = self._state
        if event.text == "stop" and not may_have_said(state, event.text):
            # lists of commands hold the word, and nobody must have to wait for their end
            return False
        if event.text and is_own_words(state, as_spoken(event.text)):
            return True
        return event.command.id in legal and event.command.id not in active_commands(state)

    def _sleeps_through(self, event: Heard) -> bool:
        """Tell whether the coach is asleep, and this is nothing that wakes it."""
        return self._state.asleep and not event.typed and event.command.id not in AWAKE

    def _is_doubled(self, command: Command) -> bool:
        """Tell whether this is an echo of a command: two equal ones in a short time count as one.

        Stop and body words are only echoes where nothing else has been heard in between.
        """
        state = self._state
        at = state.heard_at.get(command)
        if command.id in _SILENT and state.last_command is not None and state.last_command[0] != command:
            return False
        return at is not None and state.now - at < state.limits.equal_commands_within

    def _speech_ended(self, token: int) -> None:
        state = self._state
        more = state.speaking.ended(token, state.now)
        if more is not None:
            state.actions += more

    def _settle(self) -> list[Action]:
        """Let everything follow that follows by itself now, and hand over the actions."""
        state = self._state
        overdue = state.speaking.overdue
        if overdue is not None and state.now >= overdue:
            self._speech_ended(state.speaking.token)
        if state.phase in RUNNING and state.elapsed >= state.limits.session.end_after:
            flow.limit_reached(state)
        state.actions += state.speaking.go_on(state.now)
        while True:
            before = (state.phase, state.side_number, state.timer, state.count_at, state.speaking.token)
            _advance(state)
            if before == (state.phase, state.side_number, state.timer, state.count_at, state.speaking.token):
                break
        if state.phase is not Phase.ENDED:
            show(state)
        actions, state.actions = state.actions, []
        return actions


def _dials(plan: Plan) -> Dials:
    """Give the dials as this session begins."""
    tempo = plan.limits.tempo.stroke
    stroke = max(tempo.least, min(plan.routine.stroke or tempo.usual, tempo.most))
    rungs = dict(plan.before.rungs)
    return Dials(stroke=stroke, rungs=rungs, rungs_before=dict(rungs))


def _refuse(state: State, command: Command) -> None:
    """Answer a command that does not count in this phase: with what does."""
    if state.phase is Phase.QUESTION and state.question is not None and state.question.short:
        questions.ask_in_short(state, state.question)
    elif state.phase is Phase.QUESTION:
        asking.what_can_i_say(state, command)
    else:
        waits = state.phase is Phase.PAUSED and bool(state.unanswered or state.opening)
        answer(state, "only_resume_or_finish" if waits or state.phase is Phase.STOPPED else "not_now")


def _timer_counts(state: State) -> bool:
    """Tell whether the timer of this phase is a deadline: time to get in place may be over and speech not."""
    waits_for_silence = state.phase in (Phase.SETUP, Phase.SWITCH) and not state.speaking.silent
    return not (waits_for_silence and state.timer is not None and state.timer <= state.now)


def _advance(state: State) -> None:
    """Do what this phase does by itself, at this moment."""
    ratings.go_on(state)
    if state.phase is Phase.GREETING and state.speaking.silent:
        opening.go_on(state)
    elif state.phase in (Phase.SETUP, Phase.SWITCH):
        flow.setup_over(state)
    elif state.phase is Phase.COUNT_IN:
        flow.counting(state)
    elif state.phase is Phase.GO and state.speaking.silent:
        flow.start_clock(state)
    elif state.phase is Phase.WORK:
        flow.work(state)
        ratings.go_on(state)
    elif state.phase is Phase.QUESTION:
        answering.wait(state)
    elif state.phase in (Phase.PAUSED, Phase.STOPPED):
        cramp.ask_what_is_due(state)
    elif state.phase is Phase.SUMMARY and state.speaking.silent and not ratings.ask_at_end(state):
        flow.end(state)
