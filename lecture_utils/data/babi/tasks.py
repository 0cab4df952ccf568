"""How each of the twenty tasks tells a story and asks about it.

Written from the published description and from counting in the published files; the tests compare
templates, lengths, gaps between questions, ages of facts and answers with those files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

from lecture_utils.data.babi.stories import Line
from lecture_utils.data.babi.world import (
    FRIENDS,
    GET,
    GO,
    HOUSE,
    OBJECTS,
    OFFICE,
    RECENT,
    TOWN,
    Chance,
    Story,
    World,
)

QUESTIONS = 5
"""Questions of a story, where the task does not say otherwise."""

MOVING = ("go", "get", "drop")
GIVING = ("go",) * 2 + ("get",) * 2 + ("drop",) * 2 + ("give",) * 7
"""In the published files an object is given three and a half times as often as it is dropped."""

THEN = ("After that", "Afterwards", "Following that", "Then")
PRONOUN = {"Mary": "she", "Sandra": "she", "Daniel": "he", "John": "he"}
NUMBER = ("none", "one", "two", "three")

Candidate = tuple[str, str, tuple[int, ...]]
"""A question that may be asked: its text, its answer, its facts."""


def _tell(story: Story, chance: Chance, act: Callable[[], object], ask: Callable) -> list[Line]:
    """Two sentences, then a question if there is one to ask; until all questions are asked."""
    asked = 0
    while asked < QUESTIONS:
        act()
        act()
        candidates = ask()
        if candidates:
            text, answer, support = chance.pick(candidates)
            asked += story.ask(text, answer, *support)
    return story.lines


def _where(world: World) -> list[Candidate]:
    """Where somebody is whom a recent sentence is about."""
    return [
        (f"Where is {actor}?", world.moves[actor][-1].place, (world.moves[actor][-1].line,))
        for actor in world.story.recent()
    ]


def single_supporting_fact(chance: Chance) -> list[Line]:
    """Task 1: where is somebody, who went there."""
    story = Story()
    world = World(chance, story)
    return _tell(story, chance, lambda: world.act(["go"]), lambda: _where(world))


def two_supporting_facts(chance: Chance) -> list[Line]:
    """Task 2: where is an object, which somebody took along, or left where they were."""
    story = Story()
    world = World(chance, story, things=OBJECTS, about="things")

    def ask() -> list[Candidate]:
        found = []
        for thing in story.recent():
            hold = world.last[thing]
            move = hold.move
            if hold.kind == "get":
                moves = world.moves[hold.actor]
                move = moves[-1] if moves and moves[-1].line > hold.line else None
            if move:
                found.append((f"Where is the {thing}?", move.place, (hold.line, move.line)))
        return found

    return _tell(story, chance, lambda: world.act(MOVING), ask)


def three_supporting_facts(chance: Chance) -> list[Line]:
    """Task 3: where was an object, before its carrier took it on to another place."""
    story = Story()
    world = World(chance, story, things=OBJECTS, there=(0.2, 0.2), about="things")

    def ask() -> list[Candidate]:
        found = []
        for thing in story.recent():
            hold = world.last[thing]
            first, end = world.got[thing], hold.line if hold.kind == "drop" else float("inf")
            carried = [move for move in world.moves[hold.actor] if first < move.line < end]
            for before, move in pairwise(carried):
                question = f"Where was the {thing} before the {move.place}?"
                found.append((question, before.place, (hold.line, move.line, before.line)))
        return found

    return _tell(story, chance, lambda: world.act(MOVING), ask)


def two_arg_relations(chance: Chance) -> list[Line]:
    """Task 4: three places in a line, and which of them is on which side of another."""
    story, opposite = Story(), _opposites()
    middle, one, other = chance.sample(HOUSE, 3)
    side = chance.pick(list(opposite))
    facts = []
    for place, direction in ((one, side), (other, opposite[side])):
        fact = (place, direction, middle)
        facts.append(fact if chance.happens(2 / 3) else (middle, opposite[direction], place))
        story.say(_is_of(*facts[-1]))
    which = chance.pick((0, 1))
    place, direction, given = facts[which]
    if chance.happens(0.5):
        question = f"What is {direction} of the {given}?"
    else:
        question = f"What is the {given} {opposite[direction]} of?"
    story.ask(question, place, which + 1)
    return story.lines


def three_arg_relations(chance: Chance) -> list[Line]:
    """Task 5: who gave what to whom."""
    story = Story()
    world = World(chance, story, actors=OFFICE, things=OBJECTS, about="gifts")

    def ask() -> list[Candidate]:
        found = []
        for number in story.recent():
            told = world.gifts[int(number)]
            a, thing, b = told.actor, told.thing, told.receiver
            forms = {  # the question, which of the gift it asks for, and what it names
                f"What did {a} give to {b}?": ("thing", {"actor": a, "receiver": b}),
                f"Who did {a} give the {thing} to?": ("receiver", {"actor": a, "thing": thing}),
                f"Who received the {thing}?": ("receiver", {"thing": thing}),
                f"Who gave the {thing}?": ("actor", {"thing": thing}),
                f"Who gave the {thing} to {b}?": ("actor", {"thing": thing, "receiver": b}),
            }
            question = chance.pick([*forms, next(iter(forms))])
            asked, named = forms[question]
            gift = next(
                gift
                for gift in reversed(world.gifts)
                if all(getattr(gift, part) == name for part, name in named.items())
            )
            found.append((question, getattr(gift, asked), (gift.line,)))
        return found

    return _tell(story, chance, lambda: world.act(GIVING), ask)


def yes_no_questions(chance: Chance) -> list[Line]:
    """Task 6: is somebody there."""
    story = Story()
    world = World(chance, story, things=OBJECTS)

    def ask() -> list[Candidate]:
        last = [(actor, world.moves[actor][-1]) for actor in story.recent()]
        return [_is_in(chance, HOUSE, actor, move.place, move.line) for actor, move in last]

    return _tell(story, chance, lambda: world.act(MOVING), ask)


def _is_in(chance: Chance, places: tuple[str, ...], actor: str, place: str, line: int) -> Candidate:
    """As often about the place where somebody is as about another."""
    if chance.happens(0.5):
        return f"Is {actor} in the {place}?", "yes", (line,)
    other = chance.pick([p for p in places if p != place])
    return f"Is {actor} in the {other}?", "no", (line,)


def counting(chance: Chance) -> list[Line]:
    """Task 7: how many objects somebody carries, from all that they got and gave away."""
    story = Story()
    world = World(chance, story, things=OBJECTS, about="holders")

    def ask() -> list[Candidate]:
        return [
            (
                f"How many objects is {actor} carrying?",
                NUMBER[len(world.held[actor])],
                tuple(hold.line for hold in world.holds[actor]),
            )
            for actor in story.recent()
        ]

    return _tell(story, chance, lambda: world.act(GIVING), ask)


def lists_sets(chance: Chance) -> list[Line]:
    """Task 8: which objects somebody carries, those first that they first had."""
    story = Story()
    world = World(chance, story, things=OBJECTS, about="holders")

    def ask() -> list[Candidate]:
        found = []
        for actor in story.recent():
            holds = world.holds[actor]
            things = list(dict.fromkeys(hold.thing for hold in holds))
            answer = ",".join(thing for thing in things if thing in world.held[actor])
            support = [hold.line for thing in things for hold in holds if hold.thing == thing]
            found.append((f"What is {actor} carrying?", answer or "nothing", tuple(support)))
        return found

    return _tell(story, chance, lambda: world.act(MOVING), ask)


def simple_negation(chance: Chance) -> list[Line]:
    """Task 9: where somebody is, or is not any more."""
    story = Story()
    world = World(chance, story)
    told: dict[str, tuple[int, str, bool]] = {}

    def act() -> None:
        actor, drawn = chance.pick(world.actors), chance.random()
        before, place = world.at[actor], _step(world, actor)
        if drawn < 0.5:
            text = f"{actor} {world.verb(GO)} to the {place}."
        elif drawn < 0.75:
            text = f"{actor} is in the {place}."
        else:  # gone, and nobody says where to
            text = f"{actor} is {chance.pick(('not', 'no longer'))} in the {before}."
        told[actor] = (story.say(text, actor), before if drawn >= 0.75 else place, drawn < 0.75)

    def ask() -> list[Candidate]:
        found = []
        for actor in story.recent():
            line, place, there = told[actor]
            if there:
                found.append(_is_in(chance, HOUSE, actor, place, line))
            else:
                found.append((f"Is {actor} in the {place}?", "no", (line,)))
        return found

    return _tell(story, chance, act, ask)


def indefinite_knowledge(chance: Chance) -> list[Line]:
    """Task 10: where somebody is, or may be."""
    story = Story()
    world = World(chance, story, actors=FRIENDS, places=TOWN)
    told: dict[str, tuple[int, str, str]] = {}

    def act() -> None:
        actor, drawn = chance.pick(world.actors), chance.random()
        place, other = _step(world, actor), ""
        if drawn < 0.5:
            text = f"{actor} {world.verb(GO)} to the {place}."
        elif drawn < 0.75:
            text = f"{actor} is in the {place}."
        else:
            other = chance.pick([p for p in TOWN if p != place])
            one, two = chance.shuffle([place, other])
            text = f"{actor} is either in the {one} or the {two}."
        told[actor] = (story.say(text, actor), place, other)

    def ask() -> list[Candidate]:
        found = []
        for actor in story.recent():
            line, place, other = told[actor]
            question, answer, support = _is_in(chance, TOWN, actor, place, line)
            if other:
                answer = "maybe" if answer == "yes" or other in question else "no"
            found.append((question, answer, support))
        return found

    return _tell(story, chance, act, ask)


def basic_coreference(chance: Chance) -> list[Line]:
    """Task 11: where somebody is, whom the second sentence calls he or she."""
    story = Story()
    world = World(chance, story)
    last: dict[str, tuple[int, int]] = {}

    def act() -> None:
        actor = chance.pick(world.actors)
        first = story.say(f"{actor} {world.verb(GO)} to the {_step(world, actor)}.", actor)
        deed = f"{chance.pick(THEN)} {PRONOUN[actor]} {world.verb(GO)}"
        last[actor] = (first, story.say(f"{deed} to the {_step(world, actor)}.", actor))

    def ask() -> list[Candidate]:
        return [(f"Where is {actor}?", world.at[actor], last[actor]) for actor in story.recent()]

    return _blocks(story, chance, act, ask)


def conjunction(chance: Chance) -> list[Line]:
    """Task 12: where somebody is, who went there with somebody else."""
    story = Story()
    world = World(chance, story)
    return _tell(story, chance, lambda: _together(world, chance), lambda: _where(world))


def compound_coreference(chance: Chance) -> list[Line]:
    """Task 13: where somebody is, of two whom the second sentence calls they."""
    story = Story()
    world = World(chance, story)
    last: dict[str, tuple[int, int]] = {}
    pairs: list[list[str]] = []

    def act() -> None:
        pair, first = _together(world, chance)
        place = _shared_step(world, pair)
        line = story.say(f"{chance.pick(THEN)} they {world.verb(GO)} to the {place}.")
        for actor in pair:
            world.at[actor] = place
            last[actor] = (first, line)
        pairs.append(pair)

    def ask() -> list[Candidate]:
        recent = pairs[-1] if len(pairs) == 1 or chance.happens(0.8) else pairs[-2]
        return [(f"Where is {actor}?", world.at[actor], last[actor]) for actor in recent]

    return _blocks(story, chance, act, ask)


def _blocks(story: Story, chance: Chance, act: Callable, ask: Callable) -> list[Line]:
    """Two sentences that belong together, then a question."""
    for _ in range(QUESTIONS):
        act()
        text, answer, support = chance.pick(ask())
        story.ask(text, answer, *support)
    return story.lines


def _step(world: World, actor: str) -> str:
    """Go somewhere else; give the place."""
    world.at[actor] = world.elsewhere(actor)
    return world.at[actor]


def _shared_step(world: World, pair: list[str]) -> str:
    """A place where neither of the two is."""
    here = {world.at[actor] for actor in pair}
    return world.chance.pick([place for place in world.places if place not in here])


def _together(world: World, chance: Chance) -> tuple[list[str], int]:
    """Two go to one place; give them and the line that tells it."""
    pair = chance.sample(world.actors, 2)
    place = _shared_step(world, pair)
    text = f"{pair[0]} and {pair[1]} {world.verb(GO)} to the {place}."
    line = world.story.say(text, *pair)
    for actor in pair:
        world.moved(actor, place, line)
    return pair, line


def time_reasoning(chance: Chance) -> list[Line]:
    """Task 14: where somebody was before, told out of order."""
    times = ("yesterday", "this morning", "this afternoon", "this evening")
    story = Story()
    world = World(chance, story, actors=FRIENDS, places=TOWN)
    told: dict[str, list[tuple[int, int, str]]] = {actor: [] for actor in FRIENDS}
    waiting: list[tuple[str, int]] = []
    happened = asked = 0
    while asked < QUESTIONS:
        for _ in range(2):
            able = [actor for actor in FRIENDS if len(told[actor]) < len(times)]
            if not able:
                return story.lines
            actor = chance.pick(able)
            happened += 1
            waiting.append((actor, len(told[actor])))
            told[actor].append((0, happened, _step(world, actor)))
        if all(len(moves) < 2 for moves in told.values()):
            continue  # nothing to ask yet: all of it is told in one block
        for actor, which in chance.shuffle(waiting):
            _, when, place = told[actor][which]
            deed, time = f"{actor} {world.verb(GO)} to the {place}", times[which]
            line = story.say(
                f"{time.capitalize()} {deed}." if chance.happens(0.5) else f"{deed} {time}."
            )
            told[actor][which] = (line, when, place)
        waiting.clear()
        candidates = [
            (f"Where was {actor} before the {later[2]}?", earlier[2], (later[0], earlier[0]))
            for actor, moves in told.items()
            for earlier, later in pairwise(moves)
            if happened - later[1] < RECENT
        ]
        if candidates:
            text, answer, support = chance.pick(candidates)
            asked += story.ask(text, answer, *support)
    return story.lines


def basic_deduction(chance: Chance) -> list[Line]:
    """Task 15: what somebody is afraid of, being a mouse, say."""
    plural = {"cat": "cats", "mouse": "mice", "sheep": "sheep", "wolf": "wolves"}
    story, fear, kind = Story(), {}, {}
    facts = [*plural, *((name, chance.pick(list(plural))) for name in _ANIMAL_NAMES)]
    while facts:  # of what somebody is, it is first told what it fears
        able = [fact for fact in facts if isinstance(fact, str) or fact[1] in fear]
        fact = chance.pick(able)
        facts.remove(fact)
        if isinstance(fact, str):
            feared = chance.pick([other for other in plural if other != fact])
            text = f"{plural[fact].capitalize()} are afraid of {plural[feared]}."
            fear[fact] = (story.say(text), feared)
        else:
            name, one = fact
            kind[name] = (story.say(f"{name} is a {one}."), one)
    for _ in range(4):
        name = chance.pick(_ANIMAL_NAMES)
        line, one = kind[name]
        story.ask(f"What is {name.lower()} afraid of?", fear[one][1], line, fear[one][0])
    return story.lines


_ANIMAL_NAMES = ("Emily", "Gertrude", "Jessica", "Winona")


def basic_induction(chance: Chance) -> list[Line]:
    """Task 16: the colour of an animal, from another of its kind."""
    kinds, colours = ("frog", "lion", "rhino", "swan"), ("gray", "green", "white", "yellow")
    while True:
        story, is_a, coloured = Story(), {}, {}
        colour: dict[str, str] = {}
        waiting, bare = chance.shuffle(("Bernhard", "Brian", "Greg", "Julius", "Lily")), []
        kind = {name: chance.pick(kinds) for name in waiting}
        while waiting or len(bare) > 1:  # the last without a colour is asked for
            if waiting and (not bare or len(colour) == 4 or chance.happens(0.5)):
                name = waiting.pop()
                is_a[name] = story.say(f"{name} is a {kind[name]}.")
                bare.append(name)
            else:
                name = bare.pop(int(chance.random() * len(bare)))
                before = [colour[other] for other in colour if kind[other] == kind[name]]
                copies = before and chance.happens(0.55)
                colour[name] = chance.pick(before) if copies else chance.pick(colours)
                coloured[name] = story.say(f"{name} is {colour[name]}.")
        (asked,) = bare
        alike = [name for name in colour if kind[name] == kind[asked]]
        if len(alike) in (1, 3, 4):  # the published files hold no other number
            break
    answer = colour[alike[-1]]
    example = chance.pick([name for name in alike if colour[name] == answer])
    support = (is_a[asked], is_a[example], coloured[example])
    story.ask(f"What color is {asked}?", answer, *support)
    return story.lines


def positional_reasoning(chance: Chance) -> list[Line]:
    """Task 17: where two shapes are to each other, each known against a third."""
    shapes = (
        *("blue square", "pink rectangle", "red sphere"),
        *("red square", "triangle", "yellow square"),
    )
    steps = {
        "above": (0, 1),
        "below": (0, -1),
        "to the left of": (-1, 0),
        "to the right of": (1, 0),
    }
    back = dict(zip(steps, ("below", "above", "to the right of", "to the left of"), strict=True))
    story = Story()
    middle, *both = chance.sample(shapes, 3)
    sides = chance.sample(list(steps), 2)
    for shape, side in zip(both, sides, strict=True):
        one, relation, other = (
            (shape, side, middle) if chance.happens(1 / 3) else (middle, back[side], shape)
        )
        story.say(f"The {one} is {relation} the {other}.")
    place = {shape: steps[side] for shape, side in zip(both, sides, strict=True)}
    for _ in range(8):
        one, other = chance.shuffle(both)
        apart = [a - b for a, b in zip(place[one], place[other], strict=True)]
        true = [
            relation
            for relation, step in steps.items()
            if sum(a * b for a, b in zip(apart, step, strict=True)) > 0
        ]
        holds = chance.happens(0.5)
        relation = chance.pick([r for r in steps if (r in true) == holds])
        support = (1, 2) if one == both[0] else (2, 1)
        story.ask(f"Is the {one} {relation} the {other}?", "yes" if holds else "no", *support)
    return story.lines


def size_reasoning(chance: Chance) -> list[Line]:
    """Task 18: which of two things is bigger, each compared with a third."""
    large = chance.shuffle(("box", "chest", "container", "suitcase"))
    things = ["chocolate", "box of chocolates", *large]  # the smallest first
    size = {thing: i for i, thing in enumerate(things)}
    story, facts = Story(), []
    while True:
        for _ in range(5):
            big, small = sorted(chance.sample(things, 2), key=size.__getitem__, reverse=True)
            fits = chance.happens(0.5)
            text = (
                f"The {small} fits inside the {big}."
                if fits
                else f"The {big} is bigger than the {small}."
            )
            facts.append((big, small, story.say(text)))
        found = [
            (big, small, first, second)
            for big, middle, first in facts
            for other, small, second in facts
            if other == middle
        ]
        if found:
            break
    for _ in range(QUESTIONS):
        big, small, first, second = chance.pick(found)
        holds, fits = chance.happens(0.5), chance.happens(0.5)
        one, other = (small, big) if holds == fits else (big, small)
        text = (
            f"Does the {one} fit in the {other}?"
            if fits
            else f"Is the {one} bigger than the {other}?"
        )
        support = (first, second) if holds else (second, first)
        story.ask(text, "yes" if holds else "no", *support)
    return story.lines


def path_finding(chance: Chance) -> list[Line]:
    """Task 19: two steps from one place to another."""
    opposite, story = _opposites(), Story()
    while True:
        places, edges, used = chance.shuffle(HOUSE), [], set()
        for i, place in enumerate(places[1:], 1):
            while True:
                other, direction = chance.pick(places[:i]), chance.pick(list(opposite))
                if (other, direction) not in used:
                    break
            used |= {(other, direction), (place, opposite[direction])}
            edges.append((place, direction, other))
        degrees = Counter(end for place, _, other in edges for end in (place, other))
        if 3 <= max(degrees.values()) <= 4:  # the published files hold no other shape
            break
    steps = {}
    for place, direction, other in chance.shuffle(edges):
        if chance.happens(0.5):
            place, direction, other = other, opposite[direction], place
        line = story.say(_is_of(place, direction, other))
        steps[other, place] = (direction, line)
        steps[place, other] = (opposite[direction], line)
    start, between, end = chance.pick(
        [(a, b, d) for a, b in steps for c, d in steps if b == c and a != d]
    )
    one, two = steps[start, between], steps[between, end]
    answer = f"{one[0][0]},{two[0][0]}"
    story.ask(f"How do you go from the {start} to the {end}?", answer, one[1], two[1])
    return story.lines


def agents_motivations(chance: Chance) -> list[Line]:
    """Task 20: what somebody will do, and why they did it."""
    wants = {
        "bored": ("garden", "football"),
        "hungry": ("kitchen", "apple"),
        "thirsty": ("kitchen", "milk"),
        "tired": ("bedroom", "pajamas"),
    }
    story, told, taken = Story(), {}, set()
    agents = ("Antoine", "Jason", "Sumit", "Yann")
    state = {agent: chance.pick(list(wants)) for agent in agents}
    stage = dict.fromkeys(agents, 0)
    while able := [
        agent for agent in agents if stage[agent] < 2 + (wants[state[agent]][1] not in taken)
    ]:
        agent = chance.pick(able)
        place, thing = wants[state[agent]]
        low = agent.lower()
        if stage[agent] == 0:
            told[agent] = story.say(f"{agent} is {state[agent]}.")
            story.ask(f"Where will {low} go?", place, told[agent])
        elif stage[agent] == 1:
            story.say(f"{agent} {chance.pick(GO)} to the {place}.")
            story.ask(f"Why did {low} go to the {place}?", state[agent], told[agent])
        else:
            story.say(f"{agent} {chance.pick(GET)} the {thing} there.")
            story.ask(f"Why did {low} get the {thing}?", state[agent], told[agent])
            taken.add(thing)
        stage[agent] += 1
    return story.lines


def _opposites() -> dict[str, str]:
    return {"east": "west", "north": "south", "south": "north", "west": "east"}


def _is_of(place: str, direction: str, other: str) -> str:
    return f"The {place} is {direction} of the {other}."


STORIES: tuple[Callable[[Chance], list[Line]], ...] = (
    single_supporting_fact,
    two_supporting_facts,
    three_supporting_facts,
    two_arg_relations,
    three_arg_relations,
    yes_no_questions,
    counting,
    lists_sets,
    simple_negation,
    indefinite_knowledge,
    basic_coreference,
    conjunction,
    compound_coreference,
    time_reasoning,
    basic_deduction,
    basic_induction,
    positional_reasoning,
    size_reasoning,
    path_finding,
    agents_motivations,
)
"""One story of each task, in the order of their numbers."""
