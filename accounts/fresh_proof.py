# SPDX-License-Identifier: AGPL-3.0-or-later
"""Is it still you? What cannot be undone is done only by somebody who has just shown their second factor.

Allauth asks for it and remembers when. Where staff need no second factor there is nothing to ask for.
"""

import time
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from .models import User

LASTS = 30 * 60  # seconds for which one proof is good
LASTS_FOR_ONE_ACT = 5 * 60  # where every act wants a proof of its own
LASTS_IN_A_ROOM = 2 * 60 * 60  # since somebody last decided something there: nobody types codes before a waiting hall
RENEWED_AFTER = 5 * 60
USED_UP = "proof_used_up"
ENTERED = "proved_on_entering"


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
