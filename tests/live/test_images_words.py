"""The page's images are the package's: from a drawing to what the network is shown."""

from __future__ import annotations

import numpy as np
import pytest

from lecture_utils.data import digits
from tests.node import Node

SPEC = {"channels": 1, "size": [28, 28], "box": 20}


@pytest.fixture(scope="module")
def page(node: Node) -> Node:
    """What the page runs, in Node.js."""
    node.load("images", "lecture_utils/live/images.js")
    return node


def drawings() -> list[np.ndarray]:
    """Digits of MNIST anywhere on a pad, lines, dots, and the whole pad full."""
    made = np.random.default_rng(0)
    found = []
    for one in digits.load("dev").images[:60, 0].numpy():
        pad = np.zeros((112, 112))
        times = int(made.integers(1, 5))
        y, x = made.integers(0, 113 - 28 * times, size=2)
        pad[y : y + 28 * times, x : x + 28 * times] = np.kron(one, np.ones((times, times)))
        found.append(pad)
    noise = [made.integers(0, 256, (30, 50)) * (made.random((30, 50)) < 0.01) / 255] * 5
    dot, line = np.zeros((112, 112)), np.zeros((112, 112))
    dot[111, 0], line[50, 3:90] = 1, 0.5
    return [*found, *noise, dot, line, np.ones((112, 112)), np.eye(112)]


def levels(drawing: np.ndarray) -> list[int]:
    """As a view sends it."""
    return np.rint(255 * drawing).astype(int).ravel().tolist()


def test_a_drawing_becomes_the_same_image(page: Node) -> None:
    looked = drawings()
    assert len(looked) == 69
    for drawing in looked:
        asked = {"levels": levels(drawing), "shape": drawing.shape, "spec": SPEC}
        part, image = page.evaluate(
            "({ levels, shape, spec }) => { const part = images.frame(levels, shape, spec);"
            "return [part, [...images.framed(levels, [1, ...shape], part, spec.size)]] }",
            asked,
        )
        assert part == list(digits.frame(drawing))
        wanted = digits.centred(drawing).numpy().ravel()
        assert np.abs(np.array(image) - wanted).max() < 1e-6


def test_what_is_not_normalised_is_the_mean_of_squares(page: Node) -> None:
    for drawing in drawings()[:20]:
        image = page.evaluate(
            "(levels) => [...images.framed(levels, [1, 112, 112], [0, 0, 4], [28, 28])]",
            levels(drawing),
        )
        wanted = digits.framed(drawing, digits.Frame(0, 0, 4)).numpy().ravel()
        assert np.abs(np.array(image) - wanted).max() < 1e-6


def test_each_channel_is_framed_by_itself(page: Node) -> None:
    three = np.random.default_rng(1).integers(0, 256, (3, 8, 8))
    image = page.evaluate(
        "(levels) => [...images.framed(levels, [3, 8, 8], [0, 0, 2], [4, 4])]",
        three.ravel().tolist(),
    )
    means = three.reshape(3, 4, 2, 4, 2).mean(axis=(2, 4)) / 255
    assert np.array(image) == pytest.approx(means.ravel(), abs=1e-6)


FITS = {"labels": ["a"], "size": [28, 28], "channels": 1, "places": {}, "values": [0, 1]}


def test_a_description_that_is_none_is_not_taken(page: Node) -> None:
    assert page.evaluate("(spec) => !!images.fits(spec)", FITS)
    for field in FITS:
        assert not page.evaluate("(spec) => !!images.fits(spec)", {**FITS, field: None}), field
