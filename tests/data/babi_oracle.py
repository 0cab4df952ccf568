"""Answers to bAbI questions, worked out from the text alone, by other means than the simulator's.

Each solver reads an example's sentences and its question as a reader would. It is checked on the
published files too, where they are at hand.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise

from lecture_utils.data.babi import Example

STEP = {"north": (0, 1), "south": (0, -1), "east": (1, 0), "west": (-1, 0)}
STEP |= {"above": (0, 1), "below": (0, -1), "to the left of": (-1, 0), "to the right of": (1, 0)}
GONE = re.compile(r"(?:moved|went back|went|travelled|journeyed) to the (\w+)")
TIMES = ("yesterday", "this morning", "this afternoon", "this evening")
SINGULAR = {"cats": "cat", "mice": "mouse", "wolves": "wolf", "sheep": "sheep"}


def answers(example: Example) -> set[str]:
    """All answers that the story supports; one, but where a question can be read in two ways."""
    return SOLVERS[example.task](example)


def _names(text: str) -> list[str]:
    return [word for word in re.findall(r"[A-Z][a-z]+", text) if word not in NOT_NAMES]


NOT_NAMES = {"Then", "After", "Afterwards", "Following", "Yesterday", "This", "Where", "Is", "Who"}
NOT_NAMES |= {"What", "How", "Why", "Does", "The"}


def _places(example: Example) -> dict[str, str]:
    place, who = {}, []
    for sentence in example.story:
        who = _names(sentence) or who
        for name in who if (found := GONE.search(sentence)) else ():
            place[name] = found[1]
    return place


def where(example: Example) -> set[str]:
    return {_places(example)[_names(example.question)[0]]}


def object_history(example: Example) -> dict[str, list[str]]:
    """The places where each object has been since it was last picked up."""
    place, holder = {}, {}
    been: dict[str, list[str]] = defaultdict(list)
    for sentence in example.story:
        name, thing = _names(sentence)[0], re.search(r"apple|football|milk", sentence)
        if found := GONE.search(sentence):
            place[name] = found[1]
            for held in (held for held, by in holder.items() if by == name):
                been[held].append(found[1])
        elif re.search("got|grabbed|picked up|took", sentence):
            holder[thing[0]] = name
            been[thing[0]] = []
        else:
            been[thing[0]] = been[thing[0]] or [place.get(name, "")]
            holder.pop(thing[0], None)
    return been


def where_is_object(example: Example) -> set[str]:
    return {object_history(example)[example.question.split()[-1].rstrip("?")][-1]}


def where_was_object(example: Example) -> set[str]:
    thing, place = re.match(r"Where was the (\w+) before the (\w+)", example.question).groups()
    been = object_history(example)[thing]
    return {before for before, after in pairwise(been) if after == place}


def _map(facts: list[tuple[str, str, str]]) -> dict[str, tuple[int, int]]:
    at = {facts[0][2]: (0, 0)}
    for _ in facts:
        for one, side, other in facts:
            x, y = STEP[side]
            if other in at:
                at.setdefault(one, (at[other][0] + x, at[other][1] + y))
            elif one in at:
                at[other] = (at[one][0] - x, at[one][1] - y)
    return at


def two_arguments(example: Example) -> set[str]:
    at = _map([re.match(r"The (\w+) is (\w+) of the (\w+)", s).groups() for s in example.story])
    found = re.match(r"What is (\w+) of the (\w+)", example.question)
    side, given = found.groups() if found else (None, None)
    if not found:
        given, side = re.match(r"What is the (\w+) (\w+) of", example.question).groups()
    x, y = STEP[side]
    x, y = (x, y) if found else (-x, -y)
    return {place for place, (a, b) in at.items() if (a, b) == (at[given][0] + x, at[given][1] + y)}


def gifts(example: Example) -> set[str]:
    told = [re.match(r"(\w+) (?:gave|handed|passed) the (\w+) to (\w+)", s) for s in example.story]
    asked = example.question.rstrip("?")
    patterns = {
        r"What did (?P<a>\w+) give to (?P<c>\w+)": "b",
        r"Who did (?P<a>\w+) give the (?P<b>\w+) to": "c",
        r"Who received the (?P<b>\w+)": "c",
        r"Who gave the (?P<b>\w+) to (?P<c>\w+)": "a",
        r"Who gave the (?P<b>\w+)": "a",
    }
    for pattern, wanted in patterns.items():
        if match := re.fullmatch(pattern, asked):
            for gift in reversed([g for g in told if g]):
                parts = dict(zip("abc", gift.groups(), strict=True))
                if all(parts[k] == v for k, v in match.groupdict().items()):
                    return {parts[wanted]}
    return set()


def yes_no(example: Example) -> set[str]:
    name, place = re.match(r"Is (\w+) in the (\w+)", example.question).groups()
    last = next(s for s in reversed(example.story) if s.startswith(name) and _is_about_place(s))
    named = place in last.rstrip(".").split()
    if " not " in last or " no longer " in last:
        return {"no"} if named else {"maybe"}
    if "either" in last:
        return {"maybe" if named else "no"}
    return {"yes" if named else "no"}


def _is_about_place(sentence: str) -> bool:
    return bool(GONE.search(sentence)) or " in the " in sentence


def carried(example: Example) -> list[str]:
    name, first, held = _names(example.question)[0], [], set()
    for sentence in example.story:
        thing = re.search(r"apple|football|milk", sentence)
        if not thing or name not in sentence:
            continue
        first.append(thing[0])
        gets = re.search("got|grabbed|picked up|took", sentence) or sentence.endswith(f" {name}.")
        (held.add if gets else held.discard)(thing[0])
    return [thing for thing in dict.fromkeys(first) if thing in held]


def how_many(example: Example) -> set[str]:
    return {("none", "one", "two", "three")[len(carried(example))]}


def what_carried(example: Example) -> set[str]:
    return {",".join(carried(example)) or "nothing"}


def before(example: Example) -> set[str]:
    name, place = re.match(r"Where was (\w+) before the (\w+)", example.question).groups()
    been = {}
    for sentence in example.story:
        when = next(i for i, time in enumerate(TIMES) if time in sentence.lower())
        if name in sentence:
            been[when] = GONE.search(sentence)[1]
    return {been[t] for t in been if been.get(t + 1) == place}


def afraid(example: Example) -> set[str]:
    name = example.question.split()[2]
    told = [sentence.lower().rstrip(".") for sentence in example.story]
    kind = next(s.split()[-1] for s in told if s.startswith(f"{name} is a"))
    plural = next(p for p, one in SINGULAR.items() if one == kind)
    return {SINGULAR[s.split()[-1]] for s in told if s.startswith(f"{plural} are")}


def colour(example: Example) -> set[str]:
    name = example.question.rstrip("?").split()[-1]
    kind = dict(re.findall(r"(\w+) is a (\w+)\.", " ".join(example.story)))
    colours = re.findall(r"(\w+) is (?!a )(\w+)\.", " ".join(example.story))
    return {shade for other, shade in colours if kind[other] == kind[name]}


def position(example: Example) -> set[str]:
    sides = "above|below|to the left of|to the right of"
    at = _map([re.match(rf"The (.+) is ({sides}) the (.+)\.", s).groups() for s in example.story])
    one, side, other = re.match(rf"Is the (.+) ({sides}) the (.+)\?", example.question).groups()
    apart = [a - b for a, b in zip(at[one], at[other], strict=True)]
    return {"yes" if sum(a * b for a, b in zip(apart, STEP[side], strict=True)) > 0 else "no"}


def bigger(example: Example) -> set[str]:
    larger = defaultdict(set)
    for sentence in example.story:
        if found := re.match(r"The (.+) fits inside the (.+)\.", sentence):
            larger[found[1]].add(found[2])
        else:
            big, small = re.match(r"The (.+) is bigger than the (.+)\.", sentence).groups()
            larger[small].add(big)

    def above(thing: str) -> set[str]:
        return larger[thing].union(*map(above, larger[thing]))

    if found := re.match(r"Does the (.+) fit in the (.+)\?", example.question):
        small, big = found.groups()
    else:
        big, small = re.match(r"Is the (.+) bigger than the (.+)\?", example.question).groups()
    if big in above(small):
        return {"yes"}
    return {"no"} if small in above(big) else set()


def path(example: Example) -> set[str]:
    start, end = re.match(r"How do you go from the (\w+) to the (\w+)", example.question).groups()
    steps = defaultdict(dict)
    opposite = {"north": "south", "south": "north", "east": "west", "west": "east"}
    for sentence in example.story:
        one, side, other = re.match(r"The (\w+) is (\w+) of the (\w+)", sentence).groups()
        steps[other][one], steps[one][other] = side[0], opposite[side][0]
    return {f"{steps[start][m]},{steps[m][end]}" for m in steps[start] if end in steps[m]}


def motive(example: Example) -> set[str]:
    name = example.question.split()[2].capitalize()
    state = re.search(rf"{name} is (\w+)\.", " ".join(example.story))[1]
    place = {"tired": "bedroom", "bored": "garden", "hungry": "kitchen", "thirsty": "kitchen"}
    return {place[state] if example.question.startswith("Where") else state}


SOLVERS = {
    **{task: where for task in (1, 11, 12, 13)},
    2: where_is_object,
    3: where_was_object,
    4: two_arguments,
    5: gifts,
    **{task: yes_no for task in (6, 9, 10)},
    7: how_many,
    8: what_carried,
    14: before,
    15: afraid,
    16: colour,
    17: position,
    18: bigger,
    19: path,
    20: motive,
}
