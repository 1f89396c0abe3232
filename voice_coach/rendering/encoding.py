"""Sound files of several kinds out of one WAV file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from voice_coach.errors import SoundFileError
from voice_coach.rendering.chapters import Contents, mark_flac, mark_mp3, mark_ogg, mark_wav

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from soundfile import SoundFile

_BLOCK_FRAMES = 16_384
"""Samples that are encoded at a time: libsndfile's Ogg encoder keeps a whole block on its stack."""
_OPUS_RATE = 24_000
_OPUS_COMPRESSION = 0.9
"""About 32 kbit/s while the coach speaks; libsndfile's own choice takes five times as long."""


class _Kind(NamedTuple):
    format: str
    subtype: str
    mark: Callable[[Path, Contents], None]
    rate: int | None = None
    """Samples per second (Hz) that the encoder wants; None takes any."""
    compression: float | None = None
    """From 0, the least, to 1; None is the encoder's own choice."""


_KINDS = {
    ".wav": _Kind("WAV", "PCM_16", mark_wav),
    ".flac": _Kind("FLAC", "PCM_16", mark_flac),
    ".mp3": _Kind("MP3", "MPEG_LAYER_III", mark_mp3),
    ".ogg": _Kind("OGG", "VORBIS", mark_ogg),
    ".opus": _Kind("OGG", "OPUS", mark_ogg, _OPUS_RATE, _OPUS_COMPRESSION),
}
SUFFIXES = tuple(_KINDS)
"""Ends of the names of files that can be written."""


def check_suffix(path: Path) -> None:
    """Check that a file of this kind can be written here.

    Raises:
        SoundFileError: it cannot.
    """
    kind = _KINDS.get(path.suffix.lower())
    if kind is None:
        raise SoundFileError(
            f"The name {path.name} does not end in one of {', '.join(SUFFIXES)}.",
            "Nothing was written.",
            f"voice-coach render ROUTINE {path.stem or 'routine'}.mp3",
        )
    if path.suffix.lower() != ".wav":
        import soundfile  # noqa: PLC0415 - loading libsndfile takes longer than --help may

        if not soundfile.check_format(kind.format, kind.subtype):
            raise SoundFileError(
                f"The library libsndfile on this machine is too old to write {path.suffix} files.",
                "Nothing was written.",
                f"voice-coach render ROUTINE {path.stem}.wav",
            )


def encode(wav: Path, path: Path, contents: Contents) -> None:
    """Write the sound of `wav` into `path`, in the kind of its name, with chapters.

    `wav` is used up where `path` is a WAV file, too. It lies in a folder of its own on the same disk: what is half done
    lies there as well, and goes with it.

    Raises:
        SoundFileError: the file cannot be written.
    """
    kind = _KINDS[path.suffix.lower()]
    part = wav if kind.format == "WAV" else wav.with_name(f"encoded{path.suffix}")
    try:
        if part != wav:
            _encode(wav, part, kind)
        kind.mark(part, contents)
        part.replace(path)
    except (OSError, RuntimeError) as error:  # libsndfile's errors are RuntimeErrors
        part.unlink(missing_ok=True)
        raise not_written(path, error) from error


def not_written(path: Path, error: BaseException) -> SoundFileError:
    """Give what is told where there is no recording in `path`, for the reason that `error` names."""
    reason = getattr(error, "strerror", None) or str(error)
    return SoundFileError(
        f"The sound file {path} cannot be written ({reason.rstrip('.')}).",
        "There is no recording.",
        "name another file, on a disk with room",
    )


def _encode(wav: Path, part: Path, kind: _Kind) -> None:
    import soundfile  # noqa: PLC0415 - loading libsndfile takes longer than --help may

    with soundfile.SoundFile(wav) as source:
        rate = kind.rate or source.samplerate
        with soundfile.SoundFile(
            part,
            "w",
            samplerate=rate,
            channels=1,
            format=kind.format,
            subtype=kind.subtype,
            compression_level=kind.compression,
        ) as target:
            if rate == source.samplerate:
                for block in source.blocks(_BLOCK_FRAMES, dtype="int16"):
                    target.write(block)
            else:
                _resample(source, target, rate)


def _resample(source: SoundFile, target: SoundFile, rate: int) -> None:
    """Write the sound with another rate; as floats, since whole numbers are dithered, and that noise takes bits."""
    import soxr  # noqa: PLC0415 - only Opus wants another rate

    stream = soxr.ResampleStream(source.samplerate, rate, 1, dtype="float32")
    for block in source.blocks(_BLOCK_FRAMES, dtype="float32"):
        target.write(stream.resample_chunk(block))
    target.write(stream.resample_chunk(np.zeros(0, np.float32), last=True))
