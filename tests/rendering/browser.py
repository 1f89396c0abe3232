"""A real browser without a window, told what to do over its pipes: Chromium's DevTools protocol, and no library."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def found() -> str | None:
    """Give a browser that is installed."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Browser:
    """One page of a browser."""

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to = to_browser
        self._from = from_browser
        self._rest = b""
        self._number = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        targets = self.tell("Target.createTarget", url="about:blank")
        attached = self.tell("Target.attachToTarget", targetId=targets["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Network", "Log", "Runtime", "Page"):
            self.tell(f"{domain}.enable")

    def open(self, path: Path, width: int, scheme: str) -> None:
        """Open a page in a window of a width, in a light or a dark system."""
        self.events.clear()
        self.tell("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
        self.tell("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.tell("Page.navigate", url=path.as_uri())
        self._until("Page.loadEventFired")

    def ask(self, expression: str) -> Any:
        """Give the value of an expression in the page."""
        return self.tell("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def ask_later(self, expression: str) -> Any:
        """Give the value that a promise in the page comes to."""
        options = {"returnByValue": True, "awaitPromise": True}
        return self.tell("Runtime.evaluate", expression=expression, **options)["result"].get("value")

    def picture(self, path: Path, width: int, height: int) -> None:
        """Write what the page looks like, as PNG."""
        clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        shot = self.tell("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(shot["data"]))

    def tell(self, method: str, **parameters: Any) -> Any:
        """Send a command, and wait for its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._number:
                assert "error" not in answer, answer
                return answer["result"]

    def _until(self, event: str) -> None:
        while not any(seen["method"] == event for seen in self.events):
            self._next()

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            part = os.read(self._from, 65536)
            assert part, "the browser has gone"
            self._rest += part
        first, _, self._rest = self._rest.partition(b"\0")
        message: dict[str, Any] = json.loads(first)
        if "method" in message:
            self.events.append(message)
        return message


@contextmanager
def browsing(program: str, folder: Path) -> Iterator[Browser]:
    """Start a browser that keeps its things in a folder."""
    its_in, to_browser = os.pipe()
    from_browser, its_out = os.pipe()
    options = (
        f"--headless --hide-scrollbars --no-sandbox --disable-gpu --remote-debugging-pipe --user-data-dir={folder}"
    )
    # it reads its commands from descriptor 3 and answers on 4
    line = f"exec {program} {options} 3<&{its_in} 4>&{its_out}"
    process = subprocess.Popen(
        ["bash", "-c", line], pass_fds=(its_in, its_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(its_in)
    os.close(its_out)
    try:
        yield Browser(to_browser, from_browser)
    finally:
        os.close(to_browser)
        os.close(from_browser)
        process.terminate()
        process.wait(timeout=20)
