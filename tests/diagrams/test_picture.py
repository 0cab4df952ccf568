"""The language of pictures: what it refuses, what it draws, and the motif of every chapter."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from lecture_utils import diagrams
from lecture_utils.diagrams import Arrow, Part, Step, motif

from .test_bound import PICTURES

ROOT = Path(__file__).resolve().parents[2]
BOX = Part("box", "operation", 100, 100, 50, 30, "box", says="a box")


@pytest.mark.parametrize("name", PICTURES)
def test_a_drawing_is_well_formed_and_all_its_words_are_legible(name: str) -> None:
    picture = PICTURES[name]
    root = ET.fromstring(picture.svg)
    assert root.get("viewBox") == f"0 0 640 {picture.height:g}"
    assert root.get("aria-label") == picture.title
    assert not [one for one in root.iter() if one.get("id")]
    sizes = [int(size) for size in re.findall(r"font(?:-size)?:(?:italic )?(\d+)px", picture.svg)]
    assert min(sizes) >= 12
    drawn = {one.get("data-part") for one in root.iter()} - {None}
    assert drawn == {part.name for part in picture.parts}


@pytest.mark.parametrize("name", PICTURES)
def test_the_sentences_spell_out_what_the_boxes_abbreviate(name: str) -> None:
    picture = PICTURES[name]
    told = f"{picture.title} {picture.description} " + " ".join(part.says for part in picture.parts)
    for part in picture.parts:
        for short in re.findall(r"\b[A-Z]{2,}\b", part.label):
            assert re.search(rf"[a-z]+ \({short}\)", told), f"{short} is not spelled out"


def test_a_version_hides_the_others() -> None:
    for version, other in (("rolled", "unrolled"), ("unrolled", "rolled")):
        drawing = diagrams.recurrent.drawn(version)
        hidden = set(re.findall(r'data-only="(\w+)" display="none"', drawing))
        assert hidden == {other}


def test_every_chapter_has_a_motif() -> None:
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    files = [one["file"] for part in toc["parts"] for one in part["chapters"]]
    chapters = [file.rpartition("/")[2] for file in files if file.count("/") == 2]
    assert len(chapters) >= 10
    drawings = {motif(chapter) for chapter in chapters}
    assert len(drawings) == len(chapters), "each lights another part"
    for drawing in drawings:
        assert ET.fromstring(drawing).get("aria-label")
    with pytest.raises(ValueError, match="'zebra' has no motif"):
        motif("zebra")


def test_what_cannot_be_drawn_is_refused() -> None:
    picture = diagrams.gru
    step = picture.steps[0]
    for changed, told in (
        ({"arrows": [Arrow("U.right", "zebra.left")]}, r"no parts \['zebra'\]"),
        ({"parts": [*picture.parts, BOX]}, r"no step is about \['box'\]"),
        ({"parts": [*picture.parts, picture.parts[0]]}, "two parts have one name"),
        ({"steps": [replace(step, frame=(0, 0, 400, 100))]}, "no step is about"),
        ({"steps": [*picture.steps, Step("x", (), (0, 0, 400, 90))]}, "too wide or lies outside"),
        ({"arrows": [Arrow("U.right", "W.left", only="zebra")]}, r"no versions \['zebra'\]"),
    ):
        with pytest.raises(ValueError, match=told):
            replace(picture, **changed)
    for changed, told in (
        ({"form": "cloud"}, "no such form"),
        ({"name": "a.b"}, "a dot in the name"),
        ({"says": ""}, "says nothing"),
        ({"example": ("a", "b")}, "2 examples for 1"),
    ):
        with pytest.raises(ValueError, match=told):
            replace(BOX, **changed)
    with pytest.raises(ValueError, match="no such way as 'magic'"):
        Arrow("U.right", "W.left", by="magic")
    with pytest.raises(ValueError, match="no side 'middle'"):
        BOX.side("middle")
