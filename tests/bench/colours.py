"""Whether everybody tells the roles apart."""

from __future__ import annotations

from itertools import combinations

from lecture_utils.views.colours import FORMS, ROLES, ROLES_ON_DARK, distance
from tests.bench.rows import row

APART = 20
"""In CIELAB; nearer than this to one kind of colour vision, two roles need different forms."""


@row("colour.roles", "pairs", "<= 0")
def roles() -> float:
    """Pairs of roles of one form that somebody with another colour vision mixes up."""
    return sum(
        distance(colours[one], colours[other]) < APART and FORMS[one] == FORMS[other]
        for colours in (ROLES, ROLES_ON_DARK)
        for one, other in combinations(colours, 2)
    )
