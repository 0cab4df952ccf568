"""The kind "key-value memory": a model that answers a question from slots that hashing finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from lecture_utils.live.graph import Graph, numbers
from lecture_utils.live.kind import Kind, check_count, check_known, check_size, check_tokens


@dataclass(frozen=True, kw_only=True)
class KeyValueMemory(Kind):
    """A `KVMemNN`, whose answers are names: graph ``answer``.

    ``question`` (1, T), and ``keys`` (1, N, W) and ``values`` (1, N, 1) of the N slots that it
    finds, to ``scores`` (1, C) of all names and ``weights`` (1, K, N): row k is what hop k read.

    A token's number is its place among `words`, then `names`, then `names` again as values.

    Args:
        model: knows so many tokens.
        words: plain ones; number 0 is padding.
        names: what a slot is found by, or gives; the answers that there are.
        aliases: other spellings: the name that each stands for.
        slots: the memory: the tokens of a key, then the name that is the value.
        wordings: for a relation the questions that ask for it; ``{}`` is the name.
        questions: some to try, by number of their task.
        frequent: a token in more keys than this finds nothing.
        most: slots for one question, at most.
    """

    kind = "key-value memory"
    words: Sequence[str]
    names: Sequence[str]
    aliases: Mapping[str, str]
    slots: Sequence[Sequence[str]]
    wordings: Mapping[str, Sequence[str]]
    questions: Mapping[int, Sequence[str]]
    frequent: int
    most: int

    def __post_init__(self) -> None:
        check_tokens("words and names", [*self.words, *self.names])
        known = self.model.A.learned.shape[0] + self.model.A.names.shape[0]
        check_size("words, names and names as values", self._tokens, known)
        check_known("aliases", self.aliases.values(), self.names, "names")
        if not self.slots or len({*map(len, self.slots)}) > 1 or len(self.slots[0]) < 2:
            raise ValueError("slots must be a key of one or more tokens, the same for all, a value")
        keys = {token for slot in self.slots for token in slot[:-1]}
        check_known("slots, a key,", keys, self._tokens, "words or names")
        check_known("slots, a value,", {slot[-1] for slot in self.slots}, self.names, "names")
        check_count("frequent", self.frequent)
        check_count("most", self.most)

    @property
    def _tokens(self) -> list[str]:
        return [*self.words, *self.names, *self.names]

    def graphs(self) -> dict[str, Graph]:
        """``answer``."""
        size, width = len(self._tokens), len(self.slots[0]) - 1
        candidates = torch.arange(size - len(self.names), size).unsqueeze(-1)  # (C, 1)
        asked = numbers(size, question=(1, "T"), keys=(1, "N", width), values=(1, "N", 1))

        def answer(model: nn.Module, *inputs: Tensor) -> dict[str, Tensor]:
            question, keys, values = inputs
            found = torch.ones(keys.shape[:2], dtype=torch.bool)
            return {"scores": model(question, keys, values, found, candidates)}

        return {"answer": Graph(self.model, answer, asked)}

    def fields(self) -> dict[str, Any]:
        """``words``, ``names``, ``aliases`` and ``limits``."""
        return {
            "words": list(self.words),
            "names": list(self.names),
            "aliases": dict(self.aliases),
            "limits": {"frequent": self.frequent, "slots": self.most},
        }

    def files(self) -> dict[str, Any]:
        """``knowledge``."""
        return {
            "knowledge": {
                "slots": [list(slot) for slot in self.slots],
                "wordings": {key: list(several) for key, several in self.wordings.items()},
                "questions": {str(key): list(several) for key, several in self.questions.items()},
            }
        }
