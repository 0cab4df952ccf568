"""The view of channel gates: what a gate lets through, by class and within one, and held."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import traitlets
from matplotlib.figure import Figure
from numpy.typing import NDArray

from lecture_utils.views.base import (
    View,
    as_array,
    clipped,
    exported,
    fields,
    html_table,
    items,
    labelled,
    numbers,
    pack,
    string,
    unpack,
    whole,
)
from lecture_utils.views.colours import ROLES
from lecture_utils.views.images import (
    PLAIN,
    Sheet,
    answered,
    check_scores,
    class_names,
    drawings,
    drawn,
    fitting,
    pixels,
)
from lecture_utils.views.images import classes as scores_of

See = Callable[..., Mapping[str, Any]]

_WIDE, _TALL, _LAYERS = 6.6, 1.1, 4  # inches of the picture, of a layer in it; layers of it


class ChannelGates(View, folder="channel_gates"):
    """Gates of channels: their mean for each class beside how they spread within one.

    Whether a gate tells classes apart is seen by both: means that differ by less than a class
    spreads tell little. Of any model, what `record` gives is taken::

        with record(model) as reads:
            scores = model(images)
        ChannelGates({"stage 1": reads["layer1.0.attention.gate"]}, classes=labels)

    Where there is a model behind the view, the reader chooses or draws an image, holds gates, off
    or at their mean, and sees the scores before and after.

    Args:
        gates: by layer, in order and by the name that it shall have: gates in [0, 1] of n images,
            (n, C), or masks (n, C, H, W), of which the mean over all places is shown. Or a pair,
            means (K, C) and standard deviations (K, C) of K classes, where `classes` is None.
        classes: (n,) the class of each image, 0 to K - 1; each class has an image.
        labels: names of the K classes; "0", "1", ... if None.
        pair: the two classes that are compared first, as numbers.
        image: (H, W) or (C, H, W) array in [0, 1], what the network is shown; None: no image.
        scores: (K,), of the image.
        own: its gates, by layer, (C,).
        drawing: what the image was made of, as of `FeatureMaps`; the image itself if None.
        examples: (K, H, W) or (K, C, H, W) drawings that the reader can try.
        title: a line above the picture.
        who: what answers; for instance "network".
        message: a line about what is shown.
        live: an exported model, `live.Images` with `gates` of the same names, that a page without a
            kernel runs: its name, or a list of (label, name).
        see: the same in a notebook: the drawing, an array (h, w) or (C, h, w) in [0, 1], and
            ``held``, a mapping from layers to (C,) numbers, below 0 as computed -> mapping with
            ``image``, ``scores``, ``gates``, by layer, and, optional, ``after``, None or the
            ``scores`` and ``gates`` with what is held, and ``message``. As `tasks.drawing.see_of`
            makes one. Or a mapping label -> such a function.

    Raises:
        ValueError: naming the argument that is wrong, and what to pass.
    """

    def __init__(
        self,
        gates: Mapping[str, Any],
        *,
        classes: Any = None,
        labels: Sequence[str] | None = None,
        pair: Sequence[int] = (0, 1),
        image: Any = None,
        scores: Any = None,
        own: Mapping[str, Any] | None = None,
        drawing: Any = None,
        examples: Any = None,
        title: str = "",
        who: str = "network",
        message: str = "",
        live: str | Sequence[tuple[str, str]] | None = None,
        see: See | Mapping[str, See] | None = None,
    ) -> None:
        if not isinstance(gates, Mapping) or not gates:
            raise ValueError("gates: pass a mapping from the name of each layer to (n, C)")
        of = None if classes is None else _classes(classes)
        found = {string("gates", name): _by_class(name, one, of) for name, one in gates.items()}
        means = [mean for mean, _ in found.values()]
        count = len(means[0])
        if any(len(mean) != count for mean in means):
            raise ValueError("gates: pass means of the same classes for each layer")
        names = class_names(labels, count)
        self._fixed = {
            "title": string("title", title),
            "who": string("who", who),
            "labels": names,
            "pair": _pair(pair, count),
            "counts": [1] * count if of is None else np.bincount(of).tolist(),
            "layers": {
                name: {"mean": pack(mean), "spread": pack(spread)}
                for name, (mean, spread) in found.items()
            },
        }
        functions, named = labelled("see", see, "the drawing"), exported(live)
        if image is None and (functions or named or examples is not None):
            raise ValueError("image: pass what the network is shown, with its scores and own gates")
        shown = {"image": None, "drawing": None, "scores": None, "gates": None, "after": None}
        if image is not None:
            shown |= self._shown(image, scores, own)
            size = shown["image"]["shape"]
            given = pixels("drawing", image if drawing is None else drawing)
            shown["drawing"] = pack(fitting("drawing", given, size))
            self._fixed["examples"] = None if examples is None else drawings(examples, size)
        self._fixed.setdefault("examples", None)
        state = {**self._fixed, **shown, "message": string("message", message)}
        super().__init__(state, named, functions)

    def _shown(
        self, image: Any, scores: Any, gates: Any, after: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The checked part of the state that changes with the image and with what is held."""
        told = scores_of("scores", scores)
        check_scores(told, self._fixed["labels"])
        changed = None
        if after is not None:
            answer = fields("see", dict(after), {"scores", "gates"}, set())
            then = scores_of("scores", answer["scores"])
            check_scores(then, self._fixed["labels"])
            changed = {"scores": then, "gates": self._own(answer["gates"])}
        return {
            "image": pack(pixels("image", image)),
            "scores": told,
            "gates": self._own(gates),
            "after": changed,
        }

    def _own(self, gates: Any) -> dict[str, Any]:
        """The gates of one image, by layer, packed."""
        layers = self._fixed["layers"]
        if not isinstance(gates, Mapping) or {*gates} != {*layers}:
            raise ValueError(f"own: pass gates (C,) of the image for each of {[*layers]}")
        wanted = {name: layers[name]["mean"]["shape"][1] for name in layers}
        return {
            name: pack(as_array(f"own: {name!r}", gates[name], (wanted[name],))) for name in layers
        }

    @traitlets.observe("request")
    def _answer(self, change: dict[str, Any]) -> None:
        request = change["new"]

        def made(see: See) -> dict[str, Any]:
            if self.state["image"] is None:
                raise ValueError("image: there is none to look at")
            drawing = drawn(request, self.state["image"]["shape"])
            held = self._held(request.get("held") or {})
            answer = dict(see(drawing[0] if len(drawing) == 1 else drawing, held=held))
            told = {"message": answer.pop("message", None) or "", "drawing": pack(drawing)}
            known = {"after", "maps", "frame"}
            found = fields("see", answer, {"image", "scores", "gates"}, known)
            shown = self._shown(
                *(found[k] for k in ("image", "scores", "gates")), found.get("after")
            )
            return {**self._fixed, **shown, **told}

        self._respond(request, made)

    def _held(self, given: Any) -> dict[str, list[float]]:
        """What is held, by layer, as a request has it."""
        layers = self._fixed["layers"]
        told = f"held: pass a mapping from any of {[*layers]} to a number up to 1 for each channel"
        if not isinstance(given, Mapping) or not {*given} <= {*layers}:
            raise ValueError(told)
        held = {name: numbers(values, told) for name, values in given.items()}
        for name, values in held.items():
            shape = tuple(layers[name]["mean"]["shape"][1:])
            if values.shape != shape or not (values <= 1).all():
                raise ValueError(told)
        return {name: values.tolist() for name, values in held.items()}

    def _layers(self) -> list[tuple[str, NDArray[np.float64], NDArray[np.float64]]]:
        """Of each layer its name, means and spreads (K, C)."""
        return [
            (name, unpack(one["mean"]), unpack(one["spread"]))
            for name, one in self.state["layers"].items()
        ]

    def summary(self) -> str:
        """The answer, if there is an image, and which gate tells the two classes apart most."""
        state = self.state
        told = told_of(*self._layers()[0], state["labels"], state["pair"])
        return told if state["scores"] is None else f"{answered(state)} {told}"

    def table(self) -> str:
        """Of each layer the channel that tells the two classes apart most."""
        labels, (a, b) = self.state["labels"], self.state["pair"]
        lines = []
        for name, mean, spread in self._layers():
            c = most_different(mean, a, b)
            parts = (mean[a, c], spread[a, c], mean[b, c], spread[b, c])
            lines.append([name, str(mean.shape[1]), str(c + 1), *(f"{x:.3f}" for x in parts)])
        columns = (f"{what} “{labels[k]}”" for k in (a, b) for what in ("mean of", "spread within"))
        return html_table(["layer", "channels", "channel", *columns], lines)

    def figure(self) -> Figure:
        """For each of the first layers its means, its spreads, and how far the classes differ."""
        layers, (a, b) = self._layers()[:_LAYERS], self.state["pair"]
        labels = [clipped(name, 12) for name in self.state["labels"]]
        sheet = Sheet(_WIDE, 0.25 + len(layers) * (_TALL + 0.45), self.state["title"])
        side = 0.15 + 0.06 * max(map(len, labels))
        wide = (_WIDE - 3 * 0.2 - 2 * side) / 3
        for i, (name, mean, spread) in enumerate(layers):
            top, x = 0.45 + i * (_TALL + 0.45), side
            panels = ((f"{name}: mean", mean, 1.0), ("spread within", spread, None))
            for about, values, most in panels:
                axes = sheet.panel(about, x, top, wide, _TALL)
                axes.imshow(values, cmap="weights", vmin=0, vmax=most or values.max() or 1, **PLAIN)
                if len(labels) <= 12 and x == side:
                    axes.set_yticks(range(len(labels)), labels, **sheet.small)
                    axes.tick_params(length=0, pad=2)
                x += wide + 0.2
            axes = sheet.panel(f"“{labels[a]}” minus “{labels[b]}”", x + side, top, wide, _TALL)
            apart, within = mean[a] - mean[b], pooled(spread, a, b)
            place = np.arange(len(apart))
            axes.bar(place, 2 * within, 1, bottom=-within, color="#d0d7de")
            colours = [ROLES["query"] if x > 0 else ROLES["key"] for x in apart]
            axes.bar(place, apart, 0.6, color=colours)
            axes.set(xlim=(-0.5, len(apart) - 0.5))
            ends = max(np.abs(apart).max(), within.max()) or 1
            axes.set_yticks([-ends, 0, ends], [f"{-ends:.2f}", "0", f"{ends:.2f}"], **sheet.small)
        return sheet.figure


def _classes(classes: Any) -> NDArray[np.int64]:
    """The class of each image, checked."""
    told = "classes: pass (n,) whole numbers from 0, at least two of them, each of which occurs"
    found = numbers(classes, told)
    if found.ndim != 1 or not found.size or not (found == np.rint(found)).all() or found.min() < 0:
        raise ValueError(told)
    of = found.astype(int)
    counts = np.bincount(of) if of.max() < 10_000 else np.zeros(2)
    if len(counts) < 2 or not counts.all():
        missing = np.flatnonzero(counts == 0)[:5].tolist()
        raise ValueError(f"{told}; no image is of {missing}" if missing else told)
    return of


def _by_class(
    name: str, given: Any, of: NDArray[np.int64] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Means and standard deviations (K, C) of a layer's gates."""
    named = f"gates: {name!r}"
    if of is None:
        pair = items(named, given, "pass means and spreads, or `classes`, the class of each image")
        if len(pair) != 2:
            raise ValueError(f"{named}: pass means and spreads, two arrays (K, C), or `classes`")
        mean = as_array(f"{named}, means", pair[0], ("K", "C"))
        return mean, as_array(f"{named}, spreads", pair[1], mean.shape)
    gates = as_array(named, given)
    if gates.ndim < 2 or not gates.size or len(gates) != len(of):
        raise ValueError(
            f"{named} has shape {gates.shape}; pass ({len(of)}, C), one per class given"
        )
    gates = gates.reshape(*gates.shape[:2], -1).mean(axis=-1)
    several = [gates[of == k] for k in range(of.max() + 1)]
    return (
        np.stack([one.mean(axis=0) for one in several]),
        np.stack([one.std(axis=0) for one in several]),
    )


def _pair(pair: Sequence[int], count: int) -> list[int]:
    """Two different classes, checked."""
    told = f"pass two different classes, whole numbers from 0 to {count - 1}"
    found = [whole("pair", one, told) for one in items("pair", pair, told)]
    if len({*found}) != 2 or len(found) != 2 or not all(0 <= one < count for one in found):
        raise ValueError(f"pair: {told}")
    return found


def pooled(spread: NDArray[np.float64], a: int, b: int) -> NDArray[np.float64]:
    """How two classes spread together, (C,): the root of the mean of their variances."""
    return np.sqrt((spread[a] ** 2 + spread[b] ** 2) / 2)


def most_different(mean: NDArray[np.float64], a: int, b: int) -> int:
    """The channel whose means differ most between two classes; the first of equal ones."""
    return int(np.abs(mean[a] - mean[b]).argmax())


def told_of(
    name: str,
    mean: NDArray[np.float64],
    spread: NDArray[np.float64],
    labels: Sequence[str],
    pair: Sequence[int],
) -> str:
    """Which gate of a layer differs most between two classes, and what it spreads within them."""
    a, b = pair
    c = most_different(mean, a, b)
    apart = f"{mean[a, c]:.2f} for “{labels[a]}” and {mean[b, c]:.2f} for “{labels[b]}”"
    within = f"within a class it spreads by {spread[a, c]:.2f} and {spread[b, c]:.2f}"
    all_apart, all_within = np.abs(mean[a] - mean[b]).mean(), pooled(spread, a, b).mean()
    return (
        f"{name}, {mean.shape[1]} channels: channel {c + 1} differs most, {apart}; {within}. "
        f"In the mean over channels the classes differ by {all_apart:.2f} and spread by "
        f"{all_within:.2f}."
    )
