"""From a query and keys to an address (one weight per slot), and from an address to a read.

Shapes, everywhere: queries (..., T, D), keys (..., S, D), weights (..., T, S), values (..., S, V),
reads (..., T, V). A mask is True where a slot may be read, and broadcasts to (..., T, S).

- `primitive`: address and read, which every model of the book is made of;
- `content`: the scores, soft: dot, scaled dot, general, additive, cosine, any temperature;
- `hard`: one slot, and how to learn through a choice;
- `location`: addresses that know where they were.
"""

from lecture_utils.addressing.content import (
    Additive,
    Cosine,
    Dot,
    General,
    ScaledDot,
    Tempered,
    Unnormalised,
)
from lecture_utils.addressing.hard import (
    Hard,
    Sampled,
    StraightThrough,
    one_hot,
)
from lecture_utils.addressing.location import (
    LocationAddress,
    LocationSensitive,
    Place,
    ReadHead,
    interpolate,
    near,
    sharpen,
    shift,
)
from lecture_utils.addressing.primitive import (
    Address,
    masked_softmax,
    read,
)

__all__ = [
    "Additive",
    "Address",
    "Cosine",
    "Dot",
    "General",
    "Hard",
    "LocationAddress",
    "LocationSensitive",
    "Place",
    "ReadHead",
    "Sampled",
    "ScaledDot",
    "StraightThrough",
    "Tempered",
    "Unnormalised",
    "interpolate",
    "masked_softmax",
    "near",
    "one_hot",
    "read",
    "sharpen",
    "shift",
]
