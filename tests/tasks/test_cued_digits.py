"""Reading the digit that a square means: what is asked, and what the gates tell."""

import pytest
import torch
from torch import nn

from lecture_utils.data import scenes
from lecture_utils.data.digits import Digits
from lecture_utils.gating import held
from lecture_utils.models.senet import ChannelGate, SqueezeExcitation
from lecture_utils.tasks import cued_digits as task
from lecture_utils.tasks.digit_reading import answers

MADE = scenes.load("cue", "dev", 40)


def net():
    torch.manual_seed(0)
    return task.cue_net(lambda C: SqueezeExcitation(ChannelGate(C, task.RATIO))).eval()


def test_the_digit_in_the_square_s_colour_is_asked_for():
    asked = task.asked("dev", 40)
    assert torch.equal(asked.digits, MADE.labels)
    shown, meant = task.in_colours(MADE), task.colours(MADE)
    assert {*meant.tolist()} == {0, 1, 2}
    assert torch.equal(shown.gather(1, meant[:, None])[:, 0], MADE.labels)
    assert torch.equal(shown.sort(dim=1).values, MADE.digits.sort(dim=1).values)


def test_without_digits_there_is_the_square_alone_in_the_colour_that_is_meant():
    alone = task.without_digits(MADE)
    ink = (alone > 0).sum(dim=(-2, -1))
    wanted = scenes.SQUARE**2 * nn.functional.one_hot(task.colours(MADE), 3)
    assert torch.equal(ink, wanted)
    assert torch.equal(alone[alone > 0], MADE.images[alone > 0])


def test_places_are_told_by_what_stands_there():
    parts = task.parts_of(MADE, (8, 8))
    for i in range(len(MADE.images)):
        alone = task.without_digits(MADE)[i].amax(dim=0) > 0
        ink = MADE.images[i].amax(dim=0) >= scenes.INK
        for row in range(8):
            for column in range(8):
                here = slice(4 * row, 4 * row + 4), slice(4 * column, 4 * column + 4)
                square, meant = alone[here].float().mean() > 0.5, MADE.masks[i][here].any()
                anything = ink[here].any() or alone[here].any()
                wanted = {
                    "square": square,
                    "meant": meant,
                    "others": anything and not meant and not alone[here].any(),
                    "background": not anything,
                }
                found = {name: bool(part[i, row, column]) for name, part in parts.items()}
                assert found == {name: bool(one) for name, one in wanted.items()}


def test_who_looks_where_is_counted_by_who_asks():
    weights = torch.rand(40, 64, 64, generator=torch.Generator().manual_seed(0)).softmax(dim=-1)
    parts = {k: part.flatten(1) for k, part in task.parts_of(MADE, (8, 8)).items()}
    found = task.who_looks_where(weights, MADE, (8, 8))
    for asks, asking in parts.items():
        for name, on in parts.items():
            each = [
                weights[i, j][on[i]].sum() for i in range(40) for j in range(64) if asking[i, j]
            ]
            assert found[asks][name] == pytest.approx(torch.stack(each).mean().item(), abs=1e-5)
    one = torch.zeros(40, 64, 64)
    one[:, :, :] = parts["meant"][:, None] / parts["meant"].sum(dim=1)[:, None, None]
    assert task.who_looks_where(one, MADE, (8, 8))["square"]["meant"] == pytest.approx(1)


def test_other_widths():
    x = MADE.images[:2]
    assert task.cue_net().eval()(x).shape == (2, 10)
    assert task.cue_net(widths=(4, 6, 8)).fc.in_features == 8


def test_gates_are_one_number_a_channel():
    gates = task.gates_of(net(), MADE.images)
    assert [*gates] == [f"layer{k}.0.attention.gate" for k in (1, 2, 3)]
    assert [tuple(mask.shape) for mask in gates.values()] == [(40, C) for C in task.WIDTHS]


def test_frozen_gates_are_those_of_the_picture_s_group():
    model, data = net(), Digits(MADE.images, MADE.labels)
    gates, groups = task.gates_of(model, data.images), task.colours(MADE)
    means = {name: task.means_of(mask, groups) for name, mask in gates.items()}
    found = task.frozen(model, data, means, groups)
    right = 0
    for k in range(3):
        with held(model, {name: mean[k] for name, mean in means.items()}):
            said = answers(model, data.images).argmax(dim=1)
        right += (said == data.digits)[groups == k].sum().item()
    assert found == pytest.approx(right / 40)


def test_the_variance_between_groups():
    groups = torch.tensor([0, 0, 1, 1])
    apart = torch.tensor([[0.1], [0.1], [0.9], [0.9]])
    assert task.share_between(apart, groups) == pytest.approx(1)
    assert task.share_between(apart, torch.tensor([0, 1, 0, 1])) == pytest.approx(0)
    both = torch.tensor([[0.0], [2.0], [1.0], [3.0]])  # means 1 and 2, variance 5 / 4
    assert task.share_between(both, groups) == pytest.approx(0.2)


def test_a_probe_reads_what_is_there_and_nothing_else():
    made = torch.Generator().manual_seed(0)
    x = torch.randn(400, 5, generator=made)
    y = (x[:, 2] > 0).long()
    dice = torch.randint(0, 2, (400,), generator=made)
    half = slice(0, 200), slice(200, 400)
    assert task.probe((x[half[0]], y[half[0]]), (x[half[1]], y[half[1]])) > 0.93
    assert task.probe((x[half[0]], dice[half[0]]), (x[half[1]], dice[half[1]])) < 0.65
