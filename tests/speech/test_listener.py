"""The rules of listening, with a recogniser that hears what the test says, and with real recordings."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
import pytest

from voice_coach.audio.wav_files import WavMicrophone
from voice_coach.commands.grammar import Command, Grammar
from voice_coach.commands.phrasebook import load_phrasebook
from voice_coach.speech.listener import Listener, ListeningRules, Patience

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voice_coach.speech.listener import Utterance
    from voice_coach.speech.models import SpeechModel

GRAMMAR = Grammar(
    {phrase: Command(phrase.replace(" ", "_")) for phrase in ("next", "stop", "stop listening", "talk faster")}
    | {"faster": Command("faster"), "next step": Command("next")},
    urgent=frozenset({"stop"}),
)
OTHER = Grammar({"yes": Command("yes"), "next": Command("next")})
RULES = ListeningRules(
    plain=Patience(0.1, 0.2, 0.9),
    urgent=Patience(0.05, 0.1, 0.7),
    growing=Patience(0.2, 0.4, None),
    urgent_growing=Patience(0.05, 0.2, None),
)
QUIET, LOUD = 20, 6_000
TOLERANCE = 0.05


class Said(NamedTuple):
    """A word, or [unk]: between two moments in seconds; heard as soon as it begins."""

    word: str
    start: float
    end: float


def sound(said: Sequence[Said], seconds: float) -> list[bytes]:
    """Give blocks of noise, loud where something is said."""
    generator = np.random.default_rng(1)
    samples = generator.normal(size=round(seconds * 16_000)) * QUIET
    for word in said:
        span = slice(round(word.start * 16_000), round(word.end * 16_000))
        samples[span] = generator.normal(size=len(samples[span])) * LOUD
    data = np.clip(samples, -32_768, 32_767).astype("<i2").tobytes()
    return [data[start : start + 320] for start in range(0, len(data), 320)]


class ScriptedRecogniser:
    """Hears the words of a script at their times, and ends an utterance after half a second of silence."""

    def __init__(self, script: Sequence[Said], words: frozenset[str], start_block: int) -> None:
        self._script = script
        self._words = words
        self._start = start_block
        self._blocks = start_block
        self._utterance_start = start_block * 0.01

    def AcceptWaveform(self, block: bytes) -> bool:  # noqa: N802 - Vosk's name
        assert len(block) == 320
        self._blocks += 1
        heard = self._heard()
        return bool(heard) and self._now - heard[-1].end >= 0.5

    def PartialResult(self) -> str:  # noqa: N802 - Vosk's name
        words = " ".join(self._as_word(said) for said in self._heard())
        return json.dumps({"partial": words} if words else {"text": ""})

    def Result(self) -> str:  # noqa: N802 - Vosk's name
        return self.FinalResult()

    def FinalResult(self) -> str:  # noqa: N802 - Vosk's name
        begin = self._start * 0.01
        words = [
            {
                "word": self._as_word(said),
                "start": max(0.0, said.start - begin),
                "end": min(said.end, self._now) - begin,
            }
            for said in self._heard()
        ]
        self._utterance_start = self._now
        return json.dumps({"result": words} if words else {"text": ""})

    @property
    def _now(self) -> float:
        return self._blocks * 0.01

    def _heard(self) -> list[Said]:
        return [said for said in self._script if said.end > self._utterance_start and said.start < self._now]

    def _as_word(self, said: Said) -> str:
        return said.word if said.word in self._words else "[unk]"


@dataclass
class ScriptedModel:
    """Stands for a speech model; every recogniser it gives hears `script`."""

    script: Sequence[Said]
    unknown: frozenset[str] = frozenset()
    listener: Listener | None = None
    made: int = 0

    def unheard(self, phrases: Sequence[str]) -> list[str]:
        return [phrase for phrase in phrases if set(phrase.split()) & self.unknown]

    def recogniser(self, phrases: Sequence[str]) -> ScriptedRecogniser:
        self.made += 1
        words = frozenset(word for phrase in phrases for word in phrase.split())
        start = 0 if self.listener is None else self.listener._blocks - len(self.listener._replay)
        return ScriptedRecogniser(self.script, words, start)


def scripted(said: Sequence[Said], grammar: Grammar = GRAMMAR, rules: ListeningRules = RULES) -> Listener:
    model = ScriptedModel(said)
    model.listener = Listener(cast("SpeechModel", model), grammar, rules)
    return model.listener


def hear(listener: Listener, blocks: Sequence[bytes]) -> list[Utterance]:
    return [utterance for block in blocks for utterance in listener.feed(block)]


def commands(utterances: Sequence[Utterance]) -> list[str]:
    return [utterance.command.id for utterance in utterances if utterance.command]


class TestEarlyCommit:
    def test_a_phrase_is_acted_upon_as_soon_as_the_speaker_is_quiet(self) -> None:
        said = [Said("faster", 1.0, 1.4)]
        (utterance,) = hear(scripted(said), sound(said, 3))
        assert utterance.command == Command("faster")
        assert utterance.text == "faster"
        assert utterance.early
        assert utterance.at == pytest.approx(1.4, abs=TOLERANCE)
        assert utterance.committed_at == pytest.approx(1.4 + RULES.plain.quiet, abs=TOLERANCE)

    def test_an_urgent_one_sooner(self) -> None:
        grammar = Grammar({"stop": Command("stop")}, urgent=frozenset({"stop"}))
        said = [Said("stop", 1.0, 1.4)]
        (utterance,) = hear(scripted(said, grammar), sound(said, 3))
        assert utterance.committed_at == pytest.approx(1.4 + RULES.urgent.quiet, abs=TOLERANCE)

    def test_one_that_may_become_another_later(self) -> None:
        grammar = Grammar({"faster": Command("faster"), "faster please": Command("please")})
        said = [Said("faster", 1.0, 1.4)]
        (utterance,) = hear(scripted(said, grammar), sound(said, 3))
        assert utterance.committed_at == pytest.approx(1.4 + RULES.growing.quiet, abs=TOLERANCE)

    def test_the_longer_phrase_wins_when_it_comes(self) -> None:
        said = [Said("stop", 1.0, 1.3), Said("listening", 1.3, 1.9)]
        assert commands(hear(scripted(said), sound(said, 3))) == ["stop_listening"]

    def test_a_longer_phrase_of_the_same_meaning_is_not_a_second_command(self) -> None:
        said = [Said("next", 1.0, 1.3), Said("step", 1.35, 1.8)]
        assert commands(hear(scripted(said), sound(said, 3))) == ["next"]

    def test_in_steady_noise_a_stable_phrase_is_enough(self) -> None:
        said = [Said("faster", 1.0, 1.4)]
        rules = ListeningRules(plain=RULES.plain, onset_rise=0)
        noise = sound([Said("", 0.0, 3.0)], 3)
        (utterance,) = hear(scripted(said, rules=rules), noise)
        assert utterance.command == Command("faster")
        assert utterance.committed_at == pytest.approx(1.0 + 0.9, abs=TOLERANCE)


class TestAnchoring:
    def test_a_command_word_within_other_speech_is_none(self) -> None:
        said = [Said("the", 1.0, 1.2), Said("next", 1.2, 1.5), Said("house", 1.5, 1.9)]
        utterances = hear(scripted(said), sound(said, 3))
        assert commands(utterances) == []
        assert [utterance.text for utterance in utterances] == ["next"]

    def test_a_command_word_right_after_other_speech_is_none(self) -> None:
        said = [Said("house", 1.0, 1.5), Said("faster", 2.05, 2.4)]
        rules = ListeningRules(plain=RULES.plain, anchor_silence=0.6)
        assert commands(hear(scripted(said, rules=rules), sound(said, 4))) == []

    def test_speech_that_goes_on_after_a_command_is_no_second_command(self) -> None:
        said = [Said("faster", 1.0, 1.4), Said("house", 1.7, 2.0), Said("next", 2.05, 2.4)]
        blocks = sound([*said, Said("", 1.62, 1.7)], 4)
        assert commands(hear(scripted(said), blocks)) == ["faster"]

    def test_a_second_command_after_a_pause_counts(self) -> None:
        said = [Said("faster", 1.0, 1.4), Said("next", 2.2, 2.6)]
        assert commands(hear(scripted(said), sound(said, 4))) == ["faster", "next"]

    def test_a_click_is_too_short_to_be_a_word(self) -> None:
        said = [Said("next", 1.0, 1.05)]
        assert commands(hear(scripted(said), sound(said, 3))) == []

    def test_a_phrase_no_louder_than_what_came_before_is_none(self) -> None:
        said = [Said("faster", 1.0, 1.4)]
        assert commands(hear(scripted(said), sound([Said("", 0.0, 1.4)], 3))) == []


class TestGrammars:
    def test_a_new_grammar_counts_at_once_when_nobody_speaks(self) -> None:
        said = [Said("yes", 1.0, 1.4)]
        listener = scripted(said)
        blocks = sound(said, 3)
        assert hear(listener, blocks[:50]) == []
        listener.use_grammar(OTHER)
        assert commands(hear(listener, blocks[50:])) == ["yes"]

    def test_a_word_that_has_just_begun_is_not_lost_by_the_change(self) -> None:
        said = [Said("yes", 1.0, 1.4)]
        listener = scripted([Said("yes", 1.2, 1.4)], rules=ListeningRules(plain=RULES.plain, onset_rise=-99))
        blocks = sound(said, 3)
        hear(listener, blocks[:115])
        listener.use_grammar(OTHER)
        assert commands(hear(listener, blocks[115:])) == ["yes"]

    def test_an_utterance_in_progress_is_matched_against_the_new_grammar(self) -> None:
        said = [Said("faster", 1.0, 1.4)]
        listener = scripted(said)
        blocks = sound(said, 3)
        hear(listener, blocks[:120])
        listener.use_grammar(OTHER)
        (utterance,) = hear(listener, blocks[120:])
        assert (utterance.text, utterance.command) == ("faster", None)

    def test_after_an_utterance_in_progress_the_new_words_are_heard(self) -> None:
        said = [Said("faster", 1.0, 1.4), Said("yes", 2.5, 2.9)]
        listener = scripted(said)
        blocks = sound(said, 4)
        hear(listener, blocks[:120])
        listener.use_grammar(OTHER)
        assert commands(hear(listener, blocks[120:])) == ["yes"]

    def test_phrases_the_model_cannot_hear_do_not_delay_the_others(self) -> None:
        grammar = Grammar({"faster": Command("faster"), "faster flibber": Command("flibber")})
        said = [Said("faster", 1.0, 1.4)]
        model = ScriptedModel(said, unknown=frozenset({"flibber"}))
        listener = Listener(cast("SpeechModel", model), grammar, RULES)
        (utterance,) = hear(listener, sound(said, 3))
        assert utterance.committed_at == pytest.approx(1.4 + RULES.plain.quiet, abs=TOLERANCE)


class TestReports:
    def test_other_speech_is_an_utterance_without_a_command(self) -> None:
        said = [Said("house", 1.0, 1.5)]
        (utterance,) = hear(scripted(said), sound(said, 3))
        assert (utterance.text, utterance.command, utterance.early) == ("", None, False)

    def test_the_partial_is_what_is_being_said_now(self) -> None:
        said = [Said("stop", 1.0, 1.3), Said("listening", 1.3, 1.9)]
        listener = scripted(said)
        blocks = sound(said, 3)
        partials = []
        for block in blocks:
            listener.feed(block)
            partials.append(listener.partial)
        assert list(dict.fromkeys(partials)) == ["", "stop", "stop listening"]
        assert listener.partial == ""

    def test_the_level_is_that_of_the_last_block(self) -> None:
        listener = scripted([])
        assert listener.level_dbfs == -96
        listener.feed(np.full(160, 16_384, "<i2").tobytes())
        assert listener.level_dbfs == pytest.approx(-6, abs=0.1)

    def test_flush_gives_what_was_being_said_when_the_recording_ended(self) -> None:
        said = [Said("faster", 1.0, 1.4)]
        listener = scripted(said)
        assert hear(listener, sound(said, 1.42)) == []
        assert commands(listener.flush()) == ["faster"]
        assert listener.flush() == []

    def test_nothing_is_heard_in_silence(self) -> None:
        listener = scripted([])
        assert hear(listener, sound([], 2)) == []
        assert listener.flush() == []
        assert listener.seconds == pytest.approx(2)


class TestRecordings:
    """With a real model, on recordings of people."""

    @pytest.fixture
    def grammar(self) -> Grammar:
        return load_phrasebook().grammar()

    def heard(self, model: SpeechModel, grammar: Grammar, path: Path) -> list[Utterance]:
        microphone = WavMicrophone(path)
        listener = Listener(model, grammar)
        quiet = sound([], 1)
        blocks = [*quiet, *microphone.blocks(), *quiet]
        microphone.close()
        return [*hear(listener, blocks), *listener.flush()]

    def test_spoken_commands_are_heard_early_and_never_as_another(
        self, model: SpeechModel, grammar: Grammar, recordings: Path
    ) -> None:
        heard = {
            path.stem: self.heard(model, grammar, path)
            for path in sorted(recordings.glob("*.flac"))
            if not path.stem.startswith("sentence")
        }
        right = [name for name, utterances in heard.items() if commands(utterances) == [name.split("_")[0]]]
        wrong = [name for name, utterances in heard.items() if commands(utterances) and name not in right]
        assert len(right) >= 0.7 * len(heard)
        assert wrong == []
        for name in right:
            (utterance,) = (u for u in heard[name] if u.command)
            assert utterance.early
            assert 1.0 < utterance.at <= utterance.committed_at < 2.5

    def test_a_sentence_is_no_command(self, model: SpeechModel, grammar: Grammar, recordings: Path) -> None:
        assert commands(self.heard(model, grammar, recordings / "sentence_1.flac")) == []

    def test_the_active_grammar_may_change_at_any_moment(
        self, model: SpeechModel, grammar: Grammar, recordings: Path
    ) -> None:
        microphone = WavMicrophone(recordings / "stop_1.flac")
        blocks = list(microphone.blocks())
        microphone.close()
        listener = Listener(model, grammar)
        grammars = [grammar, Grammar({}), Grammar.of_phrases(["yes", "no"])]
        for index, block in enumerate(blocks * 3):
            if index % 7 == 0:
                listener.use_grammar(grammars[index % 3])
            listener.feed(block)
        listener.flush()
