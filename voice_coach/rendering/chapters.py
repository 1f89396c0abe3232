"""Chapter marks, as the players of each kind of sound file find them.

- WAV: a `cue ` chunk with the places and a `LIST` chunk of the type `adtl` with their names.
- MP3: an ID3v2.3 tag with `CTOC` and `CHAP` frames.
- FLAC, Ogg Vorbis and Opus: the comments `CHAPTER001` and `CHAPTER001NAME`.
"""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, BinaryIO

from voice_coach.rendering.ogg import with_comments

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_UNKNOWN_OFFSET = 0xFFFFFFFF
_TOP_AND_ORDERED = 0x03
_UTF_16 = b"\x01"
_MOST_IN_CONTENTS = 255
_FLAC_STREAM_INFO, _FLAC_COMMENT = 0, 4
_FLAC_LAST = 0x80
_VENDOR = b"voice-coach"


@dataclass(frozen=True, slots=True)
class Chapter:
    """A place in a recording.

    Attributes:
        at: seconds from its beginning.
        title: what begins there.
    """

    at: float
    title: str


@dataclass(frozen=True, slots=True)
class Contents:
    """What a recording is, and where its parts begin.

    Attributes:
        title: of the whole.
        chapters: in their order.
        seconds: length of the whole.
    """

    title: str
    chapters: tuple[Chapter, ...]
    seconds: float


def mark_wav(path: Path, contents: Contents) -> None:
    """Add chapter marks to a WAV file.

    Raises:
        OSError: the file cannot be written.
    """
    with path.open("r+b") as file:
        rate = _wav_rate(file)
        file.seek(0, io.SEEK_END)
        if file.tell() % 2:
            file.write(b"\0")
        file.write(_chunk(b"cue ", _cues(contents.chapters, rate)))
        file.write(_chunk(b"LIST", b"adtl" + b"".join(_labels(contents.chapters))))
        size = file.tell()
        file.seek(4)
        file.write(struct.pack("<I", size - 8))


def mark_mp3(path: Path, contents: Contents) -> None:
    """Put a tag with chapters in front of an MP3 file.

    Raises:
        OSError: the file cannot be written.
    """
    path.write_bytes(_id3(contents) + path.read_bytes())


def mark_flac(path: Path, contents: Contents) -> None:
    """Put the chapters into the comments of a FLAC file.

    Raises:
        OSError: the file cannot be written.
    """
    data = path.read_bytes()
    blocks, sound = _flac_blocks(data)
    comment = _comments(contents)
    kept = [(kind, body) for kind, body in blocks if kind != _FLAC_COMMENT]
    kept.insert(1, (_FLAC_COMMENT, comment))
    path.write_bytes(b"fLaC" + b"".join(_flac_block(kept, number) for number in range(len(kept))) + sound)


def mark_ogg(path: Path, contents: Contents) -> None:
    """Put the chapters into the comments of an Ogg file, Vorbis or Opus.

    Raises:
        OSError: the file cannot be written.
    """
    path.write_bytes(with_comments(path.read_bytes(), _comments(contents)))


# --- WAV


def _wav_rate(file: BinaryIO) -> int:
    """Give the samples per second (Hz) of a WAV file whose first chunk is `fmt `, as ours have it."""
    file.seek(24)
    return int(struct.unpack("<I", file.read(4))[0])


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _cues(chapters: Sequence[Chapter], rate: int) -> bytes:
    points = [
        struct.pack("<II4sIII", number, sample, b"data", 0, 0, sample)
        for number, sample in enumerate((round(chapter.at * rate) for chapter in chapters), start=1)
    ]
    return struct.pack("<I", len(points)) + b"".join(points)


def _labels(chapters: Sequence[Chapter]) -> list[bytes]:
    return [
        _chunk(b"labl", struct.pack("<I", number) + chapter.title.encode("utf-8") + b"\0")
        for number, chapter in enumerate(chapters, start=1)
    ]


# --- MP3


def _id3(contents: Contents) -> bytes:
    chapters = contents.chapters[:_MOST_IN_CONTENTS]
    ids = [f"chp{number}".encode() + b"\0" for number in range(len(chapters))]
    ends = [after.at for _, after in pairwise(chapters)] + [contents.seconds]
    table = b"toc\0" + bytes([_TOP_AND_ORDERED, len(ids)]) + b"".join(ids)
    frames = _frame(b"TIT2", _text(contents.title)) + _frame(b"CTOC", table)
    for id_, chapter, end in zip(ids, chapters, ends, strict=True):
        times = struct.pack(">IIII", round(chapter.at * 1000), round(end * 1000), _UNKNOWN_OFFSET, _UNKNOWN_OFFSET)
        frames += _frame(b"CHAP", id_ + times + _frame(b"TIT2", _text(chapter.title)))
    return b"ID3\x03\x00\x00" + _syncsafe(len(frames)) + frames


def _frame(name: bytes, body: bytes) -> bytes:
    return name + struct.pack(">IH", len(body), 0) + body


def _text(text: str) -> bytes:
    return _UTF_16 + text.encode("utf-16")


def _syncsafe(size: int) -> bytes:
    """Give a size in four bytes of which only seven bits each are used."""
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


# --- comments of FLAC and Ogg


def _comments(contents: Contents) -> bytes:
    pairs = [("TITLE", contents.title)]
    for number, chapter in enumerate(contents.chapters, start=1):
        pairs.append((f"CHAPTER{number:03d}", _time(chapter.at)))
        pairs.append((f"CHAPTER{number:03d}NAME", chapter.title))
    lines = [f"{name}={value}".encode() for name, value in pairs]
    body = struct.pack("<I", len(_VENDOR)) + _VENDOR + struct.pack("<I", len(lines))
    return body + b"".join(struct.pack("<I", len(line)) + line for line in lines)


def _time(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    minutes, rest = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def _flac_blocks(data: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """Give kind and body of each block of metadata, and what comes after them."""
    blocks = []
    place, last = 4, False
    while not last:
        head = data[place]
        last = bool(head & _FLAC_LAST)
        size = int.from_bytes(data[place + 1 : place + 4], "big")
        blocks.append((head & ~_FLAC_LAST, data[place + 4 : place + 4 + size]))
        place += 4 + size
    return blocks, data[place:]


def _flac_block(blocks: list[tuple[int, bytes]], number: int) -> bytes:
    kind, body = blocks[number]
    last = _FLAC_LAST if number == len(blocks) - 1 else 0
    return bytes([kind | last]) + len(body).to_bytes(3, "big") + body
