"""Every picture is its model: parts, shapes and arrows, and no arrow could stand elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from lecture_utils import diagrams
from lecture_utils.diagrams import Picture
from lecture_utils.models.alexnet import alexnet
from lecture_utils.models.bahdanau import bahdanau
from lecture_utils.models.bam import BAM
from lecture_utils.models.convolution import OneMap
from lecture_utils.models.encoder_decoder import (
    Decoder,
    EncoderDecoder,
    FixedContext,
    build,
    greedy,
)
from lecture_utils.models.lenet import LeNet, LeNet5
from lecture_utils.models.multi_head import HeadByHead
from lecture_utils.models.non_local_steps import InSteps, PlaceGate
from lecture_utils.models.recurrent import GRUCell, LSTMCell, NextWord
from lecture_utils.models.residual_attention import Attended, SoftMask, Unit, units
from lecture_utils.models.resnet import Basic, Block, Bottleneck, shortcut, small_resnet
from lecture_utils.models.self_attention import HeadInSteps
from lecture_utils.models.senet import ChannelGate, SqueezeExcitation
from lecture_utils.models.transformer import transformer
from tests.models.vision import filled

from .binding import Run, Unbound, moved


def sizes(picture: Picture) -> dict[str, int]:
    """What the letters of the shapes are in the run."""
    if picture.name in TRANSFORMERS:
        return {"B": 1, "S": 5, "T": 4, "D": 16, "H": 4}
    if picture.name == "heads":
        return {"B": 1, "S": 4, "T": 1, "D": 12, "d": 3}
    if picture.name in ("non_local", "address_and_gates"):
        return {"B": 1, "N": 72, "d": 4}
    slots = [part.count for part in picture.parts if part.name == "memory"]
    return {"B": 1, "S": (slots or [4])[0], "H": 7, "D": 5, "T": 3, "d": 6}


TRANSFORMERS = ("transformer", "encoder_layer", "decoder_layer", "at_work", "residual_stream")

IMAGES: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "alexnet": (lambda: alexnet().eval(), (3, 224, 224)),
    "convolution": (OneMap, (1, 28, 28)),
    "lenet": (LeNet, (1, 28, 28)),
    "lenet_1998": (LeNet5, (1, 32, 32)),
    "residual_network": (lambda: filled(small_resnet(8, width=8)), (3, 14, 14)),
}

BLOCKS: dict[str, dict[str, tuple[type[Block], int, int, str]]] = {
    "residual_block": {"plain": (Basic, 8, 8, "none"), "residual": (Basic, 8, 8, "A")},
    "bottleneck": {"basic": (Basic, 64, 64, "A"), "bottleneck": (Bottleneck, 256, 64, "A")},
}
"""Of each block of a picture its kind, maps that come in, width and shortcut."""

Made = tuple[nn.Module, Callable[[], Tensor], int]


def translator(model: EncoderDecoder, slots: int) -> Made:
    """Translates as many words as the picture has slots, into six; biased against an early end."""
    with torch.no_grad():
        model.decoder.readout.W.bias[2] = -9.0
    source = torch.tensor([[4, 6, 8, 5, 7, 9][:slots]])
    return model, lambda: greedy(model, source, torch.ones_like(source, dtype=torch.bool), 6)[0], 12


class SlideDecoder(Decoder):
    """The lecture's: the output layer sees the new state."""

    def forward(self, token: Tensor, state: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        word = self.embed(token)
        after = self.cell(torch.cat([word, context], dim=-1), state)
        return self.readout(after, word, context), after


def made(name: str, version: str) -> Made:
    """A small model of the picture `name`, with weights at random, and what runs it."""
    torch.manual_seed(3)
    if name in ("recurrent", "gru"):
        model = NextWord(11, GRUCell(5, 7), 5)
        words = torch.tensor([[4, 6, 8, 5]])
        return model, lambda: model(words)[0][0].argmax(-1), 11
    if name == "lstm":
        cell, inputs = nn.ModuleDict({"cell": LSTMCell(5, 7)}), torch.randn(3, 1, 5)

        def reads() -> Tensor:
            h, c, states = torch.zeros(1, 7), torch.zeros(1, 7), []
            for x in inputs:
                h, c = cell["cell"](x, h, c)
                states.append(h)
            return torch.cat(states).argmax(-1)

        return cell, reads, 7
    if name in IMAGES:  # they say one digit: the same at both moments
        make, size = IMAGES[name]
        model, images = make(), torch.rand(1, *size)
        for layer in (layer for layer in model.modules() if isinstance(layer, nn.Conv2d)):
            if layer.bias is not None:
                nn.init.uniform_(layer.bias, 0.2, 0.5)  # no map is empty
        return model, lambda: model(images).flatten(1).argmax(-1).expand(2), 10
    if name in BLOCKS:  # norms at random, so that none can be left out
        both = nn.ModuleDict()
        for side, (kind, inputs, width, around) in BLOCKS[name].items():
            path = shortcut(around, inputs, kind.expansion * width, 1)
            both[side] = filled(kind(inputs, width, 1, path), len(both))
        entering = {side: torch.rand(1, given[1], 14, 14) for side, given in BLOCKS[name].items()}

        def blocks() -> Tensor:
            return torch.stack([both[side](given).mean() for side, given in entering.items()])

        return both, blocks, 2
    if name == "squeeze_and_excitation":
        block = nn.ModuleDict({"se": SqueezeExcitation(ChannelGate(8, 2))})
        features = torch.rand(1, 8, 14, 14)
        return block, lambda: block["se"](features).mean(dim=(0, 2, 3)), 8
    if name == "bam":
        block = filled(nn.ModuleDict({"bam": BAM(8, 2, dilation=2)}))
        features = torch.rand(1, 8, 14, 14)
        return block, lambda: block["bam"](features).mean(dim=(0, 2, 3)), 8
    if name == "residual_attention":  # norms at random, so that none can be left out
        made = filled(Attended(units(8, 2), SoftMask(8, 2)))
        module, x = nn.ModuleDict({"module": made}), torch.rand(1, 8, 8, 8)
        return module, lambda: module["module"](x).mean(dim=(0, 2, 3)), 8
    if name == "non_local":
        both = nn.ModuleDict({"non_local": InSteps(8), "gated": SqueezeExcitation(PlaceGate(8))})
        both, given = filled(both), torch.rand(2, 1, 8, 6, 12)
        sides = [*zip(both.values(), given, strict=True)]
        return both, lambda: torch.stack([side(x).mean() for side, x in sides]), 2
    if name == "address_and_gates":
        columns = {
            "nl": InSteps(8),
            "se": SqueezeExcitation(ChannelGate(8, 2)),
            "bam": BAM(8, ratio=2),
            "ran": Attended(Unit(8), SoftMask(8, downs=1)),
        }
        beside = filled(nn.ModuleDict(columns)).eval()
        here = [*zip(beside.values(), torch.rand(4, 1, 8, 6, 12), strict=True)]
        return beside, lambda: torch.stack([column(x).mean() for column, x in here]), 4
    if name == "scaled_dot":  # three queries, of other words than the four slots
        head, queries, memory = HeadInSteps(5, 6), torch.randn(1, 3, 5), torch.randn(1, 4, 5)
        mask = torch.tensor([[[True, True, True, False]]])
        return head, lambda: head(queries, memory, mask)[0].argmax(-1), 6
    if name == "heads":  # one query, so that each head's read is a block of the joined vector
        heads, queries, memory = HeadByHead(12, 4), torch.randn(1, 1, 12), torch.randn(1, 4, 12)
        return heads, lambda: heads(queries, memory)[0].argmax(-1), 12
    if name == "residual_stream":  # gains and offsets at random, so that no norm is another
        both = nn.ModuleDict(
            {
                side: transformer(11, 12, 16, layers=1, inner=20, norm_first=side == "pre").encoder
                for side in ("post", "pre")
            }
        )
        for norm in (part for part in both.modules() if isinstance(part, nn.LayerNorm)):
            nn.init.normal_(norm.weight)
            nn.init.normal_(norm.bias)
        source = torch.tensor([[4, 6, 8, 5, 7]])
        return both, lambda: torch.stack([both[side](source) for side in both]).argmax(-1), 16
    if name in TRANSFORMERS:
        layers = 2 if name == "at_work" else 1
        model = transformer(11, 12, 16, heads=4, layers=layers, inner=20).eval()
        source, target = torch.tensor([[4, 6, 8, 5, 7]]), torch.tensor([[1, 5, 6, 4, 3]])
        return model, lambda: model(source, None, target)[0].argmax(-1), 12
    if name == "fixed_context":
        return translator(build(FixedContext(), 11, 12, 5, 7, 4), 4)
    model = bahdanau(11, 12, 5, 7, 4)
    if version == "slide":
        slide = SlideDecoder(12, 5, 7, 14, 4)
        slide.load_state_dict(model.decoder.state_dict())
        model.decoder = slide
    return translator(model, PICTURES[name]["memory"].count)


PICTURES = {
    name: getattr(diagrams, name)
    for name in diagrams.__all__
    if isinstance(getattr(diagrams, name), Picture)
}
VERSIONS = [
    (name, version) for name, picture in PICTURES.items() for version in picture.versions or ("",)
]


TRUE_TOO = {
    "bam": {("M_c", "sigmoid"), ("M_s", "sigmoid")},
    "fixed_context": {("context", "first"), ("memory", "decoder")},
    "residual_stream": {
        ("words_pre", "feed_forward_sum_pre"),
        ("attention_pre", "feed_forward_sum_pre"),
    },
}
"""What flows as well, through what is drawn: the context is made of halves of the memory; where
nothing but sums stands on the line, the second sum may take what the first takes; what is added
before a sigmoid may be added in it."""


@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_a_picture_is_its_model(name: str, version: str) -> None:
    Run(PICTURES[name], *made(name, version)).check(sizes(PICTURES[name]), version)


def test_the_versions_of_bahdanau_differ_in_what_the_output_layer_sees() -> None:
    for version, other in (("slide", "appendix"), ("appendix", "slide")):
        with pytest.raises(Unbound, match=r"to output\."):
            Run(diagrams.bahdanau, *made("bahdanau", version)).check(
                sizes(diagrams.bahdanau), other
            )


@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_a_moved_arrow_is_seen(name: str, version: str) -> None:
    picture = PICTURES[name]
    run = Run(picture, *made(name, version))
    drawn = {arrow.ends for arrow in picture.arrows if arrow.only in ("", version)}

    def like(part: str) -> set[str]:
        """The parts that give the very tensor that `part` gives, itself among them."""
        (here,) = run.leaves(picture[part], None)[:1] or [None]
        given = {other.name: run.leaves(other, None)[:1] for other in picture.parts}
        return {part} | {
            name
            for name, there in given.items()
            if here is not None and there and torch.equal(here.flatten(), there[0].flatten())
        }

    true = {(a, b) for start, end in drawn for a in like(start) for b in like(end)}
    true |= TRUE_TOO.get(name, set())
    true |= {  # by the same way past the numbers that it leaves, into what takes them
        (one.ends[0], other.ends[1])
        for one in picture.arrows
        for other in picture.arrows
        if one.by and one.ends[1] == other.ends[0] and not other.by
    }
    elsewhere = [
        (one, run.moved(arrow, one)) for arrow, one in moved(picture) if arrow.only in ("", version)
    ]
    assert [
        f"{one.start} to {one.end}" for one, flows in elsewhere if flows and one.ends not in true
    ] == []
    assert sum(not flows for _, flows in elsewhere) > 4 * len(drawn)


def test_what_is_neither_drawn_nor_left_out_is_seen() -> None:
    picture = replace(diagrams.bahdanau, omits={})
    with pytest.raises(Unbound, match="neither drawn nor left out"):
        Run(picture, *made("bahdanau", "appendix"))
    picture = replace(diagrams.bahdanau, omits={**diagrams.bahdanau.omits, "decoder.lstm": ""})
    with pytest.raises(Unbound, match=r"no modules \['decoder.lstm'\]"):
        Run(picture, *made("bahdanau", "appendix"))


def test_a_wrong_shape_is_seen() -> None:
    picture = diagrams.bahdanau
    wrong = [replace(p, shape="B, S, H") if p.name == "memory" else p for p in picture.parts]
    with pytest.raises(Unbound, match="memory: B, S, H is"):
        Run(replace(picture, parts=wrong), *made("bahdanau", "appendix")).check(
            sizes(picture), "appendix"
        )


INSIDE = [
    (name, part.name)
    for name, picture in PICTURES.items()
    for part in picture.parts
    if part.form == "maps"
]


@pytest.mark.parametrize(("name", "inside"), INSIDE)
def test_the_weights_stand_in_the_box_that_computes_them(name: str, inside: str) -> None:
    picture = PICTURES[name]
    maps = picture[inside]
    right = maps.x + (maps.count - 1) * maps.dx + maps.w / 2
    around = [
        part
        for part in picture.parts
        if part.holds
        and part.x - part.w / 2 < maps.x - maps.w / 2
        and right < part.x + part.w / 2
        and part.y - part.h / 2 < maps.y - maps.h / 2
        and maps.y + maps.h / 2 < part.y + part.h / 2
    ]
    (box,) = around
    assert any(maps.at.startswith(f"{path.rpartition('.W_')[0] or path}.") for path in box.of)
    if maps.opens:
        assert (maps.opens, maps.layer) == (box.opens, box.layer)
        assert f"layers.{maps.layer}." in maps.at


def test_a_frame_stands_around_the_window_that_is_shown_beside_it() -> None:
    picture = diagrams.convolution
    images = torch.rand(1, 1, 28, 28)
    windows = OneMap().windows(images)[0]
    for k in range(3):
        (shown,) = picture[f"patch_{k}"].which
        for name, whole, side in ((f"window_{k}", "image", 28), (f"found_{k}", "map", 24)):
            frame, of = picture[name], picture[whole]
            pixel = of.w / side
            left, top = (
                frame.x - frame.w / 2 - of.x + of.w / 2,
                frame.y - frame.h / 2 - of.y + of.h / 2,
            )
            row, column, size = round(top / pixel), round(left / pixel), round(frame.w / pixel)
            assert (24 * row + column, size) == (shown, 5 if whole == "image" else 1)
            if whole == "image":
                assert torch.equal(images[0, 0, row : row + 5, column : column + 5], windows[shown])


def test_the_wrong_number_of_heads_is_seen() -> None:
    picture = diagrams.at_work
    wrong = [replace(p, count=3) if p.name == "back_1" else p for p in picture.parts]
    with pytest.raises(Unbound, match="back_1: 3 squares"):
        Run(replace(picture, parts=wrong), *made("at_work", "use")).check(sizes(picture))


def test_a_picture_below_is_that_of_its_layer() -> None:
    below = {(p.name, p.places[0]): p for p in diagrams.at_work.below}
    assert len(below) == 4
    for picture in below.values():
        (layer,) = {int(p.split("layers.")[1][0]) for p in picture.places if "layers." in p}
        others = {f"{side}.layers.{1 - layer}.*": "" for side in ("encoder", "decoder")}
        whole = replace(picture, omits={**picture.omits, **others})
        Run(whole, *made("at_work", "use")).check(sizes(picture))
