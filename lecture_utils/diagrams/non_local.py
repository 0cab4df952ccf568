"""A non-local block, Wang et al. 2018, arXiv:1711.07971, and a gate beside it."""

from __future__ import annotations

from lecture_utils.diagrams.parts import Arrow, Note, Part, Step
from lecture_utils.diagrams.picture import Picture

_SLOTS = 3
_FIRST, _APART = 228, 68
_MIDDLE = _FIRST + (_SLOTS - 1) * _APART / 2
_WIDE = _SLOTS * _APART
_LEFT, _GATE = 50, 540
_VALUES, _KEYS, _SCORES = 214, 254, 410
_TOP = 44
_SHAPE = "B, 8, 6, 12"


def _map(name: str, x: float, y: float, says: str, at: str) -> Part:
    """The first map at a place of a block."""
    return Part(name, "planes", x, y, 84, 42, says=says, at=at, shape=_SHAPE)


def _layer(name: str, x: float, y: float, label: str, role: str, says: str) -> Part:
    """A convolution of 1 x 1 that makes queries, keys or values, one of each place."""
    made = {"theta": "queries", "phi": "keys", "g": "values"}[name]
    return Part(
        *(name, "operation", x, y, 48, 32, label, role),
        says=says,
        of=(f"non_local.{name}", f"non_local.{made}"),
        learned=True,
    )


def _half(name: str, y: float, label: str, role: str, says: str) -> Part:
    """The keys or the values of the first places."""
    return Part(
        *(name, "tensor", _FIRST, y, _APART, 38, label, role),
        says=says,
        count=_SLOTS,
        dx=_APART,
        at=f"non_local.{name}",
        shape="B, N, d",
    )


def _way(name: str, y: float, label: str, says: str) -> Part:
    """A step from scores to weights."""
    return Part(
        *(name, "operation", _MIDDLE, y, _WIDE, 28, label), says=says, of=(f"non_local.{name}",)
    )


non_local = Picture(
    name="non_local",
    title="A place reads all places; a gate lets each one through by itself",
    height=450,
    parts=(
        _map("x", _LEFT, _VALUES, "x, what comes in: one of its maps", "non_local.theta<0"),
        _layer("g", 154, _VALUES, "$g$", "value", "g: makes a value of each place"),
        _layer("phi", 154, _KEYS, "$φ$", "key", "phi: makes a key of each place"),
        _layer("theta", _LEFT, 316, "$θ$", "query", "theta: makes a query of each place"),
        _half("values", _VALUES, "$v_j$", "value", "the values of the first places"),
        _half("keys", _KEYS, "$k_j$", "key", "the keys of the same places"),
        Part(
            *("query", "query", _LEFT, _SCORES, 84, 34, "$q_i$", "query"),
            says="the queries, one for each place: all of them ask",
            at="non_local.queries",
            shape="B, N, d",
        ),
        _way("scores", _SCORES, "$q_i · k_j$", "the dot product of each query with each key"),
        _way("softmax", 370, "softmax over the places", "the softmax: weights, together 1"),
        Part(
            *("address", "address", _FIRST, 314, 50, 40),
            role="query",
            says="the address of one place: one weight for each place",
            count=_SLOTS,
            dx=_APART,
            at="non_local.softmax",
            shape="B, N, N",
            example=(0.1, 0.7, 0.2),
        ),
        Part(
            *("read", "node", _MIDDLE, 150, 30, 30, "Σ"),
            says="the sum of all values, each times its weight: the read",
            of=("non_local.weighted",),
        ),
        Part(
            *("W_z", "operation", _MIDDLE, 98, 150, 30, "$W_z$, norm"),
            says="W_z: a convolution of 1 × 1, and a norm that begins at zero",
            of=("non_local.laid_out", "non_local.W_z", "non_local.norm"),
            learned=True,
        ),
        Part(
            *("sum", "node", _MIDDLE, _TOP, 30, 30, "+"),
            says="the sum: what was read is added to what was there",
            does="sum",
        ),
        _map("z", 370, _TOP, "z, what goes on", "non_local"),
        _map("x_gate", _GATE, 400, "x again: one of its maps", "gated.gate.layer<0"),
        Part(
            *("layer", "operation", _GATE, 330, 120, 30, "1 × 1"),
            says="a convolution of 1 × 1: the scores of the gate, from each place alone",
            of=("gated.gate.layer",),
            learned=True,
        ),
        Part(
            *("sigmoid", "node", _GATE, 276, 34, 30, "σ"),
            says="the sigmoid: numbers between 0 and 1",
            does="sigmoid",
        ),
        _map("mask", _GATE, 214, "the mask M: one of its maps", "gated.gate"),
        Part(
            *("product", "node", _GATE, 130, 30, 30, "×"),
            says="the product of features and mask, number by number",
            does="product",
        ),
        _map("gated", _GATE, _TOP, "what goes on", "gated"),
    ),
    arrows=(
        Arrow("x.right", "g.left"),
        Arrow("x.right", "phi.left", via=((112, None), (None, _KEYS))),
        Arrow("x.bottom", "theta.top"),
        Arrow("g.right", "values:0.left", "value"),
        Arrow("phi.right", "keys:0.left", "key"),
        Arrow("theta.bottom", "query.top", "query"),
        Arrow("query.right", "scores.left", "query"),
        Arrow(
            "keys:2.right",
            "scores.right",
            "key",
            via=((412 - 2 * _APART, None), (None, _SCORES)),
        ),
        Arrow("scores.top", "softmax.bottom"),
        Arrow("softmax.top", "address.bottom", "query"),
        Arrow("values.top", "read.bottom", "value", fan="address"),
        Arrow("read.top", "W_z.bottom", "value"),
        Arrow("W_z.top", "sum.bottom", "value"),
        Arrow("x.top", "sum.left", via=((None, _TOP),), wide=True),
        Arrow("sum.right", "z.left"),
        Arrow("x_gate.top", "layer.bottom"),
        Arrow("layer.top", "sigmoid.bottom"),
        Arrow("sigmoid.top", "mask.bottom", "query"),
        Arrow("mask.top", "product.bottom", "query"),
        Arrow("x_gate.right", "product.right", via=((626, None), (None, 130)), wide=True),
        Arrow("product.top", "gated.bottom"),
    ),
    steps=(
        Step(
            "Every place of the maps is a slot. Of its C numbers θ makes a query: each place asks.",
            ("x", "theta", "query"),
            (0, 130, 320, 310),
        ),
        Step(
            "φ makes a key of each place, g a value. Three of the places are drawn.",
            ("phi", "g", "keys", "values"),
            (0, 130, 320, 310),
        ),
        Step(
            "A query meets the keys of all places, near and far alike; a softmax makes the scores "
            "an address.",
            ("scores", "softmax", "address"),
            (110, 180, 320, 260),
        ),
        Step(
            "The place reads the sum of all values, each times its weight, drawn as a line as "
            "thick as the weight.",
            ("read",),
            (110, 120, 320, 230),
        ),
        Step(
            "What was read is brought to C numbers, and added to what was there. The norm begins "
            "at zero: at first z is x.",
            ("W_z", "sum", "z"),
            (110, 10, 320, 220),
        ),
        Step(
            "A gate, beside it: a mask between 0 and 1 multiplies x. Nothing comes from another "
            "place, and its numbers need not sum to 1.",
            ("x_gate", "layer", "sigmoid", "mask", "product", "gated"),
            (320, 10, 320, 430),
        ),
    ),
    notes=(
        Note(_LEFT + 10, 182, "x {shape}", near="x"),
        Note(_LEFT, 440, "{shape}", near="query", anchor="middle"),
        Note(180, 300, "address", "query", "end", near="address"),
        Note(180, 320, "$w_{ij}$", "query", "end", near="address"),
        Note(180, 340, "{shape}", near="address", anchor="end"),
        Note(420, _TOP + 6, "z", near="z"),
        Note(_GATE, 436, "x", near="x_gate", anchor="middle"),
        Note(_GATE, 12, "a gate", near="x_gate", anchor="middle"),
        Note(206, 12, "a non-local block", near="x", anchor="middle"),
        Note(_GATE - 50, 219, "M", "query", "end", near="mask"),
        Note(318, 156, "read", "value", near="read"),
    ),
    omits={
        "non_local": "",
        "gated": "",
        **{f"non_local.{part}": "" for part in ("address", "pool")},
    },
)
"""`lecture_utils.models.non_local_steps.InSteps` and a `SqueezeExcitation` with its `PlaceGate`,
modules ``non_local`` and ``gated``, on maps of 6 x 12 places."""
