"""What a cell's code is for, and which of its lines fold."""

from __future__ import annotations

import textwrap

import pytest
from lecture_site import code


def cell(text: str, *tags: str) -> code.Code:
    return code.read(textwrap.dedent(text).strip("\n"), tags)


def told(text: str, *tags: str) -> list[tuple[str, int, int, str]]:
    """Kind, lines and label of each fold of a page that is wide."""
    folds = cell(text, *tags).folds
    return [(f.kind, f.first, f.last, f.label) for f in folds if f.kind != "rest"]


IMPORTS = """
    import torch
    from torch import (
        Tensor,
        nn,
    )

    views.figure_style()
    device = training.device()
"""
MIXED = '''
    # lecture_utils.models.tiny.Tiny
    class Tiny(nn.Module):
        """A layer.

        Args:
            size: features.

        Raises:
            ValueError: no size.
        """

        def __init__(self, size):
            super().__init__()


    tiny = Tiny(3)
    # with the same seed
    assert tiny(x).shape == (2, 3), (
        "run the cell of the class again"
    )
    print("it has three features")
    print(f"{tiny(x).sum():.2f}")
'''
FIGURE = """
    def smooth(values):
        return values

    losses = smooth(history.losses)

    fig, ax = plt.subplots()
    for line in losses:
        ax.plot(line)
    plt.show()
"""


def test_imports_fold_with_what_sets_up() -> None:
    assert cell(IMPORTS).kind == "imports"
    assert told(IMPORTS) == [("imports", 1, 8, "Imports, 8 lines")]


def test_imports_above_other_code_fold_alone() -> None:
    text = "import a\nimport b\n\n\nclass C:\n    pass\n"
    assert told(text) == [("imports", 1, 4, "Imports, 2 lines")]
    assert cell(text).kind == "code"
    assert told("import a\n\nb = a.c()\nd = b\ne = d\n") == [], "one line stands for itself"


def test_what_installs_is_no_python() -> None:
    text = "if missing:\n    %pip install it\n"
    assert cell(text).kind == "install"
    assert told(text) == [("install", 1, 2, "Install, 2 lines")]


def test_a_class_keeps_its_first_words_and_its_code() -> None:
    assert told(MIXED) == [
        ("check", 17, 21, "Check, 5 lines"),
        ("docstring", 4, 9, "Args, Raises, 5 lines"),
    ]
    assert cell(MIXED).folds[-1].indent == 4


def test_the_sentences_of_a_check_are_those_known_before() -> None:
    assert cell(MIXED).passed == ("it has three features",)
    assert cell('print("no check")\nx = 1').passed == ()


def test_a_loop_of_asserts_is_a_check() -> None:
    text = "for a in b:\n    c = a\n    assert c\nprint('all')"
    assert cell(text).kind == "check"
    assert told(text) == [("check", 1, 4, "Check, 4 lines")]
    assert told("for a in b:\n    print(a)\n    assert a") == []


def test_a_figure_folds_from_its_first_call_to_its_last() -> None:
    assert told(FIGURE) == [("figure", 5, 9, "Figure's code, 4 lines")]
    assert cell(FIGURE).kind == "figure"


@pytest.mark.parametrize(
    ("name", "kind", "label"),
    [
        ("Alignment", "view", "View's code, 3 lines"),
        ("Table", "table", "Table's code, 3 lines"),
        ("Diagram", "picture", "Picture's code, 3 lines"),
    ],
)
def test_a_view_folds_and_what_prepares_it_stays(name: str, kind: str, label: str) -> None:
    text = f"a = 1\nviews.{name}(\n    a,\n)"
    assert told(text) == [(kind, 2, 4, label)]
    assert cell(text).kind == kind


def test_a_cell_that_only_shows_folds_however_short_it_is() -> None:
    assert told("views.Diagram(a)") == [("picture", 1, 1, "Picture's code, 1 line")]
    assert told("views.Alignment(**a)") == [("view", 1, 1, "View's code, 1 line")]
    assert told("a = 1\nviews.Diagram(a)") == [], "one line stands for itself"
    assert told("views.Diagram(a)", "open") == []


def test_an_export_folds_to_its_end() -> None:
    text = "folder = live.export(\n    'a',\n)\nprint(folder)"
    assert told(text) == [("export", 1, 4, "Export, 4 lines")]


def test_an_exercise_stays_open() -> None:
    text = '''
        def answer(x):
            """Of x.

            Args:
                x: a number.
            """
            pass


        exercises.answer(answer)
    '''
    assert cell(text) == code.Code("exercise")


def test_a_tag_overrules() -> None:
    assert cell(MIXED, "open").folds == ()
    assert cell(IMPORTS, "fold-figure").kind == "figure"
    assert told("x = 1\nprint(x)", "control") == [("control", 1, 2, "Control, 2 lines")]
    text = "def reply(text):\n    return text"
    assert told(text, "hide-input") == [("code", 1, 2, "reply, 2 lines")]
    with pytest.raises(ValueError, match="a tag fold-nothing; write one of fold-install"):
        cell(text, "fold-nothing")


def rest(text: str) -> tuple[int, int] | None:
    folds = cell(text).folds
    return next(((f.first, f.last) for f in folds if f.kind == "rest"), None)


def test_on_a_telephone_a_cell_begins_with_its_signature() -> None:
    assert rest(MIXED) == (4, 22)
    body = "\n".join(f"    b{i} = a" for i in range(6))
    assert rest(f"SEED = 0\n\n\ndef f(\n    a,\n):\n{body}") == (7, 12)
    assert rest("\n".join(f"a{i} = 1" for i in range(12))) == (6, 12)
    assert rest("\n".join(f"a{i} = 1" for i in range(8))) is None, "three lines more are no more"


@pytest.mark.parametrize("text", ["", "# only a remark", "not python at all"])
def test_what_is_no_code_stays(text: str) -> None:
    assert cell(text) == code.Code("code")


HELPER = '''
    def draw(count):
        """So many numbers."""
        numbers = []
        for _ in range(count):
            numbers.append(1)
        return numbers


    draw(3)
'''


def test_a_function_that_says_what_it_does_folds_its_body_unless_it_is_copied() -> None:
    assert told(HELPER) == [("body", 3, 6, "4 lines")]
    assert told("# lecture_utils.data.draw\n" + textwrap.dedent(HELPER).strip()) == []
    assert told(HELPER.replace('"""So many numbers."""', "pass")) == []
    assert told(HELPER.replace("        numbers = []\n", "")) == [], "three lines are few"
