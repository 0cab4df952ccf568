"""The reading half of a Neural Turing Machine: a head that moves over a memory.

Source: Graves, Wayne and Danihelka 2014, "Neural Turing Machines", arXiv:1410.5401.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lecture_utils.addressing import LocationAddress, read


class TapeReader(nn.Module):
    """Read a memory row after row: the query of each step is what the last step has read.

    A Neural Turing Machine whose controller has no state of its own, and whose memory is already
    written. Before the first step the head stands on the first row, and has read zeros.

    Args:
        address: where to read, from what was read last and from where.
        features: features of a row of the memory, D.
    """

    def __init__(self, address: LocationAddress, features: int) -> None:
        super().__init__()
        self.address, self.output = address, nn.Linear(features, features)

    def forward(self, memory: Tensor, steps: int) -> Tensor:
        """Logits (B, steps, D) of the bits that it reads off a memory (B, S, D)."""
        if steps < 1:
            raise ValueError(f"steps must be at least 1; got {steps}")
        row = torch.zeros_like(memory[:, :1])  # (B, 1, D)
        weights = torch.zeros_like(memory[:, :, 0]).unsqueeze(1)  # (B, 1, S)
        weights[..., 0] = 1.0
        rows = []
        for _ in range(steps):
            weights = self.address(row, memory, previous=weights)  # (B, 1, S)
            row = read(weights, memory)  # (B, 1, D)
            rows.append(row)
        return self.output(torch.cat(rows, dim=1))
