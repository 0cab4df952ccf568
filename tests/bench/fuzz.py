"""Random and nasty inputs: what no one should pass, and readers and files do.

Every view and every loader answers an input by a result, or by a `ValueError` with a sentence that
names the argument or the file. Anything else is *unanswered*: an error from deep inside, a sentence
that names nothing, a result that is empty where the
file was not, or silence.

    python -m tests.bench.fuzz [PATTERN]        only the targets whose names match; lists what is
                                                unanswered, once for each kind
"""

from __future__ import annotations

import contextlib
import inspect
import json
import math
import random
import re
import signal
import sqlite3
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fnmatch import fnmatchcase
from fractions import Fraction
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save
from torch import nn

from lecture_utils import live, scores, views
from lecture_utils.data import babi, digits, facts, numerals, pairs, pronunciations
from lecture_utils.views.base import json_text
from tests.bench.rows import row
from tests.views.examples import EXAMPLES, Example, address_lab

INPUTS = 12_000
CPU_S = 10
"""What one input may take; a quick one takes a thousandth."""


class _Odd:
    """A thing that is almost a number, a word and a list."""

    def __len__(self) -> int:
        return 3

    def __getitem__(self, at: int) -> object:
        raise IndexError(at)

    def __float__(self) -> float:
        raise RuntimeError("no number")


def _deep(levels: int = 3000) -> list:
    found: list = []
    for _ in range(levels):
        found = [found]
    return found


_WORDS: tuple[str, ...] = (
    "", " ", "\n", "a", "Kenya", "?", "mary went to the garden", "</script><b>&\"'", "\u2028", "\0",
    "\ud800", "é" * 3, "한글", "🦜", "\u202eabc", "x" * 5000, "$x_1$", r"\frac", "%s{}", "../x",
    "１２", "²", "-5", "1e9", "nan", "0x10", "1,000", "'", "one hundred",
)  # fmt: skip
_NUMBERS: tuple[Any, ...] = (
    0, 1, -1, 2, 3, 7, 0.5, 1.0, -0.0, 1.5, 10**9, 10**30, -(10**400), 1e308, math.nan, math.inf,
    -math.inf, True, False, Fraction(1, 3), Decimal("0.1"), Decimal("sNaN"), 1j, np.float16(0.1),
    np.int8(3), np.datetime64("NaT"),
)  # fmt: skip
_OTHERS: tuple[Callable[[], Any], ...] = (
    lambda: None, object, _Odd, _deep, bytes, lambda: b"\xff\0", lambda: range(3), lambda: ...,
    lambda: (i for i in range(3)), lambda: {"a": 1}, lambda: {1, 2}, lambda: len, lambda: print,
    lambda: [[]], lambda: [[1], [1, 2]], lambda: [None], lambda: [[0.5, "x"]], lambda: ["a", 3],
    lambda: [("a", "b")], lambda: [("a",)], lambda: [(0, 0, 0)], lambda: {"a": {"b": []}},
    lambda: Path("nowhere"), lambda: Exception, lambda: {None: None}, lambda: [float("nan")],
)  # fmt: skip
_TYPES = (
    *(np.float64, np.float16, np.int64, np.uint8, np.bool_, np.complex64, object, "U3", "M8[s]"),
    *(torch.float32, torch.float16, torch.bfloat16, torch.int8, torch.bool, torch.complex64),
)


def _array(draw: random.Random) -> Any:
    """An array or tensor of any shape and type, most often of numbers in [0, 1]."""
    shape = tuple(draw.choice((0, 1, 2, 3, 3, 5)) for _ in range(draw.randrange(6)))
    numbers = np.random.default_rng(draw.randrange(2**32)).random(shape) * draw.choice((1, 1, 9))
    kind = draw.choice(_TYPES)
    if not isinstance(kind, torch.dtype):
        return numbers.astype(np.int64 if kind == "M8[s]" else np.float64).astype(kind)
    tensor = torch.tensor(numbers).to(kind)
    if draw.random() < 0.1:
        return tensor.to("meta")
    if draw.random() < 0.1:
        return tensor.to_sparse()
    if tensor.is_floating_point() and draw.random() < 0.3:
        return tensor.requires_grad_()
    return tensor


def nasty(draw: random.Random) -> Any:
    """Anything."""
    kind = draw.randrange(5)
    if kind == 0:
        return draw.choice(_WORDS)
    if kind == 1:
        return draw.choice(_NUMBERS)
    if kind == 2:
        return draw.choice(_OTHERS)()
    if kind == 3:
        return _array(draw)
    return [nasty(draw) for _ in range(draw.choice((0, 1, 2, 3, 3, 17)))]


def worse(value: Any, draw: random.Random) -> Any:
    """Something near a good value: longer, shorter, of another type, with a bad part."""
    if isinstance(value, list | tuple) and draw.random() < 0.7:
        items, at = list(value), draw.randrange(len(value) + 1)
        how = draw.randrange(5)
        if how == 0:
            items.insert(at, nasty(draw))
        elif how == 1 and items:
            del items[at % len(items)]
        elif how == 2 and items:
            items[at % len(items)] = worse(items[at % len(items)], draw)
        elif how == 3:
            items = items * draw.choice((0, 2, 3))
        else:
            draw.shuffle(items)
        return type(value)(items) if type(value) in (list, tuple) else items
    if isinstance(value, Mapping) and draw.random() < 0.7:
        made = dict(value)
        made[draw.choice([*made, "new"])] = nasty(draw)
        return made
    if isinstance(value, np.ndarray) and draw.random() < 0.7:
        made = value.astype(np.float64) * draw.choice((1, 1, -1, 1.01))
        return made[..., : draw.randrange(made.shape[-1] + 1)] if made.ndim else made
    if isinstance(value, int | float) and draw.random() < 0.5:
        return draw.choice(_NUMBERS)
    if isinstance(value, str) and draw.random() < 0.5:
        at = draw.randrange(len(value) + 1)
        return value[:at] + draw.choice(_WORDS) + value[at + draw.randrange(3) :]
    return nasty(draw)


def near(value: Any, draw: random.Random) -> Any:
    """A bad value of the same kind: what a program or a person passes by mistake."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        name = draw.choice(value._fields)
        return value._replace(**{name: near(getattr(value, name), draw)})
    if isinstance(value, list | tuple):
        items, at = list(value), draw.randrange(len(value) + 1)
        how = draw.randrange(4)
        if how == 0:
            items = items * draw.choice((0, 2, 3))
        elif how == 1 and items:
            del items[at % len(items)]
        elif how == 2 and items:
            items[at % len(items)] = near(items[at % len(items)], draw)
        else:
            items[at:at] = [near(item, draw) for item in items]
        return type(value)(items)
    if isinstance(value, bool | int | float):
        return draw.choice((*(n for n in _NUMBERS if isinstance(n, int | float)), None))
    if isinstance(value, str):
        at = draw.randrange(len(value) + 1)
        changed = value[:at] + draw.choice(_WORDS) + value[at + draw.randrange(3) :]
        return draw.choice((*_WORDS, *[changed] * len(_WORDS)))
    return value


def worse_text(text: str, draw: random.Random) -> bytes:
    """A file near a good one: lines lost, doubled, moved or cut; separators and letters changed."""
    lines = text.split("\n")
    for _ in range(draw.choice((1, 1, 2, 5))):
        at, how = draw.randrange(len(lines)), draw.randrange(8)
        if how == 0:
            del lines[at : at + draw.randrange(3)]
        elif how == 1:
            lines.insert(at, draw.choice([*lines, *(word for word in _WORDS if word != "\ud800")]))
        elif how == 2:
            lines[at] = re.sub(
                *draw.choice(((r"\t", "    "), (" ", "\t"), (r"\d+", "0"))), lines[at]
            )
        elif how == 3:
            lines[at] = lines[at][: draw.randrange(len(lines[at]) + 1)]
        elif how == 4:
            lines[at] = re.sub(r"\d+", draw.choice(("-1", "999999999999", "²", "1.5")), lines[at])
        elif how == 5:
            draw.shuffle(lines)
        elif how == 6:
            lines[at] = lines[at].swapcase()
        else:
            lines = [line.replace("\t", " ") for line in lines]
        lines = lines or [""]
    ending = draw.choice(("\n", "\n", "\n", "\r\n", "\r", "\x0b"))
    data = ending.join(lines).encode(draw.choice(("utf-8", "utf-8", "utf-8-sig", "utf-16")))
    return worse_bytes(data, draw) if draw.random() < 0.2 else data


def worse_bytes(data: bytes, draw: random.Random) -> bytes:
    """Bytes near good ones: some changed, the end cut off, something between."""
    found = bytearray(data)
    how = draw.randrange(4)
    if how == 0:
        for _ in range(draw.choice((1, 3, 50))):
            if found:
                found[draw.randrange(len(found))] = draw.randrange(256)
    elif how == 1:
        del found[draw.randrange(len(found) + 1) :]
    elif how == 2:
        at = draw.randrange(len(found) + 1)
        found[at:at] = draw.randbytes(draw.choice((1, 100)))
    else:
        found = bytearray(draw.randbytes(draw.randrange(100)))
    return bytes(found)


@dataclass(frozen=True)
class Target:
    """What is fuzzed.

    Attributes:
        run: takes the input.
        example: a good input.
        worsen: makes a bad one of it.
        names: what a refusal may name; one of them has to stand in it.
        share: of all inputs, relative to the others.
    """

    run: Callable[[Any], object]
    example: Any
    worsen: Callable[[Any, random.Random], Any]
    names: tuple[str, ...]
    share: int = 1


def _change(
    example: Mapping[str, Any], draw: random.Random, change: Callable[[Any, random.Random], Any]
) -> dict[str, Any]:
    """Good arguments but for one to three."""
    some = draw.sample(sorted(example), min(len(example), draw.choice((1, 1, 1, 2, 3))))
    made = {name: change(example[name], draw) for name in some}
    small = {name: _small(value) for name, value in made.items() if name in SIZES}
    return {**example, **made, **small}


SIZES = {"count", "lengths", "pool", "size", "width"}
"""Arguments of which a huge one is no fault, only a long wait."""


def _small(value: Any) -> Any:
    if isinstance(value, list):
        return [99 if isinstance(part, int) and part > 99 else part for part in value]
    return 99 if isinstance(value, int | Fraction) and value > 99 else value


def called(function: Callable[..., Any], names: str = "", share: int = 1, **example: Any) -> Target:
    """A function, by its arguments; of what it makes without end, the first three."""

    def run(arguments: Mapping[str, Any]) -> object:
        made = function(**arguments)
        return list(islice(made, 3)) if isinstance(made, Iterator) else made

    named = (*inspect.signature(function).parameters, *names.split())
    return Target(run, example, partial(_change, change=near), named, share)


def file(
    load: Callable[[Path], Any],
    good: str | bytes,
    name: str,
    share: int = 1,
    filled: Callable[[Any], bool] = bool,
) -> Target:
    """A loader, by the content of its file, which is called `name`."""

    def run(content: bytes) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            if not filled(load(path)):
                raise AssertionError("loads nothing and says nothing")

    worsen = worse_text if isinstance(good, str) else worse_bytes
    return Target(run, good, worsen, (Path(name).name, Path(name).parts[0]), share)


# The views


ONE_HEAD = {
    "weights": [[0.5, 0.3, 0.2], [0.5, 0.3, 0.2]],
    "rows": ["sieben", "hundert"], "columns": ["seven", "hundred", ","],
    "queries": [[1.0], [1.0]], "keys": [[0.0], [-0.510826], [-0.916291]],
    "values": [[1.0, 0.0], [0.0, 1.0], [2.0, 2.0]], "heads": ["one"],
    "likely": [[("sieben", 0.5)], [("hundert", 1.0)]],
}  # fmt: skip
"""Arguments of an alignment that come together."""

SETTING = {
    "slots": ["a", "b", "c", "d"], "previous": [0.0, 1.0, 0.0, 0.0],
    "presets": {"soft": {"temperature": 3.0}},
}  # fmt: skip
"""Arguments of an address lab whose defaults are None."""

VIEWS = {
    **EXAMPLES,
    "address_lab, set": Example(views.AddressLab, {**address_lab.arguments, **SETTING}),
    "alignment, one head": Example(views.Alignment, ONE_HEAD),
}
"""Good arguments of each view."""

STATIC_EVERY = 40
"""Of so many views that accept their input, one is also drawn."""


def _view(example: Example) -> Target:
    """A view by all its arguments; those that the example leaves out begin with their defaults."""
    taken = inspect.signature(example.kind).parameters
    good = {name: one.default for name, one in taken.items() if one.default is not one.empty}
    shown = Counter[str]()

    def run(arguments: Mapping[str, Any]) -> None:
        view = example.kind(**arguments)
        view.summary().encode()
        view.table().encode()
        json_text(view.state).encode()
        shown["accepted"] += 1
        if shown["accepted"] % STATIC_EVERY == 0:
            view.static()

    good |= example.arguments
    return Target(run, good, partial(_change, change=worse), tuple({*taken, *good}), share=8)


# The loaders


STORY = """1 Mary moved to the bathroom.
2 John went to the hallway.
3 Where is Mary? \tbathroom\t1
4 Daniel went back to the hallway.
5 Where is Daniel? \thallway\t4
1 Sandra got the milk.
2 Where is the milk?\tgarden\t1
"""
DICTIONARY = "a  AH0\nabandon  AH0 B AE1 N D AH0 N\nread  R EH1 D # a comment\nread(2)  R IY1 D\n"
COUNTRY = json.dumps(
    {
        "Geography": {"Map references": {"text": "Africa"}, "Terrain": {"text": "low plains"}},
        "Government": {
            "Country name": {"conventional short form": {"text": "Kenya"}},
            "Capital": {"name": {"text": "Nairobi"}},
            "Independence": {"text": "12 December 1963 (from the UK)"},
        },
        "People and Society": {
            "Nationality": {"adjective": {"text": "Kenyan"}},
            "Languages": {"Languages": {"text": "English (official), Swahili (official)"}},
        },
        "Introduction": {"Background": {"text": "Kenya was ruled. Its capital is Nairobi."}},
    },
    indent=1,
)


@cache
def _elements() -> bytes:
    """A database of two elements."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "elements.db"
        with contextlib.closing(sqlite3.connect(path)) as database:
            told = "atomic_number, name, discoverers, discovery_year, group_id"
            prose = "description, name_origin, sources, uses"
            database.execute(f"CREATE TABLE elements ({told}, {prose})")
            rows = [
                (1, "Hydrogen", "Henry Cavendish", 1766, 1, "Light.", "Greek.", "Water.", "Fuel."),
                (2, "Helium", "Janssen, Lockyer", 1868, 18, "Inert.", "Helios.", "Gas.", None),
            ]
            database.executemany(f"INSERT INTO elements VALUES ({'?, ' * 8}?)", rows)
            database.commit()
        return path.read_bytes()


def _country(path: Path) -> facts.Knowledge:
    table = path.parent / "elements.db"
    table.write_bytes(_elements())
    return facts.load(path.parents[1], table)


def _table(path: Path) -> facts.Knowledge:
    folder = path.parent / "book" / "africa"
    folder.mkdir(parents=True)
    (folder / "kenya.json").write_text(COUNTRY, encoding="utf-8")
    return facts.load(path.parent / "book", path)


def _babi(path: Path) -> list[babi.Example]:
    return babi.load(path.parent, 1, "train")


def _knowledge() -> facts.Knowledge:
    told = [facts.Fact("Kenya", "has capital", "Nairobi"), facts.Fact("Togo", "lies in", "Africa")]
    return facts.Knowledge(told, [facts.Document("Kenya", ("Nairobi is large.",))], {"K": "Kenya"})


def _encoder() -> facts.Encoder:
    known = _knowledge()
    return facts.Encoder(known, facts.kb(known.facts), facts.split(known.facts).train)


def _tensors(question: str) -> object:
    made = _encoder()
    return made.questions([question]), made.unknown(question)


def targets() -> dict[str, Target]:
    """All of them, by name."""
    story = babi.Example(("Mary is here.", "John left."), "Where is Mary?", "here", (0,), 1)
    tokens = babi.tokens([story])
    number = {"number": 748_000, "language": "de"}
    two = {"source": "en", "target": "de"}
    pair = pairs.Pair(("a", "b"), ("A", "B"))
    letters = pairs.Vocabulary(["a", "b"]), pairs.Vocabulary(["A", "B"])
    facts_ = [facts.Fact("Kenya", "has capital", "Nairobi")]
    model = nn.Linear(2, 3)
    return {
        **{f"views.{name}": _view(example) for name, example in VIEWS.items()},
        "babi.load": file(_babi, STORY, "qa1_single-supporting-fact_train.txt", share=6),
        "babi.arguments": called(babi.load, folder="nowhere", task=1, split="train"),
        "babi.simulate": called(babi.simulate, "task", tasks=[1, 2], count=3, seed=0),
        "babi.stories": called(babi.stories, task=1, seed=0),
        "babi.examples": called(
            babi.examples,
            "fact",
            lines=[babi.Line("Mary is here."), babi.Line("Who?", "she", (1,))],
        ),
        "babi.Questions": called(
            babi.Questions,
            "answer word sentence",  # said to a reader, who knows no argument
            2,
            examples=[story],
            tokens=tokens,
            slots=5,
            width=4,
        ),
        "babi.batches": called(babi.Questions([story], tokens).batches, size=1, seed=0),
        "digits.centred": called(digits.centred, drawing=np.eye(9).tolist(), size=[28, 28], box=20),
        "numerals.spell": called(numerals.spell, **number),
        "numerals.orthography": called(numerals.orthography, **number),
        "numerals.spell_list": called(
            numerals.spell_list, "number", numbers=[20, 3], language="en"
        ),
        "numerals.read": called(
            numerals.read, "word", 2, words=["sieben", "hundert"], language="de"
        ),
        "numerals.read_list": called(
            numerals.read_list, "word item", words=["seven", ",", "two"], language="en"
        ),
        "numerals.parse": called(
            numerals.parse, "number begins comma written digits", 3,
            text="748 213, Ninety-five", language="en",
        ),
        "numerals.links": called(numerals.links, "number language", numbers=[20, 3], **two),
        "scores.alignment_error_rate": called(
            scores.alignment_error_rate, predicted=[(0, 0), (1, 2)], gold=[(0, 0)]
        ),
        "numerals.pairs": called(
            numerals.pairs, "language length", 2, count=2, seed=1, lengths=[3, 5], largest=999,
            split="test", **two,
        ),
        "pronunciations.load": file(pronunciations.load, DICTIONARY, "cmudict.dict", share=4),
        "pronunciations.split": called(
            pronunciations.split, pairs=[pair, pair], seed=0, dev=0.2, test=0.2
        ),
        "facts.countries": file(
            _country, COUNTRY, "book/africa/kenya.json", 4, lambda found: found.documents
        ),
        "facts.elements": file(_table, _elements(), "elements.db", 4),
        "facts.split": called(facts.split, facts=facts_, seed=0, dev=0.2, test=0.2),
        "facts.doc": called(partial(facts.doc, _knowledge()), window=2, title=True),
        "facts.question": called(
            _tensors, question="Which city is the capital of kenia?"
        ),
        "live.load_weights": file(
            lambda path: live.load_weights(model, path) is None,
            save(model.state_dict()), "weights.safetensors", 4,
        ),
        "pairs.Vocabulary": called(pairs.Vocabulary, tokens=["a", "b"]),
        "pairs.collate": called(
            pairs.collate, pairs=[pair, pair], source=letters[0], target=letters[1]
        ),
        "pairs.batches": called(
            partial(pairs.batches, source=letters[0], target=letters[1]),
            pairs=[pair] * 3, size=2, pool=2,
        ),
    }  # fmt: skip


# How


class _Silence(BaseException):
    """An input took longer than `CPU_S`."""


@contextlib.contextmanager
def _limited(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise _Silence

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def unanswered(target: Target, value: Any) -> str:
    """What is wrong with how `target` answers an input; nothing if it does."""
    try:
        with warnings.catch_warnings(), _limited(CPU_S):
            warnings.simplefilter("ignore")
            target.run(value)
    except ValueError as error:
        if isinstance(error, UnicodeError):
            return _told(error)
        text = str(error)
        named = any(re.search(rf"(?<!\w){re.escape(name)}", text) for name in target.names)
        return "" if named and len(text.split()) > 2 else f"names nothing: {text[:100]}"
    except (FileNotFoundError, ModuleNotFoundError) as error:
        return "" if "pass" in str(error) or "run" in str(error) else _told(error)
    except _Silence:
        return "silence"
    except Exception as error:
        return _told(error)
    return ""


def _told(error: Exception) -> str:
    *_, last = traceback.extract_tb(error.__traceback__)
    ours = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if "lecture_utils" in frame.filename
    ]
    at = (ours or [last])[-1]
    said = (str(error).splitlines() or [""])[0][:70]
    return f"{type(error).__name__} at {Path(at.filename).name}:{at.lineno}: {said}"


@dataclass
class Report:
    """How many inputs there were, and those that are unanswered: (target, what is wrong, input)."""

    inputs: int = 0
    faults: list[tuple[str, str, str]] = field(default_factory=list)


def fuzz(inputs: int = INPUTS, seed: int = 0, only: str = "*") -> Report:
    """Put so many inputs to the targets together; those that `only` does not match are left out."""
    every = targets()
    shares = sum(target.share for target in every.values())
    report = Report()
    for name, target in every.items():
        if not fnmatchcase(name, only):
            continue
        draw = random.Random(f"{seed} {name}")
        wrong = unanswered(target, _good(target))
        if wrong:
            raise AssertionError(f"{name}: the good input is unanswered: {wrong}")
        for _ in range(math.ceil(inputs * target.share / shares)):
            value = target.worsen(target.example, draw)
            report.inputs += 1
            if wrong := unanswered(target, value):
                report.faults.append((name, wrong, _shown(value)))
    return report


def _good(target: Target) -> Any:
    return target.example.encode() if isinstance(target.example, str) else target.example


def _shown(value: Any) -> str:
    try:
        return repr(value)[:300]
    except Exception as error:  # a thing that cannot even be shown
        return f"<{type(error).__name__}>"


@row("fuzz.inputs", "inputs", ">= 10000")
@row("fuzz.unanswered", "inputs", "<= 0")
def answers() -> dict[str, float]:
    """All views and all loaders."""
    report = fuzz()
    _list(report)
    return {"fuzz.inputs": report.inputs, "fuzz.unanswered": len(report.faults)}


def _list(report: Report) -> None:
    kinds = Counter((name, re.sub(r"'.*'|\d+$", "…", wrong)) for name, wrong, _ in report.faults)
    for (name, wrong), count in kinds.most_common():
        shown = next(
            v for n, w, v in report.faults if (n, re.sub(r"'.*'|\d+$", "…", w)) == (name, wrong)
        )
        print(f"{count:5} {name}: {wrong}\n      {shown}")


if __name__ == "__main__":
    found = fuzz(only=sys.argv[1] if len(sys.argv) > 1 else "*")
    _list(found)
    print(f"{found.inputs} inputs, {len(found.faults)} unanswered")
    sys.exit(bool(found.faults))
