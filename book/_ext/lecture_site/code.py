"""What a cell's code is for, and which of its lines a page folds: read from the source by `ast`.

A fold has one line in the place of several. Imports fold, the code of a figure or a view, the
asserts of a check, a control, an export, in a docstring what comes after its first words, and the
body of what the chapter defines for itself and describes in a docstring. Everything else, first of
all what is copied from the package, is the chapter's subject and stays open. On a telephone what
follows the signature folds too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

LABELS = {
    "install": "Install",
    "imports": "Imports",
    "figure": "Figure's code",
    "view": "View's code",
    "table": "Table's code",
    "picture": "Picture's code",
    "check": "Check",
    "control": "Control",
    "export": "Export",
    "solution": "Solution",
    "code": "Code",
}
"""What a fold of each kind says, before its number of lines."""

SHOWN = ("view", "picture", "table", "figure")
"""The kinds of code that is there for what it shows; a page that folds it shows that first."""

_SECTION = re.compile(r"\s*(Args|Attributes|Raises|Returns|Yields|Example|Examples|Note):$")
_MAGIC = re.compile(r"^(\s*)[%!].*$", re.MULTILINE)
_SETTING_UP = 4  # statements behind the imports that may fold with them: a device, a seed, a style
_BEGINNING = 5  # lines of a cell in which its first function must begin, to be its signature
_LONG = 4  # lines, at least, of a body that folds, and of what a telephone hides


@dataclass(frozen=True)
class Fold:
    """Lines that one line stands for.

    Attributes:
        kind: A key of `LABELS`, "docstring", "body", or "rest" for what only a telephone folds.
        first: The first line, from 1 on.
        last: The last line.
        label: What stands in their place.
        indent: How many letters that is set in.
    """

    kind: str
    first: int
    last: int
    label: str
    indent: int = 0


@dataclass(frozen=True)
class Code:
    """What a page knows of a cell's code.

    Attributes:
        kind: A key of `LABELS`, or "exercise".
        folds: Those that lie within others come later.
        passed: The sentences that its checks print when they hold.
    """

    kind: str
    folds: tuple[Fold, ...] = ()
    passed: tuple[str, ...] = ()


def read(source: str, tags: Sequence[str] = ()) -> Code:
    """Read a cell.

    Args:
        source: Its code; lines of IPython's own are passed over.
        tags: Its tags. ``fold-<kind>``, a key of `LABELS`, folds it whole as that kind;
            ``hide-input`` is ``fold-code``, ``control`` is ``fold-control``, for what is read for
            its result; ``open`` leaves it open, on a telephone too.

    Raises:
        ValueError: A tag names a kind that there is not.
    """
    lines = source.splitlines()
    told = ["fold-code" if tag == "hide-input" else tag for tag in tags]
    told += ["fold-control"] if "control" in tags else []
    kinds = [tag.removeprefix("fold-") for tag in told if tag.startswith("fold-")]
    if unknown := set(kinds) - LABELS.keys():
        known = ", ".join(f"fold-{kind}" for kind in LABELS)
        raise ValueError(f"a tag fold-{min(unknown)}; write one of {known}")
    if re.search(r"^\s*[%!]pip install\b", source, re.MULTILINE):
        return Code("install", (_whole("install", lines),))
    try:
        body = ast.parse(_MAGIC.sub(r"\1pass", source)).body
    except SyntaxError:  # not Python: an example of another language
        return Code("code")
    if not body:
        return Code("code")
    found = _kinds(body)
    kind = _main(found, body)
    passed = tuple(_sentences(body)) if "check" in found else ()
    if "open" in tags:
        return Code(kind, (), passed)
    if kinds:
        return Code(kinds[0], (_whole(kinds[0], lines, _names(body)),), passed)
    if kind == "exercise":
        return Code(kind)
    folds = [*_runs(body, found, lines), *_docstrings(body, lines)]
    if not source.startswith("# lecture_utils."):
        folds += _helpers(body)
    return Code(kind, tuple(_with_rest(folds, body, lines)), passed)


def _count(lines: int) -> str:
    return f"{lines} line{'s' if lines != 1 else ''}"


def _whole(kind: str, lines: Sequence[str], names: Sequence[str] = ()) -> Fold:
    what = ", ".join(names) if kind == "code" and names else LABELS[kind]
    return Fold(kind, 1, len(lines), f"{what}, {_count(len(lines))}")


def _names(body: Iterable[ast.stmt]) -> list[str]:
    return [n.name for n in body if isinstance(n, ast.FunctionDef | ast.ClassDef)]


def _calls(node: ast.AST) -> set[str]:
    return {ast.unparse(n.func) for n in ast.walk(node) if isinstance(n, ast.Call)}


def _is_check(node: ast.stmt) -> bool:
    """Whether a statement only asserts; a loop may prepare what it asserts."""
    if isinstance(node, ast.For | ast.With):
        inside = [n for n in node.body if not isinstance(n, ast.Assign)]
        return bool(inside) and all(map(_is_check, inside))
    return isinstance(node, ast.Assert)


def _sentence(node: ast.stmt) -> str | None:
    """What a statement prints, if that is known: ``print("equal")``."""
    match node:
        case ast.Expr(ast.Call(ast.Name("print"), [ast.Constant(str(text))], [])):
            return text
    return None


def _sentences(body: Iterable[ast.stmt]) -> list[str]:
    """What is printed after the first assert, word for word, however much else is printed."""
    told, checked = [], False
    for node in body:
        checked = checked or any(isinstance(n, ast.Assert) for n in ast.walk(node))
        if checked and (text := _sentence(node)) is not None:
            told.append(text)
    return told


def _kind(node: ast.stmt) -> str:
    if isinstance(node, ast.Import | ast.ImportFrom):
        return "imports"
    calls = _calls(node)
    if "live.export" in calls:
        return "export"
    if any(call.startswith("plt.") for call in calls):
        return "figure"
    shown = [call for call in calls if re.match(r"views\.[A-Z]", call)]
    if isinstance(node, ast.Expr) and shown:
        return {"views.Table": "table", "views.Diagram": "picture"}.get(shown[0], "view")
    if any(call.startswith("exercises.") for call in calls):
        return "exercise"
    if _is_check(node):
        return "check"
    return "said" if _sentence(node) is not None else ""


def _kinds(body: Sequence[ast.stmt]) -> list[str]:
    """The kind of each statement, "" for what stays open."""
    kinds = [_kind(node) for node in body]
    defines = [isinstance(node, ast.FunctionDef | ast.ClassDef) for node in body]
    rest = [i for i, kind in enumerate(kinds) if kind != "imports"]
    if kinds[0] == "imports" and not any(defines) and len(rest) <= _SETTING_UP:
        few = all(kinds[i] in {"", "said"} and isinstance(body[i], _SIMPLE) for i in rest)
        if few and len(kinds) >= 2 * len(rest):
            return ["imports"] * len(kinds)
    # From a figure's first call to its last everything draws, but for what is defined or checked.
    drawn = [i for i, kind in enumerate(kinds) if kind == "figure"]
    for i in range(drawn[0], drawn[-1]) if drawn else ():
        if not kinds[i] and not defines[i]:
            kinds[i] = "figure"
    # What follows an export tells of it; what a check prints belongs to it.
    if "export" in kinds:
        first = kinds.index("export")
        kinds[first:] = [kind if kind in {"check"} else "export" for kind in kinds[first:]]
    for i, kind in enumerate(kinds):
        if kind == "said":
            kinds[i] = "check" if i and kinds[i - 1] == "check" else ""
    return kinds


_SIMPLE = (ast.Expr, ast.Assign, ast.AnnAssign)


def _main(kinds: Sequence[str], body: Sequence[ast.stmt]) -> str:
    """What the cell is for: the kind of all its lines, else what it shows."""
    if "exercise" in kinds:
        return "exercise"
    if len(set(kinds)) == 1 and kinds[0]:
        return kinds[0]
    return next((kind for kind in ("export", *SHOWN) if kind in kinds), "code")


def _first(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", [])
    return min(n.lineno for n in (node, *decorators))


def _runs(body: Sequence[ast.stmt], kinds: Sequence[str], lines: Sequence[str]) -> list[Fold]:
    """A fold for each run of statements of one kind, with the comments above them."""
    folds = []
    for kind, run in groupby(zip(kinds, body, strict=True), key=lambda pair: pair[0]):
        nodes = [node for _, node in run]
        if kind not in LABELS:
            continue
        first, last = _first(nodes[0]), nodes[-1].end_lineno or len(lines)
        while first > 1 and lines[first - 2].startswith("#"):
            first -= 1
        if last == first and (kind not in SHOWN or len(nodes) < len(body)):
            continue
        label = f"{LABELS[kind]}, {_count(last - first + 1)}"
        while last < len(lines) and not lines[last].strip():
            last += 1
        while first > 1 and not lines[first - 2].strip():
            first -= 1
        folds.append(Fold(kind, first, last, label))
    return folds


def _docstrings(body: Iterable[ast.stmt], lines: Sequence[str]) -> list[Fold]:
    """A fold for the sections of each docstring: its arguments, what it raises."""
    folds = []
    for top in body:
        for node in ast.walk(top):
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or not ast.get_docstring(node):
                continue
            text = node.body[0]
            inside = range(text.lineno, text.end_lineno or text.lineno)
            heads = [i for i in inside if _SECTION.match(lines[i - 1])]
            if not heads:
                continue
            first, last = heads[0], inside.stop - 1
            named = [lines[i - 1].strip().rstrip(":") for i in heads]
            indent = len(lines[first - 1]) - len(lines[first - 1].lstrip())
            label = f"{', '.join(named)}, {_count(last - first + 1)}"
            while not lines[first - 2].strip():
                first -= 1
            folds.append(Fold("docstring", first, last, label, indent))
    return folds


def _helpers(body: Iterable[ast.stmt]) -> list[Fold]:
    """A fold for the body of each function and class that says in words what it does."""
    folds = []
    for node in body:
        defines = isinstance(node, ast.FunctionDef | ast.ClassDef)
        if defines and ast.get_docstring(node) and len(node.body) > 1:
            first = (node.body[0].end_lineno or 0) + 1
            last = node.end_lineno or first
            if last - first + 1 >= _LONG:
                folds.append(Fold("body", first, last, _count(last - first + 1), 4))
    return folds


def _with_rest(folds: list[Fold], body: Sequence[ast.stmt], lines: Sequence[str]) -> list[Fold]:
    """The folds, and before them the one for telephones, if much follows the beginning."""
    head = _head(body, lines)
    for fold in folds:
        if fold.first <= head:
            head = max(head, fold.last)
    hidden = len(lines) - head - sum(f.last - f.first for f in folds if f.first > head)
    if hidden < _LONG:
        return folds
    rest = Fold("rest", head + 1, len(lines), f"{_count(len(lines) - head)} more")
    return [rest, *folds]


def _head(body: Sequence[ast.stmt], lines: Sequence[str]) -> int:
    """The last line of a beginning that says what a cell does: a signature and its first words."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and _first(node) <= _BEGINNING:
            inner = node.body[0]
            return inner.lineno if ast.get_docstring(node) else inner.lineno - 1
    ends = [node.end_lineno or 0 for node in body if (node.end_lineno or 0) <= _BEGINNING]
    return max(ends, default=min(_BEGINNING, len(lines)))
