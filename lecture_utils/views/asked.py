"""What views share that may be asked by a line of text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import traitlets

from lecture_utils.views.base import View, fields, items, labelled, string

Function = Callable[..., Mapping[str, Any]]


class Asked(View):
    """A view that may be asked by a line of text, with a field (`field` of ``shared/talk.js``).

    A subclass says what such a function must give (`_needed`) and may (`_known`), and makes of it
    the part of the state that changes (`_shown`).

    Args:
        shown: what the functions would give for `text`.
        labels: texts of the state that no answer changes, by argument.
        fixed: what else no answer changes, checked.
        live: an exported model that answers in a page, as for `View`.
        text: what is shown, as the reader would type it; the ``columns`` joined if None.
        message: a line beside the field.
        examples: texts to try.
        functions: one argument, named as `_function` says: text -> mapping of what is shown and,
            optional, ``message``; or a mapping label -> such.

    Raises:
        ValueError: naming the argument that is wrong, and what to pass.
    """

    _function = "explain"
    _needed: Sequence[str] = ()
    _known: Sequence[str] = ()

    def __init__(
        self,
        shown: Mapping[str, Any],
        labels: Mapping[str, str],
        *,
        fixed: Mapping[str, Any] | None = None,
        live: str | Sequence[tuple[str, str]] | None = None,
        text: str | None = None,
        message: str = "",
        examples: Sequence[str] = (),
        **functions: Function | Mapping[str, Function] | None,
    ) -> None:
        if unknown := {*functions} - {self._function}:
            raise TypeError(f"unexpected arguments: {', '.join(sorted(unknown))}")
        tries = "pass a list of texts"
        if isinstance(examples, str):
            raise ValueError(f"examples: {tries}")
        listed = [string("examples", one) for one in items("examples", examples, tries)]
        named = {name: string(name, value) for name, value in labels.items()}
        self._fixed = {**(fixed or {}), **named, "examples": listed}
        picture = self._shown(**shown)
        if text is None:
            text = " ".join(picture.get("columns", ())).replace(" ,", ",")
        told = {"text": string("text", text), "message": string("message", message)}
        answering = labelled(self._function, functions.get(self._function), "the text")
        told |= self._beside([*answering.values()], {})
        super().__init__({**self._fixed, **told, **picture}, live, answering)

    def _shown(self, **told: Any) -> dict[str, Any]:
        """The part of the state that changes with the text, checked; from what answers it."""
        raise NotImplementedError

    def _beside(self, functions: Sequence[Function], request: Mapping[str, Any]) -> dict[str, Any]:
        """What else stands in the state, by those who answer and what is asked; {} before."""
        return {}

    def _call(self, function: Function, text: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a function gives; a request may hold more than its text."""
        return function(text)

    @traitlets.observe("request")
    def _answer(self, change: dict[str, Any]) -> None:
        request = change["new"]
        text = str(request.get("text", ""))

        def made(function: Function) -> dict[str, Any]:
            answer = dict(self._call(function, text, request))
            told = {"text": text, "message": answer.pop("message", None) or ""}
            shown = fields(self._function, answer, {*self._needed}, {*self._known})
            beside = self._beside([function], request)
            return {**self._fixed, **told, **beside, **self._shown(**shown)}

        self._respond(request, made)
