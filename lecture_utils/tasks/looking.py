"""Where an attention model looks while it translates numbers, and what comes of looking elsewhere.

Only words that have a true partner are judged. All places are counted from 0, in the source.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from lecture_utils.data import numerals
from lecture_utils.data.pairs import Pair
from lecture_utils.models.encoder_decoder import EncoderDecoder, Memory
from lecture_utils.recording import record
from lecture_utils.tasks.translation import encoded, translate


def partners(pairs: Sequence[Pair], target: str = "de", source: str = "en") -> Tensor:
    """The place of each target word's partner: (B, T-1), -1 where a word has none.

    Where a word has several, the first.
    """
    steps = 1 + max(len(pair.target) for pair in pairs)  # the last one writes the end
    places = torch.full((len(pairs), steps), -1)
    for b, pair in enumerate(pairs):
        links = numerals.links(numerals.read_list(pair.source, source), source, target)
        for row, place in sorted(links, reverse=True):
            places[b, row] = place
    return places


@torch.no_grad()
def looks(
    model: EncoderDecoder, pairs: Sequence[Pair], target: str = "de", source: str = "en"
) -> Tensor:
    """The place with the largest weight at each step, the true words told: (B, T-1).

    Raises:
        ValueError: the model addresses nothing.
    """
    with record(model) as reads:
        model(*encoded(model, pairs, target, source))
    if "context.address" not in reads:
        raise ValueError("this model addresses nothing; pass one with attention")
    return reads["context.address"].argmax(dim=-1).cpu()


@torch.no_grad()
def words_right(
    model: EncoderDecoder,
    pairs: Sequence[Pair],
    places: Tensor | tuple[Tensor, Tensor] | None = None,
) -> Tensor:
    """Which words are right, English to German, the true words told: bool (B, T-1).

    Args:
        model: with any context.
        pairs: to translate.
        places: (B, T-1). Where given, each word is written from the state at this place alone, in
            place of the read; a place outside the sentence is moved to its end. Of two, the first
            says where the forward half of the state is from, the second the backward half. The
            decoder's state goes on with the true read, so that one read is exchanged at a time.
    """
    batch = encoded(model, pairs)
    halves = places if isinstance(places, tuple) else (places, places)
    for half in halves:
        if half is not None and half.shape != batch.target[:, 1:].shape:
            raise ValueError(
                f"places must have shape {tuple(batch.target[:, 1:].shape)}, one for each step; "
                f"got {tuple(half.shape)}"
            )
    memory, state = model.encode(batch.source, batch.mask)
    states = memory.states.chunk(2, dim=-1)  # forward and backward, each (B, S, H)
    ends, rows, right = batch.mask.sum(dim=1) - 1, torch.arange(len(pairs)), []
    for i, token in enumerate(batch.target[:, :-1].unbind(dim=1)):
        logits, after = model.step(token, state, memory)
        if places is not None:
            at = [half[:, i].to(ends.device).clamp(min=0).minimum(ends) for half in halves]
            read = [part[rows, place] for part, place in zip(states, at, strict=True)]
            logits, _ = model.decoder(token, *state, torch.cat(read, dim=-1))
        right.append(logits.argmax(dim=-1) == batch.target[:, i + 1])
        state = after
    return torch.stack(right, dim=1).cpu()


def exchanged(model: EncoderDecoder, pairs: Sequence[Pair]) -> dict[str, float]:
    """Part of the words that are right, by what they are written from.

    The same words are judged in every row: those whose partner has a word before it and a word
    behind it. So no place is outside the sentence, and none but the partner's own is the partner:
    a word drawn at random is another one.
    """
    true, own = partners(pairs), looks(model, pairs)
    sizes = torch.tensor([len(pair.source) for pair in pairs]).unsqueeze(1)
    judged = (true > 0) & (true < sizes - 1)
    made = torch.Generator().manual_seed(0)
    by = 1 + (torch.rand(true.shape, generator=made) * (sizes - 1)).long()  # 1 ... S - 1
    before, behind = true - 1, true + 1
    instead = {
        "the read as it is": None,
        "its largest weight alone": own,
        "the partner": true,
        "the word before the partner": before,
        "only its forward half is from before": (before, true),
        "only its backward half is from before": (true, before),
        "the word behind the partner": behind,
        "only its forward half is from behind": (behind, true),
        "only its backward half is from behind": (true, behind),
        "another word, drawn at random": (true + by) % sizes,
    }
    return {
        name: words_right(model, pairs, places)[judged].float().mean().item()
        for name, places in instead.items()
    }


def beside(model: EncoderDecoder, pairs: Sequence[Pair]) -> dict[str, float]:
    """Part of the looks at the partner, at the word before it or behind it, and elsewhere."""
    true, own = partners(pairs), looks(model, pairs)
    off = (own - true)[true >= 0]
    found = {
        name: (off == by).float().mean().item()
        for name, by in (("at the partner", 0), ("one before", -1), ("one behind", 1))
    }
    return {**found, "elsewhere": 1 - sum(found.values())}


def by_part(model: EncoderDecoder, pairs: Sequence[Pair], parts: int = 10) -> dict[str, list]:
    """How translating goes on along a sentence, for each of `parts` equal parts of it.

    Returns:
        ``told``: words right when the true words before are told; ``from the start``: when the
        model's own translation is counted from its beginning; ``from the end``: when it is counted
        from its end; ``ahead``: by how many words the largest weight is behind the partner, in the
        mean, when the true words are told.
    """
    right, written = words_right(model, pairs), translate(model, pairs)
    true, own = partners(pairs), looks(model, pairs)
    found = {name: [[] for _ in range(parts)] for name in KINDS}
    for b, (pair, words) in enumerate(zip(pairs, written, strict=True)):
        size, missing = len(pair.target), len(pair.target) - len(words)
        for i, word in enumerate(pair.target):
            part = i * parts // size
            found["told"][part].append(float(right[b, i]))
            found["from the start"][part].append(float(words[i : i + 1] == [word]))
            place = i - missing
            found["from the end"][part].append(
                float(place >= 0 and words[place : place + 1] == [word])
            )
            if true[b, i] >= 0:
                found["ahead"][part].append(float(own[b, i] - true[b, i]))
    return {name: [sum(v) / max(1, len(v)) for v in found[name]] for name in KINDS}


KINDS = ("told", "from the start", "from the end", "ahead")
"""What `by_part` counts."""


@torch.no_grad()
def shifted(
    model: EncoderDecoder, pairs: Sequence[Pair], extra: Sequence[Pair], half: str, parts: int = 10
) -> dict[str, list]:
    """Exchange half of each encoder state for that of the same word in a longer sentence.

    For ``forward`` another sentence stands before this one, so the half that reads from the left
    has come further; for ``backward`` it stands behind. The other half and the decoder's first
    state stay. In these, only the place has changed: the words around are the same.

    Args:
        model: with attention.
        pairs: all with sources of one length, S.
        extra: as many, whose sources are added; of one length too.
        half: ``forward``, ``backward``, or ``none``.
        parts: equal parts of a sentence.

    Returns:
        By part of the sentence, the true words told: ``told`` and ``ahead`` as in `by_part`.
    """
    if half not in ("none", "forward", "backward"):
        raise ValueError(f"half must be 'none', 'forward' or 'backward'; got {half!r}")
    batch, true = encoded(model, pairs), partners(pairs)
    memory, state = model.encode(batch.source, batch.mask)
    states, size = list(memory.states.chunk(2, dim=-1)), batch.source.shape[1]
    if half != "none":
        first, second = (extra, pairs) if half == "forward" else (pairs, extra)
        joined = [
            Pair((*a.source, numerals.COMMA, *b.source), c.target)
            for a, b, c in zip(first, second, pairs, strict=True)
        ]
        longer = encoded(model, joined)
        read = model.encoder(longer.source, longer.mask)
        side = half == "backward"
        states[side] = (read[:, :size] if side else read[:, -size:]).chunk(2, dim=-1)[side]
    whole = torch.cat(states, dim=-1)
    memory = Memory(whole, model.context.keys(whole, batch.mask), batch.mask)
    found = {name: [[] for _ in range(parts)] for name in ("told", "ahead")}
    for i, token in enumerate(batch.target[:, :-1].unbind(dim=1)):
        with record(model) as reads:
            logits, state = model.step(token, state, memory)
        right = logits.argmax(dim=-1) == batch.target[:, i + 1]
        ahead = reads["context.address"][:, 0].argmax(dim=-1).cpu() - true[:, i]
        for b, pair in enumerate(pairs):
            if i < len(pair.target):
                found["told"][i * parts // len(pair.target)].append(float(right[b]))
            if true[b, i] >= 0:
                found["ahead"][i * parts // len(pair.target)].append(float(ahead[b]))
    return {name: [sum(v) / max(1, len(v)) for v in values] for name, values in found.items()}
