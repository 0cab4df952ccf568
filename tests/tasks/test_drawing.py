"""What a classifier sees in a drawing, against its parts called one by one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from lecture_utils.data import digits
from lecture_utils.models.lenet import LeNet, LeNet5
from lecture_utils.models.non_local import NonLocal
from lecture_utils.recording import record
from lecture_utils.tasks.drawing import see_of

DRAWING = np.zeros((112, 112))
DRAWING[10:50, 60:68] = 1


@pytest.mark.parametrize("normalise", [True, False])
def test_it_sees_what_the_model_sees(normalise: bool) -> None:
    torch.manual_seed(0)
    model = LeNet()
    made = see_of(model, {"C1": "C1", "S2, pooled": "S2", "F6": "F6"})(DRAWING, normalise)
    image = digits.centred(DRAWING)
    if not normalise:
        image = torch.tensor(DRAWING).view(1, 28, 4, 28, 4).mean((2, 4)).float()
    assert torch.equal(made["image"], image)
    assert torch.allclose(made["scores"], model(image[None])[0])
    first = model.C1(image[None])
    assert torch.allclose(made["maps"]["C1"], first[0])
    assert torch.allclose(made["maps"]["S2, pooled"], model.S2(first.relu())[0])
    assert [one.shape for one in made["maps"].values()] == [(6, 28, 28), (6, 14, 14), (84,)]
    assert not made["scores"].requires_grad


def test_paper_and_ink_are_what_the_model_takes() -> None:
    torch.manual_seed(0)
    model = LeNet5()
    see = see_of(model, {"C1": "C1"}, size=(32, 32), values=(-0.1, 1.175))
    made = see(DRAWING)
    assert made["image"].shape == (1, 32, 32)
    assert (made["image"].min(), made["image"].max()) == (0, 1)
    given = -0.1 + 1.275 * digits.centred(DRAWING, (32, 32))
    assert torch.allclose(made["scores"], model(given[None])[0], atol=1e-4)
    top, _, step = made["frame"]
    assert (step, top) == (2, 10 - 6 * 2)


@torch.no_grad()
def test_colours_are_seen_and_weights_lie_as_the_image() -> None:
    torch.manual_seed(0)
    block = NonLocal(3, subsample=True)
    model = nn.Sequential(block, nn.AvgPool2d(8), nn.Flatten()).eval()
    fine = np.random.default_rng(0).random((3, 16, 16))
    see = see_of(model, {"reads": "0.address"}, (8, 8), None, grids={"reads": (8, 8, 4, 4)})
    made = see(fine)
    image = torch.tensor(fine).view(3, 8, 2, 8, 2).mean((2, 4)).float()
    assert torch.allclose(made["image"], image, atol=1 / 255)
    assert made["frame"] == (0, 0, 2)
    with record(model) as reads:
        scores = model(made["image"][None])
    assert torch.equal(made["maps"]["reads"], reads["0.address"][0].reshape(8, 8, 4, 4))
    assert torch.equal(made["scores"], scores[0])
