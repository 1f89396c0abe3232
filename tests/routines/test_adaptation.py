"""What earlier sessions mean for the next one, rule by rule and for people who do anything."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.scripted_people import examples
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.here import HERE
from voice_coach.history.records import NextDay, PastDose, PastNote, PastRating, PastRecord
from voice_coach.routines.adaptation import asked_about, before_session, swollen_on
from voice_coach.routines.catalogue import find_routine, load_catalogue
from voice_coach.routines.schema import Catalogue, Routine, RoutineStep
from voice_coach.session.before import Before, Reminder
from voice_coach.session.phases import COMMANDS
from voice_coach.session.wording import fill

if TYPE_CHECKING:
    from collections.abc import Sequence

CATALOGUE = load_catalogue()
NOW = datetime(2026, 7, 10, 8, tzinfo=timezone(timedelta(hours=2)))
DAY = timedelta(days=1)
FAMILIES = ("ball", "hand", "roller", "stick", "stretch", "strength", "movement")
STEP = {
    "ball": "ball_roll",
    "hand": "thumb_sole",
    "roller": "roller_calf",
    "stick": "stick_calf",
    "stretch": "plantar_pull",
    "strength": "arch_lift",
    "movement": "ankle_circles",
}
PRESSING = {"ball", "hand", "roller", "stick"}


def dose(family: str = "ball", *, side: str = "left", worked: float = 40.0, up: bool = False) -> PastDose:
    return PastDose(STEP[family], side, NOW, 40.0, worked, 2 if up else 1, done=True, began_rung=1)


def rating(number: int, family: str = "ball", asked: str = "halfway") -> PastRating:
    return PastRating(STEP[family], family, "left", 1, number, asked, NOW)


def note(
    kind: str,
    family: str | None = "ball",
    *,
    side: str | None = "left",
    region: str | None = "sole",
    locked: bool = True,
    at: datetime = NOW,
) -> PastNote:
    return PastNote(kind, None if family is None else STEP[family], side, family, region, locked, at)


@dataclass
class Diary:
    """Sessions one after the other, a day apart; each begins as the rules say, like those of the program."""

    now: datetime = NOW
    records: list[PastRecord] = field(default_factory=list)

    @property
    def before(self) -> Before:
        return before_session(self.records, self.now, CATALOGUE)

    def add(
        self,
        *doses: PastDose,
        ratings: Sequence[PastRating] = (),
        notes: Sequence[PastNote] = (),
        answer: str | None = None,
        later: timedelta = DAY,
        moved_clock: bool = False,
    ) -> Before:
        """Live through a session, and give what it and all before it mean for one that comes `later`."""
        before = self.before
        about = asked_about(self.records, self.now, CATALOGUE)
        answered = None if answer is None or about is None else NextDay(about.id, answer)
        self.records.append(
            PastRecord(
                id=len(self.records) + 1,
                routine="quick_3",
                began_at=self.now,
                ended_at=self.now + timedelta(minutes=5),
                reason="finished",
                moved_clock=moved_clock,
                doses=tuple(msgspec.structs.replace(one, ended_at=self.now) for one in doses),
                ratings=tuple(ratings),
                notes=tuple(msgspec.structs.replace(one, at=one.at - NOW + self.now) for one in notes),
                answered=answered,
                rungs=before.rungs,
                dose_factor=before.dose_factor,
            )
        )
        self.now += later
        return self.before


def after(*ratings: int) -> Before:
    return Diary().add(dose(), ratings=[rating(number) for number in ratings])


def diary_of_a_lowered_family(family: str = "stretch") -> Diary:
    """Give a diary in which a family was rated 6, and then 2."""
    diary = Diary()
    diary.add(dose(family), dose("ball"), ratings=[rating(6, family)])
    assert diary.before.rungs == {family: -1}
    diary.add(dose(family), dose("ball"), ratings=[rating(2, family)])
    assert diary.before.rungs == {family: -1}
    return diary


# --- ratings


@pytest.mark.parametrize("number", [2, 3, 4, 5])
def test_a_rating_of_two_to_five_keeps_everything(number: int) -> None:
    assert after(number) == Before(ask_next_day=True)


@pytest.mark.parametrize("number", [0, 1])
def test_a_rating_of_nearly_nothing_offers_a_rung_more(number: int) -> None:
    assert after(number) == Before(offers=frozenset({"ball"}), ask_next_day=True)


def test_the_strongest_rating_of_a_session_counts() -> None:
    assert after(0, 2).offers == frozenset()
    assert after(7, 1, 0).offers == frozenset()


@pytest.mark.parametrize("number", [6, 7])
def test_a_rating_of_six_or_seven_starts_one_rung_lower_next_time(number: int) -> None:
    before = Diary().add(dose("stretch"), ratings=[rating(number, "stretch")])
    assert (before.rungs, before.dose_factor) == ({"stretch": -1}, 1.0)
    assert Reminder("lower_today") in before.reminders


def test_it_is_told_that_it_goes_lower_only_where_a_step_of_the_routine_does() -> None:
    diary = Diary()
    diary.add(dose(), ratings=[rating(6)])
    quick, full = (find_routine(CATALOGUE, name) for name in ("quick_3", "full_15"))
    assert Reminder("lower_today") not in before_session(diary.records, diary.now, CATALOGUE, quick).reminders
    diary.add(dose("roller"), ratings=[rating(6, "roller")])
    assert Reminder("lower_today") not in before_session(diary.records, diary.now, CATALOGUE, quick).reminders
    assert Reminder("lower_today") in before_session(diary.records, diary.now, CATALOGUE, full).reminders


def test_a_rating_of_six_twice_in_a_session_is_one_rung() -> None:
    own = Routine("Own", "", "", (RoutineStep("plantar_pull", rung=3),), id="own")
    diary = Diary()
    diary.add(dose("stretch"), ratings=[rating(6, "stretch"), rating(7, "stretch", "again")])
    assert before_session(diary.records, diary.now, CATALOGUE, own).rungs == {"stretch": -1}


def test_a_rating_of_six_in_two_sessions_is_two_rungs_where_there_are_two() -> None:
    own = Routine("Own", "", "", (RoutineStep("plantar_pull", rung=3),), id="own")
    diary = Diary()
    diary.add(dose("stretch"), ratings=[rating(6, "stretch")])
    diary.add(dose("stretch"), ratings=[rating(6, "stretch")])
    assert diary.before.rungs == {"stretch": -1}
    assert before_session(diary.records, diary.now, CATALOGUE, own).rungs == {"stretch": -2}


def test_what_is_at_its_lightest_stays_there() -> None:
    diary = Diary()
    diary.add(dose("hand"), ratings=[rating(6, "hand")])
    diary.add(dose("hand"), ratings=[rating(9, "hand")])
    assert diary.before.rungs == {"hand": -1}
    assert Reminder("lower_today") not in diary.before.reminders


@pytest.mark.parametrize("number", [8, 9, 10])
def test_a_rating_of_eight_or_more_starts_on_rung_one_next_time(number: int) -> None:
    own = Routine("Own", "", "", (RoutineStep("roller_calf", rung=4),), id="own")
    diary = Diary()
    diary.add(dose("roller"), ratings=[rating(number, "roller")])
    assert diary.before.rungs == {"roller": -1}
    assert before_session(diary.records, diary.now, CATALOGUE, own).rungs == {"roller": -3}


def test_strong_ratings_that_repeat_suggest_advice() -> None:
    diary = Diary()
    diary.add(dose(), ratings=[rating(8)])
    assert Reminder("strong_again") not in diary.before.reminders
    diary.add(dose(), ratings=[rating(2)])
    diary.add(dose("roller"), ratings=[rating(9, "roller")])
    assert Reminder("strong_again") in diary.before.reminders
    diary.add(dose(), ratings=[rating(2)])
    assert Reminder("strong_again") not in diary.before.reminders


def test_a_lowered_family_stays_lowered_without_an_answer() -> None:
    diary = diary_of_a_lowered_family()
    for _ in range(20):
        diary.add(dose("stretch"), ratings=[rating(2, "stretch")])
    assert diary.before.rungs == {"stretch": -1}


def test_a_session_without_a_family_changes_nothing_in_it() -> None:
    diary = diary_of_a_lowered_family()
    diary.add(dose("ball"), ratings=[rating(0)])
    assert diary.before.rungs == {"stretch": -1}


# --- pain and other body words


def test_pain_with_a_number_counts_as_its_number() -> None:
    for number, rungs in ((2, {}), (5, {}), (6, {"stretch": -1}), (9, {"stretch": -1})):
        diary = Diary()
        before = diary.add(
            dose("stretch"),
            ratings=[rating(number, "stretch", "pain")],
            notes=[note("pain", "stretch", locked=number > 5)],
        )
        assert before.rungs == rungs


@pytest.mark.parametrize(
    "notes",
    [
        [note("pain", "roller", locked=False), note("pain", "roller", at=NOW + timedelta(seconds=10))],
        [note("pain", "roller", locked=False)],
        [note("sharp", "roller")],
        [note("injury", "roller", locked=False)],
    ],
    ids=["no answer", "killed before the answer", "sharp", "injury"],
)
def test_pain_without_a_number_counts_as_the_worst(notes: list[PastNote]) -> None:
    own = Routine("Own", "", "", (RoutineStep("roller_calf", rung=4),), id="own")
    diary = Diary()
    diary.add(dose("roller"), notes=notes)
    assert before_session(diary.records, diary.now, CATALOGUE, own).rungs == {"roller": -3}


def test_a_second_pain_that_ended_the_session_lowers_by_a_rung() -> None:
    before = Diary().add(
        dose("roller"),
        ratings=[rating(2, "roller", "pain")],
        notes=[
            note("pain", "roller", locked=False),
            note("pain", "roller", locked=False, at=NOW + timedelta(minutes=2)),
        ],
    )
    assert before.rungs == {"roller": -1}


def test_one_pain_at_two_places_is_one_pain() -> None:
    before = Diary().add(
        dose("roller"),
        ratings=[rating(2, "roller", "pain")],
        notes=[
            note("pain", "roller", locked=False),
            note("pain", "roller", locked=False, at=NOW + timedelta(milliseconds=2)),
        ],
    )
    assert before.rungs == {}


def test_a_bruise_starts_one_rung_lower() -> None:
    assert Diary().add(dose("stick"), notes=[note("bruise", "stick")]).rungs == {"stick": -1}


def test_a_bruise_that_is_nowhere_lowers_everything_that_presses() -> None:
    before = Diary().add(dose("stick"), notes=[note("bruise", None, side=None, region=None)])
    assert set(before.rungs) <= PRESSING
    assert {"roller", "stick", "hand"} <= set(before.rungs)


@pytest.mark.parametrize("kind", ["pain", "numb", "blister", "infection", "bone", "cramp", "dizzy", "swollen"])
def test_after_a_body_word_nothing_is_offered_and_in_its_family_not_before_it_went_well(kind: str) -> None:
    light = [rating(0), rating(0, "stretch")]
    diary = Diary()
    diary.add(dose(), dose("stretch"), ratings=light, notes=[note(kind)])
    assert diary.before.offers == frozenset()
    assert diary.add(dose("stretch"), ratings=light[1:]).offers == {"stretch"}
    assert diary.add(dose(), dose("stretch"), ratings=light).offers >= {"stretch", "ball"} - set(diary.before.rungs)


def test_a_callus_is_no_warning() -> None:
    assert Diary().add(dose(), ratings=[rating(0)], notes=[note("callus", locked=False)]).offers == {"ball"}


def test_a_swollen_leg_is_remembered_with_its_day() -> None:
    diary = Diary(now=datetime(2026, 7, 10, 23, 30, tzinfo=UTC))
    diary.add(dose(), notes=[note("swollen")])
    assert swollen_on(diary.records, NOW) == datetime(2026, 7, 11, tzinfo=UTC).date()
    assert swollen_on([], NOW) is None


# --- the next day


def test_worse_lowers_everything_and_the_session_that_hears_it_keeps_that() -> None:
    diary = Diary()
    diary.add(dose("stretch"), dose("roller"))
    diary.add(dose("stretch"), answer="worse")
    assert diary.before.rungs == dict.fromkeys(set(FAMILIES) - {"ball"}, -1) | {"ball": diary.before.rungs["ball"]}
    assert diary.before.dose_factor == 1.0


def test_worse_without_work_afterwards_waits_for_the_next_session() -> None:
    diary = Diary()
    diary.add(dose("stretch"), dose())
    before = diary.add(answer="worse")
    assert (before.rungs["stretch"], before.dose_factor) == (-1, 0.75)
    again = diary.add(notes=[note("dizzy", None, side=None, region=None)])
    assert (again.rungs["stretch"], again.dose_factor) == (-1, 0.75)
    assert again.reminders == (Reminder("worse_today"),)
    afterwards = diary.add(dose("stretch"))
    assert (afterwards.rungs["stretch"], afterwards.dose_factor) == (-1, 1.0)


def test_better_raises_what_was_lowered_by_one_rung() -> None:
    diary = diary_of_a_lowered_family()
    assert diary.add(dose("stretch"), answer="better").rungs == {}


def test_a_family_that_goes_back_up_to_the_usual_has_risen() -> None:
    diary = diary_of_a_lowered_family()
    assert not diary.before.rises
    before = diary.add(dose("stretch"), dose("ball"), answer="better")
    assert (before.rungs, before.rises, before.doses_may_grow) == ({}, True, False)


def test_same_once_raises_nothing_and_twice_it_does() -> None:
    diary = diary_of_a_lowered_family()
    assert diary.add(dose("stretch"), dose(), answer="same").rungs == {"stretch": -1}
    assert diary.add(dose("stretch"), dose(), answer="same").rungs == {}


def test_same_and_then_nothing_and_then_same_is_twice() -> None:
    diary = diary_of_a_lowered_family()
    diary.add(dose("stretch"), dose(), answer="same")
    diary.add(dose("stretch"), dose())
    assert diary.add(dose("stretch"), dose(), answer="same").rungs == {}


def test_nothing_rises_in_two_sessions_running() -> None:
    own = Routine("Own", "", "", (RoutineStep("plantar_pull", rung=3),), id="own")
    diary = Diary()
    catalogue = with_routine(own)
    levels = []
    for answer in (None, "same", *["better"] * 6):
        before = before_session(diary.records, diary.now, catalogue)
        about = asked_about(diary.records, diary.now, catalogue)
        diary.add(dose("stretch"), dose(), ratings=[rating(9 if answer is None else 2, "stretch")], answer=answer)
        answered = None if answer is None or about is None else NextDay(about.id, answer)
        diary.records[-1] = msgspec.structs.replace(diary.records[-1], rungs=before.rungs, answered=answered)
        levels.append(before.rungs.get("stretch", 0))
    assert levels == [0, -2, -2, -1, -1, 0, 0, 0]


def with_routine(own: Routine) -> Catalogue:
    return msgspec.structs.replace(CATALOGUE, routines={**CATALOGUE.routines, own.id: own})


def test_better_offers_a_rung_where_nothing_was_lowered() -> None:
    diary = Diary()
    diary.add(dose())
    before = diary.add(dose(), answer="better")
    assert before.rungs == {}
    assert before.offers == {"ball"}


def test_nothing_is_offered_after_the_person_went_up() -> None:
    diary = Diary()
    diary.add(dose(up=True), ratings=[rating(1)])
    assert diary.before.offers == frozenset()
    diary.add(dose(), ratings=[rating(1)])
    assert diary.before.offers == {"ball"}
    diary.add(dose(), ratings=[rating(1, asked="after harder")])
    assert diary.before.offers == frozenset()


def test_nothing_rises_when_the_dose_comes_back() -> None:
    diary = diary_of_a_lowered_family()
    diary.add(answer="worse")
    assert diary.before.dose_factor == 0.75
    diary.add(dose("stretch"), dose(), ratings=[rating(0)])
    before = diary.before
    assert (before.dose_factor, before.offers) == (1.0, frozenset())


def test_what_was_good_long_ago_raises_nothing() -> None:
    diary = diary_of_a_lowered_family()
    before = diary.add(dose("stretch"), dose(), ratings=[rating(0)], answer="better", later=timedelta(days=30))
    assert (before.rungs, before.offers) == ({"stretch": -1}, frozenset())


def test_what_was_strong_long_ago_still_lowers() -> None:
    diary = Diary()
    assert diary.add(dose("roller"), ratings=[rating(9, "roller")], later=timedelta(days=300)).rungs == {"roller": -1}


def test_a_session_that_went_on_while_the_last_began_counts_too() -> None:
    diary = Diary()
    diary.add(dose("stretch"), ratings=[rating(9, "stretch")], later=timedelta(minutes=1))
    diary.records.append(
        msgspec.structs.replace(diary.records[0], id=2, began_at=NOW + timedelta(minutes=1), ratings=(), rungs={})
    )
    assert diary.before.rungs == {"stretch": -1}


def test_sessions_on_a_moved_clock_mean_nothing() -> None:
    diary = Diary()
    diary.add(dose(), ratings=[rating(9)], notes=[note("blister")], moved_clock=True)
    assert diary.before == Before()
    assert swollen_on([msgspec.structs.replace(diary.records[0], notes=(note("swollen"),))], NOW) is None


# --- whether the next-day question is due


def due(*records: PastRecord, now: datetime = NOW) -> bool:
    return before_session(records, now, CATALOGUE).ask_next_day


def session(days_ago: float, *doses: PastDose, number: int = 1, answered: NextDay | None = None) -> PastRecord:
    at = NOW - timedelta(days=days_ago)
    return PastRecord(
        number,
        "quick_3",
        at,
        at + timedelta(minutes=5),
        doses=tuple(msgspec.structs.replace(one, ended_at=at) for one in doses),
        answered=answered,
    )


def test_the_day_after_a_session_with_pressure_the_question_is_due() -> None:
    assert due(session(1, dose()))
    assert due(session(6.9, dose()))
    assert not due(session(7.1, dose()))
    assert not due(session(0.1, dose()))
    assert not due(session(1, dose("stretch")))
    assert not due(session(1, dose(worked=0.0)))


def test_the_day_begins_where_the_person_is() -> None:
    late = NOW.replace(hour=23, minute=50) - DAY
    assert due(session((NOW - late) / DAY, dose()))
    early = NOW.replace(hour=0, minute=10)
    assert not due(session((NOW - early) / DAY, dose()))


def test_a_session_is_asked_about_once_and_only_the_last_one_with_pressure() -> None:
    assert not due(session(2, dose()), session(1, dose("stretch"), number=2, answered=NextDay(1, "same")))
    assert due(session(2, dose()), session(1, dose("stretch"), number=2))
    assert not due(session(1, dose()), session(0.1, dose(), number=2))
    records = [session(2, dose()), session(1, dose(), number=2, answered=NextDay(1, "same"))]
    about = asked_about(records, NOW, CATALOGUE)
    assert about is not None
    assert about.id == 2


# --- what was done today


def test_what_each_side_had_today_is_added_up() -> None:
    diary = Diary(now=NOW - DAY)
    diary.add(dose(worked=100), later=DAY)
    diary.add(dose(worked=50), dose("hand", worked=30), later=timedelta(hours=2))
    diary.add(dose(side="one", worked=7), dose("stretch"), later=timedelta(hours=2))
    before = diary.before
    assert before.seconds_today == {("sole_pressure", "left"): 87.0, ("sole_pressure", "right"): 7.0}
    assert (before.massages_today, before.arch_stretches_today) == (2, 1)


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="the time zone of a program cannot be changed on Windows")
def test_on_the_day_on_which_the_clocks_change_what_was_done_just_after_midnight_counts_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    try:
        night = datetime(2026, 10, 24, 22, 10, tzinfo=UTC)  # ten past midnight, summer time
        forenoon = datetime(2026, 10, 25, 9, tzinfo=UTC).astimezone(HERE)
        assert (forenoon.hour, night.astimezone(HERE).isoformat()) == (10, "2026-10-25T00:10:00+02:00")
        record = PastRecord(1, "quick_3", night, night, doses=(msgspec.structs.replace(dose(), ended_at=night),))
        before = before_session([record], forenoon, CATALOGUE)
        assert before.seconds_today == {("sole_pressure", "left"): 40.0}
    finally:
        monkeypatch.undo()
        time.tzset()


def test_what_was_done_before_midnight_counts_for_the_day_before() -> None:
    diary = Diary(now=NOW.replace(hour=23, minute=50) - DAY)
    diary.add(dose(), later=timedelta(minutes=20))
    assert (diary.before.seconds_today, diary.before.massages_today) == ({}, 0)


def test_what_a_clock_that_was_set_back_has_put_into_the_future_counts_as_today() -> None:
    diary = Diary(now=NOW + DAY)
    diary.add(dose(worked=100))
    before = before_session(diary.records, NOW, CATALOGUE)
    assert before.seconds_today == {("sole_pressure", "left"): 100.0}


def test_a_side_that_a_kill_has_cut_off_counts_in_full() -> None:
    diary = Diary()
    diary.add(msgspec.structs.replace(dose(worked=3), running=True), later=timedelta(hours=1))
    assert diary.before.seconds_today == {("sole_pressure", "left"): 40.0}


def test_steps_that_are_in_the_catalogue_no_more_do_no_harm() -> None:
    diary = Diary()
    before = diary.add(
        msgspec.structs.replace(dose(), step="yoga"), ratings=[msgspec.structs.replace(rating(9), family="yoga")]
    )
    assert before.rungs == {}


# --- reminders


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("pain", "last_time_hurt"),
        ("sharp", "last_time_hurt"),
        ("numb", "last_time_numb"),
        ("blister", "last_time_skin"),
        ("infection", "last_time_skin"),
        ("bruise", "last_time_bruise"),
        ("bone", "last_time_bone"),
    ],
)
def test_what_hurt_last_time_is_remembered_with_its_place(kind: str, line: str) -> None:
    assert Diary().add(dose(), notes=[note(kind)]).reminders[0] == Reminder(line, {"place": "left sole"})


def test_a_place_without_a_name_is_a_foot() -> None:
    reminders = Diary().add(dose(), notes=[note("pain", "movement", region="none", side="right")]).reminders
    assert reminders[0] == Reminder("last_time_hurt", {"place": "right foot"})
    reminders = Diary().add(dose(), notes=[note("numb", None, side=None, region=None)]).reminders
    assert reminders[0] == Reminder("last_time_numb", {"place": "foot"})


def test_pain_that_was_gone_at_once_is_no_reminder() -> None:
    before = Diary().add(dose(), ratings=[rating(2, asked="pain")], notes=[note("pain", locked=False)])
    assert before.reminders == ()


def test_no_more_than_two_places_are_named() -> None:
    notes = [note("pain", side=side, region=region) for side in ("left", "right") for region in ("sole", "calf")]
    lines = [reminder.line for reminder in Diary().add(dose(), notes=notes).reminders]
    assert lines.count("last_time_hurt") == 2


def test_last_time_is_no_reminder_after_a_month() -> None:
    assert Diary().add(dose(), notes=[note("numb")], later=timedelta(days=30)).reminders == ()


def test_skin_that_was_rubbed_before_leads_to_shoes_and_socks() -> None:
    diary = Diary()
    diary.add(dose(), notes=[note("callus", locked=False)])
    assert diary.before.reminders == ()
    diary.add(dose(), notes=[note("callus", locked=False, side="right")])
    assert diary.before.reminders == ()
    diary.add(dose(), notes=[note("blister")])
    assert Reminder("skin_again", {"place": "left sole"}) in diary.before.reminders
    diary.add(dose())
    assert diary.before.reminders == ()


@pytest.mark.parametrize(
    "name",
    sorted(
        {
            *("strong_again", "skin_again", "lower_today", "worse_today"),
            *(f"last_time_{one}" for one in ("hurt", "numb", "skin", "bruise", "bone")),
        }
    ),
)
def test_no_reminder_holds_a_word_that_a_user_might_say(name: str) -> None:
    line = CATALOGUE.lines[name]
    counts = frozenset().union(*COMMANDS.values())
    for region in {step.region for step in CATALOGUE.steps.values()} - {"none"}:
        assert load_phrasebook().grammar().commands_in(fill(line, place=f"left {region}")) & counts == set()
    assert line.ears == "open"


# --- anybody, for weeks


@st.composite
def sessions(draw: st.DrawFn) -> dict[str, object]:
    families = draw(st.lists(st.sampled_from(FAMILIES), max_size=4, unique=True))
    rated = draw(st.lists(st.sampled_from(families), max_size=3)) if families else []
    numbers = st.sampled_from([0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 10])
    kinds = ["pain", "sharp", "bruise", "blister", "numb", "callus", "dizzy", "cramp"]
    noted = draw(st.lists(st.tuples(st.sampled_from(kinds), st.sampled_from([*FAMILIES, None])), max_size=1))
    return {
        "doses": [dose(family, up=draw(st.integers(0, 5)) == 0) for family in families],
        "ratings": [rating(draw(numbers), family) for family in rated],
        "notes": [note(*one) for one in noted] if draw(st.integers(0, 3)) == 0 else [],
        "answer": draw(st.sampled_from([None, "worse", "same", "same", "better", "better"])),
        "later": draw(st.sampled_from([timedelta(hours=3), DAY, DAY, DAY, 2 * DAY, 40 * DAY])),
        "moved_clock": draw(st.integers(0, 9)) == 0,
    }


def rungs_of(before: Before, record: PastRecord | None = None) -> dict[str, int]:
    """Give where each family begins its work; a session that is told "worse" goes one lower itself."""
    worse = record is not None and record.answered is not None and record.answered.answer == "worse"
    return {family: max(1 - planned(family), before.rungs.get(family, 0) - worse) for family in FAMILIES}


def planned(family: str) -> int:
    rungs = [step.rung for step in CATALOGUE.steps.values() if step.family == family]
    return max(rungs)


@examples(300)
@given(st.lists(sessions(), min_size=1, max_size=25))
def test_whatever_people_do_the_rules_hold(lived: list[dict[str, object]]) -> None:
    diary = Diary()
    rose = False
    for one in lived:
        began = diary.before
        doses = one.pop("doses")
        assert isinstance(doses, list)
        before = diary.add(*doses, **one)  # type: ignore[arg-type]
        record = diary.records[-1]
        if record.moved_clock:
            assert before == before_session(diary.records[:-1], diary.now, CATALOGUE)
            continue
        was, now = rungs_of(began, record), rungs_of(before)
        up = {family for family in FAMILIES if now[family] > was[family]}
        happened = _happened(record)
        worse = record.answered is not None and record.answered.answer == "worse"
        factor = 0.75 if worse else began.dose_factor

        assert all(change <= 0 for change in before.rungs.values())
        assert all(now[family] - was[family] <= 1 for family in FAMILIES)
        assert not (up and rose and happened)
        assert before.rises == bool(up) or not happened
        assert before.dose_factor <= 1.0
        if up or before.offers:
            assert before.dose_factor >= factor == 1.0
        assert not up & before.offers
        for family in up | before.offers:
            check_may_rise(family, diary)
        if worse:
            assert all(
                before.rungs.get(family, 0) <= max(1 - planned(family), began.rungs.get(family, 0) - 1)
                for family in FAMILIES
            )
            assert before.dose_factor == (1.0 if doses else 0.75)
        for family in FAMILIES:
            strongest = max((one.rating for one in record.ratings if one.family == family), default=0)
            if strongest >= 8:
                assert now[family] == 1 - planned(family)
            elif strongest >= 6:
                assert now[family] < was[family] or now[family] == 1 - planned(family)
        if happened:
            rose = bool(up)


def _happened(record: PastRecord) -> bool:
    return bool(record.doses or record.ratings or record.notes or record.answered)


def check_may_rise(family: str, diary: Diary) -> None:
    """Check that the last session with this family gave no reason against a rise."""
    real = [record for record in diary.records if not record.moved_clock]
    with_family = [record for record in real if any(one.step == STEP[family] for one in record.doses)]
    last = with_family[-1]
    assert not any(one.family == family and one.rating >= 4 for one in last.ratings)
    assert not any(one.kind != "callus" for one in last.notes if one.family in (family, None))
    assert not any(one.kind != "callus" for one in real[-1].notes)
    assert not any(one.step == STEP[family] and one.rung > 1 for one in last.doses)
    assert diary.now - real[-1].began_at <= timedelta(days=28) or not _happened(real[-1])


@examples(100)
@given(st.lists(sessions(), min_size=1, max_size=15))
def test_without_next_day_answers_nothing_ever_rises(lived: list[dict[str, object]]) -> None:
    diary = Diary()
    for one in lived:
        began = diary.before
        doses = one.pop("doses")
        assert isinstance(doses, list)
        before = diary.add(*doses, **{**one, "answer": None})  # type: ignore[arg-type]
        assert all(before.rungs.get(family, 0) <= began.rungs.get(family, 0) for family in FAMILIES)


@examples(100)
@given(st.lists(sessions(), min_size=1, max_size=10), st.sampled_from(list(CATALOGUE.routines)))
def test_the_routine_only_ever_makes_it_gentler(lived: list[dict[str, object]], name: str) -> None:
    diary = Diary()
    for one in lived:
        doses = one.pop("doses")
        assert isinstance(doses, list)
        diary.add(*doses, **one)  # type: ignore[arg-type]
    own = Routine("Own", "", "", tuple(RoutineStep(step, rung=3) for step in STEP.values()), id="own")
    usual = before_session(diary.records, diary.now, CATALOGUE, find_routine(CATALOGUE, name))
    firmer = before_session(diary.records, diary.now, CATALOGUE, own)
    assert msgspec.structs.replace(usual, reminders=()) == msgspec.structs.replace(diary.before, reminders=())
    assert all(firmer.rungs.get(family, 0) <= usual.rungs.get(family, 0) for family in FAMILIES)
