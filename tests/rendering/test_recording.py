"""A whole routine as a sound file."""

from __future__ import annotations

import itertools
import wave
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from tests.cli.program import ROOT
from tests.rendering.voices import RATE, ClickingVoice
from voice_coach.errors import SoundFileError, VoiceError
from voice_coach.rendering import encoding
from voice_coach.rendering.chapters import Chapter, Contents
from voice_coach.rendering.encoding import SUFFIXES, check_suffix, encode
from voice_coach.rendering.recording import record
from voice_coach.routines.catalogue import load_catalogue
from voice_coach.session.manner import USUAL_MANNER, Manner
from voice_coach.session.plan import plan_routine
from voice_coach.speech.rehearsal import Rehearsal

if TYPE_CHECKING:
    from pathlib import Path

    from voice_coach.audio.clip import Clip

WORDS_PER_SECOND = 3.0
CATALOGUE = load_catalogue()
LINES = CATALOGUE.lines


class NotedRehearsal(Rehearsal):
    """Notes what is said in its order; lines are rendered ahead in any."""

    def __init__(self) -> None:
        super().__init__(ClickingVoice())
        self.said: list[str] = []

    def clip(self, text: str, beat: float | None = None) -> Clip:
        self.said.append(text)
        return super().clip(text, beat)


def recorded(path: Path, routine: str = "quick_3", side: str = "one") -> tuple[Contents, list[str]]:
    """Record a routine, and give what is in the file and what was said."""
    rehearsal = NotedRehearsal()
    plan = plan_routine(CATALOGUE, CATALOGUE.routines[routine], side)
    return record(plan, rehearsal, path, WORDS_PER_SECOND), rehearsal.said


def test_a_recording_is_as_long_as_its_session_and_has_a_chapter_for_each_side_of_each_step(tmp_path: Path) -> None:
    contents, _ = recorded(tmp_path / "out.wav")
    with wave.open(str(tmp_path / "out.wav")) as file:
        assert file.getframerate() == RATE
        assert file.getnframes() / RATE == pytest.approx(contents.seconds, abs=0.01)
    assert contents.title == "Quick three minutes"
    assert [chapter.title for chapter in contents.chapters] == [
        "Quick three minutes",
        "Ball roll, heel to toes, left foot",
        "Ball roll, heel to toes, right foot",
        "Arch stretch by hand, left foot",
        "Arch stretch by hand, right foot",
    ]
    times = [chapter.at for chapter in contents.chapters]
    assert times[0] == 0
    assert times == sorted(times)
    assert contents.seconds > plan_routine(CATALOGUE, CATALOGUE.routines["quick_3"]).seconds


def test_a_chapter_begins_where_its_step_does(tmp_path: Path) -> None:
    contents, _ = recorded(tmp_path / "out.wav")
    sound, _ = soundfile.read(tmp_path / "out.wav", dtype="int16")
    for chapter in contents.chapters[1:]:
        begin = round(chapter.at * RATE)
        assert np.abs(sound[begin : begin + RATE]).max() > 1000, chapter.title


def test_a_recording_asks_nothing_and_says_that_it_cannot_hear(tmp_path: Path) -> None:
    _, said = recorded(tmp_path / "out.wav", "full_15")
    asked = [LINES[name].say for name in ("opening_question", "rating", "rating_at_end")]
    assert not set(asked) & set(said)
    assert any(line.startswith(LINES["recorded_beginning"].say) for line in said)


def test_what_the_opening_question_asks_is_told_instead_and_to_its_end(tmp_path: Path) -> None:
    contents, said = recorded(tmp_path / "out.wav")
    told = LINES["recorded_check"].say
    assert told in said
    greeting = CATALOGUE.routines["quick_3"].greeting
    words = sum(len(text.split()) for text in (LINES["recorded_beginning"].say, greeting, told))
    assert contents.chapters[1].at >= words / 3


def test_a_recording_ends_with_its_summary(tmp_path: Path) -> None:
    contents, said = recorded(tmp_path / "out.wav")
    summary = next(line for line in said if line.startswith("That was"))
    sound, _ = soundfile.read(tmp_path / "out.wav", dtype="int16")
    last = np.flatnonzero(np.abs(sound) > 5000)[-1] / RATE
    assert contents.seconds - last < len(summary.split()) / 3 + 1.0


def test_a_cramp_gets_its_first_action_with_nothing_before_it(tmp_path: Path) -> None:
    contents, said = recorded(tmp_path / "out.wav", "arch_cramp_now", "left")
    assert said[0].startswith("Sit down.")
    assert contents.chapters[0].at == 0
    assert contents.chapters[0].title == "Arch grab relief, left foot"


def test_a_voice_that_fails_leaves_no_silent_recording(tmp_path: Path) -> None:
    class Mute(ClickingVoice):
        def render(self, text: str, beat: float | None = None, manner: Manner = USUAL_MANNER) -> Clip:
            raise VoiceError("Text-to-speech failed.", f"{text!r} cannot be said.", f"{beat} {manner}")

    plan = plan_routine(CATALOGUE, CATALOGUE.routines["quick_3"])
    with pytest.raises(VoiceError):
        record(plan, Rehearsal(Mute()), tmp_path / "out.wav", WORDS_PER_SECOND)


# --- the kinds of files


CONTENTS = Contents(
    "Ein Tänzchen", (Chapter(0.0, "Begin"), Chapter(1.5, "Ball roll, heel to toes"), Chapter(6.25, "Füße")), 7.0
)


@pytest.fixture(scope="module")
def tone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give seven seconds of a tone."""
    path = tmp_path_factory.mktemp("sound") / "tone.wav"
    samples = (np.sin(np.arange(7 * RATE) / 9) * 8000).astype(np.int16)
    soundfile.write(path, samples, RATE, subtype="PCM_16")
    return path


@pytest.mark.parametrize("suffix", [suffix for suffix in SUFFIXES if suffix != ".wav"])
def test_every_kind_of_file_is_as_long_as_the_sound_and_holds_the_chapters(
    tone: Path, tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"out{suffix}"
    encode(tone, path, CONTENTS)
    info = soundfile.info(path)
    assert info.frames / info.samplerate == pytest.approx(7.0, abs=0.1)
    data = path.read_bytes()
    names = [chapter.title for chapter in CONTENTS.chapters]
    assert all(name.encode("utf-16-le" if suffix == ".mp3" else "utf-8") in data for name in names)
    assert list(tmp_path.iterdir()) == [path]


def test_a_wav_file_stays_one_and_knows_its_chapters_by_their_samples(tone: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.wav"
    copy.write_bytes(tone.read_bytes())
    path = tmp_path / "out.wav"
    encode(copy, path, CONTENTS)
    with wave.open(str(path)) as file:
        assert file.getnframes() == 7 * RATE
    chunks = riff_chunks(path.read_bytes())
    assert [name for name, _ in chunks] == [b"fmt ", b"data", b"cue ", b"LIST"]
    cues = chunks[2][1]
    count = int.from_bytes(cues[:4], "little")
    samples = [int.from_bytes(cues[4 + 24 * n + 20 : 4 + 24 * n + 24], "little") for n in range(count)]
    assert samples == [0, 1.5 * RATE, 6.25 * RATE]


def riff_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    assert data[:4] == b"RIFF"
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    chunks = []
    place = 12
    while place < len(data):
        size = int.from_bytes(data[place + 4 : place + 8], "little")
        chunks.append((data[place : place + 4], data[place + 8 : place + 8 + size]))
        place += 8 + size + size % 2
    return chunks


@pytest.mark.parametrize("suffix", [".ogg", ".opus"])
def test_more_chapters_than_one_page_of_ogg_can_hold_are_all_there(tone: Path, tmp_path: Path, suffix: str) -> None:
    chapters = tuple(Chapter(n / 100, f"{n} {'long ' * 60}") for n in range(400))
    path = tmp_path / f"out{suffix}"
    encode(tone, path, Contents("Many", chapters, 7.0))
    info = soundfile.info(path)
    assert info.frames / info.samplerate == pytest.approx(7.0, abs=0.1)
    assert path.read_bytes().count(b"NAME=") > 390  # a few names lie across two pages
    pages = path.read_bytes().split(b"OggS\0")[1:]
    numbers = [int.from_bytes(page[13:17], "little") for page in pages]
    assert numbers == list(range(len(pages)))


def test_speech_as_opus_takes_few_bits(tmp_path: Path) -> None:
    speech, rate = soundfile.read(ROOT / "tests" / "recordings" / "sentence_1.flac")
    seconds = 10.0
    many = np.tile(speech, round(seconds * rate / len(speech)) + 1)[: round(seconds * rate)]
    wav, path = tmp_path / "speech.wav", tmp_path / "speech.opus"
    soundfile.write(wav, many, rate, subtype="PCM_16")
    encode(wav, path, Contents("Speech", (Chapter(0.0, "all"),), seconds))
    assert path.stat().st_size * 8 / seconds < 48_000


def test_an_mp3_file_tells_where_each_chapter_ends(tone: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.mp3"
    encode(tone, path, CONTENTS)
    data = path.read_bytes()
    assert data[:5] == b"ID3\x03\x00"
    places = [data.index(b"CHAP")]
    while (place := data.find(b"CHAP", places[-1] + 4)) > 0:
        places.append(place)
    times = []
    for place in places:
        begin = data.index(b"\0", place + 10) + 1
        times.append(
            (int.from_bytes(data[begin : begin + 4], "big"), int.from_bytes(data[begin + 4 : begin + 8], "big"))
        )
    assert times == [(0, 1500), (1500, 6250), (6250, 7000)]
    assert all(end == start for (_, end), (start, _) in itertools.pairwise(times))


def test_a_name_of_no_known_kind_is_told(tmp_path: Path) -> None:
    with pytest.raises(SoundFileError, match=r"does not end in one of \.wav"):
        check_suffix(tmp_path / "out.mov")
    with pytest.raises(SoundFileError):
        check_suffix(tmp_path / "out")
    for suffix in SUFFIXES:
        check_suffix(tmp_path / f"OUT{suffix.upper()}")


def test_a_file_that_cannot_be_written_is_told_and_leaves_nothing_behind(tone: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out.flac"
    folder.mkdir()
    (folder / "something").touch()
    with pytest.raises(SoundFileError, match="cannot be written"):
        encode(tone, folder, CONTENTS)
    assert list(tmp_path.iterdir()) == [folder]


def test_a_recording_that_is_broken_off_leaves_nothing_beside_the_file(
    tone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_wav: Path, part: Path, _kind: object) -> None:
        part.write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(encoding, "_encode", interrupted)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    wav = scratch / "recording.wav"
    wav.write_bytes(tone.read_bytes())
    with pytest.raises(KeyboardInterrupt):
        encode(wav, tmp_path / "out.mp3", CONTENTS)
    assert list(tmp_path.iterdir()) == [scratch]
