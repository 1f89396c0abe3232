"""The room of the tests does what it says: the microphone hears the loudspeaker, so late and so loud."""

from __future__ import annotations

import statistics
import subprocess
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from tests.audio.echo_room import COACH_DBFS, RATE, VOICE_DBFS, Convolver, Delay, EchoRoom, at_level, level
from tests.audio.rig import SoundRig, missing_programs

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def burst(seconds: float = 0.1) -> NDArray[np.float32]:
    """Give noise with silence around it."""
    sound = np.zeros(RATE, np.float32)
    length = round(seconds * RATE)
    sound[RATE // 4 :][:length] = np.random.default_rng(5).normal(size=length)
    return at_level(sound, COACH_DBFS)


def test_the_convolver_is_a_convolution() -> None:
    rng = np.random.default_rng(1)
    response, sound = rng.normal(size=1_234).astype(np.float32), rng.normal(size=3_200).astype(np.float32)
    convolver = Convolver(response)
    heard = np.concatenate([convolver.feed(block) for block in np.split(sound, 20)])
    assert np.allclose(heard, np.convolve(sound, response)[:3_200], atol=1e-3)


def test_a_delay_gives_every_sample_later() -> None:
    delay = Delay(3)
    heard = [*delay.feed(np.array([1, 2], np.float32)), *delay.feed(np.array([3, 4, 5, 6], np.float32))]
    assert heard == [0, 0, 0, 1, 2, 3]


@pytest.mark.parametrize("attenuation", [0.0, -6.0, -14.0, -20.0])
@pytest.mark.parametrize("reverberation", [0.0, 0.3])
def test_the_coach_comes_back_so_much_quieter_than_a_person_speaks(attenuation: float, reverberation: float) -> None:
    response = EchoRoom(attenuation_db=attenuation, reverberation=reverberation).response()
    energy = 10 * np.log10(np.sum(response.astype(float) ** 2))
    assert COACH_DBFS + energy == pytest.approx(VOICE_DBFS + attenuation, abs=0.01)


def test_what_reverberates_is_60_decibels_weaker_after_that_time() -> None:
    tail = EchoRoom(reverberation=0.3).response()[1:]
    early, late = tail[: RATE // 100], tail[-RATE // 100 :]
    assert level(late) - level(early) == pytest.approx(-58, abs=4)


@pytest.mark.devices
@pytest.mark.xdist_group("measures time")
@pytest.mark.parametrize(("attenuation", "delay"), [(0.0, 40.0), (-6.0, 150.0), (-14.0, 400.0)])
def test_the_microphone_hears_the_loudspeaker_so_late_and_so_loud(
    attenuation: float, delay: float, tmp_path: Path
) -> None:
    """Delay and level are measured at the devices of the sound server."""
    if missing := missing_programs():
        pytest.skip(f"the virtual sound devices need {', '.join(missing)}")
    path = tmp_path / "burst.wav"
    soundfile.write(path, burst(), RATE)
    late, louder = [], []
    with SoundRig(EchoRoom(attenuation, delay, reverberation=0.2, noise_dbfs=-90)) as rig:
        for _ in range(5):
            with rig.recording() as played, rig.listening() as heard:
                subprocess.run(["paplay", "--device=speaker", str(path)], env=rig.whole_environment(), check=True)
                time.sleep(delay / 1000 + 0.4)
            late.append(1000 * (heard.first_sound_at() - played.first_sound_at()))
            louder.append(loudest(heard.samples) - loudest(played.samples))
    assert statistics.median(late) == pytest.approx(delay, abs=15)
    assert statistics.median(louder) == pytest.approx(VOICE_DBFS - COACH_DBFS + attenuation, abs=2)


@pytest.mark.devices
@pytest.mark.xdist_group("measures time")
def test_a_person_in_the_room_is_heard_at_their_level(tmp_path: Path) -> None:
    if missing := missing_programs():
        pytest.skip(f"the virtual sound devices need {', '.join(missing)}")
    path = tmp_path / "voice.wav"
    soundfile.write(path, burst(0.3), RATE)
    with SoundRig(EchoRoom(noise_dbfs=-90)) as rig, rig.listening() as heard:
        began = rig.say(path, dbfs=-30)
        time.sleep(1.0)
    assert loudest(heard.samples) == pytest.approx(-30, abs=1)
    assert heard.first_sound_at() == pytest.approx(began + 0.25, abs=0.06)


def loudest(samples: NDArray[np.int16]) -> float:
    """Give the level of the loudest 50 ms, in dB."""
    size = 44_100 // 20
    power = np.convolve((samples / 32768.0) ** 2, np.ones(size) / size, mode="valid")
    return float(10 * np.log10(power.max()))
