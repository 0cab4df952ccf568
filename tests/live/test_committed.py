"""The exported models that stand in the book: they are what their description says, as torch."""

from __future__ import annotations

import hashlib

import onnx
import pytest
import torch

from lecture_utils.live.export import FORMAT, LARGEST
from lecture_utils.live.graph import difference
from tests.live.committed import MODELS, NAMES, kind, told

BOOK = {
    *("numerals-en-de", "numerals-en-de-fixed", "numerals-en-de-place", "numerals-en-de-heads"),
    *("numerals-en-de-scattered", "numerals-en-de-paper", "babi", "three-facts"),
    *("digits", "residual", "cue", "same", "hourglass"),
    *("bam", "bam-no-channel", "bam-no-spatial"),
}


def test_the_book_has_its_models() -> None:
    assert {*NAMES} == BOOK | {"facts"}


@pytest.mark.parametrize("name", NAMES)
def test_a_committed_model_answers_as_torch(name: str) -> None:
    for key, graph in kind(name).graphs().items():
        data = (MODELS / name / f"{key}.onnx").read_bytes()
        module = graph.recorded()
        for n in (1, 7, 50):
            given = graph.example(**{size: n + i for i, size in enumerate(graph.sizes)})
            with torch.no_grad():
                wanted = module(*given.values())
            assert difference(data, given, wanted) <= 1e-4, f"{key} at {n}"


@pytest.mark.parametrize("name", NAMES)
def test_a_committed_description_is_what_its_kind_says(name: str) -> None:
    about, made = told(name), kind(name)
    head = {"format": FORMAT, "name": name, "kind": made.kind}
    assert {key: about[key] for key in head} == head
    assert {key: about[key] for key in made.fields()} == made.fields()
    known = {*head, "graphs", *made.fields(), *made.files(), "metrics", "seed", "provenance"}
    assert {*about} <= known
    files = {**about["graphs"], **{key: about[key] for key in made.files()}}
    for file in files.values():
        data = (MODELS / name / file["file"]).read_bytes()
        assert (file["bytes"], file["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert sum(file["bytes"] for file in about["graphs"].values()) <= LARGEST
    here = {file["file"] for file in files.values()} | {"model.json", "weights.safetensors"}
    assert {file.name for file in (MODELS / name).iterdir()} == here


@pytest.mark.parametrize("name", NAMES)
def test_only_named_sizes_vary(name: str) -> None:
    for key in told(name)["graphs"]:
        graph = onnx.load(MODELS / name / f"{key}.onnx").graph
        named = {
            d.dim_param
            for value in (*graph.input, *graph.output)
            for d in value.type.tensor_type.shape.dim
        }
        assert named <= {"", "S", "T", "T + 1", "N", "B"}
        assert named != {""}, "no size varies"
