"""A small knowledge base and a network of random weights, exported as the page expects it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from lecture_utils import live
from lecture_utils.data import facts
from lecture_utils.models.kv_memnn import KVMemNN, hashed, inverted_index
from lecture_utils.recording import record

NAME = "facts-random"
FREQUENT, MOST = 4, 6
TRIPLES = [
    facts.Fact("Kenya", "has capital", "Nairobi"),
    facts.Fact("Kenya", "has official language", "English"),
    facts.Fact("Kenya", "has official language", "Kiswahili"),
    facts.Fact("Guinea-Bissau", "has capital", "Bissau"),
    facts.Fact("United Kingdom", "has capital", "London"),
    facts.Fact("Zinc", "belongs to", "group 12"),
]
QUESTIONS = {
    "1": ["Where is the government of Kenya?", "Which city is the capital of Guinea-Bissau?"],
    "2": ["To which group does Zinc belong?"],
    "3": [],
}
TASKS = {1: "has capital", 2: "belongs to", 3: "lies in"}


def memory(seed: int = 0) -> SimpleNamespace:
    """The network, the slots that it reads, and how a question becomes tokens."""
    torch.manual_seed(seed)
    world = facts.Knowledge(TRIPLES, [], {"UK": "United Kingdom"})
    slots = facts.kb(TRIPLES)
    encoder = facts.Encoder(world, slots, facts.split(TRIPLES, dev=0, test=0).train)
    model = KVMemNN(encoder.size, features=8, drawn=encoder.drawn).eval()
    keys = encoder.keys(slots)
    return SimpleNamespace(
        world=world, slots=slots, encoder=encoder, model=model, keys=keys,
        values=encoder.values(slots), index=inverted_index(keys, FREQUENT),
    )  # fmt: skip


@torch.no_grad()
def answer(it: SimpleNamespace, question: str) -> tuple[list[str], dict[str, float], torch.Tensor]:
    """The slots found, the probability of every name, and the weights (H, N), of torch."""
    tokens = it.encoder.questions([question])
    slots, mask = hashed(tokens, it.index, MOST)
    with record(it.model) as reads:
        scores = it.model(tokens, it.keys[slots], it.values[slots], mask, it.encoder.candidates)
    chances = dict(zip(it.world.names, scores[0].softmax(dim=-1).tolist(), strict=True))
    found = [it.slots[i] for i in slots[0].tolist()]
    lines = [f"{' + '.join(slot.key)} → {slot.value}" for slot in found]
    return lines, chances, reads["address"][0]


def export(folder: Path) -> SimpleNamespace:
    """Write the network and its knowledge base into `folder`, and give them."""
    it = memory()
    kind = live.KeyValueMemory(
        it.model,
        words=it.encoder.tokens[: -2 * len(it.world.names)],
        names=it.world.names,
        aliases=it.world.aliases,
        slots=[[*slot.key, slot.value] for slot in it.slots],
        wordings=facts.WORDINGS,
        questions=QUESTIONS,
        frequent=FREQUENT,
        most=MOST,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTURE_MODELS", str(folder))
        live.export(NAME, kind, metrics={}, seed=0)
    return it
