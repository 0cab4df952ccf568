"""Weights and read in one, masks, and numbers of few bits: fused or not, the same."""

import contextlib

import pytest
import torch

from lecture_utils.addressing import (
    Additive,
    Cosine,
    Dot,
    ScaledDot,
    attend,
    check_mask,
    masked_softmax,
    read,
)
from lecture_utils.recording import record
from tests.bench.addressing import (
    READERS,
    addresses,
    cases,
    measure_attend,
    measure_masks,
    silent,
)

MODULES = addresses()
EACH = pytest.mark.parametrize("address", MODULES, ids=lambda m: type(m).__name__)
FEW_BITS = pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])


def numbers(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def given(batch=(2,)):
    """Queries, keys and values, and a mask in which one query has no slot."""
    mask = numbers(*batch, 3, 5, seed=3) > -0.5
    mask[..., 1, :] = False
    return numbers(*batch, 3, 6), numbers(*batch, 5, 6, seed=1), numbers(*batch, 5, 7, seed=2), mask


@EACH
@pytest.mark.parametrize("batch", [(), (2,), (2, 4)])
@pytest.mark.parametrize("masked", [False, True])
def test_attend_is_weights_and_read_with_the_same_gradients(address, batch, masked):
    queries, keys, values, mask = given(batch)
    mask = mask if masked else None
    found = []
    for reader in (
        lambda q, k, v: attend(address, q, address.project(k), v, mask),
        lambda q, k, v: read(address(q, k, mask), v),
    ):
        leaves = [part.clone().requires_grad_() for part in (queries, keys, values)]
        result = reader(*leaves)
        gradients = torch.autograd.grad(result.square().sum(), leaves, allow_unused=True)
        found.append((result.detach(), gradients))
    torch.testing.assert_close(*found, rtol=0, atol=3e-6)
    if masked:
        assert found[0][0][..., 1, :].abs().max() == 0


def fused(monkeypatch):
    """Count the calls of torch's fused attention."""
    calls, torchs = [], torch.nn.functional.scaled_dot_product_attention

    def counted(*args, **kwargs):
        calls.append(kwargs)
        return torchs(*args, **kwargs)

    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", counted)
    return calls


def test_dot_products_are_fused_unless_somebody_records(monkeypatch):
    calls = fused(monkeypatch)
    queries, keys, values, mask = given()
    for address, times in ((Dot(), 1), (ScaledDot(), 1), (Additive(6, 6, 5), 0), (Cosine(), 0)):
        calls.clear()
        alone = attend(address, queries, address.project(keys), values, mask)
        assert len(calls) == times
        with record(address) as reads:
            recorded = attend(address, queries, address.project(keys), values, mask)
        assert len(calls) == times
        torch.testing.assert_close(alone, recorded, rtol=0, atol=1e-6)
        torch.testing.assert_close(read(reads[""], values), alone, rtol=0, atol=1e-6)


class Twice(Dot):
    """A reader's own score."""

    def score(self, queries, projected):
        return 2 * super().score(queries, projected)


class First(Dot):
    """A reader's own weights."""

    def weights(self, queries, projected, mask=None):
        scores = self.score(queries, projected)
        return torch.zeros_like(scores).index_fill(-1, torch.tensor(0), 1.0)


@pytest.mark.parametrize("kind", [Twice, First])
def test_a_class_with_a_score_or_weights_of_its_own_is_not_fused(kind, monkeypatch):
    calls = fused(monkeypatch)
    queries, keys, values, _ = given()
    result = attend(kind(), queries, keys, values)
    torch.testing.assert_close(result, read(kind()(queries, keys), values))
    assert not calls


def test_what_does_not_fit_is_refused_with_the_way_out():
    queries, keys, values, _ = given()
    with pytest.raises(ValueError, match="queries have 6 features and keys 5"):
        attend(Dot(), queries, keys[..., :5], values)
    with pytest.raises(ValueError, match="weights address 5 slots but values has 4"):
        attend(Dot(), queries, keys, values[:, :4])
    torch.testing.assert_close(  # one memory for all
        attend(Dot(), queries, keys[0], values[0]), read(Dot()(queries, keys[0]), values[0])
    )


class TestMask:
    shape = (2, 3, 5)

    @pytest.mark.parametrize("fits", [(2, 3, 5), (2, 1, 5), (1, 1, 5), (1, 3, 5), (1, 1, 1)])
    def test_has_the_axes_of_the_scores(self, fits):
        check_mask(torch.ones(fits, dtype=torch.bool), self.shape)

    @pytest.mark.parametrize("wrong", [(5,), (2, 5), (3, 5), (2, 3, 4), (3, 1, 5), (1, 2, 1, 5)])
    def test_of_other_axes_or_sizes_is_refused(self, wrong):
        with pytest.raises(ValueError, match=r"mask must have as many axes.*\(2, 3, 5\).*unsqueez"):
            check_mask(torch.ones(wrong, dtype=torch.bool), self.shape)

    @EACH
    def test_of_a_batch_without_an_axis_for_queries_is_refused(self, address):
        """As many queries as sentences: torch would take (B, S) for (T, S), and read padding."""
        queries, keys = numbers(3, 3, 6), numbers(3, 5, 6, seed=1)
        mask = torch.arange(5) < torch.tensor([[2], [3], [5]])
        with pytest.raises(ValueError, match=r"\(B, S\) as \(B, 1, S\)"):
            address(queries, keys, mask)
        with pytest.raises(ValueError, match=r"\(B, S\) as \(B, 1, S\)"):
            attend(address, queries, address.project(keys), keys, mask)

    def test_of_a_thousand_shapes_none_is_misread(self):
        assert measure_masks() == {"masks.silent": 0}

    def test_many_of_these_shapes_are_taken(self):
        taken = 0
        for name, queries, keys, mask in cases(1000):
            with contextlib.suppress(ValueError):
                READERS[name](queries, keys, mask)
                taken += 1
        assert 300 < taken < 700

    def test_the_measurement_hears_a_wrong_axis(self, monkeypatch):
        for name in ("primitive", "content", "hard", "location", "fused"):
            monkeypatch.setattr(f"lecture_utils.addressing.{name}.check_mask", lambda *it: None)
        queries, keys = numbers(3, 3, 6), numbers(3, 5, 6, seed=1)
        mask = torch.arange(5) < torch.tensor([[2], [3], [5]])
        for name in ("Dot", "attend Dot", "Additive", "LocationSensitive", "one_hot"):
            assert silent(name, queries, keys, mask)


def test_the_cost_is_measured():
    assert 0.1 < measure_attend(pairs=2)["address.attend.ratio"] < 10  # the bench has the bound


@EACH
@pytest.mark.parametrize("zeros", [False, True])
def test_an_empty_row_passes_anomaly_mode(address, zeros):
    queries, keys, values, mask = given()
    queries, keys = (part * (not zeros) for part in (queries, keys))
    queries.requires_grad_(), keys.requires_grad_()
    mask[0] = False
    with torch.autograd.set_detect_anomaly(True):
        for result in (
            read(address(queries, keys, mask), values),
            attend(address, queries, address.project(keys), values, mask),
        ):
            assert result[0].abs().max() == 0
            if result.requires_grad:
                result.sum().backward()
    assert all(part.grad is None or part.grad.isfinite().all() for part in (queries, keys))


def test_masked_softmax_makes_no_nan_on_its_way():
    mask = torch.tensor([[True, False], [False, False]])
    scores = torch.zeros(2, 2, requires_grad=True)
    with torch.autograd.set_detect_anomaly(True):
        masked_softmax(scores, mask).sum().backward()
    assert torch.equal(scores.grad, torch.zeros(2, 2))


@FEW_BITS
class TestFewBits:
    def test_cosine_of_zeros_is_zero(self, dtype):
        zeros, keys = torch.zeros(1, 6, dtype=dtype), numbers(5, 6).to(dtype)
        assert torch.equal(Cosine().score(zeros, keys), torch.zeros(1, 5, dtype=dtype))
        assert torch.equal(Cosine().score(keys, zeros), torch.zeros(5, 1, dtype=dtype))

    @EACH
    def test_every_address_stays_in_its_type_and_near_the_exact_one(self, address, dtype):
        queries, keys, values, mask = given()
        exact = attend(address, queries, address.project(keys), values, mask)
        few = address.to(dtype)
        try:
            queries, keys, values = (part.to(dtype) for part in (queries, keys, values))
            result = attend(few, queries, few.project(keys), values, mask)
        finally:
            address.float()
        assert result.dtype == dtype
        hard = type(address).__name__ in ("Hard", "StraightThrough", "Unnormalised")
        assert hard or (result - exact).abs().max() < 0.15


@pytest.mark.parametrize("address", [address for address in MODULES if hasattr(address, "move")])
def test_previous_weights_of_another_shape_are_refused(address):
    queries, keys, _, _ = given()
    for wrong in ((2, 3, 4), (2, 1, 5), (3, 5)):
        with pytest.raises(ValueError, match=r"previous must be weights \(2, 3, 5\)"):
            address(queries, keys, previous=torch.ones(wrong) / 5)
