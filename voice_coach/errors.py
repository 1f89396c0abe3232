"""Every error a person can meet, in one tree.

- `CoachError`: what happened, what it means for the session, the one command that helps.
    - `UsageError`: the command line or a file named on it is wrong; nothing was started. Exit status 2.
        - `UnknownRoutineError`
        - `ScriptError`
        - `PhrasesError`
        - `RoutineFileError`: a routine of the user's own has mistakes, or cannot be written.
        - `HistoryFileError`: a file to import has mistakes, or one for export or progress cannot be written.
        - `SettingsError`: a setting is wrong, or cannot be written; sessions go on with the usual value.
        - `WishError`: a wish that does not exist, or that leaves nothing of a routine.
    - `ContentError`: a YAML file of the program, or of the user, does not hold what it should. Exit status 3.
    - `AudioError`: no sound card, no microphone, PortAudio missing, a sound file unreadable. Exit status 4.
        - `SpeakerError`
        - `MicrophoneError`
        - `SoundFileError`
    - `ModelError`: no speech model, or a broken one. Exit status 5.
    - `VoiceError`: text-to-speech is missing or fails. Exit status 6.
    - `HistoryError`: the history cannot be written or read. Exit status 7.
        - `BrokenHistoryError`: its file is damaged, or no history.
        - `BusyHistoryError`: another coach is writing; it may be tried again.
    - `ProfileError`: what is known about the user cannot be written or read. Exit status 8.
    - `ReminderError`: a calendar file or a timer of the system cannot be written or read. Exit status 9.
    - `MissingExtraError`: a library is needed that is not installed with the program. Exit status 1.
    - `FolderError`: there is no folder for what belongs to the user. Exit status 1.

Adapters translate the errors of their libraries into these, at the edge, in one place each. The command line
prints `str(error)` and exits with `exit_status`; a traceback is always a fault of the program.
"""

from __future__ import annotations

from typing import ClassVar


class CoachError(Exception):
    """Something went wrong that a person can understand and mend.

    Attributes:
        what: one sentence, what happened.
        meaning: one sentence, what it means for the session.
        remedy: one command, or one thing to do, that helps.
    """

    exit_status: ClassVar[int] = 1

    def __init__(self, what: str, meaning: str, remedy: str) -> None:
        super().__init__(what, meaning, remedy)
        self.what = what
        self.meaning = meaning
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what} {self.meaning} Try: {self.remedy}"


class UsageError(CoachError):
    exit_status = 2


class UnknownRoutineError(UsageError):
    pass


class ScriptError(UsageError):
    pass


class PhrasesError(UsageError):
    pass


class RoutineFileError(UsageError):
    pass


class HistoryFileError(UsageError):
    pass


class SettingsError(UsageError):
    pass


class WishError(UsageError):
    pass


class ContentError(CoachError):
    exit_status = 3


class AudioError(CoachError):
    exit_status = 4


class SpeakerError(AudioError):
    pass


class MicrophoneError(AudioError):
    pass


class SoundFileError(AudioError):
    pass


class ModelError(CoachError):
    exit_status = 5


class VoiceError(CoachError):
    exit_status = 6


class HistoryError(CoachError):
    exit_status = 7


class BrokenHistoryError(HistoryError):
    pass


class BusyHistoryError(HistoryError):
    pass


class ProfileError(CoachError):
    exit_status = 8


class ReminderError(CoachError):
    exit_status = 9


class MissingExtraError(CoachError):
    pass


class FolderError(CoachError):
    pass
