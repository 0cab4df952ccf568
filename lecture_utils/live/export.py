"""Write an exported model: a folder with its graphs, its description and its weights."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from lecture_utils.live.graph import onnx_graph
from lecture_utils.live.kind import Kind

FORMAT = 2
LARGEST = 1_000_000  # bytes; what a page may ask a reader to load


def models_folder() -> Path:
    """Where exported models go: ``LECTURE_MODELS``, or a temporary folder of this process.

    Nobody else can read or write the temporary folder, or have made it before.
    """
    asked = os.environ.get("LECTURE_MODELS")
    return Path(asked) if asked else _temporary_folder()


@cache
def _temporary_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="lecture-models-"))


def export(
    name: str,
    kind: Kind,
    *,
    metrics: Mapping[str, Any],
    seed: int,
    provenance: Mapping[str, Any] | None = None,
) -> Path:
    """Write a model into the folder `name` of `models_folder`, and give its path.

    Beside the graphs and ``model.json`` stand the weights, ``weights.safetensors``, for
    `load_weights`; a page does not load them. Graphs and weights are in single precision, on
    whatever device and in whatever precision the model is. Nothing is written before every graph
    has answered as torch does.

    Args:
        name: of the model, also of the folder: small letters, digits and hyphens.
        kind: the model and what a page must know of it.
        metrics: what it reached, by name.
        seed: of its training.
        provenance: where it comes from, by name; None where the chapter trains it.

    Raises:
        ValueError: a graph that is not as torch, see `onnx_graph`; graphs that are together
            larger than `LARGEST` bytes; a name that is no folder's; or figures that are no JSON.
    """
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise ValueError(f"name is of small letters, digits and hyphens; got {name!r}")
    kind = replace(kind, model=_plain(kind.model))
    graphs = {key: (f"{key}.onnx", onnx_graph(key, graph)) for key, graph in kind.graphs().items()}
    total = sum(len(data) for _, data in graphs.values())
    if total > LARGEST:
        raise ValueError(f"model {name!r} has {total:,} bytes; a page loads {LARGEST:,} at most")
    files = {key: (f"{key}.json", _json(content)) for key, content in kind.files().items()}
    told = {
        "format": FORMAT,
        "name": name,
        "kind": kind.kind,
        "graphs": {key: _told(*file) for key, file in graphs.items()},
        **kind.fields(),
        **{key: _told(*file) for key, file in files.items()},
        "metrics": metrics,
        "seed": seed,
        **({"provenance": provenance} if provenance else {}),
    }
    try:
        described = _json(told, indent=1)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"metrics, seed and provenance must be finite numbers and texts: {error}"
        ) from error
    folder = models_folder() / name
    folder.mkdir(parents=True, exist_ok=True)
    for file, data in (*graphs.values(), *files.values(), ("model.json", described)):
        (folder / file).write_bytes(data)
    # Tied weights are two names of one tensor; the file has a copy for each.
    weights = {key: value.clone().contiguous() for key, value in kind.model.state_dict().items()}
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


def _plain(model: nn.Module) -> nn.Module:
    """A copy on the CPU, in single precision, without what a training has wrapped around it."""
    model = deepcopy(model)
    for part in model.modules():
        vars(part).pop("forward", None)  # Accelerate's, for mixed precision
    return model.cpu().float().eval()


def _json(content: Any, indent: int | None = None) -> bytes:
    """JSON in UTF-8, whatever the machine's encoding and line ends are."""
    separators = (",", ":") if indent is None else None
    text = json.dumps(
        content, ensure_ascii=False, allow_nan=False, indent=indent, separators=separators
    )
    return (text + "\n" * (indent is not None)).encode("utf-8")


def _told(file: str, data: bytes) -> dict[str, Any]:
    """How ``model.json`` tells of a file."""
    return {"file": file, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
