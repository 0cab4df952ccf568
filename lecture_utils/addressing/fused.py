"""Weights and read in one, by torch's fused attention where nobody looks at the weights."""

from __future__ import annotations

from torch import Tensor, nn

from lecture_utils.addressing.content import Dot, ScaledDot
from lecture_utils.addressing.primitive import Address, check_mask, read
from lecture_utils.recording import recording


def attend(
    address: Address,
    queries: Tensor,
    projected: Tensor,
    values: Tensor,
    mask: Tensor | None = None,
) -> Tensor:
    """Read by an address: r = read(address.weights(q, K), V), to 1e-6.

    Where the scores are dot products and no `record` block is open, torch computes both in one,
    and the weights (..., T, S) are never held in memory. So is every block of a Transformer.

    Args:
        address: gives the weights.
        queries: (..., T, D).
        projected: (..., S, P), what `address.project` makes of the keys.
        values: (..., S, V).
        mask: bool, True where a slot may be read; as many axes as the weights, each equal or 1.

    Returns:
        (..., T, V); a query with no slot to read reads zeros.
    """
    scale = _scale(address, queries)
    batch, slots, features = queries.shape[:-2], projected.shape[-2], queries.shape[-1]
    fits = projected.shape == (*batch, slots, features) and values.shape[:-1] == (*batch, slots)
    if scale is None or not fits or recording():
        return read(address.weights(queries, projected, mask), values)
    check_mask(mask, (*batch, queries.shape[-2], slots))
    return nn.functional.scaled_dot_product_attention(
        queries, projected, values, attn_mask=mask, scale=scale
    )


def _scale(address: Address, queries: Tensor) -> float | None:
    """What the dot products are multiplied by before the softmax; None: they are something else."""
    kind = type(address)
    if getattr(kind, "weights", None) is not Address.weights:  # no softmax, a choice, compiled
        return None
    if kind.score is ScaledDot.score:
        return queries.shape[-1] ** -0.5
    return 1.0 if kind.score is Dot.score else None
