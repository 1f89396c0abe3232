"""Whatever stands in a file of the user, it is read, or told in sentences: no parser lets its own error out."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.fuzz.odd import ODD_TEXTS, damaged, odd_text
from voice_coach.cli.hearing import read_phrases
from voice_coach.commands.phrasebook import load_phrasebook, parse_phrasebook
from voice_coach.errors import CoachError, ContentError, HistoryFileError, PhrasesError, ScriptError, SettingsError
from voice_coach.files import MOST_BYTES, read_bounded
from voice_coach.history.exchange import as_document
from voice_coach.profile.store import load_profile, save_profile
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.routines.checking import check
from voice_coach.routines.own import problems_in
from voice_coach.settings import change_settings, read_settings
from voice_coach.typed_input import LONGEST_LINE, read_script

if TYPE_CHECKING:
    from pathlib import Path

DEEP = "[" * 100_000
DIGITS = "9" * 5000
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
SETTINGS = b"""# mine
[audio]
microphone = "Yeti"
speaker = 'Headphones'
loudness = -3.5
speech_rate = 170
"""
PROFILE = b'{"answers": {"heel_pain": {"reply": "no", "on": "2026-07-01"}}, "tools": ["ball"], "place": "floor"}'
ROUTINE = b"""name: Evening feet
steps:
  - {step: ball_roll, seconds: 60}
  - step: plantar_pull
    repetitions: 3
    hold: 10
    note: "Keep your {side} knee loose."
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("odd")


@given(damaged(SETTINGS))
@example(f"[audio]\nloudness = {DIGITS}".encode())
@example(f"[audio]\nloudness = {DEEP}".encode())
@example(f"[audio]\nloudness = {'{a=' * 5000}".encode())
@example(b"audio = 3")
@example(b"[[audio]]\nloudness = 3")
@example(b"[audio]\nloudness = nan")
@example(b"[audio]\nloudness = inf")
@example(b"[audio]\nspeech_rate = 1e308")
@example(b"[audio]\nmicrophone = '\\u0000'")
@example(b"[audio]\nloudness = 1979-05-27T07:32:00Z")
def test_any_settings_file_is_read_or_told_and_can_be_changed_or_not(folder: Path, data: bytes) -> None:
    file = folder / "settings.toml"
    file.write_bytes(data)
    settings = read_settings({}, file)
    assert -12 <= settings.audio.loudness <= 6
    assert 110 <= settings.audio.speech_rate <= 240
    for problem in settings.problems:
        assert len(str(problem)) < 6000
    with suppress(SettingsError):
        change_settings({"loudness": 2.0}, file)
        assert read_settings({}, file).audio.loudness == 2.0


@given(st.text(max_size=30), odd_text())
def test_any_setting_of_the_command_line_is_taken_or_told(folder: Path, name: str, value: str) -> None:
    settings = read_settings({name: value, "loudness": value, "speech_rate": value, "speaker": value}, folder / "none")
    assert -12 <= settings.audio.loudness <= 6
    assert 110 <= settings.audio.speech_rate <= 240


@given(st.lists(st.tuples(odd_text(20), odd_text())), st.sampled_from(["\n", "\r\n", "\r", "\x85", "\u2028"]))
@example([(DIGITS, "next")], "\n")
@example([("1e999", "next")], "\n")
@example([("-0", "stop " * 1_000)], "\n")
def test_any_script_is_read_or_told(folder: Path, lines: list[tuple[str, str]], end: str) -> None:
    file = folder / "script.txt"
    file.write_bytes(end.join(f"{at} {text}" for at, text in lines).encode("utf-8", "surrogatepass"))
    with suppress(ScriptError):
        for line in read_script(file):
            assert line.at >= 0
            assert 0 < len(line.text) <= LONGEST_LINE


@given(damaged(b"next\nharder\nsay that again\n"))
@example(b"next\n" * 50_000)
@example(b"\xff\xfe")
def test_any_file_of_phrases_is_read_or_told(folder: Path, data: bytes) -> None:
    file = folder / "phrases.txt"
    file.write_bytes(data)
    with suppress(PhrasesError):
        assert all(phrase.strip() for phrase in read_phrases(file).phrases)


@given(damaged(PROFILE))
@example(DEEP.encode())
@example(b'{"answers": ' + DEEP.encode())
@example(f'{{"answers": {DIGITS}}}'.encode())
@example(b'{"answers": {"heel_pain": {"reply": "no", "on": "0000-01-01"}}}')
def test_any_profile_is_read_or_told_and_can_be_written_again(folder: Path, data: bytes) -> None:
    file = folder / "profile.json"
    file.write_bytes(data)
    with suppress(CoachError):
        profile = load_profile(file)
        save_profile(folder / "again.json", profile)
        assert load_profile(folder / "again.json") == profile


@given(damaged(ROUTINE))
@example(DEEP.encode())
@example(b"a: &a [x]\nb: *a\n")
@example(b"a: &a [*a]")
@example(b"- " * 20_000)
@example(b"{" * 20_000)
@example(b"? " * 20_000)
@example(b"name: !!python/object/apply:os.system [ls]")
@example(f"name: x\nsteps:\n  - {{step: ball_roll, seconds: {DIGITS}}}".encode())
@example(b"name: x\nsteps: [" + b"{step: ball_roll}, " * 1500 + b"]")
def test_any_routine_file_is_good_or_every_mistake_has_its_line(folder: Path, data: bytes) -> None:
    file = folder / "evening_feet.yaml"
    file.write_bytes(data)
    routine, problems = problems_in(file, load_catalogue())
    assert (routine is None) == bool(problems)
    for problem in problems:
        assert problem.line >= 1
        assert str(problem).isprintable()


@given(st.sampled_from(ODD_TEXTS), st.sampled_from(["name: {}", "name: x\nsteps:\n  - {{step: ball_roll, note: {}}}"]))
def test_odd_text_in_a_routine_is_told_or_kept(text: str, form: str) -> None:
    check(form.format(text), "mine", load_catalogue())


@pytest.mark.parametrize("kind", ["json", "csv"])
@pytest.mark.parametrize(
    "text",
    [
        DEEP,
        '{"sessions": ' + DEEP,
        '{"voice_coach_history": 1, "sessions": [' + '{"a":' * 50_000,
        f'{{"voice_coach_history": {DIGITS}, "sessions": []}}',
        f"record,number\nsession,{DIGITS}\n",
        'record,"' + "x" * 300_000,
        "record\0,number\n",
        "record,number\n" * 1000,
        *(text for text in ODD_TEXTS if text != "\ud800"),
    ],
    ids=lambda text: f"{text[:12]!r}",
)
def test_odd_text_to_import_is_told(kind: str, text: str) -> None:
    with suppress(HistoryFileError):
        as_document(text, "json" if kind == "json" else "csv", "file", NOW)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(
    st.fixed_dictionaries(
        {
            "slots": JSON | st.dictionaries(st.text(max_size=5), st.dictionaries(st.text(max_size=5), st.integers())),
            "commands": JSON
            | st.dictionaries(
                st.text(max_size=5),
                st.fixed_dictionaries({"group": st.just("flow"), "phrases": st.lists(odd_text(12), max_size=4)}),
                max_size=4,
            ),
        }
    )
)
def test_any_phrases_of_commands_are_read_or_told(data: object) -> None:
    with suppress(ContentError):
        parse_phrasebook(data)


@given(odd_text(LONGEST_LINE))
@example("stop it hurts " * 14)
@example("no pain no " * 18)
def test_anything_typed_is_a_command_or_none(text: str) -> None:
    grammar = load_phrasebook().grammar()
    grammar.match_typed(text[:LONGEST_LINE])
    grammar.commands_in(text[:LONGEST_LINE])


def test_a_file_without_an_end_is_not_read_to_it(tmp_path: Path) -> None:
    endless = tmp_path / "endless"
    try:
        endless.symlink_to("/dev/zero")
    except OSError:
        pytest.skip("no links here")
    if not endless.exists():
        pytest.skip("nothing without an end here")
    with pytest.raises(OSError, match="more than"):
        read_bounded(endless)
    with pytest.raises(ScriptError):
        read_script(endless)
    with pytest.raises(PhrasesError):
        read_phrases(endless)
    assert read_settings({}, endless).problems
    assert problems_in(endless, load_catalogue())[1]


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    file = tmp_path / "large"
    file.write_bytes(b"x" * MOST_BYTES)
    assert len(read_bounded(file)) == MOST_BYTES
