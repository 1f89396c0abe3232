"""Examines everything that a session needs, one part after the other, and goes on where one is broken."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from voice_coach.audio.devices import devices_of_server, find_device, list_devices
from voice_coach.audio.interfaces import LISTENING_RATE
from voice_coach.audio.kalman_canceller import KalmanCanceller
from voice_coach.audio.loudness import loudness
from voice_coach.audio.port_audio import port_audio
from voice_coach.audio.pulse import ask_server
from voice_coach.audio.resampling import StreamResampler
from voice_coach.commands.phrasebook import Phrasebook, load_phrasebook
from voice_coach.doctor.echoes import about_canceller, about_delay, about_echo, left_by
from voice_coach.doctor.findings import Finding, broken, good
from voice_coach.doctor.listening_in import Ear, Player
from voice_coach.doctor.measuring import Echo, Heard, find_echo, hear
from voice_coach.doctor.remedies import turn_down, unmute
from voice_coach.errors import AudioError, CoachError, HistoryError, MicrophoneError, ModelError, VoiceError
from voice_coach.files import quoted
from voice_coach.folders import data_folder
from voice_coach.screen.sentences import TYPED, unheard_sentence
from voice_coach.speech.models import SpeechModel, find_model, packaged_model
from voice_coach.speech.voice import PyttsxVoice
from voice_coach.understood import every_phrase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from voice_coach.audio.clip import Clip
    from voice_coach.audio.devices import Device, Kind
    from voice_coach.audio.pulse import ServerView
    from voice_coach.doctor.findings import Figures
    from voice_coach.settings import Settings
    from voice_coach.speech.listener import Utterance

TEST_LINE = "This is the coach. I am finding out how well I am heard, and how well I hear myself."
ASKED_WORD = "next"
ASKED_TIMES = 3

_LISTENED_SECONDS = 2.0
_QUICK_SECONDS = 1.0
_FIRST_SOUND_SECONDS = 4.0
_ANSWER_SECONDS = 15.0
_ECHO_TAIL_SECONDS = 1.0

_NOISY_DBFS = -40.0
"""Noise above which commands are heard less well: people two metres from a laptop reach some -30 dB."""
_SLOW_SECONDS = 0.5
_CLOSE_DECIBELS = 12.0
"""A voice this much above the room's noise is heard well."""


@dataclass(slots=True)
class Examination:
    """What is examined, and how thoroughly.

    Attributes:
        settings: which devices.
        model_folder: of the speech model; None is the one that sessions use.
        quick: play nothing and ask nothing.
        ask: tells a person what to say, and is called while the microphone is open; None where nobody is there.
    """

    settings: Settings
    model_folder: Path | None = None
    quick: bool = False
    ask: Callable[[str], None] | None = None
    _view: ServerView | None = None
    _devices: dict[Kind, Device | None] = field(default_factory=dict)
    _voice_line: Clip | None = None
    _model: SpeechModel | None = None
    _room: Heard | None = None

    def findings(self) -> Iterator[Finding]:
        """Examine, and give each finding as soon as it is there."""
        yield from self._settings()
        yield self._data_folder()
        yield from self._library()
        yield from self._device("loudspeaker", self.settings.audio.speaker)
        yield from self._device("microphone", self.settings.audio.microphone)
        yield self._voice()
        yield self._speech_model()
        yield from self._room_noise()
        yield from self._echoes()
        yield from self._spoken_word()

    # --- files

    def _settings(self) -> Iterator[Finding]:
        for problem in self.settings.problems:
            yield Finding("settings", "poor", f"{problem.what} {problem.meaning}", problem.remedy)

    def _data_folder(self) -> Finding:
        folder = data_folder()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            reason = error.strerror or error
            return Finding(
                "data folder",
                "broken",
                f"Nothing can be written into {folder} ({reason}). Neither history nor settings are kept.",
                f"ls -ld {quoted(folder)}",
                HistoryError.exit_status,
            )
        return good("data folder", f"History, settings and models are kept in {folder}.")

    # --- devices

    def _library(self) -> Iterator[Finding]:
        try:
            with port_audio(AudioError) as sounddevice:
                version = sounddevice.get_portaudio_version()[1].split(",")[0]
        except AudioError as error:
            yield broken("sound library", error)
            return
        yield good("sound library", f"{version}.", {"version": version})
        self._view = ask_server()
        if self._view is not None:
            yield good("sound server", f"{self._view.server}.", {"version": self._view.server})
        elif sys.platform == "linux":
            yield self._without_server()

    def _without_server(self) -> Finding:
        if any(list_devices(kind) for kind in _KINDS):
            return good("sound server", "There is none; devices are used directly.")
        return Finding(
            "sound server",
            "broken",
            "No sound server is running, and there are no devices without one.",
            "systemctl --user restart pipewire pipewire-pulse (or: pulseaudio --start)",
            AudioError.exit_status,
        )

    def _device(self, kind: Kind, chosen: str | None) -> Iterator[Finding]:
        try:
            device = find_device(kind, chosen, self._view)
            latency, form = self._opened(kind, device)
        except AudioError as error:
            yield broken(kind, error)
            return
        self._devices[kind] = device
        about = device or self._default(kind)
        name = about.description if about is not None else "the system's own choice"
        figures: Figures = {"name": name, "rate_hz": form[0], "channels": form[1], "latency_ms": round(1000 * latency)}
        if about is not None and about.is_muted:
            yield Finding(kind, "broken", f"{name} is muted.", unmute(kind, device), AudioError.exit_status, figures)
            return
        converted = f", converted from {form[0]} Hz" if kind == "microphone" and form[0] != LISTENING_RATE else ""
        says = f"{name}, {form[0]} Hz{converted}, {1000 * latency:.0f} ms by its own account."
        yield good(kind, says, figures)

    def _opened(self, kind: Kind, device: Device | None) -> tuple[float, tuple[int, int]]:
        """Open a device once; give its latency in seconds, its rate in Hz and its channels."""
        if kind == "loudspeaker":
            with Player(_silence(), device) as player:
                return player.latency, player.format[:2]
        with Ear(device) as ear:
            return ear.latency, ear.format[:2]

    def _default(self, kind: Kind) -> Device | None:
        variable = os.environ.get("PULSE_SINK" if kind == "loudspeaker" else "PULSE_SOURCE")
        devices = list_devices(kind) if self._view is None else devices_of_server(kind, self._view)
        wanted = [device for device in devices if device.name == variable] if self._view and variable else []
        return next(iter(wanted), next((device for device in devices if device.is_default), None))

    # --- voice and model

    def _voice(self) -> Finding:
        voice = PyttsxVoice()
        try:
            began = time.monotonic()
            voice.render("One.")
            first = time.monotonic() - began
            began = time.monotonic()
            self._voice_line = line = voice.render(TEST_LINE)
            later = time.monotonic() - began
        except VoiceError as error:
            return broken("voice", error)
        finally:
            voice.close()
        level = loudness(line.samples.astype(np.float32) / np.float32(32768), line.rate)
        figures: Figures = {
            "first_line_ms": round(1000 * first),
            "next_line_ms": round(1000 * later),
            "loudness_lufs": round(level, 1),
        }
        says = f"A line is ready after {1000 * later:.0f} ms, {level:.0f} LUFS loud."
        if later > _SLOW_SECONDS:
            return Finding("voice", "poor", f"{says} That is slow.", "nice -n -5 voice-coach start", figures=figures)
        return good("voice", says, figures)

    def _speech_model(self) -> Finding:

        try:
            began = time.monotonic()
            self._model = model = SpeechModel(find_model(self.model_folder))
            loaded = time.monotonic() - began
        except ModelError as error:
            return broken("speech model", error)
        phrases = every_phrase()
        unheard = model.unheard(phrases)
        figures: Figures = {
            "folder": str(model.folder),
            "loaded_ms": round(1000 * loaded),
            "phrases": len(phrases),
            "unheard": len(unheard),
        }
        if unheard:
            says = f"{unheard_sentence(unheard)} {TYPED}"
            return Finding("speech model", "poor", says, "voice-coach model check", figures=figures)
        name = "The model in the box" if model.folder == packaged_model() else f"The model {model.folder.name}"
        says = f"{name} hears all {len(phrases)} phrases; loaded in {1000 * loaded:.0f} ms."
        return good("speech model", says, figures)

    # --- what is heard

    def _room_noise(self) -> Iterator[Finding]:
        if "microphone" not in self._devices:
            yield _not_checked("room", "there is no microphone")
            return
        try:
            self._room = room = self._listen(_QUICK_SECONDS if self.quick else _LISTENED_SECONDS)
        except AudioError as error:
            yield broken("room", error)
            return
        if room is None:
            yield Finding(
                "room",
                "broken",
                f"The microphone gave nothing in {_FIRST_SOUND_SECONDS:.0f} seconds.",
                "voice-coach devices",
                AudioError.exit_status,
            )
            return
        figures: Figures = {"noise_dbfs": round(room.noise_dbfs, 1), "loudest_dbfs": round(room.loudest_dbfs, 1)}
        if room.is_zeros:
            says = "The microphone gives nothing but silence: it is muted, or may not be used by this program."
            remedy = unmute("microphone", self._devices["microphone"])
            yield Finding("room", "broken", says, remedy, AudioError.exit_status, figures)
        elif room.is_clipped:
            says = "The microphone is so sensitive that it distorts what it hears."
            remedy = turn_down("microphone", self._devices["microphone"])
            yield Finding("room", "poor", says, remedy, figures=figures)
        elif room.noise_dbfs > _NOISY_DBFS:
            says = f"The room's noise is at {room.noise_dbfs:.0f} dB: commands are heard less well."
            yield Finding("room", "poor", says, "voice-coach doctor (closer to the microphone)", figures=figures)
        else:
            yield good("room", f"The room's noise is at {room.noise_dbfs:.0f} dB.", figures)

    @property
    def _is_deaf(self) -> bool:
        return self._room is None or self._room.is_zeros

    def _listen(self, seconds: float) -> Heard | None:
        with Ear(self._devices["microphone"]) as ear:
            if not ear.wait_for_first(_FIRST_SOUND_SECONDS):
                return None
            time.sleep(seconds)
            return hear(ear.heard()[1])

    def _echoes(self) -> Iterator[Finding]:
        missing = [kind for kind in _KINDS if kind not in self._devices]
        if self.quick or missing or self._voice_line is None:
            reason = "--quick" if self.quick else f"there is no {missing[0] if missing else 'voice'}"
            yield _not_checked("echo", reason)
            return
        if self._is_deaf:
            yield _not_checked("echo", "the microphone gives nothing")
            return
        try:
            measured = self._measure_echo(self._voice_line)
        except AudioError as error:
            yield broken("echo", error)
            return
        if measured is None:
            reason = "the microphone does not hear the loudspeaker; see above for what they report"
            yield _not_checked("latency", reason)
            yield good("echo", "The microphone does not hear the loudspeaker.", {"echo_dbfs": None})
            return
        echo, left = measured
        yield about_delay(echo)
        yield about_echo(echo, turn_down("loudspeaker", self._devices["loudspeaker"]))
        yield about_canceller(echo, left)

    def _measure_echo(self, line: Clip) -> tuple[Echo, float] | None:
        """Play a line and hear it; give its echo, and the level in dB that a canceller leaves of it; None: no echo."""
        with Ear(self._devices["microphone"]) as ear, Player(line, self._devices["loudspeaker"]) as player:
            if not ear.wait_for_first(_FIRST_SOUND_SECONDS):
                return None
            time.sleep(_ECHO_TAIL_SECONDS)
            played_at = player.play()
            time.sleep(_ECHO_TAIL_SECONDS)
            heard_at, heard = ear.heard()
        samples = line.samples.astype(np.float32) / np.float32(32768)
        resampler = StreamResampler(line.rate, LISTENING_RATE)
        played, played_at = resampler.feed(samples), played_at + resampler.delay
        echo = find_echo(played, heard, played_at, heard_at)
        if echo is None:
            return None
        return echo, left_by(KalmanCanceller(), played, heard, played_at, heard_at)

    # --- a person

    def _spoken_word(self) -> Iterator[Finding]:
        if self.ask is None or self.quick or self._model is None or self._is_deaf:
            reason = "nobody was asked" if self.ask is None or self.quick else "nothing can be heard"
            yield _not_checked("your voice", reason)
            return
        try:
            yield self._heard_word(self._model, self.ask, load_phrasebook())
        except CoachError as error:
            yield broken("your voice", error)

    def _heard_word(self, model: SpeechModel, ask: Callable[[str], None], phrasebook: Phrasebook) -> Finding:
        from voice_coach.speech.dozing import DozingListener  # noqa: PLC0415 - only to listen
        from voice_coach.speech.recogniser_thread import RecogniserThread  # noqa: PLC0415 - as above

        heard: list[Utterance] = []
        failures: list[Exception] = []
        listener = DozingListener(model, phrasebook.grammar())
        thread = RecogniserThread(listener, heard.append, lambda _partial: None, failures.append)
        try:
            with Ear(self._devices["microphone"]) as ear:
                ear.wait_for_first(_FIRST_SOUND_SECONDS)
                ear.forget()
                ear.forward(thread.hear)
                ask(f'Say "{ASKED_WORD}" {ASKED_TIMES} times, with a pause after each.')
                deadline = time.monotonic() + _ANSWER_SECONDS
                while len(_right(heard)) < ASKED_TIMES and not failures and time.monotonic() < deadline:
                    time.sleep(0.1)
                samples = ear.heard()[1]
        finally:
            thread.close()
        if not len(samples):
            meaning = "Nothing that was said was heard."
            raise MicrophoneError("The microphone has stopped to give anything.", meaning, "voice-coach devices")
        return _about_word(heard, hear(samples))


def _right(heard: list[Utterance]) -> list[Utterance]:
    return [utterance for utterance in heard if utterance.command is not None and utterance.command.id == ASKED_WORD]


def _about_word(heard: list[Utterance], level: Heard) -> Finding:
    right = _right(heard)
    above = level.loudest_dbfs - level.noise_dbfs
    waits = [utterance.committed_at - utterance.at for utterance in right]
    figures: Figures = {
        "heard": len(right),
        "of": ASKED_TIMES,
        "loudest_dbfs": round(level.loudest_dbfs, 1),
        "above_noise_db": round(above, 1),
        "wait_ms": round(1000 * float(np.median(waits))) if waits else None,
    }
    says = f'"{ASKED_WORD}" was heard {len(right)} of {ASKED_TIMES} times, {above:.0f} dB above the room\'s noise'
    if len(right) >= ASKED_TIMES:
        return good("your voice", f"{says}, {figures['wait_ms']} ms after the word.", figures)
    others = [utterance.text for utterance in heard if utterance not in right and utterance.text]
    says += f"; also: {', '.join(others)}." if others else "."
    remedy = "voice-coach model get small-en-us"
    if above < _CLOSE_DECIBELS:
        remedy = "voice-coach doctor (closer to the microphone)"
    if right:
        return Finding("your voice", "poor", says, remedy, figures=figures)
    return Finding("your voice", "broken", says, remedy, AudioError.exit_status, figures)


def _not_checked(part: str, reason: str) -> Finding:
    return Finding(part, "not checked", f"{reason[0].upper()}{reason[1:]}.")


def _silence() -> Clip:
    from voice_coach.audio.clip import Clip  # noqa: PLC0415 - a name for types above
    from voice_coach.speech.voice import VOICE_RATE  # noqa: PLC0415 - as above

    return Clip(np.zeros(1, np.int16), VOICE_RATE)


_KINDS: tuple[Kind, ...] = ("loudspeaker", "microphone")
