"""The kind "story memory": a model that answers a question about a story with a word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from lecture_utils.live.graph import Graph, numbers
from lecture_utils.live.kind import Kind, check_count, check_known, check_tokens


@dataclass(frozen=True, kw_only=True)
class StoryMemory(Kind):
    """A `MemN2N`: graph ``answer``.

    ``story`` (1, S, W) and ``question`` (1, W) to ``logits`` (1, V) and ``weights`` (1, K, N):
    row k is what hop k read, over all N slots of the memory; the story's are the last S.

    Args:
        model: reads the story.
        tokens: the vocabulary; number 0 is the empty word, ``""``.
        words: of a sentence or question, at most, W.
        tasks: names of the tasks it was trained on, by number.
        stories: some of each task: lines, question, answer, places of the lines that give it.
    """

    kind = "story memory"
    tokens: Sequence[str]
    words: int
    tasks: Mapping[int, str]
    stories: Mapping[int, Sequence[tuple[Sequence[str], str, str, Sequence[int]]]]

    def __post_init__(self) -> None:
        check_tokens("tokens", self.tokens, self.model.memory.embed.words.num_embeddings)
        check_count("words", self.words)
        if self.tokens[0] != "":
            raise ValueError(f'tokens begin with the empty word, ""; got {self.tokens[0]!r}')
        check_known("stories", map(str, self.stories), map(str, self.tasks), "tasks")
        for number, several in self.stories.items():
            for lines, _, answer, facts in several:
                check_known(f"stories[{number}], an answer,", [answer], self.tokens, "tokens")
                if not lines or not all(0 <= place < len(lines) for place in facts):
                    raise ValueError(
                        f"stories[{number}] has facts {list(facts)} in a story of {len(lines)} "
                        "lines; a fact is the place of a line, from 0"
                    )

    def graphs(self) -> dict[str, Graph]:
        """``answer``."""
        shapes = {"story": (1, "S", self.words), "question": (1, self.words)}
        told = numbers(len(self.tokens), **shapes)
        return {"answer": Graph(self.model, answer, told)}

    def fields(self) -> dict[str, Any]:
        """``tokens``, ``limits``, ``hops`` and ``tasks``."""
        return {
            "tokens": list(self.tokens),
            "limits": {"slots": self.model.memory.slots, "words": self.words},
            "hops": len(self.model.hops),
            "tasks": {str(number): name for number, name in self.tasks.items()},
        }

    def files(self) -> dict[str, Any]:
        """``stories``."""
        return {"stories": {str(number): list(told) for number, told in self.stories.items()}}


def answer(model: nn.Module, story: Tensor, question: Tensor) -> dict[str, Tensor]:
    """The answer to one question (1, W) about one story (1, S, W), every sentence its own row."""
    sentences = torch.cat([torch.zeros_like(story[0, :1]), story[0]])  # row 0 is empty
    order = torch.arange(1, story.shape[1] + 1).unsqueeze(0)
    return {"logits": model(sentences, order, question)}
