"""A small world of actors, places and objects, and what has been told of it.

The world has a true state from the beginning, and the story tells what happens, not how it began:
where somebody is who has not moved yet, a reader cannot know. Who acts, and what they do, is drawn
until it is possible: nobody goes where they are, or takes what is not there.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from lecture_utils.data.babi.stories import Line

Thing = TypeVar("Thing")

HOUSE = ("bathroom", "bedroom", "garden", "hallway", "kitchen", "office")
TOWN = ("bedroom", "cinema", "kitchen", "office", "park", "school")
FAMILY = ("Daniel", "John", "Mary", "Sandra")
OFFICE = ("Bill", "Fred", "Jeff", "Mary")
FRIENDS = ("Bill", "Fred", "Julie", "Mary")
OBJECTS = ("apple", "football", "milk")

GO = ("journeyed", "moved", "travelled", "went", "went back")
GET = ("got", "grabbed", "picked up", "took")
DROP = ("discarded", "dropped", "left", "put down")
GIVE = ("gave", "handed", "passed")

RECENT = 5
"""A question is about somebody or something that one of the last five sentences is about."""


class Chance:
    """Random choices, the same on every machine: they use nothing but `random.Random.random`."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed).random

    def pick(self, things: Sequence[Thing]) -> Thing:
        """One of `things`, each as likely as the others."""
        return things[int(self.random() * len(things))]

    def happens(self, probability: float) -> bool:
        """True with this probability."""
        return self.random() < probability

    def sample(self, things: Sequence[Thing], count: int) -> list[Thing]:
        """`count` different ones of `things`, in random order."""
        left = list(things)
        return [left.pop(int(self.random() * len(left))) for _ in range(count)]

    def shuffle(self, things: Sequence[Thing]) -> list[Thing]:
        """All of `things` in random order."""
        return self.sample(things, len(things))


class Story:
    """The lines told so far, and what the last sentences are about."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self._about: deque[tuple[str, ...]] = deque(maxlen=RECENT)

    def say(self, text: str, *about: str) -> int:
        """Add a sentence about these; give the number of its line."""
        self.lines.append(Line(text))
        self._about.append(about)
        return len(self.lines)

    def recent(self) -> list[str]:
        """What the last five sentences are about, as often as they are."""
        return [subject for about in self._about for subject in about]

    def ask(self, question: str, answer: str, *support: int) -> bool:
        """Add a question."""
        self.lines.append(Line(question, answer, support))
        return True


class Move(NamedTuple):
    """Somebody went to `place`, as told in line `line`."""

    line: int
    place: str


class Hold(NamedTuple):
    """Somebody got, dropped or gave an object; `move` is their last move before, None if untold."""

    line: int
    kind: str
    actor: str
    thing: str
    move: Move | None = None
    receiver: str = ""


class World:
    """The true state, and the record of what was told.

    Args:
        chance: what decides.
        story: where it is told.
        actors: who acts.
        places: where they may be.
        things: what they may carry.
        there: how likely "there" stands behind getting, and behind dropping, an object.
        about: what a sentence is about, for the questions: "movers" (who went), "holders" (who
            got, dropped, gave or was given), "things" (what was got or dropped), or "gifts".
    """

    def __init__(
        self,
        chance: Chance,
        story: Story,
        actors: Sequence[str] = FAMILY,
        places: Sequence[str] = HOUSE,
        things: Sequence[str] = (),
        there: tuple[float, float] = (1.0, 0.2),
        about: str = "movers",
    ) -> None:
        self.chance, self.story, self.about = chance, story, about
        self.actors, self.places, self.things, self.there = actors, places, things, there
        self.at = {actor: chance.pick(places) for actor in actors}
        self.lies = {thing: chance.pick(places) for thing in things}
        self.held: dict[str, list[str]] = {actor: [] for actor in actors}
        self.moves: dict[str, list[Move]] = {actor: [] for actor in actors}
        self.last: dict[str, Hold] = {}
        self.got: dict[str, int] = {}
        self.holds: dict[str, list[Hold]] = {actor: [] for actor in actors}
        self.gifts: list[Hold] = []

    def act(self, kinds: Sequence[str]) -> None:
        """Draw an actor and one of `kinds` ("go", "get", "drop", "give") until it is possible."""
        pick, deeds = self.chance.pick, [getattr(self, kind) for kind in kinds]
        while not pick(deeds)(pick(self.actors)):
            pass

    def elsewhere(self, actor: str) -> str:
        """A place where the actor is not."""
        place = self.at[actor]
        while place == self.at[actor]:
            place = self.chance.pick(self.places)
        return place

    def moved(self, actor: str, place: str, line: int) -> None:
        """Record that the actor is at `place` now, as told in line `line`."""
        self.at[actor] = place
        self.moves[actor].append(Move(line, place))

    def go(self, actor: str) -> bool:
        """Go to a place drawn from all; not possible if it is where the actor is."""
        place = self.chance.pick(self.places)
        if place == self.at[actor]:
            return False
        subjects = (actor,) if self.about == "movers" else ()
        line = self.story.say(f"{actor} {self.verb(GO)} to the {place}.", *subjects)
        self.moved(actor, place, line)
        return True

    def get(self, actor: str) -> bool:
        """Take an object that lies here."""
        here = [thing for thing in self.things if self.lies.get(thing) == self.at[actor]]
        if not here:
            return False
        thing = self.chance.pick(here)
        del self.lies[thing]
        self.held[actor].append(thing)
        self._tell(
            "get", f"{actor} {self.verb(GET)} the {thing}{self.place_word(0)}.", actor, thing
        )
        self.got[thing] = self.last[thing].line
        return True

    def drop(self, actor: str) -> bool:
        """Put down an object that the actor holds."""
        if not self.held[actor]:
            return False
        thing = self.chance.pick(self.held[actor])
        self.held[actor].remove(thing)
        self.lies[thing] = self.at[actor]
        text = f"{actor} {self.verb(DROP)} the {thing}{self.place_word(1)}."
        self._tell("drop", text, actor, thing)
        return True

    def give(self, actor: str) -> bool:
        """Give an object to somebody who is here."""
        others = [b for b in self.actors if b != actor and self.at[b] == self.at[actor]]
        if not others or not self.held[actor]:
            return False
        thing, receiver = self.chance.pick(self.held[actor]), self.chance.pick(others)
        self.held[actor].remove(thing)
        self.held[receiver].append(thing)
        text = f"{actor} {self.verb(GIVE)} the {thing} to {receiver}."
        self._tell("give", text, actor, thing, receiver)
        return True

    def verb(self, verbs: Sequence[str]) -> str:
        """One of several words for the same deed."""
        return self.chance.pick(verbs)

    def place_word(self, which: int) -> str:
        """The word "there" with a space before it, or nothing."""
        return " there" if self.chance.happens(self.there[which]) else ""

    def _tell(self, kind: str, text: str, actor: str, thing: str, receiver: str = "") -> None:
        holders = (actor, receiver) if receiver else (actor,)
        subjects = {"holders": holders, "things": (thing,)}.get(self.about, ())
        if self.about == "gifts" and receiver:
            subjects = (str(len(self.gifts)),)
        move = self.moves[actor][-1] if self.moves[actor] else None
        hold = Hold(self.story.say(text, *subjects), kind, actor, thing, move, receiver)
        self.last[thing] = hold
        if receiver:
            self.gifts.append(hold)
        for holder in holders:
            self.holds[holder].append(hold)
