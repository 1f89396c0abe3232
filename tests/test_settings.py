"""The settings file: where a value comes from, what is wrong with it, and how it is changed."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from voice_coach.errors import SettingsError
from voice_coach.settings import (
    AudioSettings,
    ListeningSettings,
    ScreenSettings,
    SessionSettings,
    change_settings,
    read_settings,
    write_new_file,
)
from voice_coach.settings_table import SETTINGS, new_file, variable_of

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(variable_of(name), raising=False)


def problem(file: Path) -> str:
    """Give the only problem with the settings in `file`."""
    (error,) = read_settings(file=file).problems
    return str(error)


def test_without_a_file_everything_is_as_usual(file: Path) -> None:
    settings = read_settings(file=file)
    assert settings.audio == AudioSettings(None, None, 0.0, 165)
    assert (settings.sources, settings.problems) == ({}, ())


def test_the_file_says_what_it_says(file: Path) -> None:
    file.write_text('[audio]\nmicrophone = "Yeti"\nloudness = -3\nspeech_rate = 180\n', encoding="utf-8")
    settings = read_settings(file=file)
    assert settings.audio == AudioSettings("Yeti", None, -3.0, 180)
    assert settings.sources == {"microphone": "file", "loudness": "file", "speech_rate": "file"}


def test_the_environment_wins_over_the_file_and_an_option_over_both(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text('[audio]\nmicrophone = "file"\nspeaker = "file"\nloudness = 1\n', encoding="utf-8")
    monkeypatch.setenv("VOICE_COACH_SPEAKER", "environment")
    monkeypatch.setenv("VOICE_COACH_MICROPHONE", "environment")
    settings = read_settings({"microphone": "option", "speaker": None}, file)
    assert settings.audio == AudioSettings("option", "environment", 1.0)
    assert settings.sources == {"microphone": "option", "speaker": "environment", "loudness": "file"}


@pytest.mark.parametrize(
    ("line", "allowed"),
    [
        ("loudness = 40", "from -12 to 6"),
        ("loudness = true", "from -12 to 6"),
        ("loudness = nan", "from -12 to 6"),
        ('speech_rate = "fast"', "from 110 to 240"),
        ("microphone = 3", "part of a device's name"),
        ('duplex = "full"', "one of auto, half."),
        ('speaker = " "', "part of a device's name"),
        ("volume = 3", "microphone, speaker, loudness, speech_rate"),
    ],
)
def test_a_bad_value_is_named_with_its_line_and_the_usual_one_is_taken(file: Path, line: str, allowed: str) -> None:
    file.write_text(f"[session]\nminutes = 8\n\n[ audio ]  # sound\n  {line}\n", encoding="utf-8")
    assert f"Line 5 of {file}" in problem(file)
    assert allowed in problem(file)
    assert read_settings(file=file).audio == AudioSettings()


def test_a_file_that_an_editor_has_marked_as_utf_8_is_read_and_changed(file: Path) -> None:
    file.write_text("[audio]\nloudness = 3\n", encoding="utf-8-sig")
    assert (read_settings(file=file).audio.loudness, read_settings(file=file).problems) == (3.0, ())
    change_settings({"speech_rate": 150}, file)
    assert read_settings(file=file).audio == AudioSettings(loudness=3.0, speech_rate=150)


def test_a_bad_value_leaves_the_others_alone(file: Path) -> None:
    file.write_text("[audio]\nloudness = 40\nspeech_rate = 180\n", encoding="utf-8")
    assert read_settings(file=file).audio == AudioSettings(speech_rate=180)


def test_a_bad_value_in_the_environment_is_named_too(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOICE_COACH_LOUDNESS", "loud")
    assert "The environment variable VOICE_COACH_LOUDNESS" in problem(file)
    assert problem(file).endswith("Try: unset VOICE_COACH_LOUDNESS")


@pytest.mark.parametrize("content", [b"[audio\n", b"\xff\xfe", b"audio = 3\n"])
def test_a_file_that_cannot_be_read_is_told_and_everything_is_as_usual(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert str(file) in problem(file)
    assert read_settings(file=file).audio == AudioSettings()


@pytest.mark.parametrize(
    ("line", "section", "allowed"),
    [
        ("plain = 3", "screen", "true or false"),
        ('colour = "red"', "screen", "one of auto, never"),
        ("minutes = 31", "session", "from 1 to 30"),
        ("model = 1", "listening", "the folder of a Vosk model"),
        ("loudness = 1", "screen", "there are plain, ascii, colour"),
    ],
)
def test_a_bad_value_in_any_section_is_named_with_its_line(file: Path, line: str, section: str, allowed: str) -> None:
    file.write_text(f"[audio]\nloudness = 3\n[{section}]\n{line}\n", encoding="utf-8")
    assert f"Line 4 of {file}" in problem(file)
    assert allowed in problem(file)
    assert read_settings(file=file).audio.loudness == 3.0


def test_a_section_that_there_is_not_is_told_with_those_that_there_are(file: Path) -> None:
    file.write_text("loudness = 3\n", encoding="utf-8")
    assert "[audio], [listening], [screen], [session]" in problem(file)


def test_every_setting_can_come_from_the_environment(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"plain": "1", "ascii": "yes", "colour": "never", "routine": "desk", "minutes": "8", "model": "/there"}
    for name, value in values.items():
        monkeypatch.setenv(variable_of(name), value)
    settings = read_settings(file=file)
    assert settings.screen == ScreenSettings(plain=True, ascii=True, colour="never")
    assert settings.session == SessionSettings("desk", 8)
    assert settings.listening == ListeningSettings("/there")
    assert set(settings.sources.values()) == {"environment"}


class TestTheNewFile:
    def test_changes_nothing_as_it_is(self, file: Path) -> None:
        assert write_new_file(file) == file
        settings = read_settings(file=file)
        assert (settings.sources, settings.problems) == ({}, ())

    def test_is_good_with_every_line_set(self, file: Path) -> None:
        lines = [line[2:] if " = " in line and line.startswith("# ") else line for line in new_file().splitlines()]
        file.write_text("\n".join(lines), encoding="utf-8")
        settings = read_settings(file=file)
        assert settings.problems == ()
        assert set(settings.sources) == set(SETTINGS)
        assert lines[settings.lines["minutes"] - 1] == "minutes = 8"

    def test_is_never_written_over_another(self, file: Path) -> None:
        file.write_text("[audio]\n", encoding="utf-8")
        with pytest.raises(SettingsError, match="settings already"):
            write_new_file(file)

    def test_is_what_a_first_change_goes_into(self, file: Path) -> None:
        change_settings({"minutes": 8}, file)
        text = file.read_text(encoding="utf-8")
        assert "# loudness = 3" in text
        assert read_settings(file=file).session == SessionSettings(minutes=8)


class TestChanges:
    def test_a_change_is_read_again(self, file: Path) -> None:
        change_settings({"microphone": 'the "good" one\\', "loudness": 3.0}, file)
        assert read_settings(file=file).audio == AudioSettings('the "good" one\\', loudness=3.0)

    def test_comments_and_other_settings_stay(self, file: Path) -> None:
        file.write_text('# mine\n[audio]\nspeaker = "x"  # the old one\n\n[screen]\ncolour = "no"\n', encoding="utf-8")
        change_settings({"speaker": "y", "speech_rate": 150}, file)
        text = file.read_text(encoding="utf-8")
        assert "# mine" in text
        assert "# the old one" in text
        assert 'colour = "no"' in text
        assert read_settings(file=file).audio == AudioSettings(speaker="y", speech_rate=150)

    def test_nothing_removes_a_setting(self, file: Path) -> None:
        change_settings({"speaker": "y", "microphone": "x"}, file)
        change_settings({"speaker": None}, file)
        assert read_settings(file=file).audio == AudioSettings(microphone="x")

    def test_a_value_that_is_not_allowed_is_not_written(self, file: Path) -> None:
        with pytest.raises(SettingsError, match="from -12 to 6"):
            change_settings({"loudness": 7.0}, file)
        assert not file.exists()

    def test_a_damaged_file_is_left_as_it_is(self, file: Path) -> None:
        file.write_text("[audio\n", encoding="utf-8")
        with pytest.raises(SettingsError, match="cannot be written"):
            change_settings({"loudness": 1.0}, file)
        assert file.read_text(encoding="utf-8") == "[audio\n"
        assert [path.name for path in file.parent.iterdir()] == [file.name]

    def test_a_section_that_is_none_is_left_as_it_is(self, file: Path) -> None:
        file.write_text("audio = 3\n", encoding="utf-8")
        with pytest.raises(SettingsError, match="cannot be written"):
            change_settings({"loudness": 1.0}, file)

    def test_a_link_to_the_file_stays_a_link(self, file: Path, tmp_path: Path) -> None:
        real = tmp_path / "elsewhere.toml"
        real.write_text("", encoding="utf-8")
        file.symlink_to(real)
        change_settings({"loudness": 1.0}, file)
        assert file.is_symlink()
        assert "loudness" in real.read_text(encoding="utf-8")

    def test_a_folder_that_cannot_be_written_is_told(self, tmp_path: Path) -> None:
        blocked = tmp_path / "file"
        blocked.write_text("", encoding="utf-8")
        blocked.chmod(stat.S_IRUSR)
        with pytest.raises(SettingsError, match="cannot be written"):
            change_settings({"loudness": 1.0}, blocked / "settings.toml")
