# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whose ballot a request is about: the line of the register of who is signed in, or of the code entered on this device.

A code and an account never meet in one session: entering a code signs out, and signing in forgets the code. So the
database cannot tell who holds which code, and nobody votes with two lines by mistake.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token

from accounts.requests import Request

from .models import NOT_OPENED, Credential, Poll, RegisterLine
from .models.polls import PollQuerySet
from .models.registers import RegisterLineQuerySet
from .services import credentials

IN_SESSION = "voter_code"
P = ParamSpec("P")


def begin_with_code(request: HttpRequest, credential: Credential) -> None:
    """This device votes with the code from now on, in a session of its own."""
    _new_session(request)
    request.session[IN_SESSION] = {"credential": str(credential.pk), "entry": str(credential.entry)}


def end_with_code(request: HttpRequest) -> None:
    """Nothing of the code is left on this device; the next person can use it."""
    credential = credential_of(request)
    if credential is not None:
        credentials.leave(credential)
    _new_session(request)


def _new_session(request: HttpRequest) -> None:
    request.session.flush()
    request.user = AnonymousUser()
    rotate_token(request)
    _forget(request)


def _forget(request: HttpRequest) -> None:
    """What was looked up for this request is looked up again."""
    request.__dict__.pop("_credential", None)
    request.__dict__.pop("_lines", None)


def credential_of(request: HttpRequest) -> Credential | None:
    """The code entered on this device, unless it was revoked or entered elsewhere since; one query in a request."""
    if "_credential" not in request.__dict__:
        request.__dict__["_credential"] = _find_credential(request)
    found: Credential | None = request.__dict__["_credential"]
    return found


def _find_credential(request: HttpRequest) -> Credential | None:
    return None if request.user.is_authenticated else credential_in(request.session)


def credential_in(session: Mapping[str, Any]) -> Credential | None:
    """The code entered on the device with this session, as long as it is valid and entered nowhere else since."""
    return credentials_in([session])[0]


def credentials_in(sessions: Sequence[Mapping[str, Any]]) -> list[Credential | None]:
    """The same for each of these sessions, all in one query, or in none where no code was entered."""
    kept: list[dict[str, str] | None] = [session.get(IN_SESSION) for session in sessions]
    ids = {uuid.UUID(one["credential"]) for one in kept if one}
    if not ids:
        return [None] * len(kept)
    valid = Credential.objects.select_related("batch__assembly").filter(batch__revoked_at=None, revoked_at=None)
    entered = {(found.pk, found.entry): found for found in valid.filter(pk__in=ids)}
    return [entered.get((uuid.UUID(one["credential"]), uuid.UUID(one["entry"]))) if one else None for one in kept]


def lines_of(request: HttpRequest, poll: Poll) -> list[RegisterLine]:
    """The lines for which this person votes: their own first, then those of people whose proxy they hold."""
    if poll.register is None:
        return []
    known: dict[object, list[RegisterLine]] = request.__dict__.setdefault("_lines", {})
    if poll.register_id not in known:
        mine = _mine(request, poll.register.lines.select_related("membership__user"))
        for line in mine:
            line.register = poll.register
        known[poll.register_id] = mine
    return known[poll.register_id]


def line_of(request: HttpRequest, poll: Poll) -> RegisterLine | None:
    """The line for which this request votes: the one that it names as `line`, or the person's own."""
    return _chosen(request, lines_of(request, poll))


def line_in(request: HttpRequest, poll_id: uuid.UUID) -> RegisterLine | None:
    """As `line_of`, where the poll itself was not read."""
    if request.user.is_authenticated:
        return _chosen(request, RegisterLine.objects.held_in(poll_id, request.user))
    lines = RegisterLine.objects.filter(register__polls=poll_id).select_related("register")
    return _chosen(request, _mine(request, lines))


def _mine(request: HttpRequest, lines: RegisterLineQuerySet) -> list[RegisterLine]:
    if request.user.is_authenticated:
        return list(lines.held_by(request.user))
    credential = credential_of(request)
    return list(lines.filter(credential=credential)) if credential else []


def _chosen(request: HttpRequest, lines: list[RegisterLine]) -> RegisterLine | None:
    wanted = request.POST.get("line") or request.GET.get("line")
    if wanted:
        return next((line for line in lines if str(line.pk) == wanted), None)
    return lines[0] if lines else None


def visible_polls(request: HttpRequest) -> PollQuerySet:
    """Polls that have opened, in assemblies that this person may see, and those that their code is for."""
    visible = Poll.objects.visible_to(request.user)
    credential = credential_of(request)
    if credential is None:
        return visible
    return Poll.objects.filter(pk__in=visible.values("pk").union(polls_with(credential).values("pk")))


def polls_with(credential: Credential) -> PollQuerySet:
    """Polls that have opened and in whose register the code is."""
    return Poll.objects.filter(register__lines__credential=credential).exclude(state__in=NOT_OPENED)


def is_known(request: HttpRequest) -> bool:
    """Whether this is somebody in particular: signed in, or with a code."""
    return request.user.is_authenticated or credential_of(request) is not None


def voter_required(
    view: Callable[Concatenate[Request, P], HttpResponse],
) -> Callable[Concatenate[Request, P], HttpResponse]:
    """Who neither is signed in nor has entered a code signs in first."""

    @wraps(view)
    def guarded(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not is_known(request):
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return guarded


def forget_code(sender: Any, request: HttpRequest | None, **kwargs: Any) -> None:
    """Who signs in votes with their account from then on. Hears Django's signal that somebody did."""
    if request is not None:
        request.session.pop(IN_SESSION, None)
        _forget(request)
