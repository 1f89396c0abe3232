"""The command line: options are parsed here, everything is done elsewhere."""

from __future__ import annotations

import errno
import io
import os
import sys
from datetime import datetime  # noqa: TC003 - a type of an option
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from voice_coach.cli.completion import (
    complete_microphone,
    complete_reminder,
    complete_routine,
    complete_setting,
    complete_speaker,
)
from voice_coach.errors import CoachError
from voice_coach.files import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from voice_coach.rendering.sheet import SheetFormat

_FILE = click.Path(path_type=Path, dir_okay=False)
_NUMBER = click.IntRange(1, 2**53)  # of a session, as far as files of histories go, too
_FOLDER = click.Path(path_type=Path, file_okay=False)
_NOT_WRITTEN = frozenset({errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EBADF, getattr(errno, "EDQUOT", errno.ENOSPC)})
"""What a disk without room says, and what cannot be written at all."""

EXIT_STATUSES = """\b
Exit status: 0 the session ended, however it ended; 1 another fault; 2 the command line, a routine's
name or a script is wrong; 3 the catalogue is broken; 4 a sound device or a sound file; 5 the speech
model; 6 text-to-speech; 7 the history; 8 the profile; 9 a reminder."""


def _print_versions(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from voice_coach.cli.versions import version_lines  # noqa: PLC0415 - --help must answer at once

        click.echo("\n".join(version_lines()))
        context.exit()


@click.group(epilog=EXIT_STATUSES, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_versions,
    help="Show the versions of the program and of what it hears and speaks with.",
)
def cli() -> None:
    """A hands-free coach for massaging and stretching your own feet and lower legs.

    It speaks each step, counts it, and listens for "next", "harder", "pause" and "ouch". Nothing leaves this
    machine. The routines have no clinical sign-off: firmer is not better, and pain means stop.
    """


@cli.command()
@click.argument("routine", required=False, shell_complete=complete_routine)
@click.option("--text", is_flag=True, help="No sound: read the lines, type the commands.")
@click.option("--fast", is_flag=True, help="Move the clock instead of waiting.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line for everything that happens.")
@click.option("--plain", is_flag=True, help="Lines only, nothing is redrawn: for screen readers.")
@click.option("--script", type=_FILE, help="Say lines for the user: '12.5 harder' is said at second 12.5.")
@click.option("--mic-wav", type=_FILE, help="Hear a recording instead of the microphone.")
@click.option("--speaker-wav", type=_FILE, help="Write what the coach says into a WAV file.")
@click.option("--record", type=_FILE, help="Keep what the microphone hears in a WAV file; the coach says so.")
@click.option("--model", "model_folder", type=_FOLDER, help="Folder of the Vosk model to listen with.")
@click.option("--side", type=click.Choice(["left", "right", "both"]), help="Work on this foot only.")
@click.option("--minutes", type=int, help="Fit the routine into so many minutes, 1 to 30.")
@click.option("--tool", "tools", multiple=True, help="A tool that you have, or none; name them all.")
@click.option("--without", multiple=True, help="A tool that you do not have, such as wall or roller.")
@click.option("--only", multiple=True, help="Work on this area only: sole, arch, calf, shin, ankle and so on.")
@click.option("--place", type=click.Choice(["chair", "floor", "bed"]), help="Where you sit or lie.")
@click.option(
    "--resume/--no-resume",
    default=None,
    help="Go on with a session that was broken off in the last 12 hours, or do not; else the coach asks.",
)
@click.option(
    "--microphone",
    metavar="NAME",
    shell_complete=complete_microphone,
    help="Hear through this one; part of a name in `voice-coach devices`.",
)
@click.option(
    "--speaker",
    metavar="NAME",
    shell_complete=complete_speaker,
    help="Speak through this one; part of a name in `voice-coach devices`.",
)
@click.option(
    "--duplex",
    type=click.Choice(["auto", "half"]),
    help="While the coach speaks: all commands count, as far as it can be told from you (auto), or a few (half).",
)
def start(
    routine: str | None,
    *,
    text: bool,
    fast: bool,
    as_json: bool,
    plain: bool,
    script: Path | None,
    mic_wav: Path | None,
    speaker_wav: Path | None,
    record: Path | None,
    model_folder: Path | None,
    side: str | None,
    minutes: int | None,
    tools: tuple[str, ...],
    without: tuple[str, ...],
    only: tuple[str, ...],
    place: str | None,
    microphone: str | None,
    speaker: str | None,
    resume: bool | None,
    duplex: str | None,
) -> None:
    """Start a session with ROUTINE (quick_3 unless your settings name one), or with the one in your file ROUTINE."""
    from voice_coach.assembly.options import Options  # noqa: PLC0415 - --help must answer at once
    from voice_coach.assembly.session import run_session  # noqa: PLC0415 - as above

    run_session(
        Options(
            routine=routine,
            text=text,
            fast=fast,
            as_json=as_json,
            plain=plain,
            script=script,
            mic_wav=mic_wav,
            speaker_wav=speaker_wav,
            record=record,
            model=model_folder,
            side=side,
            minutes=minutes,
            tools=tools,
            without=without,
            only=only,
            place=place,
            microphone=microphone,
            speaker=speaker,
            resume=resume,
            duplex=duplex,
        )
    )


@cli.command()
@click.option("--microphone", metavar="NAME", shell_complete=complete_microphone, help="Part of its name.")
@click.option("--speaker", metavar="NAME", shell_complete=complete_speaker, help="Part of its name.")
@click.option("--model", "model_folder", type=_FOLDER, help="Folder of the Vosk model to listen with.")
@click.option("--plain", is_flag=True, help="Lines only, nothing is redrawn: for screen readers.")
def standby(*, microphone: str | None, speaker: str | None, model_folder: Path | None, plain: bool) -> None:
    """Wait, and start a session when somebody says so: "I have five minutes", "my arch is cramping"."""
    from voice_coach.cli.standby import run_standby  # noqa: PLC0415 - --help must answer at once

    run_standby(model_folder, microphone, speaker, plain=plain)


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


@cli.group(invoke_without_command=True)
@click.option("--most", default=20, show_default=True, type=click.IntRange(min=0), help="How many to list; 0 for all.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Only sessions of this day (2026-03-01) and later.")
@click.option("--routine", help="Only sessions of this routine.")
@click.pass_context
def history(context: click.Context, *, most: int, since: datetime | None, routine: str | None) -> None:
    """List the latest sessions, or show one in full."""
    if context.invoked_subcommand is None:
        from voice_coach.cli.history import print_history  # noqa: PLC0415 - --help must answer at once

        print_history(most, since, routine)


@history.command("show")
@click.argument("number", required=False, type=_NUMBER)
def history_show(number: int | None) -> None:
    """Show everything that was done, rated and noted in session NUMBER (the latest unless you name one)."""
    from voice_coach.cli.history import print_session  # noqa: PLC0415 - --help must answer at once

    print_session(number)


@history.command("export")
@click.argument("file", required=False, type=_FILE)
@click.option("--format", "kind", type=click.Choice(["csv", "json"]), help="Else the ending of FILE says it.")
def history_export(file: Path | None, *, kind: str | None) -> None:
    """Write every session into FILE, or onto the standard output; CSV for spreadsheets, JSON for programs."""
    from voice_coach.cli.history import export_history  # noqa: PLC0415 - --help must answer at once

    export_history(file, kind)


@history.command("import")
@click.argument("file", type=_FILE)
@click.option("--format", "kind", type=click.Choice(["csv", "json"]), help="Else the ending of FILE says it.")
def history_import(file: Path, *, kind: str | None) -> None:
    """Add the sessions in FILE, which was exported; all of them or none. Those that are known are left alone."""
    from voice_coach.cli.history import import_history  # noqa: PLC0415 - --help must answer at once

    import_history(file, kind)


@history.command("delete")
@click.argument("numbers", nargs=-1, type=_NUMBER)
@click.option("--all", "everything", is_flag=True, help="Delete all sessions, and damaged histories that were kept.")
@click.option("--before", type=click.DateTime(["%Y-%m-%d"]), help="Delete the sessions before this day (2026-03-01).")
@click.option("--yes", is_flag=True, help="Do not ask.")
def history_delete(numbers: tuple[int, ...], *, everything: bool, before: datetime | None, yes: bool) -> None:
    """Delete the sessions NUMBERS for good: nothing of them is left in the file."""
    if bool(numbers) + everything + (before is not None) != 1:
        raise click.UsageError("Name sessions by number, or --all, or --before a day.")
    from voice_coach.cli.history import delete_history  # noqa: PLC0415 - --help must answer at once

    delete_history(numbers, everything=everything, before=before, asks=not yes)


@cli.command()
@click.option("--html", "page", type=_FILE, metavar="FILE", help="Write it as a page for a browser.")
@click.option(
    "--weeks", default=12, show_default=True, type=click.IntRange(0, 2600), help="How many to show; 0 for all."
)
@click.option("--plain", is_flag=True, help="No bars, no columns: for screen readers.")
def progress(*, page: Path | None, weeks: int, plain: bool) -> None:
    """Show what you did and how it went: minutes, ratings, rungs, skin, and what to do next time."""
    from voice_coach.cli.progress import print_progress, write_page  # noqa: PLC0415 - --help must answer at once

    if page is None:
        print_progress(weeks, plain=plain)
    else:
        write_page(page, weeks)


@cli.group(invoke_without_command=True)
@click.pass_context
def routines(context: click.Context) -> None:
    """List, show, write and check routines, also your own."""
    if context.invoked_subcommand is None:
        context.invoke(routines_list)


@routines.command("list")
def routines_list() -> None:
    """List the routines, yours among them."""
    from voice_coach.cli.routines import print_routines  # noqa: PLC0415 - --help must answer at once

    print_routines()


@routines.command("show")
@click.argument("name", shell_complete=complete_routine)
@click.option(
    "--format",
    "kind",
    type=click.Choice(["text", "md", "html", "pdf"]),
    default="text",
    show_default=True,
    help="All there is to know as text, or a sheet for the wall.",
)
@click.option("--out", type=_FILE, help="Write the sheet into this file.")
def routines_show(name: str, *, kind: SheetFormat | Literal["text"], out: Path | None) -> None:
    """Show all of the routine NAME (or the file NAME): steps, doses, cues, limits, facts and sources."""
    if kind != "text":
        from voice_coach.cli.sheet import print_sheet  # noqa: PLC0415 - --help must answer at once

        print_sheet(name, kind, out)
        return
    if out is not None:
        raise click.UsageError("--out needs --format md, html or pdf")
    from voice_coach.cli.routines import show_routine  # noqa: PLC0415 - --help must answer at once

    show_routine(name)


@routines.command("new")
@click.argument("name")
@click.option("--like", metavar="ROUTINE", help="Begin with the steps of this routine.")
def routines_new(name: str, like: str | None) -> None:
    """Write a file with a remark on every field, to begin the routine NAME of your own with."""
    from voice_coach.cli.routines import begin_routine  # noqa: PLC0415 - --help must answer at once

    begin_routine(name, like)


@routines.command("check")
@click.argument("names", nargs=-1)
def routines_check(names: tuple[str, ...]) -> None:
    """Check routines by name or file, or all of your own: "good", or each mistake with its line."""
    from voice_coach.cli.routines import check_routines  # noqa: PLC0415 - --help must answer at once

    check_routines(names)


@cli.command()
def about() -> None:
    """Tell where the routines come from, what research shows and does not, and every source."""
    from voice_coach.cli.about import print_about  # noqa: PLC0415 - --help must answer at once

    print_about()


@cli.group(invoke_without_command=True)
@click.option("--show", is_flag=True, help="Show what is known, and ask nothing.")
@click.option("--tools", help='The tools you have, as in "tennis ball, towel"; "all" forgets what you said.')
@click.option("--place", type=click.Choice(["chair", "floor", "bed", "anywhere"]), help="Where you usually sit or lie.")
@click.pass_context
def profile(context: click.Context, *, show: bool, tools: str | None, place: str | None) -> None:
    """Answer the questions about your health that decide what is left out; stored on this machine only."""
    from voice_coach.cli.profile import edit_profile  # noqa: PLC0415 - --help must answer at once

    if context.invoked_subcommand is None:
        edit_profile(show=show, tools=tools, place=place)


@profile.command("set")
@click.argument("question")
@click.argument("answer")
def profile_set(question: str, answer: str) -> None:
    """Change one answer: `voice-coach profile set heel_pain no`."""
    from voice_coach.cli.profile import set_answer  # noqa: PLC0415 - --help must answer at once

    set_answer(question, answer)


@profile.command("forget")
@click.argument("questions", nargs=-1)
def profile_forget(questions: tuple[str, ...]) -> None:
    """Forget the answers to QUESTIONS, or everything; they are asked again."""
    from voice_coach.cli.profile import forget  # noqa: PLC0415 - --help must answer at once

    forget(questions)


@cli.command()
@click.argument("routine", shell_complete=complete_routine)
@click.argument("file", type=_FILE)
@click.option("--side", type=click.Choice(["left", "right", "both"]), help="Work on this foot only.")
@click.option("--minutes", type=int, help="Fit the routine into so many minutes, 1 to 30.")
def render(routine: str, file: Path, *, side: str | None, minutes: int | None) -> None:
    """Write the whole ROUTINE as a sound FILE for a phone, with a chapter for each step.

    The name of FILE ends in .wav, .flac, .mp3, .ogg or .opus. A recording hears nothing: it asks no questions.
    """
    from voice_coach.cli.render import render_routine  # noqa: PLC0415 - --help must answer at once
    from voice_coach.routines.wishes import Wishes  # noqa: PLC0415 - as above

    render_routine(routine, file, Wishes(minutes=minutes, side=side))


_REMINDERS = {
    "waking": "on waking, before you get up",
    "daily": "daily, while there is pain",
    "before_run": "before a run",
    "after_run": "the roller, after a run",
}


def _reminder_options(command: Callable[..., None]) -> Callable[..., None]:
    for name, words in reversed(_REMINDERS.items()):
        option = f"--{name.replace('_', '-')}"
        command = click.option(option, name, multiple=True, metavar="WHEN", help=f"Remind of this: {words}.")(command)
    return command


@cli.group()
def remind() -> None:
    """Be reminded: a calendar file, or a timer of the system. Nothing runs in the background unless you ask for it.

    WHEN is a time, perhaps after days: 06:45, "tue,thu 18:30", "mon-fri 7:15". An option may be given several times.
    """


@remind.command("calendar")
@click.argument("file", type=_FILE)
@_reminder_options
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day, as in 2027-03-31.")
def remind_calendar(file: Path, *, until: datetime | None, **chosen: tuple[str, ...]) -> None:
    """Write reminders into FILE (.ics), which every calendar can read."""
    from voice_coach.cli.remind import write_calendar  # noqa: PLC0415 - --help must answer at once

    write_calendar(file, dict(chosen), None if until is None else until.date())


@remind.command("install")
@_reminder_options
@click.option("--standby", is_flag=True, help="Start standby instead of showing a notification.")
@click.pass_context
def remind_install(context: click.Context, /, *, standby: bool, **chosen: tuple[str, ...]) -> None:
    """Let the system show a notification at these times (systemd, launchd or the Task Scheduler)."""
    from voice_coach.cli.remind import install_timers  # noqa: PLC0415 - --help must answer at once

    if standby and "standby" not in cli.list_commands(context):
        raise click.UsageError("this version has no standby")
    install_timers(dict(chosen), standby=standby)


@remind.command("list")
def remind_list() -> None:
    """List the timers that are installed."""
    from voice_coach.cli.remind import print_timers  # noqa: PLC0415 - --help must answer at once

    print_timers()


@remind.command("remove")
@click.argument("names", nargs=-1, shell_complete=complete_reminder)
def remind_remove(names: tuple[str, ...]) -> None:
    """Remove the timers NAMES, or all of them."""
    from voice_coach.cli.remind import remove_timers  # noqa: PLC0415 - --help must answer at once

    remove_timers(names)


@remind.command("now", hidden=True)
@click.argument("name", shell_complete=complete_reminder)
def remind_now(name: str) -> None:
    """Show the notification NAME: what a timer runs."""
    from voice_coach.cli.remind import show_reminder  # noqa: PLC0415 - --help must answer at once

    show_reminder(name)


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what SHELL reads in to complete commands, routines and devices.

    \b
    bash: voice-coach completion bash >> ~/.bashrc
    zsh:  voice-coach completion zsh >> ~/.zshrc
    fish: voice-coach completion fish > ~/.config/fish/completions/voice-coach.fish
    """  # noqa: D301 - \b keeps the lines apart in the help
    from voice_coach.cli.completion import completion_script  # noqa: PLC0415 - few ask for it

    click.echo(completion_script(cli, shell))


@cli.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print them as one JSON list.")
@click.pass_context
def devices(context: click.Context, *, as_json: bool) -> None:
    """List microphones and loudspeakers; those that sessions use have a star."""
    if context.invoked_subcommand is None:
        from voice_coach.cli.devices import print_devices  # noqa: PLC0415 - --help must answer at once

        print_devices(as_json=as_json)


@devices.command("use")
@click.option("--microphone", metavar="NAME", help="Part of its name.")
@click.option("--speaker", metavar="NAME", help="Part of its name.")
def devices_use(*, microphone: str | None, speaker: str | None) -> None:
    """Use these devices in every session from now on."""
    if microphone is None and speaker is None:
        raise click.UsageError("Name a device: --microphone NAME, --speaker NAME, or both.")
    from voice_coach.cli.devices import use_devices  # noqa: PLC0415 - --help must answer at once

    use_devices(microphone, speaker)


@devices.command("forget")
def devices_forget() -> None:
    """Use the devices that the system chooses."""
    from voice_coach.cli.devices import forget_devices  # noqa: PLC0415 - --help must answer at once

    forget_devices()


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--quick", is_flag=True, help="Ask nothing, play nothing: a second instead of half a minute.")
@click.option("--microphone", metavar="NAME", help="Examine this one instead of the one that sessions use.")
@click.option("--speaker", metavar="NAME", help="Examine this one instead of the one that sessions use.")
@click.option("--model", "model_folder", type=_FOLDER, help="Folder of the Vosk model to examine.")
def doctor(
    *, as_json: bool, quick: bool, microphone: str | None, speaker: str | None, model_folder: Path | None
) -> None:
    """Examine loudspeaker, microphone, voice and speech model; each line ends with the command that helps.

    The exit status is 0 where nothing is broken, else that of the first broken part, as in the list below.
    """
    from voice_coach.cli.doctor import examine  # noqa: PLC0415 - --help must answer at once

    examine(as_json=as_json, quick=quick, microphone=microphone, speaker=speaker, model_folder=model_folder)


@cli.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_context
def settings(context: click.Context, *, as_json: bool) -> None:
    """Show every setting, its value, and where that comes from: option > environment > file > usual."""
    if context.invoked_subcommand is None:
        from voice_coach.cli.settings import print_settings  # noqa: PLC0415 - --help must answer at once

        print_settings(as_json=as_json)


@settings.command("new")
def settings_new() -> None:
    """Write the file with a remark on every setting, where there is none yet."""
    from voice_coach.cli.settings import begin_settings  # noqa: PLC0415 - --help must answer at once

    begin_settings()


@settings.command("set", context_settings={"ignore_unknown_options": True})
@click.argument("name", shell_complete=complete_setting)
@click.argument("value")
def settings_set(name: str, value: str) -> None:
    """Write one setting into the file: `voice-coach settings set loudness 3`."""
    from voice_coach.cli.settings import set_setting  # noqa: PLC0415 - --help must answer at once

    set_setting(name, value)


@settings.command("forget")
@click.argument("name", shell_complete=complete_setting)
def settings_forget(name: str) -> None:
    """Take one setting out of the file: it is as usual again."""
    from voice_coach.cli.settings import set_setting  # noqa: PLC0415 - --help must answer at once

    set_setting(name, None)


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
    _open_what_is_closed()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file's name may be no text
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
        _write_nowhere()  # whoever read our output has gone; nothing can be told to anybody any more
    except OSError as error:
        if isinstance(error.filename, str):
            # a folder of ours that nobody may look into, or that cannot be: whatever is done first meets it
            where = Path(error.filename)
            trouble = f"{where} cannot be used ({error.strerror}). It ends here. Try: ls -ld {quoted(where.parent)}"
        elif error.errno in _NOT_WRITTEN:
            _write_nowhere()
            trouble = f"The output cannot be written ({error.strerror}). It ends here. Try: df -h"
        else:
            raise
        click.echo(trouble, err=True)
        sys.exit(CoachError.exit_status)


def _open_what_is_closed() -> None:
    """Let standard streams that were closed lead nowhere; in this order, so that each gets the number it should have.

    Else the next file that is opened gets it, and what is printed goes into the history.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - stays open to the end


def _write_nowhere() -> None:
    """Throw away what is left to be written: Python tries again when it ends, and would complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
