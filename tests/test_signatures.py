"""What the chapters say a class or a function of the package takes, held against its signature."""

from __future__ import annotations

import inspect
import re

import cells
import nbformat
import pytest

from lecture_utils.models.multi_head import MultiHead
from lecture_utils.models.transformer import transformer


def rows(chapter: str, begins: str) -> dict[str, list[str]]:
    """The rows of the table behind a text that begins so, by their first cell."""
    (path,) = (path for path in cells.notebooks() if path.stem == chapter)
    texts = [cell.source for cell in nbformat.read(path, as_version=4).cells]
    (text,) = (text[text.index(begins) :] for text in texts if begins in text)
    lines = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("|")]
    return {first: others for first, *others in lines[2:]}


def parameters(of: object) -> dict[str, inspect.Parameter]:
    return {k: v for k, v in inspect.signature(of).parameters.items() if k != "self"}


@pytest.mark.parametrize(
    ("chapter", "begins"),
    [
        ("multi_head_attention", "That is the package's `MultiHead`"),
        ("the_transformer", "Here `MultiHead` stands"),
    ],
)
def test_multi_head_takes_what_the_chapter_says(chapter: str, begins: str) -> None:
    told = dict(re.fullmatch(r"`([\w.]+)\((.*)\)`", row).groups() for row in rows(chapter, begins))
    whole = [
        name if one.default is one.empty else f"{name}={one.default}"
        for name, one in parameters(MultiHead).items()
    ]
    made = told.pop("MultiHead").split(", ")
    assert made in (whole, whole[: len(made)])
    methods = {"attention": "forward", "attention.project": "project", "attention.attend": "attend"}
    assert told
    for call, names in told.items():
        assert names.split(", ") == list(parameters(getattr(MultiHead, methods[call])))


def test_transformer_takes_what_the_chapter_says() -> None:
    told = rows("the_transformer", "`transformer` puts the parts together")
    names = [name for row in told for name in re.findall(r"`(\w+)`", row)]
    assert sorted(names) == sorted(parameters(transformer))
    defaults = {name: one.default for name, one in parameters(transformer).items()}
    sizes = ("features", "heads", "layers", "inner")
    (usual,) = (row[-1] for first, row in told.items() if "`features`" in first)
    assert usual == ", ".join(str(defaults[name]) for name in sizes)
    (kind,) = (row[-1] for first, row in told.items() if first == "`positions`")
    assert kind == f'`"{defaults["positions"]}"`'
    assert (defaults["dropout"], defaults["base"], defaults["most"]) == (0, 10_000, 128)
    assert not any(defaults[name] for name in ("norm_first", "tied", "bias", "size"))
