"""The recipe of two places at once: what its variants are, and what is written."""

from __future__ import annotations

import json

import pytest

from lecture_utils import recipes
from lecture_utils.recipes import two_places as recipe
from lecture_utils.tasks.two_places import question_batches


@pytest.mark.parametrize(("name", "variant"), recipe.VARIANTS.items())
def test_variants_are_what_their_names_say(name, variant):
    numbers = [word.replace(",", "") for word in name.replace(", ", " ").split()]
    assert int(numbers[0]) == variant.heads
    assert int(numbers[numbers.index("=") + 1]) == variant.size
    assert variant.steps == (int(numbers[-2]) if numbers[-1] == "steps" else recipe.STEPS)


def test_a_row_tells_the_better_digit_and_the_other(tmp_path, monkeypatch):
    judged = iter([(0.1, 0.2, 0.05), (0.3, 0.9, 0.25)])  # while it is trained, and after it
    monkeypatch.setattr(recipe, "told", lambda model, rows: next(judged))
    told = recipe.run(tmp_path, (7,), {"one": recipe.Variant(1, 4, steps=2)})
    weights = 18 * 32 + 16 * 32 + 4 * 4 * 32 + 32 * 20 + 20  # tables, matrices, readout
    row = {"seed": 7, "weights": weights, "better": 0.9, "other": 0.3, "both": 0.25, "most": 0.05}
    assert told["variants"] == {"one": [row]}
    monkeypatch.setattr(recipes, "RESULTS", tmp_path)
    assert recipes.results("two-places") == json.loads(json.dumps(told))


def test_what_judges_is_neither_trained_on_nor_what_chooses():
    dev, test = (next(question_batches(6, of, 2000)) for of in (1_000_001, 2_000_002))
    trained = next(question_batches(6, 0, 2000))
    rows = [
        {(*a, *b, *c) for a, b, c in zip(*(part.tolist() for part in asked[:3]), strict=True)}
        for asked in (trained, dev, test)
    ]
    assert not rows[2] & (rows[0] | rows[1])
