r"""Take heads away from three trained Transformers, and see what is lost.

    python -m lecture_utils.recipes.heads_removed --work FOLDER

The models are those of the recipe `transformer`, variant ``rotary``, from three seeds; FOLDER may
be that recipe's, then nothing is trained twice. In every attention each head is taken away by
itself, then all but one, then all; one control takes away as many directions at random, another
puts the mean of what was read (development split) in the place of what is taken away. Writes
``heads-removed.json``; takes about five minutes on one CPU core, and four more where the models
are not trained yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from torch import Tensor

from lecture_utils.data import numerals
from lecture_utils.data.pairs import Pair
from lecture_utils.models.multi_head import MultiHead
from lecture_utils.models.transformer import Transformer
from lecture_utils.recipes.runs import command_line, kept_at, provenance, rounded, run_all
from lecture_utils.recipes.transformer import SEEDS, VARIANTS, made, train
from lecture_utils.tasks import heads
from lecture_utils.tasks.translation import encoded, exact, words_right

MODEL = "rotary"
"""The variant of the recipe `transformer`."""
DRAWS = 3
"""Times that directions are drawn at random."""


def trained(seed: int, work: Path | None, steps: int | None = None) -> Transformer:
    """The model of a seed: the one that is kept in `work`, or trained, and kept there."""
    kept = kept_at(work, MODEL, seed)
    if kept and kept.is_file():
        model = made(VARIANTS[MODEL], seed)
        model.load_state_dict(load_file(kept))
        return model.eval()
    model, _ = train(VARIANTS[MODEL], seed, steps)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        save_file({key: value.contiguous() for key, value in model.state_dict().items()}, kept)
    return model.eval()


def right_through(
    model: Transformer,
    attention: MultiHead,
    matrix: Tensor,
    pairs: Sequence[Pair],
    mean: Tensor | None = None,
) -> float:
    """Part of the sentences without a fault while `attention` reads through `matrix`.

    With a `mean` (H d,) that of the mean stands in the place of what the matrix takes away.
    """
    with heads.reads_through(attention, matrix, mean):
        return exact(model, pairs)


def removed(
    model: Transformer,
    attention: MultiHead,
    dev: Sequence[Pair],
    test: Sequence[Pair],
    mean: Tensor,
) -> dict[str, Any]:
    """Sentences of `test` without a fault, without heads of one attention.

    ``without``: each head by itself; ``alone``: the one head with which most words of `dev` are
    right, all others taken away; ``none``: without all; ``random``: without as many directions as
    a head has, drawn at random among those of all heads, `DRAWS` times. ``without_mean`` and
    ``random_mean``: the same as ``without`` and ``random``, the part of `mean` (H d,) in place.
    """
    every = range(attention.heads)
    size = attention.W_O.in_features // attention.heads
    others = {head: [other for other in every if other != head] for head in every}
    words = []
    for head in every:
        with heads.reads_through(attention, heads.without_heads(attention, others[head])):
            words.append(words_right(model, dev))
    best = max(every, key=lambda head: words[head])

    def right(matrix: Tensor, mean: Tensor | None = None) -> float:
        return right_through(model, attention, matrix, test, mean)

    without = [heads.without_heads(attention, [head]) for head in every]
    random = [heads.without_directions(attention, size, draw) for draw in range(DRAWS)]
    return {
        "without": [right(matrix) for matrix in without],
        "without_mean": [right(matrix, mean) for matrix in without],
        "best": best,
        "alone": right(heads.without_heads(attention, others[best])),
        "none": right(heads.without_heads(attention, [*every])),
        "random": [right(matrix) for matrix in random],
        "random_mean": [right(matrix, mean) for matrix in random],
    }


def run(
    output: Path,
    work: Path | None = None,
    seeds: Sequence[int] = SEEDS,
    sentences: int = 500,
    steps: int | None = None,
) -> dict[str, Any]:
    """Take heads away from the models; write what came out, and give it.

    Args:
        output: folder for the results.
        work: folder with the trained models, and for those that are not there yet.
        seeds: of the weights and of the sentences of training.
        sentences: of 1 to 30 morphemes, of the development split (they choose) and of the test
            split (they judge).
        steps: of a training; None: as many as in the recipe `transformer`.
    """
    dev, test = (
        numerals.pairs(sentences, "en", "de", seed=4, lengths=range(1, 31), split=split)
        for split in ("dev", "test")
    )

    def row(name: str, seed: int) -> dict[str, Any]:
        model = trained(seed, work, steps)
        spread = heads.spread(model, encoded(model, test))
        means = heads.mean_reads(model, encoded(model, dev))
        return rounded(
            {
                "exact": exact(model, test),
                "aer": heads.errors(model, test),
                "attentions": {
                    path: {
                        "heads": spread[path],
                        **removed(model, attention, dev, test, means[path]),
                    }
                    for path, attention in heads.attentions(model).items()
                },
            }
        )

    told = {
        "recipe": "lecture_utils.recipes.heads_removed",
        **provenance(),
        "tested_on": f"{sentences} sentences of 1 to 30 morphemes, split test",
    }
    return run_all(output / "heads-removed.json", told, [MODEL], seeds, row)


if __name__ == "__main__":
    command_line(run, __doc__)
