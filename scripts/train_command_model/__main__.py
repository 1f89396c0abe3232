"""`python -m train_command_model --speech DIR --out DIR`: from recordings to a model that Vosk loads."""

from __future__ import annotations

import argparse
import sys
from dataclasses import fields
from pathlib import Path

from train_command_model.errors import UnusableError
from train_command_model.export import Decoding
from train_command_model.graph import Costs
from train_command_model.stages import Settings, build


def main() -> None:
    # What isn't given is left to `Settings`, which may ask the machine.
    parser = argparse.ArgumentParser(
        prog="train_command_model", description=__doc__, argument_default=argparse.SUPPRESS
    )
    parser.add_argument("--speech", type=Path, required=True, help="folder with manifest.csv and recordings")
    parser.add_argument("--out", type=Path, required=True, help="where the model goes")
    parser.add_argument("--work", type=Path, default=Path("build/command-model"), help="results of stages")
    for name in (
        "seed",
        "passes",
        "outputs",
        "fewest",
        "frame_steps",
        "sequence_steps",
        "word_steps",
        "word_rounds",
        "most_of_a_word",
        "width",
        "processes",
        "threads",
        "batch",
    ):
        parser.add_argument(f"--{name.replace('_', '-')}", type=int)
    for name, lines in (
        ("synthetic", "espeak-ng's and flite's lines"),
        ("neural", "Kokoro's lines"),
        ("spliced", "the words put together from pieces of recordings"),
    ):
        parser.add_argument(f"--{name}", type=float, help=f"share of {lines}")
    parser.add_argument(
        "--half",
        action=argparse.BooleanOptionalAction,
        help="train in bfloat16: faster on processors and GPUs that are made for it, where it is the default",
    )
    parser.add_argument("--without", nargs="*", default=(), metavar="WORD", help="leave recordings of these words out")
    for field in fields(Costs):
        parser.add_argument(f"--cost-{field.name.replace('_', '-')}", type=float, default=field.default)
    options = vars(parser.parse_args())
    options["without"] = tuple(options["without"])
    costs = Costs(**{field.name: options.pop(f"cost_{field.name}") for field in fields(Costs)})
    settings = Settings(**options)
    decoding = Decoding(acoustic_scale=1.0 if settings.sequence_steps else 0.4)
    try:
        build(settings, costs, decoding)
    except UnusableError as error:
        sys.exit(f"No model was made. {error}")


if __name__ == "__main__":
    main()
