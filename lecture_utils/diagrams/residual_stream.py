"""One layer of the encoder twice, post-norm and pre-norm, its states drawn as one line."""

from __future__ import annotations

from lecture_utils.diagrams.parts import Arrow, Note, Part, Step
from lecture_utils.diagrams.picture import Picture

_ATTENTION, _FEED_FORWARD = 232, 112  # heights of the two sums
_SUBLAYERS = (
    ("attention", "self-attention", _ATTENTION),
    ("feed_forward", "feed-forward", _FEED_FORWARD),
)


def _parts(side: str, x: float) -> tuple[Part, ...]:
    """What stands on the line of one side, and in its branches."""
    layer, line, branch = f"{side}.layers.0", x + 70, x + 215
    made = [
        Part(
            *(f"words_{side}", "operation", line, 362, 124, 32, "word + place"),
            says="the embedding: a vector for the word, and one for its place",
            of=(f"{side}.embed",),
            at=f"{side}.embed",
            learned=True,
        )
    ]
    for kind, label, y in _SUBLAYERS:
        made += [
            Part(
                *(f"{kind}_{side}", "operation", branch, y + 32, 190, 30, label),
                says=f"the sublayer: {label}; it reads the state and makes what is to be added",
                of=(f"{layer}.{kind}",),
                at=f"{layer}.{kind}",
                learned=True,
            ),
            Part(
                *(f"{kind}_sum_{side}", "node", line, y, 28, 28, "+"),
                says="the sum of the state and what the sublayer makes of it",
                does="sum",
            ),
            Part(
                *(f"{kind}_norm_{side}", "operation"),
                *((line, y - 36, 110, 26) if side == "post" else (branch, y + 74, 110, 26)),
                "layer norm",
                says="layer normalisation, after the sum"
                if side == "post"
                else "layer normalisation of what the sublayer is given, not of the state itself",
                of=(f"{layer}.add_{kind}.norm",),
                at=f"{layer}.add_{kind}.norm",
                learned=True,
            ),
        ]
    if side == "pre":
        made.append(
            Part(
                *("last_norm", "operation", line, _FEED_FORWARD - 36, 110, 26, "layer norm"),
                says="one more layer normalisation, after the last layer",
                of=("pre.norm",),
                at="pre.norm",
                learned=True,
            )
        )
    made.append(
        Part(
            *(f"states_{side}", "tensor", line, 30, 124, 32),
            says="what leaves the encoder: one state for each word",
            of=(side,),
            at=side,
            shape="B, S, D",
        )
    )
    return tuple(made)


def _arrows(side: str, x: float) -> tuple[Arrow, ...]:
    line, branch = x + 70, x + 215
    before, leaves, made = f"words_{side}", 334, []
    for kind, _, y in _SUBLAYERS:
        norm, sublayer, plus = f"{kind}_norm_{side}", f"{kind}_{side}", f"{kind}_sum_{side}"
        first = sublayer if side == "post" else norm
        made += [
            Arrow(f"{before}.top", f"{plus}.bottom", wide=True),
            Arrow(f"{before}.top", f"{first}.bottom", via=((line, leaves), (branch, None))),
            Arrow(f"{sublayer}.top", f"{plus}.right", "value", via=((None, y),)),
        ]
        if side == "post":
            made.append(Arrow(f"{plus}.top", f"{norm}.bottom", wide=True))
            before, leaves = norm, y - 60
        else:
            made.append(Arrow(f"{norm}.top", f"{sublayer}.bottom"))
            before, leaves = plus, y - 22
    if side == "pre":
        made.append(Arrow(f"{before}.top", "last_norm.bottom", wide=True))
        before = "last_norm"
    return (*made, Arrow(f"{before}.top", f"states_{side}.bottom", wide=True))


residual_stream = Picture(
    name="residual_stream",
    title="The residual stream, post-norm and pre-norm",
    height=394,
    parts=(*_parts("post", 0), *_parts("pre", 320)),
    arrows=(*_arrows("post", 0), *_arrows("pre", 320)),
    steps=(
        Step(
            "The states of the words run upwards as one line, the residual stream; at first a "
            "state is the word and its place.",
            ("words_post", "words_pre"),
            (0, 214, 320, 180),
        ),
        Step(
            "A sublayer reads the line in a branch, and what it makes is added to the line.",
            ("attention_post", "attention_sum_post", "attention_pre", "attention_sum_pre"),
            (0, 194, 320, 200),
        ),
        Step(
            "Post-norm, as in the paper: the norm stands on the line, after the sum. All that runs "
            "along the line is normalised, again and again.",
            ("attention_norm_post", "feed_forward_norm_post"),
            (0, 44, 320, 240),
        ),
        Step(
            "Pre-norm: the norm stands in the branch, before the sublayer. Nothing on the line "
            "changes what runs along it; it is only added to.",
            ("attention_norm_pre", "feed_forward_norm_pre"),
            (320, 134, 320, 240),
        ),
        Step(
            "The feed-forward network is the second branch. With N layers there are 2 N branches "
            "in the encoder, and three in each layer of the decoder.",
            (
                *("feed_forward_post", "feed_forward_sum_post"),
                *("feed_forward_pre", "feed_forward_sum_pre"),
            ),
            (0, 64, 320, 200),
        ),
        Step(
            "At the end a post-norm state is normalised already; pre-norm one more norm does it, "
            "after the last layer.",
            ("states_post", "last_norm", "states_pre"),
            (320, 0, 320, 180),
        ),
    ),
    notes=(
        Note(150, 36, "post-norm", near="states_post"),
        Note(470, 36, "pre-norm", near="states_pre"),
        *(
            Note(x, y, word, near=near)
            for x, near in ((80, "words_post"), (400, "words_pre"))
            for y, word in ((294, "residual"), (312, "stream"))
        ),
    ),
    omits={
        **{
            path: told
            for side in ("post", "pre")
            for path, told in (
                (f"{side}.embed.*", ""),
                (f"{side}.layers", ""),
                (f"{side}.layers.0", ""),
                (f"{side}.layers.0.attention.*", "the inside of the sublayers"),
                (f"{side}.layers.0.feed_forward.*", "the inside of the sublayers"),
                (f"{side}.layers.0.add_attention.*", "dropout"),
                (f"{side}.layers.0.add_feed_forward.*", "dropout"),
            )
        },
        "post.norm": "",
    },
)
"""`lecture_utils.models.transformer.Encoder` of one layer, without and with `norm_first`: the
modules ``post`` and ``pre``, which read the same words."""
