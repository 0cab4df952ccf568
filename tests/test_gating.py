"""Gates: masks in (0, 1), recorded like addresses but joined along the batch."""

import pytest
import torch
from torch import Tensor, nn

from lecture_utils.addressing import Dot
from lecture_utils.gating import Gate, gated
from lecture_utils.recording import record


class Channels(Gate):
    """Squeeze and excitation in small: one number a channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.W = nn.Linear(channels, channels)

    def score(self, features: Tensor) -> Tensor:
        return self.W(features.mean(dim=(-2, -1)))[..., None, None]


class Net(nn.Module):
    """A gate and an address side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.gate, self.address = Channels(4), Dot()

    def forward(self, features: Tensor) -> Tensor:
        places = features.flatten(2).mT  # (B, H W, C)
        self.address(places[:, :2], places)
        return gated(features, self.gate(features))


def images(count, size=3, seed=0):
    return torch.randn(count, 4, size, size, generator=torch.Generator().manual_seed(seed))


def test_a_mask_is_the_sigmoid_of_the_score_and_gates_by_a_product():
    net, features = Net(), images(2)
    mask = net.gate(features)
    assert mask.shape == (2, 4, 1, 1)
    assert mask.min() > 0
    assert mask.max() < 1
    torch.testing.assert_close(mask, torch.sigmoid(net.gate.score(features)))
    for b, c in ((0, 1), (1, 3)):
        torch.testing.assert_close(net(features)[b, c], features[b, c] * mask[b, c, 0, 0])


def test_masks_of_several_batches_are_joined_along_the_batch():
    net, batches = Net(), [images(2), images(3, seed=1)]
    with record(net) as reads:
        for features in batches:
            net(features)
    assert sorted(reads) == ["address", "gate"]
    assert reads["gate"].shape == (5, 4, 1, 1)
    torch.testing.assert_close(reads["gate"], torch.cat([net.gate(f) for f in batches]).detach())
    assert [tuple(call.shape) for call in reads.calls("gate")] == [(2, 4, 1, 1), (3, 4, 1, 1)]
    assert not reads["gate"].requires_grad
    with pytest.raises(ValueError, match="'address' was called with different sizes"):
        reads["address"]  # joined along the queries, whose batches differ


def test_masks_of_other_sizes_are_not_joined():
    class Everywhere(Gate):
        def score(self, features: Tensor) -> Tensor:
            return features

    gate = Everywhere()
    with record(gate) as reads:
        gate(images(2))
        gate(images(2, size=5))
    with pytest.raises(ValueError, match="'' was called with different sizes"):
        reads[""]


def test_bad_input_is_refused_with_the_way_out():
    with pytest.raises(NotImplementedError):
        Gate()(images(1))
    for wrong in ((2, 4), (4, 1, 1), (2, 3, 1, 1)):
        with pytest.raises(ValueError, match=r"as many axes as the features, \(2, 4, 3, 3\)"):
            gated(images(2), torch.ones(wrong))
