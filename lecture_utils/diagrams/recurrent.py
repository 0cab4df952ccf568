"""The recurrent network: rolled up, and unrolled in time."""

from __future__ import annotations

from lecture_utils.diagrams.parts import Arrow, Note, Part, Step
from lecture_utils.diagrams.picture import Picture

_N = 4

recurrent = Picture(
    name="recurrent",
    title="A recurrent network that predicts the next word",
    height=340,
    versions=("unrolled", "rolled"),
    parts=(
        Part(
            *("words", "words", 105, 318, 100, 20),
            says="the words that are read, one at each step",
            count=_N,
            dx=150,
            at="embed<0",
            shows="slot",
            counts="call",
            only="unrolled",
            example=("nine", "hundred", "forty", "five"),
        ),
        Part(
            *("embed", "operation", 105, 268, 76, 30, "$E$"),
            says="the embedding: a vector for each word",
            count=_N,
            dx=150,
            of=("embed",),
            learned=True,
            only="unrolled",
        ),
        Part(
            *("cell", "operation", 105, 196, 76, 40, "cell"),
            says="the recurrent cell, the same weights at every step",
            count=_N,
            dx=150,
            of=("recurrent.cell",),
            counts="call",
            learned=True,
            only="unrolled",
        ),
        Part(
            *("zero", "words", 22, 196, 24, 20, "$h_{before}$"),
            says="the state before the first step that is drawn; where nothing has been read, 0",
            at="recurrent.cell<1",
            counts="call",
            only="unrolled",
        ),
        Part(
            *("state", "tensor", 105, 122, 84, 42, "$h_{j}$"),
            says="the state: all that the network keeps of the words so far",
            count=_N,
            dx=150,
            at="recurrent.cell",
            counts="call",
            shape="B, H",
            only="unrolled",
        ),
        Part(
            *("output", "operation", 105, 58, 76, 30, "output"),
            says="the output layer: one score for each word it knows",
            count=_N,
            dx=150,
            of=("output",),
            learned=True,
            only="unrolled",
        ),
        Part(
            *("next", "words", 105, 14, 110, 20),
            says="the likeliest next word",
            count=_N,
            dx=150,
            shows="row",
            counts="call",
            only="unrolled",
            example=("hundred", "forty", "five", "thousand"),
        ),
        Part(
            *("word", "words", 320, 318, 100, 20, "a word"),
            says="the word that is read",
            at="embed<0",
            shows="slot",
            only="rolled",
        ),
        Part(
            *("embed1", "operation", 320, 268, 76, 30, "$E$"),
            says="the embedding: a vector for each word",
            of=("embed",),
            learned=True,
            only="rolled",
        ),
        Part(
            *("cell1", "operation", 320, 196, 76, 40, "cell"),
            says="the recurrent cell",
            of=("recurrent.cell",),
            learned=True,
            only="rolled",
        ),
        Part(
            *("state1", "tensor", 320, 122, 84, 42, "$h$"),
            says="the state: carried to the next step",
            at="recurrent.cell",
            shape="B, H",
            only="rolled",
        ),
        Part(
            *("output1", "operation", 320, 58, 76, 30, "output"),
            says="the output layer",
            of=("output",),
            learned=True,
            only="rolled",
        ),
        Part(
            *("next1", "words", 320, 14, 120, 20, "the next word"),
            says="the likeliest next word",
            shows="row",
            only="rolled",
        ),
    ),
    arrows=(
        Arrow("words.top", "embed.bottom", each=True, only="unrolled"),
        Arrow("embed.top", "cell.bottom", each=True, only="unrolled"),
        Arrow("zero.right", "cell:0.left", only="unrolled"),
        Arrow("cell.top", "state.bottom", each=True, only="unrolled"),
        Arrow(
            *("state.right", "cell.left"),
            shift=1,
            via=((180, None), (None, 196)),
            only="unrolled",
        ),
        Arrow("state.top", "output.bottom", each=True, only="unrolled"),
        Arrow("output.top", "next.bottom", each=True, only="unrolled"),
        Arrow("word.top", "embed1.bottom", only="rolled"),
        Arrow("embed1.top", "cell1.bottom", only="rolled"),
        Arrow("cell1.top", "state1.bottom", only="rolled"),
        Arrow(
            *("state1.right", "cell1.right"),
            shift=1,
            via=((420, None), (None, 196)),
            only="rolled",
        ),
        Arrow("state1.top", "output1.bottom", only="rolled"),
        Arrow("output1.top", "next1.bottom", only="rolled"),
    ),
    steps=(
        Step(
            "A word comes in as a vector, its embedding.",
            ("words", "embed", "word", "embed1"),
            (160, 176, 320, 164),
        ),
        Step(
            "The cell makes a new state from this vector and the state before, at first zeros.",
            ("cell", "zero", "cell1", "state", "state1"),
            (160, 90, 320, 200),
        ),
        Step(
            "From the state the output layer scores every word that could follow.",
            ("output", "next", "output1", "next1"),
            (160, 0, 320, 160),
        ),
    ),
    notes=(
        Note(26, 318, "…", near="words", only="unrolled", more="left"),
        Note(616, 318, "…", near="words", only="unrolled", more="right"),
        Note(430, 160, "at the next step", near="state1", only="rolled"),
        Note(636, 148, "{shape}", anchor="end", near="state", only="unrolled"),
    ),
    omits={
        "recurrent": "",
        "recurrent.cell.W": "the inside of the cell",
        "recurrent.cell.U": "the inside of the cell",
    },
)
"""`lecture_utils.models.recurrent.NextWord` around any cell."""
