"""An address over places, and three gates, side by side: what each makes of the same maps.

Wang et al. 2018, arXiv:1711.07971; Hu et al. 2020, arXiv:1709.01507; Park et al. 2018,
arXiv:1807.06514; Wang et al. 2017, arXiv:1704.06904.
"""

from __future__ import annotations

from lecture_utils.diagrams.parts import Arrow, Note, Part, Step
from lecture_utils.diagrams.picture import Picture

_NL, _SE, _BAM, _RAN = 100, 268, 408, 568
_ASK, _APART = _NL - 60, 60
_X, _BOX, _SCORE, _MASK, _PRODUCT, _SUM, _OUT = 424, 352, 290, 232, 156, 100, 40
_VALUES, _W_Z = 182, 92
_CHANNELS, _PLACES, _MASKED, _TRUNK = 373, 447, 540, 612
"""Where the boxes of BAM and RAN stand, from left to right."""
_SHAPE = "B, 8, 6, 12"


def _map(name: str, x: float, y: float, says: str, at: str) -> Part:
    """The first map at a place of a column."""
    return Part(name, "planes", x, y, 64, 32, says=says, at=at, shape=_SHAPE)


def _box(name: str, x: float, label: str, says: str, *of: str, wide: float = 62) -> Part:
    """What is learned."""
    return Part(name, "operation", x, _BOX, wide, 30, label, says=says, of=of, learned=True)


def _sign(name: str, x: float, y: float, does: str, says: str) -> Part:
    """A sum, a product or a sigmoid."""
    label = {"sum": "+", "product": "×", "sigmoid": "σ"}[does]
    return Part(name, "node", x, y, 28, 28, label, says=says, does=does)


def _row(name: str, y: float, form: str, role: str, says: str, at: str, shape: str) -> Part:
    """Three of the places."""
    high, example = (34, (0.1, 0.7, 0.2)) if form == "address" else (28, ())
    label = "" if example else "$v_j$"
    return Part(
        *(name, form, _ASK, y, 48, high, label, role),
        says=says,
        count=3,
        dx=_APART,
        at=at,
        shape=shape,
        example=example,
    )


address_and_gates = Picture(
    name="address_and_gates",
    title="An address reads from all places; a gate weighs what is there",
    height=470,
    parts=(
        _map("x_nl", _NL, _X, "x, what comes into a non-local block: one of its maps", "nl.phi<0"),
        Part(
            *("theta", "operation", _ASK, _BOX, 48, 30, "$θ$", "query"),
            says="theta: a query of each place",
            of=("nl.theta", "nl.queries"),
            learned=True,
        ),
        Part(
            *("phi", "operation", _NL, _BOX, 48, 30, "$φ$", "key"),
            says="phi: a key of each place",
            of=("nl.phi", "nl.keys"),
            learned=True,
        ),
        Part(
            *("g", "operation", _ASK + 2 * _APART, _BOX, 48, 30, "$g$", "value"),
            says="g: a value of each place",
            of=("nl.g", "nl.values"),
            learned=True,
        ),
        Part(
            *("softmax", "operation", _NL, _SCORE, 168, 28, "softmax"),
            says="each query with each key, and a softmax over the places",
            of=("nl.scores", "nl.softmax"),
        ),
        _row(
            *("address", _MASK + 8, "address", "query"),
            "the address of one place: one weight for each place, together 1",
            *("nl.softmax", "B, N, N"),
        ),
        _row(
            *("values", _VALUES, "tensor", "value"),
            "the values of the first places",
            *("nl.values", "B, N, d"),
        ),
        Part(
            *("read", "node", _NL, _PRODUCT - 18, 28, 28, "Σ"),
            says="the sum of all values, each times its weight: the read",
            of=("nl.weighted",),
        ),
        Part(
            *("W_z", "operation", _NL, _W_Z, 100, 28, "$W_z$, norm"),
            says="W_z and a norm: as many maps again as came in",
            of=("nl.laid_out", "nl.W_z", "nl.norm"),
            learned=True,
        ),
        _sign("nl_sum", _NL, _OUT, "sum", "the sum: what was read is added to x"),
        _map("nl_out", 162, _OUT, "what goes on", "nl"),
        _map("x_se", _SE, _X, "x, what comes into squeeze and excitation", "se.gate<0"),
        _box(
            *("layers", _SE, "two layers", "of the mean of each map two layers make a number"),
            *("se.gate.W_1", "se.gate.W_2"),
            wide=100,
        ),
        Part(
            *("se_sigmoid", "operation", _SE, _SCORE, 104, 28, "σ"),
            says="the sigmoid: numbers between 0 and 1",
            does="sigmoid",
        ),
        Part(
            *("se_mask", "gate", _SE - 49, _MASK, 11, 34),
            role="query",
            says="the mask: one number a channel, for all places alike",
            count=8,
            dx=14,
            at="se.gate",
            shape="B, 8, 1, 1",
            example=(0.9, 0.1, 0.8, 0.05, 0.5, 0.95, 0.15, 0.6),
        ),
        _sign("se_product", _SE, _PRODUCT, "product", "the product of x and mask"),
        _map("se_out", _SE, _OUT, "what goes on", "se"),
        _map("x_bam", _BAM, _X, "x, what comes into a bottleneck attention module", "bam.gate<0"),
        _box(
            *("channel", _CHANNELS, "channels", "a number for each channel, of all places"),
            "bam.gate.channel",
            wide=76,
        ),
        _box(
            *("spatial", _PLACES, "places", "a number for each place, of all channels"),
            "bam.gate.spatial",
        ),
        _sign("bam_sigmoid", _BAM, _SCORE, "sigmoid", "the sigmoid of the sum of both"),
        _map(
            "bam_mask", _BAM, _MASK, "the mask: a number for each channel at each place", "bam.gate"
        ),
        _sign("bam_product", _BAM, _PRODUCT, "product", "the product of x and mask"),
        _sign("bam_sum", _BAM, _SUM, "sum", "the sum: x is added again"),
        _map("bam_out", _BAM, _OUT, "what goes on", "bam"),
        _map("x_ran", _RAN, _X, "x, what comes into an attention module", "ran.mask.hourglass<0"),
        _box(
            *("hourglass", _MASKED, "hourglass", "down to few places and up again"),
            *("ran.mask.hourglass", "ran.mask.mix"),
            wide=86,
        ),
        _box(
            "trunk",
            _TRUNK,
            "T",
            "the trunk: what is done with the maps anyway",
            "ran.trunk",
            wide=40,
        ),
        _sign("ran_sigmoid", _MASKED, _SCORE, "sigmoid", "the sigmoid: between 0 and 1"),
        _map(
            *("ran_mask", _MASKED, _MASK),
            *("the mask: a number for each channel at each place", "ran.mask"),
        ),
        _sign("ran_product", _RAN, _PRODUCT, "product", "the product of trunk and mask"),
        _sign("ran_sum", _RAN, _SUM, "sum", "the sum: the trunk is added again"),
        _map("ran_out", _RAN, _OUT, "what goes on", "ran"),
    ),
    arrows=(
        Arrow("x_nl.top", "phi.bottom"),
        Arrow("x_nl.top", "theta.bottom", via=((None, 388), (_ASK, None))),
        Arrow("x_nl.top", "g.bottom", via=((None, 388), (_ASK + 2 * _APART, None))),
        Arrow("theta.top", f"softmax.bottom-{_APART}", "query"),
        Arrow("phi.top", "softmax.bottom", "key"),
        Arrow("softmax.top", "address.bottom", "query"),
        Arrow("g.right", "values:2.right", "value", via=((196, None), (None, _VALUES))),
        Arrow("values.top", "read.bottom", "value", fan="address"),
        Arrow("read.top", "W_z.bottom", "value"),
        Arrow("W_z.top", "nl_sum.bottom", "value"),
        Arrow("x_nl.left", "nl_sum.left", via=((8, None), (None, _OUT)), wide=True),
        Arrow("nl_sum.right", "nl_out.left"),
        Arrow("x_se.top", "layers.bottom", by="mean"),
        Arrow("layers.top", "se_sigmoid.bottom"),
        Arrow("se_sigmoid.top", "se_mask.bottom", "query"),
        Arrow(*("se_mask:0.left", "se_product.left", "query"), via=((208, None), (None, _PRODUCT))),
        Arrow("x_se.right", "se_product.right", via=((326, None), (None, _PRODUCT)), wide=True),
        Arrow("se_product.top", "se_out.bottom"),
        Arrow("x_bam.top", "channel.bottom", via=((None, 388), (_CHANNELS, None))),
        Arrow("x_bam.top", "spatial.bottom", via=((None, 388), (_PLACES, None))),
        Arrow("channel.top", "bam_sigmoid.left", via=((None, _SCORE),)),
        Arrow("spatial.top", "bam_sigmoid.right", via=((None, _SCORE),)),
        Arrow("bam_sigmoid.top", "bam_mask.bottom", "query"),
        Arrow("bam_mask.top", "bam_product.bottom", "query"),
        Arrow("x_bam.right", "bam_product.right", via=((487, None), (None, _PRODUCT)), wide=True),
        Arrow("bam_product.top", "bam_sum.bottom"),
        Arrow("x_bam.right", "bam_sum.right", via=((487, None), (None, _SUM)), wide=True),
        Arrow("bam_sum.top", "bam_out.bottom"),
        Arrow("x_ran.top", "hourglass.bottom", via=((None, 388), (_MASKED, None))),
        Arrow("x_ran.top", "trunk.bottom", via=((None, 388), (_TRUNK, None))),
        Arrow("hourglass.top", "ran_sigmoid.bottom"),
        Arrow("ran_sigmoid.top", "ran_mask.bottom", "query"),
        Arrow("ran_mask.top", "ran_product.left", "query", via=((None, _PRODUCT),)),
        Arrow("trunk.top", "ran_product.right", via=((None, _PRODUCT),), wide=True),
        Arrow("trunk.top", "ran_sum.right", via=((None, _SUM),), wide=True),
        Arrow("ran_product.top", "ran_sum.bottom"),
        Arrow("ran_sum.top", "ran_out.bottom"),
    ),
    steps=(
        Step(
            "A non-local block: every place asks all places. Its address sums to 1, and what it "
            "reads comes from elsewhere.",
            ("x_nl", "theta", "phi", "g", "softmax", "address", "values", "read"),
            (0, 120, 200, 350),
        ),
        Step(
            "What was read is added to x.",
            ("W_z", "nl_sum", "nl_out"),
            (0, 0, 200, 240),
        ),
        Step(
            "Squeeze and excitation: a gate a channel, the same at every place. It hears of the "
            "whole picture by its mean.",
            ("x_se", "layers", "se_sigmoid", "se_mask", "se_product", "se_out"),
            (200, 0, 150, 470),
        ),
        Step(
            "A bottleneck attention module: what a channel is worth, and what a place is worth, "
            "are summed. Its mask can only make larger what is there.",
            (
                *("x_bam", "channel", "spatial", "bam_sigmoid", "bam_mask", "bam_product"),
                *("bam_sum", "bam_out"),
            ),
            (345, 0, 150, 470),
        ),
        Step(
            "A residual attention network: the mask comes from an hourglass, which sees far by "
            "becoming small. It, too, can only make larger what the trunk gives.",
            (
                *("x_ran", "hourglass", "trunk", "ran_sigmoid", "ran_mask", "ran_product"),
                *("ran_sum", "ran_out"),
            ),
            (490, 0, 150, 470),
        ),
    ),
    notes=(
        Note(_SE + 8, 394, "mean", near="layers"),
        Note(_BAM + 40, _MASK + 5, "M", "query", near="bam_mask"),
        Note(_MASKED + 40, _MASK + 5, "M", "query", near="ran_mask"),
        Note(_NL, 460, "non-local", near="x_nl", anchor="middle"),
        Note(_SE, 460, "SE", near="x_se", anchor="middle"),
        Note(_BAM, 460, "BAM", near="x_bam", anchor="middle"),
        Note(_RAN, 460, "RAN", near="x_ran", anchor="middle"),
    ),
    omits={
        **dict.fromkeys(("nl", "se", "bam", "ran", "ran.mask"), ""),
        **{f"nl.{part}": "" for part in ("address", "pool")},
        "bam.gate.channel.*": "the layers of both branches",
        "bam.gate.spatial.*": "",
        "ran.mask.hourglass.*": "the layers of the hourglass and of the trunk",
        "ran.mask.mix.*": "",
        "ran.trunk.*": "",
    },
)
"""`models.non_local_steps.InSteps`, `senet.SqueezeExcitation`, `bam.BAM` and
`residual_attention.Attended`, modules ``nl``, ``se``, ``bam`` and ``ran``, on maps of 6 x 12."""
