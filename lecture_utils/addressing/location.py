"""Location-based addresses: where was the head before, and where does it go from there?"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lecture_utils.addressing.content import Additive, Cosine
from lecture_utils.addressing.primitive import Address, check_mask, masked_softmax, scores_shape
from lecture_utils.recording import note


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

    def weights(
        self,
        queries: Tensor,
        projected: Tensor,
        mask: Tensor | None = None,
        previous: Tensor | None = None,
    ) -> Tensor:
        """Weights (..., T, S) of queries on keys that are already projected."""
        shape = scores_shape(queries, projected)
        check_mask(mask, shape)
        previous = queries.new_zeros(shape) if previous is None else previous
        if previous.shape != shape:
            raise ValueError(f"previous must be weights {shape}; got {tuple(previous.shape)}")
        return note(self, self.move(queries, projected, mask, previous))

    def forward(self, queries: Tensor, keys: Tensor, *mask: Tensor, **previous: Tensor) -> Tensor:
        """Weights (..., T, S) of queries on keys (..., S, D)."""
        return self.weights(queries, self.project(keys), *mask, **previous)


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
