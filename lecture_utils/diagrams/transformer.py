"""The Transformer and its layers; Vaswani et al. 2017, arXiv:1706.03762, figure 1."""

from __future__ import annotations

from lecture_utils.diagrams.parts import Arrow, Note, Part, Step
from lecture_utils.diagrams.picture import Picture

_WORDS = ("seven", "hundred", "forty", "eight", ",")
_TARGET = ("(start)", "sieben", "hundert", "acht")
WEIGHTS = "the weights of each head: a row for each word that asks, a column for each that is read"


def _plus(name: str, y: float, x: float = 320) -> Part:
    return Part(
        *(name, "node", x, y, 28, 28, "+"),
        says="the sum of what came in and what the sublayer makes of it",
        does="sum",
    )


def _norm(name: str, path: str, y: float, x: float = 320) -> Part:
    return Part(
        *(name, "operation", x, y, 150, 32, "layer norm"),
        says="layer normalisation: mean 0 and variance 1 over the features of each word, then a "
        "learned gain and offset",
        of=(f"{path}.norm",),
        at=f"{path}.norm",
        learned=True,
    )


def _feed_forward(path: str, y: float, x: float = 320) -> Part:
    return Part(
        *("feed_forward", "operation", x, y, 250, 34, "feed-forward, word by word"),
        says="the feed-forward network: the same two matrices at every word, max(0, x W₁ + b₁) W₂ "
        "+ b₂",
        of=(f"{path}.feed_forward",),
        at=f"{path}.feed_forward",
        learned=True,
    )


_E = "encoder.layers.0"

encoder_layer = Picture(
    name="encoder_layer",
    title="One layer of the encoder",
    height=640,
    parts=(
        Part(
            *("words", "tensor", 120, 584, 78, 42),
            says="one state for each word, from the layer below",
            count=5,
            dx=100,
            at=f"{_E}<0",
            shape="B, S, D",
            shows="slot",
            asks=2,
            example=_WORDS,
        ),
        Part(
            *("attention", "operation", 320, 428, 400, 116, "multi-head self-attention"),
            says="multi-head self-attention: each word asks all words, itself among them",
            of=(f"{_E}.attention",),
            at=f"{_E}.attention",
            learned=True,
            holds=True,
        ),
        Part(
            *("maps", "maps", 206, 446, 68, 68),
            role="query",
            says=WEIGHTS,
            count=4,
            dx=76,
            at=f"{_E}.attention.address",
            shows="slot",
            shape="B, H, S, S",
        ),
        _plus("plus", 320),
        _norm("norm", f"{_E}.add_attention", 266),
        _feed_forward(_E, 196),
        _plus("plus_again", 136),
        _norm("norm_again", f"{_E}.add_feed_forward", 84),
        Part(
            *("states", "tensor", 120, 30, 78, 34),
            says="one state for each word, which has read the others",
            count=5,
            dx=100,
            at=_E,
            shape="B, S, D",
            asks=2,
        ),
    ),
    arrows=(
        Arrow("words:2.top-14", "attention.bottom-14", "query"),
        Arrow("words.top", "attention.bottom", "key", bus=512),
        Arrow("words.top+14", "attention.bottom+14", "value", bus=526),
        Arrow("attention.top", "plus.bottom", "value"),
        Arrow("words:2.bottom", "plus.left", via=((None, 624), (-160, None), (-160, 320))),
        Arrow("plus.top", "norm.bottom"),
        Arrow("norm.top", "feed_forward.bottom"),
        Arrow("norm.right", "plus_again.right", via=((520, None), (520, 136))),
        Arrow("feed_forward.top", "plus_again.bottom"),
        Arrow("plus_again.top", "norm_again.bottom"),
        Arrow("norm_again.top", "states:2.bottom"),
    ),
    steps=(
        Step(
            "Each word has a state: at first its embedding and its place, later what the layer "
            "below made of them.",
            ("words",),
            (160, 430, 320, 190),
        ),
        Step(
            "Self-attention: each word is a query, and all words are keys and values, so each "
            "reads the whole sentence at once.",
            ("attention", "maps"),
            (160, 340, 320, 260),
        ),
        Step(
            "What is read is added to what was there: the path around the attention carries the "
            "word on.",
            ("plus",),
            (20, 240, 320, 400),
        ),
        Step(
            "Layer normalisation gives every word's numbers mean 0 and variance 1, then a learned "
            "gain and offset.",
            ("norm",),
            (160, 180, 320, 180),
        ),
        Step(
            "A small network works on each word by itself, the same one at every place; again it "
            "is added and normalised.",
            ("feed_forward", "plus_again", "norm_again"),
            (220, 50, 320, 250),
        ),
        Step(
            "As many states leave as came in, of the same size: so layers can be stacked.",
            ("states",),
            (160, 0, 320, 170),
        ),
    ),
    notes=(
        Note(16, 584, "x", anchor="start", near="words"),
        Note(600, 592, "{shape}", anchor="middle", near="words"),
        Note(600, 34, "{shape}", anchor="middle", near="states"),
        Note(246, 498, "query", "query", "end", near="attention"),
        Note(380, 500, "keys, values", "value", near="attention"),
        Note(528, 446, "{shape}", near="maps"),
        Note(56, 300, "residual path", near="plus"),
        Note(506, 158, "residual path", anchor="end", near="plus_again"),
    ),
    omits={
        "encoder": "",
        "encoder.embed.*": "the embedding",
        "encoder.layers": "",
        "encoder.norm": "",
        f"{_E}.attention.*": "the inside of the attention",
        f"{_E}.add_attention": "",
        f"{_E}.add_attention.dropout": "dropout",
        f"{_E}.add_feed_forward": "",
        f"{_E}.add_feed_forward.dropout": "dropout",
        f"{_E}.feed_forward.*": "the inside of the feed-forward network",
        "decoder.*": "the decoder",
    },
)
"""`lecture_utils.models.transformer.EncoderLayer`, post-norm, as the paper's."""

_D = "decoder.layers.0"
_CROSS = tuple(f"{_D}.cross.{name}" for name in ("W_Q", "W_K", "W_V", "W_O"))
_LOOK_BACK = tuple(f"{_D}.attention.{name}" for name in ("W_Q", "W_K", "W_V", "W_O"))


def _heads(name: str, path: str, shape: str, y: float) -> Part:
    """The weights of four heads, inside the box of their attention."""
    return Part(
        *(name, "maps", 153, y, 60, 60),
        role="query",
        says=WEIGHTS,
        count=4,
        dx=66,
        at=f"{path}.address",
        shows="before" if shape.endswith("T, T") else "slot",
        counts="call",
        shape=shape,
    )


decoder_layer = Picture(
    name="decoder_layer",
    title="One layer of the decoder",
    height=804,
    parts=(
        Part(
            *("words", "tensor", 60, 756, 78, 42),
            says="one state for each word written so far, from the layer below",
            count=4,
            dx=80,
            at=f"{_D}<0",
            counts="call",
            shape="B, T, D",
            shows="before",
            asks=3,
            example=_TARGET,
        ),
        Part(
            *("attention", "operation", 252, 614, 300, 108, "masked self-attention"),
            says="masked multi-head self-attention: each word asks itself and the words before it",
            of=_LOOK_BACK,
            at=f"{_D}.attention.W_O",
            learned=True,
            holds=True,
        ),
        _heads("back", f"{_D}.attention", "B, H, T, T", 632),
        _plus("plus", 530, 252),
        _norm("norm", f"{_D}.add_attention", 478, 252),
        Part(
            *("cross", "operation", 252, 366, 300, 108, "cross-attention"),
            says="multi-head cross-attention: each word asks the states of the encoder",
            of=_CROSS,
            at=f"{_D}.cross.W_O",
            learned=True,
            holds=True,
        ),
        _heads("across", f"{_D}.cross", "B, H, T, S", 384),
        Part(
            *("memory", "tensor", 470, 478, 58, 42),
            says="the memory: the states that the encoder has made of the source, one slot a word",
            count=3,
            dx=64,
            of=("encoder",),
            at="encoder",
            shape="B, S, D",
            shows="slot",
            ends=True,
            example=("seven", "…", "eight"),
        ),
        _plus("plus_cross", 284, 252),
        _norm("norm_cross", f"{_D}.add_cross", 236, 252),
        _feed_forward(_D, 172, 252),
        _plus("plus_again", 118, 252),
        _norm("norm_again", f"{_D}.add_feed_forward", 72, 252),
        Part(
            *("states", "tensor", 60, 24, 78, 34),
            says="one state for each word, from which the next word is told",
            count=4,
            dx=80,
            at=f"{_D}.add_feed_forward",
            counts="call",
            shape="B, T, D",
            asks=3,
        ),
    ),
    arrows=(
        Arrow("words:3.top+28", "attention.bottom+76", "query"),
        Arrow("words.top", "attention.bottom", "key", bus=692),
        Arrow("words.top+14", "attention.bottom+14", "value", bus=706),
        Arrow("attention.top", "plus.bottom", "value"),
        Arrow("words:3.bottom", "plus.left", via=((None, 790), (-228, None), (-228, 530))),
        Arrow("plus.top", "norm.bottom"),
        Arrow("norm.top", "cross.bottom", "query"),
        Arrow("memory.top", "cross.right-8", "key", bus=358),
        Arrow("memory.top+14", "cross.right+8", "value", bus=374),
        Arrow("norm.left", "plus_cross.left", via=((12, None), (12, 284))),
        Arrow("cross.top", "plus_cross.bottom", "value"),
        Arrow("plus_cross.top", "norm_cross.bottom"),
        Arrow("norm_cross.top", "feed_forward.bottom"),
        Arrow("norm_cross.right", "plus_again.right", via=((420, None), (420, 118))),
        Arrow("feed_forward.top", "plus_again.bottom"),
        Arrow("plus_again.top", "norm_again.bottom"),
        Arrow("norm_again.top+48", "states:3.bottom"),
    ),
    steps=(
        Step(
            "The words written so far each have a state; in training these are the true words, all "
            "at once.",
            ("words",),
            (20, 604, 320, 200),
        ),
        Step(
            "Masked self-attention: the last word asks itself and the words before it. In training "
            "every word does; those after it are masked.",
            ("attention", "back"),
            (80, 554, 320, 250),
        ),
        Step(
            "What is read is added to what was there, and normalised.",
            ("plus", "norm"),
            (0, 440, 320, 200),
        ),
        Step(
            "Cross-attention: the state of the decoder is the query.",
            ("cross", "across"),
            (90, 310, 320, 230),
        ),
        Step(
            "The states of the encoder are its keys and values; every word that is written asks "
            "the same ones.",
            ("memory",),
            (320, 310, 320, 230),
        ),
        Step(
            "It is added and normalised again: every sublayer has its path around.",
            ("plus_cross", "norm_cross"),
            (0, 200, 320, 220),
        ),
        Step(
            "The feed-forward network works on each word by itself, and the third sum closes the "
            "layer.",
            ("feed_forward", "plus_again", "norm_again", "states"),
            (100, 0, 320, 210),
        ),
    ),
    notes=(
        Note(442, 524, "memory {shape}", near="memory"),
        Note(352, 760, "{shape}", near="words"),
        Note(352, 30, "{shape}", near="states"),
        Note(340, 690, "query", "query", near="attention"),
        Note(270, 446, "query", "query", near="cross"),
        Note(636, 346, "keys", "key", "end", near="cross"),
        Note(540, 346, "values", "value", "end", near="cross"),
    ),
    omits={
        "encoder.*": "the inside of the encoder",
        "decoder": "",
        "decoder.embed.*": "the embedding",
        "decoder.layers": "",
        "decoder.norm": "",
        "decoder.readout": "the scores of the next word",
        _D: "",
        f"{_D}.attention": "the inside of the heads",
        f"{_D}.cross": "",
        f"{_D}.add_attention": "",
        f"{_D}.add_attention.dropout": "dropout",
        f"{_D}.add_cross": "",
        f"{_D}.add_cross.dropout": "dropout",
        f"{_D}.add_feed_forward.dropout": "dropout",
        f"{_D}.feed_forward.*": "the inside of the feed-forward network",
    },
)
"""`lecture_utils.models.transformer.DecoderLayer`, post-norm, as the paper's."""


def _embedding(name: str, side: str, x: float) -> Part:
    return Part(
        *(name, "operation", x, 462, 200, 34, "word · √D + place"),
        says="the embedding: a vector for the word, times the root of D, and one for its place",
        of=(f"{side}.embed",),
        learned=True,
    )


transformer = Picture(
    name="transformer",
    title="The Transformer",
    height=560,
    parts=(
        Part(
            *("source", "words", 50, 530, 60, 20),
            says="the words of the source",
            count=4,
            dx=70,
            at="encoder<0",
            shows="slot",
            ends=True,
            example=("seven", "hundred", "forty", "eight"),
        ),
        _embedding("embedding", "encoder", 155),
        Part(
            *("layer", "operation", 155, 392, 200, 40, "encoder layer"),
            says="a layer of the encoder: self-attention and a feed-forward network, each added to "
            "what came in and normalised",
            of=(_E,),
            learned=True,
        ),
        Part(
            *("memory", "tensor", 50, 310, 60, 42),
            says="the memory: one state for each word of the source",
            count=4,
            dx=70,
            of=("encoder",),
            at="encoder",
            shape="B, S, D",
            ends=True,
        ),
        Part(
            *("target", "words", 390, 530, 60, 20),
            says="the words written so far",
            count=4,
            dx=70,
            at="decoder<0",
            counts="call",
            shows="before",
            example=_TARGET,
        ),
        _embedding("embedding_again", "decoder", 495),
        Part(
            *("decoder", "operation", 495, 238, 200, 64, "decoder layer"),
            says="a layer of the decoder: masked self-attention, cross-attention on the memory, a "
            "feed-forward network, each added to what came in and normalised",
            of=(*_CROSS[1:3], _D),
            learned=True,
        ),
        Part(
            *("readout", "operation", 495, 130, 200, 34, "scores, softmax"),
            says="the output matrix: one score for each word it knows; the softmax makes them "
            "probabilities",
            of=("decoder.readout",),
            learned=True,
        ),
        Part(
            *("next", "words", 390, 40, 60, 20),
            says="the likeliest next word, at each place",
            count=4,
            dx=70,
            counts="call",
            shows="row",
            example=("sieben", "hundert", "acht", "und"),
        ),
    ),
    arrows=(
        Arrow("source.top", "embedding.bottom", bus=500),
        Arrow("embedding.top", "layer.bottom"),
        Arrow("layer.top", "memory.bottom", bus=352),
        Arrow("target.top", "embedding_again.bottom", bus=500),
        Arrow("embedding_again.top", "decoder.bottom"),
        Arrow("memory.top", "decoder.left-12", "key", bus=226),
        Arrow("memory.top+14", "decoder.left+12", "value", bus=250),
        Arrow("decoder.top", "readout.bottom"),
        Arrow("readout.top", "next.bottom", bus=82),
    ),
    steps=(
        Step(
            "Every word of the source becomes a vector, and a vector for its place is added: the "
            "layers above see no order otherwise.",
            ("source", "embedding"),
            (0, 380, 320, 180),
        ),
        Step(
            "The encoder: in each of N layers every word reads all words, all at once.",
            ("layer",),
            (0, 280, 320, 200),
        ),
        Step(
            "What the last layer leaves is the memory: one state a word, made once for all words "
            "to come.",
            ("memory",),
            (0, 200, 320, 220),
        ),
        Step(
            "The decoder begins with what is written so far; in training with the true words, all "
            "at once.",
            ("target", "embedding_again"),
            (320, 380, 320, 180),
        ),
        Step(
            "In each of N layers a word reads itself and the words before it, then the memory.",
            ("decoder",),
            (320, 180, 320, 220),
        ),
        Step(
            "The state of each place scores every word; the last one tells what is written next.",
            ("readout", "next"),
            (320, 0, 320, 180),
        ),
    ),
    notes=(
        Note(316, 398, "N layers", anchor="end", near="layer"),
        Note(612, 286, "N layers", anchor="end", near="decoder"),
        Note(304, 316, "memory {shape}", near="memory"),
        Note(330, 216, "keys", "key", near="decoder"),
        Note(330, 270, "values", "value", near="decoder"),
    ),
    omits={
        "encoder.embed.*": "",
        "encoder.layers.*": "the inside of a layer: see its own picture",
        "encoder.norm": "",
        "decoder": "",
        "decoder.embed.*": "",
        "decoder.layers.*": "the inside of a layer: see its own picture",
        "decoder.norm": "",
    },
)
"""`lecture_utils.models.transformer.transformer`; of N layers one is drawn."""
