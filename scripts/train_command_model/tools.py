"""Programs that are not Python packages and that training calls."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from train_command_model.errors import UnusableError

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPENFST = ("fstcompile", "fstarcsort", "fstrelabel", "fstconvert")


def check_tools(*, flite: bool, npm: bool) -> None:
    """See to it that what is called at the end, hours later, is there at the beginning.

    Args:
        flite: lines are to be spoken with it.
        npm: voices are to be fetched with it.

    Raises:
        UnusableError: something is missing; all of it is named.
    """
    missing = list(_missing(flite=flite, npm=npm))
    if missing:
        msg = f"missing: {'; '.join(missing)}. Nothing was begun."
        raise UnusableError(msg)


def _missing(*, flite: bool, npm: bool) -> Iterator[str]:
    if not all(shutil.which(tool) for tool in ("bash", *_OPENFST)):
        yield "OpenFst's tools and bash, which write the graph (apt install libfst-tools)"
    if flite and not shutil.which("flite"):
        yield "flite, which speaks some of the lines (apt install flite, or --synthetic 0)"
    if npm and not shutil.which("npm"):
        yield "npm, which fetches Kokoro's voices (apt install npm, or --neural 0)"
