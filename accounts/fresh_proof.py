# SPDX-License-Identifier: AGPL-3.0-or-later
"""Is it still you? What cannot be undone is done only by somebody who has just shown their second factor.

Allauth asks for it and remembers when. Where staff need no second factor there is nothing to ask for.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from .models import User
from .requests import Request

LASTS = 30 * 60  # seconds for which one proof is good
LASTS_FOR_ONE_ACT = 5 * 60  # where every act wants a proof of its own
LASTS_IN_A_ROOM = 2 * 60 * 60  # since somebody last decided something there: nobody types codes before a waiting hall
RENEWED_AFTER = 5 * 60
USED_UP = "proof_used_up"
ENTERED = "proved_on_entering"
TYPED = "typed_before_the_proof"
MOST_LETTERS = 20_000  # of one field: more than any form here takes, so that the form says what is too long


def is_there(request: HttpRequest, user: User, *, for_one_act: bool = False) -> bool:
    """Whether this person has just proved who they are; `for_one_act`: anew, since the last act that used a proof up."""
    if not get_reauthentication_flows(user):
        return True
    proved = [record for record in get_authentication_records(request, user) if record["method"] == "mfa"]
    if for_one_act:
        used: float = request.session.get(USED_UP, 0)
        proved = [record for record in proved if record.get("reauthenticated") and record["at"] > used]
    longest = LASTS_FOR_ONE_ACT if for_one_act else LASTS
    return any(time.time() - record["at"] < longest for record in proved)


def is_there_in(room: str, request: HttpRequest, user: User) -> bool:
    """Whether this person proved who they are on entering this room, and has been busy there since."""
    now = time.time()
    entered: float = request.session.get(ENTERED, {}).get(room, 0)
    if now - entered >= LASTS_IN_A_ROOM and not is_there(request, user):
        return False
    if now - entered > RENEWED_AFTER:  # of one room only; who runs two meetings at once proves it in each
        request.session[ENTERED] = {room: now}
    return True


def ask(page: str) -> HttpResponse:
    """To the page that asks for the second factor, and from there to this one."""
    return HttpResponseRedirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': page})}")


def use_up(request: HttpRequest) -> None:
    """The next act of this kind wants a new proof."""
    request.session[USED_UP] = time.time()


def keep_typed(
    request: Request, page: str, names: Iterable[str] = (), *, ready: Mapping[str, Any] | None = None
) -> None:
    """What these fields of a form say is found again on this page, and nothing is done with it.

    Where a page has several forms, what one of them understood comes `ready` instead.

    It is in the session, which signing out ends, and under the name of who typed it: nobody else finds it there. It is
    never sent by itself, because a person must see what they send. A later one takes its place.
    """
    typed = {name: request.POST.get(name, "")[:MOST_LETTERS] for name in names} if ready is None else dict(ready)
    request.session[TYPED] = {"by": str(request.user.pk), "page": page, "at": time.time(), "typed": typed}


def typed_before(request: Request, page: str, *, say: str = "") -> dict[str, Any]:
    """What this person typed for this page before they were asked for the proof; they hear that nothing was done yet.

    `say` says it where more is left to do than to press the button.
    """
    kept = request.session.get(TYPED, {})
    is_mine = request.user.is_authenticated and kept.get("by") == str(request.user.pk)
    if not is_mine or kept["page"] != page or time.time() - kept["at"] > LASTS:
        return {}
    if request.method == "GET" and not request.htmx:  # a piece of the page that is fetched again says nothing new
        messages.info(request, say or _("Nothing has happened yet. Press the button once more."))
    typed: dict[str, Any] = kept["typed"]
    return typed


def forget_typed(request: Request, page: str) -> None:
    """It was sent now, so the page is empty next time."""
    if request.session.get(TYPED, {}).get("page") == page:
        del request.session[TYPED]
