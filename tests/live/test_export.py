"""Exported models: what their files hold, and that they answer as torch at every length."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import onnx
import pytest
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from torch import Tensor, nn

from lecture_utils import live
from lecture_utils.addressing import Dot
from lecture_utils.live.graph import difference
from lecture_utils.live.sequence_to_sequence import KNOWN, encode, step
from lecture_utils.models.bahdanau import Attention
from lecture_utils.models.encoder_decoder import build, greedy
from lecture_utils.recording import record, trace
from tests.live import sizes, tiny

exporting = importlib.import_module("lecture_utils.live.export")  # `live.export` is the function
ROOT = Path(__file__).resolve().parents[2]
FLOAT, INT64, BOOL = (getattr(onnx.TensorProto, name) for name in ("FLOAT", "INT64", "BOOL"))
TOLD = {"metrics": {"exact": 0.5}, "seed": 3}


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, SimpleNamespace]]:
    """One model of each kind, exported once: its description and its folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTURE_MODELS", str(tmp_path_factory.mktemp("models")))
        yield {
            name: SimpleNamespace(
                kind=make(), folder=live.export(name.replace("_", "-"), make(), **TOLD)
            )
            for name, make in tiny.KINDS.items()
        }


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for exported models."""
    monkeypatch.setenv("LECTURE_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def apart(folder: Path, graph: str, inputs: dict[str, Tensor], wanted: dict[str, Tensor]) -> float:
    return difference((folder / f"{graph}.onnx").read_bytes(), inputs, wanted)


@pytest.mark.parametrize("name", ["sequences", "fixed", "place"])
@torch.no_grad()
def test_a_translation_step_by_step_is_torchs(exports, name: str) -> None:
    model, folder = exports[name].kind.model, exports[name].folder
    for length in (1, 2, 7, 30):  # 30 is more than a window
        source = torch.randint(4, 7, (1, length), generator=torch.manual_seed(length))
        encoded = encode(model, source)
        assert apart(folder, "encode", {"source": source}, encoded) < 1e-6
        given = encoded
        for token in greedy(model, source, limit=3)[0]:
            with record(model) as reads:
                made = step(model, token.view(1), **given)
            asked = {"token": token.view(1), **given}
            assert [*reads] == ([] if name == "fixed" else ["context.address"])
            weights = {"weights": reads["context.address"]} if reads else {}
            assert apart(folder, "step", asked, {**made, **weights}) < 1e-5
            after = {key.replace("next", "state"): made[key] for key in made if "next" in key}
            given = {**given, **after}


@torch.no_grad()
def test_a_transformer_step_by_step_is_torchs_with_all_its_heads(exports) -> None:
    model, folder = exports["heads"].kind.model, exports["heads"].folder
    for length in (1, 7):
        source = torch.randint(4, 7, (1, length), generator=torch.manual_seed(length))
        with record(model) as reads:
            given = encode(model, source)
        weights = torch.cat([*reads.values()])
        assert weights.shape == (2, 2, length, length)
        wanted = {**given, "weights": weights}
        assert apart(folder, "encode", {"source": source}, wanted) < 1e-6
        for written in range(4):  # the first step has an empty cache
            token = torch.tensor([1 + written])
            with record(model) as reads:
                made = step(model, token, **given)
            across = torch.cat([reads[f"decoder.layers.{i}.cross.address"] for i in range(2)])
            assert given["state_0"].shape == (1, 2, written, 4)
            wanted = {**made, "weights": across}
            assert apart(folder, "step", {"token": token, **given}, wanted) < 1e-5
            given |= {key.replace("next", "state"): made[key] for key in made if "next" in key}


@torch.no_grad()
def test_what_fills_a_picture_is_what_passes_its_places(exports) -> None:
    model, folder = exports["filling"].kind.model, exports["filling"].folder
    wanted = [place for place in tiny.PLACES if place not in KNOWN]
    source = torch.tensor([[4, 5, 6]])
    with trace(model, wanted) as flow:
        given = encode(model, source)
    read = {place: calls[0] for place, calls in flow.items()}
    assert apart(folder, "encode", {"source": source}, read) < 1e-6
    for written in range(4):
        token = torch.tensor([1 + written])
        with trace(model, [*wanted, *tiny.TOLD]) as flow:
            made = step(model, token, **given)
        here = {
            at: calls[0][0] if at == "decoder.layers.0" else calls[0] for at, calls in flow.items()
        }
        assert here["decoder.layers.0.attention.address"].shape == (1, 2, 1, written + 1)
        states = {f"said.{at}": model.decoder.logits(here[at])[:, 0] for at in tiny.TOLD}
        last = torch.equal(states["said.decoder.layers.1.add_feed_forward"], made["logits"])
        assert last, "the states behind the last layer say what the model says"
        here = {at: here[at] for at in wanted if at in here}
        assert apart(folder, "step", {"token": token, **given}, {**here, **states}) < 1e-5
        given |= {key.replace("next", "state"): made[key] for key in made if "next" in key}
    assert {*read, *here} == {*wanted}


def test_what_is_not_asked_for_is_not_there(exports) -> None:
    told = [
        json.loads((exports[name].folder / "model.json").read_text("utf-8")) for name in exports
    ]
    assert [name for name, one in zip(exports, told, strict=True) if "told" in one] == ["filling"]
    filling = told[[*exports].index("filling")]
    assert (filling["places"], filling["told"]) == ([*tiny.PLACES], [*tiny.TOLD])
    outputs = [
        value.name for value in onnx.load(exports["heads"].folder / "step.onnx").graph.output
    ]
    assert outputs == ["logits", *(f"next_{i}" for i in range(4)), "weights"]


def test_a_state_has_a_tensor_for_each_of_its_parts(exports) -> None:
    for name, parts in (("sequences", [8]), ("fixed", [8]), ("place", [8, 5])):
        state = encode(exports[name].kind.model, torch.tensor([[4, 5, 6, 4, 5]]))
        assert [state[key].shape[1] for key in state if "state" in key] == parts


@pytest.mark.parametrize("told", [1, 3, 5, 8])  # 8 is more than the memory holds
@torch.no_grad()
def test_a_story_is_answered_as_by_torch(exports, told: int) -> None:
    model, folder = exports["stories"].kind.model, exports["stories"].folder
    story = torch.randint(1, 6, (1, told, 4), generator=torch.manual_seed(told))
    question = torch.tensor([[1, 2, 3, 0]])
    sentences = torch.cat([torch.zeros(1, 4, dtype=torch.long), story[0]])
    with record(model) as reads:
        logits = model(sentences, torch.arange(1, told + 1)[None], question)
    weights = torch.cat([reads[f"hops.{k}.address"] for k in range(3)], dim=1)
    assert weights.shape == (1, 3, 5), "all slots of the memory"
    wanted = {"logits": logits, "weights": weights}
    assert apart(folder, "answer", {"story": story, "question": question}, wanted) < 1e-6


@pytest.mark.parametrize(("length", "slots"), [(1, 1), (5, 1), (1, 9), (7, 160)])
@torch.no_grad()
def test_a_question_to_the_knowledge_is_answered_as_by_torch(exports, length, slots) -> None:
    model, folder = exports["knowledge"].kind.model, exports["knowledge"].folder
    made = torch.manual_seed(slots)
    shapes = {"question": (1, length), "keys": (1, slots, 2), "values": (1, slots, 1)}
    asked = {key: torch.randint(0, 13, shape, generator=made) for key, shape in shapes.items()}
    candidates = torch.arange(9, 13).unsqueeze(1)  # the names, as values
    with record(model) as reads:
        scores = model(*asked.values(), torch.ones(1, slots, dtype=torch.bool), candidates)
    wanted = {"scores": scores, "weights": reads["address"]}
    assert apart(folder, "answer", asked, wanted) < 1e-5


def test_every_order_of_exports_gives_graphs_that_hold_for_every_size(exports) -> None:
    kinds = {"place": tiny.place(), "sequences": tiny.sequences()}
    # The fixture has exported all of them before.
    assert sizes.wrong_graphs(kinds, ["place", "sequences"]) == []


def test_a_sequence_of_all_pairs_holds_each_once() -> None:
    names = list("abcdef")
    order = sizes.all_pairs(names)
    assert sorted(pairwise(order)) == sorted((a, b) for a in names for b in names)


def test_model_json_tells_what_the_files_are(exports) -> None:
    for name, made in exports.items():
        told = json.loads((made.folder / "model.json").read_bytes().decode("utf-8"))
        kind = made.kind
        assert [*told][:4] == ["format", "name", "kind", "graphs"]
        assert (told["format"], told["name"], told["kind"]) == (2, name, kind.kind)
        assert {key: told[key] for key in kind.fields()} == kind.fields()
        assert (told["metrics"], told["seed"]) == (TOLD["metrics"], TOLD["seed"])
        assert "provenance" not in told
        files = {**told["graphs"], **{key: told[key] for key in kind.files()}}
        for key, file in files.items():
            data = (made.folder / file["file"]).read_bytes()
            assert file["file"].startswith(f"{key}.")
            assert file["bytes"] == len(data)
            assert file["sha256"] == hashlib.sha256(data).hexdigest()
        for key, content in kind.files().items():
            there = json.loads((made.folder / f"{key}.json").read_bytes().decode("utf-8"))
            assert there == json.loads(json.dumps(content))
        here = {file["file"] for file in files.values()} | {"model.json", "weights.safetensors"}
        assert {file.name for file in made.folder.iterdir()} == here


def test_a_reader_of_model_json_finds_every_number_that_it_needs(exports) -> None:
    told = json.loads((exports["place"].folder / "model.json").read_text("utf-8"))
    assert told["source"] == {"language": "en", "tokens": tiny.ENGLISH, "unknown": 3}
    assert told["target"] == {"language": "de", "tokens": tiny.GERMAN, "start": 1, "end": 2}
    assert told["limits"] == {"source": 9, "target": 12}
    values = {"source": {"one": 1, "two": 2}, "target": {"eins": 1, "zwei": 2, "ein": 1}}
    assert told["text"] == {"form": "numerals", "values": values, "largest": 99}
    told = json.loads((exports["stories"].folder / "model.json").read_text("utf-8"))
    assert (told["limits"], told["hops"]) == ({"slots": 5, "words": 4}, 3)
    assert told["tasks"] == {"1": "single-supporting-fact"}


def test_the_readers_model_stays_as_it_is(models: Path) -> None:
    model = tiny.knowledge_model().train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    random = torch.get_rng_state()
    live.export("m", tiny.knowledge(model=model), **TOLD)
    assert torch.equal(torch.get_rng_state(), random), "what comes next is drawn as without"
    assert model.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not any(module._forward_hooks for module in model.modules())


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_a_model_of_another_precision_is_exported_in_single(models: Path, dtype) -> None:
    model = tiny.knowledge_model().to(dtype)
    folder = live.export("m", tiny.knowledge(model=model), **TOLD)
    again = tiny.knowledge_model(seed=1)
    live.load_weights(again, folder / "weights.safetensors")
    for name, value in again.state_dict().items():
        assert torch.equal(value, model.state_dict()[name].float())


def test_a_model_that_mixed_precision_has_wrapped_is_exported(models: Path) -> None:
    model = tiny.knowledge_model()
    AcceleratorState._reset_state(reset_partial_state=True)
    try:
        Accelerator(cpu=True, mixed_precision="bf16").prepare(model)
    finally:
        AcceleratorState._reset_state(reset_partial_state=True)
    assert "forward" in vars(model), "the test proves nothing"
    folder = live.export("m", tiny.knowledge(model=model), **TOLD)
    graph = onnx.load(folder / "answer.onnx").graph
    assert {tensor.data_type for tensor in graph.initializer} <= {FLOAT, INT64, BOOL}
    assert "forward" in vars(model), "the reader's stays as it is"


def test_a_model_of_tied_weights_whose_keys_are_its_states_is_exported(models: Path) -> None:
    def tied(seed: int) -> nn.Module:
        torch.manual_seed(seed)
        model = build(Attention(Dot()), len(tiny.ENGLISH), len(tiny.GERMAN), 4, 8, 4)
        model.encoder.gru = nn.GRU(4, 4, batch_first=True, bidirectional=True)  # 2H = 8, a query
        model.decoder.first = nn.Linear(4, 8)
        model.decoder.cell = nn.GRUCell(4 + 8, 8)
        model.decoder.readout.C = nn.Linear(8, 8, bias=False)
        model.decoder.readout.W.weight = model.decoder.embed.weight
        return model.eval()

    model, again = tied(0), tied(1)
    folder = live.export("tied", tiny.sequences(model=model), **TOLD)
    source = torch.tensor([[4, 5, 6]])
    with torch.no_grad():
        wanted = encode(model, source)
    assert torch.equal(wanted["memory"], wanted["keys"])
    assert apart(folder, "encode", {"source": source}, wanted) < 1e-6
    live.load_weights(again, folder / "weights.safetensors")
    assert again.decoder.readout.W.weight is again.decoder.embed.weight
    assert torch.equal(again.decoder.embed.weight, model.decoder.embed.weight)


def test_nothing_is_written_of_what_a_page_cannot_load(models: Path, monkeypatch) -> None:
    monkeypatch.setattr(exporting, "onnx_graph", lambda *_: bytes(exporting.LARGEST + 1))
    with pytest.raises(ValueError, match="'big' has 1,000,001 bytes; a page loads 1,000,000 at"):
        live.export("big", tiny.knowledge(), **TOLD)
    monkeypatch.setattr(exporting, "onnx_graph", lambda *_: b"graph")
    for metrics in ({"exact": float("nan")}, {"exact": torch.ones(1)}):
        with pytest.raises(ValueError, match="metrics, seed and provenance must be finite"):
            live.export("big", tiny.knowledge(), metrics=metrics, seed=0)
    assert not models.exists()


@pytest.mark.parametrize("name", ["", "..", "../elsewhere", "a/b", "A", "a b", "-a", "é"])
def test_a_name_that_is_no_folder_of_its_own_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name is of small letters, digits and hyphens"):
        live.export(name, tiny.knowledge(), **TOLD)


def _environment(**other: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", **other}


def test_texts_are_utf8_on_a_machine_that_is_not(models: Path) -> None:
    code = """
import locale
from lecture_utils import live
from tests.live import tiny
assert locale.getpreferredencoding(False).lower() not in ("utf-8", "utf8"), "test proves nothing"
of = {"of": "\\u00d6sterreich"}
live.export("m", tiny.knowledge(), metrics={"gr\\u00f6\\u00dfte": 1}, seed=0, provenance=of)
"""
    # PYTHONCOERCECLOCALE: Python would otherwise make C a locale of UTF-8 by itself.
    ascii_only = _environment(PYTHONUTF8="0", PYTHONCOERCECLOCALE="0", LC_ALL="C", LANG="C")
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, env=ascii_only)
    for file in ("model.json", "knowledge.json"):
        data = (models / "m" / file).read_bytes()
        assert "São Tomé" in data.decode("utf-8")
        assert b"\r" not in data
    told = json.loads((models / "m" / "model.json").read_bytes().decode("utf-8"))
    assert told["metrics"] == {"größte": 1}
    assert told["provenance"] == {"of": "Österreich"}


def test_without_the_variable_models_go_to_a_folder_that_nobody_else_can_enter(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("LECTURE_MODELS", raising=False)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    exporting._temporary_folder.cache_clear()
    (tmp_path / "lecture-models").mkdir()  # somebody else's, made before
    try:
        folder = live.models_folder()
        assert folder == live.models_folder(), "the same in a session"
        assert folder.parent == tmp_path
        assert folder.name != "lecture-models"
        if os.name == "posix":
            assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    finally:
        exporting._temporary_folder.cache_clear()


def test_weights_come_back(exports) -> None:
    fresh = tiny.sequence_model(seed=1)
    live.load_weights(fresh, exports["sequences"].folder / "weights.safetensors")
    for name, value in exports["sequences"].kind.model.state_dict().items():
        assert torch.equal(fresh.state_dict()[name], value)


@pytest.mark.parametrize("kept", [0, 7, -3])
def test_damaged_weights_are_named_and_change_nothing(exports, tmp_path: Path, kept: int) -> None:
    whole = (exports["sequences"].folder / "weights.safetensors").read_bytes()
    path = tmp_path / "weights.safetensors"
    path.write_bytes(whole[:kept])
    model = tiny.sequence_model(seed=1)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(ValueError, match=r"weights .*weights\.safetensors cannot be read"):
        live.load_weights(model, path)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_weights_of_another_model_are_refused(exports) -> None:
    with pytest.raises(ValueError, match="belong to another model"):
        live.load_weights(tiny.story_model(), exports["sequences"].folder / "weights.safetensors")
