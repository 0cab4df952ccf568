"""The style of the book's figures, and the labels at the ends of their lines."""

from __future__ import annotations

import io
from collections.abc import Iterator

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from lecture_utils.views import COLOURS, figure_style, label_ends
from lecture_utils.views.figures import OKABE_ITO, apart


@pytest.fixture
def ax() -> Iterator[Axes]:
    """Axes in the book's style."""
    with mpl.rc_context():
        figure_style()
        figure, axes = plt.subplots()
        yield axes
        plt.close(figure)


def labels(ax: Axes) -> dict[str, Bbox]:
    """Where each label is drawn, in pixels."""
    ax.figure.draw_without_rendering()
    return {text.get_text(): text.get_window_extent() for text in ax.texts}


def test_series_differ_in_colour_and_in_marker(ax: Axes) -> None:
    lines = [ax.plot([0, 1])[0] for _ in range(len(OKABE_ITO))]
    assert [line.get_color() for line in lines] == list(OKABE_ITO)
    assert len({line.get_marker() for line in lines}) == len(OKABE_ITO)


def test_a_figure_is_the_same_svg_at_every_run_and_its_words_are_text(ax: Axes) -> None:
    ax.plot([0, 1], label="a line")
    ax.set(xlabel="step & step")
    written = []
    for _ in range(2):
        buffer = io.StringIO()
        ax.figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        written.append(buffer.getvalue())
    assert written[0] == written[1]
    assert "step &amp; step</text>" in written[0]


def test_labels_stand_at_the_ends_in_their_colours_and_apart(ax: Axes) -> None:
    for name, end in (("attention", 0.99), ("fixed context", 0.5), ("GRU", 0.985), ("LSTM", 0.98)):
        ax.plot([5, 10, 20, 30], [1, 0.9, np.nan, end], label=name, color=COLOURS[name])
    ax.plot([5, 30], [0.2, 0.2])  # without a label
    ax.axhline(0.1, label="guessing")
    ax.axvline(20, label="longest in training")
    ax.set(ylim=(0, 1.05))
    label_ends(ax)
    boxes = labels(ax)
    assert len(boxes) == 6
    right = ax.get_window_extent().x1
    line = boxes.pop("longest in training")
    assert line.y0 > ax.get_window_extent().y1, "above its line"
    for name, box in boxes.items():
        assert box.x0 > right - 40, name
        assert box.x1 <= ax.figure.bbox.x1, f"{name} is cut"
        others = [other for key, other in boxes.items() if key != name]
        assert not any(box.overlaps(other) for other in others), name
    assert boxes["attention"].y0 > boxes["GRU"].y0 > boxes["LSTM"].y0
    assert {t.get_text(): t.get_color() for t in ax.texts}["attention"] == COLOURS["attention"]
    assert list(ax.get_xticks()) == [5, 10, 20, 30]


def test_ticks_that_somebody_set_or_that_are_many_stay(ax: Axes) -> None:
    ax.plot(range(30), label="many")
    before = list(ax.get_xticks())
    label_ends(ax)
    assert list(ax.get_xticks()) == before
    ax.clear()
    ax.plot([1, 2, 3], [1, 2, 3], label="few")
    ax.set_xticks([1, 3])
    label_ends(ax)
    assert list(ax.get_xticks()) == [1, 3]


def test_what_is_pushed_apart_moves_little_and_keeps_its_order() -> None:
    assert apart([0, 10, 20], 5) == [0, 10, 20]
    assert apart([10, 0, 1], 5) == [10, -2, 3]
    assert apart([1, 1, 1], 2) == [-1, 1, 3]
    assert apart([], 2) == []


def test_labels_need_axes_and_lines() -> None:
    with pytest.raises(ValueError, match=r"^ax: pass the axes"):
        label_ends(3)
    figure = plt.figure()
    with pytest.raises(ValueError, match=r"^ax: none of its lines has a label"):
        label_ends(figure.subplots())
    plt.close(figure)
