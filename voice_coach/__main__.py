"""Entry point of `voice-coach` and `python -m voice_coach`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line. Ctrl-C while it is being loaded is no fault of the program."""
    try:
        from voice_coach.cli.main import main as run  # noqa: PLC0415 - Ctrl-C may come while this is loaded
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
