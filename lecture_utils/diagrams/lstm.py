"""The long short-term memory (LSTM): one vector keeps, one shows; as torch computes it."""

from __future__ import annotations

from lecture_utils.diagrams.parts import Arrow, Note, Part, Step
from lecture_utils.diagrams.picture import Picture

_TOP, _GATES, _U, _W = 56, 186, 232, 296  # heights: of the cell's way, the gates, and both layers

lstm = Picture(
    name="lstm",
    title="The long short-term memory (LSTM): what is kept and what is shown",
    height=334,
    parts=(
        Part(
            *("cell_before", "tensor", 52, _TOP, 84, 42, "$c^{(t-1)}$"),
            says="the cell before this step: what is kept",
            at="cell<2",
            shape="B, H",
        ),
        Part(
            *("before", "tensor", 52, _U, 84, 42, "$h^{(t-1)}$"),
            says="the state before this step: what was shown of the cell",
            at="cell<1",
            shape="B, H",
        ),
        Part(
            *("input", "tensor", 52, _W, 84, 42, "$x^{(t)}$"),
            says="the input of this step",
            at="cell<0",
            shape="B, D",
        ),
        Part(
            *("U", "operation", 146, _U, 50, 34, "$U$"),
            says="a layer that makes four vectors of the state",
            of=("cell.U",),
            learned=True,
        ),
        Part(
            *("W", "operation", 146, _W, 50, 34, "$W$"),
            says="a layer that makes four vectors of the input",
            of=("cell.W",),
            learned=True,
        ),
        Part(
            *("forget", "operation", 226, _GATES, 66, 32, "$f$: σ(+)"),
            says="the forget gate: how much of each number of the cell is kept",
            does="sigmoid",
        ),
        Part(
            *("write", "operation", 304, _GATES, 66, 32, "$i$: σ(+)"),
            says="the input gate: how much of the proposal is written",
            does="sigmoid",
        ),
        Part(
            *("new", "operation", 396, _GATES, 92, 32, "$g$: tanh(+)"),
            says="the proposal: what could be added to the cell",
            does="tanh",
        ),
        Part(
            *("open", "operation", 488, _GATES, 66, 32, "$o$: σ(+)"),
            says="the output gate: how much of the cell is shown",
            does="sigmoid",
        ),
        Part(
            *("keep", "node", 226, _TOP, 28, 28, "×"),
            says="what is kept: the old cell times f",
            does="product",
        ),
        Part(
            *("take", "node", 350, 116, 28, 28, "×"),
            says="what is written: the proposal times i",
            does="product",
        ),
        Part(
            *("sum", "node", 350, _TOP, 28, 28, "+"),
            says="the sum of what is kept and what is written",
            does="sum",
        ),
        Part(
            *("cell_after", "tensor", 594, _TOP, 76, 42, "$c^{(t)}$"),
            says="the cell after this step",
            at="cell.show<0",
            shape="B, H",
        ),
        Part(
            *("tanh", "operation", 594, 120, 60, 30, "tanh"),
            says="the hyperbolic tangent of the cell",
            of=("cell.show",),
        ),
        Part(
            *("shown", "node", 594, _GATES, 28, 28, "×"),
            says="what is shown: the tanh of the cell times o",
            does="product",
        ),
        Part(
            *("after", "tensor", 594, 252, 76, 42, "$h^{(t)}$"),
            says="the state after this step: the output layer reads it, and the next step's gates",
            at="cell",
            shape="B, H",
        ),
    ),
    arrows=(
        Arrow("cell_before.right", "keep.left", wide=True),
        Arrow("keep.right", "sum.left", wide=True),
        Arrow("sum.right", "cell_after.left", wide=True),
        Arrow("before.right", "U.left"),
        Arrow("input.right", "W.left"),
        Arrow("U.right", "write.bottom-14", via=((290, None),), by="first quarter"),
        Arrow("U.right", "forget.bottom-14", via=((212, None),), by="second quarter"),
        Arrow("U.right", "new.bottom-14", via=((382, None),), by="third quarter"),
        Arrow("U.right", "open.bottom-14", via=((474, None),), by="last quarter"),
        Arrow("W.right", "write.bottom+14", via=((318, None),), by="first quarter"),
        Arrow("W.right", "forget.bottom+14", via=((240, None),), by="second quarter"),
        Arrow("W.right", "new.bottom+14", via=((410, None),), by="third quarter"),
        Arrow("W.right", "open.bottom+14", via=((502, None),), by="last quarter"),
        Arrow("forget.top", "keep.bottom"),
        Arrow("write.top", "take.left", via=((None, 116),)),
        Arrow("new.top", "take.right", via=((None, 116),)),
        Arrow("take.top", "sum.bottom"),
        Arrow("cell_after.bottom", "tanh.top"),
        Arrow("tanh.bottom", "shown.top"),
        Arrow("open.right", "shown.left"),
        Arrow("shown.bottom", "after.top"),
    ),
    steps=(
        Step(
            "One layer makes four vectors of the state h, another four of the input: for three "
            "gates and for a proposal.",
            ("before", "input", "U", "W"),
            (0, 150, 320, 184),
        ),
        Step(
            "The forget gate f, from 0 to 1, says number by number how much of the cell c is kept. "
            "Nothing else happens to c on its way: no matrix, no tanh.",
            ("cell_before", "forget", "keep"),
            (0, 20, 320, 200),
        ),
        Step(
            "The input gate i says how much of the proposal g is written. The sum is the new cell.",
            ("write", "new", "take", "sum", "cell_after"),
            (200, 20, 320, 200),
        ),
        Step(
            "The output gate o says how much of the cell's tanh is shown: the new state h, all "
            "that the output layer and the next step's gates see.",
            ("open", "tanh", "shown", "after"),
            (320, 20, 320, 270),
        ),
    ),
    notes=(
        Note(52, 92, "{shape}", anchor="middle", near="cell_before"),
        Note(52, 325, "{shape}", anchor="middle", near="input"),
        Note(594, 288, "{shape}", anchor="middle", near="after"),
    ),
)
"""`lecture_utils.models.recurrent.LSTMCell`, one step."""
