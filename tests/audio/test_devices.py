from __future__ import annotations

import statistics
import sys
import threading
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
import soxr

from tests.audio.rig import RECORDING_RATE
from voice_coach.audio.clip import Clip
from voice_coach.audio.devices import open_input, open_speaker
from voice_coach.audio.signs import Ailment
from voice_coach.errors import MicrophoneError, SpeakerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from tests.audio.rig import SoundRig
    from voice_coach.audio.player import DeviceSpeaker

RATE = 22_050
SILENT_WITHIN = 0.05


def noise(seconds: float, rate: int = RATE) -> NDArray[np.int16]:
    """Give noise without its highest tones, so that a shift by half a sample leaves it alike."""
    samples = np.random.default_rng(7).normal(size=round(seconds * rate))
    return (np.convolve(samples, np.ones(8) / 8, mode="same") * 10_000).astype(np.int16)


def likeness(heard: NDArray[np.int16], played: NDArray[np.int16]) -> float:
    """Give the correlation of a typical tenth of `played` with that part of `heard` that is most like it.

    A busy machine loses a block now and then, after which everything comes later.
    """
    return statistics.median(_best_correlation(heard, part) for part in np.array_split(played, 10))


def _best_correlation(long: NDArray[np.int16], short: NDArray[np.int16]) -> float:
    size = len(long) + len(short)
    product = np.fft.irfft(np.fft.rfft(long, size) * np.conj(np.fft.rfft(short, size)), size)
    start = int(np.argmax(product[: len(long) - len(short)]))
    return float(np.corrcoef(long[start : start + len(short)], short)[0, 1])


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 3
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def nothing() -> None:
    pass


@pytest.mark.devices
@pytest.mark.xdist_group("measures time")
class TestSpeaker:
    @pytest.fixture
    def speaker(self, sound_rig: SoundRig) -> Iterator[DeviceSpeaker]:
        del sound_rig  # must be there before the speaker
        speaker = open_speaker(RATE)
        yield speaker
        speaker.close()

    def test_what_it_plays_is_what_was_said(self, sound_rig: SoundRig, speaker: DeviceSpeaker) -> None:
        clip = Clip(noise(1.0), RATE)
        ended = threading.Event()
        with sound_rig.recording() as recording:
            speaker.say(clip, ended.set)
            assert ended.wait(3)
            time.sleep(0.1)
        expected = soxr.resample(clip.samples, RATE, RECORDING_RATE)
        assert likeness(recording.samples, expected) > 0.9

    def test_the_end_is_called_when_the_last_sample_is_heard(self, sound_rig: SoundRig, speaker: DeviceSpeaker) -> None:
        ends: list[float] = []
        with sound_rig.recording() as recording:
            speaker.say(Clip(noise(0.5), RATE), lambda: ends.append(time.monotonic()))
            time.sleep(0.8)
        assert ends == [pytest.approx(recording.last_sound_at(), abs=0.04)]

    def test_hush_is_silence_at_the_loudspeaker_within_50_milliseconds(
        self, sound_rig: SoundRig, speaker: DeviceSpeaker
    ) -> None:
        took = []
        for _ in range(5):
            with sound_rig.recording() as recording:
                speaker.say(Clip(noise(2.0), RATE), pytest.fail)
                time.sleep(0.3)
                hushed_at = time.monotonic()
                speaker.hush()
                time.sleep(0.3)
            took.append(recording.last_sound_at() - hushed_at)
        assert statistics.median(took) <= SILENT_WITHIN

    def test_a_chime_sounds_while_nothing_is_said(self, sound_rig: SoundRig, speaker: DeviceSpeaker) -> None:
        with sound_rig.recording() as recording:
            time.sleep(0.1)
            speaker.chime(Clip(noise(0.1), RATE))
            time.sleep(0.3)
        assert recording.last_sound_at() - recording.first_sound_at() == pytest.approx(0.1, abs=0.01)

    def test_a_lost_device_is_noticed(self, sound_rig: SoundRig, speaker: DeviceSpeaker) -> None:
        stream = speaker.stream
        assert stream is not None
        assert stream.ailment() is None
        sound_rig.stop_server()
        wait_until(lambda: stream.ailment() is Ailment.STOPPED)

    def test_closing_does_not_wait_for_the_line_and_may_be_repeated(self, speaker: DeviceSpeaker) -> None:
        speaker.say(Clip(noise(5.0), RATE), nothing)
        started = time.monotonic()
        speaker.close()
        speaker.close()
        assert time.monotonic() - started < 0.5


@pytest.mark.devices
@pytest.mark.xdist_group("measures time")
def test_the_microphone_hears_what_is_played_into_it(sound_rig: SoundRig, tmp_path: Path) -> None:
    path = tmp_path / "noise.wav"
    soundfile.write(path, noise(1.0, 16_000), 16_000)
    blocks: list[bytes] = []
    microphone = open_input(blocks.append)
    wait_until(lambda: bool(blocks))
    sound_rig.play_into_microphone(path).wait()
    time.sleep(0.3)
    microphone.close()
    microphone.close()
    heard = np.frombuffer(b"".join(blocks), "<i2")
    assert {len(block) for block in blocks} == {320}
    assert likeness(heard, noise(1.0, 16_000)) > 0.8


@pytest.mark.devices
class TestWithoutDevices:
    def test_no_loudspeaker_is_said_in_plain_words(self, sound_rig: SoundRig) -> None:
        sound_rig.stop_server()
        with pytest.raises(SpeakerError, match="loudspeaker"):
            open_speaker(RATE)

    def test_no_microphone_is_said_in_plain_words(self, sound_rig: SoundRig) -> None:
        sound_rig.stop_server()
        with pytest.raises(MicrophoneError, match="microphone"):
            open_input(lambda _: None)

    def test_the_c_libraries_leave_the_screen_alone(
        self, sound_rig: SoundRig, capfd: pytest.CaptureFixture[str]
    ) -> None:
        sound_rig.stop_server()
        with pytest.raises(SpeakerError):
            open_speaker(RATE)
        assert capfd.readouterr().err == ""


def test_a_missing_library_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class NoPortAudio:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "sounddevice":
                raise OSError("PortAudio library not found")

    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    monkeypatch.setattr(sys, "meta_path", [NoPortAudio(), *sys.meta_path])
    with pytest.raises(SpeakerError, match=r"PortAudio is missing.*Try: .*install") as caught:
        open_speaker(RATE)
    assert "heard" in caught.value.meaning
    with pytest.raises(MicrophoneError, match="PortAudio is missing"):
        open_input(lambda _: None)
