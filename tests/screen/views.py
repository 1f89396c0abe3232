"""Scenes on fixed data, one for each thing that the screen has to show."""

from __future__ import annotations

from typing import Any

from voice_coach.screen.scene import Heard, Hearing, Line, Scene
from voice_coach.session.phases import Phase
from voice_coach.session.session import View

_VIEW: dict[str, Any] = {
    "phase": Phase.WORK,
    "step": "Ball roll, heel to toes",
    "side": "left",
    "rung": 1,
    "rung_text": "seated, tennis ball, weight of the leg only",
    "left": 34.0,
    "planned": 40.0,
    "left_in_all": 131.0,
    "after": "Arch stretch by hand",
    "number": 1,
    "of": 2,
}
_SCENE: dict[str, Any] = {
    "routine": "Quick three minutes",
    "total": 160.0,
    "step": "ball_roll",
    "lines": (
        Line("Quick three minutes. You need a ball."),
        Line("First, Ball roll, heel to toes."),
        Line("Ball under your left foot, just in front of the heel."),
        Line("Roll from heel to toes, three seconds each way."),
    ),
    "hearing": Hearing.ON,
    "level": -24.0,
}
_NOTHING_YET = {"step": None, "side": None, "rung": None, "rung_text": None, "left": None, "planned": None}


def view(**changes: Any) -> View:
    """Give the view of a session in the middle of its work, with some things different."""
    return View(**{**_VIEW, **changes})


def scene(*, seen: dict[str, Any] | None = None, **changes: Any) -> Scene:
    """Give a scene in the middle of the work, with some things different, in the view also."""
    return Scene(view=view(**(seen or {})), **{**_SCENE, **changes})


SCENES: dict[str, Scene] = {
    "greeting": scene(
        seen={**_NOTHING_YET, "phase": Phase.GREETING, "left_in_all": 160.0},
        step=None,
        lines=(Line("Quick three minutes. You need a ball."),),
        hearing=Hearing.OPENING,
        level=None,
    ),
    "question": scene(
        seen={**_NOTHING_YET, "phase": Phase.QUESTION, "left_in_all": 160.0},
        step=None,
        lines=(Line("Quick three minutes. You need a ball."), Line("Any new sore, blister or numb spot?")),
        answers=("yes", "no"),
    ),
    "setup": scene(seen={"phase": Phase.SETUP, "left": 40.0}),
    "count_in": scene(seen={"phase": Phase.COUNT_IN, "left": 4.0}),
    "work": scene(heard=Heard("harder", understood=True)),
    "over_a_minute": scene(
        seen={"left": 65.0, "side": "right", "step": "Arch stretch by hand", "rung": 2, "after": None, "number": 2},
        step="plantar_pull",
        heard=Heard("hello there", understood=False),
    ),
    "both_feet": scene(seen={"side": "both", "step": "Settle", "left": 9.0}, step="settle", hearing=Hearing.ASLEEP),
    "details": scene(seen={"step": "Roller, calf"}, step="roller_calf", details=True),
    "paused": scene(seen={"phase": Phase.PAUSED}, typed="resu"),
    "stopped": scene(
        seen={"phase": Phase.STOPPED}, lines=(Line("Stopped. Take the pressure off."),), hearing=Hearing.OFF, level=None
    ),
    "trouble": scene(
        lines=(
            Line("Roll from heel to toes, three seconds each way."),
            Line("The loudspeaker has gone. The session goes on. Try: voice-coach devices", by="trouble"),
        ),
        hearing=Hearing.OFF,
        level=None,
    ),
    "summary": scene(
        seen={**_NOTHING_YET, "phase": Phase.SUMMARY, "left_in_all": 0.0, "after": None, "number": 2},
        step=None,
        lines=(Line("That was Quick three minutes. Two and a half minutes, two steps. Well done."),),
    ),
}
