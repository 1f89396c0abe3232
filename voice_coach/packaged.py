"""Reads the YAML files that lie in the package.

Reading YAML takes longer than everything else before the first line of an answer. What was read is therefore kept in
the folder for caches, beside the text that it was read from and a checksum. It counts only where both agree, and
nothing else is asked of these files: they may be missing, of another version, half written by a program that was
killed, written by two at once, or impossible to write; then the YAML is read.
"""

from __future__ import annotations

import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from voice_coach.folders import cache_folder

_PACKAGE = Path(__file__).parent
_CHECKSUM = 4
"""Bytes of a checksum."""


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    """What was read, and from which text."""

    text: bytes
    data: Any


def read_yaml(package: str, name: str) -> Any:
    """Give the plain data of `name`.yaml in `package`: `voice_coach.routines`, for example."""
    text = _PACKAGE.joinpath(*package.split(".")[1:], f"{name}.yaml").read_bytes()
    file = cache_folder() / f"{package}.{name}.msgpack"
    kept = _found(file)
    if kept is None or kept.text != text:
        kept = _Kept(text, _read(text))
        _keep(file, kept)
    return kept.data


def _read(text: bytes) -> Any:
    """Read YAML, by libyaml where PyYAML brings it (ten times faster)."""
    import yaml  # noqa: PLC0415 - only where nothing is kept

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(text, Loader=loader)  # noqa: S506 - both are safe loaders


def _found(file: Path) -> _Kept | None:
    """Give what is kept in the file, if it is whole."""
    with suppress(OSError, msgspec.DecodeError):
        found = file.read_bytes()
        if found[:_CHECKSUM] == _checksum(found[_CHECKSUM:]):
            return msgspec.msgpack.decode(found[_CHECKSUM:], type=_Kept)
    return None


def _keep(file: Path, kept: _Kept) -> None:
    """Keep what was read, unless there is no place for it: a data folder that is not there yet is not made for this."""
    packed = msgspec.msgpack.encode(kept)
    with suppress(OSError):
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(_checksum(packed) + packed)


def _checksum(packed: bytes) -> bytes:
    return zlib.crc32(packed).to_bytes(_CHECKSUM)
