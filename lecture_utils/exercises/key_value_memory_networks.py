"""The checks of the chapter on key-value memory networks."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from lecture_utils.exercises.check import Stub, close, exercise, numbers, tensor


@exercise("rare words find their slots, frequent words find none")
def slots_by_word(answer: Callable[..., dict[str, list[int]]]) -> None:
    """``answer(keys, frequent)``: for each word the slots whose key has it, if at most `frequent`.

    ``keys`` is a list of lists of words.
    """
    keys = [["who", "wrote", "Emma"], ["who", "read", "Emma", "Emma"], ["who", "slept"]]
    given = answer(keys, 2)
    if given is None:
        raise Stub
    assert isinstance(given, dict), "return a dict: word -> slots"
    found = {word: list(slots) for word, slots in given.items() if list(slots)}
    assert "who" not in found, "'who' is in three keys and 2 are allowed: leave it out"
    emma = found.get("Emma")
    assert emma != [0, 1, 1], "a word that is twice in one key still finds this slot once"
    assert emma == [0, 1], f"'Emma' is in the keys 0 and 1; yours finds {emma}"
    wanted = {"wrote": [0], "Emma": [0, 1], "read": [1], "slept": [2]}
    assert found == wanted, f"wanted {wanted}; yours is {found}"
    assert "who" in answer(keys, 3), "with `frequent` 3, 'who' is allowed: count slots, use <="


@exercise("found by the key, answered by the value")
def key_value_hop(answer: Callable[..., Tensor]) -> None:
    """``answer(q, keys, values, R)``: the query after one hop, (D,).

    ``q`` is (D,), ``keys`` and ``values`` are (N, D), ``R`` is (D, D).
    """
    q, keys, values = numbers(4), numbers(5, 4, seed=1), numbers(5, 4, seed=2)
    R = numbers(4, 4, seed=3)
    weights = torch.softmax(keys @ q, 0)
    given = tensor(answer(q, keys, values, R), (4,), "the new query")
    for wrong, hint in (
        (R @ (q + weights @ keys), "you read the keys; address the keys, read the values"),
        (weights @ values, "this is what was read, o; the new query is R (q + o)"),
        (R @ (weights @ values), "the old query is lost; add it to what was read"),
        (q + weights @ values, "q + o is right; now multiply by R"),
        (R.T @ (q + weights @ values), "this is the transposed R; R (q + o) is R @ (q + o)"),
    ):
        if torch.allclose(given, wrong, atol=1e-5):
            raise AssertionError(hint)
    close(given, R @ (q + weights @ values), "weights are softmax(keys @ q), over the slots")


@exercise("a slot for each name: the words around it find it")
def windows(answer: Callable[..., list[tuple[list[str], str]]]) -> None:
    """``answer(words, names, reach)``: pairs (window, centre), one for each name among the words.

    The window holds the centre and up to ``reach`` words on each side.
    """
    words = ["Lima", "is", "the", "capital", "of", "Peru", "since", "1821"]
    names = {"Lima", "Peru"}
    given = answer(words, names, 2)
    if given is None:
        raise Stub
    given = [(list(window), centre) for window, centre in given]
    centres = [centre for _, centre in given]
    assert centres == ["Lima", "Peru"], f"the centres are Lima and Peru, in order; not {centres}"
    assert given[1][0] != ["capital", "of", "since", "1821"], "the centre belongs to its window"
    assert given[0][0] == ["Lima", "is", "the"], (
        f"at the beginning the window is cut, not wrapped: Lima is the; yours is {given[0][0]}"
    )
    wanted = ["capital", "of", "Peru", "since", "1821"]
    assert given[1][0] == wanted, f"the window of Peru is {wanted}; yours is {given[1][0]}"
    twice = answer(["Peru", "and", "Lima", "and", "Peru"], names, 1)
    wanted = [["Peru", "and"], ["and", "Lima", "and"], ["and", "Peru"]]
    got = [list(window) for window, _ in twice]
    assert got == wanted, f"reach 1, and a name that comes twice: {wanted}; yours are {got}"
