"""The plain way, as tutorials show it: Vosk's final results in blocks of 8000 samples, pyttsx3's say and runAndWait.

    python scripts/bench/plain.py MODEL_FOLDER

It prints one JSON object a line with the words that it acts upon, says something after each, and reads a whole line
of the coach after "details", so that it can be interrupted.
"""

from __future__ import annotations

import json
import queue
import sys

import pyttsx3
import sounddevice
import vosk

RATE = 16_000
BLOCK = 8_000
COMMANDS = ("pause", "resume", "next", "harder", "stop", "details")
LONG_LINE = "Roll from heel to toes, three seconds each way, and keep the pressure where it feels good to you."


def main() -> None:
    """Listen and answer until the input ends or the process is killed."""
    vosk.SetLogLevel(-1)
    recogniser = vosk.KaldiRecognizer(vosk.Model(model_path=sys.argv[1]), RATE, json.dumps([*COMMANDS, "[unk]"]))
    engine = pyttsx3.init()
    engine.say("Ready.")
    engine.runAndWait()
    blocks: queue.Queue[bytes] = queue.Queue()

    def heard(data: object, _frames: int, _time: object, _status: object) -> None:
        blocks.put(bytes(data))  # type: ignore[call-overload]

    with sounddevice.RawInputStream(RATE, BLOCK, dtype="int16", channels=1, callback=heard):
        _print("ready")
        while True:
            if recogniser.AcceptWaveform(blocks.get()):
                text = json.loads(recogniser.Result()).get("text", "")
                if text in COMMANDS:
                    _print(text)
                    engine.say(LONG_LINE if text == "details" else "All right.")
                    engine.runAndWait()


def _print(word: str) -> None:
    sys.stdout.write(json.dumps({"kind": "heard", "command": word}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
