"""Make the font of the Korean glyphs that the book shows: a subset, so that every page has them.

    python book/_tools/glyphs.py NotoSansCJK-Regular.ttc

writes ``book/_ext/lecture_site/fonts/korean.woff2`` from Noto Sans CJK KR (SIL Open Font License
1.1, see ``OFL.txt`` beside it). Needed only when ``data.numerals`` learns a new Korean morpheme;
needs ``fonttools`` and ``brotli``.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection

from lecture_utils.data.numerals import VALUES

FONTS = Path(__file__).resolve().parents[1] / "_ext" / "lecture_site" / "fonts"
FONT = FONTS / "korean.woff2"
FACE = "Noto Sans CJK KR"


def glyphs() -> str:
    """Every letter of the Korean morphemes, in order."""
    letters = set("".join(VALUES["ko"]))
    return "".join(sorted(letter for letter in letters if ord(letter) > 127))


def write(source: str) -> None:
    """Write the subset of the collection of fonts at `source`."""
    fonts = TTCollection(source).fonts
    font = next(one for one in fonts if one["name"].getDebugName(4) == FACE)
    options = subset.Options(layout_features=[], hinting=False, desubroutinize=True)
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "GPOS", "GSUB"]
    options.name_IDs = [0, 1, 2, 4, 6, 13, 14]
    options.flavor = "woff2"
    tool = subset.Subsetter(options)
    tool.populate(text=glyphs())
    tool.subset(font)
    subset.save_font(font, FONT, options)


if __name__ == "__main__":
    write(sys.argv[1])
    print(f"{FONT.stat().st_size} bytes: {glyphs()}")
