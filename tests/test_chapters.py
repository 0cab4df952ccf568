"""What the chapters have in common: no code twice, and nothing that judges may choose."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

import cells
import nbformat
import pytest

ALIKE = 0.85
"""How much of two bodies may be the same text, 0 to 1."""

A_COPY = 0.95
"""The same for a chapter's own function and one of the package's tasks."""

SHORTEST = 60
"""Characters of a body below which two may well be equal, such as a stub's."""

Function = ast.FunctionDef | ast.ClassDef


# --- code that stands twice --------------------------------------------------------------------


class Defined(NamedTuple):
    """A function or class of a chapter, and its body without names of its own and docstrings."""

    chapter: str
    name: str
    body: str


def code(path: Path) -> Iterator[str]:
    """The chapter's own code cells; copies of the package may be shown in several chapters."""
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and "source" not in cell.metadata:
            yield re.sub(r"^(\s*)[%!].*$", r"\1pass", cell.source, flags=re.MULTILINE)


def body(node: Function) -> str:
    """The text of a body, the docstring left out and every argument named by its place."""
    node = ast.parse(ast.unparse(node)).body[0]
    if ast.get_docstring(node):
        node.body = node.body[1:] or [ast.Pass()]
    if isinstance(node, ast.FunctionDef):
        arguments = {a.arg: f"a{i}" for i, a in enumerate(node.args.args)}
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name):
                inner.id = arguments.get(inner.id, inner.id)
    return "\n".join(ast.unparse(line) for line in node.body)


@cache
def defined(path: Path) -> list[Defined]:
    """The functions and classes of a chapter that are worth a home."""
    return definitions("\n".join(code(path)), path.stem)


@cache
def tasks() -> list[Defined]:
    """The same of the package's tasks."""
    files = (cells.ROOT / "lecture_utils" / "tasks").glob("*.py")
    return [it for file in files for it in definitions(file.read_text("utf-8"), file.stem)]


def definitions(text: str, of: str) -> list[Defined]:
    """The functions and classes on the top level of a text that are worth a home."""
    nodes = [node for node in ast.parse(text).body if isinstance(node, Function)]
    found = [Defined(of, node.name, body(node)) for node in nodes]
    return [it for it in found if len(it.body) >= SHORTEST]


def alike(one: Defined, other: Defined, most: float = ALIKE) -> bool:
    """Whether two bodies say nearly the same."""
    both = SequenceMatcher(None, one.body, other.body, autojunk=False)
    bounds = (both.real_quick_ratio, both.quick_ratio, both.ratio)  # each at least the next
    return all(ratio() > most for ratio in bounds)


def test_no_code_stands_in_two_chapters() -> None:
    chapters = [defined(path) for path in cells.notebooks()]
    twice = [
        f"{one.chapter}.{one.name} and {other.chapter}.{other.name}"
        for first, second in combinations(chapters, 2)
        for one in first
        for other in second
        if alike(one, other)
    ]
    assert not twice, f"give them a home in lecture_utils.tasks: {', '.join(twice)}"


@pytest.mark.parametrize("path", cells.notebooks(), ids=lambda path: path.stem)
def test_a_chapter_imports_what_the_tasks_have(path: Path) -> None:
    again = [
        f"{own.name} is tasks.{shared.chapter}.{shared.name}"
        for own in defined(path)
        for shared in tasks()
        if alike(own, shared, A_COPY)
    ]
    assert not again, f"import it, or show it as a copy: {', '.join(again)}"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("def f(m, b):\n    {}", "def g(model, batch):\n    {}", True),
        ("def f(m, b):\n    '''Says.'''\n    {}", "def f(m, b):\n    {}", True),
        (
            "def f(m, b):\n    {}",
            "def f(m, b):\n    {}\n    x = m(b)\n    return x.sum() + b",
            False,
        ),
        ("class A:\n    {}", "class B:\n    {}", True),
    ],
)
def test_what_is_nearly_the_same_is_found(one: str, other: str, same: bool) -> None:
    line = "return [model(x).argmax(dim=-1).tolist() for x in batches if len(x) > 3]"
    found = [Defined("", "", body(ast.parse(text.format(line)).body[0])) for text in (one, other)]
    assert alike(*found) == same


# --- what chooses ------------------------------------------------------------------------------


def judges(node: ast.AST) -> bool:
    """Whether an expression asks for the test split: ``split="test"`` or ``parts.test``."""
    return any(
        (isinstance(inner, ast.Attribute) and inner.attr == "test")
        or (isinstance(inner, ast.Constant) and inner.value == "test")
        for inner in ast.walk(node)
    )


class Scope(ast.NodeVisitor):
    """What a chapter, or one of its functions, makes.

    Attributes:
        made: by name, what it is given here: expressions and functions.
        calls: by name of the function, the calls here and in functions below.
        inside: the functions that are made here.
    """

    def __init__(self, lines: list[ast.stmt]) -> None:
        self.made: dict[str, list[ast.AST]] = {}
        self.calls: dict[str, list[ast.Call]] = {}
        self.inside: list[ast.FunctionDef] = []
        for line in lines:
            self.visit(line)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self.made.setdefault(node.name, []).append(node)
        self.inside.append(node)
        for name, calls in Scope(node.body).calls.items():
            self.calls.setdefault(name, []).extend(calls)

    def visit_Assign(self, node: ast.Assign) -> None:
        for target in node.targets:
            several = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
            values = node.value.elts if several else [node.value]
            for to, value in zip(target.elts if several else [target], values, strict=True):
                for name in targets(to):
                    self.made.setdefault(name, []).append(value)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        self.calls.setdefault(name, []).append(node)
        self.generic_visit(node)


def targets(node: ast.AST) -> set[str]:
    """The names that an assignment gives something to; ``x`` in ``x[i] = ...``."""
    if isinstance(node, ast.Subscript | ast.Attribute | ast.Starred):
        return targets(node.value)
    if isinstance(node, ast.Tuple | ast.List):
        return set().union(*map(targets, node.elts))
    return {node.id} if isinstance(node, ast.Name) else set()


def names(node: ast.AST) -> set[str]:
    """The names in an expression, but for the arguments of a lambda."""
    found = {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
    return found - {inner.arg for inner in ast.walk(node) if isinstance(inner, ast.arg)}


def given(call: ast.Call, to: ast.FunctionDef) -> dict[str, ast.AST]:
    """What a call passes to a function, by argument; the defaults of what it leaves out too."""
    own = [argument.arg for argument in to.args.args]
    defaults = dict(zip(reversed(own), reversed(to.args.defaults), strict=False))
    passed = dict(zip(own, call.args, strict=False))
    return defaults | passed | {k.arg: k.value for k in call.keywords if k.arg in own}


def chosen_by(text: str) -> list[str]:
    """The expressions for the test split that `training.fit` gets as ``evaluate``, by any way."""
    chapter, found, seen = Scope(ast.parse(text).body), [], set()

    def follow(node: ast.AST, inner: Scope | None = None) -> None:
        if judges(node):
            found.append(ast.unparse(node))
        for call in (n for n in ast.walk(node) if isinstance(n, ast.Call)):
            for made in chapter.made.get(getattr(call.func, "id", ""), []):
                if isinstance(made, ast.FunctionDef):
                    for value in given(call, made).values():
                        follow(value, inner)
        for name in names(node):
            local = (inner.made if inner else {}).get(name)
            if (name, id(local)) in seen:
                continue
            seen.add((name, id(local)))
            for made in local or chapter.made.get(name, []):
                if not isinstance(made, ast.FunctionDef):
                    follow(made, inner if local else None)
                    continue
                below = Scope(made.body)
                own = {argument.arg for argument in made.args.args}
                below.made = {**{name: [ast.Constant(None)] for name in own}, **below.made}
                for line in made.body:
                    follow(line, below)

    def evaluated(scope: Scope) -> Iterator[ast.AST]:
        for call in scope.calls.get("fit", []):
            yield from (k.value for k in call.keywords if k.arg == "evaluate")

    for function in chapter.inside:
        below = Scope(function.body)
        for value in evaluated(below):
            follow(value, below)
            for call in chapter.calls.get(function.name, []):  # what do the calls pass?
                for name, passed in given(call, function).items():
                    if name in names(value):
                        follow(passed)
    for value in evaluated(chapter):
        follow(value)
    return found


@pytest.mark.parametrize("path", cells.notebooks(), ids=lambda path: path.stem)
def test_nothing_that_judges_chooses(path: Path) -> None:
    faults = chosen_by("\n".join(code(path)))
    assert not faults, f"the test split reaches evaluate=: {faults}"


@pytest.mark.parametrize(
    ("text", "judged"),
    [
        ('kept = pairs(split="test")\nfit(m, evaluate=lambda m: exact(m, kept))', True),
        ('kept = pairs(split="dev")\nfit(m, evaluate=lambda m: exact(m, kept))', False),
        ("fit(m, evaluate=lambda m: hits(m, parts.test))", True),
        ("fit(m, evaluate=lambda m: hits(m, parts.dev))", False),
        ('a, b = made("test"), made("dev")\nfit(m, evaluate=lambda m: e(m, b))', False),
        ('a, b = made("test"), made("dev")\nfit(m, evaluate=lambda m: e(m, a))', True),
        (
            'k = pairs(split="test")\ndef score(m):\n    return exact(m, k)\n'
            "def train(m, evaluate):\n    fit(m, evaluate=evaluate)\ntrain(m, score)",
            True,
        ),
        (
            'k = made("test")\nd = made("dev")\ndef error(m, of=k):\n    return of\n'
            "fit(m, evaluate=lambda m: error(m, d))",
            False,
        ),
        (
            'k = made("test")\ndef error(m, of=k):\n    return of\n'
            "fit(m, evaluate=lambda m: error(m))",
            True,
        ),
        ('k = made("test")\nfit(m)\nexact(m, k)', False),
        (
            "def score(m):\n    k = parts.test\n    return hits(m, k)\n"
            "def train(m):\n    fit(m, evaluate=score)",
            True,
        ),
        (
            "def other(m):\n    k = parts.test\n    return k\n"
            "def score(m):\n    k = parts.dev\n    return hits(m, k)\n"
            "fit(m, evaluate=score)\nother(m)",
            False,
        ),
    ],
)
def test_what_chooses_is_followed(text: str, judged: bool) -> None:
    assert bool(chosen_by(text)) == judged
