"""What earlier sessions mean for the next one: pure rules over the history.

Intensity is kept by family (ball, hand, roller, stick, stretch, strength, movement): rungs above or below where a
family's steps usually begin, the same for every routine. A session begins where the last one began, unless a rule
below says otherwise; what *harder* and *easier* did in it is gone.

| in the last session, in a family | the next session |
|---|---|
| rated 0-1 at most | offers a rung more |
| rated 2-3 | begins the same |
| rated 4-5 | begins the same; no rise, no offer |
| rated 6-7 | begins one rung lower |
| rated 8-10, sharp pain, or pain that was asked about and not answered | begins on rung 1 |
| pain that ended the session without a number | begins one rung lower, at least |
| bruise | begins one rung lower |
| any body word but "callus" | no rise, no offer, in no family; in this one, not before it was worked on without |
| went up by a rule | no rise, no offer, in no family |
| went up by *harder* | no rise, no offer |

| next-day answer | the next session |
|---|---|
| worse | everything begins one rung lower, at 75 % of the dose |
| better, or same twice | a family that was lowered rises by one rung; one that was not is offered a rung more |
| none | begins the same |

- "Worse" is mostly answered at the beginning of a session, which then goes lower and shorter itself. Afterwards the
  rung stays there; the dose comes back after the first session with work.
- No rise in two sessions running, in no family. After a change, only answers about sessions since then count.
- Never a rise, or an offer, together with a dose that comes back.
- Above its usual rung a family never begins: the coach offers a rung, and the person goes there. (The content says
  "may rise"; the more careful reading holds.)
- What lies more than 28 days back raises and offers nothing. What lowered, lasts.
- Sessions on a moved clock count for nothing.

Daily caps count what was done on this date, where the person is; a side that a kill has cut off, in full. The
next-day question is due when the last session with pressure ended on an earlier date, at most a week ago.
"""

from __future__ import annotations

from datetime import UTC, timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

import msgspec

from voice_coach.routines.reminders import reminders
from voice_coach.routines.schema import RoutineStep
from voice_coach.session.before import Before

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from voice_coach.history.records import PastDose, PastNote, PastRecord
    from voice_coach.routines.schema import Catalogue, Routine, Step

LOOK_BACK = timedelta(days=90)
"""How far back sessions are needed, and in any case the last ten."""
RAISES_FOR = timedelta(days=28)
"""What lies further back raises and offers nothing."""
ASK_WITHIN = timedelta(days=7)
"""How long after a session the next-day question makes sense."""
WORSE_FACTOR = 0.75
"""What doses are multiplied with after "worse" (BYTES: no worse the morning after)."""
OFFER_UP_TO = 1
NO_RISE_FROM = 4
LOWER_FROM = 6
LIGHTEST_FROM = 8
_WORST = 10
_TODAY_AT_MOST = timedelta(days=2)
"""What ended longer ago is not of today, not even where the clocks have changed since."""
_AT_ONCE = timedelta(seconds=1)
"""Notes this close together tell of several places that one word was about."""
_NO_WORK = frozenset({"check", "rest"})
"""Families of steps that are no work: looking at the feet, and resting."""
NO_LADDER = _NO_WORK | {"cramp"}
"""Families whose rungs are not a matter of intensity."""


def before_session(
    past: Sequence[PastRecord], now: datetime, catalogue: Catalogue, routine: Routine | None = None
) -> Before:
    """Work out what earlier sessions mean for one that begins now.

    Args:
        past: sessions of the last 90 days at least, and the last ten in any case, in their order.
        now: the time where the person is; its time zone says when a day begins.
        catalogue: has the steps, their families and the caps.
        routine: what is to be done; its own rungs count for "one rung" and "rung 1".
    """
    sessions = [record for record in past if not record.moved_clock and _happened(record)]
    if not sessions:
        return Before()
    day = _Day([doses for record in sessions if (doses := _of_today(record, now))], catalogue)
    moment = now.astimezone(UTC)  # as the past has it: to compare it with a time of another zone takes long
    rules = _Rules(
        sessions=sessions,
        latest=_latest(sessions),
        worked={record.id: _families(record, catalogue) for record in sessions},
        now=moment,
        catalogue=catalogue,
        planned_rungs=_planned_rungs(catalogue, routine),
        pressing=frozenset(step.family for step in catalogue.steps.values() if _presses(step, catalogue)),
    )
    rises = rules.rises()
    rungs = {family: rules.lowered(family) + (family in rises) for family in rules.families}
    return Before(
        rungs={family: change for family, change in rungs.items() if change},
        rises=bool(rises),
        dose_factor=rules.dose_factor,
        offers=rules.offers() - rises,
        seconds_today=day.seconds(),
        massages_today=day.sessions_under("sole_pressure"),
        arch_stretches_today=day.sessions_under("arch_stretch"),
        ask_next_day=asked_about(sessions, now, catalogue) is not None,
        reminders=tuple(
            reminders(sessions, moment, lower=rules.lower_than_last_time(routine), worse=rules.dose_factor < 1)
        ),
    )


def asked_about(past: Sequence[PastRecord], now: datetime, catalogue: Catalogue) -> PastRecord | None:
    """Give the session that the next-day question is about; None where it is not due."""
    pressed = [record for record in past if not record.moved_clock and _pressed(record, catalogue)]
    if not pressed:
        return None
    last = pressed[-1]
    ended = _ended(last)
    asked = any(record.answered is not None and record.answered.about == last.id for record in past)
    is_due = ended.astimezone(now.tzinfo).date() < now.date() and now - ended <= ASK_WITHIN
    return last if is_due and not asked else None


def swollen_on(past: Sequence[PastRecord], now: datetime) -> date | None:
    """Give the day, where the person is, on which a hot or swollen leg was told of last; None where it never was."""
    told = [note.at for record in past if not record.moved_clock for note in record.notes if note.kind == "swollen"]
    return max(told).astimezone(now.tzinfo).date() if told else None


def _ended(record: PastRecord) -> datetime:
    return record.ended_at or record.seen_at or record.began_at


def _happened(record: PastRecord) -> bool:
    """Tell whether there is anything in this session that could count."""
    return bool(record.ratings or record.notes or record.answered or any(dose.most > 0 for dose in record.doses))


def _pressed(record: PastRecord, catalogue: Catalogue) -> bool:
    return any(dose.most > 0 and _presses(catalogue.steps.get(dose.step), catalogue) for dose in record.doses)


def _presses(step: Step | None, catalogue: Catalogue) -> bool:
    """Tell whether a step presses: it is under a cap that counts all of its time, and not only holds."""
    caps = () if step is None else step.caps
    return any(catalogue.limits.caps[cap].counts == "work" for cap in caps if cap in catalogue.limits.caps)


def _planned_rungs(catalogue: Catalogue, routine: Routine | None) -> dict[str, int]:
    """Give the firmest rung on which a family's steps are planned to begin, in one routine or another."""
    firmest: dict[str, int] = {}
    routines = [*catalogue.routines.values(), routine]
    for family, rung in (begin for one in (None, *routines) for begin in _begins_with(catalogue, one)):
        firmest[family] = max(rung, firmest.get(family, 1))
    return firmest


def _begins_with(catalogue: Catalogue, routine: Routine | None) -> Iterator[tuple[str, int]]:
    """Give the family of each step of a routine, or of every step, and the rung on which it is planned to begin."""
    entries = [RoutineStep(id_) for id_ in catalogue.steps] if routine is None else routine.steps
    for entry in entries:
        step = catalogue.steps.get(entry.step)
        if step is not None and step.family not in NO_LADDER:
            yield step.family, step.rung if entry.rung is None else entry.rung


class _Rules(msgspec.Struct, frozen=True):
    """The rules.

    Attributes:
        sessions: those in which something happened; at least one.
        latest: the last of them, and those that went on when it began.
        worked: number of a session -> families that were worked in.
        planned_rungs: family -> firmest rung on which its steps are planned to begin.
        pressing: families that press.
    """

    sessions: Sequence[PastRecord]
    latest: Sequence[PastRecord]
    worked: Mapping[int, frozenset[str]]
    now: datetime
    catalogue: Catalogue
    planned_rungs: Mapping[str, int]
    pressing: frozenset[str]

    @property
    def last(self) -> PastRecord:
        return self.sessions[-1]

    @property
    def families(self) -> Iterable[str]:
        return self.planned_rungs

    # --- what lowers

    def lowered(self, family: str) -> int:
        """Give where a family begins now, before any rise: rungs above (or below) the usual."""
        return min(self._lowered_by(record, family) for record in self.latest)

    def lower_than_last_time(self, routine: Routine | None) -> bool:
        """Tell whether a step begins lower than it would have last time, because of what was told then.

        Args:
            routine: whose steps count; None for every step that there is.
        """
        return any(
            max(1, rung + self._lowered_by(record, family)) < max(1, rung + _began(record, family))
            for record in self.latest
            for family, rung in _begins_with(self.catalogue, routine)
        )

    def _lowered_by(self, record: PastRecord, family: str) -> int:
        lightest = 1 - self.planned_rungs[family]
        strongest = _strongest(record, family, self.pressing)
        if strongest >= LIGHTEST_FROM:
            return lightest
        down = strongest >= LOWER_FROM or _has_note(record, "bruise", family, self.pressing)
        return max(lightest, min(0, _began(record, family) - down))

    @property
    def dose_factor(self) -> float:
        """What doses are multiplied with: less, as long as no work has followed the answer "worse"."""
        after = takewhile(lambda record: not self.worked[record.id] - _NO_WORK, reversed(self.sessions))
        return WORSE_FACTOR if any(_was_worse(record) for record in after) else 1.0

    # --- what raises

    def rises(self) -> frozenset[str]:
        """Give the families that begin one rung higher than they would."""
        return frozenset(
            family
            for family in self.families
            if self.lowered(family) < 0 and self._may_rise(family) and self._went_well(family)
        )

    def offers(self) -> frozenset[str]:
        """Give the families in which a rung more is offered."""
        return frozenset(
            family
            for family in self.families
            if self._may_rise(family)
            and (self._was_light(family) or (self.lowered(family) == 0 and self._went_well(family)))
        )

    def _may_rise(self, family: str) -> bool:
        worked = self._last_with(family)
        return (
            worked is not None
            and not self._is_old(self.last)
            and not self._rose()
            and self._last_dose_factor() >= 1
            and self.dose_factor >= 1
            and not _was_worse(self.last)
            and not any(note.kind != "callus" for note in self.last.notes)
            and not self._was_warned(worked, family)
            and not _went_up(worked, family, self.catalogue)
        )

    def _went_well(self, family: str) -> bool:
        """Tell whether the next-day answers, about sessions since this family's rung changed last, are good."""
        level = self.lowered(family)
        since = list(takewhile(lambda one: one.rungs.get(family, 0) == level, reversed(self.sessions)))
        worked = {
            record.id
            for record in since
            if not self._is_old(record) and not _was_worse(record) and family in self.worked[record.id]
        }
        answers = [record.answered for record in since if record.answered is not None]
        latest = [answer.answer for answer in answers if answer.about in worked][:2]
        return latest[:1] == ["better"] or latest in (["same", "same"], ["same", "better"])

    def _was_light(self, family: str) -> bool:
        """Tell whether a family was rated as nearly nothing when it was worked on last."""
        worked = self._last_with(family)
        if worked is None or self._is_old(worked):
            return False
        ratings = [rating.rating for rating in worked.ratings if rating.family == family]
        return bool(ratings) and max(ratings) <= OFFER_UP_TO

    def _was_warned(self, record: PastRecord, family: str) -> bool:
        strong = any(rating.family == family and rating.rating >= NO_RISE_FROM for rating in record.ratings)
        return strong or any(
            note.kind != "callus" and (note.family is None or note.family == family) for note in record.notes
        )

    def _rose(self) -> bool:
        """Tell whether the last session began with a rise, in any family."""
        if len(self.sessions) == 1:
            return False
        before = self.sessions[-2]
        return any(self.last.rungs.get(family, 0) > _began(before, family) for family in self.families)

    def _last_dose_factor(self) -> float:
        return WORSE_FACTOR if _was_worse(self.last) else self.last.dose_factor

    def _last_with(self, family: str) -> PastRecord | None:
        return next((record for record in reversed(self.sessions) if family in self.worked[record.id]), None)

    def _is_old(self, record: PastRecord) -> bool:
        return self.now - record.began_at > RAISES_FOR


def _began(record: PastRecord, family: str) -> int:
    """Give the rungs above (or below) the usual at which a family began its work in a session."""
    return record.rungs.get(family, 0) - _was_worse(record)


def _strongest(record: PastRecord, family: str, pressing: frozenset[str]) -> int:
    """Give the strongest rating of a family in a session; pain that has no number has the worst."""
    strongest = max((rating.rating for rating in record.ratings if rating.family == family), default=0)
    if any(_has_note(record, kind, family, pressing) for kind in ("sharp", "injury")):
        return _WORST
    words = [note for note in record.notes if note.kind == "pain" and _is_about(note.family, family, pressing)]
    if not words:
        return strongest
    told = [rating.rating for rating in record.ratings if rating.asked == "pain" or rating.rating >= LOWER_FROM]
    return max(strongest, *told, LOWER_FROM if _was_said_twice(words) else 0) if told else _WORST


def _was_said_twice(words: Sequence[PastNote]) -> bool:
    """Tell whether a word was said at two moments; the second time it ends the session, and no number is asked for."""
    moments = [note.at for note in words if not note.locked]
    return len(moments) > 1 and max(moments) - min(moments) > _AT_ONCE


def _has_note(record: PastRecord, kind: str, family: str, pressing: frozenset[str]) -> bool:
    return any(note.kind == kind and _is_about(note.family, family, pressing) for note in record.notes)


def _is_about(noted: str | None, family: str, pressing: frozenset[str]) -> bool:
    """Tell whether a note is about a family; one that names none is about all that press."""
    return noted == family or (noted is None and family in pressing)


def _was_worse(record: PastRecord) -> bool:
    """Tell whether this session was told that the feet were worse: it went a rung lower itself."""
    return record.answered is not None and record.answered.answer == "worse"


def _latest(sessions: Sequence[PastRecord]) -> list[PastRecord]:
    """Give the last session, and those before that went on when it began: it knew nothing of them."""
    last = sessions[-1]
    return [last, *takewhile(lambda record: _ended(record) > last.began_at, reversed(sessions[:-1]))]


def _families(record: PastRecord, catalogue: Catalogue) -> frozenset[str]:
    """Give the families that were worked in."""
    families = (_family(dose, catalogue) for dose in record.doses if dose.most > 0)
    return frozenset(family for family in families if family is not None)


def _went_up(record: PastRecord, family: str, catalogue: Catalogue) -> bool:
    """Tell whether the person went up in a family with "harder", and stayed there."""
    return any(
        dose.began_rung is not None and dose.rung > dose.began_rung and _family(dose, catalogue) == family
        for dose in record.doses
    ) or any(rating.family == family and rating.asked == "after harder" for rating in record.ratings)


def _family(dose: PastDose, catalogue: Catalogue) -> str | None:
    step = catalogue.steps.get(dose.step)
    return None if step is None else step.family


def _of_today(record: PastRecord, now: datetime) -> list[PastDose]:
    """Give the doses of today; what a clock that was set back has put into the future counts as today."""
    # a look at the clock of each dose tells of most that they are not of today, and takes no time
    today, earliest = now.date(), now.astimezone(UTC) - _TODAY_AT_MOST
    return [
        dose
        for dose in record.doses
        if dose.ended_at > earliest and dose.most > 0 and dose.ended_at.astimezone(now.tzinfo).date() >= today
    ]


class _Day(msgspec.Struct, frozen=True):
    """What was done today.

    Attributes:
        done: the doses of each session that has any.
    """

    done: Sequence[Sequence[PastDose]]
    catalogue: Catalogue

    def seconds(self) -> dict[tuple[str, str], float]:
        """Give the seconds that each side has had today under each daily cap."""
        seconds: dict[tuple[str, str], float] = {}
        for doses in self.done:
            for dose in doses:
                for key in self._caps(dose):
                    seconds[key] = seconds.get(key, 0.0) + dose.most
        return seconds

    def sessions_under(self, cap: str) -> int:
        """Count the sessions of today with any work under a cap."""
        return sum(any(cap in self._step_caps(dose) for dose in doses) for doses in self.done)

    def _caps(self, dose: PastDose) -> Iterable[tuple[str, str]]:
        """Give the daily caps that a dose counts under; where it is not known which foot it was, for both."""
        sides = (dose.side,) if dose.side in ("left", "right") else ("left", "right")
        daily = self.catalogue.limits.day.caps
        return ((cap, side) for cap in self._step_caps(dose) if cap in daily for side in sides)

    def _step_caps(self, dose: PastDose) -> tuple[str, ...]:
        step = self.catalogue.steps.get(dose.step)
        return () if step is None else step.caps
