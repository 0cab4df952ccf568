"""Number words in English, German, French and Korean, with the links between them.

A number up to a thousand million is written as *morphemes*: ``sieben hundert acht und vierzig
tausend``, ``quatre vingt dix sept``. The four languages say the same digits in another order,
in other groups, with more or fewer words, so that one list of numbers is a translation task for
which the true alignment is known: each morpheme spells a digit, or marks its power of ten.

`spell` and `read` are inverse to each other. `links` is the gold alignment of a sentence, a list
of numbers with commas. `stream` makes as many sentences as you like, of any length, for training,
development or the test.
"""

from lecture_utils.data.numerals.alignment import alike, links
from lecture_utils.data.numerals.asking import parse, quoted, read_back
from lecture_utils.data.numerals.languages import COMMA, LANGUAGES, LARGEST, VALUES
from lecture_utils.data.numerals.reading import Morpheme, read, read_list
from lecture_utils.data.numerals.spelling import orthography, spell, spell_list
from lecture_utils.data.numerals.streams import (
    SPLITS,
    held_out,
    pairs,
    sample_list,
    split_of,
    stream,
    vocabulary,
)

__all__ = [
    "COMMA",
    "LANGUAGES",
    "LARGEST",
    "SPLITS",
    "VALUES",
    "Morpheme",
    "alike",
    "held_out",
    "links",
    "orthography",
    "pairs",
    "parse",
    "quoted",
    "read",
    "read_back",
    "read_list",
    "sample_list",
    "spell",
    "spell_list",
    "split_of",
    "stream",
    "vocabulary",
]
