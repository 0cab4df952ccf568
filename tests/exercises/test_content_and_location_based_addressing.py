"""What the checks of ``content_and_location_based_addressing`` say of typical mistakes."""

import pytest
import torch

from tests.exercises.chapters import SOLUTIONS, told

place_features = SOLUTIONS["place_features"]
window_around_median = SOLUTIONS["window_around_median"]

MISTAKES = [
    ("change_of_a_shift", lambda w: w.roll(1, dims=-1), "the new address"),
    ("change_of_a_shift", lambda w: w.roll(-1, dims=-1) - w, "one slot back"),
    ("change_of_a_shift", lambda w: torch.nn.functional.pad(w, (1, -1)) - w, "sum to 0"),
    ("change_of_a_shift", lambda w: w.roll(2, dims=-1) - w, "slot i gains"),
    ("place_features", lambda p, f: place_features(p, f.flip(-1)), "turned round"),
    ("place_features", lambda p, f: place_features(p.roll(1), f), "slot j itself"),
    (
        "place_features",
        lambda p, f: torch.nn.functional.pad(p, (2, 2)).unfold(0, f.shape[1], 1)[:6] @ f.T,
        "slot j itself",
    ),
    (
        "place_features",
        lambda p, f: torch.cat([p[-2:], p, p[:2]]).unfold(0, 5, 1) @ f.T,
        "in a circle",
    ),
    ("window_around_median", lambda p, r: window_around_median(p, r).float(), "must be bool"),
    ("window_around_median", lambda p, r: window_around_median(p, r + 1), "row 0: the window"),
    ("window_around_median", lambda p, r: window_around_median(p, 1), "holds all six"),
    (
        "window_around_median",
        lambda p, r: (torch.arange(6) - (p.cumsum(-1) <= 0.5).sum(-1, keepdim=True)).abs() <= r,
        "row 3: the window",
    ),
    (
        "window_around_median",
        lambda p, r: (torch.arange(6) - p.argmax(-1, keepdim=True)).abs() <= r,
        "the largest weight",
    ),
]


@pytest.mark.parametrize(("check", "mistake", "word"), MISTAKES)
def test_a_mistake_is_told_in_words(check, mistake, word):
    assert word in told(check, mistake)
