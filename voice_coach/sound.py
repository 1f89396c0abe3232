"""Loudspeaker and microphone of one session, as the user has chosen them, kept at work by a keeper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voice_coach.audio.keeper import Keeper
from voice_coach.audio.kept import Back, Instead, KeptMicrophone, KeptSpeaker, Lost, News
from voice_coach.runner import EarsReady, Inbox, Mended, Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from voice_coach.audio.devices import Device
    from voice_coach.audio.player import DeviceSpeaker
    from voice_coach.routines.schema import SpokenLine
    from voice_coach.settings import AudioSettings

MICROPHONE_LOST = "microphone_lost"
MICROPHONE_BACK = "microphone_back"
LISTENING_BEHIND = "listening_behind"
"""Names of the lines that the coach says about its hearing. About its loudspeaker it cannot say anything."""


class DeviceSound:
    """Opens the devices, tells what becomes of them, and closes them.

    Args:
        settings: which devices.
        lines: what the coach says, by name.
        inbox: gets what there is to tell.
        keeper: looks after the devices.
    """

    def __init__(
        self,
        settings: AudioSettings,
        lines: Mapping[str, SpokenLine],
        inbox: Inbox,
        keeper: Keeper | None = None,
    ) -> None:
        self._settings = settings
        self._lines = lines
        self._inbox = inbox
        self._keeper = keeper or Keeper()
        self._ready: EarsReady | None = None
        self._closed = False

    def start(self) -> None:
        """Begin to look after the devices."""
        self._keeper.start()

    def keep_speaker(self, speaker: DeviceSpeaker, device: Device | None) -> None:
        """Look after a loudspeaker that is open already, on `device` (None: the system's choice)."""
        part = KeptSpeaker(speaker, self._settings.speaker, self._teller("loudspeaker"))
        part.adopt(device)
        self._keeper.keep(part)

    def new_microphone(self) -> KeptMicrophone:
        """Give the microphone; `listen` opens it."""
        return KeptMicrophone(self._settings.microphone, self._teller("microphone"))

    def listen(self, microphone: KeptMicrophone, ready: EarsReady) -> None:
        """Open the microphone; tell that the ears are `ready` now, or as soon as there is a microphone.

        After `close`, as where a model took longer to load than the session lasted, nothing is opened.
        """
        self._ready = ready
        if self._keeper.keep(microphone):
            self._announce_ears()
        if self._closed:
            self._close_ears()

    def close(self) -> None:
        """Close the devices, and ears that never heard anything. Safe to call twice."""
        self._closed = True
        self._keeper.close()
        self._close_ears()

    def _close_ears(self) -> None:
        ready, self._ready = self._ready, None
        if ready is not None:
            ready.ears.close()

    def _announce_ears(self) -> bool:
        ready, self._ready = self._ready, None
        if ready is not None:
            self._inbox.put(ready)
        return ready is not None

    def _teller(self, name: str) -> Callable[[News], None]:
        is_microphone = name == "microphone"

        def tell(news: News) -> None:
            if isinstance(news, Lost):
                self._inbox.put(Trouble(news.error, self._line(MICROPHONE_LOST) if is_microphone else ""))
            elif isinstance(news, Instead):
                self._inbox.put(Trouble(news.error))
            else:
                self._back(name, news, self._line(MICROPHONE_BACK) if is_microphone else "")

        return tell

    def _back(self, name: str, news: Back, line: str) -> None:
        called = f": {news.device}" if news.device else ""
        is_microphone = name == "microphone"
        self._inbox.put(Mended(f"The {name} works{called}.", line, ears=is_microphone))
        if is_microphone:
            self._announce_ears()

    def _line(self, name: str) -> str:
        return self._lines[name].say
