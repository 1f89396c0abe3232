"""The bench counts what a recogniser made of a tape: right, wrong, rejected, and heard where nothing was."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

pytest.importorskip("soundfile", reason="the bench needs the `train` extra")
sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from bench import footprint, hearing, hearing_report
from train_command_model.recordings import load_manifest, write_samples

from voice_coach.commands.grammar import Command, Grammar
from voice_coach.speech.models import packaged_model

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GRAMMAR = Grammar({"right": Command("right"), "the right": Command("right"), "stop": Command("stop")})
LOUD = np.full(8_000, 3_000, np.float32) * np.resize([1, -1], 8_000).astype(np.float32)


class ScriptedEar:
    """Hears what it is told to, half a second after the end of each word."""

    def __init__(self, *heard: str) -> None:
        self._heard = heard

    def hear(self, tape: bytes, said: Sequence[hearing.Said]) -> Iterator[hearing.Heard]:
        assert len(tape) > 2 * LOUD.size * len(said)
        for phrase, one in zip(self._heard, said, strict=True):
            if phrase:
                yield hearing.Heard(phrase, one.ends + 0.5)


def measured(ear: hearing.Ear, *phrases: str) -> hearing.Result:
    tape, said = hearing.make_tape([(LOUD, phrase) for phrase in phrases])
    return hearing.measure(ear, tape, said, GRAMMAR)


def test_the_command_counts_not_its_wording() -> None:
    result = measured(ScriptedEar("the right", "stop", ""), "right", "right", "stop")
    row = result.as_json()
    assert (row["right"], row["wrong"], row["rejected"]) == (0.3333, 0.3333, 0.3333)
    assert result.per_phrase == {"right": {"right": 1, "stop": 1}, "stop": {"(nothing)": 1}}


def test_latency_counts_from_the_end_of_the_word() -> None:
    assert measured(ScriptedEar("stop"), "stop").latencies == pytest.approx([0.5])


def test_what_is_heard_where_nothing_is_for_us_is_false() -> None:
    result = measured(ScriptedEar("stop", ""), "", "")
    assert result.false == {"stop": 1}
    row = result.as_json()
    assert row["false_per_hour"] == pytest.approx(3600 / result.seconds, rel=0.01)


def test_recordings_lie_where_the_tape_says() -> None:
    tape, said = hearing.make_tape([(LOUD, "stop"), (LOUD, "")])
    for one in said:
        first, last = (round(moment * 16_000) for moment in (one.begins, one.over))
        assert np.array_equal(tape[first:last], LOUD)
        assert one.ends == pytest.approx(one.over)


def test_each_part_has_its_own_speakers(tmp_path: Path) -> None:
    rows = ["path,text,speaker,source,licence,kind"]
    rows += [f"{number}.flac,stop,speaker {number},here,CC0,isolated" for number in range(200)]
    rows.append("speech.flac,,somebody,here,CC0,speech")
    (tmp_path / "manifest.csv").write_text("\n".join(rows))
    recordings = load_manifest(tmp_path)
    parts = {part: {r.speaker for r in recordings if hearing.is_wanted(r, part)} for part in ("train", "tune", "test")}
    assert len(set().union(*parts.values())) == sum(map(len, parts.values())) == 201
    assert "somebody" in parts["test"]
    assert len(parts["tune"]) < len(parts["test"]) < len(parts["train"])


def test_every_condition_has_all_commands_and_every_kind_its_tape(tmp_path: Path) -> None:
    rows = ["path,text,speaker,source,licence,kind"]
    for name, text, kind in (("a", "stop", "isolated"), ("b", "banana", "isolated"), ("c", "", "noise")):
        write_samples(tmp_path / f"{name}.flac", np.tile(LOUD, 3))
        rows.append(f"{name}.flac,{text},{name},here,CC0,{kind}")
    (tmp_path / "manifest.csv").write_text("\n".join(rows))
    made = {
        name: [one.phrase for one in said]
        for name, _, said in hearing.tapes(load_manifest(tmp_path), GRAMMAR, ["clean", "10 dB", "room"])
    }
    assert made == {
        "commands, clean": ["stop"],
        "commands, 10 dB": ["stop"],
        "commands, room": ["stop"],
        "noise": [""],
        "other words": [""],
    }


def test_talk_is_a_sentence_as_loud_as_the_command_and_a_pause_before_it(tmp_path: Path) -> None:
    sentence = np.tile(LOUD, 8) / np.float32(10)
    rows = ["path,text,speaker,source,licence,kind"]
    for name, text, samples in (("a", "stop", np.tile(LOUD, 2)), ("b", "i can stop at any time", sentence)):
        write_samples(tmp_path / f"{name}.flac", samples)
        rows.append(f"{name}.flac,{text},{name},here,CC0,isolated")
    (tmp_path / "manifest.csv").write_text("\n".join(rows))
    ((_, tape, (said,)),) = hearing.command_tapes(load_manifest(tmp_path), GRAMMAR, ["talk"])
    assert said.ends - said.begins == pytest.approx(4 + hearing.TALK_PAUSE_SECONDS + 1, abs=0.02)
    talk, command = (tape[round(at * 16_000) - 4_000 : round(at * 16_000)] for at in (said.begins + 4, said.ends))
    assert np.abs(talk).mean() == pytest.approx(np.abs(command).mean(), rel=0.01)


def test_the_report_tells_each_command_with_what_it_was_taken_for() -> None:
    heard = measured(ScriptedEar("the right", "stop", "", "stop"), "right", "right", "right", "stop").as_json()
    lines = list(hearing_report.tables({"coach": {"commands, clean": heard}}))
    assert "| right | 3 | 0.33 | 0.33 | 0.33 | stop |" in lines
    assert "| stop | 1 | 1.00 | 0.00 | 0.00 |  |" in lines
    (summary,) = [line for line in lines if line.startswith("| coach | clean |")]
    assert summary.startswith("| coach | clean | 4 | 0.500 | 0.250 | 0.250 | 0.50 / 0.50 s |")


def test_the_report_tells_what_was_heard_where_nothing_was() -> None:
    row = measured(ScriptedEar("stop", "right"), "", "").as_json()
    lines = list(hearing_report.tables({"coach": {"noise": row}}))
    assert any(line.startswith("| coach | noise |") and "| right, stop |" in line for line in lines)


def test_memory_is_that_of_a_process_which_only_listens() -> None:
    folder = packaged_model()
    assert folder is not None
    silence = bytes(2 * 16_000)
    assert 30 < footprint.peak_megabytes(folder, silence) <= 100
