"""The gated recurrent unit (GRU): two gates on the way of the state; as torch computes it."""

from __future__ import annotations

from lecture_utils.diagrams.parts import Arrow, Note, Part, Step
from lecture_utils.diagrams.picture import Picture

_CELL = "recurrent.cell"

gru = Picture(
    name="gru",
    title="The gated recurrent unit (GRU): what is kept and what is new",
    height=310,
    parts=(
        Part(
            *("before", "tensor", 52, 60, 84, 42, "$h^{(t-1)}$"),
            says="the state before this step",
            at=f"{_CELL}<1",
            shape="B, H",
        ),
        Part(
            *("input", "tensor", 52, 256, 84, 42, "$x^{(t)}$"),
            says="the input of this step",
            at=f"{_CELL}<0",
            shape="B, D",
        ),
        Part(
            *("U", "operation", 150, 120, 50, 34, "$U$"),
            says="a layer that makes three vectors of the state",
            of=(f"{_CELL}.U",),
            learned=True,
        ),
        Part(
            *("W", "operation", 150, 256, 50, 34, "$W$"),
            says="a layer that makes three vectors of the input",
            of=(f"{_CELL}.W",),
            learned=True,
        ),
        Part(
            *("reset", "operation", 240, 178, 66, 32, "$r$: σ(+)"),
            says="the reset gate: the logistic function of a sum, from 0 to 1",
            does="sigmoid",
        ),
        Part(
            *("times", "node", 330, 178, 28, 28, "×"),
            says="the product, number by number: what of the old state the new one may use",
            does="product",
        ),
        Part(
            *("new", "operation", 330, 226, 92, 32, "$n$: tanh(+)"),
            says="the proposal: what the state could become",
            does="tanh",
        ),
        Part(
            *("update", "operation", 430, 178, 66, 32, "$z$: σ(+)"),
            says="the update gate: how much of each number is kept",
            does="sigmoid",
        ),
        Part(
            *("keep", "node", 496, 60, 28, 28, "×"),
            says="what is kept: the old state times z",
            does="product",
        ),
        Part(
            *("take", "node", 496, 226, 28, 28, "×"),
            says="what is taken: the proposal times 1 − z",
            does="product",
        ),
        Part(
            *("sum", "node", 546, 60, 28, 28, "+"),
            says="the sum of both: number by number a mean of old and new, with z as its weight",
            does="sum",
        ),
        Part(
            *("after", "tensor", 602, 60, 60, 42, "$h^{(t)}$"),
            says="the state after this step",
            at=_CELL,
            shape="B, H",
        ),
    ),
    arrows=(
        Arrow("before.right", "keep.left"),
        Arrow("keep.right", "sum.left"),
        Arrow("sum.right", "after.left"),
        Arrow("before.bottom", "U.left", via=((None, 120),)),
        Arrow("input.right", "W.left"),
        Arrow("U.right", "reset.top", via=((240, None),), by="first third"),
        Arrow("U.right", "times.top", via=((330, None),), by="last third"),
        Arrow("U.right", "update.top", via=((430, None),), by="second third"),
        Arrow("W.right", "reset.bottom", via=((240, None),), by="first third"),
        Arrow("W.right", "new.bottom", via=((330, None),), by="last third"),
        Arrow("W.right", "update.bottom", via=((430, None),), by="second third"),
        Arrow("reset.right", "times.left"),
        Arrow("times.bottom", "new.top"),
        Arrow("new.right", "take.left"),
        Arrow("update.right", "keep.bottom", via=((496, None),)),
        Arrow("update.right", "take.top", via=((496, None),), by="one minus"),
        Arrow("take.right", "sum.bottom", via=((546, None),)),
    ),
    steps=(
        Step(
            "One layer makes three vectors of the state, another three of the input: for two gates "
            "and for a proposal.",
            ("before", "input", "U", "W"),
            (0, 20, 320, 280),
        ),
        Step(
            "The reset gate r, from 0 to 1, says how much of the old state the proposal n may use.",
            ("reset", "times", "new"),
            (160, 100, 320, 190),
        ),
        Step(
            "The update gate z says number by number how much of the old state is kept; 1 − z of "
            "the proposal is taken.",
            ("update", "keep", "take"),
            (320, 20, 320, 270),
        ),
        Step(
            "The sum of both is the new state. Where z is 1, a number passes unchanged, however "
            "many steps.",
            ("sum", "after"),
            (320, 20, 320, 270),
        ),
    ),
    notes=(
        Note(504, 112, "$z$", near="update"),
        Note(504, 200, "$1−z$", near="update"),
        Note(52, 296, "{shape}", anchor="middle", near="input"),
        Note(602, 96, "{shape}", anchor="middle", near="after"),
    ),
    omits={
        "embed": "the layers around the cell",
        "output": "the layers around the cell",
        "recurrent": "",
    },
)
"""`lecture_utils.models.recurrent.GRUCell` in `NextWord`."""
