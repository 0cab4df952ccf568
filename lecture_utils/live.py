"""From a trained model to the files that run it in a page, with no kernel.

A model becomes a folder: one ONNX graph for each thing the page asks of it, and ``model.json``
with all that the page must know besides (vocabularies, limits, figures, the seed).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

FORMAT = 1
LARGEST = 1_000_000  # bytes; what a page may ask a reader to load


@dataclass(frozen=True)
class Graph:
    """One function of a model: tensors in, tensors out.

    Attributes:
        module: its ``forward`` is the function.
        inputs: an example of each argument, by name, in order.
        outputs: names of what it returns, in order.
        dynamic: the axes of arguments and outputs whose size varies, with a name for the size;
            ``"S + 96"`` is 96 more than the size ``"S"``.
    """

    module: nn.Module
    inputs: Mapping[str, Tensor]
    outputs: Sequence[str]
    dynamic: Mapping[str, Mapping[int, str]]


def models_folder() -> Path:
    """Where exported models go: ``LECTURE_MODELS``, or a folder for temporary files."""
    asked = os.environ.get("LECTURE_MODELS")
    return Path(asked) if asked else Path(tempfile.gettempdir()) / "lecture-models"


def export(
    name: str,
    model: nn.Module,
    graphs: Mapping[str, Mapping[str, Any]],
    about: Mapping[str, Any],
    files: Mapping[str, Any] | None = None,
) -> Path:
    """Write a model into the folder `name` of `models_folder`, and give its path.

    Beside the graphs stand the weights, ``weights.safetensors``, for `load_weights`; a page does
    not load them.

    Args:
        name: of the model, also of the folder.
        model: its weights are written.
        graphs: what the page can ask of the model: for each name the fields of a `Graph`.
        about: everything else for ``model.json``; must be JSON.
        files: what a page loads only when it is asked for, by name; must be JSON. ``stories``
            becomes ``stories.json``, and ``model.json`` says its size and checksum.

    Raises:
        ValueError: the graphs are together larger than `LARGEST` bytes.
    """
    folder = models_folder() / name
    folder.mkdir(parents=True, exist_ok=True)
    graph_files = {
        key: _graph_file(Graph(**graph), folder / f"{key}.onnx") for key, graph in graphs.items()
    }
    total = sum(file["bytes"] for file in graph_files.values())
    if total > LARGEST:
        raise ValueError(f"model {name!r} has {total:,} bytes; a page loads {LARGEST:,} at most")
    told = {"format": FORMAT, "name": name, "graphs": graph_files, **about}
    for key, content in (files or {}).items():
        data = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        told[key] = _written(folder / f"{key}.json", data)
    (folder / "model.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n")
    weights = {key: value.cpu().contiguous() for key, value in model.state_dict().items()}
    save_file(weights, folder / "weights.safetensors")
    return folder


def load_weights(model: nn.Module, path: str | Path) -> None:
    """Put weights that `export` has written into a model of the same shape.

    Raises:
        ValueError: the file is damaged, or belongs to another model; the model is as it was.
    """
    try:
        weights = load_file(path)
    except (SafetensorError, OSError) as error:
        raise ValueError(f"weights {path} cannot be read: {error}") from error
    wanted = {key: value.shape for key, value in model.state_dict().items()}
    if {key: value.shape for key, value in weights.items()} != wanted:
        raise ValueError(f"weights {path} belong to another model; build it with the same sizes")
    model.load_state_dict(weights)


def _graph_file(graph: Graph, path: Path) -> dict[str, Any]:
    taken = set(graph.inputs) & set(graph.outputs)
    if taken:
        raise ValueError(f"outputs need names of their own; also inputs: {sorted(taken)}")
    dims = _dims({size for axes in graph.dynamic.values() for size in axes.values()})
    shapes = tuple(
        {axis: dims[size] for axis, size in graph.dynamic.get(name, {}).items()}
        for name in graph.inputs
    )
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the exporter warns of what it tries on its way
        logging.getLogger("torch.onnx").setLevel(logging.ERROR)
        program = torch.onnx.export(
            graph.module.eval(),
            tuple(graph.inputs.values()),
            input_names=list(graph.inputs),
            output_names=list(graph.outputs),
            dynamic_shapes=shapes,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    return _written(path, _stripped(program.model_proto, graph.dynamic).SerializeToString())


def _written(path: Path, data: bytes) -> dict[str, Any]:
    """Write a file; give how ``model.json`` tells of it."""
    path.write_bytes(data)
    return {"file": path.name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _dims(sizes: set[str]) -> dict[str, Any]:
    """A dimension for every named size; of "S" and "S + 96" the second follows from the first."""
    plain = {size.partition(" + ")[0] for size in sizes}
    dims = {size: torch.export.Dim(f"size_{size}", min=1, max=4096) for size in sorted(plain)}
    more = {size: size.split(" + ") for size in sizes - plain}
    return dims | {size: dims[base] + int(added) for size, (base, added) in more.items()}


def _stripped(model: onnx.ModelProto, dynamic: Mapping[str, Mapping[int, str]]) -> onnx.ModelProto:
    """The same graph without what only its author needs, such as paths of this machine."""
    graph = model.graph
    del graph.value_info[:]  # sizes of the example
    for part in (model, *graph.node, *graph.input, *graph.output, *graph.initializer):
        del part.metadata_props[:]
        part.ClearField("doc_string")
    for node in graph.node:
        node.ClearField("name")
    for value in (*graph.input, *graph.output):  # the exporter writes other names and sizes here
        for axis, size in dynamic.get(value.name, {}).items():
            value.type.tensor_type.shape.dim[axis].dim_param = size
    onnx.checker.check_model(model)
    return model
