"""Three memories of the same knowledge: a knowledge base, documents, and what is extracted of them.

Source: Miller et al. 2016, "Key-value memory networks for directly reading documents",
arXiv:1606.03126, section 3.2.
"""

from __future__ import annotations

from collections.abc import Iterable

from lecture_utils.data.check import integer
from lecture_utils.data.facts.knowledge import REVERSED, Fact, Knowledge, Slot

NUMBER, WORD, TITLE = "<number>", "<word>", "<title>"
"""The last token of a window's key: what its value is, a number or a word or the title."""


def kb(facts: Iterable[Fact]) -> list[Slot]:
    """A knowledge base as a memory: each fact twice, from subject to object and back."""
    slots = []
    for subject, relation, told in facts:
        slots.append(Slot((subject, relation), told))
        slots.append(Slot((told, relation + REVERSED), subject))
    return slots


def doc(knowledge: Knowledge, *, window: int = 4, title: bool = True) -> list[Slot]:
    """Documents as a memory: a slot for each name in the text, its key the words around it.

    Two things are ours: the title is in every key, since a sentence seldom repeats what it is
    about; and a key says whether its centre is a number.

    Args:
        knowledge: its documents are read, its names are looked for in them.
        window: words before and behind the name.
        title: add a second slot with the same window, whose value is the title.
    """
    integer("window", window, 1)
    names, slots = set(knowledge.names), []
    for document in knowledge.documents:
        for sentence in document.sentences:
            tokens = knowledge.tokenize(sentence)
            for i, token in enumerate(tokens):
                if token in names and token != document.title:
                    around = (document.title, *tokens[max(0, i - window) : i + window + 1])
                    kind = NUMBER if token.isdigit() else WORD
                    slots.append(Slot((*around, kind), token))
                    if title:
                        slots.append(Slot((*around, TITLE), document.title))
    return slots


SIGNS = {
    "has capital": ("capital",),
    "has official language": ("language", "languages", "speak", "speaking", "spoken"),
    "lies in": ("in", "of", "largest"),
    "independent since": ("independence", "independent"),
    "independent from": ("independence", "colony", "colonial", "protectorate", "rule", "ruled"),
    "discovered by": ("discovered", "isolated", "identified", "produced"),
    "discovered in": ("discovered", "isolated", "identified", "produced"),
}
"""The words that the extractor takes for a sign of a relation."""


def extract(knowledge: Knowledge) -> list[Fact]:
    """The facts that a simple extractor finds in the documents, right ones and wrong ones.

    It reads sentence by sentence and knows what kind of name each relation asks for, and a few
    words that are signs of it (`SIGNS`). Where a sign stands, the nearest name of the kind makes a
    fact about the document's title. A relation without a sign takes every name of its kind; a
    demonym has to begin as the title does.

    Args:
        knowledge: its documents are read; of its facts only the kinds of their objects are used.
    """
    kinds: dict[str, set[str]] = {}
    for fact in knowledge.facts:
        kinds.setdefault(fact.relation, set()).add(fact.object)
    found: dict[Fact, None] = {}
    for document in knowledge.documents:
        for sentence in document.sentences:
            tokens = knowledge.tokenize(sentence)
            for relation, objects in kinds.items():
                for name in _told(relation, objects - {document.title}, document.title, tokens):
                    found[Fact(document.title, relation, name)] = None
    return list(found)


def _told(relation: str, objects: set[str], title: str, tokens: list[str]) -> list[str]:
    """The names that a sentence seems to tell as objects of a relation."""
    places = [i for i, token in enumerate(tokens) if token in objects]
    if relation == "has demonym":
        return [tokens[i] for i in places if tokens[i][:4] == title[:4]]
    signs = [i for i, token in enumerate(tokens) if token in SIGNS.get(relation, ())]
    if not signs:
        return [] if relation in SIGNS else [tokens[i] for i in places]
    nearest = min(places, key=lambda i: min(abs(i - sign) for sign in signs), default=None)
    return [] if nearest is None else [tokens[nearest]]
