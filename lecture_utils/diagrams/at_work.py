"""A Transformer of two layers at work on one sentence; the lecture's illustration of operation."""

from __future__ import annotations

from lecture_utils.diagrams.parts import Arrow, Note, Part, Step
from lecture_utils.diagrams.picture import Picture
from lecture_utils.diagrams.transformer import WEIGHTS, decoder_layer, encoder_layer

_LAYERS = (0, 1)
_LAST = _LAYERS[-1]
_ORDINAL = ("first", "second")
_ENCODER, _DECODER = 150, 480  # the middles of the two columns
_SLOTS = (66, 66)  # of a row of states: how wide, how far apart
_FIRST = _ENCODER - 1.5 * _SLOTS[1]
_READING = (684, 516)  # the middles of the encoder's layers
_WRITING = (644, 384)  # of the decoder's
_USE, _TRAINING = "use", "training"


def _embedding(side: str, x: float) -> Part:
    return Part(
        *(f"embedding_{side}", "operation", x, 812, 240, 32, "word · √D + place"),
        says="the embedding: a vector for the word, times the root of D, and one for its place",
        of=(f"{side}.embed",),
        learned=True,
    )


def _row(name: str, y: float, at: str, says: str) -> Part:
    """One state for each word of the source."""
    return Part(
        *(name, "tensor", _FIRST, y, _SLOTS[0], 26),
        says=says,
        count=4,
        dx=_SLOTS[1],
        at=at,
        shape="B, S, D",
        ends=True,
    )


def _all(name: str, y: float, at: str, says: str) -> Part:
    """One state for each word of the target, as training has them: all at once."""
    return Part(
        *(name, "tensor", _DECODER - 1.5 * _SLOTS[1], y, _SLOTS[0], 26),
        says=says,
        count=4,
        dx=_SLOTS[1],
        at=at,
        counts="call",
        shape="B, T, D",
        only=_TRAINING,
    )


def _maps(name: str, at: str, x: float, y: float, shape: str) -> Part:
    inside = encoder_layer if at.startswith("encoder") else decoder_layer
    return Part(
        *(name, "maps", x - 93, y, 56, 56),
        role="query",
        says=WEIGHTS,
        count=4,
        dx=62,
        at=f"{at}.address",
        shows="before" if shape.endswith("T, T") else "slot",
        counts="slot" if shape.endswith("S, S") else "call",
        shape=shape,
        opens=inside,
        layer=int(at.split(".")[2]),
    )


def _reading(layer: int) -> tuple[Part, ...]:
    """A layer of the encoder, its heads, and the states that it leaves."""
    path, y, number = f"encoder.layers.{layer}", _READING[layer], layer + 1
    last = layer == _LAST
    return (
        Part(
            *(f"reading_{number}", "operation", _ENCODER, y, 280, 112, f"encoder layer {number}"),
            says=f"the {_ORDINAL[layer]} layer of the encoder: self-attention and a feed-forward "
            "network, each added to what came in and normalised",
            of=(path,),
            at=f"{path}.add_feed_forward",
            learned=True,
            holds=True,
            opens=encoder_layer,
            layer=layer,
        ),
        _maps(f"among_{number}", f"{path}.attention", _ENCODER, y + 16, "B, H, S, S"),
        _row(
            "memory" if last else f"states_{number}",
            y - 88,
            "encoder" if last else f"{path}.add_feed_forward",
            "the memory: what the last layer of the encoder leaves, one state for each word"
            if last
            else "what the layer leaves: one state for each word",
        ),
    )


def _writing(layer: int) -> tuple[Part, ...]:
    """A layer of the decoder, its heads, its state, and what that already tells."""
    path, y, number = f"decoder.layers.{layer}", _WRITING[layer], layer + 1
    state = f"{path}.add_feed_forward"
    return (
        Part(
            *(f"writing_{number}", "operation", _DECODER, y, 280, 196, f"decoder layer {number}"),
            says=f"the {_ORDINAL[layer]} layer of the decoder: masked self-attention, "
            "cross-attention on the memory, a feed-forward network, each added to what came in and "
            "normalised",
            of=(f"{path}.cross.W_K", f"{path}.cross.W_V", path),
            at=state,
            learned=True,
            holds=True,
            opens=decoder_layer,
            layer=layer,
        ),
        _maps(f"back_{number}", f"{path}.attention", _DECODER, y + 58, "B, H, T, T"),
        _maps(f"across_{number}", f"{path}.cross", _DECODER, y - 24, "B, H, T, S"),
        Part(
            *(f"state_{number}", "tensor", _DECODER - 75, y - 130, 130, 26),
            says="the state of the word that asks, after the layer",
            at=state,
            shape="B, T, D",
            only=_USE,
        ),
        Part(
            *(f"guess_{number}", "words", _DECODER + 68, y - 130, 120, 20),
            says="the likeliest next word, if this state were scored already here",
            tells=state,
            example=(("acht .41", "hundert .97")[layer],),
            only=_USE,
        ),
        _all(
            *(f"states_all_{number}", y - 130, state),
            "the states of all words after the layer; each is the one that use has at its word",
        ),
    )


at_work = Picture(
    name="at_work",
    title="A Transformer at work",
    height=880,
    parts=(
        Part(
            *("source", "words", _FIRST, 858, 66, 20),
            says="the words of the source",
            count=4,
            dx=_SLOTS[1],
            at="encoder<0",
            shows="slot",
            ends=True,
            example=("seven", "hundred", "…", "five"),
        ),
        _embedding("encoder", _ENCODER),
        _row("embedded", 766, "encoder.embed", "the words as vectors, with their places"),
        *_reading(0),
        *_reading(1),
        Part(
            *("target", "words", _DECODER - 105, 858, 66, 20),
            says="the words written so far",
            count=4,
            dx=70,
            at="decoder<0",
            counts="call",
            shows="before",
            asks=3,
            example=("(start)", "sieben", "hundert", "acht"),
            only=_USE,
        ),
        Part(
            *("target_all", "words", _DECODER - 105, 858, 66, 20),
            says="the words of the translation, each at the place of the one that follows it",
            count=4,
            dx=70,
            at="decoder<0",
            counts="call",
            shows="before",
            example=("(start)", "sieben", "hundert", "acht"),
            only=_TRAINING,
        ),
        _embedding("decoder", _DECODER),
        Part(
            *("asking", "tensor", _DECODER, 766, 130, 26),
            says="the last word as a vector, with its place: it asks what comes next",
            at="decoder.embed",
            shape="B, T, D",
            only=_USE,
        ),
        _all(
            *("asking_all", 766, "decoder.embed"),
            "all words as vectors, with their places: each asks what comes next",
        ),
        *_writing(0),
        *_writing(1),
        Part(
            *("readout", "operation", _DECODER, 206, 240, 32, "scores, softmax"),
            says="the output matrix: one score for each word it knows; the softmax makes them "
            "probabilities",
            of=("decoder.readout",),
            learned=True,
        ),
        Part(
            *("next", "list", _DECODER, 90, 250, 150),
            role="query",
            says="the likeliest next words; the first is written",
            counts="call",
            shows="row",
            tells=f"decoder.layers.{_LAST}.add_feed_forward",
            example=("und",),
            only=_USE,
        ),
        Part(
            *("next_all", "words", _DECODER - 105, 140, 66, 20),
            role="query",
            says="the words that follow, each scored at its own place, all at once",
            count=4,
            dx=70,
            counts="call",
            shows="row",
            example=("sieben", "hundert", "acht", "und"),
            only=_TRAINING,
        ),
    ),
    arrows=(
        Arrow("source.top", "embedding_encoder.bottom", bus=838),
        Arrow("embedding_encoder.top", "embedded.bottom", bus=788),
        Arrow("embedded.top", "reading_1.bottom", bus=747),
        Arrow("reading_1.top", "states_1.bottom", bus=618),
        Arrow("states_1.top", "reading_2.bottom", bus=578),
        Arrow("reading_2.top", "memory.bottom", bus=450),
        Arrow("target.top", "embedding_decoder.bottom", bus=838, only=_USE),
        Arrow("embedding_decoder.top", "asking.bottom", only=_USE),
        Arrow("asking.top", "writing_1.bottom", only=_USE),
        Arrow("target_all.top", "embedding_decoder.bottom", bus=838, only=_TRAINING),
        Arrow("embedding_decoder.top", "asking_all.bottom", bus=788, only=_TRAINING),
        Arrow("asking_all.top", "writing_1.bottom", bus=747, only=_TRAINING),
        *(
            Arrow(
                f"memory:3.right{by:+g}",
                f"writing_{layer + 1}.left" + f"{_off:+g}",
                role,
                via=((x - 3 * _SLOTS[1], None), (None, _WRITING[layer] + _off)),
            )
            for layer in _LAYERS
            for role, by, x, _off in (("key", 4, 318, -32), ("value", -4, 306, -16))
        ),
        Arrow("writing_1.top-75", "state_1.bottom", only=_USE),
        Arrow("state_1.top", "writing_2.bottom-75", only=_USE),
        Arrow("writing_2.top-75", "state_2.bottom", only=_USE),
        Arrow("state_2.top", "readout.bottom-75", only=_USE),
        Arrow("readout.top", "next.bottom", only=_USE),
        Arrow("writing_1.top", "states_all_1.bottom", bus=538, only=_TRAINING),
        Arrow("states_all_1.top", "writing_2.bottom", bus=491, only=_TRAINING),
        Arrow("writing_2.top", "states_all_2.bottom", bus=276, only=_TRAINING),
        Arrow("states_all_2.top", "readout.bottom", bus=231, only=_TRAINING),
        Arrow("readout.top", "next_all.bottom", bus=172, only=_TRAINING),
    ),
    steps=(
        Step(
            "Every word of the source becomes a vector, and a vector for its place is added.",
            ("source", "embedding_encoder", "embedded"),
            (0, 700, 320, 180),
        ),
        Step(
            "The first layer of the encoder: each head has a square, each word its row in it, the "
            "weights by which it reads all words at once.",
            ("reading_1", "among_1", "states_1"),
            (0, 560, 320, 240),
        ),
        Step(
            "The second layer reads what the first has left; its states are the memory, made once.",
            ("reading_2", "among_2", "memory"),
            (0, 390, 320, 240),
        ),
        Step(
            "The decoder takes the last word that was written, and its place; in training it takes "
            "all words of the translation at once.",
            ("target", "target_all", "embedding_decoder", "asking", "asking_all"),
            (320, 700, 320, 180),
        ),
        Step(
            "Masked self-attention: the word reads itself and the words before it. What comes "
            "after it is not there yet; in training the mask hides it.",
            ("writing_1", "back_1"),
            (320, 560, 320, 240),
        ),
        Step(
            "Cross-attention: it reads the memory. In use, what the state already tells, scored as "
            "the last one will be, stands beside it.",
            ("across_1", "state_1", "guess_1", "states_all_1"),
            (320, 480, 320, 240),
        ),
        Step(
            "The second layer does the same with what the first has found.",
            ("writing_2", "back_2", "across_2", "state_2", "guess_2", "states_all_2"),
            (320, 230, 320, 260),
        ),
        Step(
            "The last state scores every word. The likeliest is written, and asks next; in "
            "training all places are scored at once, each against the word that follows.",
            ("readout", "next", "next_all"),
            (320, 0, 320, 240),
        ),
    ),
    notes=(
        Note(_ENCODER, 662, "each word reads all", anchor="middle", near="among_1"),
        Note(_ENCODER, 494, "each word reads all", anchor="middle", near="among_2"),
        Note(_DECODER, 662, "looks back", anchor="middle", near="back_1"),
        Note(_DECODER, 580, "reads the memory", anchor="middle", near="across_1"),
        Note(_DECODER, 402, "looks back", anchor="middle", near="back_2"),
        Note(_DECODER, 320, "reads the memory", anchor="middle", near="across_2"),
        Note(30, 402, "memory {shape}", near="memory"),
    ),
    omits={
        "encoder.embed.*": "",
        "encoder.layers": "",
        "encoder.layers.0.*": "the inside of a layer: it opens",
        "encoder.layers.1.*": "",
        "encoder.norm": "",
        "decoder": "",
        "decoder.embed.*": "",
        "decoder.layers": "",
        "decoder.layers.0.*": "",
        "decoder.layers.1.*": "",
        "decoder.norm": "",
    },
    versions=(_USE, _TRAINING),
    focus=f"decoder.layers.{_LAST}.cross.address",
)
"""`lecture_utils.models.transformer.transformer` with two layers and four heads; the version
``use`` writes word by word, ``training`` has all words of the translation at once, behind the mask.
"""
