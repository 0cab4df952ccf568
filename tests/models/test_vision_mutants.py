"""Errors that keep every shape do not get past the tests of the models of images."""

from __future__ import annotations

import pytest
import torch

from lecture_utils.models import alexnet, bam, lenet, non_local, residual_attention, resnet, senet
from tests.models import vision_mutants as mutants
from tests.models.vision import images


def shapes() -> list[tuple[int, ...]]:
    """What small models give, as shapes."""
    torch.manual_seed(0)
    x = images(2, 8, 6, 6)
    gated = residual_attention.attention_module(8, 2)
    return [
        tuple(made.shape)
        for made in (
            lenet.LeNet5()(images(2, 1, 32, 32)),
            alexnet.response_norm()(x),
            resnet.small_resnet(8)(images(2, 3, 8, 8)),
            resnet.Bottleneck(8, 2, 2, resnet.shortcut("B", 8, 8, 2), 1)(x),
            senet.SqueezeExcitation(senet.ChannelGate(8, 2))(x),
            bam.BAM(8, 2)(x),
            *(non_local.NonLocal(8, kind, subsample=True)(x) for kind in non_local.PAIRWISE),
            gated(x),
        )
    ]


def test_the_right_ones_pass():
    for checks in mutants.CHECKS.values():
        for check in checks:
            check()


SHAPES = shapes()


@pytest.mark.parametrize("mutant", mutants.MUTANTS)
def test_an_error_in_a_model_is_seen(mutant):
    with mutants.planted(mutant):
        assert shapes() == SHAPES  # nothing but numbers gives it away
    assert mutants.who_sees(mutant)
