"""Replaces the comments of an Ogg file, Vorbis or Opus: one packet of its head, the sound stays as it is."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace

_HEAD = struct.Struct("<4sBBqIIIB")
_CAPTURE = b"OggS"
_CONTINUED = 0x01
_POLYNOMIAL = 0x04C11DB7
_LONGEST_SEGMENT = 255
_MOST_SEGMENTS = 255
_VORBIS_COMMENT = b"\x03vorbis"
_OPUS_COMMENT = b"OpusTags"
_HEADERS = {_VORBIS_COMMENT: 3, _OPUS_COMMENT: 2}
"""How a packet of comments begins, and how many packets come before the sound."""


@dataclass(frozen=True, slots=True)
class _Page:
    flags: int
    granule: int
    serial: int
    sequence: int
    segments: bytes
    body: bytes

    @property
    def ends_packet(self) -> bool:
        return bool(self.segments) and self.segments[-1] < _LONGEST_SEGMENT


def with_comments(data: bytes, comments: bytes) -> bytes:
    """Give an Ogg file with other comments.

    Args:
        data: an Ogg file that holds one stream, of Vorbis or Opus.
        comments: vendor and list of comments as Vorbis writes them, without what is round them.

    Raises:
        ValueError: it is no such file.
    """
    pages = _pages(data)
    first, rest = pages[0], pages[1:]
    head, sound = _split(rest)
    packets = _packets(head)
    kind = next((kind for kind in _HEADERS if packets and packets[0].startswith(kind)), None)
    if kind is None:
        raise ValueError("the second packet holds no comments")
    packets[0] = kind + comments + (b"\x01" if kind == _VORBIS_COMMENT else b"")
    new = _paged(packets, first)
    moved = len(new) - len(head)
    if moved:
        sound = [replace(page, sequence=page.sequence + moved) for page in sound]
    return b"".join(_bytes(page) for page in (first, *new, *sound))


def _pages(data: bytes) -> list[_Page]:
    pages = []
    place = 0
    while place < len(data):
        capture, _, flags, granule, serial, sequence, _, count = _HEAD.unpack_from(data, place)
        if capture != _CAPTURE:
            raise ValueError(f"no page of Ogg begins at byte {place}")
        begin = place + _HEAD.size
        segments = data[begin : begin + count]
        end = begin + count + sum(segments)
        pages.append(_Page(flags, granule, serial, sequence, segments, data[begin + count : end]))
        place = end
    return pages


def _split(pages: list[_Page]) -> tuple[list[_Page], list[_Page]]:
    """Tell the pages of the head, after the first, from those of the sound, which begins on a page of its own."""
    kind = next((kind for kind in _HEADERS if pages and pages[0].body.startswith(kind)), _OPUS_COMMENT)
    wanted = _HEADERS[kind] - 1
    found = 0
    for number, page in enumerate(pages):
        found += sum(1 for segment in page.segments if segment < _LONGEST_SEGMENT)
        if found >= wanted:
            return pages[: number + 1], pages[number + 1 :]
    raise ValueError("the head is not whole")


def _packets(pages: list[_Page]) -> list[bytes]:
    packets = [b""]
    for page in pages:
        place = 0
        for segment in page.segments:
            packets[-1] += page.body[place : place + segment]
            place += segment
            if segment < _LONGEST_SEGMENT:
                packets.append(b"")
    return packets[:-1]


def _paged(packets: list[bytes], first: _Page) -> list[_Page]:
    """Lay packets on pages, which follow `first`."""
    segments = b"".join(_lacing(packet) for packet in packets)
    body = b"".join(packets)
    pages: list[_Page] = []
    place = 0
    for begin in range(0, len(segments), _MOST_SEGMENTS):
        these = segments[begin : begin + _MOST_SEGMENTS]
        size = sum(these)
        continued = bool(pages) and not pages[-1].ends_packet
        ends = any(segment < _LONGEST_SEGMENT for segment in these)
        pages.append(
            _Page(
                flags=_CONTINUED if continued else 0,
                granule=0 if ends else -1,
                serial=first.serial,
                sequence=first.sequence + 1 + len(pages),
                segments=these,
                body=body[place : place + size],
            )
        )
        place += size
    return pages


def _lacing(packet: bytes) -> bytes:
    whole, rest = divmod(len(packet), _LONGEST_SEGMENT)
    return bytes([_LONGEST_SEGMENT] * whole + [rest])


def _bytes(page: _Page) -> bytes:
    fields = (_CAPTURE, 0, page.flags, page.granule, page.serial, page.sequence)
    rest = page.segments + page.body
    unchecked = _HEAD.pack(*fields, 0, len(page.segments)) + rest
    return _HEAD.pack(*fields, _checksum(unchecked), len(page.segments)) + rest


def _checksum(data: bytes) -> int:
    checksum = 0
    for byte in data:
        checksum = (checksum << 8) & 0xFFFFFFFF ^ _TABLE[checksum >> 24 ^ byte]
    return checksum


def _table_entry(index: int) -> int:
    entry = index << 24
    for _ in range(8):
        entry = (entry << 1 ^ (_POLYNOMIAL if entry & 0x80000000 else 0)) & 0xFFFFFFFF
    return entry


_TABLE = [_table_entry(index) for index in range(256)]
