"""The read in miniature: one loop, which opens each chapter with its changed part lit."""

from __future__ import annotations

from html import escape

_X = (44, 68, 92)  # the slots

MOTIFS = {
    "recurrent_networks": ("state", "a state, carried from step to step"),
    "encoder_decoder": ("last", "of all slots only the last goes on"),
    "encoder_attention_decoder": ("read", "a read: every slot, each times its weight"),
    "bahdanau_attention": ("query", "the query comes from the decoder's state"),
    "the_transformer": ("all", "every word asks, and every word is read"),
    "the_transformer_at_work": ("all", "which of the looks does it need?"),
    "memory_networks": ("hard", "one slot is chosen"),
    "hard_and_soft_addressing": ("address", "an address: hard or soft"),
    "end_to_end_memory_networks": ("hop", "what was read asks again"),
    "key_value_memory_networks": ("divided", "a slot has a key and a value"),
    "content_and_location_based_addressing": ("shift", "the address moves on from where it was"),
    "attention_is_reading_a_memory": ("all", "query, address, read"),
    "training_the_transformer": ("all", "every word is told its next, all at once"),
    "queries_keys_and_values": ("own", "every slot of the memory asks"),
    "convolutional_networks": ("slid", "one detector, the same at every place"),
    "residual_networks": ("around", "what comes in goes around, and is added"),
    "residual_attention_network": ("glass", "an hourglass says how far a gate is open"),
    "squeeze_and_excitation_networks": ("gated", "a gate for each channel; nothing is summed"),
    "bottleneck_attention_module": ("crossed", "a gate for each channel at each place"),
    "non_local_networks": ("own", "every place of a picture asks all places"),
    "which_attention_where": (
        "address",
        "an address fetches, a gate weighs: which one, and where?",
    ),
    "multi_head_attention": ("heads", "two addresses on the same slots, two reads"),
}
"""What each chapter changes in the motif, and how that is said."""

_STYLE = (
    ".lvm{--q:var(--query,#b3430b);--k:var(--key,#1f5f99);--v:var(--value,#00796b);"
    "--i:var(--ink,var(--pst-color-text-base,#1c2024))}"
    ".lvm *{fill:none;stroke:var(--i);stroke-width:1.5;opacity:.32}"
    ".lvm .f{stroke:none;fill:var(--i)}.lvm .on{opacity:1}.lvm .on.q{stroke:var(--q)}"
    ".lvm .on.k{stroke:var(--k)}.lvm .on.v{stroke:var(--v)}.lvm .on.q.f{fill:var(--q)}"
    ".lvm .f.f{stroke:none}"
)


def motif(chapter: str) -> str:
    """The motif of a chapter as SVG, 120 x 80 units, drawn with the page's variables.

    Args:
        chapter: file name of the chapter, without folder and ending.

    Raises:
        ValueError: the chapter has no motif; says which have one.
    """
    if chapter not in MOTIFS:
        raise ValueError(f"chapter: {chapter!r} has no motif; there are {sorted(MOTIFS)}")
    what, says = MOTIFS[chapter]
    drawn = {"state": _carried, "slid": _slid, "around": _around}
    drawn |= {"gated": _gated, "glass": _glass, "crossed": _crossed}
    inner = drawn[what]() if what in drawn else _loop(what)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" class="lvm" viewBox="0 0 120 80" width="120" '
        f'height="80" role="img" aria-label="{escape(says)}"><style>{_STYLE}</style>{inner}</svg>'
    )


def _carried() -> str:
    """A box with a loop: the state of a recurrent network, and its words."""
    return (
        '<rect class="on" x="44" y="30" width="32" height="24" rx="4"/>'
        '<path class="on q" d="M76 36h14v-18h-60v18h12"/>'
        '<path class="on q f" d="M45 36l-7-3.5v7z"/>'
        '<path class="on" d="M60 74v-18M60 28v-20"/>'
        '<path class="on f" d="M60 54l-3.5 7h7zM60 5l-3.5 7h7z"/>'
    )


def _slid() -> str:
    """A window on an image, and its place on the map that it makes; others before and after."""
    image, made = (8, 22), (76, 26)
    return (
        f'<rect x="{image[0]}" y="{image[1]}" width="36" height="36"/>'
        f'<rect x="{made[0]}" y="{made[1]}" width="28" height="28"/>'
        '<path d="M12 26h10v10h-10zM30 44h10v10h-10z"/>'
        '<path class="on q" d="M21 35h10v10h-10z"/>'
        '<path class="on" d="M31 40h48"/><path class="on f" d="M87 40l-7-3.5v7z"/>'
        '<path class="on q f" d="M88 37h6v6h-6z"/>'
        '<path class="f" d="M80 29h6v6h-6zM96 45h6v6h-6z"/>'
    )


def _around() -> str:
    """A line around two layers into a sum; the layers stand between."""
    return (
        '<rect x="30" y="30" width="44" height="12" rx="4"/>'
        '<rect x="30" y="50" width="44" height="12" rx="4"/>'
        '<path d="M52 78v-10M52 50v-4M52 30v-4"/><path class="f" d="M52 62l-3.5 7h7z"/>'
        '<path class="on" style="stroke-width:3" d="M52 74h44v-58h-28"/>'
        '<path class="on f" d="M60 16l8-4v8z"/>'
        '<circle class="on v" cx="52" cy="16" r="8"/><path class="on v" d="M48 16h8M52 12v8"/>'
        '<path class="on v" d="M52 8v-6"/>'
    )


def _gated() -> str:
    """Three maps, each with a valve on its way up; each valve is open by another amount."""
    valves = "".join(
        f'<path class="on q" d="M{x - 8} 34l16 10v-10l-16 10z"/>'
        f'<path class="on v" d="M{x} 34v-14" style="stroke-width:{width}"/>'
        for x, width in zip((28, 60, 92), (3.5, 0.8, 2), strict=True)
    )
    return (
        '<path d="M18 56h20v20h-20zM50 56h20v20h-20zM82 56h20v20h-20z"/>'
        '<path d="M28 56v-12M60 56v-12M92 56v-12"/>'
        '<path class="on" d="M18 4h20v14h-20zM50 4h20v14h-20zM82 4h20v14h-20z"/>' + valves
    )


def _crossed() -> str:
    """Bars of channels at the left, a map of places below, and the mask that both make."""
    levels = ((0.9, 0.3, 0.7), (0.6, 0.1, 0.4), (0.3, 0.05, 0.2))
    mask = "".join(
        f'<rect class="on q" x="{48 + 18 * column}" y="{6 + 16 * row}" width="16" height="14" '
        f'style="fill:var(--q);fill-opacity:{level}"/>'
        for row, line in enumerate(levels)
        for column, level in enumerate(line)
    )
    bars = "".join(
        f'<path class="on q" style="stroke-width:6" d="M{36 - length} {13 + 16 * row}H36"/>'
        for row, length in enumerate((24, 14, 6))
    )
    places = "".join(
        f'<rect class="on q" x="{48 + 18 * column}" y="60" width="16" height="14" '
        f'style="fill:var(--q);fill-opacity:{level}"/>'
        for column, level in enumerate((0.9, 0.2, 0.6))
    )
    return mask + bars + places


def _glass() -> str:
    """A way up through a valve, and an hourglass beside it: large, small, large, to the valve."""
    return (
        '<path d="M34 78v-36M34 30v-20M34 72h52v-4"/><path class="f" d="M34 3l-3.5 7h7z"/>'
        '<path class="on q" d="M26 30l16 12v-12l-16 12z"/>'
        '<path class="on" d="M74 50h24v18h-24zM82 36h8v8h-8zM74 12h24v18h-24z"/>'
        '<path class="on" d="M86 50v-6M86 36v-6"/>'
        '<path class="on q" d="M74 21h-20v15h-6"/><path class="on q f" d="M43 36l7-3.5v7z"/>'
    )


def _loop(what: str) -> str:
    """Query down, address under the slots, read up; `what` is lit."""

    def on(*parts: str) -> str:
        return " on" if what in (*parts, "all") else ""

    weights = {
        "hard": (0, 1, 0),
        "shift": (0, 0.2, 0.8),
        "last": (0, 0, 0),
    }.get(what, (0.2, 0.6, 0.2))
    slots = "".join(
        f'<rect class="{on("last" if x == _X[2] else "", "divided")}" x="{x - 9}" y="34" '
        'width="18" height="12"/>'
        for x in _X
    )
    if what == "divided":
        slots += '<path class="on k" d="' + "".join(f"M{x} 34v12" for x in _X) + '"/>'
    bars = "".join(
        f'<rect class="q f{on("address", "hard", "shift")}" x="{x - 6}" y="{70 - 16 * w:g}" '
        f'width="12" height="{16 * w + 1:g}"/>'
        for x, w in zip(_X, weights, strict=True)
    )
    fan = "".join(
        f'<path class="v{on("read", "last")}" style="stroke-width:{max(0.8, 6 * w):g}" '
        f'd="M{x} 34C{x} 26 68 26 68 20"/>'
        for x, w in zip(_X, weights if what != "last" else (0, 0, 0.6), strict=True)
        if w or what != "last"
    )
    if what == "heads":  # a second address beside the first, each with its read
        return slots + _heads()
    query = (
        f'<path class="q{on("query")}" d="M16 14v44"/>'
        f'<rect class="q{on("query")}" x="6" y="60" width="20" height="12" rx="6"/>'
        f'<path class="q{on("query")}" d="M26 66h8"/>'
    )
    hop = (
        '<path class="on v" d="M76 14h36v-10h-96v8"/><path class="on q f" d="M16 16l-3.5-7h7z"/>'
        if what == "hop"
        else ""
    )
    shift = (
        '<path class="on q" d="M66 78h24"/><path class="on q f" d="M96 78l-7-3v6z"/>'
        if what == "shift"
        else ""
    )
    own = "".join(f"M{x} 34v-16" for x in _X) + f"M{_X[-1]} 18H16v40"  # from each slot, a query
    asked_by = f'<path class="q on" d="{own}"/>' if what == "own" else ""
    read = (
        f'<circle class="v{on("read")}" cx="68" cy="14" r="6"/>'
        f'<path class="v{on("read", "last")}" d="M68 8v-6"/>'
    )
    asked = "" if what == "last" else query + bars
    return asked + slots + fan + asked_by + read + hop + shift


def _heads() -> str:
    """Two queries, two addresses under the same slots, two reads that are joined above."""
    drawn = ""
    for head, weights in enumerate(((0.75, 0.15, 0.1), (0.1, 0.15, 0.75))):
        x, up = 8 + 16 * head, 58 + 24 * head
        drawn += (
            f'<path class="q on" d="M{x} 14v46"/>'
            f'<rect class="q on" x="{x - 6}" y="61" width="12" height="10" rx="5"/>'
        )
        for slot, w in zip(_X, weights, strict=True):
            drawn += (
                f'<rect class="q f on" x="{slot - 8 + 9 * head}" y="{70 - 16 * w:g}" width="7" '
                f'height="{16 * w + 1:g}"/>'
                f'<path class="v on" style="stroke-width:{max(0.8, 5 * w):g}" '
                f'd="M{slot} 34C{slot} 26 {up} 26 {up} 20"/>'
            )
        drawn += f'<circle class="v on" cx="{up}" cy="14" r="5"/>'
        drawn += f'<path class="v on" d="M{up} 9v-4H70v-4"/>'
    return drawn


_DRAWN = {
    "state": _carried,
    "slid": _slid,
    "around": _around,
    "gated": _gated,
    "crossed": _crossed,
}
