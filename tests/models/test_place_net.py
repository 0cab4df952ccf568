"""The network of windows, and what non-local blocks are compared with."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from lecture_utils.models import place_net
from lecture_utils.models.non_local import PAIRWISE, NonLocal
from lecture_utils.models.non_local_controls import (
    Even,
    Itself,
    MeanQuery,
    OneQuery,
    addressed,
    wide,
    with_hidden_layer,
    with_mean_query,
)
from lecture_utils.models.non_local_steps import InSteps, PlaceGate
from lecture_utils.models.place_net import PlaceNet
from lecture_utils.recording import record
from tests.models.vision import filled, images, parameters


def reach(model, image):
    """Where each score's place judges: (h, w, H, W), true where a pixel moves what it gives."""
    image = image.requires_grad_()
    judged = model.judged(image).sum(dim=1)[0]
    return torch.stack([
        torch.stack([torch.autograd.grad(one, image, retain_graph=True)[0][0, 0] for one in row])
        for row in judged
    ]) != 0  # fmt: skip


def test_a_place_sees_its_window_and_nothing_else():
    model = filled(PlaceNet(nn.Identity(), 6)).double()
    seen = reach(model, torch.rand(1, 1, 24, 48, dtype=torch.float64))
    rows, columns = seen.any(-1), seen.any(-2)  # (6, 12, H), (6, 12, W)
    spans = [
        side.nonzero()[-1].item() - side.nonzero()[0].item() + 1
        for every in (rows, columns)
        for side in every.flatten(0, 1)
        if side.any()  # behind a ReLU a place may be dead
    ]
    assert max(spans) <= place_net.WINDOW
    assert max(spans) > place_net.WINDOW - 3
    middle = columns[2, 5].nonzero()
    assert abs((middle[0] + middle[-1]).item() / 2 - (5.5 * place_net.STEP - 0.5)) <= 2


def test_a_middle_joins_the_places():
    model = filled(PlaceNet(NonLocal(6), 6)).double()
    seen = reach(model, torch.rand(1, 1, 24, 48, dtype=torch.float64))
    assert seen[0, 0, :, 40:].any()
    model.middle.address = Itself()
    seen = reach(model, torch.rand(1, 1, 24, 48, dtype=torch.float64))
    assert not seen[0, 0, :, 14:].any()
    model.middle = filled(wide(6)).double()
    seen = reach(model, torch.rand(1, 1, 24, 48, dtype=torch.float64))
    assert seen[2, 6, :, 0].any()
    assert seen[2, 6, :, 47].any()


def test_scores_are_of_the_mean():
    model = filled(PlaceNet(NonLocal(6), 6, classes=3))
    x = images(2, 1, 24, 48)
    torch.testing.assert_close(model(x), model.fc(model.judged(x).mean(dim=(2, 3))))
    assert model(x).shape == (2, 3)
    bent = with_hidden_layer(PlaceNet(nn.Identity(), 6))
    assert [type(part) for part in bent.fc] == [nn.Linear, nn.ReLU, nn.Linear]
    assert bent(x).shape == (2, 2)


@pytest.mark.parametrize("shape", [(2, 3, 24, 48), (1, 24, 48), (2, 1, 2, 48), (0, 1, 24, 48)])
def test_what_is_no_image_is_refused(shape):
    with pytest.raises(ValueError, match="images"):
        PlaceNet(nn.Identity(), 6)(torch.zeros(shape))


def test_even_and_itself_are_addresses():
    queries, keys = torch.randn(2, 5, 3), torch.randn(2, 5, 3)
    assert torch.equal(Even()(queries, keys), torch.full((2, 5, 5), 0.2))
    assert torch.equal(Itself()(queries, keys), torch.eye(5).expand(2, 5, 5))
    block = filled(NonLocal(6))
    even = addressed(block, Even())
    assert even is block
    x = images(2, 6, 4, 5)
    values = block.g(x).flatten(2).mean(dim=2)
    torch.testing.assert_close(block.read(x), values[:, None].expand(-1, 20, -1))
    torch.testing.assert_close(
        addressed(block, Itself()).read(x), block.g(x).flatten(2).transpose(1, 2)
    )
    assert parameters(NonLocal(6)) == parameters(addressed(NonLocal(6), Even()))


def test_one_query_asks_for_all_places_of_all_images():
    address, keys = OneQuery(3), torch.randn(2, 5, 3)
    weights = address(torch.randn(2, 4, 3), keys)
    assert torch.equal(weights, address(torch.randn(2, 4, 3), keys)), "who asks has no say"
    alone = torch.softmax(keys @ address.query[0], dim=-1)
    torch.testing.assert_close(weights, alone[:, None].expand(2, 4, 5))
    weights[0, 0, 0].backward()
    assert address.query.grad.abs().sum() > 0


@pytest.mark.parametrize("pairwise", PAIRWISE)
def test_the_mean_query_asks_for_all(pairwise):
    model = filled(PlaceNet(NonLocal(6, pairwise), 6))
    changed = with_mean_query(model)
    x = images(2, 1, 24, 48)
    with record(model) as before:
        model(x)
    with record(changed) as reads:
        scores = changed(x)
    (weights,) = reads.values()
    assert torch.equal(weights, weights[:, :1].expand_as(weights))
    assert not isinstance(model.middle.address, MeanQuery)
    torch.testing.assert_close(scores, changed(x))
    (own,) = before.values()
    assert (own - own[:, :1]).abs().max() > 1e-4
    features = model.below(x)
    queries = model.middle.theta(features).flatten(2).transpose(1, 2)
    keys = model.middle.phi(features).flatten(2).transpose(1, 2)
    alone = model.middle.address(queries.mean(dim=1, keepdim=True), keys)
    torch.testing.assert_close(weights[:, :1], alone)


def test_in_steps_it_is_the_same_block():
    whole, steps = NonLocal(6), InSteps(6)
    steps.load_state_dict(filled(whole).state_dict())
    x = images(2, 6, 4, 5)
    torch.testing.assert_close(steps.eval()(x), whole(x))


def test_a_gate_of_places_sees_each_place_alone():
    gate, x = filled(PlaceGate(6)), images(2, 6, 4, 5)
    torch.testing.assert_close(gate(x)[:, :, 1, 2], gate(x[:, :, 1:2, 2:3])[:, :, 0, 0])
    assert gate(x).shape == x.shape


def test_its_colours_are_those_it_is_made_for():
    assert PlaceNet(nn.Identity(), 6, 10, colours=3).eval()(images(2, 3, 32, 32)).shape == (2, 10)
    with pytest.raises(ValueError, match=r"images must be \(B, 3, H, W\)"):
        PlaceNet(nn.Identity(), 6, colours=3)(images(2, 1, 32, 32))
