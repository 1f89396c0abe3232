"""The shape of a routine of your own: one YAML file, a routine a file.

The types carry what an editor shows (`description`). The JSON Schema beside this module is made from them and from the
catalogue: python -m voice_coach.routines.routine_file
"""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from voice_coach.routines.catalogue import least_gap, load_catalogue
from voice_coach.routines.schema import TimedDose

if TYPE_CHECKING:
    from voice_coach.routines.schema import Catalogue, Limits, Step

SCHEMA_NAME = "routine.schema.json"
MOST_STEPS = 40

Name = Annotated[str, Meta(min_length=1, max_length=60)]
Remark = Annotated[str, Meta(max_length=160)]

WANTS = {
    "name": "text of 1 to 60 letters, for example `name: Evening feet`",
    "steps": f"a list of 1 to {MOST_STEPS} steps, for example `- {{step: ball_roll, seconds: 60}}`",
    "when": "text of at most 160 letters, for example `when: after a long day`",
    "kit": "text of at most 160 letters, for example `kit: one ball`",
    "length": "text of at most 160 letters, for example `length: Ten minutes.`",
    "greeting": "text of at most 160 letters",
    "place": "chair, floor or bed",
    "sides": "each or one",
    "rung_ceiling": "a whole number from 1 to 9, for example `rung_ceiling: 2`",
    "check": "true or false",
    "stroke": "seconds from 2 to 5, for example `stroke: 4`",
    "caps": "limits and their seconds, for example `caps: {sole_pressure: 120}`",
    "step": "the name of a step, for example `step: ball_roll`",
    "seconds": "seconds from 5 to 600, for example `seconds: 45`",
    "repetitions": "a whole number from 1 to 100, for example `repetitions: 5`",
    "hold": "seconds from 1 to 30, for example `hold: 10`",
    "gap": "seconds from 0 to 60, for example `gap: 3`",
    "rung": "a whole number from 1 to 9, for example `rung: 1`",
    "note": "text of at most 160 letters",
}
"""Field -> what may stand in it, told to somebody who wrote something else."""


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    pass


class StepInFile(_Strict, frozen=True):
    """A step, with its dose for each side. What is left out is as in the catalogue."""

    step: Annotated[str, Meta(description="Which step. `voice-coach routines show full_15` shows some of them.")]
    seconds: (
        Annotated[
            float,
            Meta(ge=5, le=600, description="For rolling and gliding: seconds for each side."),
        ]
        | UnsetType
    ) = UNSET
    repetitions: (
        Annotated[
            int,
            Meta(ge=1, le=100, description="For stretches and exercises: how many times, for each side."),
        ]
        | UnsetType
    ) = UNSET
    hold: (
        Annotated[
            float,
            Meta(ge=1, le=30, description="For stretches and exercises: seconds of each repetition."),
        ]
        | UnsetType
    ) = UNSET
    gap: (
        Annotated[
            float,
            Meta(ge=0, le=60, description="For stretches and exercises: seconds of rest between repetitions."),
        ]
        | UnsetType
    ) = UNSET
    rung: (
        Annotated[
            int,
            Meta(ge=1, le=9, description="How firm to begin: 1 is the gentlest. Leave it out for the usual one."),
        ]
        | UnsetType
    ) = UNSET
    note: Annotated[
        Remark, Meta(description="A sentence of yours, spoken early in the work. {side} becomes left or right.")
    ] = ""


class RoutineFile(_Strict, frozen=True):
    """A routine for voice-coach. Its id is the name of the file."""

    name: Annotated[Name, Meta(description="What the coach calls it.")]
    steps: Annotated[
        tuple[StepInFile, ...],
        Meta(min_length=1, max_length=MOST_STEPS, description="What is done, in order."),
    ]
    when: Annotated[Remark, Meta(description="When, or for whom, it is meant. Shown in lists.")] = ""
    kit: Annotated[Remark, Meta(description="What it needs. Shown in lists.")] = ""
    length: Annotated[
        Remark, Meta(description="Spoken before the greeting, unless the user has said how many minutes there are.")
    ] = ""
    greeting: Annotated[
        Remark, Meta(description="Spoken first, with the tools it takes for {tools}. Left out: the name.")
    ] = ""
    place: (
        Annotated[
            Literal["chair", "floor", "bed"],
            Meta(description="Where it is done, unless the user says otherwise for a session."),
        ]
        | UnsetType
    ) = UNSET
    sides: Annotated[
        Literal["each", "one"],
        Meta(description="`each`: left, then right. `one`: only the foot that the user asks for."),
    ] = "each"
    rung_ceiling: Annotated[
        int, Meta(ge=1, le=9, description="The firmest rung of every step here, for example 2 for sore feet.")
    ] = 9
    check: Annotated[
        bool,
        Meta(
            description="The opening question about sore spots, blisters and numb spots. Only a routine that begins "
            "with the relief of a cramp may go without it."
        ),
    ] = True
    stroke: (
        Annotated[float, Meta(ge=2, le=5, description="Seconds of each rolling stroke to begin with. Usual: 3.")]
        | UnsetType
    ) = UNSET
    caps: Annotated[
        dict[str, float],
        Meta(description="Stricter limits for this routine, in seconds for each foot. None can be raised."),
    ] = {}


def json_schema(catalogue: Catalogue) -> dict[str, Any]:
    """Give the JSON Schema of a routine file, for editors: with the steps there are, and the most of each."""
    schema = msgspec.json.schema(RoutineFile)
    routine, step = schema["$defs"]["RoutineFile"], schema["$defs"]["StepInFile"]
    step["properties"]["step"] |= {
        "enum": list(catalogue.steps),
        "markdownEnumDescriptions": [f"{each.name}: {each.area}" for each in catalogue.steps.values()],
    }
    step["allOf"] = [
        {
            "if": {"properties": {"step": {"const": each.id}}},
            "then": {"properties": _dose_schema(each, catalogue.limits)},
        }
        for each in catalogue.steps.values()
    ]
    caps = {
        name: {"type": "number", "exclusiveMinimum": 0, "maximum": cap.seconds}
        for name, cap in catalogue.limits.caps.items()
    }
    routine["properties"]["caps"] |= {"properties": caps, "additionalProperties": False}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A routine for voice-coach", **schema}


def _dose_schema(step: Step, limits: Limits) -> dict[str, Any]:
    """Give the fields that a dose of `step` may have, and their limits."""
    rung = {"rung": {"maximum": len(step.ladder)}}
    if isinstance(step.dose, TimedDose):
        return {"seconds": {"maximum": step.longest}, "repetitions": False, "hold": False, "gap": False, **rung}
    least = least_gap(step, limits)
    return {"seconds": False, **({"gap": {"minimum": least}} if least else {}), **rung}


def packaged_schema() -> str:
    """Give the text of the JSON Schema in the package."""
    return resources.files("voice_coach.routines").joinpath(SCHEMA_NAME).read_text(encoding="utf-8")


def schema_text(catalogue: Catalogue) -> str:
    """Give the JSON Schema as it should stand in the package."""
    return json.dumps(json_schema(catalogue), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name(SCHEMA_NAME).write_text(schema_text(load_catalogue()), encoding="utf-8")
