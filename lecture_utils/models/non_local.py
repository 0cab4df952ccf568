"""Non-local nets: every place of a picture reads all places, by the address of all chapters.

A place is a slot: its query is theta(x_i), its key phi(x_j), its value g(x_j).

Shapes: features (B, C, H, W), places (B, N, C) with N = H W, weights (B, N, N), or (B, N, N / 4)
where keys and values are subsampled. An inner vector has C' features.

Source: Wang, Girshick, Gupta and He 2018, "Non-local neural networks", arXiv:1711.07971.
"""

from __future__ import annotations

from torch import Tensor, nn

from lecture_utils.addressing import Address, Dot, Wrapped, attend, check_mask
from lecture_utils.models.resnet import Bottleneck, ResNet
from lecture_utils.recording import note, recording


class OverN(Wrapped):
    """Scores over the number of slots, w_ij = f_ij / N: no softmax, of any size and either sign.

    Source: Wang et al. 2018, equations 4 and 5.

    Args:
        inner: the address that gives the scores.
    """

    def weights(self, queries: Tensor, projected: Tensor, mask: Tensor | None = None) -> Tensor:
        """Weights (..., T, S); 0 where a slot may not be read, N counts those that may."""
        scores = self.score(queries, projected)
        check_mask(mask, scores.shape)
        if mask is None:
            return note(self, scores / scores.shape[-1])
        slots = mask.sum(dim=-1, keepdim=True).clamp(min=1)
        return note(self, scores.masked_fill(~mask, 0.0) / slots)

    def read(self, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """What the weights read, (..., T, V), where nobody looks at them: values over N."""
        if type(self.inner) is Dot:
            return read_first(queries, keys, values)
        return self.score(queries, self.project(keys)) @ (values / values.shape[-2])


class Concat(Address):
    """A score of query and key side by side: f_ij = relu(w . [theta_i, phi_j]).

    w has a half for the query and a half for the key, so that each is computed once for each
    place and not once for each pair.

    Source: Wang et al. 2018, equation 5.

    Args:
        size: features of a query, and of a key, C'.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.w = nn.Linear(2 * size, 1, bias=False)

    def score(self, queries: Tensor, projected: Tensor) -> Tensor:
        """Scores (..., T, S) of queries (..., T, C') and keys (..., S, C')."""
        for_query, for_key = self.w.weight.squeeze(0).chunk(2)  # each (C',)
        if not queries.shape[-1] == projected.shape[-1] == len(for_query):
            raise ValueError(
                f"queries and keys must have {len(for_query)} features; got {queries.shape[-1]} "
                f"and {projected.shape[-1]}"
            )
        pairs = (queries @ for_query).unsqueeze(-1) + (projected @ for_key).unsqueeze(-2)
        return pairs.relu_()  # in place: at N x N it is what costs


def addresses(size: int) -> dict[str, Address]:
    """The four pairwise functions of the paper, for vectors of `size` features.

    The "gaussian" takes x itself for query and key; the softmax over the places is the paper's
    f / C(x) there, with no scale of 1 / sqrt(C').
    """
    return {
        "gaussian": Dot(),
        "embedded": Dot(),
        "dot": OverN(Dot()),
        "concat": OverN(Concat(size)),
    }


PAIRWISE = tuple(addresses(1))


def places(features: Tensor) -> Tensor:
    """Places as slots: (B, C, H, W) -> (B, H W, C), row by row."""
    return features.flatten(2).transpose(-2, -1)


def read_first(queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
    """Read by dot products over N, in the cheaper order: Q (K^T V) / N.

    The same sum as (Q K^T / N) V. Nothing of size N x N is ever held, so that no weights can be
    looked at.

    Args:
        queries: (B, N, C').
        keys: (B, S, C').
        values: (B, S, V).

    Returns:
        (B, N, V).
    """
    return queries @ (keys.transpose(-2, -1) @ values / keys.shape[-2])


class PlaceRead(nn.Module):
    """Each place reads all places: y_i = sum_j w_ij g(x_j), by one of the `addresses`.

    Args:
        channels, pairwise, size, subsample: see `NonLocal`.
    """

    def __init__(self, channels: int, pairwise: str, size: int, subsample: bool) -> None:
        super().__init__()
        self.theta, self.phi = nn.Identity(), nn.Identity()
        if pairwise != "gaussian":
            self.theta, self.phi = nn.Conv2d(channels, size, 1), nn.Conv2d(channels, size, 1)
        self.g, self.address = nn.Conv2d(channels, size, 1), addresses(size)[pairwise]
        self.pool = nn.MaxPool2d(2) if subsample else nn.Identity()

    def read(self, x: Tensor) -> Tensor:
        """What each place reads: (B, N, C'), of features (B, C, H, W)."""
        queries, keys = places(self.theta(x)), places(self.pool(self.phi(x)))
        values = places(self.pool(self.g(x)))
        if isinstance(self.address, OverN) and not recording():
            return self.address.read(queries, keys, values)
        return attend(self.address, queries, self.address.project(keys), values)


class NonLocal(PlaceRead):
    """z = W_z y + x; the last norm starts at 0, so that the block does, too: z = x.

    Source: Wang et al. 2018, equations 1 and 6, section 3.3.

    Args:
        channels: C.
        pairwise: "gaussian", "embedded" (a softmax of dot products), "dot" or "concat" (over N).
        size: C', features of queries, keys and values; None for C / 2.
        subsample: keys and values are of every 2 x 2 places together, by the maximum.
    """

    def __init__(self, channels: int, pairwise: str = "embedded", size: int | None = None,
                 subsample: bool = False) -> None:  # fmt: skip
        size = inner_size(channels, pairwise, size)
        super().__init__(channels, pairwise, size, subsample)
        self.W_z, self.norm = nn.Conv2d(size, channels, 1), nn.BatchNorm2d(channels)
        nn.init.zeros_(self.norm.weight)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        if min(x.shape[-2:]) < 2 and isinstance(self.pool, nn.MaxPool2d):
            raise ValueError(f"x must be at least 2 x 2 to be subsampled; got {tuple(x.shape)}")
        y = self.read(x).transpose(-2, -1).unflatten(-1, x.shape[-2:])  # (B, C', H, W)
        return self.norm(self.W_z(y)) + x


def inner_size(channels: int, pairwise: str, size: int | None) -> int:
    """C': half of the channels unless `size` says otherwise.

    Raises:
        ValueError: an unknown pairwise function, no features inside.
    """
    if pairwise not in PAIRWISE:
        raise ValueError(f"pairwise must be one of {PAIRWISE}; got {pairwise!r}")
    size = channels // 2 if size is None else size
    if size < 1:
        raise ValueError(f"size must be at least 1 feature of the {channels} channels; got {size}")
    return size


def insert(
    model: ResNet, stage: str = "layer3", pairwise: str = "embedded", subsample: bool = False
) -> NonLocal:
    """A non-local block in front of the last residual block of a stage, as in the paper.

    The model itself is changed; at first it computes what it did before.

    Source: Wang et al. 2018, section 4.1: "right before the last residual block" of res4.

    Args:
        model: a ResNet of `models.resnet`.
        stage: where; "layer3" is the paper's res4.
        pairwise: see `NonLocal`.
        subsample: see `NonLocal`.

    Returns:
        The block; its address is recorded as "layer3.4.address" or the like.

    Raises:
        ValueError: no such stage, a stage of one block, or no ResNet.
    """
    if not isinstance(model, ResNet) or stage not in model.names:
        raise ValueError(f"stage must be one of the stages of a ResNet; got {stage!r}")
    rows = getattr(model, stage)
    if len(rows) < 2:
        raise ValueError(f"{stage} has one block only; pass a stage with at least two")
    last = rows[-2].conv3 if isinstance(rows[-2], Bottleneck) else rows[-2].conv2
    block = NonLocal(last.out_channels, pairwise, subsample=subsample).to(last.weight.device)
    rows.insert(len(rows) - 1, block)
    return block
