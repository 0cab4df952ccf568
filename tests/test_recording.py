"""Recording and tracing: by module name, compiled or exported too, nothing outside the block."""

from typing import NamedTuple

import pytest
import torch
from torch import nn

from lecture_utils.addressing import Dot, ScaledDot
from lecture_utils.recording import _open, longest_chain, record, trace


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


def test_what_was_recorded_does_not_change_with_the_weights():
    address, x = Dot(), torch.randn(2, 4, 3)
    with record(address) as reads:
        weights = address(x, x)
        weights.zero_()
    assert reads[""].sum() > 1


class Deep(nn.Module):
    """Modules within modules that return tuples, lists and dicts, and one that is shared."""

    def __init__(self):
        super().__init__()
        self.two, self.gru = Two(), nn.GRU(3, 5, batch_first=True)
        self.again = self.gru
        self.odd = Odd()

    def forward(self, x, steps=2):
        for _ in range(steps):
            _, last = self.gru(x)
        self.odd(x)
        return self.two(x), last


class Pair(NamedTuple):
    first: torch.Tensor
    second: torch.Tensor | None


class Odd(nn.Module):
    def forward(self, x):
        return {"pair": Pair(x, None), "list": [x + 1, 2], "text": "no tensor"}


class TestTrace:
    def test_keeps_every_call_of_the_named_modules(self):
        model, x = Deep(), torch.randn(2, 4, 3, requires_grad=True)
        with trace(model, ["gru", "two.first", "two", ""]) as outputs:
            out, last = model(x)
        assert sorted(outputs) == ["", "gru", "two", "two.first"]
        assert [len(outputs[name]) for name in ("gru", "two", "")] == [2, 1, 1]
        assert [tuple(part.shape) for part in outputs["gru"][1]] == [(2, 4, 5), (1, 2, 5)]
        torch.testing.assert_close(outputs["two"][0], out)
        torch.testing.assert_close(outputs[""][0], (out, last))
        assert not outputs["two"][0].requires_grad
        assert not any(part.requires_grad for part in outputs["gru"][0])

    def test_tuples_lists_and_dicts_stay_what_they_are_and_are_copies(self):
        model, x = Deep(), torch.randn(2, 4, 3)
        with trace(model, ["odd"]) as outputs:
            model(x)
            x.zero_()
        (kept,) = outputs["odd"]
        assert isinstance(kept["pair"], Pair)
        assert kept["pair"].first.abs().sum() > 0
        assert kept["pair"].second is None
        assert (type(kept["list"]), kept["list"][1], kept["text"]) == (list, 2, "no tensor")

    def test_a_shared_module_answers_to_each_name(self):
        model = Deep()
        with trace(model, ["again"]) as outputs:
            model(torch.randn(2, 4, 3))
        assert len(outputs["again"]) == 2

    def test_blocks_nest_and_hooks_go_also_after_an_error(self):
        model, x = Deep(), torch.randn(2, 4, 3)
        with trace(model, ["two", "gru"]) as outer, record(model) as reads:
            with pytest.raises(ValueError, match="D >= 1"), trace(model, ["two"]) as inner:
                fail_after(model, x)
            model(x)
        model(x)
        assert (len(outer["two"]), len(inner["two"]), len(outer["gru"])) == (2, 1, 4)
        assert reads.calls("two.second")[0].shape == (2, 4, 4)
        assert not any(module._forward_hooks for module in model.modules())

    def test_names_that_there_are_not_are_refused(self):
        model = Deep()
        with (
            pytest.raises(ValueError, match=r"names lists \['two.third'\], .*two.second"),
            trace(model, ["two", "two.third"]),
        ):
            pass
        with pytest.raises(ValueError, match="pass a list of names"), trace(model, "two"):
            pass
        assert not any(module._forward_hooks for module in model.modules())

    def test_what_was_not_called_is_said(self):
        model = Deep()
        with trace(model, ["two", "gru"]) as outputs:
            model.two(torch.randn(2, 4, 3))
        with pytest.raises(KeyError, match=r"'gru' has returned nothing.*\['two'\]"):
            outputs["gru"]


def compiled(way, model):
    """The model to call and the one to record, compiled in each way that torch knows."""
    if way == "in place":
        model.compile(backend="eager")
        return model, model
    if way == "a part":
        model.two = torch.compile(model.two, backend="eager")
        return model, model
    called = torch.compile(model, backend="eager")
    return called, (called if way == "the compiled one" else model)


@pytest.mark.parametrize("warm", [False, True])
@pytest.mark.parametrize("way", ["the compiled one", "the model itself", "in place", "a part"])
def test_a_compiled_model_is_recorded_by_the_names_it_had(way, warm):
    called, heard = compiled(way, model := Deep())
    x = torch.randn(2, 4, 3)
    if warm:
        called(x)
    with record(heard) as reads, trace(heard, ["gru", "two.first", "two.second"]) as outputs:
        out, _ = called(x)
    assert sorted(reads) == ["two.first", "two.second"]
    torch.testing.assert_close(reads["two.second"], out)
    torch.testing.assert_close(outputs["two.second"], [out])
    assert len(outputs["gru"]) == 2
    if warm:
        torch.testing.assert_close(called(x)[0], out)
    assert model.two is not None


def test_a_compiled_model_is_never_silently_empty(monkeypatch):
    torch.compile(Two(), backend="eager")
    monkeypatch.delattr(torch.compiler, "set_stance")
    with pytest.raises(RuntimeError, match=r"recorded from torch 2\.6 on"), record(Two()):
        pass


class Heard(nn.Module):
    """What a page runs: the weights are an output."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        with record(self.model) as reads:
            out = self.model(x)
        return out, reads["first"], reads["second"]


def test_an_exported_graph_gives_what_was_recorded():
    model, slots = Two(), torch.export.Dim("S", min=2, max=99)
    program = torch.export.export(
        Heard(model), (torch.randn(2, 4, 3),), dynamic_shapes=({1: slots},), strict=False
    )
    x = torch.randn(2, 7, 3)
    _, first, second = program.module()(x)
    with record(model) as reads:
        model(x)
    torch.testing.assert_close(first, reads["first"])
    torch.testing.assert_close(second, reads["second"])
    assert not _open


def test_the_longest_chain_is_that_of_what_waits():
    x = torch.ones(2, requires_grad=True)
    assert longest_chain(2 * x) == 1
    assert longest_chain((2 * x + 1).exp()) == 3
    assert longest_chain((2 * x).exp() + x) == 3  # the longer of two ways
    assert longest_chain((2 * x).exp() + (x + 1).exp().sin()) == 4
    twice = 2 * x
    assert longest_chain(twice + twice) == 2
    long = x
    for _ in range(5000):
        long = long + 1
    assert longest_chain(long) == 5000


@pytest.mark.parametrize("output", [torch.ones(2), torch.ones(2, requires_grad=True)])
def test_the_longest_chain_needs_a_graph(output):
    with pytest.raises(ValueError, match="output must be computed"):
        longest_chain(output)
