# SPDX-License-Identifier: AGPL-3.0-or-later
"""No text that people send holds the character NUL: a database refuses it, and nobody types it."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict

NUL = "\x00"


class NoNulMiddleware:
    """Answers 400 with a plain page, before any view or form has seen the text. Stands after the check of the CSRF token."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, arguments: Any, named: Any) -> None:
        sent = [request.GET, request.POST] if request.method == "POST" else [request.GET]
        if any(_holds_nul(fields) for fields in sent) or NUL in request.path_info:
            raise BadRequest("a field holds the character NUL")


def _holds_nul(fields: QueryDict) -> bool:
    return any(NUL in name or any(NUL in value for value in values) for name, values in fields.lists())
