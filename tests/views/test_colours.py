"""Colours that everybody reads and tells apart, on white and on dark paper."""

from __future__ import annotations

import re
from itertools import combinations, pairwise

import matplotlib as mpl
import numpy as np
import pytest

from lecture_utils.views import COLOURS
from lecture_utils.views.colours import (
    COLOURS_ON_DARK,
    INKS,
    PAPERS,
    RAMP,
    ROLES,
    ROLES_ON_DARK,
    SIGNS,
    contrast,
    distance,
    lightness,
)
from tests.node import Node
from tests.pages import ROOT

APART = 20  # in CIELAB, to who tells two colours apart worst
TOGETHER = [
    ("plain RNN", "GRU", "LSTM"),
    ("fixed context", "attention", "memory network"),
    ("fixed context", "attention", "Transformer"),
]
"""Models that share a figure."""


def test_contrast_lightness_and_distance_are_the_known_ones() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert lightness("#ffffff") == pytest.approx(100, abs=0.01)
    assert lightness("#777777") == pytest.approx(50.0, abs=0.1)
    assert distance("#ff0000", "#ff0000") == 0
    assert distance("#c03000", "#5c7000") < 30 < distance("#c03000", "#0030c0"), "red and green"


@pytest.mark.parametrize("paper", [0, 1], ids=["light", "dark"])
def test_text_in_every_colour_can_be_read(paper: int) -> None:
    roles, models = (ROLES, ROLES_ON_DARK)[paper], (COLOURS, COLOURS_ON_DARK)[paper]
    for name, colour in {**roles, **models, "ink": INKS[paper]}.items():
        assert contrast(colour, PAPERS[paper]) >= 4.5, name


@pytest.mark.parametrize("models", [COLOURS, COLOURS_ON_DARK], ids=["light", "dark"])
def test_models_of_one_figure_are_told_apart(models: dict[str, str]) -> None:
    near = {
        (one, other): distance(models[one], models[other])
        for group in TOGETHER
        for one, other in combinations(group, 2)
    }
    assert {pair: round(far) for pair, far in near.items() if far < APART} == {}


def test_pages_have_the_same_colours() -> None:
    shared = ROOT / "lecture_utils" / "views" / "shared"
    told = (shared / "colours.css").read_text("utf-8")
    for name in ROLES:
        light, *dark = re.findall(rf"--{name}: (#\w+);", told)
        assert light == ROLES[name]
        assert set(dark) == {ROLES_ON_DARK[name]}
    on_dark = dict(
        re.findall(r"--on-(\w{6}): (#\w+);", (shared / "figures.css").read_text("utf-8"))
    )
    known = {ROLES[name]: ROLES_ON_DARK[name] for name in ROLES}
    known |= {COLOURS[name]: COLOURS_ON_DARK[name] for name in COLOURS}
    assert {light: on_dark.get(light[1:]) for light in known} == known


@pytest.mark.parametrize("paper", PAPERS, ids=["light", "dark"])
def test_more_weight_is_more_contrast(node: Node, paper: str) -> None:
    node.load("colours", "lecture_utils/views/shared/colours.js")
    rgb = [round(255 * part) for part in mpl.colors.to_rgb(paper)]
    palette = node.evaluate("(paper) => colours.palette(paper)", rgb)
    assert palette[0] == rgb
    drawn = [lightness(mpl.colors.to_hex([x / 255 for x in each])) for each in palette[::15]]
    steps = [abs(a - b) for a, b in pairwise(drawn)]
    assert sorted(drawn, reverse=paper == PAPERS[0]) == drawn
    assert min(steps) > 2
    assert max(steps) < 8


def test_pictures_and_pages_have_one_ramp_in_the_colour_of_the_address(node: Node) -> None:
    node.load("colours", "lecture_utils/views/shared/colours.js")
    page = np.array(node.evaluate("() => colours.palette([255, 255, 255])"))
    stored = mpl.colormaps["weights"](np.linspace(0, 1, 256))[:, :3]
    assert np.abs(page - 255 * stored).max() <= 3
    assert RAMP[3] == ROLES["query"]


@pytest.mark.parametrize("paper", PAPERS, ids=["light", "dark"])
def test_a_number_further_from_0_has_more_contrast_on_either_side(node: Node, paper: str) -> None:
    node.load("colours", "lecture_utils/views/shared/colours.js")
    rgb = [round(255 * part) for part in mpl.colors.to_rgb(paper)]
    signs = node.evaluate("(paper) => colours.signs(paper)", rgb)
    assert len(signs) == 255
    assert signs[127] == rgb, "0 is the paper's own"
    drawn = [lightness(mpl.colors.to_hex([x / 255 for x in each])) for each in signs]
    for side in (drawn[127::-1], drawn[127:]):
        assert sorted(side, reverse=paper == PAPERS[0]) == side
        assert abs(side[-1] - side[0]) > 60
    below, above = (mpl.colors.to_hex([x / 255 for x in signs[k]]) for k in (63, 191))
    assert distance(below, above) > APART, "the signs are told apart by all"
    assert distance(SIGNS[2], SIGNS[6]) > APART


def test_pictures_and_pages_have_the_same_colours_of_signs(node: Node) -> None:
    node.load("colours", "lecture_utils/views/shared/colours.js")
    page = np.array(node.evaluate("() => colours.signs([255, 255, 255])"))
    stored = mpl.colormaps["signed"](np.linspace(0, 1, 255))[:, :3]
    assert np.abs(page - 255 * stored).max() <= 3


def test_an_unknown_model_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(KeyError, match=r"no colour for 'gru'; there are plain RNN, GRU"):
        COLOURS["gru"]
