"""Errors that keep every shape, planted in the models of images, and who sees them.

A mutant replaces one function or method. It must be seen by what the tests of its model check
anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor, nn
from torch.nn import functional as f

from lecture_utils import gating
from lecture_utils.addressing import Address, Dot
from lecture_utils.models import alexnet, bam, lenet, non_local, residual_attention, resnet, senet
from lecture_utils.recording import note
from tests.models import (
    test_alexnet,
    test_bam,
    test_lenet,
    test_non_local,
    test_residual_attention,
    test_resnet,
    test_senet,
)

Planted = tuple[str, object, str, Any]
"""Whose tests must see it, where something is, its name, and what stands there instead."""

_POOL = f.avg_pool2d
_TABLE, _SCORE = lenet.TableConv.forward, senet.ChannelGate.score
_UNIT, _READ = residual_attention.Unit.forward, non_local.NonLocal.read


def _other_side(self: lenet.TableConv, x: Tensor) -> Tensor:
    """Each map sees the maps that the table gives to the next one."""
    return _TABLE(self, x.roll(1, dims=1))


def _second_before_the_sum(self: resnet.Basic, x: Tensor) -> Tensor:
    return torch.relu(self.attention(self.residual(x))) + self.downsample(x)


def _without_relu(self: Any, x: Tensor) -> Tensor:
    return self.attention(self.residual(x)) + self.downsample(x)


def _from_behind_the_first(self: resnet.Bottleneck, x: Tensor) -> Tensor:
    """Strides in the other place: what version 1 and 1.5 differ in."""
    first, second = self.conv2.stride, self.conv1.stride
    y = f.conv2d(x, self.conv1.weight, stride=first)
    y = f.conv2d(torch.relu(self.bn1(y)), self.conv2.weight, stride=second, padding=1)
    return self.bn3(self.conv3(torch.relu(self.bn2(y))))


def _pads_in_front(self: resnet.Pad, x: Tensor) -> Tensor:
    return f.pad(x[..., :: self.stride, :: self.stride], (0, 0, 0, 0, self.more, 0))


def _pools_on_the_way(self: resnet.Pad, x: Tensor) -> Tensor:
    return f.pad(f.avg_pool2d(x, self.stride, ceil_mode=True), (0, 0, 0, 0, 0, self.more))


def _gate_behind_the_sum(self: Any, x: Tensor) -> Tensor:
    return torch.relu(self.attention(self.residual(x) + self.downsample(x)))


def _linear_excitation(self: senet.ChannelGate, features: Tensor) -> Tensor:
    return self.W_2(self.W_1(self.squeeze(features)))[..., None, None]


def _tanh(self: gating.Gate, features: Tensor) -> Tensor:
    return note(self, torch.tanh(self.score(features)), axis=0)


def _linear_spatial(self: bam.SpatialBranch, features: Tensor) -> Tensor:
    x = features
    for layer, norm in zip((self.f_0, self.f_1, self.f_2), self.hidden_norms, strict=True):
        x = norm(layer(x))
    return self.norm(self.f_3(x))


def _undilated(self: bam.SpatialBranch, features: Tensor) -> Tensor:
    x = torch.relu(self.hidden_norms[0](self.f_0(features)))
    for layer, norm in zip((self.f_1, self.f_2), list(self.hidden_norms)[1:], strict=True):
        x = torch.relu(norm(f.conv2d(x, layer.weight, layer.bias, padding=1)))
    return self.norm(self.f_3(x))


def _squeezes_by_the_maximum(self: bam.ChannelBranch, features: Tensor) -> Tensor:
    hidden = torch.relu(self.hidden_norm(self.W_0(features.amax(dim=(-2, -1)))))
    return self.norm(self.W_1(hidden))[..., None, None]


def _attends(change: Callable[..., Tensor]) -> Callable:
    """What `NonLocal` reads by, of weights from the address, queries, keys and values."""

    def attend(address: Address, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        return change(address, q, k, v)

    return attend


def _values_by(which: str) -> Callable:
    def read(self: non_local.NonLocal, x: Tensor) -> Tensor:
        values, given = getattr(self, which), self.g
        if isinstance(values, nn.Identity):
            return _READ(self, x)
        try:
            self.g = values
            return _READ(self, x)
        finally:
            self.g = given

    return read


def _subsamples_by_the_mean(self: non_local.NonLocal, x: Tensor) -> Tensor:
    given = self.pool
    try:
        self.pool = nn.AvgPool2d(2) if isinstance(given, nn.MaxPool2d) else given
        return _READ(self, x)
    finally:
        self.pool = given


def _columns_first(self: non_local.NonLocal, x: Tensor) -> Tensor:
    height, width = x.shape[-2:]
    y = self.read(x).transpose(-2, -1).unflatten(-1, (width, height)).mT
    return self.norm(self.W_z(y)) + x


def _skipless(self: residual_attention.Hourglass, x: Tensor) -> Tensor:
    low = self.down(x)
    low = low if self.inner is None else self.inner(low)
    return f.interpolate(self.up(low), x.shape[-2:], mode="bilinear", align_corners=True)


def _stretched_otherwise(**how: Any) -> Callable:
    def forward(self: residual_attention.Hourglass, x: Tensor) -> Tensor:
        low = self.down(x)
        if self.inner is not None:
            low = self.inner(low) + self.skip(low)
        return f.interpolate(self.up(low), x.shape[-2:], **how)

    return forward


def _attended(change: Callable[[Any, Tensor], Tensor]) -> Callable:
    return lambda self, x: change(self, x)


def _projects_what_comes_in(self: residual_attention.Unit, x: Tensor) -> Tensor:
    ready = torch.relu(self.norm(x))
    around = x if self.around is None else self.around(x)
    return self.conv3(self.conv2(self.conv1(ready))) + around


Attended = residual_attention.Attended

MUTANTS: dict[str, Planted] = {
    "tanh without its 2/3": (
        "lenet", lenet.Squash, "forward", lambda self, a: 1.7159 * torch.tanh(a),
    ),
    "subsampling by the mean": (
        "lenet", lenet.Subsample, "forward",
        lambda self, x: self.coefficient * _POOL(x, 2) + self.bias,
    ),
    "the bias is multiplied, too": (
        "lenet", lenet.Subsample, "forward",
        lambda self, x: self.coefficient * (4 * _POOL(x, 2) + self.bias),
    ),
    "the table is off by one": ("lenet", lenet.TableConv, "forward", _other_side),
    "distances are not squared": (
        "lenet", lenet.RBF, "forward",
        lambda self, x: (x.unsqueeze(-2) - self.points).abs().sum(dim=-1),
    ),
    "the response norm is a fifth of the paper's": (
        "alexnet", alexnet, "response_norm",
        lambda: nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0),
    ),
    "no ReLU behind the sum": ("resnet", resnet.Basic, "forward", _without_relu),
    "the ReLU is before the sum": ("resnet", resnet.Basic, "forward", _second_before_the_sum),
    "no ReLU behind a bottleneck": ("resnet", resnet.Bottleneck, "forward", _without_relu),
    "the stride is in the other convolution": (
        "resnet", resnet.Bottleneck, "residual", _from_behind_the_first,
    ),
    "option A pads in front": ("resnet", resnet.Pad, "forward", _pads_in_front),
    "option A takes means": ("resnet", resnet.Pad, "forward", _pools_on_the_way),
    "scores of the largest place": (
        "resnet", resnet.ResNet, "forward",
        lambda self, images: self.fc(self.features(images).amax(dim=(-2, -1))),
    ),
    "squeezed by the maximum": (
        "senet", senet.ChannelGate, "squeeze", lambda self, x: x.amax(dim=(-2, -1)),
    ),
    "excitation without its ReLU": ("senet", senet.ChannelGate, "score", _linear_excitation),
    "a gate of tanh": ("senet", gating.Gate, "forward", _tanh),
    "the gate is behind the sum": ("senet", resnet.Basic, "forward", _gate_behind_the_sum),
    "every channel has the gate of the next": (
        "senet", senet.ChannelGate, "score", lambda self, x: _SCORE(self, x).roll(1, dims=1),
    ),
    "the product where the sum is asked for": (
        "bam", bam.BottleneckGate, "score", lambda self, x: self.channel(x) * self.spatial(x),
    ),
    "the sum where the product is asked for": (
        "bam", bam.BottleneckGate, "score", lambda self, x: self.channel(x) + self.spatial(x),
    ),
    "the slide's circled plus": (
        "bam", bam.BAM, "forward", lambda self, x: x + (x + self.gate(x)),
    ),
    "gated and nothing added": ("bam", bam.BAM, "forward", lambda self, x: x * self.gate(x)),
    "the spatial branch without its ReLUs": ("bam", bam.SpatialBranch, "forward", _linear_spatial),
    "the spatial branch without its dilation": ("bam", bam.SpatialBranch, "forward", _undilated),
    "the channel branch takes the maximum": (
        "bam", bam.ChannelBranch, "forward", _squeezes_by_the_maximum,
    ),
    "scores over the root of C'": (
        "non_local", non_local, "attend", _attends(
            lambda a, q, k, v: a.weights(q / q.shape[-1] ** 0.5, k) @ v
        ),
    ),
    "the softmax is over the queries": (
        "non_local", non_local, "attend", _attends(
            lambda a, q, k, v: note(a, (q @ k.mT).softmax(-2)) @ v if type(a) is Dot
            else a.weights(q, k) @ v
        ),
    ),
    "another softmax where nobody records": (
        "non_local", non_local, "attend", _attends(
            lambda a, q, k, v: (
                a.weights(q, k) if non_local.recording() or type(a) is not Dot
                else (2 * q @ k.mT).softmax(-1)
            ) @ v
        ),
    ),
    "over the features, not over N": (
        "non_local", non_local.OverN, "weights",
        lambda self, q, k, mask=None: note(self, self.score(q, k) / q.shape[-1]),
    ),
    "the cheaper order counts the queries": (
        "non_local", non_local, "read_first", lambda q, k, v: q @ (k.mT @ v) / q.shape[-2],
    ),
    "pairs without their ReLU": (
        "non_local", non_local.Concat, "score",
        lambda self, q, k: (q @ self.w.weight[0].chunk(2)[0]).unsqueeze(-1)
        + (k @ self.w.weight[0].chunk(2)[1]).unsqueeze(-2),
    ),
    "the halves of w are exchanged": (
        "non_local", non_local.Concat, "score",
        lambda self, q, k: torch.relu(
            (q @ self.w.weight[0].chunk(2)[1]).unsqueeze(-1)
            + (k @ self.w.weight[0].chunk(2)[0]).unsqueeze(-2)
        ),
    ),
    "keys for values": ("non_local", non_local.NonLocal, "read", _values_by("phi")),
    "queries for values": ("non_local", non_local.NonLocal, "read", _values_by("theta")),
    "places come back column by column": (
        "non_local", non_local.NonLocal, "forward", _columns_first,
    ),
    "no residual path": (
        "non_local", non_local.NonLocal, "forward",
        lambda self, x: self.norm(self.W_z(
            self.read(x).transpose(-2, -1).unflatten(-1, x.shape[-2:])
        )),
    ),
    "subsampled by the mean": ("non_local", non_local.NonLocal, "read", _subsamples_by_the_mean),
    "naive learning always": (
        "residual_attention", Attended, "forward",
        _attended(lambda self, x: self.trunk(x) * self.mask(x)),
    ),
    "residual learning always": (
        "residual_attention", Attended, "forward",
        _attended(lambda self, x: self.trunk(x) * (1 + self.mask(x))),
    ),
    "the mask is of the trunk": (
        "residual_attention", Attended, "forward",
        _attended(lambda self, x: self.trunk(x) * (self.mask(self.trunk(x)) + (not self.naive))),
    ),
    "what comes in is gated, not the trunk": (
        "residual_attention", Attended, "forward",
        _attended(lambda self, x: self.trunk(x) + x * self.mask(x)),
    ),
    "no skip in the hourglass": (
        "residual_attention", residual_attention.Hourglass, "forward", _skipless,
    ),
    "corners do not stay corners": (
        "residual_attention", residual_attention.Hourglass, "forward",
        _stretched_otherwise(mode="bilinear", align_corners=False),
    ),
    "the nearest place, not between": (
        "residual_attention", residual_attention.Hourglass, "forward",
        _stretched_otherwise(mode="nearest"),
    ),
    "the projection skips the norm": (
        "residual_attention", residual_attention.Unit, "forward", _projects_what_comes_in,
    ),
}  # fmt: skip
"""What stands where, instead of what; by what is wrong."""

CHECKS: dict[str, tuple[Callable[[], None], ...]] = {
    "lenet": (
        test_lenet.test_squash_is_the_paper_s,
        test_lenet.test_subsampling_is_the_sum_of_four_times_a_coefficient_plus_a_bias,
        test_lenet.test_each_map_of_c3_sees_the_maps_of_table_1,
        test_lenet.test_the_network_is_its_layers_and_the_nearest_drawing_wins,
    ),
    "alexnet": (test_alexnet.test_response_norm_is_the_formula,),
    "resnet": (
        lambda: test_resnet.test_a_basic_block_written_anew("A"),
        lambda: test_resnet.test_a_bottleneck_written_anew(1, 2),
        lambda: test_resnet.test_a_bottleneck_written_anew(1.5, 2),
        test_resnet.test_the_scores_are_of_the_mean_over_the_places,
    ),
    "senet": (
        test_senet.test_the_formula,
        test_senet.test_gates_stand_before_the_sum_and_are_recorded_by_block,
    ),
    "bam": (
        lambda: test_bam.it_is_the_formula("end", "sum"),
        lambda: test_bam.it_is_the_formula("hidden", "product"),
    ),
    "non_local": tuple(
        (lambda pairwise=pairwise, subsample=subsample: (
            test_non_local.it_is_the_formula(pairwise, subsample)
        ))
        for pairwise in ("embedded", "dot", "concat") for subsample in (True, False)
    ),
    "residual_attention": (
        lambda: test_residual_attention.it_is_the_formula(1, naive=False, size=(4, 5)),
        lambda: test_residual_attention.it_is_the_formula(1, naive=True, size=(4, 5)),
        lambda: test_residual_attention.it_is_the_formula(2, naive=False, size=(5, 4)),
        test_residual_attention.test_a_unit_that_changes_the_shape,
    ),
}  # fmt: skip
"""The checks of each model that are quick enough to be run on every mutant."""


@contextmanager
def planted(mutant: str) -> Iterator[str]:
    """The mutant stands in its model inside the block; gives the model's name."""
    model, owner, name, instead = MUTANTS[mutant]
    with patch.object(owner, name, instead):
        yield model


def who_sees(mutant: str) -> str:
    """What the first check says that the mutant fails; empty if it passes all."""
    with planted(mutant) as model:
        for check in CHECKS[model]:
            try:
                check()
            except AssertionError as error:
                return str(error) or "an assertion failed"
    return ""
