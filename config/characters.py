# SPDX-License-Identifier: AGPL-3.0-or-later
"""No text that people send holds the character NUL: a database refuses it, and nobody types it.

It can come out of a broken file by copy and paste, so the forms of long texts take it out and say so.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

NUL = "\x00"
View = TypeVar("View", bound=Callable[..., HttpResponse])


def forms_take_nul_out(view: View) -> View:
    """What is posted to this view is read only by forms that are a `FormWithoutNul`."""
    view.forms_take_nul_out = True  # type: ignore[attr-defined]
    return view


class NoNulMiddleware:
    """Answers 400 with a plain page, before any view or form has seen the text. Stands after the check of the CSRF token."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, arguments: Any, named: Any) -> None:
        by_forms = getattr(view, "forms_take_nul_out", False)
        sent = [request.GET, request.POST] if request.method == "POST" and not by_forms else [request.GET]
        if any(_holds_nul(fields) for fields in sent) or NUL in request.path_info:
            raise BadRequest("a field holds the character NUL")


def _holds_nul(fields: QueryDict) -> bool:
    return any(NUL in name or any(NUL in value for value in values) for name, values in fields.lists())


class FormWithoutNul(forms.Form):
    """A form that takes the character out of what was typed, and asks to read the text again."""

    def __init__(self, data: Any = None, *arguments: Any, **named: Any) -> None:
        self.held_nul: list[str] = []
        if data and _holds_nul(data):
            self.held_nul = [name for name, values in data.lists() if any(NUL in value for value in values)]
            data = data.copy()
            for name in self.held_nul:
                data.setlist(name, [value.replace(NUL, "") for value in data.getlist(name)])
        super().__init__(data, *arguments, **named)

    def clean(self) -> Any:
        for name in self.held_nul:
            self.add_error(
                name if name in self.fields else None,
                _("An invisible sign stood here that cannot be kept. It is taken out: read the text again and go on."),
            )
        return super().clean()
