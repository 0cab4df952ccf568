"""The exported models that stand in the book, as torch models and as descriptions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from torch import nn

from lecture_utils import live
from lecture_utils.live.kind import Kind
from lecture_utils.models.bahdanau import bahdanau
from lecture_utils.models.bam import BAM
from lecture_utils.models.bam_controls import BRANCHES, without
from lecture_utils.models.encoder_decoder import FixedContext, build
from lecture_utils.models.kv_memnn import KVMemNN
from lecture_utils.models.lenet import LeNet
from lecture_utils.models.location import location_sensitive
from lecture_utils.models.memn2n import memn2n
from lecture_utils.models.non_local import NonLocal
from lecture_utils.models.place_net import PlaceNet
from lecture_utils.models.resnet import small_resnet
from lecture_utils.models.senet import ChannelGate, SqueezeExcitation
from lecture_utils.models.transformer import transformer
from lecture_utils.tasks.chosen_places import among, fragment_net
from lecture_utils.tasks.cued_digits import RATIO, cue_net
from lecture_utils.tasks.digit_reading import Prepared, halved_in_three
from lecture_utils.tasks.soft_masks import masked_net

MODELS = Path(__file__).resolve().parents[2] / "book" / "_static" / "models"
NAMES = sorted(folder.name for folder in MODELS.iterdir() if folder.is_dir())


def told(name: str, file: str = "model") -> dict[str, Any]:
    """What ``model.json`` or another file of a model tells."""
    return json.loads((MODELS / name / f"{file}.json").read_text(encoding="utf-8"))


def among_fragments(off: str = "") -> PlaceNet:
    """The network that reads a cue among fragments, with a branch of its modules off, if any."""

    def module(channels: int) -> BAM:
        made = BAM(channels, 4, norms="hidden")
        return without(made, off) if off else made

    return among(fragment_net(module))


def torch_model(name: str) -> nn.Module:
    """The model whose weights were exported."""
    about = told(name)
    if about["kind"] == "sequence to sequence":
        sizes = [len(about[side]["tokens"]) for side in ("source", "target")]
        turned = {"positions": "rotary", "norm_first": True, "base": 100.0}
        make = {
            "fixed": lambda *n: build(FixedContext(), *n),
            "place": location_sensitive,
            "heads": lambda *n: transformer(*n, **turned),
            "paper": transformer,
            "scattered": lambda *n: transformer(*n, **turned),
        }
        model = make.get(name.rpartition("-")[2], bahdanau)(*sizes)
    elif about["kind"] == "story memory":
        slots = about["limits"]["slots"]
        model = memn2n(len(about["tokens"]), hops=about["hops"], slots=slots)
    elif about["kind"] == "images":
        images = {
            "residual": lambda: Prepared(small_resnet(20, width=8), halved_in_three),
            "cue": lambda: cue_net(lambda C: SqueezeExcitation(ChannelGate(C, RATIO))),
            "same": lambda: PlaceNet(NonLocal(24)),
            "bam": among_fragments,
            **{f"bam-no-{off}": lambda off=off: among_fragments(off) for off in BRANCHES},
            "hourglass": masked_net,
        }
        model = images.get(name, LeNet)()
    else:
        words, names = len(about["words"]), len(about["names"])
        model = KVMemNN(words + 2 * names, drawn=2 * names)
    live.load_weights(model, MODELS / name / "weights.safetensors")
    return model.eval()


def kind(name: str) -> Kind:
    """The description that gives the committed ``model.json``."""
    about, model = told(name), torch_model(name)
    if about["kind"] == "sequence to sequence":
        text = about["text"]
        sides = {
            side: live.Language(
                about[side]["language"], about[side]["tokens"], about["limits"][side]
            )
            for side in ("source", "target")
        }
        numerals = live.Numerals(*text["values"].values(), largest=text["largest"])
        filling = {key: about[key] for key in ("places", "told") if key in about}
        return live.SequenceToSequence(model, **sides, text=numerals, **filling)
    if about["kind"] == "images":
        fields = ("labels", "size", "places", "channels", "box", "values")
        gates = {name: one["place"] for name, one in about.get("gates", {}).items()}
        more = {"grids": about.get("grids", {}), "gates": gates}
        return live.Images(model, **{name: about[name] for name in fields}, **more)
    if about["kind"] == "story memory":
        fields = {key: about[key] for key in ("tokens", "tasks")}
        words = about["limits"]["words"]
        return live.StoryMemory(model, **fields, words=words, stories=told(name, "stories"))
    fields = {key: about[key] for key in ("words", "names", "aliases")} | told(name, "knowledge")
    limits = {"frequent": about["limits"]["frequent"], "most": about["limits"]["slots"]}
    return live.KeyValueMemory(model, **fields, **limits)


def kinds() -> dict[str, Kind]:
    """All of them, by name."""
    return {name: kind(name) for name in NAMES}
