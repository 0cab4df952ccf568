"""The encoder-decoder and the encoder-attention-decoder: one picture, and what is new."""

from __future__ import annotations

from lecture_utils.diagrams.parts import Arrow, Note, Part, Step
from lecture_utils.diagrams.picture import Picture

_N = 4  # slots, and steps of the decoder
_DX = 70
_SOURCE = ("forty", "eight", ",", "seven")
_TARGET = ("acht", "und", "vierzig", ",")  # the fifth, "sieben", comes after what is drawn
_DECODER = 392  # x of the first step
_WORD = 22  # how far left of a step its word comes in
_READ = 6  # how far right of it a read stands, so that its query does not run into the word

_ENCODER_INSIDE = ("encoder", "encoder.embed", "encoder.gru")
_DECODER_INSIDE = {
    f"decoder.{name}": "the inside of the decoder"
    for name in ("embed", "cell", "readout", "readout.U", "readout.V", "readout.C", "readout.W")
}


def _memory() -> Part:
    return Part(
        *("memory", "tensor", 40, 268, 64, 46),
        says="the encoder's states, one slot for each source word, read in both directions",
        count=_N,
        dx=_DX,
        of=_ENCODER_INSIDE,
        at="encoder",
        shape="B, S, 2H",
        shows="slot",
        example=_SOURCE,
        ends=True,
    )


def _first() -> Part:
    return Part(
        *("first", "operation", 310, 118, 50, 32, "$W_s$"),
        says="the layer that makes the decoder's first state of the first slot",
        of=("decoder.first",),
        learned=True,
        begins=True,
    )


def _decoder() -> tuple[Part, ...]:
    row = {"count": _N, "dx": _DX, "counts": "call"}
    return (
        Part(
            *("decoder", "operation", _DECODER, 118, 50, 44, "step"),
            says="one step of the decoder: a gated recurrent unit (GRU) and the output layer",
            of=("decoder",),
            learned=True,
            **row,
        ),
        Part(
            *("before", "words", _DECODER - _WORD, 318, 60, 20),
            says="the word written last",
            at="decoder<0",
            shows="before",
            example=("(start)", *_TARGET[:-1]),
            **row,
        ),
        Part(
            *("next", "words", _DECODER, 40, 60, 20),
            says="the likeliest next word",
            shows="row",
            example=_TARGET,
            **row,
        ),
    )


_ARROWS = (
    Arrow("memory:0.top", "first.left", via=((None, 118),), by="backward"),
    Arrow("first.right", "decoder:0.left", by="tanh"),
    Arrow("decoder.right", "decoder.left", shift=1),
    Arrow("before.top", f"decoder.bottom-{_WORD}", each=True),
    Arrow("decoder.top", "next.bottom", each=True),
)
_NOTES = (
    Note(8, 310, "memory $h_j$ {shape}", near="memory"),
    Note(350, 104, "$s_{before}$", anchor="middle", near="first"),
    Note(350, 40, "…", anchor="middle", near="next", more="left"),
    Note(636, 60, "…", anchor="end", near="next", more="right"),
)
_READS = Step(
    "The encoder reads the source in both directions and leaves one state for each word.",
    ("memory",),
    (0, 150, 320, 190),
)
_BEGINS = Step(
    "The decoder's first state is made of the first slot, where the backward reading ends.",
    ("first",),
    (0, 60, 320, 230),
)
_WRITES = Step(
    "Each step takes the state before, the last word and the context, and gives the next word and "
    "the next state.",
    ("decoder", "before", "next"),
    (320, 0, 320, 340),
)

fixed_context = Picture(
    name="fixed_context",
    title="The encoder-decoder: one vector for the whole sentence",
    height=340,
    parts=(
        _memory(),
        _first(),
        Part(
            *("context", "tensor", 318, 206, 60, 42, "$c$", "value"),
            says="the context: last forward and first backward state, the same at every step",
            of=("context",),
            at="context",
            shape="B, 2H",
        ),
        *_decoder(),
    ),
    arrows=(
        *_ARROWS,
        Arrow("memory:3.top", "context.left", "value", via=((None, 206),), by="forward"),
        Arrow(
            *("memory:0.top-14", "context.top", "value"),
            via=((None, 166), (318, None)),
            by="backward",
        ),
        Arrow("context.right", "decoder.bottom+10", "value"),
    ),
    steps=(
        _READS,
        Step(
            "The context is one vector: the forward state of the last word and the backward state "
            "of the first. Nothing is asked, and nothing else of the memory is used.",
            ("context",),
            (30, 140, 320, 190),
        ),
        _BEGINS,
        _WRITES,
    ),
    notes=(
        *_NOTES,
        Note(100, 152, "first backward", "value", near="context"),
        Note(244, 196, "last forward", "value", "end", near="context"),
        Note(318, 240, "{shape}", anchor="middle", near="context"),
    ),
    omits=_DECODER_INSIDE,
)
"""`lecture_utils.models.encoder_decoder.EncoderDecoder` around a `FixedContext`."""

encoder_attention_decoder = Picture(
    name="encoder_attention_decoder",
    title="The encoder-attention-decoder: a read of its own at every step",
    height=340,
    parts=(
        _memory(),
        _first(),
        Part(
            *("read", "operation", _DECODER + _READ, 206, 38, 30, "read", "value"),
            says="the read: the slots' average, weighted by the address of this step's query",
            count=_N,
            dx=_DX,
            of=("context",),
            counts="call",
            learned=True,
        ),
        *_decoder(),
    ),
    arrows=(
        *_ARROWS,
        Arrow("memory.top+14", "read.bottom", "value", bus=236),
        Arrow("first.right", "read:0.left", "query", via=((352, None), (None, 206)), by="tanh"),
        Arrow("decoder.right", "read.left", "query", shift=1, via=((427, None), (None, 206))),
        Arrow("read.top", f"decoder.bottom+{_READ}", "value", each=True),
    ),
    steps=(
        _READS,
        _BEGINS,
        Step(
            "New: before each step the decoder's state goes down as the query, and the read of all "
            "slots comes up as this step's context.",
            ("read",),
            (320, 80, 320, 190),
        ),
        _WRITES,
    ),
    notes=(
        *_NOTES,
        Note(170, 222, "keys and values", "value", "middle", near="read"),
        Note(342, 166, "query down", "query", "end", near="read"),
        Note(342, 188, "context $c_i$ up", "value", "end", near="read"),
    ),
    omits={
        **_DECODER_INSIDE,
        "context.address": "the inside of the read",
        "context.address.W": "the inside of the read",
        "context.address.U": "the inside of the read",
        "context.address.v": "the inside of the read",
    },
)
"""The same around `lecture_utils.models.bahdanau.Attention`: what is new is the read."""
