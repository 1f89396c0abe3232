# ruff: noqa: E402 - what the imports need is looked for first
"""The training script makes a model that Vosk loads and that hears, from nothing but a few synthetic words."""

from __future__ import annotations

import csv
import json
import random
import shutil
import sys
from dataclasses import fields, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

for package in ("torch", "pocketsphinx", "scipy", "espeakng_loader"):
    pytest.importorskip(package, reason="training needs the `train` extra")
if shutil.which("fstconvert") is None:
    pytest.skip("training needs OpenFst's tools (Debian: libfst-tools)", allow_module_level=True)

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))


import torch
import vosk
from bench import tradeoff
from train_command_model import __main__ as command_line
from train_command_model import features, graph, objective, stages, training, units
from train_command_model.alignment import Segment, Utterance
from train_command_model.errors import UnusableError
from train_command_model.evaluation import Clip, Listener, score
from train_command_model.graph import Costs
from train_command_model.kaldi_files import compressed_matrix
from train_command_model.recordings import load_manifest, read_samples, write_samples
from train_command_model.stages import Settings, build, check_work_folder, phone_model
from train_command_model.synthesis import Espeak, Line
from train_command_model.vocabulary import build_vocabulary, sound_alikes

if TYPE_CHECKING:
    from collections.abc import Iterator

WORDS = ("stop", "next", "harder", "pause", "yes", "seven")
VOICES = ("f1", "f2", "f4", "m1", "m3", "m5", "m7", "klatt", "steph", "max", "linda", "paul")
ACCENTS = ("en-us", "en-gb-x-rp")


def _spoken(folder: Path) -> Iterator[tuple[str, str]]:
    """Let every voice say every word, and give file and word."""
    rng = random.Random(1)  # noqa: S311 - voices to repeat, no secret
    for accent in ACCENTS:
        for voice in VOICES:
            for word in WORDS:
                line = Line("", (word,), "espeak", f"{accent}+{voice}", rng.randrange(130, 200), 50)
                name = f"{accent}-{voice}-{word}.flac"
                write_samples(folder / name, Espeak.shared().say(line))
                yield name, word


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("speech")
    rows = [
        {"path": name, "text": word, "speaker": "everybody", "source": "synthetic words", "licence": "CC0"}
        for name, word in _spoken(folder)
    ]
    noise = np.random.default_rng(0).normal(0, 300, 48_000).astype(np.float32)
    write_samples(folder / "noise.flac", noise)
    rows.append({"path": "noise.flac", "text": "", "speaker": "nobody", "source": "noise", "licence": "CC0"})
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*rows[0], "kind"])
        writer.writeheader()
        for row in rows:
            writer.writerow({**row, "kind": "isolated" if row["text"] else "noise"})
    return folder


def _settings(speech: Path, folder: Path) -> Settings:
    return Settings(
        speech=speech,
        work=folder / "work",
        out=folder / "model",
        passes=2,
        fewest=20,
        frame_steps=100,
        sequence_steps=60,
        word_steps=30,
        word_rounds=2,
        width=96,
        synthetic=0,
        neural=0,
        spliced=0.2,
        batch=24,
        # Tests share the cores: threads that wait for each other would hold them all up.
        threads=1,
    )


@pytest.fixture(scope="module")
def trained(speech: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = _settings(speech, tmp_path_factory.mktemp("trained"))
    build(settings)
    return settings


@pytest.mark.training
@pytest.mark.timeout(900)
def test_training_leaves_the_processor_as_it_found_it(trained: Settings) -> None:
    assert trained.out.is_dir()
    smallest = np.array([1e-310, 5e-324])
    assert (smallest + smallest > 0).all()


@pytest.mark.training
@pytest.mark.timeout(900)
def test_what_many_people_recorded_is_listed_beside_the_model(trained: Settings) -> None:
    assert (trained.out / "recorded.txt").read_text().split() == sorted(WORDS)


@pytest.mark.training
@pytest.mark.timeout(900)
def test_a_model_trained_from_scratch_hears_through_vosk(trained: Settings) -> None:
    vosk.SetLogLevel(-1)
    model = vosk.Model(str(trained.out))
    listener = Listener(model, WORDS, [])
    clips = [
        Clip(read_samples(trained.speech / f"{accent}-{voice}-{word}.flac"), word, "said")
        for accent in ACCENTS
        for voice in VOICES[:4]
        for word in WORDS
    ]
    said = score(listener, clips)["said"]
    assert said.right >= 0.7 * said.clips, said
    hiss = np.random.default_rng(1).normal(0, 200, 160_000).astype(np.float32)
    assert score(listener, [Clip(hiss, "", "hiss")])["hiss"].false <= 1
    origin = json.loads((trained.out / "origin.json").read_text())
    assert origin["utterances"]["spliced"] >= 10, "words put together from the recordings take part"
    assert origin["packages"]["torch"] == version("torch")
    size = sum(path.stat().st_size for path in trained.out.rglob("*") if path.is_file())
    assert size <= 4 << 20


class _StoppedError(Exception):
    pass


@pytest.mark.training
@pytest.mark.timeout(900)
def test_stopped_in_the_middle_it_becomes_the_same_model(
    trained: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = _settings(trained.speech, tmp_path)
    monkeypatch.setattr(training, "_SAVE_EVERY", 40)
    save = training._Training.save
    saved: list[int] = []

    def save_and_stop(one: training._Training, checkpoint: Path, step: int) -> None:
        save(one, checkpoint, step)
        saved.append(step)
        if len(saved) in (1, 4):
            raise _StoppedError

    monkeypatch.setattr(training._Training, "save", save_and_stop)
    for _ in range(2):
        with pytest.raises(_StoppedError):
            build(settings)
    build(settings)
    assert saved == [40, 80, 100, 40, 60, 30, 30]
    assert _contents(settings.out) == _contents(trained.out)
    # A finished stage isn't run again: this one would take minutes.
    before = {path: path.stat().st_mtime_ns for path in settings.work.rglob("*")}
    build(settings)
    assert before == {path: path.stat().st_mtime_ns for path in settings.work.rglob("*")}


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.training
def test_another_plan_does_not_go_on_with_a_checkpoint(trained: Settings) -> None:
    with pytest.raises(UnusableError, match="other settings"):
        build(replace(trained, frame_steps=120))


@pytest.mark.parametrize("changed", [{"seed": 9}, {"outputs": 90}, {"synthetic": 0.3}, {"most_of_a_word": 7}])
def test_what_other_settings_have_made_is_not_taken_over(tmp_path: Path, changed: dict[str, Any]) -> None:
    settings = Settings(speech=tmp_path, work=tmp_path / "work", out=tmp_path / "out")
    settings.work.mkdir()
    check_work_folder(settings)
    check_work_folder(replace(settings, out=tmp_path / "another", processes=1, without=("stop",), word_rounds=9))
    with pytest.raises(UnusableError, match="other settings"):
        check_work_folder(replace(settings, **changed))


@pytest.mark.training
def test_a_model_that_cannot_be_written_leaves_the_one_before_it(
    trained: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_half(folder: Path, **_: object) -> None:
        folder.mkdir()
        (folder / "decoys.txt").write_text("half a list")
        raise _StoppedError

    before = _contents(trained.out)
    with monkeypatch.context() as patched:
        patched.setattr(stages, "write_model", write_half)
        with pytest.raises(_StoppedError):
            build(trained)
    assert _contents(trained.out) == before
    build(trained)
    assert _contents(trained.out) == before
    assert [path.name for path in trained.out.parent.iterdir() if path.name.startswith(trained.out.name)] == [
        trained.out.name
    ]


def test_what_is_called_hours_later_is_looked_for_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "manifest.csv").write_text("path,text,speaker,source,licence,duration_s,kind\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    settings = Settings(speech=tmp_path, work=tmp_path / "work", out=tmp_path / "out")
    with pytest.raises(UnusableError, match=r"libfst-tools.*install flite.*install npm.*Nothing was begun"):
        build(settings)
    assert not settings.work.exists()
    with pytest.raises(UnusableError) as told:
        build(replace(settings, synthetic=0.0, neural=0.0))
    assert "flite" not in str(told.value)
    assert "npm" not in str(told.value)


@pytest.mark.parametrize(
    ("manifest", "said"),
    [(None, "recordings and a manifest.csv"), ("path,text\n", "lacks the column 'speaker'")],
)
def test_a_folder_without_a_usable_manifest_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, manifest: str | None, said: str
) -> None:
    if manifest is not None:
        (tmp_path / "manifest.csv").write_text(manifest)
    monkeypatch.setattr(sys, "argv", ["train", "--speech", str(tmp_path), "--out", str(tmp_path / "out")])
    with pytest.raises(SystemExit, match=said) as told:
        command_line.main()
    assert str(told.value).startswith("No model was made.")


@pytest.mark.training
def test_how_people_kept_out_speak_is_not_counted(trained: Settings) -> None:
    said = (Segment("S", "B", 0, 9), Segment("T", "I", 9, 9), Segment("AA", "I", 18, 9), Segment("P", "E", 27, 9))
    other = (Segment("N", "B", 0, 9), Segment("OW", "E", 9, 9))
    heard = Utterance("stop.flac", ("stop",), "people", held_out=False, isolated=True, segments=said)
    kept_out = Utterance("no.flac", ("no",), "people", held_out=True, isolated=True, segments=other)
    outputs = units.Outputs.load(trained.work / "outputs.json")
    alone, together = phone_model([heard], outputs), phone_model([heard, kept_out], outputs)
    assert np.array_equal(alone.moves, together.moves)


def test_music_whose_licence_is_only_that_of_its_repository_is_not_trained_on(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text(
        "path,text,speaker,source,licence,duration_s,kind\n"
        "a.flac,,none,tyiannak/pyAudioAnalysis,Apache-2.0 (repo),1.0,music\n"
        "noise.flac,,none,karoldvl/ESC-10,CC BY,1.0,noise\n"
    )
    music, noise = load_manifest(tmp_path)
    assert not music.may_be_trained_on
    assert noise.may_be_trained_on == (not noise.held_out)


def test_pieces_of_one_noise_are_never_on_both_sides_and_a_crowd_is_never_kept_out(tmp_path: Path) -> None:
    rows = [
        f"esc10_Rain_1-{clip}-{piece}.flac,,rain,karoldvl/ESC-10,CC BY,5.0,noise"
        for clip in range(60)
        for piece in "AB"
    ]
    rows += [
        f"order{number}.flac,two coffees,pico_crowd,Picovoice,Apache 2.0,2.0,command_phrase" for number in range(60)
    ]
    (tmp_path / "manifest.csv").write_text(
        "path,text,speaker,source,licence,duration_s,kind\n" + "\n".join(rows) + "\n"
    )
    parts = [recording.part for recording in load_manifest(tmp_path)]
    noise, crowd = parts[:120], parts[120:]
    assert noise[::2] == noise[1::2]
    assert set(noise) == {"train", "tune", "test"}
    assert set(crowd) == {"train"}


def test_features_equal_kaldis() -> None:
    fbank = pytest.importorskip("kaldi_native_fbank")
    options = fbank.MfccOptions()
    options.frame_opts.dither = 0
    options.frame_opts.samp_freq = 16_000
    options.mel_opts.num_bins = options.num_ceps = 40
    options.mel_opts.low_freq, options.mel_opts.high_freq = 20, -400
    options.use_energy = False
    samples = np.random.default_rng(0).normal(0, 1000, 16_000).astype(np.float32)
    theirs = fbank.OnlineMfcc(options)
    theirs.accept_waveform(16_000, samples.tolist())
    theirs.input_finished()
    expected = np.stack([theirs.get_frame(index) for index in range(theirs.num_frames_ready)])
    ours = features.mfcc(samples)
    assert ours.shape == expected.shape
    assert np.abs(ours - expected).max() < 0.01


def test_a_compressed_matrix_loses_little() -> None:
    matrix = np.random.default_rng(0).normal(0, 0.1, (64, 48))
    encoded = compressed_matrix(matrix)
    assert encoded.startswith(b"CM ")
    header = 3 + 16
    low, reach = np.frombuffer(encoded, "<f4", 2, 3)
    levels = low + np.frombuffer(encoded, "<u2", 4 * 48, header).reshape(48, 4) * (reach / 65535)
    codes = np.frombuffer(encoded, np.uint8, 64 * 48, header + 8 * 48).reshape(48, 64)
    # Kaldi's CompressedMatrix::CharToFloat
    for column in range(48):
        decoded = np.interp(codes[column], [0, 64, 192, 255], levels[column])
        assert np.abs(decoded - matrix[:, column]).max() < 0.004


def test_the_denominator_counts_every_sequence_once() -> None:
    outputs = units.Outputs(np.minimum(np.arange(units.UNITS), 3))
    model = objective.PhoneModel(np.ones(1), np.ones((1, 1)), np.full((4, 4), 0.25))
    likelihood = objective.Denominator(model).log_likelihood(torch.zeros(1, 3, 4))
    # Every step: stay (1), or move to any of four (a quarter each); it begins anywhere.
    assert likelihood.item() == pytest.approx(np.log(2.0**2), abs=1e-4)
    assert outputs.count == 4


def test_the_numerator_is_never_likelier_than_its_best_path() -> None:
    labels = np.zeros((1, 30), dtype=np.int16)
    labels[0, 12:21] = 5
    outputs = units.Outputs(np.arange(units.UNITS))
    scores = torch.zeros(1, 10, units.UNITS)
    free = objective.numerator_log_likelihood(scores, objective.paths(labels, outputs)).item()
    scores[0, :, 0] = -5.0
    worse = objective.numerator_log_likelihood(scores, objective.paths(labels, outputs)).item()
    assert worse < free


def test_decoys_are_no_commands_and_do_not_sound_like_them() -> None:
    vocabulary = build_vocabulary()
    assert not set(vocabulary.decoys) & set(vocabulary.phrases)
    assert "know" not in vocabulary.decoys
    assert "stock" in sound_alikes({"stop"}, ["stock", "banana"])
    assert {"up", "down", "off", "forward"} <= set(vocabulary.words)


def test_the_trade_off_changes_one_thing_at_a_time() -> None:
    chosen = tradeoff.Choice("as chosen", Costs(), 4)
    first, *weights = tradeoff.weights(chosen)
    graphs = list(tradeoff.graphs(chosen))
    assert first == chosen
    assert {one.costs for one in weights} == {chosen.costs}
    assert {one.weight for one in graphs} == {chosen.weight}
    for choice in graphs:
        assert sum(getattr(choice.costs, one.name) != getattr(chosen.costs, one.name) for one in fields(Costs)) == 1
    assert len({chosen, *weights, *graphs}) == 1 + len(weights) + len(graphs)
    assert weights
    assert graphs


def test_what_is_accepted_depends_on_confidence_and_margin() -> None:
    heard = tradeoff.Heard(
        commands=[
            tradeoff.Decided("stop", 0, "stop", right=True, confidence=1.0, margin=5.0),
            tradeoff.Decided("next", 1, "stop", right=False, confidence=0.9, margin=1.0),
            tradeoff.Decided("next", 1, "next", right=True, confidence=0.9, margin=5.0),
        ],
        others=[tradeoff.Decided("", 0, "harder", right=False, confidence=0.5, margin=2.0)],
        said=4,
        stops=2,
        hours=0.5,
    )
    loose = {"right": 0.25, "wrong": 0.25, "stops_missed": 1, "false_per_hour": 2.0, "harder_per_hour": 2.0}
    assert tradeoff.outcome(heard, 0.4, 0.0) == loose
    strict = {"right": 0.5, "wrong": 0.0, "stops_missed": 1, "false_per_hour": 0.0, "harder_per_hour": 0.0}
    assert tradeoff.outcome(heard, 0.4, 3.0) == strict
    assert tradeoff.outcome(heard, 0.95, 0.0) == {**strict, "right": 0.25}
    assert len(list(tradeoff.curve(heard))) == 64


def test_to_say_anything_is_paid_for_once() -> None:
    outputs = units.Outputs(np.arange(units.UNITS) % 40)
    numbers = {"the": 1, "right": 2}
    lexicon = graph._Lexicon(outputs, numbers, Costs(first=-4.0, inner=2.0))
    lexicon.add_words(numbers, unlikely=(), inner=("the",))
    arcs = [line.split("\t") for line in lexicon.text().splitlines() if line.count("\t") == 4]
    first = [arc for arc in arcs if float(arc[4]) < -3]
    assert {arc[3] for arc in first} == {"0"}, "no word carries the bonus"
    assert len(first) == 2, "with a pause before, and without"
    assert {arc[4] for arc in arcs if arc[3] == "1"} == {"2.0000"}
    assert {arc[4] for arc in arcs if arc[3] == "2"} == {"0.0000"}
