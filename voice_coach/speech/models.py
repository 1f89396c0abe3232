"""Speech models on disk: which one to use, whether it is whole, and what it can hear."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import stat
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from voice_coach.audio.interfaces import LISTENING_RATE
from voice_coach.audio.quiet import quiet_stderr
from voice_coach.errors import ModelError
from voice_coach.files import expanded, folders_in, is_file, is_folder, read_bounded, remove_leftovers
from voice_coach.folders import data_folder
from voice_coach.settings import read_settings
from voice_coach.settings_table import variable_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from types import ModuleType

    from vosk import KaldiRecognizer

MODEL_VARIABLE = variable_of("model")
"""Environment variable that names a model's folder."""

IN_THE_BOX = "in the box"
"""Name of the model in this package, in lists and where it is chosen."""

UNKNOWN = "[unk]"
"""The word that stands for whatever is none of the grammar's."""

FRAMES_PER_CHUNK = 6
"""Frames of 10 ms that are decoded at a time.

Models come with 20 or 30, which delays every partial result by up to 0.3 s; 6 costs half a percent of a
processor core more, and 3 again as much for 15 ms less (measured with the first command model).
"""

_NEEDED_FILES = (
    "am/final.mdl",
    "conf/model.conf",
    "graph/HCLr.fst",
    "graph/Gr.fst",
    # Vosk does without, but then a word lasts from the one before it, and no command has silence before it
    "graph/phones/word_boundary.int",
)
_COPY_PREFIX = ".voice-coach-loading-"
_OLD_COPY = re.compile(r"voice-coach-model-[a-z0-9_]{8}")
_A_DAY = 86_400.0
_RATE_OPTION = re.compile(r"^\s*--sample-frequency\s*=\s*([^\s#]+)", re.MULTILINE)
_UPSAMPLE_OPTION = re.compile(r"^\s*--allow-upsample(\s*=\s*true)?\s*(#|$)", re.MULTILINE)
_CHUNK_OPTION = re.compile(r"^--frames-per-chunk=\d+\s*$", re.MULTILINE)


def find_model(explicit: Path | None = None) -> Path:
    """Give the folder of the model to use.

    It is the first of: `explicit`; the setting `model`, which may come from the environment; the model named in the
    file `models/chosen` of the user's data folder, or the newest one there; the one in this package.

    Raises:
        ModelError: there is none, or the one asked for is not whole.
    """
    if explicit is not None:
        return check_whole(explicit)
    chosen = chosen_model()
    if chosen is None:
        raise ModelError(
            "There is no speech model.",
            "The coach cannot understand spoken commands; typed ones work.",
            "voice-coach start --model FOLDER",
        )
    return check_whole(chosen) if chosen == packaged_model() else _check_chosen(chosen)


def chosen_model() -> Path | None:
    """Give the folder of the model that is used where none is named, whole or not; None without any."""
    return named_model() or users_model() or packaged_model()


def named_model() -> Path | None:
    """Give the folder that the setting `model`, or its environment variable, names; it need not exist."""
    named = read_settings().listening.model
    return expanded(named) if named else None


def _check_chosen(folder: Path) -> Path:
    try:
        return check_whole(folder)
    except ModelError as error:
        raise ModelError(error.what, error.meaning, command_to_take_back()) from error


def command_to_take_back() -> str:
    """Give the command that takes back what names the model: the variable, the setting or else the choice."""
    source = read_settings().sources.get("model")
    if source == "environment":
        return f"unset {MODEL_VARIABLE}"
    return "voice-coach settings forget model" if source == "file" else f'voice-coach model use "{IN_THE_BOX}"'


def models_folder() -> Path:
    """Give the folder of the user's own models; it need not exist."""
    return data_folder() / "models"


def packaged_model() -> Path | None:
    """Give the folder of the model in this package, if it has one."""
    folder = Path(__file__).parent / "model"
    return folder if folder.is_dir() else None


class SpeechModel:
    """A loaded Vosk model. It may be shared by several listeners.

    Args:
        folder: where it lies, see `find_model`. The files `decoys.txt` and `recorded.txt` in it, a phrase a line, are
            optional.
        tried: it was loaded in another process before, and did no harm.

    Attributes:
        decoys: phrases that take part in every grammar and are never commands. Words that sound like commands
            are best kept from being taken for them by competing with them.
        recorded: phrases that it learned from recordings of many people, and finds rather too often than too seldom.
        scores_phrases: whether its unknown word is a loop over all phones (the file `phone_loop` says so), so that
            phrases may be scored against it.

    Raises:
        ModelError: the folder holds no model that can be used, or Vosk is missing.
    """

    def __init__(self, folder: Path, *, tried: bool = False) -> None:
        check_whole(folder)
        if not tried and folder != packaged_model():
            _try_first(folder)
        with quiet_stderr():
            vosk = _load_vosk()
            vosk.SetLogLevel(-2)
            with _responsive_copy(folder) as copy:
                try:
                    self._model = vosk.Model(model_path=str(copy))
                except Exception as error:  # Vosk raises nothing more precise
                    raise _broken(folder, "Vosk cannot load it") from error
        self._recogniser_class = vosk.KaldiRecognizer
        self.folder = folder
        self.decoys = tuple(phrase for phrase in self._read_phrases("decoys.txt") if self._hears(phrase))
        self.recorded = frozenset(self._read_phrases("recorded.txt"))
        self.scores_phrases = (folder / "phone_loop").exists()

    def knows(self, word: str) -> bool:
        """Tell whether `word` (lower case) is in the model's vocabulary."""
        return bool(self._model.vosk_model_find_word(word) >= 0)

    def unheard(self, phrases: Iterable[str]) -> list[str]:
        """Give those of `phrases` that hold a word the model does not know."""
        return [phrase for phrase in phrases if not self._hears(phrase)]

    def recogniser(self, phrases: Mapping[str, int]) -> KaldiRecognizer:
        """Give a new recogniser for the `phrases` that the model can hear, its decoys and unknown speech.

        A recogniser belongs to one thread.

        Args:
            phrases: how many times as likely each phrase is as a decoy. Beside a model without decoys all are alike.
        """
        heard = {phrase: weight if self.decoys else 1 for phrase, weight in phrases.items() if self._hears(phrase)}
        decoys = {decoy: 1 for decoy in self.decoys if decoy not in heard}
        # Vosk takes how often a phrase stands in the grammar for how often it is said. UNKNOWN is always there: with an
        # empty grammar Vosk kills the process.
        counted = [phrase for phrase, weight in (heard | decoys).items() for _ in range(weight)]
        recogniser = self._recogniser_class(self._model, LISTENING_RATE, json.dumps([*counted, UNKNOWN]))
        recogniser.SetWords(True)
        return recogniser

    def scorer(self, phrases: Iterable[str]) -> KaldiRecognizer:
        """Give a new recogniser that hears nothing but these `phrases` (without any: nothing but unknown speech).

        Its results are alternatives, a single one, whose "confidence" is its log likelihood.
        """
        recogniser = self._recogniser_class(self._model, LISTENING_RATE, json.dumps([*phrases] or [UNKNOWN]))
        recogniser.SetMaxAlternatives(1)
        return recogniser

    def _hears(self, phrase: str) -> bool:
        words = phrase.split()
        return bool(words) and all(self.knows(word) for word in words)

    def _read_phrases(self, name: str) -> list[str]:
        try:
            lines = (self.folder / name).read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise _broken(self.folder, f"{name} cannot be read") from error
        return list(dict.fromkeys(phrase for line in lines if (phrase := " ".join(line.split()))))


def users_model() -> Path | None:
    """Give the folder of the model that the user has chosen, or of the newest one fetched.

    None without any, and where the one in this package is chosen.
    """
    folder = models_folder()
    with contextlib.suppress(OSError, UnicodeDecodeError):
        name = (folder / "chosen").read_text(encoding="utf-8").strip()
        if name == IN_THE_BOX:
            return None
        chosen = folder / name
        if chosen.is_dir() and chosen != folder:
            return chosen
    models = [entry for entry in folders_in(folder) if is_file(entry / _NEEDED_FILES[0])]
    return max(models, key=lambda model: model.stat().st_mtime, default=None)


def check_whole(folder: Path) -> Path:
    """Give `folder` back when it holds a model that takes phrases at run time.

    Raises:
        ModelError: it does not.
    """
    if not is_folder(folder):
        raise ModelError(
            f"There is no speech model in {folder}.",
            "The coach cannot understand spoken commands; typed ones work.",
            "voice-coach start --model FOLDER",
        )
    if not os.access(folder, os.R_OK | os.X_OK):
        raise _broken(folder, "it cannot be read")
    missing = [name for name in _NEEDED_FILES if not is_file(folder / name)]
    if not missing:
        return _check_rate(folder)
    if "graph/HCLr.fst" in missing and is_file(folder / "graph/HCLG.fst"):
        raise _broken(folder, "its graph is fixed and takes no list of phrases")
    raise _broken(folder, f"{missing[0]} is missing")


def _check_rate(folder: Path) -> Path:
    """Give `folder` back when Vosk takes sound as the coach hears it for its model: it lowers a rate, but raises none.

    Raises:
        ModelError: it is for sound at a higher rate.
    """
    rate = rate_of(folder)
    if rate > LISTENING_RATE and not _UPSAMPLE_OPTION.search(_features_of(folder)):
        raise _broken(folder, f"it is made for {rate:g} samples a second, and the coach hears {LISTENING_RATE}")
    return folder


def rate_of(folder: Path) -> float:
    """Give how many samples a second the model in `folder` is made for, as far as it says so."""
    with contextlib.suppress(ValueError, IndexError):
        return float(_RATE_OPTION.findall(_features_of(folder))[-1])
    return LISTENING_RATE


def _features_of(folder: Path) -> str:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return read_bounded(folder / "conf" / "mfcc.conf").decode()
    return ""


def _load_vosk() -> ModuleType:
    try:
        import vosk  # noqa: PLC0415 - takes longer than --help may
    except (ImportError, OSError) as error:  # its library may need another that is not here
        raise ModelError(
            f"The speech recogniser Vosk cannot be loaded ({error}).",
            "The coach cannot understand spoken commands; typed ones work.",
            "pip install --force-reinstall vosk",
        ) from error
    module: ModuleType = vosk
    return module


def _try_first(folder: Path) -> None:
    """Load a model in another process first: one that is damaged would kill this one.

    Raises:
        ModelError: it cannot be loaded.
    """
    from voice_coach.speech.trial import survives  # noqa: PLC0415 - it needs this module

    if not survives(folder):
        raise _broken(folder, "Vosk cannot load it")


@contextlib.contextmanager
def _responsive_copy(folder: Path) -> Iterator[Path]:
    """Give a folder that looks like `folder`, but whose configuration decodes in small chunks.

    The chunk size can be set in the model's file only. Everything else in the copy is a link, and the copy is
    needed only while the model is loaded. The model in the package needs none.
    """
    if _has_chunk(folder / "conf" / "model.conf"):
        yield folder
        return
    with contextlib.ExitStack() as stack:
        copy = folder
        # the disk may be full, and Windows allows links only to some: the model works as it is, but slower
        with contextlib.suppress(OSError, UnicodeDecodeError):
            copy = _linked_copy(folder, stack)
        yield copy


def _linked_copy(folder: Path, stack: contextlib.ExitStack) -> Path:
    """Give a folder that looks like `folder` until `stack` is closed, but whose configuration decodes in small chunks.

    Raises:
        OSError: it cannot be made.
        UnicodeDecodeError: the configuration is no text.
    """
    remove_leftovers(Path(tempfile.gettempdir()), _COPY_PREFIX, needed=folder)
    _remove_old_copies(Path(tempfile.gettempdir()), needed=folder)
    copy = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix=_COPY_PREFIX, ignore_cleanup_errors=True)))
    for entry in folder.iterdir():
        if entry.name != "conf":
            (copy / entry.name).symlink_to(entry.resolve(), target_is_directory=entry.is_dir())
    shutil.copytree(folder / "conf", copy / "conf", copy_function=shutil.copyfile)
    _set_chunk(copy / "conf" / "model.conf")
    return copy


def _remove_old_copies(folder: Path, needed: Path) -> None:
    """Remove copies that earlier versions left, under a name that others may give, too."""
    for copy in folders_in(folder):
        if not _OLD_COPY.fullmatch(copy.name) or needed.resolve().is_relative_to(copy.resolve()):
            continue
        with contextlib.suppress(OSError):
            if _is_old_copy(copy):
                shutil.rmtree(copy)


def _is_old_copy(folder: Path) -> bool:
    """Tell whether there is nothing in a folder but links and settings: whatever it is, no model is lost with it.

    Raises:
        OSError: it cannot be looked at.
    """
    about = folder.lstat()
    mine = hasattr(os, "getuid") and about.st_uid == os.getuid() and stat.S_IMODE(about.st_mode) == stat.S_IRWXU
    if folder.is_symlink() or not mine or about.st_mtime > time.time() - _A_DAY:
        return False
    others = [entry for entry in folder.iterdir() if entry.name != "conf"]
    kept = [entry.name for entry in (folder / "conf").iterdir()]
    links = {entry.name for entry in others if entry.is_symlink()}
    return {"am", "graph"} <= links and len(links) == len(others) and all(name.endswith(".conf") for name in kept)


def _has_chunk(configuration: Path) -> bool:
    with contextlib.suppress(OSError, UnicodeDecodeError):
        return f"--frames-per-chunk={FRAMES_PER_CHUNK}" in configuration.read_text(encoding="utf-8").split()
    return False


def _set_chunk(configuration: Path) -> None:
    text = _CHUNK_OPTION.sub("", configuration.read_text(encoding="utf-8"))
    configuration.write_text(f"{text.rstrip()}\n--frames-per-chunk={FRAMES_PER_CHUNK}\n", encoding="utf-8")


def _broken(folder: Path, reason: str) -> ModelError:
    return ModelError(
        f"The speech model in {folder} cannot be used: {reason}.",
        "The coach cannot understand spoken commands; typed ones work.",
        "voice-coach start --model ANOTHER_FOLDER",
    )
