"""`python -m train_command_model --speech DIR --out DIR`: from recordings to a model that Vosk loads."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path

from train_command_model.export import Decoding
from train_command_model.graph import Costs
from train_command_model.stages import Settings, build


def main() -> None:
    parser = argparse.ArgumentParser(prog="train_command_model", description=__doc__)
    parser.add_argument("--speech", type=Path, required=True, help="folder with manifest.csv and recordings")
    parser.add_argument("--out", type=Path, required=True, help="where the model goes")
    parser.add_argument("--work", type=Path, default=Path("build/command-model"), help="results of stages")
    defaults = {field.name: field.default for field in fields(Settings)}
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
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=defaults[name])
    for name, lines in (
        ("synthetic", "espeak-ng's and flite's lines"),
        ("neural", "Kokoro's lines"),
        ("spliced", "the words put together from pieces of recordings"),
    ):
        parser.add_argument(f"--{name}", type=float, default=defaults[name], help=f"share of {lines}")
    parser.add_argument(
        "--half",
        action=argparse.BooleanOptionalAction,
        default=defaults["half"],
        help="train in bfloat16: faster on processors and GPUs that are made for it",
    )
    parser.add_argument("--without", nargs="*", default=(), metavar="WORD", help="leave recordings of these words out")
    for field in fields(Costs):
        parser.add_argument(f"--cost-{field.name.replace('_', '-')}", type=float, default=field.default)
    options = vars(parser.parse_args())
    options["without"] = tuple(options["without"])
    costs = Costs(**{field.name: options.pop(f"cost_{field.name}") for field in fields(Costs)})
    settings = Settings(**options)
    decoding = Decoding(acoustic_scale=1.0 if settings.sequence_steps else 0.4)
    build(settings, costs, decoding)


if __name__ == "__main__":
    main()
