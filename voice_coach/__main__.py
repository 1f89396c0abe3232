"""Entry point of `voice-coach` and `python -m voice_coach`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line. Ctrl-C while it is being loaded is no fault of the program."""
    gc.disable()  # what is loaded now stays: to look through it for rubbish is time lost at every start
    try:
        from voice_coach.cli.main import main as run  # noqa: PLC0415 - Ctrl-C may come while this is loaded
    except KeyboardInterrupt:
        sys.exit(130)
    gc.freeze()
    gc.enable()
    run()


if __name__ == "__main__":
    main()
