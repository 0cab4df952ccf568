"""Where the camera of a picture stands, in Node.js."""

from __future__ import annotations

import numpy as np
import pytest

from tests.node import Node

PLACED = "({ frame, long, size, drawn }) => camera.placed(frame, long, size, drawn)"
SIZE = [0, 0, 640, 420]


@pytest.fixture(scope="module")
def camera(node: Node) -> Node:
    """The module, in Node.js."""
    node.load("camera", "lecture_utils/views/diagram/camera.js")
    return node


def boxes(*given: tuple[float, ...], lit: tuple[int, ...] = ()) -> list[dict]:
    return [{"box": list(box), "lit": i in lit} for i, box in enumerate(given)]


def placed(camera: Node, frame: list[float], long: list[float], drawn: list[dict]) -> list[float]:
    given = {"frame": frame, "long": long, "size": SIZE, "drawn": drawn}
    return camera.evaluate(PLACED, given)


def test_a_view_moves_until_it_cuts_nothing(camera: Node) -> None:
    frame, long = [200, 100, 300, 200], [500, 300]
    assert placed(camera, frame, long, []) == [0, 0, *long], "the upper left one of equal ones"
    word = (480, 120, 60, 20)  # the left view would run through it
    assert placed(camera, frame, long, boxes(word)) == [40, 0, *long]
    both = boxes(word, (20, 10, 40, 20))
    assert placed(camera, frame, long, both)[0] == 60, "it begins where the first word ends"


def test_what_the_step_is_about_counts_more_than_what_it_is_not(camera: Node) -> None:
    frame, long = [100, 0, 300, 400], [500, 420]
    first, last = (0, 0, 50, 20), (490, 0, 100, 20)
    for lit, at in (((0,), 0), ((1,), 90)):
        assert placed(camera, frame, long, boxes(first, last, lit=lit))[0] == at
    strangers = [(95 - i, 40 * i, 20, 20) for i in range(1, 4)]
    left = placed(camera, frame, long, boxes(first, *strangers, lit=(0,)))[0]
    assert left == 0, "three strangers are less than what is lit"


def test_the_frame_is_seen_whatever_is_drawn_and_the_picture_is_not_left(camera: Node) -> None:
    made = np.random.default_rng(0)
    for _ in range(200):
        across, high = made.integers(100, 640), made.integers(100, 420)
        x, y = made.integers(0, 641 - across), made.integers(0, 421 - high)
        long = [int(made.integers(across, 641)), int(made.integers(high, 421))]
        drawn = [
            {"box": [*made.integers(0, 600, 2).tolist(), 40, 20], "lit": bool(made.random() < 0.3)}
            for _ in range(made.integers(0, 12))
        ]
        frame = [int(n) for n in (x, y, across, high)]
        left, top, wide, tall = placed(camera, frame, long, drawn)
        assert [wide, tall] == long
        assert 0 <= left <= x <= x + across <= left + wide <= 640
        assert 0 <= top <= y <= y + high <= top + tall <= 420


@pytest.mark.parametrize(
    ("box", "cut"),
    [
        ((10, 10, 20, 20), False),
        ((90, 10, 20, 20), True),
        ((-10, 10, 120, 20), True),
        ((100, 10, 20, 20), False),
        ((-20, 10, 20, 20), False),
        ((40, 95, 20, 20), True),
        ((40, 100, 20, 20), False),
    ],
)
def test_a_box_is_cut_where_an_edge_runs_through_it(camera: Node, box: tuple, cut: bool) -> None:
    assert camera.evaluate("box => camera.cuts([0, 0, 100, 100], box)", list(box)) == cut
