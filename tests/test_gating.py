"""Gates: masks in (0, 1), recorded like addresses but joined along the batch."""

import pytest
import torch
from torch import Tensor, nn

from lecture_utils.addressing import Dot
from lecture_utils.gating import Gate, gated, held
from lecture_utils.models.bam import BAM
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


@pytest.mark.parametrize("values", [{}, {"gate": -1.0}, {"gate": torch.full((2, 4), -0.5)}])
def test_nothing_held_is_the_model_to_the_bit(values):
    net, features = Net(), images(2)
    wanted = net(features)
    with held(net, values):
        assert torch.equal(net(features), wanted)


def test_a_held_channel_has_its_value_and_the_others_are_as_computed():
    net, features = Net(), images(2)
    mask = net.gate(features).detach()
    with held(net, {"gate": torch.tensor([-1, 0, 0.25, -1])}), record(net) as reads:
        out = net(features)
    wanted = mask.clone()
    wanted[:, 1], wanted[:, 2] = 0, 0.25
    assert torch.equal(reads["gate"], wanted)
    assert torch.equal(out, features * wanted)
    assert torch.equal(net(features), features * mask), "behind the block it is as it was"


def test_gates_are_held_by_a_number_by_image_or_everywhere():
    net, features = Net(), images(2)
    by_image = torch.rand(2, 4)
    for values, wanted in (
        (0.5, torch.full((2, 4), 0.5)),
        (by_image, by_image),
        (by_image[:1], by_image[:1].expand(2, -1)),
        (by_image[..., None, None], by_image),
    ):
        with held(net, {"gate": values}):
            assert torch.equal(net(features), features * wanted[..., None, None])
    bam = BAM(4, 2).eval()
    with held(bam, {"gate": torch.tensor([0.0, 1.0, -1.0, 0.0])}):
        out = bam(features)
    assert torch.equal(out[:, [0, 3]], features[:, [0, 3]])
    assert torch.equal(out[:, 1], 2 * features[:, 1])
    assert torch.equal(out[:, 2], bam(features)[:, 2])


def test_the_inner_of_two_blocks_decides_and_an_error_lets_go():
    net, features = Net(), images(1)
    wanted = net(features)
    with held(net, {"gate": 0.0}):
        with held(net, {"gate": 1.0}):
            assert torch.equal(net(features), features)
        assert not net(features).any()
    with pytest.raises(RuntimeError), held(net, {"gate": 0.0}):
        raise RuntimeError
    assert torch.equal(net(features), wanted)


def test_a_held_gate_lets_gradients_through_to_what_is_computed():
    net, features = Net(), images(2)
    with held(net, {"gate": torch.tensor([-1.0, 0.5, 0.5, 0.5])}):
        net(features).sum().backward()
    assert net.gate.W.weight.grad[0].abs().sum() > 0
    assert not net.gate.W.weight.grad[1:].any()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"address": 0.0}, r"values has \['address'\], which are no gates; there are \['gate'\]"),
        ({"gate": 1.5}, "values: 'gate' has NaN or what is above 1; pass numbers from 0, closed"),
        ({"gate": torch.tensor([0, 0, 0, torch.nan])}, "'gate' has NaN"),
        ({"gate": torch.zeros(3)}, r"'gate' has shape \(3,\), and its mask \(2, 4, 1, 1\); pass "),
        (
            {"gate": torch.zeros(3, 4)},
            r"one number, \(4,\), a number .* or \(2, 4\)",
        ),
        ({"gate": torch.zeros(2, 4, 1)}, r"'gate' has shape \(2, 4, 1\)"),
        ({"gate": torch.zeros(2, 4, 3, 3)}, r"'gate' has shape \(2, 4, 3, 3\)"),
    ],
)
def test_what_cannot_be_held_is_named(values, message):
    net, features = Net(), images(2)
    with pytest.raises(ValueError, match=message), held(net, values):
        net(features)
    net(features)
