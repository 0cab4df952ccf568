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
from lecture_utils.tasks.translation import encoded, link_error, translate


def partners(
    pairs: Sequence[Pair], target: str = "de", source: str = "en", last: bool = False
) -> Tensor:
    """The place of each target word's partner: (B, T-1), -1 where a word has none.

    Where a word has several, the first, or the last one if `last` is True.
    """
    steps = 1 + max(len(pair.target) for pair in pairs)  # the last one writes the end
    places = torch.full((len(pairs), steps), -1)
    for b, pair in enumerate(pairs):
        links = numerals.links(numerals.read_list(pair.source, source), source, target)
        for row, place in sorted(links, reverse=not last):
            places[b, row] = place
    return places


def units(pairs: Sequence[Pair], target: str = "de", source: str = "en") -> Tensor:
    """Which target words mark a power of ten and spell no digit: bool (B, T-1).

    Such as *hundert*, *tausend*, or the Korean words for ten, hundred, thousand, ten thousand.
    """
    least = 10 if numerals.spell(20, target)[-1] == numerals.spell(10, target)[0] else 100
    found = torch.zeros_like(partners(pairs, target, source), dtype=torch.bool)
    for b, pair in enumerate(pairs):
        for i, word in enumerate(pair.target):
            found[b, i] = (numerals.VALUES[target].get(word) or 0) >= least
    return found


def least_error(pairs: Sequence[Pair], target: str = "de", source: str = "en") -> float:
    """The alignment error rate of the best that one look a word can do.

    It is not 0 where a word has several partners.
    """
    return link_error(partners(pairs, target, source, last=True), pairs, target, source)


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
    target: str = "de",
    source: str = "en",
) -> Tensor:
    """Which words are right, the true words told: bool (B, T-1).

    Args:
        model: with any context.
        pairs: to translate.
        places: (B, T-1). Where given, each word is written from the state at this place alone, in
            place of the read; a place outside the sentence is moved to its end. Of two, the first
            says where the forward half of the state is from, the second the backward half. The
            decoder's state goes on with the true read, so that one read is exchanged at a time.
        target: language of the targets.
        source: language of the sources.
    """
    batch = encoded(model, pairs, target, source)
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
    return _right_from(model, pairs, judged, instead)


def written_from(
    model: EncoderDecoder,
    pairs: Sequence[Pair],
    target: str = "de",
    source: str = "en",
    among: Tensor | None = None,
) -> dict[str, float]:
    """Part of the words with a partner that are right, by what they are written from.

    Of any language, and of some words alone. All words with a partner are judged: a place outside
    the sentence is moved to its end, and a word drawn at random may be the partner. Where these
    must not be, see `exchanged`.

    Args:
        model: with attention.
        pairs: to translate.
        target: language of the targets.
        source: language of the sources.
        among: bool (B, T-1), the words that are judged, where not all are.
    """
    languages = target, source
    true, own = partners(pairs, *languages), looks(model, pairs, *languages)
    last = partners(pairs, *languages, last=True)
    judged = true >= 0 if among is None else (true >= 0) & among
    ends = torch.tensor([len(pair.source) for pair in pairs]).unsqueeze(1)
    made = torch.Generator().manual_seed(0)
    anywhere = (torch.rand(true.shape, generator=made) * ends).long()
    instead = {
        "its largest weight alone": own,
        "the partner": true,
        "the word before the partner": true - 1,
        "the word behind the partner": last + 1,
        "a word drawn at random": anywhere,
    }
    return _right_from(model, pairs, judged, instead, *languages)


def _right_from(
    model: EncoderDecoder,
    pairs: Sequence[Pair],
    judged: Tensor,
    instead: dict[str, Tensor | tuple[Tensor, Tensor]],
    target: str = "de",
    source: str = "en",
) -> dict[str, float]:
    """Part of the judged words that are right: with the read as it is, and from other places."""
    return {
        name: words_right(model, pairs, places, target, source)[judged].float().mean().item()
        for name, places in {"the read as it is": None, **instead}.items()
    }


def beside(
    model: EncoderDecoder,
    pairs: Sequence[Pair],
    target: str = "de",
    source: str = "en",
    among: Tensor | None = None,
) -> dict[str, float]:
    """Part of the looks at a partner, at the word before the first or behind the last, elsewhere.

    Args: as in `written_from`.
    """
    first = partners(pairs, target, source)
    last, own = partners(pairs, target, source, last=True), looks(model, pairs, target, source)
    judged = first >= 0 if among is None else (first >= 0) & among
    at = torch.zeros_like(judged)
    for b, pair in enumerate(pairs):
        numbers = numerals.read_list(pair.source, source)
        for row, place in numerals.links(numbers, source, target):
            at[b, row] |= own[b, row] == place
    found = {
        name: where[judged].float().mean().item()
        for name, where in (
            ("at the partner", at),
            ("one before", own == first - 1),
            ("one behind", own == last + 1),
        )
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
def with_memory(
    model: EncoderDecoder, pairs: Sequence[Pair], memory: Memory, parts: int = 10
) -> dict[str, list]:
    """How words go and looks fall when another memory is read than the model's own.

    The decoder's first state stays the model's own, and the true words are told.

    Args:
        model: with attention.
        pairs: to translate.
        memory: of as many sources, of the same length, in place of the model's own.
        parts: equal parts of a sentence.

    Returns:
        By part of the sentence ``told`` and ``ahead``, as in `by_part`.
    """
    batch, true = encoded(model, pairs), partners(pairs)
    _, state = model.encode(batch.source, batch.mask)
    found: dict[str, list[list[float]]] = {n: [[] for _ in range(parts)] for n in ("told", "ahead")}
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


HALVES = ("none", "forward", "backward", "other words", "other words behind")
"""What `shifted` exchanges: nothing, a half that has come further, or, as a control, one as far."""


@torch.no_grad()
def shifted(
    model: EncoderDecoder,
    pairs: Sequence[Pair],
    extra: Sequence[Pair],
    half: str,
    parts: int = 10,
    of: str = "states",
) -> dict[str, list]:
    """Exchange half of each encoder state for that of the same word in another sentence.

    For ``forward`` the other sentence has more words before this one's, so the half that reads
    from the left has come further; for ``backward`` it has more words behind. The other half and
    the decoder's first state stay. In these, only the place has changed: the words around are the
    same. ``other words`` and ``other words behind`` are the controls: the forward or the backward
    half of a sentence in which other words, as many, stand before or behind, so that the place is
    the same.

    Args:
        model: with attention.
        pairs: all with sources of one length, S.
        extra: as many, whose sources are added; of one length too. For a control they stand in
            place of the first or of the last words, and a comma must stand between.
        half: one of `HALVES`.
        parts: equal parts of a sentence.
        of: what is made of the exchanged states: the ``keys`` by which a slot is found, the
            ``values`` that are read, or both (``states``).

    Returns:
        As `with_memory`. For a control the states of the words that are exchanged, and of the
        comma, stay as they are.

    Raises:
        ValueError: naming the argument that is wrong, and what to pass.
    """
    if half not in HALVES or of not in ("states", "keys", "values"):
        told = f"half must be one of {HALVES}, of 'states', 'keys' or 'values'"
        raise ValueError(f"{told}; got {half!r}, {of!r}")
    batch = encoded(model, pairs)
    memory, _ = model.encode(batch.source, batch.mask)
    if half == "none":
        return with_memory(model, pairs, memory, parts)
    behind, size = half in ("backward", "other words behind"), batch.source.shape[1]
    moved = slice(size)
    if half.startswith("other words"):
        many = len(extra[0].source)
        comma = size - many - 1 if behind else many
        if any(pair.source[comma : comma + 1] != (numerals.COMMA,) for pair in pairs):
            raise ValueError(f"place {comma} of every sentence must be a comma; see `joined`")
        moved = slice(comma) if behind else slice(comma + 1, size)
    rest = [Pair(pair.source[moved], pair.target) for pair in pairs]
    order = (rest, extra) if behind else (extra, rest)
    longer = encoded(model, [joined(a, b) for a, b in zip(*order, strict=True)])
    read = model.encoder(longer.source, longer.mask)
    theirs = read[:, :size] if behind else read[:, -size:]
    halves = [part.clone() for part in memory.states.chunk(2, dim=-1)]
    halves[behind][:, moved] = theirs.chunk(2, dim=-1)[behind][:, moved]
    whole = torch.cat(halves, dim=-1)
    if of != "values":
        memory = memory._replace(keys=model.context.keys(whole, batch.mask))
    if of != "keys":
        memory = memory._replace(states=whole)
    return with_memory(model, pairs, memory, parts)


def joined(first: Pair, second: Pair) -> Pair:
    """Two sentences as one, with a comma between them."""
    comma = (numerals.COMMA,)
    return Pair((*first.source, *comma, *second.source), (*first.target, *comma, *second.target))
