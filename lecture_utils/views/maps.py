"""What views of maps share: weights of any model, checked."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lecture_utils.views.asked import Asked, Function
from lecture_utils.views.base import U16_AT_MOST, as_array, items, likeliest, pack, whole, words


class Maps(Asked):
    """A view of weights (L, H, T, S) of rows on columns; up to `_two_bytes` take two bytes each.

    Where the rows are words that a model writes, a reader can put another in the place of one, and
    the model writes the rest anew. So it is in a page with `live`, whose models write; and in a
    notebook if every function takes the words that stand already, ``prefix=["sieben", ...]``. The
    state has them as ``prefix``, which is None where nobody would write anew.

    What it is shown is what `weighed` takes; the other arguments are those of `Asked`.
    """

    _needed = ("weights", "rows", "columns")
    _known = ("gold", "heads", "probabilities", "likely")
    _two_bytes = U16_AT_MOST

    def _shown(self, **told: Any) -> dict[str, Any]:
        return weighed(**told, two_bytes=self._two_bytes)

    def _beside(self, functions: Sequence[Function], request: Mapping[str, Any]) -> dict[str, Any]:
        taken = functions and all(map(_begins, functions))
        return {"prefix": _prefix(request) if taken else None}

    def _call(self, function: Function, text: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
        return function(text, prefix=_prefix(request)) if _begins(function) else function(text)

    def _in_page(self) -> dict[str, Any]:
        """The state of a page: its exported models write."""
        prefix = (self.state["prefix"] or []) if self._live else None
        return {**super()._in_page(), "prefix": prefix}


def _prefix(request: Mapping[str, Any]) -> list[str]:
    """The words that stand already."""
    return [str(word) for word in request.get("prefix") or ()]


def _begins(function: Function) -> bool:
    """Whether a function takes the words that stand already."""
    try:
        return "prefix" in inspect.signature(function).parameters
    except ValueError:  # of a built-in one nothing is known
        return False


def layered(name: str, weights: Any) -> NDArray[np.float64]:
    """Weights as one array: an array or tensor as it is, or one tensor a layer.

    One a layer are the ``attentions`` of a Hugging Face model, a tuple of (1, H, T, S), and the
    weights of a `record` block by module name. Layers of (H, T, S) are taken, too; a list of
    (T, S) is of heads.

    Args:
        name: of the argument, for errors.
        weights: what the caller was given.

    Raises:
        ValueError: a layer is None, is of a batch of several, or has other sizes than the first.
    """
    if isinstance(weights, Mapping):
        named = {str(key): weights[key] for key in weights}
    elif isinstance(weights, list | tuple) and weights and all(map(_is_layer, weights)):
        named = {f"layer {i + 1}": one for i, one in enumerate(weights)}
    else:
        return as_array(name, weights)
    if not named:
        raise ValueError(f"{name}: is empty; pass the weights of at least one layer")
    layers = {key: _one_layer(name, key, one) for key, one in named.items()}
    (first, sizes), *others = ((key, layer.shape) for key, layer in layers.items())
    for key, shape in others:
        if shape != sizes:
            raise ValueError(
                f"{name}: {first} has (H, T, S) = {sizes}, {key} has {shape}; "
                "pass layers of one size, such as those of the encoder alone"
            )
    return np.stack(list(layers.values()))


def _is_layer(values: Any) -> bool:
    """Whether an item of a list is a layer: nothing, or an array or tensor (H, T, S) or more."""
    shape = getattr(values, "shape", ())
    return values is None or (isinstance(shape, tuple) and len(shape) > 2)


def _one_layer(name: str, layer: str, values: Any) -> NDArray[np.float64]:
    """The weights (H, T, S) of a layer that may have a batch of one, or no axis of heads."""
    if values is None:
        raise ValueError(
            f"{name}: {layer} is None; let the model compute its weights: "
            'from_pretrained(..., attn_implementation="eager") and output_attentions=True'
        )
    array = as_array(name, values)
    if array.ndim == 4 and len(array) != 1:
        raise ValueError(
            f"{name}: {layer} has a batch of {len(array)}; pass those of one text, layer[:1]"
        )
    if not 2 <= array.ndim <= 4:
        raise ValueError(
            f"{name}: {layer} has shape {array.shape}; pass (1, H, T, S), (H, T, S) or (T, S)"
        )
    return array.reshape(array.shape[-3:] if array.ndim > 2 else (1, *array.shape))


def weighed(
    weights: Any,
    rows: Sequence[str],
    columns: Sequence[str],
    gold: Iterable[tuple[int, int]] | None = None,
    heads: Sequence[str] | None = None,
    probabilities: Any = None,
    likely: Any = None,
    two_bytes: int = U16_AT_MOST,
) -> dict[str, Any]:
    """The checked part of the state that changes with the reader's text.

    Weights (T, S), (H, T, S), (L, H, T, S) or as `layered` takes them; up to `two_bytes` of them
    are packed into two bytes each.
    """
    array = layered("weights", weights)
    if not 2 <= array.ndim <= 4:
        raise ValueError(
            f"weights: has shape {array.shape}; pass (T, S), (H, T, S) or (L, H, T, S)"
        )
    array = array.reshape((1,) * (4 - array.ndim) + array.shape)
    _, h, t, s = array.shape
    rows, columns = words("rows", rows), words("columns", columns)
    if len(rows) != t:
        raise ValueError(f"rows: {len(rows)} words for weights of {t} rows; pass one per row")
    if len(columns) != s:
        raise ValueError(f"columns: {len(columns)} words for {s} columns; pass one per column")
    names = [f"head {i + 1}" for i in range(h)] if heads is None else words("heads", heads)
    if len(names) != h:
        raise ValueError(f"heads: {len(names)} names for {h} heads; pass one per head")
    told = "pass pairs (row, column), counted from 0"
    given = [] if gold is None else items("gold", gold, told)
    pairs = [items("gold", pair, told) for pair in given]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"gold: {told}")
    links = sorted({(whole("gold", i, told), whole("gold", j, told)) for i, j in pairs})
    for i, j in links:
        if not (0 <= i < t and 0 <= j < s):
            raise ValueError(f"gold: ({i}, {j}) lies outside the {t} x {s} weights; count from 0")
    sure = None
    if probabilities is not None:
        sure = [round(float(p), 4) for p in as_array("probabilities", probabilities, (t,))]
    return {
        **pack(array, two_bytes),
        "rows": rows,
        "columns": columns,
        "gold": [list(link) for link in links],
        "heads": names,
        "probabilities": sure,
        "likely": None if likely is None else likeliest("likely", likely, t),
    }
