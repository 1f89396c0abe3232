"""Any recording, whole, damaged or of an odd kind, is heard or told about; none takes memory without end."""

from __future__ import annotations

import io
import struct
import wave
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from hypothesis import example, given

from tests.fuzz.odd import damaged
from voice_coach.audio.wav_files import WavMicrophone
from voice_coach.errors import SoundFileError

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = 320


def sound(kind: str, subtype: str, rate: int = 16_000, channels: int = 1, seconds: float = 0.2) -> bytes:
    samples = np.sin(np.arange(round(rate * seconds)) / 20)[:, None].repeat(channels, axis=1)
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=kind, subtype=subtype)
    return file.getvalue()


def heard(path: Path) -> int:
    """Give how many blocks of 10 ms are heard, at most so many."""
    microphone = WavMicrophone(path)
    blocks = 0
    try:
        for block in microphone.blocks():
            assert len(block) == BLOCK
            blocks += 1
            if blocks > 100_000:
                break
    finally:
        microphone.close()
    return blocks


@pytest.mark.parametrize(
    ("kind", "subtype"),
    [
        ("WAV", "PCM_U8"),
        ("WAV", "PCM_16"),
        ("WAV", "PCM_24"),
        ("WAV", "PCM_32"),
        ("WAV", "FLOAT"),
        ("WAV", "DOUBLE"),
        ("WAV", "ULAW"),
        ("WAV", "ALAW"),
        ("WAVEX", "PCM_16"),
        ("RF64", "PCM_16"),
        ("W64", "PCM_16"),
        ("AIFF", "PCM_16"),
        ("FLAC", "PCM_16"),
        ("FLAC", "PCM_24"),
        ("OGG", "VORBIS"),
        ("CAF", "PCM_16"),
    ],
)
@pytest.mark.parametrize(("rate", "channels"), [(16_000, 1), (44_100, 2), (48_000, 6)])
def test_a_recording_of_any_kind_is_heard_in_its_length(
    tmp_path: Path, kind: str, subtype: str, rate: int, channels: int
) -> None:
    path = tmp_path / "recording"
    path.write_bytes(sound(kind, subtype, rate, channels))
    assert heard(path) == pytest.approx(20, abs=2)


def header(rate: int, channels: int, bits: int, claimed: int, data: bytes) -> bytes:
    block = channels * bits // 8
    form = struct.pack("<HHIIHH", 1, channels, rate, (rate * block) & 0xFFFFFFFF, block & 0xFFFF, bits)
    body = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", claimed) + data
    return b"RIFF" + struct.pack("<I", (len(body) + claimed) & 0xFFFFFFFF) + body


@pytest.mark.parametrize("rate", [0, 1, 15_999, 16_000, 655_350, 0x7FFFFFFF, 0xFFFFFFFF])
@pytest.mark.parametrize("channels", [0, 1, 1024, 65535])
@pytest.mark.parametrize("claimed", [0, 4, 0x7FFFFFFE, 0xFFFFFFFF])
def test_a_header_that_claims_anything_is_heard_or_told(tmp_path: Path, rate: int, channels: int, claimed: int) -> None:
    path = tmp_path / "claims.wav"
    path.write_bytes(header(rate, channels, 16, claimed, bytes(4000)))
    with suppress(SoundFileError):
        assert heard(path) <= 100


WAV, FLAC = sound("WAV", "PCM_16"), sound("FLAC", "PCM_16")


@given(damaged(WAV))
@example(WAV[:44])
@example(WAV[:-1])
@example(b"")
def test_any_damage_to_a_wav_file_is_heard_or_told(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.wav"
    path.write_bytes(data)
    with suppress(SoundFileError):
        heard(path)


@given(damaged(FLAC))
@example(FLAC[: len(FLAC) // 2])
def test_any_damage_to_a_flac_file_is_heard_or_told(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.flac"
    path.write_bytes(data)
    with suppress(SoundFileError):
        heard(path)


def test_not_a_number_and_infinite_samples_are_silence_or_full_scale(tmp_path: Path) -> None:
    path = tmp_path / "odd.wav"
    samples = np.full(1600, np.nan, np.float32)
    samples[800:] = np.inf
    soundfile.write(path, samples, 16_000, subtype="FLOAT")
    assert heard(path) == 10


def test_a_file_that_is_still_being_written_is_heard_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "growing.wav"
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", ""))
        file.writeframes(bytes(3200))
    path.write_bytes(path.read_bytes()[:1000])
    with suppress(SoundFileError):
        assert heard(path) <= 10
