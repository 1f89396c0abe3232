"""When what is heard counts as a command, and how soon: every number of it, and why it is what it is."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait before a phrase is acted upon.

    Attributes:
        quiet: seconds that the speaker must have been quiet.
        stable_in_noise: seconds without change in the partial result that are enough where it never gets quiet;
            None: wait for the recogniser's own end of the utterance.
    """

    quiet: float
    stable_in_noise: float | None


@dataclass(frozen=True, slots=True)
class ListeningRules:
    """When an utterance counts, and how soon.

    Attributes:
        plain: patience for a phrase.
        urgent: the same for stop and the body words.
        growing: the same for a phrase that more words would turn into another command.
        urgent_growing: the same for "stop", which may become "stop listening". Little else is ever taken for it.
        ask_after: seconds of quiet after which the recogniser is asked what it has heard. At 0.12 s its answer
            is as good as at 0.6 s; 0.06 s cost 5 %, and the stops within words are as long.
        ask_within: seconds since the beginning of an utterance in which it is asked; longer ones are no commands.
        anchor_silence: seconds without speech that must come before a phrase. With 0.4 s nearly twice as
            much of other speech is taken for commands; what noise costs is in models/README.md, too.
        settle: seconds of silence after an early commit until the next command may begin; what is said
            without such a pause belongs to the committed utterance and is ignored.
        settle_in_noise: seconds without a new word that do instead, where it never gets quiet.
        quiet_share: where quiet begins between the background's level in dB (0) and the utterance's (1).
        clear_rise: dB that an utterance must be louder than the background before "quiet" means anything; in
            more noise than that only `stable_in_noise` counts.
        onset_share: share of the way, in dB, from the background to its loudest syllable by which an utterance
            must be louder than the loudest sound right before it. Words within running speech have 0.2 and less.
        sure_onset_share: the same for stop, the body words and what the recogniser is sure of.
        doubtful_onset_share: the same for what the recogniser doubts.
        shortest: seconds that a command must last at least; clicks and knocks are shorter.
        longest_word: seconds that its words may last on average; animals and machines hold theirs longer.
        sure: the confidence, 0 to 1, that the recogniser must give to each word to be sure of a phrase.
        confidence: with less it doubts the phrase: most of what is none has less, and nearly no command.
        urgent_confidence: the same for stop and the body words.
        least: a phrase in which a word has less is none.
        clear_least: the same for stop and the body words where a second look is clear.
        margin: a phrase that explains its sound less well than unknown speech plus this (natural logarithm) is none.
        urgent_margin: the same for stop and the body words.
        urgent_clear_margin: with this margin stop and the body words are not doubted, whatever their confidence: that
            is shared out among phrases that begin alike, such as "stop" and "stop it".
        doubt_quiet: seconds of quiet that must follow on a doubtful phrase: other speech goes on before.
        talk: seconds of words that are no command, of the last `talk_within`, from which on somebody is talking to
            somebody else, or reads aloud. Amid talk stop and the body words need `confidence` and `margin`, as the
            others do elsewhere.
        talk_within: see `talk`.
        talk_quiet: seconds of quiet that must follow on a phrase amid talk, which goes on before.
        urgent_talk_quiet: the same for stop and the body words.
        talk_margin: the `margin` of all others amid talk.
        noise_before: seconds that a quieter sound right before a phrase may last which the recogniser took for words: a
            breath, a click. It is none of the utterance, unless that is grave: it might be a "not".
        noise_onset_share: how much louder than that sound, as `onset_share` is measured, the phrase must be.
        replay: seconds of sound a new recogniser hears again, so that a word that has just begun is not lost.
        weight: how many times as likely a phrase is as each of the model's decoys: who says a single word to the coach
            seldom means "narrow". It is for phrases of which the model has not heard many recordings: the others it
            finds often enough. Grave commands are no likelier than a decoy. What it brings and costs is in
            models/README.md.
    """

    plain: Patience = Patience(0.14, 0.50)
    urgent: Patience = Patience(0.16, 0.25)
    growing: Patience = Patience(0.25, None)
    urgent_growing: Patience = Patience(0.14, 0.40)
    ask_after: float = 0.12
    ask_within: float = 2.5
    anchor_silence: float = 0.5
    settle: float = 0.2
    settle_in_noise: float = 0.5
    quiet_share: float = 0.5
    clear_rise: float = 10.0
    onset_share: float = 0.2
    sure_onset_share: float = 0.1
    doubtful_onset_share: float = 0.5
    shortest: float = 0.1
    longest_word: float = 1.0
    sure: float = 0.95
    confidence: float = 0.7
    urgent_confidence: float = 0.5
    least: float = 0.4
    clear_least: float = 0.4
    margin: float = 2.0
    urgent_margin: float = 1.0
    urgent_clear_margin: float = 7.0
    doubt_quiet: float = 0.5
    talk: float = 1.5
    talk_within: float = 10.0
    talk_quiet: float = 0.5
    urgent_talk_quiet: float = 0.3
    talk_margin: float = 3.5
    noise_before: float = 0.7
    noise_onset_share: float = 0.3
    replay: float = 0.4
    weight: int = 8

    def patience(self, *, urgent: bool, growing: bool, amid_talk: bool) -> Patience:
        """Give how long to wait before a phrase is acted upon.

        Args:
            urgent: it means stop or is a body word.
            growing: more words would turn it into another command.
            amid_talk: somebody has been talking to somebody else.
        """
        if growing:
            patience = self.urgent_growing if urgent else self.growing
        else:
            patience = self.urgent if urgent else self.plain
        if not amid_talk:
            return patience
        if urgent:
            return replace(patience, quiet=max(patience.quiet, self.urgent_talk_quiet))
        return Patience(self.talk_quiet, None)

    def enough(self, *, urgent: bool, amid_talk: bool) -> float:
        """Give the confidence, 0 to 1, from which on a phrase isn't doubtful."""
        return self.urgent_confidence if urgent and not amid_talk else self.confidence

    def least_margin(self, *, urgent: bool, amid_talk: bool) -> float:
        """Give how much better than unknown speech a phrase must explain its sound (a natural logarithm)."""
        if amid_talk:
            return self.margin if urgent else self.talk_margin
        return self.urgent_margin if urgent else self.margin


ALL_DAY = ListeningRules(weight=1)
"""For hours in which hardly anything is said to the coach."""
