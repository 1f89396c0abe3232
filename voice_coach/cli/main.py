"""The command line: options are parsed here, everything is done elsewhere."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from voice_coach import __version__
from voice_coach.errors import CoachError

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)

EXIT_STATUSES = """\b
Exit status: 0 the session ended, however it ended; 1 another fault; 2 the command line, a routine's
name or a script is wrong; 3 the catalogue is broken; 4 a sound device or a sound file; 5 the speech
model; 6 text-to-speech; 7 the history."""


@click.group(epilog=EXIT_STATUSES, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="voice-coach")
def cli() -> None:
    """A hands-free coach for massaging and stretching your own feet and lower legs.

    It speaks each step, counts it, and listens for "next", "harder", "pause" and "ouch". Nothing leaves this
    machine. The routines have no clinical sign-off: firmer is not better, and pain means stop.
    """


@cli.command()
@click.argument("routine", default="quick_3")
@click.option("--text", is_flag=True, help="No sound: read the lines, type the commands.")
@click.option("--fast", is_flag=True, help="Move the clock instead of waiting.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line for everything that happens.")
@click.option("--script", type=_FILE, help="Say lines for the user: '12.5 harder' is said at second 12.5.")
@click.option("--mic-wav", type=_FILE, help="Hear a recording instead of the microphone.")
@click.option("--speaker-wav", type=_FILE, help="Write what the coach says into a WAV file.")
@click.option("--model", "model_folder", type=_FOLDER, help="Folder of the Vosk model to listen with.")
@click.option("--side", type=click.Choice(["left", "right"]), help="The foot, for a routine that works on one.")
def start(
    routine: str,
    *,
    text: bool,
    fast: bool,
    as_json: bool,
    script: Path | None,
    mic_wav: Path | None,
    speaker_wav: Path | None,
    model_folder: Path | None,
    side: str | None,
) -> None:
    """Start a session with ROUTINE (quick_3 unless you name one; see `voice-coach routines`)."""
    from voice_coach.assembly import Options, run_session  # noqa: PLC0415 - --help must answer at once

    run_session(
        Options(
            routine=routine,
            text=text,
            fast=fast,
            as_json=as_json,
            script=script,
            mic_wav=mic_wav,
            speaker_wav=speaker_wav,
            model=model_folder,
            side=side,
        )
    )


@cli.command()
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for each recording.")
@click.option(
    "--grammar",
    type=click.Choice(["work", "answers", "all"]),
    default="all",
    show_default=True,
    help="The active phrases: in the middle of the work, after a question, or all there are.",
)
@click.option("--phrases", type=_FILE, help="Listen for the phrases in this file instead, a phrase a line.")
@click.option("--model", "model_folder", type=_FOLDER, help="Folder of the Vosk model to listen with.")
def hear(
    files: tuple[Path, ...], *, as_json: bool, grammar: str, phrases: Path | None, model_folder: Path | None
) -> None:
    """Print the commands that a session would act upon in the recordings FILES.

    They may be WAV or FLAC, of 16 kHz and up, mono or stereo.
    """
    from voice_coach.cli.hearing import print_heard  # noqa: PLC0415 - --help must answer at once

    print_heard(files, as_json=as_json, grammar_name=grammar, phrases=phrases, model_folder=model_folder)


@cli.command()
@click.option("--most", default=20, show_default=True, help="How many sessions to list.")
def history(most: int) -> None:
    """List the latest sessions."""
    from voice_coach.cli.history import print_history  # noqa: PLC0415 - --help must answer at once

    print_history(most)


@cli.command()
def routines() -> None:
    """List the routines."""
    from voice_coach.cli.routines import print_routines  # noqa: PLC0415 - --help must answer at once

    print_routines()


@cli.group()
def model() -> None:
    """List, fetch, choose, check and remove speech models."""


@model.command("list")
def model_list() -> None:
    """List the models on this machine (the one in use has a star) and those that can be fetched."""
    from voice_coach.cli.models import print_models  # noqa: PLC0415 - --help must answer at once

    print_models()


@model.command("get")
@click.argument("name")
def model_get(name: str) -> None:
    """Fetch the model NAME over the network, verify it, and use it from now on."""
    from voice_coach.cli.models import get_model  # noqa: PLC0415 - --help must answer at once

    get_model(name)


@model.command("use")
@click.argument("name")
def model_use(name: str) -> None:
    """Use the model NAME, or the Vosk model in the folder NAME, from now on."""
    from voice_coach.cli.models import use_model  # noqa: PLC0415 - --help must answer at once

    use_model(name)


@model.command("check")
@click.argument("name", required=False)
def model_check(name: str | None) -> None:
    """Tell which phrases the model NAME cannot hear (the one in use unless you name one)."""
    from voice_coach.cli.models import check_model  # noqa: PLC0415 - --help must answer at once

    check_model(name)


@model.command("remove")
@click.argument("name")
def model_remove(name: str) -> None:
    """Remove the model NAME from this machine."""
    from voice_coach.cli.models import remove_model  # noqa: PLC0415 - --help must answer at once

    remove_model(name)


def main() -> None:
    """Run the command line; an error a person can mend is three sentences, never a traceback."""
    try:
        cli(standalone_mode=False)
    except CoachError as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_status)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        # whoever read our output has gone; nothing can be told to anybody any more
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
