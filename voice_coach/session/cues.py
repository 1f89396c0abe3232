"""What is spoken of a step: its setup, its first cue, the cues in the work, and what may be said soon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.routines.schema import HoldDose
from voice_coach.session.greeting import greeting
from voice_coach.session.phases import Phase
from voice_coach.session.route import relieving
from voice_coach.session.rungs import current_rung, may_rise, rung_of
from voice_coach.session.speaking import Utterance
from voice_coach.session.state import CHECK, GREETING, chime, speak, utterance
from voice_coach.session.timeline import LAST_SECONDS
from voice_coach.session.wording import sentence, spoken_number, spoken_side

if TYPE_CHECKING:
    from voice_coach.routines.schema import Step
    from voice_coach.session.state import State
    from voice_coach.session.timeline import Mark


def speak_setup(state: State, *, change: bool) -> None:
    """Say what comes and how to get in place; for the other foot, only that it is its turn."""
    side = state.side
    if side is None:
        return
    if change:
        speak(state, utterance(state, "change_feet"), keep=True)
        return
    if relieving(state):
        return
    if side.step.setup > 0:
        line = "first_step" if state.side_number == 1 else "coming_up"
        speak(state, utterance(state, line, name=side.step.name), keep=True)
    setup = _setup_text(state, side.step, side.name)
    if setup:
        speak(state, Utterance(setup), keep=True)
    _offer_a_rung(state, side.step)


def _setup_text(state: State, step: Step, side: str) -> str:
    """Give how to get in place; where one stands on this rung and sits on the usual one, or the other way, the rung."""
    rung = current_rung(state, step)
    if rung.setup and state.plan.catalogue.steps[step.id].cues.setup == step.cues.setup:
        return sentence(rung.setup.format(side=spoken_side(side)))
    if not _is_told_with_the_rung(state, step):
        return sentence(step.cues.setup.format(side=spoken_side(side)))
    if side == "both":
        return sentence(f"{rung.text}.")
    return utterance(state, "setup_on_rung", side=spoken_side(side), text=rung.text).text


def _is_told_with_the_rung(state: State, step: Step) -> bool:
    """Tell whether the rung stands for the setup: one stands where the setup is for sitting, or the other way."""
    return bool(step.cues.setup) and current_rung(state, step).standing != _is_setup_standing(state, step)


def _is_of_the_catalogue(state: State, step: Step) -> bool:
    """Tell whether `step` has the catalogue's own first cue, for which its rungs are written; a substitute may not."""
    usual = state.plan.catalogue.steps.get(step.id, step)
    return usual.cues.go == step.cues.go


def _is_setup_standing(state: State, step: Step) -> bool:
    """Tell whether the setup of `step` is for somebody who stands: it describes the usual rung."""
    usual = state.plan.catalogue.steps.get(step.id, step)
    described = usual if usual.cues.setup == step.cues.setup else step
    return described.ladder[described.rung - 1].standing


def _offer_a_rung(state: State, step: Step) -> None:
    """Say, at the first step of a family, that it may be firmer where the last sessions were light."""
    told = f"offer {step.family}"
    if state.dose_factor < 1:  # the feet were worse, which may be told in this session only
        return
    if step.family in state.plan.before.offers and told not in state.told and may_rise(state, step):
        state.told.add(told)
        speak(state, utterance(state, "rating_go_up"), keep=True)


def cue_text(state: State, cue: str) -> str:
    """Fill {side}, {stroke} and {hold} of a cue for the side being worked on."""
    side = state.side
    hold = side.dose.hold if side is not None and isinstance(side.dose, HoldDose) else 0.0
    return sentence(
        cue.format(
            side=spoken_side("both" if side is None else side.name),
            stroke=spoken_number(state.dials.stroke),
            hold=f"{spoken_number(hold)} seconds",
        )
    )


def go_text(state: State) -> str:
    """Give the first cue of the work: the step's own; on another rung than the usual one, what is different, and it."""
    side = state.side
    if side is None:
        return ""
    step, rung = side.step, current_rung(state, side.step)
    if rung.go and _is_of_the_catalogue(state, step):
        return cue_text(state, rung.go)
    cue = cue_text(state, step.cues.go)
    if rung_of(state, step) == _rung_of_cues(state, step) or _is_told_with_the_rung(state, step):
        return cue
    return sentence(f"{rung.text}. {cue}")


def _rung_of_cues(state: State, step: Step) -> int:
    """Give the rung that the first cue of `step` describes: the usual one, wherever a routine begins."""
    return state.plan.catalogue.steps[step.id].rung if _is_of_the_catalogue(state, step) else step.rung


def fire(state: State, mark: Mark) -> None:
    """Play or speak a mark, unless it would still be spoken when the count begins."""
    side = state.side
    if side is None:
        return
    if mark.chime is not None:
        chime(state, mark.chime)
        return
    if mark.what == "last_three":
        state.speaking.drop_yielding()
        state.actions += state.speaking.instead(utterance(state, "last_three"), state.now)
        return
    cue = "" if mark.is_line else _cue_on_rung(state, side.step, mark.what)
    if not (cue or mark.is_line):
        return
    line = utterance(state, mark.what) if mark.is_line else Utterance(cue_text(state, cue))
    left = side.dose.seconds - mark.at - LAST_SECONDS
    if state.speaking.seconds(line.text) > left and mark.key == "halfway":
        line = utterance(state, "halfway")
    if state.speaking.may_cue and state.speaking.seconds(line.text) <= left:
        state.actions += state.speaking.instead(line, state.now)
        state.last_line = line


def _cue_on_rung(state: State, step: Step, name: str) -> str:
    """Give a cue; where it does not go with the rung, only the note that a routine has added to it."""
    cue: str = getattr(step.cues, name)
    if name not in current_rung(state, step).without:
        return cue
    return cue.removeprefix(getattr(state.plan.catalogue.steps[step.id].cues, name)).strip()


def _opening_lines(state: State) -> list[Utterance]:
    """Give the lines before the first step; before the session begins, all that may be among them."""
    catalogue, new = state.plan.catalogue, state.phase is Phase.NEW
    ahead = state.plan.questions if new else [part for part in state.opening if part in catalogue.questions]
    lines = [utterance(state, "first_questions")] if new and ahead else []
    lines += [utterance(state, "first_question", ask=catalogue.questions[id_].ask) for id_ in ahead[:2]]
    if new or GREETING in state.opening:
        lines.append(greeting(state))
    if (new and state.plan.routine.check) or CHECK in state.opening:
        lines.append(utterance(state, "opening_question"))
    return lines


def upcoming(state: State) -> list[tuple[str, float | None]]:
    """Give the lines that are likely to be said soon, as (text, beat), the first ones first."""
    lines = _opening_lines(state)
    lines += [utterance(state, name) for name in ("count_in", "last_three", "release", "change_feet", "halfway")]
    lines += [utterance(state, name) for name in ("stopped", "pain", "paused", "resuming", "hold", "rating")]
    side = state.side
    if side is not None:
        cues = side.step.cues
        texts = [go_text(state)]
        texts += [cue_text(state, cue) for cue in (cues.then, cues.halfway, cues.between) if cue]
        texts += [cue_text(state, cue) for cue in (cues.each_repetition, cues.near_end) if cue]
        lines += [Utterance(text) for text in texts]
    ahead = state.ahead.position.step if state.side is None else state.position.step + 1
    if ahead < len(state.steps):
        step, first_side = state.steps[ahead].step, state.steps[ahead].sides[0]
        first = utterance(state, "first_step" if state.side_number == 0 else "coming_up", name=step.name)
        lines += [first, Utterance(_setup_text(state, step, first_side))]
    return [(line.text, line.beat) for line in lines if line.text]
