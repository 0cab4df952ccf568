"""Exported models: what torch answers, at every length; what a page may load."""

import hashlib
import json

import numpy as np
import onnxruntime
import pytest
import torch

from lecture_utils import live
from lecture_utils.models.bahdanau import bahdanau
from lecture_utils.models.encoder_decoder import FixedContext, build, sequence_graphs
from lecture_utils.models.kv_memnn import KVMemNN, answer_graph
from lecture_utils.models.location import location_sensitive

SIZES = dict(source_size=12, target_size=9, embedding_size=6, hidden_size=8, maxout_size=4)


def fixed(**sizes):
    return build(FixedContext(), **sizes)


@pytest.fixture(params=[bahdanau, fixed, location_sensitive], ids=lambda kind: kind.__name__)
def exported(request, tmp_path, monkeypatch):
    monkeypatch.setenv("LECTURE_MODELS", str(tmp_path))
    torch.manual_seed(0)
    model = request.param(**SIZES).eval()
    return model, live.export("tiny", model, sequence_graphs(model), {"kind": "seq2seq", "seed": 0})


@torch.no_grad()
def test_the_graphs_answer_as_torch_at_every_length(exported):
    model, folder = exported
    encode, step = (
        onnxruntime.InferenceSession(folder / f"{part}.onnx") for part in ("encode", "step")
    )
    for length in (1, 2, 7, 30):  # 30 is more than a window
        source = torch.randint(4, 12, (1, length), generator=torch.manual_seed(length))
        memory, keys, state = encode.run(None, {"source": source.numpy()})
        here, first = model.encode(source)
        np.testing.assert_allclose(memory, here.states, atol=1e-6)
        np.testing.assert_allclose(state, torch.cat(first, dim=-1), atol=1e-6)
        given = {"token": np.array([3]), "state": state, "memory": memory, "keys": keys}
        logits, following, weights = step.run(None, given)
        wanted, after = model.step(torch.tensor([3]), first, here)
        np.testing.assert_allclose(logits, wanted, atol=1e-6)
        np.testing.assert_allclose(following, torch.cat(after, dim=-1), atol=1e-6)
        if len(after) > 1:
            np.testing.assert_allclose(weights, after[1], atol=1e-6)
        given |= {"token": np.array([4]), "state": following}
        wanted, _ = model.step(torch.tensor([4]), after, here)
        np.testing.assert_allclose(step.run(None, given)[0], wanted, atol=1e-6)


@torch.no_grad()
def test_the_graph_of_a_key_value_network_answers_as_torch_for_every_question(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("LECTURE_MODELS", str(tmp_path))
    torch.manual_seed(0)
    model = KVMemNN(30, features=8, drawn=20).eval()
    candidates = torch.arange(20, 30).unsqueeze(1)
    graphs = answer_graph(model, candidates)
    folder = live.export("tiny", model, graphs, {}, files={"knowledge": {"slots": [["é", "b"]]}})
    session = onnxruntime.InferenceSession(folder / "answer.onnx")
    for length, slots in ((1, 1), (5, 1), (1, 9), (7, 160)):
        made = torch.manual_seed(slots)
        asked = [
            torch.randint(0, 30, shape, generator=made)  # 0: a word without a number
            for shape in ((1, length), (1, slots, 2), (1, slots, 1))
        ]
        given = dict(zip(("question", "keys", "values"), asked, strict=True))
        scores, weights = session.run(None, {name: part.numpy() for name, part in given.items()})
        mask = torch.ones(1, slots, dtype=torch.bool)
        np.testing.assert_allclose(scores, model(*asked, mask, candidates), atol=1e-5)
        assert weights.shape == (1, 2, slots)
        np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=1e-5)
    told = json.loads((folder / "model.json").read_text())["knowledge"]
    data = (folder / told["file"]).read_bytes()
    assert (told["bytes"], json.loads(data)) == (len(data), {"slots": [["é", "b"]]})


def test_model_json_tells_what_the_files_are(exported):
    _, folder = exported
    told = json.loads((folder / "model.json").read_text())
    assert (told["format"], told["name"], told["kind"]) == (1, "tiny", "seq2seq")
    for name, file in told["graphs"].items():
        data = (folder / file["file"]).read_bytes()
        assert file["file"] == f"{name}.onnx"
        assert file["bytes"] == len(data)
        assert file["sha256"] == hashlib.sha256(data).hexdigest()
        assert b"/home" not in data
        assert b"site-packages" not in data


def test_what_a_page_cannot_load_is_refused(exported, monkeypatch):
    model, _ = exported
    monkeypatch.setattr(live, "LARGEST", 100)
    with pytest.raises(ValueError, match=r"'tiny' has [\d,]+ bytes; a page loads 100 at most"):
        live.export("tiny", model, sequence_graphs(model), {})


def test_an_output_needs_a_name_of_its_own(exported):
    model, _ = exported
    graphs = sequence_graphs(model)
    graphs["step"]["outputs"] = ["logits", "state", "weights"]
    with pytest.raises(ValueError, match=r"also inputs: \['state'\]"):
        live.export("tiny", model, graphs, {})


def test_without_the_variable_models_go_to_a_temporary_folder(monkeypatch):
    monkeypatch.delenv("LECTURE_MODELS", raising=False)
    assert live.models_folder().name == "lecture-models"


def test_weights_come_back(exported, request):
    model, folder = exported
    fresh = request.node.callspec.params["exported"](**SIZES)
    live.load_weights(fresh, folder / "weights.safetensors")
    for name, value in model.state_dict().items():
        assert torch.equal(fresh.state_dict()[name], value)


@pytest.mark.parametrize("kept", [0, 7, -3])
def test_damaged_weights_are_named_and_change_nothing(exported, kept):
    model, folder = exported
    path = folder / "weights.safetensors"
    path.write_bytes(path.read_bytes()[:kept])
    before = {name: value.clone() for name, value in model.state_dict().items()}
    with pytest.raises(ValueError, match=r"weights .*weights\.safetensors cannot be read"):
        live.load_weights(model, path)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_weights_of_another_model_are_refused(exported):
    _, folder = exported
    with pytest.raises(ValueError, match="belong to another model"):
        live.load_weights(bahdanau(12, 10), folder / "weights.safetensors")
