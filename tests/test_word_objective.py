# ruff: noqa: E402 - what the imports need is looked for first
"""What is said by itself is told from every other word, from other speech and from silence."""

from __future__ import annotations

import itertools
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

for package in ("torch", "pocketsphinx"):
    pytest.importorskip(package, reason="training needs the `train` extra")

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

import torch
from bench import training
from train_command_model.alignment import Segment, Utterance
from train_command_model.competition import log_likelihood
from train_command_model.dataset import Pass
from train_command_model.errors import UnusableError
from train_command_model.network import Shape, splice
from train_command_model.objective import PhoneModel
from train_command_model.units import UNITS, Outputs, unit_of
from train_command_model.word_examples import WINDOW, WordExamples, ways_to_say
from train_command_model.word_objective import Tree, Units, WordObjective, _likelihoods, _log_likelihood

MOMENTS = 5
LEXICON: tuple[Units, ...] = ((1,), (1, 2), (2, 3))
ONLY_ENDING = np.zeros((4, 4))
ONLY_ENDING[1:, 0] = 1.0
NO_OTHER_SPEECH = PhoneModel(np.ones(1), np.ones((1, 1)), ONLY_ENDING)


def _scores() -> torch.Tensor:
    return torch.tensor(np.random.default_rng(3).normal(0, 2, (1, MOMENTS, 4)), dtype=torch.float32)


def _sum_over_timings(scores: torch.Tensor, way: Units) -> float:
    """Add up every way to spread silence, the units and silence over the moments, one by one."""
    chain = [0, *way, 0] if way else [0]
    total = -np.inf
    for lengths in itertools.product(range(1, MOMENTS + 1), repeat=len(chain)):
        if sum(lengths) == MOMENTS:
            outputs = np.repeat(chain, lengths)
            total = np.logaddexp(total, float(scores[0, np.arange(MOMENTS), outputs].sum()))
    return float(total)


@pytest.mark.parametrize("way", [(), *LEXICON])
def test_a_word_is_as_likely_as_all_its_timings_together(way: Units) -> None:
    scores = _scores()
    top = float(scores.max(dim=2).values.sum())
    found = _log_likelihood(_likelihoods(scores), [(way,) if way else ()]).item() + top
    assert found == pytest.approx(_sum_over_timings(scores, way), abs=1e-3)


@pytest.mark.parametrize("way", [(), *LEXICON])
def test_a_word_competes_with_all_words_and_silence(way: Units) -> None:
    scores = _scores()
    every = [_sum_over_timings(scores, one) for one in ((), *LEXICON)]
    share = _sum_over_timings(scores, way) - np.logaddexp.reduce(every)
    loss, right = WordObjective(Tree.of(LEXICON), NO_OTHER_SPEECH).loss(scores, [(way,) if way else ()])
    assert loss.item() == pytest.approx(-np.log(np.exp(share) + np.exp(-8.0)), abs=1e-3)
    assert right == float(share > np.log(0.5))


def test_a_word_that_the_lexicon_lacks_competes_with_it_too() -> None:
    scores = torch.full((1, MOMENTS, 4), -9.0)
    for moment, output in enumerate((0, 3, 3, 1, 0)):
        scores[0, moment, output] = 9.0
    loss, right = WordObjective(Tree.of(LEXICON), NO_OTHER_SPEECH).loss(scores, [((3, 1),)])
    assert loss.item() < 0.01
    assert right == 1.0


def test_other_speech_competes_where_phones_may_follow_each_other_freely() -> None:
    scores = _scores()
    freely = PhoneModel(np.ones(1), np.ones((1, 1)), np.full((4, 4), 0.25))
    alone, _ = WordObjective(Tree.of(LEXICON), NO_OTHER_SPEECH).loss(scores, [((1, 2),)])
    beside, _ = WordObjective(Tree.of(LEXICON), freely).loss(scores, [((1, 2),)])
    assert beside.item() > alone.item()


def test_learning_makes_the_word_that_was_said_likelier_than_the_rest() -> None:
    scores = torch.zeros(1, MOMENTS, 4, requires_grad=True)
    objective = WordObjective(Tree.of(LEXICON), NO_OTHER_SPEECH)
    optimiser = torch.optim.SGD([scores], lr=1.0)
    _, before = objective.loss(scores, [((2, 3),)])
    for _ in range(30):
        optimiser.zero_grad()
        objective.loss(scores, [((2, 3),)])[0].backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    _, after = objective.loss(scores, [((2, 3),)])
    assert (before, after) == (0.0, 1.0)


def test_the_gradient_is_that_of_the_loss() -> None:
    """Numbers are kept near one on the way, which must not change it."""
    freely = PhoneModel(np.ones(1), np.ones((1, 1)), np.full((4, 4), 0.25))
    objective = WordObjective(Tree.of(LEXICON), freely)
    scores = _scores().requires_grad_()
    objective.loss(scores, [((1, 2),)])[0].backward()  # type: ignore[no-untyped-call]
    assert scores.grad is not None
    step = 0.01
    for place in np.ndindex(*scores.shape):
        higher, lower = scores.detach().clone(), scores.detach().clone()
        higher[place] += step
        lower[place] -= step
        rise = objective.loss(higher, [((1, 2),)])[0] - objective.loss(lower, [((1, 2),)])[0]
        assert scores.grad[place].item() == pytest.approx(rise.item() / (2 * step), abs=2e-3)


def test_the_compiled_recursion_and_its_gradient_are_those_of_the_plain_one() -> None:
    random = np.random.default_rng(5)
    network = training.made_up(random, nodes=60, outputs=9)
    likely = training.made_up_likelihoods(random, moments=20, outputs=9, batch=3)
    plain, compiled = likely.clone().requires_grad_(), likely.clone().requires_grad_()
    weights = torch.tensor([1.0, -2.0, 0.5])
    expected, found = training.plain(plain, network), log_likelihood(compiled, network)
    (weights * expected).sum().backward()  # type: ignore[no-untyped-call]
    (weights * found).sum().backward()  # type: ignore[no-untyped-call]
    assert torch.allclose(found, expected, rtol=1e-5)
    assert plain.grad is not None
    assert compiled.grad is not None
    assert torch.allclose(compiled.grad, plain.grad, rtol=1e-3, atol=1e-6)
    assert plain.grad.abs().max() > 0.1


@pytest.mark.parametrize("offsets", [(0,), (-3, 0), (-6, 3)])
def test_the_gradient_of_moments_side_by_side_is_that_of_slices(offsets: tuple[int, ...]) -> None:
    values = torch.tensor(np.random.default_rng(4).normal(size=(2, 7, 3)), requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: splice(x, offsets), values)
    count = 7 - (max(offsets) - min(offsets)) // 3
    firsts = [(offset - min(offsets)) // 3 for offset in offsets]
    beside = torch.cat([values[:, first : first + count] for first in firsts], dim=-1)
    assert torch.equal(splice(values, offsets), beside)


FRAMES = 300
UTTERANCE = Utterance("", ("stop",), "people", held_out=False, isolated=True, segments=(Segment("S", "B", 0, 1),))


def _examples(batch: int = 2, most_of_a_word: int = 0, source: str = "people") -> WordExamples:
    """Give examples of two recordings of "stop", 60 and 160 frames long and louder than the rest, and one of noise."""
    labels = np.zeros(3 * FRAMES, np.int16)
    labels[100:160] = unit_of("S", "#")
    labels[FRAMES + 40 : FRAMES + 200] = unit_of("S", "#")
    features = np.repeat(100.0 * (labels[:, None] > 0), 40, axis=1).astype(np.float16)
    spans = np.array([[0, FRAMES, 0], [FRAMES, 2 * FRAMES, 0], [2 * FRAMES, 3 * FRAMES, -1]])
    outputs = Outputs(np.arange(UNITS))
    shape = Shape(outputs=outputs.count)
    return WordExamples(
        [Pass(features, labels, spans)],
        {0: replace(UTTERANCE, source=source)},
        outputs,
        shape,
        seed=1,
        batch=batch,
        most_of_a_word=most_of_a_word,
    )


def test_an_example_holds_all_that_is_said_and_silence_around_it() -> None:
    left = Shape(outputs=UNITS).left
    for inputs, ways in itertools.islice(_examples().batches(), 20):
        for levels, way in zip(inputs[:, left : left + WINDOW - 2, 0], ways, strict=True):
            if not way:
                continue
            sounding = np.flatnonzero(levels > levels.min() + 50)
            assert len(sounding) in (60, 160)
            assert sounding[0] > 5
            assert sounding[-1] < WINDOW - 8


def test_noise_is_an_example_of_nothing_said() -> None:
    seen = [way for _, ways in itertools.islice(_examples().batches(), 9) for way in ways]
    assert () in seen
    assert ways_to_say(("stop",), Outputs(np.arange(UNITS))) in seen


def test_examples_go_on_where_they_stopped() -> None:
    whole = list(itertools.islice(_examples().batches(), 7))
    rest = list(itertools.islice(_examples().batches(5), 2))
    for (inputs, ways), (same_inputs, same_ways) in zip(whole[5:], rest, strict=True):
        assert torch.equal(inputs, same_inputs)
        assert ways == same_ways


def test_of_a_word_that_people_said_often_some_take_part_in_each_turn() -> None:
    """Or a person's voice would be taken for one of the few words that people recorded."""
    examples = _examples(batch=1, most_of_a_word=1)
    stop, turn, turns = ways_to_say(("stop",), Outputs(np.arange(UNITS))), 7, 20
    seen = list(itertools.islice(examples.batches(), turn * turns))
    assert sum(ways == [stop] for _, ways in seen) == turns
    lengths = {int((inputs[0, :, 0] > inputs[0, :, 0].min() + 50).sum()) for inputs, ways in seen if ways == [stop]}
    assert len(lengths) > 1, "it was always the same one"


@pytest.mark.parametrize("source", ["synthetic", "neural", "spliced"])
def test_words_that_were_made_are_not_bounded(source: str) -> None:
    examples = _examples(batch=1, most_of_a_word=1, source=source)
    both, of_noise, turns = 2, 6, 20
    said = [ways for _, (ways,) in itertools.islice(examples.batches(), turns * (both + of_noise)) if ways]
    assert len(said) == turns * both


def test_a_pass_may_be_numbered_behind_another_and_noise_stays_noise() -> None:
    spans = np.array([[0, 10, 0], [10, 20, 3], [20, 30, -1]])
    moved = Pass(np.zeros((30, 40), np.float16), np.zeros(30, np.int16), spans).numbered_from(100)
    assert moved.spans[:, 2].tolist() == [100, 103, -1]
    assert spans[:, 2].tolist() == [0, 3, -1]


def test_too_few_examples_are_told() -> None:
    with pytest.raises(UnusableError, match="8 things said by themselves"):
        _examples(batch=9)
