"""The memory view: which sentences or slots each hop read before the model answered."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from reprlib import repr
from typing import Any

import numpy as np
import traitlets
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from lecture_utils.views.base import (
    Markup,
    View,
    as_array,
    exported,
    fields,
    flag,
    fonts,
    html_table,
    items,
    labelled,
    new_figure,
    numbers,
    pack,
    slack,
    string,
    unpack,
    whole,
    words,
)
from lecture_utils.views.colours import INKS, ROLES

Ask = Callable[..., Mapping[str, Any]]
Told = tuple[Sequence[str], str, str, Iterable[int]]

_ANSWERS = 5  # the most probable ones that are kept
_TABLED = 60  # sentences of a full fallback table
_DRAWN = 24  # sentences of a full picture
_SHOWN = 0.005  # weight that two decimals show


class MemoryHops(View, folder="memory_hops"):
    """Weights of K hops on the S sentences of a story, beside the sentences, and the answer.

    Where there is a model behind the view, the reader edits, adds, removes and moves sentences,
    edits the question, and draws new stories of a task. Where the memory is not `editable`, the
    sentences are the slots of a knowledge base that a question has found: the reader edits the
    question, or draws a new one, and each question brings its own slots.

    Args:
        weights: (K, S) array or tensor in [0, 1], one row a hop. A row sums to at most 1; what is
            left lies on empty slots of the memory, and the view says so.
        story: the S sentences, in the order told.
        question: as written.
        answers: the most probable answers with their probabilities, as a mapping or pairs.
        gold: positions in `story`, from 0, of the facts that the true answer follows from; None
            where they are not known.
        truth: the true answer, or all that are true; None where it is not known.
        dropped: sentences at the beginning of `story`, the oldest, that the memory does not hold;
            `weights` are (K, S - dropped) then.
        title: a line above the story.
        noun: what a row of the story is.
        who: what those who answer are called, where there are several; for instance "network".
        kind: what `tasks` are called; "task", or "kind" of question, if None.
        editable: whether the reader writes the story too; if not, every question brings its own.
        message: a line below the question about what is shown.
        live: an exported model that a page without a kernel runs on the reader's story: its name,
            or a list of (label, name) between which the reader chooses.
        ask: the same in a notebook: (story, question) -> mapping with ``weights`` and ``answers``
            and, optional, ``gold``, ``truth``, ``dropped``, ``message``. A `ValueError` is shown
            beside the question. Or a mapping label -> such a function. Where the memory is not
            editable: question -> such a mapping with, besides, the ``story``.
        new_story: in a notebook, a story of a task: number -> (sentences, question, answer,
            positions of the facts), as a tuple that may be longer. In a page the model has them.
        new_question: the same where the memory is not editable: number -> question.
        tasks: names of the tasks, or kinds of questions, of which there are new ones, by number.
        task: the one that is chosen at first; the first of `tasks` if None.

    Raises:
        ValueError: naming the argument that is wrong, and what to pass.

    A fact counts as read if some hop puts more weight on it than on any other slot.
    """

    def __init__(
        self,
        weights: Any,
        story: Sequence[str],
        question: str,
        answers: Mapping[str, float] | Iterable[tuple[str, float]],
        *,
        gold: Iterable[int] | None = None,
        truth: str | Sequence[str] | None = None,
        dropped: int = 0,
        title: str = "",
        noun: str = "sentence",
        who: str = "model",
        kind: str | None = None,
        editable: bool = True,
        message: str = "",
        live: str | Sequence[tuple[str, str]] | None = None,
        ask: Ask | Mapping[str, Ask] | None = None,
        new_story: Callable[[int], Told] | None = None,
        new_question: Callable[[int], str] | None = None,
        tasks: Mapping[int, str] | None = None,
        task: int | None = None,
    ) -> None:
        picture = _picture(weights, story, question, answers, gold, truth, dropped)
        editable, live = flag("editable", editable), exported(live)
        functions = labelled("ask", ask, "story and question" if editable else "the question")
        self._draw = new_story if editable else new_question
        if (new_question if editable else new_story) is not None:
            raise ValueError("pass new_story if the story is editable, else new_question")
        self._fixed = {
            "title": string("title", title),
            "noun": string("noun", noun),
            "who": string("who", who),
            "kind": string("kind", ("task" if editable else "kind") if kind is None else kind),
            "editable": editable,
            **_tasks(tasks, task, bool(live), functions, self._draw),
        }
        message = string("message", message)
        super().__init__({**self._fixed, "message": message, **picture}, live, functions)

    def _in_page(self) -> dict[str, Any]:
        state = super()._in_page()
        return {**state, "tells": bool(state["asks"] and state["tasks"])}

    @traitlets.observe("request")
    def _answer(self, change: dict[str, Any]) -> None:
        request = change["new"]

        def made(ask: Ask) -> dict[str, Any]:
            told = self._told(int(request["task"])) if "task" in request else self._written(request)
            needed, known = {"weights", "answers"}, {"gold", "truth", "dropped", "message"}
            if self._fixed["editable"]:
                answer = dict(ask(list(told["story"]), told["question"]))
            else:
                answer, needed = dict(ask(told["question"])), needed | {"story"}
            answer = fields("ask", answer, needed, known)
            message = answer.pop("message", None) or ""
            return {**self._fixed, "message": message, **_picture(**{**told, **answer})}

        self._respond(request, made)

    def _told(self, task: int) -> dict[str, Any]:
        """A new story of a task with its facts, or a new question."""
        if self._draw is None:
            told = "new_story: nobody tells stories here; pass a function of the task"
            asked = "new_question: nobody asks anything here; pass a function of the task"
            raise ValueError(told if self._fixed["editable"] else asked)
        if not self._fixed["editable"]:
            return {"question": self._draw(task)}
        told = tuple(self._draw(task))
        if len(told) < 4:
            raise ValueError("new_story: gave no (sentences, question, answer, positions)")
        return dict(zip(("story", "question", "truth", "gold"), told, strict=False))

    def _written(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The reader's own story and question."""
        story = [str(line) for line in request.get("story", ()) if str(line).strip()]
        question = str(request.get("question", "")).strip()
        if self._fixed["editable"] and not story:
            raise ValueError("The story is empty: write a sentence.")
        if not question:
            raise ValueError("There is no question: write one.")
        return {"question": question, **({"story": story} if self._fixed["editable"] else {})}

    def _hops(self) -> NDArray[np.float64]:
        """Weights (K, S + 1): of every sentence, 0 if it was dropped; last, of all empty slots."""
        kept = unpack(self.state)
        rest = (1 - kept.sum(axis=1, keepdims=True)).clip(0)
        return np.hstack([np.zeros((len(kept), self.state["dropped"])), kept, rest])

    def _read(self) -> list[int]:
        """The slot that each hop reads most; S stands for the empty slots."""
        return [int(most) for most in self._hops().argmax(axis=1)]

    def summary(self) -> str:
        """What the view shows, in words: story, question, answer, what each hop reads most."""
        state, noun = self.state, self.state["noun"]
        count, gold = len(state["story"]), state["gold"]
        found = "then" if state["editable"] else "found by"
        asked = f"{count} {noun}{'s' * (count != 1)}, {found} the question “{state['question']}”"
        best, truth = state["answers"][0][0], state["truth"]
        truths = [truth] if isinstance(truth, str) else truth or []
        wrong = f", not {' or '.join(f'“{each}”' for each in truths)}"
        right = ", and it is right" if best in truths else wrong * bool(truths)
        said = [f"{asked} The answer is “{best}”{right}."]
        if state["dropped"]:
            said.append(f"The memory does not hold the oldest {state['dropped']}.")
        where = [
            f"hop {k + 1} reads {'the empty slots' if at == count else f'{noun} {at + 1}'}"
            for k, at in enumerate(self._read())
        ]
        said.append(f"Most weight: {', '.join(where)}.")
        if gold is not None:
            hits = len(set(gold) & set(self._read()))
            if hits and len(gold) > 1 and not state["editable"]:
                said.append(f"A gold fact was read; each of the {len(gold)} is an answer.")
            else:
                said.append(_hits(hits, len(gold)))
        return " ".join(said)

    def _chosen(self, most: int) -> list[int]:
        """Positions of all sentences, or of the `most` that are gold or weigh most."""
        count, gold = len(self.state["story"]), self.state["gold"] or []
        heavy = self._hops()[:, :-1].max(axis=0)
        order = sorted(range(count), key=lambda i: (i not in gold, -heavy[i], i))
        return sorted(order[:most])

    def table(self) -> str:
        """The weights to two decimals beside the sentences; of a long story, those that count."""
        state, hops = self.state, self._hops()
        count, gold = len(state["story"]), state["gold"] or []
        chosen = self._chosen(_TABLED)

        def line(head: str, text: str, slot: int) -> list[str]:
            mark = " <b>gold</b>" if slot in gold else ""
            return [head, Markup(html.escape(text) + mark), *(f"{hop[slot]:.2f}" for hop in hops)]

        lines = [line(str(i + 1), state["story"][i], i) for i in chosen]
        if len(chosen) < count:
            lines.append(["…", f"and {count - len(chosen)} more"])
        if hops[:, -1].max() >= _SHOWN:
            lines.append(line("", "empty slots", count))
        names = ["", state["noun"], *(f"hop {k + 1}" for k in range(len(hops)))]
        return html_table(names, lines)

    def figure(self) -> Figure:
        """The picture on white paper: sentences, a bar and a number for each hop, the answer."""
        state, hops = self.state, self._hops()
        count, gold = len(state["story"]), state["gold"] or []
        rows = [(str(i + 1), state["story"][i], i) for i in self._chosen(_DRAWN)]
        if len(rows) < count:
            rows.append(("", f"… and {count - len(rows)} more", -2))
        if hops[:, -1].max() >= _SHOWN:
            rows.append(("", "empty slots", count))
        longest = max(len(text) for _, text, _ in [*rows, ("", state["question"], 0)])
        marks, wide, high = 0.45 * bool(gold), 0.95, 0.26
        left = 0.45 + min(0.075 * longest, 5)
        width = max(left + marks + wide * len(hops) + 0.2, 4.2)
        top = 0.55 + 0.3 * bool(state["title"])
        height = top + high * (len(rows) + 2) + 0.25
        figure = new_figure(width, height)

        def write(x: float, y: float, text: str, **style: Any) -> None:
            """Words at (x, y) inches from the top left corner."""
            style = {"family": fonts(), "size": 9, "va": "center_baseline", **style}
            figure.text(x / width, 1 - y / height, text.replace("$", r"\$"), **style)

        def bar(x: float, y: float, part: float, colour: str) -> None:
            place = (x / width, 1 - (y + 0.06) / height), 0.5 * part / width, 0.12 / height
            figure.add_artist(Rectangle(*place, facecolor=colour, edgecolor="none"))

        soft = "#57606a"
        write(0.1, 0.2, state["title"], size=10, weight="bold")
        for k in range(len(hops)):
            write(left + marks + wide * k, top - 0.22, f"hop {k + 1}", color=soft, size=8)
        for r, (head, text, slot) in enumerate(rows):
            y = top + high * (r + 0.2)
            write(0.3, y, head, ha="right", color=soft, size=8)
            write(0.4, y, text, color="black" if head else soft)
            if slot in gold:
                write(left - 0.05, y, "gold", color=INKS[0], size=8, weight="bold")
            for k in range(len(hops) if slot >= 0 else 0):
                x, w = left + marks + wide * k, hops[k, slot]
                bar(x, y, 1, "#e3e3e0")
                bar(x, y, w, ROLES["query"])
                bold = "bold" if slot == self._read()[k] else "normal"
                write(x + 0.85, y, f"{w:.2f}", ha="right", size=8, weight=bold)
        y = top + high * (len(rows) + 0.6)
        write(0.4, y, state["question"])
        told = ", ".join(f"{word} {p:.2f}" for word, p in state["answers"])
        write(0.4, y + high, f"answer: {told}", weight="bold")
        return figure


def _hits(read: int, count: int) -> str:
    """How many of the gold facts were read, as a sentence."""
    if count == 1:
        return f"The gold fact was {'' if read else 'not '}read."
    if read == count:
        return f"{'Both' if count == 2 else f'All {count}'} gold facts were read."
    return f"{read or 'None'} of the {count} gold facts {'was' if read < 2 else 'were'} read."


def _tasks(
    tasks: Mapping[int, str] | None,
    task: int | None,
    live: bool,
    askers: Mapping[str, Ask],
    draw: Callable[[int], Any] | None,
) -> dict[str, Any]:
    """The checked part of the state that is about new stories or questions."""
    if tasks is not None and not isinstance(tasks, Mapping):
        raise ValueError("tasks: pass a mapping number -> name")
    if draw is not None and not (callable(draw) and askers and tasks):
        raise ValueError("new_story: pass a function of a task's number, and `ask` and `tasks` too")
    if tasks is not None and not (live or draw):
        raise ValueError("tasks: pass `live` or `new_story` too; somebody must tell the stories")
    named = dict(tasks or {})
    if not all(isinstance(n, int) and isinstance(name, str) for n, name in named.items()):
        raise ValueError("tasks: pass a mapping number -> name")
    if task is not None and (not isinstance(task, int) or task not in named):
        raise ValueError(f"task: {repr(task)} is none of `tasks`; pass one of them")
    first = next(iter(named), None) if task is None else task
    listed = [[int(number), string("tasks", name)] for number, name in named.items()]
    return {"tasks": listed, "task": first, "tells": draw is not None}


def _picture(
    weights: Any,
    story: Sequence[str],
    question: str,
    answers: Mapping[str, float] | Iterable[tuple[str, float]],
    gold: Iterable[int] | None = None,
    truth: str | Sequence[str] | None = None,
    dropped: int = 0,
) -> dict[str, Any]:
    """The checked part of the state that changes with the reader's story."""
    array, lines = as_array("weights", weights), words("story", story)
    if array.ndim != 2 or not array.shape[0]:
        raise ValueError(f"weights: has shape {array.shape}; pass (K, S), one row a hop")
    dropped = whole("dropped", dropped, f"pass how many of the {len(lines)} sentences")
    if not 0 <= dropped < len(lines):
        raise ValueError(f"dropped: is {dropped}; pass how many of the {len(lines)} sentences")
    if array.shape[1] != len(lines) - dropped:
        held = f"{len(lines)} sentences" + (f", {dropped} of them dropped" if dropped else "")
        raise ValueError(f"weights: has {array.shape[1]} columns for a story of {held}")
    if array.sum(axis=1).max() > 1 + slack(weights):
        k = int(array.sum(axis=1).argmax())
        raise ValueError(f"weights: hop {k + 1} sums to {array[k].sum():.3f}; pass at most 1")
    if isinstance(truth, str):
        truth = string("truth", truth)
    truth = truth if isinstance(truth, str | None) else words("truth", truth)
    question = string("question", question)
    told = "pass positions of sentences, counted from 0"
    facts = None if gold is None else [whole("gold", i, told) for i in items("gold", gold, told)]
    for i in facts or ():
        if not 0 <= i < len(lines):
            raise ValueError(f"gold: {i} is none of the {len(lines)} sentences; count from 0")
    return {
        **pack(array),
        "story": lines,
        "question": question,
        "answers": _ranked(answers),
        "gold": sorted(set(facts)) if facts else None,
        "truth": truth,
        "dropped": dropped,
    }


def _ranked(answers: Mapping[str, float] | Iterable[tuple[str, float]]) -> list[list[Any]]:
    """The most probable answers first, each with its probability."""
    told = "pass a mapping word -> probability, or pairs"
    given = answers.items() if isinstance(answers, Mapping) else answers
    pairs = [items("answers", pair, told) for pair in items("answers", given, told)]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"answers: {told}")
    if not pairs or not all(isinstance(word, str) for word, _ in pairs):
        raise ValueError("answers: pass at least one word with its probability")
    listed = [(string("answers", word), _probability(p, told)) for word, p in pairs]
    as_array("answers", [p for _, p in listed])
    ranked = sorted(listed, key=lambda pair: -pair[1])[:_ANSWERS]
    return [[word, round(p, 4)] for word, p in ranked]


def _probability(value: Any, told: str) -> float:
    array = numbers(value, f"answers: {told}")
    if array.size != 1:
        raise ValueError(f"answers: {told}")
    return float(array.item())
