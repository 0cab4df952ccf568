"""A seq2seq model small enough to know by heart, exported as the page expects it.

It writes down, for each source word, one fixed target word, with most weight on that word and the
rest even over all; then it ends. `wrong` words are translated wrongly, so that the read-back can
be seen to notice.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from lecture_utils.data.numerals import VALUES
from lecture_utils.data.pairs import SPECIALS

END = 2
SHARP = 0.9
_FLOAT, _INT = TensorProto.FLOAT, TensorProto.INT64


def _words(language: str) -> list[str]:
    return [*SPECIALS, ",", *VALUES[language]]


def _dictionary(wrong: dict[str, str]) -> np.ndarray:
    """(source words, target words): 1 where a source word becomes a target word."""
    source, target = _words("en"), _words("de")
    table = np.zeros((len(source), len(target)), dtype=np.float32)
    by_value = {value: word for word, value in reversed(VALUES["de"].items())}
    for i, word in enumerate(source):
        meant = "," if word == "," else by_value.get(VALUES["en"].get(word, -1), "<unknown>")
        table[i, target.index(wrong.get(word, meant))] = 1
    return table


def _model(name: str, nodes: list, inputs: list, outputs: list, constants: dict) -> bytes:
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info(*each) for each in inputs],
        [helper.make_tensor_value_info(*each) for each in outputs],
        [
            numpy_helper.from_array(np.asarray(value), key)
            for key, value in constants.items()
            if any(key in node.input for node in nodes)
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return model.SerializeToString()


def _encode(size: int) -> bytes:
    node = helper.make_node
    return _model(
        "encode",
        [
            node("OneHot", ["source", "depth", "ends"], ["memory"]),
            node("Identity", ["memory"], ["keys"]),
            node("Identity", ["zero"], ["state_0"]),
        ],
        [("source", _INT, [1, "S"])],
        [
            ("memory", _FLOAT, [1, "S", size]),
            ("keys", _FLOAT, [1, "S", size]),
            ("state_0", _FLOAT, [1, 1]),
        ],
        {
            "depth": np.int64(size),
            "ends": np.array([0, 1], dtype=np.float32),
            "zero": np.zeros((1, 1), dtype=np.float32),
        },
    )


def _step(table: np.ndarray, *, attention: bool) -> bytes:
    """The state counts words; past the last one, no word is read and `END` wins."""
    node = helper.make_node
    source, target = table.shape
    told = "sharp" if attention else "none"
    inputs = [
        ("token", _INT, [1]),
        ("state_0", _FLOAT, [1, 1]),
        ("memory", _FLOAT, [1, "S", source]),
    ]
    if attention:  # an exporter drops an input that nothing reads
        inputs.append(("keys", _FLOAT, [1, "S", source]))
    bias = np.zeros((1, target), dtype=np.float32)
    bias[0, END] = 4
    return _model(
        "step",
        [
            node("ReduceSum", ["memory", "last"], ["ones"], keepdims=0),  # (1, S) of 1
            node("CumSum", ["ones", "axis"], ["count"]),  # 1, 2, ... S
            node("Add", ["state_0", "unit"], ["next_0"]),
            node("Equal", ["count", "next_0"], ["here"]),
            node("Cast", ["here"], ["hit"], to=_FLOAT),
            node("Unsqueeze", ["hit", "axis"], ["row"]),
            node("MatMul", ["row", "memory"], ["read"]),
            node("Squeeze", ["read", "axis"], ["word"]),
            node("MatMul", ["word", "table"], ["score"]),
            node("Add", ["score", "bias"], ["logits"]),
            node("ReduceMean", ["ones"], ["one"], axes=[1], keepdims=1),
            node("ReduceSum", ["ones", "axis"], ["length"], keepdims=1),
            node("Div", ["one", "length"], ["even"]),
            node("Mul", ["even", "flat"], ["rest"]),
            node("Mul", ["hit", told], ["most"]),
            node("Mul", ["ones", "rest"], ["spread"]),
            node("Add", ["most", "spread"], ["flat_weights"]),
            node("Unsqueeze", ["flat_weights", "axis"], ["weights"]),
        ],
        inputs,
        [
            ("logits", _FLOAT, [1, target]),
            ("next_0", _FLOAT, [1, 1]),
            *([("weights", _FLOAT, [1, 1, "S"])] if attention else []),
        ],
        {
            "last": np.array([2]),
            "axis": np.array([1]),
            "unit": np.ones((1, 1), dtype=np.float32),
            "table": table * 9,
            "bias": bias,
            "sharp": np.float32(SHARP),
            "none": np.float32(0),
            "flat": np.float32(1 - SHARP if attention else 0),
        },
    )


def export(
    folder: Path, name: str, *, attention: bool = True, wrong: dict[str, str] | None = None
) -> Path:
    """Write the model into `folder`/`name` and give that path."""
    table = _dictionary(wrong or {})
    place = folder / name
    place.mkdir(parents=True)
    files = {}
    graphs = {"encode": _encode(len(table)), "step": _step(table, attention=attention)}
    for key, data in graphs.items():
        (place / f"{key}.onnx").write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        files[key] = {"file": f"{key}.onnx", "bytes": len(data), "sha256": digest}
    about = {
        "format": 2,
        "name": name,
        "kind": "sequence to sequence",
        "graphs": files,
        "source": {"language": "en", "tokens": _words("en"), "unknown": 3},
        "target": {"language": "de", "tokens": _words("de"), "start": 1, "end": END},
        "text": {
            "form": "numerals",
            "values": {"source": VALUES["en"], "target": VALUES["de"]},
            "largest": 999_999_999,
        },
        "limits": {"source": 60, "target": 80},
    }
    (place / "model.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
    return place
