"""From a query and keys to an address (one weight per slot), and from an address to a read.

Shapes, everywhere: queries (..., T, D), keys (..., S, D), weights (..., T, S), values (..., S, V),
reads (..., T, V). A mask is True where a slot may be read; it has as many axes as the weights,
each of the same size or of size 1.

- `primitive`: address and read, which every model of the book is made of;
- `content`: the scores, soft: dot, scaled dot, general, additive, cosine, any temperature;
- `fused`: `attend`, address and read in one, where nobody looks at the weights in between;
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
from lecture_utils.addressing.fused import attend
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
    Wrapped,
    check_mask,
    masked_softmax,
    read,
    scores_shape,
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
    "Wrapped",
    "attend",
    "check_mask",
    "interpolate",
    "masked_softmax",
    "near",
    "one_hot",
    "read",
    "scores_shape",
    "sharpen",
    "shift",
]
