"""From a query and keys to an address (one weight per slot), and from an address to a read.

Shapes, everywhere: queries (..., T, D), keys (..., S, D), weights (..., T, S), values (..., S, V),
reads (..., T, V). A mask is True where a slot may be read, and broadcasts to (..., T, S).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from lecture_utils.recording import note


def masked_softmax(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """Softmax over the last axis, among the slots that `mask` allows.

    Args:
        scores: (..., T, S), any real numbers.
        mask: bool, broadcastable to (..., T, S); True where a slot may be read.

    Returns:
        Weights (..., T, S). Each row sums to 1; a row with no slot to read is all zeros.
    """
    if mask is None:
        return torch.softmax(scores, dim=-1)
    if mask.dtype != torch.bool:
        raise ValueError(f"mask must be bool, True where a slot may be read; got {mask.dtype}")
    weights = torch.softmax(scores.masked_fill(~mask, -math.inf), dim=-1)
    return weights.masked_fill(~mask, 0.0)  # also turns the nan of an empty row into zeros


def read(weights: Tensor, values: Tensor) -> Tensor:
    """Read a memory: r = sum_i w_i v_i.

    Args:
        weights: (..., T, S), one address per query.
        values: (..., S, V), one value per slot.

    Returns:
        (..., T, V), one read vector per query.
    """
    if weights.shape[-1] != values.shape[-2]:
        raise ValueError(
            f"weights address {weights.shape[-1]} slots but values has {values.shape[-2]}; "
            "pass weights (..., T, S) and values (..., S, V)"
        )
    return weights @ values


class Address(nn.Module):
    """From queries and keys to weights: scores, then a softmax over the slots.

    A subclass gives `score`, and may give `project`, the part of its work that does not depend
    on the query. A decoder calls `project` once and `address` at every step; `forward` does both.
    """

    def project(self, keys: Tensor) -> Tensor:
        """What is computed once for all queries: keys (..., S, D) -> (..., S, P)."""
        return keys

    def score(self, queries: Tensor, projected: Tensor) -> Tensor:
        """Scores (..., T, S) of queries (..., T, D) and projected keys (..., S, P)."""
        raise NotImplementedError

    def address(self, queries: Tensor, projected: Tensor, mask: Tensor | None = None) -> Tensor:
        """Weights (..., T, S) of queries on keys that are already projected."""
        return note(self, masked_softmax(self.score(queries, projected), mask))

    def forward(self, queries: Tensor, keys: Tensor, mask: Tensor | None = None) -> Tensor:
        """Weights (..., T, S) of queries (..., T, D) on keys (..., S, D)."""
        return self.address(queries, self.project(keys), mask)


class Dot(Address):
    """The dot product of query and key: e_j = q . k_j."""

    def score(self, queries: Tensor, projected: Tensor) -> Tensor:
        """Scores (..., T, S) of queries (..., T, D) and keys (..., S, D)."""
        if queries.shape[-1] != projected.shape[-1]:
            raise ValueError(
                f"queries have {queries.shape[-1]} features and keys {projected.shape[-1]}; "
                "a dot product needs the same number"
            )
        return queries @ projected.transpose(-2, -1)


class ScaledDot(Dot):
    """The dot product over sqrt(D), so that its variance does not grow with D.

    Source: Vaswani et al. 2017, arXiv:1706.03762, equation 1.
    """

    def score(self, queries: Tensor, projected: Tensor) -> Tensor:
        """Scores (..., T, S) of queries (..., T, D) and keys (..., S, D)."""
        return super().score(queries, projected) / math.sqrt(queries.shape[-1])


class General(Dot):
    """A dot product with a matrix in the middle: e_j = q . W k_j.

    Query and key may differ in size.

    Source: Luong, Pham and Manning 2015, arXiv:1508.04025, section 3.1.

    Args:
        query_size: features of a query.
        key_size: features of a key.
    """

    def __init__(self, query_size: int, key_size: int) -> None:
        super().__init__()
        self.W = nn.Linear(key_size, query_size, bias=False)

    def project(self, keys: Tensor) -> Tensor:
        """W k_j for every key: (..., S, key_size) -> (..., S, query_size)."""
        return self.W(keys)


class Additive(Address):
    """A small network: e_j = v . tanh(W q + U k_j).

    Query and key may differ in size. U k_j does not depend on the query: it is computed once.

    Source: Bahdanau, Cho and Bengio 2015, arXiv:1409.0473, appendix A.1.2.

    Args:
        query_size: features of a query.
        key_size: features of a key.
        hidden_size: features of the hidden layer (n' in the paper).
    """

    def __init__(self, query_size: int, key_size: int, hidden_size: int) -> None:
        super().__init__()
        self.W = nn.Linear(query_size, hidden_size, bias=False)
        self.U = nn.Linear(key_size, hidden_size, bias=False)
        self.v = nn.Linear(hidden_size, 1, bias=False)

    def project(self, keys: Tensor) -> Tensor:
        """U k_j for every key: (..., S, key_size) -> (..., S, hidden)."""
        return self.U(keys)

    def score(self, queries: Tensor, projected: Tensor) -> Tensor:
        """Scores (..., T, S) of queries (..., T, D) and projected keys (..., S, hidden)."""
        # (..., T, 1, hidden) + (..., 1, S, hidden): every query beside every key
        hidden = torch.tanh(self.W(queries).unsqueeze(-2) + projected.unsqueeze(-3))
        return self.v(hidden).squeeze(-1)  # (..., T, S, hidden) -> (..., T, S)


class Unnormalised(Dot):
    """The dot product and no softmax: the weights are the scores, of any size and either sign.

    Source: Sukhbaatar et al. 2015, arXiv:1503.08895, section 4.2: a memory network learns to
    read with these first ("linear start").
    """

    def address(self, queries: Tensor, projected: Tensor, mask: Tensor | None = None) -> Tensor:
        """The scores (..., T, S); 0 where a slot may not be read."""
        scores = self.score(queries, projected)
        return note(self, scores if mask is None else scores.masked_fill(~mask, 0.0))


class Cosine(Dot):
    """The angle between query and key: e_j = strength * cos(q, k_j); lengths don't count.

    Source: Graves, Wayne and Danihelka 2014, arXiv:1410.5401, equations 5 and 6.

    Args:
        strength: beta, the largest score; the higher, the sharper the address.
    """

    def __init__(self, strength: float = 1.0) -> None:
        super().__init__()
        if not strength > 0:
            raise ValueError(f"strength must be greater than 0; got {strength}")
        self.strength = strength

    def score(self, queries: Tensor, projected: Tensor) -> Tensor:
        """Scores (..., T, S) of queries (..., T, D) and keys (..., S, D); zeros score 0."""
        queries = nn.functional.normalize(queries, dim=-1)
        return self.strength * super().score(queries, nn.functional.normalize(projected, dim=-1))


class Tempered(Address):
    """Another address, softer or harder: its scores over a temperature.

    Towards 0 the largest score takes all the weight, as in `Hard`; the higher the temperature,
    the nearer to equal weights.

    Args:
        inner: the address that gives the scores.
        temperature: greater than 0; 1 changes nothing.
    """

    def __init__(self, inner: Address, temperature: float) -> None:
        super().__init__()
        if not temperature > 0:
            raise ValueError(f"temperature must be greater than 0; got {temperature}")
        self.inner, self.temperature = inner, temperature

    def project(self, keys: Tensor) -> Tensor:
        """What `inner` computes once for all queries."""
        return self.inner.project(keys)

    def score(self, queries: Tensor, projected: Tensor) -> Tensor:
        """Scores (..., T, S), those of `inner` over the temperature."""
        return self.inner.score(queries, projected) / self.temperature


class Hard(Address):
    """One slot is read whole, the one with the largest score: w is one-hot, r = M_a.

    No gradient flows from the weights to the scores: a model with this address is trained by
    being told the right slots, as in Weston, Chopra and Bordes 2014, arXiv:1410.3916.

    Args:
        inner: the address that gives the scores.
    """

    def __init__(self, inner: Address) -> None:
        super().__init__()
        self.inner = inner

    def project(self, keys: Tensor) -> Tensor:
        """What `inner` computes once for all queries."""
        return self.inner.project(keys)

    def score(self, queries: Tensor, projected: Tensor) -> Tensor:
        """Scores (..., T, S), those of `inner`."""
        return self.inner.score(queries, projected)

    def choose(self, scores: Tensor, mask: Tensor | None) -> Tensor:
        """Weights (..., T, S): 1 at the largest score; of equal ones, at the first."""
        return one_hot(scores, mask)

    def address(self, queries: Tensor, projected: Tensor, mask: Tensor | None = None) -> Tensor:
        """Weights (..., T, S), one of each row 1 and the others 0."""
        return note(self, self.choose(self.score(queries, projected), mask))


class StraightThrough(Hard):
    """Hard when it reads, soft when it learns: the gradient is that of the softmax.

    The gradient is biased: it asks how the loss changes with the read, which never moves a little.

    Source: Bengio, Leonard and Courville 2013, arXiv:1308.3432, for one unit that is on or off;
    here for a choice among slots.
    """

    def choose(self, scores: Tensor, mask: Tensor | None) -> Tensor:
        """One-hot weights (..., T, S) with the gradient of the soft ones."""
        soft = masked_softmax(scores, mask)
        return one_hot(scores, mask) + (soft - soft.detach())


class Sampled(Hard):
    """One slot, drawn with the soft weights as chances; in evaluation the most probable one.

    Noise on the scores makes the largest of them a draw (Gumbel), and the gradient is that of
    the softmax of the noisy scores.

    Source: Jang, Gu and Poole 2017, arXiv:1611.01144, the straight-through estimator of section
    2.2; the noisy softmax itself also in Maddison, Mnih and Teh 2017, arXiv:1611.00712.

    Args:
        inner: the address that gives the scores.
        temperature: of the softmax that gives the gradient; the lower, the less biased and the
            noisier. It does not change what is drawn.
    """

    def __init__(self, inner: Address, temperature: float = 1.0) -> None:
        super().__init__(inner)
        if not temperature > 0:
            raise ValueError(f"temperature must be greater than 0; got {temperature}")
        self.temperature = temperature

    def choose(self, scores: Tensor, mask: Tensor | None) -> Tensor:
        """One-hot weights (..., T, S) with the gradient of the soft ones."""
        if self.training:
            scores = scores - torch.empty_like(scores).exponential_().log()  # + Gumbel noise
        soft = masked_softmax(scores / self.temperature, mask)
        return one_hot(scores, mask) + (soft - soft.detach())


def one_hot(scores: Tensor, mask: Tensor | None = None) -> Tensor:
    """A hard address: weight 1 at the largest score of each row, among the slots of `mask`.

    Args:
        scores: (..., T, S).
        mask: bool, broadcastable to (..., T, S); True where a slot may be read.

    Returns:
        Weights (..., T, S); a row with no slot to read is all zeros.
    """
    if mask is not None:
        if mask.dtype != torch.bool:
            raise ValueError(f"mask must be bool, True where a slot may be read; got {mask.dtype}")
        scores = scores.masked_fill(~mask, -math.inf)
    best = scores.detach().argmax(dim=-1, keepdim=True)
    weights = torch.zeros_like(scores).scatter(-1, best, 1.0)
    return weights if mask is None else weights.masked_fill(~mask, 0.0)


# Location-based addressing: the new address from the one before.


def interpolate(content: Tensor, previous: Tensor, gate: Tensor) -> Tensor:
    """Keep the address of the step before, or take one by content: g w_c + (1 - g) w_{t-1}.

    Source: Graves, Wayne and Danihelka 2014, arXiv:1410.5401, equation 7.

    Args:
        content: (..., T, S), weights computed from the query.
        previous: (..., T, S), the weights of the step before.
        gate: g, broadcastable to (..., T, 1), from 0 (stay) to 1 (by content).

    Returns:
        Weights (..., T, S).
    """
    return gate * content + (1 - gate) * previous


def shift(weights: Tensor, kernel: Tensor) -> Tensor:
    """Move an address along the slots, in a circle: w'(i) = sum_j w(j) s(i - j).

    Source: Graves, Wayne and Danihelka 2014, arXiv:1410.5401, equation 8.

    Args:
        weights: (..., T, S).
        kernel: s, (..., T, 2r + 1), how much moves by -r, ..., 0, ..., r slots; sums to 1.

    Returns:
        Weights (..., T, S).
    """
    width = kernel.shape[-1]
    if width % 2 == 0 or width > weights.shape[-1]:
        raise ValueError(
            f"a kernel has an odd number of steps, at most one a slot; got {width} "
            f"for {weights.shape[-1]} slots"
        )
    steps = range(-(width // 2), width // 2 + 1)
    moved = [kernel[..., k, None] * weights.roll(step, dims=-1) for k, step in enumerate(steps)]
    return torch.stack(moved).sum(dim=0)


def sharpen(weights: Tensor, power: Tensor | float) -> Tensor:
    """Undo the blur of a shift: w(i)^gamma / sum_j w(j)^gamma.

    Source: Graves, Wayne and Danihelka 2014, arXiv:1410.5401, equation 9.

    Args:
        weights: (..., T, S), none negative.
        power: gamma, at least 1, a number or broadcastable to (..., T, 1).

    Returns:
        Weights (..., T, S) that sum to 1; a row of zeros stays zeros.
    """
    largest = weights.amax(dim=-1, keepdim=True).clamp(min=torch.finfo(weights.dtype).tiny)
    powers = (weights / largest) ** power  # the largest is 1, so that none is lost
    return powers / powers.sum(dim=-1, keepdim=True).clamp(min=1.0)


class LocationAddress(Address):
    """An address that is also given the one of the step before: w_t = address(q, K, w_{t-1}).

    A subclass gives `move`. Where nothing has been read yet, the previous weights are zeros.
    """

    def move(
        self, queries: Tensor, projected: Tensor, mask: Tensor | None, previous: Tensor
    ) -> Tensor:
        """Weights (..., T, S), from the `previous` ones (..., T, S) and what a score gets."""
        raise NotImplementedError

    def address(
        self,
        queries: Tensor,
        projected: Tensor,
        mask: Tensor | None = None,
        previous: Tensor | None = None,
    ) -> Tensor:
        """Weights (..., T, S) of queries on keys that are already projected."""
        if previous is None:
            previous = queries.new_zeros(*queries.shape[:-1], projected.shape[-2])
        if previous.shape[-1] != (slots := projected.shape[-2]):
            raise ValueError(f"previous has {previous.shape[-1]} slots; pass weights of {slots}")
        return note(self, self.move(queries, projected, mask, previous))

    def forward(self, queries: Tensor, keys: Tensor, *mask: Tensor, **previous: Tensor) -> Tensor:
        """Weights (..., T, S) of queries on keys (..., S, D), as `address`."""
        return self.address(queries, self.project(keys), *mask, **previous)


class ReadHead(LocationAddress):
    """The head of a Neural Turing Machine: by content, then gate, shift, sharpen.

    The query controls all of it. What a shift moves into padding is lost.

    Source: Graves, Wayne and Danihelka 2014, arXiv:1410.5401, equations 5 to 9.

    Args:
        query_size: features of a query.
        key_size: features of a key.
    """

    def __init__(self, query_size: int, key_size: int) -> None:
        super().__init__()
        self.key = nn.Linear(query_size, key_size)
        self.controls = nn.Linear(query_size, 6)  # strength, gate, power; -1, 0 or 1 slots

    def move(
        self, queries: Tensor, projected: Tensor, mask: Tensor | None, previous: Tensor
    ) -> Tensor:
        """Weights (..., T, S)."""
        strength, gate, power, kernel = self.controls(queries).split([1, 1, 1, 3], dim=-1)
        scores = nn.functional.softplus(strength) * Cosine().score(self.key(queries), projected)
        content = masked_softmax(scores, mask)  # equations 5 and 6
        gated = interpolate(content, previous, torch.sigmoid(gate))  # equation 7
        moved = shift(gated, torch.softmax(kernel, dim=-1))  # equation 8
        moved = moved if mask is None else moved.masked_fill(~mask, 0.0)
        return sharpen(moved, 1 + nn.functional.softplus(power))  # equation 9


class Place(nn.Module):
    """What a slot sees of the previous address: L f_j + b, where f = F * w_{t-1} (convolution).

    Source: Chorowski et al. 2015, arXiv:1506.07503, section 2.2.

    Args:
        hidden_size: features of the hidden layer that the result is added to.
        filters: features f_j of a slot's place (k in the paper).
        width: slots that a filter sees, the slot itself in the middle (r in the paper).
    """

    def __init__(self, hidden_size: int, filters: int = 8, width: int = 5) -> None:
        super().__init__()
        if width < 1 or width % 2 == 0:
            raise ValueError(f"width must be odd, a slot and as many on either side; got {width}")
        self.F = nn.Conv1d(1, filters, width, padding=width // 2, bias=False)
        self.L = nn.Linear(filters, hidden_size)

    def forward(self, previous: Tensor) -> Tensor:
        """L f_j + b (..., T, S, hidden) from the previous weights (..., T, S)."""
        rows = previous.flatten(0, -2).unsqueeze(1)  # (N, 1, S), one row for each query
        f = self.F(rows).transpose(1, 2)  # (N, filters, S) -> (N, S, filters)
        return self.L(f).unflatten(0, previous.shape[:-1])


class LocationSensitive(LocationAddress):
    """Content and place in one score: e_j = v . tanh(W q + U k_j + L f_j + b), f = F * w_{t-1}.

    Source: Chorowski et al. 2015, arXiv:1506.07503, section 2.2.

    Args:
        content: W, U and v. Without the place it is this address.
        place: L, F and b.
        window: in evaluation, how far from the last address may be read; None: anywhere.
    """

    def __init__(self, content: Additive, place: Place, window: int | None = None) -> None:
        super().__init__()
        self.content, self.place, self.window = content, place, window

    def project(self, keys: Tensor) -> Tensor:
        """U k_j for every key: (..., S, key_size) -> (..., S, hidden)."""
        return self.content.project(keys)

    def move(
        self, queries: Tensor, projected: Tensor, mask: Tensor | None, previous: Tensor
    ) -> Tensor:
        """Weights (..., T, S)."""
        content = self.content.W(queries).unsqueeze(-2) + projected.unsqueeze(-3)
        hidden = torch.tanh(content + self.place(previous))  # (..., T, S, hidden)
        if self.window is not None and not self.training:
            inside = near(previous, self.window)
            mask = inside if mask is None else mask & inside
        return masked_softmax(self.content.v(hidden).squeeze(-1), mask)


def near(previous: Tensor, reach: int) -> Tensor:
    """A window: the slots at most `reach` from the median of the previous address.

    Source: Chorowski et al. 2015, arXiv:1506.07503, section 2.3; the paper's window is one slot
    shorter at its end.

    Args:
        previous: (..., T, S), the weights of the step before.
        reach: slots on either side of the median, at least 1.

    Returns:
        bool (..., T, S); all True in a row of zeros, where nothing has been read yet.
    """
    if reach < 1:
        raise ValueError(f"reach must be at least 1 slot; got {reach}")
    passed = previous.cumsum(dim=-1)  # rises from 0 to 1 along the slots
    total = passed[..., -1:]
    median = (passed < total / 2).sum(dim=-1, keepdim=True)  # (..., T, 1)
    slots = torch.arange(previous.shape[-1], device=previous.device)
    return ((slots - median).abs() <= reach) | (total == 0)
