"""Recording: every address, under its module's name, and nothing outside the block."""

import pytest
import torch
from torch import nn

from lecture_utils.addressing import Dot, ScaledDot
from lecture_utils.recording import _open, record


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = Dot(), ScaledDot()

    def forward(self, x, steps=1):
        for _ in range(steps):
            self.first(x[..., :1, :], x)
        return self.second(x, x)


def test_records_under_the_modules_names_and_joins_steps():
    model, x = Two(), torch.randn(2, 4, 3)
    with record(model) as reads:
        out = model(x, steps=5)
    assert sorted(reads) == ["first", "second"]
    assert len(reads) == 2
    assert reads["first"].shape == (2, 5, 4)
    torch.testing.assert_close(reads["second"], out)
    assert len(reads.calls("first")) == 5


def fail_after(model, x):
    model(x)
    raise ValueError("D >= 1")


def test_nothing_is_kept_outside_the_block_or_of_other_models():
    model, other, x = Two(), Two(), torch.randn(2, 4, 3)
    with record(model) as reads:
        other(x)
    model(x)
    assert len(reads) == 0
    assert not _open


def test_blocks_nest_and_an_error_closes_them():
    model, x = Two(), torch.randn(2, 4, 3)
    with record(model) as outer:
        with pytest.raises(ValueError, match="D >= 1"), record(model) as inner:
            fail_after(model, x)
        assert len(_open) == 1
    assert len(outer) == len(inner) == 2
    assert not _open


def test_weights_are_detached():
    model, x = Two(), torch.randn(2, 4, 3, requires_grad=True)
    with record(model) as reads:
        model(x)
    assert not reads["second"].requires_grad


def test_what_cannot_be_given_is_said():
    model = Two()
    with record(model) as reads:
        model(torch.randn(2, 4, 3))
        model(torch.randn(2, 6, 3))
    with pytest.raises(KeyError, match=r"no module 'third'.*first.*second"):
        reads["third"]
    with pytest.raises(ValueError, match="different sizes"):
        reads["second"]
