"""The user's speech models: fetched, verified, put in place, chosen and removed.

A download is the only thing in this program that uses the network, and only when asked for. It goes into a `.part`
file, goes on where it broke off, is hashed before anything is unpacked, and is unpacked into a folder of its own
that takes its place in one step: a half model is never found.
"""

from __future__ import annotations

import contextlib
import hashlib
import lzma
import os
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Protocol

import msgspec

from voice_coach.errors import ModelError
from voice_coach.files import are_one, expanded, folders_in, is_folder, quoted, remove_leftovers, write_whole
from voice_coach.history.alive import Alive
from voice_coach.packaged import read_yaml
from voice_coach.speech.models import IN_THE_BOX, check_whole, chosen_model, models_folder, packaged_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHUNK_BYTES = 64 * 1024
TIMEOUT_SECONDS = 30.0
CHOSEN_FILE = "chosen"
LOCK_FILE = ".lock"
_UNPACKING, _REMOVED = ".unpacking-", ".removed-"
"""Beginnings of the names of folders that are there for a moment."""
_NO_SUCH_RANGE = 416
_UNPACKING_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    struct.error,
)
"""What zipfile raises for archives that are damaged, locked with a password, or packed in ways it does not know."""


class KnownModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model that can be fetched; see known_models.yaml."""

    folder: str
    url: str
    bytes: int
    sha256: str
    unpacked_bytes: int
    licence: str
    language: str


@dataclass(frozen=True, slots=True)
class InstalledModel:
    """A model on this machine.

    Attributes:
        name: of its folder; `in the box` for the one in the package.
        used: sessions listen with it, unless one is named on the command line.
        whole: it can be used.
    """

    name: str
    folder: Path
    used: bool
    whole: bool = True


class Source(Protocol):
    """Where a file comes from."""

    def chunks(self, url: str, start: int) -> Iterator[bytes]:
        """Give the file at `url` from byte `start` on.

        Raises:
            OSError: it cannot be had, or breaks off.
            RestartRequiredError: the source begins at 0 in any case.
        """


class RestartRequiredError(Exception):
    """The source cannot go on in the middle of a file."""


class WebSource:
    """Fetches over HTTPS."""

    def chunks(self, url: str, start: int) -> Iterator[bytes]:
        """See `Source.chunks`."""
        from http.client import HTTPException  # noqa: PLC0415 - only a download may use the network

        try:
            yield from self._chunks(url, start)
        except HTTPException as error:  # something answers that does not speak HTTP, or stops in the middle
            raise OSError(f"the answer of {url} cannot be understood: {error}") from error

    def _chunks(self, url: str, start: int) -> Iterator[bytes]:
        import urllib.error  # noqa: PLC0415 - as above
        import urllib.request  # noqa: PLC0415 - as above

        if not url.startswith("https://"):
            raise OSError(f"{url} is not fetched over HTTPS")
        headers = {"Range": f"bytes={start}-"} if start else {}
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - checked above
        try:
            opened = urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS)  # noqa: S310 - checked above
        except urllib.error.HTTPError as error:
            if start and error.code == _NO_SUCH_RANGE:
                raise RestartRequiredError from error
            raise
        with opened as answer:
            if start and answer.status != 206:  # noqa: PLR2004 - HTTP: partial content
                raise RestartRequiredError
            while chunk := answer.read(CHUNK_BYTES):
                yield chunk


def known_models() -> dict[str, KnownModel]:
    """Give the models that can be fetched, by name."""
    return msgspec.convert(read_yaml("voice_coach.speech", "known_models"), dict[str, KnownModel])


def installed_models() -> list[InstalledModel]:
    """Give the models on this machine: the user's own, and the one in the package.

    One that is used is among them, also where it lies elsewhere, or is not whole.
    """
    used = chosen_model()
    named = {entry: entry.name for entry in folders_in(models_folder()) if _is_model(entry)}
    packaged = packaged_model()
    if packaged is not None:
        named[packaged] = IN_THE_BOX
    models = [
        InstalledModel(name, folder, used is not None and are_one(folder, used)) for folder, name in named.items()
    ]
    if used is not None and not any(model.used for model in models):
        models.insert(0, InstalledModel(str(used), used, used=True, whole=_is_model(used)))
    return models


def get(name: str, source: Source, progress: Callable[[int, int], None]) -> Path:
    """Fetch the known model `name`, unless it is there and whole; use it from now on; give its folder.

    Args:
        name: as in `known_models`.
        source: where it comes from.
        progress: called with the bytes that are there and the bytes that there will be.

    Raises:
        ModelError: there is no such model; it cannot be fetched, is not what it should be, or cannot be written.
    """
    model = _known(name)
    target = models_folder() / model.folder
    if not _is_model(target):
        try:
            with _nobody_else_fetching(name):
                _put_in_place(model, target, source, progress)
        except OSError as error:
            raise _not_fetched(name, _reason(error)) from error
    _choose(model.folder)
    return target


def _put_in_place(model: KnownModel, target: Path, source: Source, progress: Callable[[int, int], None]) -> None:
    if _is_model(target):  # somebody else has fetched it meanwhile
        return
    remove_leftovers(target.parent, _UNPACKING, after=0)
    part = target.parent / f"{model.folder}.zip.part"
    _fetch(model, part, source, progress)
    _verify(model, part)
    _unpack(model, part, target)
    with contextlib.suppress(OSError):
        part.unlink()


@contextlib.contextmanager
def _nobody_else_fetching(name: str) -> Iterator[None]:
    """Keep every other program from fetching meanwhile: it would write into the same file.

    Raises:
        ModelError: another one is fetching.
        OSError: nothing can be written.
    """
    models_folder().mkdir(parents=True, exist_ok=True)
    with contextlib.closing(Alive(models_folder() / LOCK_FILE)) as lock:
        if not lock.hold(0):
            raise _not_fetched(name, "another voice-coach is fetching a model just now")
        yield


def use(name: str) -> Path:
    """Listen with this model from now on: a known or installed name, or any folder with a Vosk model in it.

    Raises:
        ModelError: there is no such model, or it is not whole.
    """
    folder = find(name)
    if folder == packaged_model():
        _choose(IN_THE_BOX)  # its folder may be another one with the next version of the program
    else:
        _choose(folder.name if folder.parent == models_folder() else str(folder))
    return folder


def find(name: str) -> Path:
    """Give the folder of a model by its name, or of any folder with a Vosk model in it.

    Raises:
        ModelError: there is no such model, or it is not whole.
    """
    packaged = packaged_model()
    if name == IN_THE_BOX and packaged is not None:
        return check_whole(packaged)
    own = None if name.startswith(".") else _own(name)  # "." and "./name" mean a place, wherever there is one
    folder = own or Path(os.path.realpath(expanded(name)))
    if not is_folder(folder):
        raise _unknown(name)
    return check_whole(folder)


def remove(name: str) -> Path:
    """Remove a model, whole or not; give the folder that is gone.

    Raises:
        ModelError: there is none of this name, or it cannot be removed.
    """
    folder = _own(name)
    if folder is None:
        raise _unknown(name)
    remove_leftovers(models_folder(), _REMOVED)
    doomed = _moved_away(folder)
    try:
        shutil.rmtree(doomed)
    except OSError as error:
        raise ModelError(
            f"Not all of the model {folder.name} can be removed: {error.strerror}.",
            f"It is used no more, and what is left of it is in {doomed}.",
            f"ls -lR {doomed}",
        ) from error
    return folder


def _moved_away(folder: Path) -> Path:
    """Move a model into a folder that is to be removed: a removal that breaks off must not leave half a model behind.

    Raises:
        ModelError: it cannot be moved.
    """
    doomed = None
    try:
        doomed = Path(tempfile.mkdtemp(prefix=_REMOVED, dir=models_folder()))
        folder.rename(doomed / folder.name)
    except OSError as error:
        if doomed is not None:
            with contextlib.suppress(OSError):
                doomed.rmdir()
        raise ModelError(
            f"The model in {folder} cannot be removed: {error.strerror}.",
            "It is still there.",
            f"ls -ld {quoted(folder)}",
        ) from error
    return doomed


def _own(name: str) -> Path | None:
    """Give the folder of a known or installed model, whole or not, that lies directly in the folder of models."""
    known = known_models().get(name)
    folder = models_folder() / (known.folder if known else name)
    lies_in_it = folder.parent == models_folder() and folder.name != ".."
    return folder if lies_in_it and is_folder(folder) else None


def _known(name: str) -> KnownModel:
    model = known_models().get(name)
    if model is None:
        raise ModelError(
            f"No model called {name!r} can be fetched; there is {', '.join(known_models())}.",
            "Nothing was fetched.",
            "voice-coach model list",
        )
    return model


def _fetch(model: KnownModel, part: Path, source: Source, progress: Callable[[int, int], None]) -> None:
    """Bring the part file to its full size, going on where an earlier try broke off."""
    there = part.stat().st_size if part.exists() else 0
    if there > model.bytes:
        part.unlink()
        there = 0
    if there == model.bytes:
        return
    try:
        _append(model, part, source, there, progress)
    except RestartRequiredError:
        part.unlink()
        _append(model, part, source, 0, progress)


def _append(model: KnownModel, part: Path, source: Source, there: int, progress: Callable[[int, int], None]) -> None:
    with part.open("ab") as file:
        for chunk in source.chunks(model.url, there):
            file.write(chunk)
            there += len(chunk)
            progress(min(there, model.bytes), model.bytes)
            if there > model.bytes:  # it cannot be what was published: `_verify` throws it away
                break
        file.flush()
        os.fsync(file.fileno())


def _verify(model: KnownModel, part: Path) -> None:
    """Compare size and SHA-256 with what was published; a file that differs is thrown away."""
    size = part.stat().st_size
    if size < model.bytes:
        raise OSError(f"the download broke off after {size} of {model.bytes} bytes; it goes on next time")
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != model.sha256:
        part.unlink()
        raise OSError("what arrived is not what was published; it was thrown away")


def _unpack(model: KnownModel, archive: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=_UNPACKING, dir=target.parent, ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        try:
            with zipfile.ZipFile(archive) as zipped:
                for member in _safe_members(zipped, model.unpacked_bytes):
                    zipped.extract(member, scratch)
        except _UNPACKING_FAULTS as error:
            raise OSError(f"the archive cannot be unpacked: {error}") from error
        check_whole(scratch / model.folder)
        if os.path.lexists(target):  # one that is not whole
            target.rename(scratch / "broken")
        (scratch / model.folder).rename(target)


def _safe_members(zipped: zipfile.ZipFile, most_bytes: int) -> list[zipfile.ZipInfo]:
    """Give the members, when all of them stay in the folder, are plain files and do not grow out of bounds.

    Raises:
        OSError: one does not.
    """
    members = zipped.infolist()
    for member in members:
        path = PurePosixPath(member.filename.replace("\\", "/"))
        kind = stat.S_IFMT(member.external_attr >> 16)
        if not path.parts:
            raise OSError("the archive holds a file without a name")
        if path.is_absolute() or ".." in path.parts or ":" in member.filename:
            raise OSError(f"the archive holds a path that leaves its folder: {member.filename!r}")
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise OSError(f"the archive holds something that is no file: {member.filename!r}")
    if sum(member.file_size for member in members) > most_bytes:
        raise OSError("the archive is larger than it should be")
    return members


def _choose(name: str) -> None:
    """Write down which model is used, in one step."""
    folder = models_folder()
    try:
        write_whole(folder / CHOSEN_FILE, f"{name}\n")
    except OSError as error:
        raise ModelError(
            f"The choice cannot be written into {folder}: {error.strerror}.",
            "The model used before is still used.",
            f"ls -ld {quoted(folder)}",
        ) from error


def _is_model(folder: Path) -> bool:
    with contextlib.suppress(ModelError):
        check_whole(folder)
        return True
    return False


def _unknown(name: str) -> ModelError:
    return ModelError(f"There is no model called {name!r} here.", "Nothing was changed.", "voice-coach model list")


def _reason(error: OSError) -> str:
    """Give what went wrong, without what urllib puts around it."""
    inner = getattr(error, "reason", None)
    if isinstance(inner, OSError):
        return inner.strerror or str(inner)
    if isinstance(inner, str) and not hasattr(error, "code"):
        return inner
    return error.strerror or str(error)


def _not_fetched(name: str, reason: str) -> ModelError:
    return ModelError(
        f"The model {name} was not fetched: {reason}.",
        "The model used before is still used.",
        f"voice-coach model get {name}",
    )
