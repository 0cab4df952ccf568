"""What a non-local block is compared with: each differs from it in one thing."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from lecture_utils.addressing import Address, Wrapped, scores_shape
from lecture_utils.models.non_local import NonLocal, OverN
from lecture_utils.models.place_net import PlaceNet
from lecture_utils.models.resnet import Basic


class Even(Address):
    """Every slot alike, whatever is asked: the read is the mean of all values."""

    def score(self, queries: Tensor, projected: Tensor) -> Tensor:
        """Scores (..., T, S), all 0."""
        return queries.new_zeros(scores_shape(queries, projected))


class Itself(Address):
    """Every slot reads itself alone, so that nothing is joined; for T = S."""

    def score(self, queries: Tensor, projected: Tensor) -> Tensor:
        """Scores (..., T, S): 0 for the slot itself, minus infinity for the others."""
        scores = queries.new_full(scores_shape(queries, projected), -torch.inf)
        scores.diagonal(dim1=-2, dim2=-1).zero_()
        return scores


class MeanQuery(Wrapped):
    """The same address with the mean of an image's queries in the place of each of them."""

    def score(self, queries: Tensor, projected: Tensor) -> Tensor:
        """Scores (..., T, S), every row alike."""
        mean = queries.mean(dim=-2, keepdim=True)
        return self.inner.score(mean, projected).expand(scores_shape(queries, projected))


class OneQuery(Address):
    """A dot product with one query that is learned, the same for every place and every image.

    Args:
        size: features of a key.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.query = nn.Parameter(torch.randn(1, size))

    def score(self, queries: Tensor, projected: Tensor) -> Tensor:
        """Scores (..., T, S), every row alike; what the places ask has no say."""
        scores = self.query @ projected.transpose(-2, -1)
        return scores.expand(scores_shape(queries, projected))


def addressed(block: NonLocal, address: Address) -> NonLocal:
    """The same block with another address."""
    block.address = address
    return block


def with_address(model: nn.Module, address: Address) -> nn.Module:
    """A copy of a trained network whose non-local blocks have another address."""
    changed = copy.deepcopy(model)
    for block in _blocks(changed):
        block.address = address
    return changed


def with_mean_query(model: nn.Module) -> nn.Module:
    """A copy of a trained network whose non-local blocks ask by the mean query alone."""
    changed = copy.deepcopy(model)
    for block in _blocks(changed):
        if isinstance(block.address, OverN):
            block.address.inner = MeanQuery(block.address.inner)
        else:
            block.address = MeanQuery(block.address)
    return changed


def _blocks(model: nn.Module) -> list[NonLocal]:
    return [block for block in model.modules() if isinstance(block, NonLocal)]


def wide(channels: int, blocks: int = 3) -> nn.Sequential:
    """Residual blocks of 3 x 3 on the places: each sees two places further to every side."""
    return nn.Sequential(*(Basic(channels, channels, 1, nn.Identity()) for _ in range(blocks)))


def with_hidden_layer(model: PlaceNet) -> PlaceNet:
    """The same network with a layer and a ReLU between the mean over the places and the scores."""
    features, classes = model.fc.in_features, model.fc.out_features
    model.fc = nn.Sequential(nn.Linear(features, features), nn.ReLU(), nn.Linear(features, classes))
    return model
