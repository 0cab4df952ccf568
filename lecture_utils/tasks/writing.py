"""How a translator's words are chosen and what becomes of a wrong one, English numbers to German.

Everything runs on the device where the model is; sentences are pairs of `numerals.pairs`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from contextlib import nullcontext

import torch
from torch import Tensor, nn

from lecture_utils.data import numerals
from lecture_utils.data.numerals import COMMA
from lecture_utils.data.pairs import END, PAD, SPECIALS, START, Pair
from lecture_utils.models.encoder_decoder import EncoderDecoder, beam
from lecture_utils.models.positions import standing
from lecture_utils.scores import aligned, exact_match
from lecture_utils.tasks.translation import encoded, translate

Damage = Callable[[list[str], int, random.Random], list[str]]


@torch.no_grad()
def log_probability(
    model: nn.Module, pairs: Sequence[Pair], words: Sequence[Sequence[str]]
) -> Tensor:
    """How probable each translation is, log P(words, end | source) in nats: (B,).

    Args:
        model: gives scores (B, T, V) for source, mask and target.
        pairs: whose sources are translated.
        words: the translation that is judged, for each.
    """
    batch = encoded(model, [Pair(p.source, tuple(w)) for p, w in zip(pairs, words, strict=True)])
    log = model(*batch).log_softmax(dim=-1)  # (B, T-1, V)
    told = batch.target[:, 1:]
    each = log.gather(-1, told.unsqueeze(-1)).squeeze(-1)
    return each.masked_fill(told == PAD, 0.0).sum(dim=1).cpu()


def searched(
    model: EncoderDecoder, pairs: Sequence[Pair], width: int = 4, penalty: float = 0.0
) -> list[list[str]]:
    """What a beam of so many beginnings finds for each source, judged with a length penalty."""
    german, found = numerals.vocabulary("de"), []
    for pair in pairs:
        batch = encoded(model, [pair])
        best = beam(model, batch.source, width, 3 * batch.source.shape[1] + 1, penalty)[0]
        found.append(german.decode(best.words))
    return found


def search(model: EncoderDecoder, pairs: Sequence[Pair], width: int = 4) -> dict[str, float]:
    """Greedy decoding beside a beam.

    Returns:
        Parts of the sentences: ``greedy``, ``beam`` and ``beam, 0.6`` (the paper's penalty) without
        a fault; ``missed``: of those that greedy decoding gets wrong, the part whose true words
        are more probable than what was written, so that a better search would help.
    """
    true = [list(pair.target) for pair in pairs]
    written = translate(model, pairs)
    wrong = [i for i, words in enumerate(written) if words != true[i]]
    found = {"greedy": 1 - len(wrong) / len(pairs)}
    for name, penalty in (("beam", 0.0), ("beam, 0.6", 0.6)):
        found[name] = exact_match(searched(model, pairs, width, penalty), true)
    if wrong:
        sources = [pairs[i] for i in wrong]
        truth, own = (
            log_probability(model, sources, [words[i] for i in wrong]) for words in (true, written)
        )
        found["missed"] = (truth > own).float().mean().item()
    return found


@torch.no_grad()
def faults(model: EncoderDecoder, pairs: Sequence[Pair]) -> dict[str, float]:
    """Wrong words where the model is told the truth before them, and where it goes by its own.

    Returns:
        ``wrong``: part of the sentences that it gets wrong; and for each of those, in the mean,
        true words that are not said: ``told``, where the true words before are given, and ``free``,
        where it has only its own, a shift forgiven (`scores.aligned`).
    """
    batch, written = encoded(model, pairs), translate(model, pairs)
    true = batch.target[:, 1:]
    told = ((model(*batch).argmax(dim=-1) != true) & (true != PAD) & (true != END)).sum(dim=1)
    free = [
        len(pair.target) - sum(aligned(words, pair.target))
        for words, pair in zip(written, pairs, strict=True)
    ]
    wrong = [i for i, pair in enumerate(pairs) if written[i] != list(pair.target)]
    each = max(1, len(wrong))
    return {
        "wrong": len(wrong) / len(pairs),
        "told": sum(told[i].item() for i in wrong) / each,
        "free": sum(free[i] for i in wrong) / each,
    }


def as_it_was(words: list[str], at: int, made: random.Random) -> list[str]:
    """The words up to and with that at `at`, unharmed: the control."""
    return words[: at + 1]


def another(words: list[str], at: int, made: random.Random) -> list[str]:
    """Another word of the language in the place of that at `at`."""
    others = [w for w in numerals.vocabulary("de").tokens[len(SPECIALS) :] if w != words[at]]
    return [*words[:at], made.choice(others)]


def left_out(words: list[str], at: int, made: random.Random) -> list[str]:
    """The word at `at` left out; the next one is said."""
    return [*words[:at], words[at + 1]]


def said_twice(words: list[str], at: int, made: random.Random) -> list[str]:
    """The word at `at`, said twice."""
    return [*words[: at + 1], words[at]]


DAMAGES: dict[str, Damage] = {
    "nothing": as_it_was,
    "another word": another,
    "one left out": left_out,
    "one said twice": said_twice,
}


@torch.no_grad()
def continued(
    model: EncoderDecoder,
    pairs: Sequence[Pair],
    beginnings: Sequence[Sequence[str]],
    places: Tensor | None = None,
) -> list[list[str]]:
    """What the model writes, greedily, after the beginning of each translation.

    Args:
        model: a translator.
        pairs: whose sources are translated.
        beginnings: words of the target for each, as many in all.
        places: where the words that the decoder works on are said to stand, ``<start>`` first, see
            `positions.standing`; None: 0, 1, 2, ...
    """
    german = numerals.vocabulary("de")
    batch = encoded(model, pairs)
    given = torch.tensor([german.encode(words) for words in beginnings]).to(batch.source)
    memory, state = model.encode(batch.source, batch.mask)
    token, written = torch.full_like(given[:, 0], START), []
    with nullcontext() if places is None else standing(model.decoder, places):
        for word in given.unbind(dim=1):
            _, state = model.step(token, state, memory)
            token = word
        for _ in range(3 * batch.source.shape[1] + 1):  # no word is said with more than three
            logits, state = model.step(token, state, memory)
            token = logits.argmax(dim=-1)
            written.append(token)
    return [german.decode(row) for row in torch.stack(written, dim=1).tolist()]


def recovered(
    model: EncoderDecoder, pairs: Sequence[Pair], at: int, seed: int = 0
) -> dict[str, dict[str, float]]:
    """What becomes of a translation when a word of its beginning is damaged.

    Args:
        model: a translator.
        pairs: of more than `at` + 2 words in the target.
        at: the place of the damage, counted from 0; the words before it are the true ones.
        seed: of the words that are drawn.

    Returns:
        For each of `DAMAGES`: ``rest``, the part of the sentences whose words after it are all
        right; and ``later``, of those where a number follows that of the damage, the part whose
        words behind the next comma are all right.
    """
    made, found = random.Random(seed), {}
    for name, damage in DAMAGES.items():
        beginnings = [damage(list(pair.target), at, made) for pair in pairs]
        after = at + 2 if damage is left_out else at + 1
        rests = [list(pair.target[after:]) for pair in pairs]
        found[name] = kept_of(continued(model, pairs, beginnings), rests)
    return found


def displaced(model: EncoderDecoder, pairs: Sequence[Pair], at: int) -> dict[str, dict[str, float]]:
    """Which of the two does the harm when a word is said twice: the word, or the place it takes?

    Args:
        model: a translator that is told places by turning queries and keys.
        pairs: of more than `at` + 2 words in the target.
        at: the place of the damage, counted from 0; the words before it are the true ones.

    Returns:
        As `recovered` does, which has the word that is said twice, for two halves of it: ``said
        twice, one place for both``, so that what follows stands where it would without it; and
        ``nothing said, a place skipped``: true words, and what follows stands one place further on.
    """
    told = at + 2  # <start>, and the words up to the damage
    follow = torch.arange(told, 1_000)  # more than a translation has words
    once = torch.cat([torch.arange(told), follow - 1])
    skipped = torch.cat([torch.arange(told), follow + 1])
    twice = [said_twice(list(pair.target), at, random.Random(0)) for pair in pairs]
    whole = [list(pair.target[: at + 1]) for pair in pairs]
    rests = [list(pair.target[at + 1 :]) for pair in pairs]
    return {
        name: kept_of(continued(model, pairs, beginnings, places), rests)
        for name, beginnings, places in (
            ("said twice, one place for both", twice, once),
            ("nothing said, a place skipped", whole, skipped),
        )
    }


def kept_of(written: Sequence[list[str]], true: Sequence[list[str]]) -> dict[str, float]:
    """Of what was written behind a damage: ``rest`` and ``later``, as `recovered` has them."""
    later = [
        behind_comma(own) == behind_comma(told)
        for own, told in zip(written, true, strict=True)
        if behind_comma(told)
    ]
    return {"rest": exact_match(written, true), "later": sum(later) / max(1, len(later))}


def behind_comma(words: list[str]) -> list[str]:
    """The words behind the first comma; none where there is no comma."""
    return words[words.index(COMMA) + 1 :] if COMMA in words else []
