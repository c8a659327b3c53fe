"""A site on which every visitor of /new/ gets a poll of their own, and /stored/ tells what was stored of it."""

# ruff: noqa: E402 -- models can be imported only once Django is set up

import os
import uuid
from itertools import count
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
import django

django.setup()

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import include, path
from django.utils import timezone

from assemblies.models import Assembly, Role
from config.asgi import application
from config.server import Server
from tests.make import make_member, make_open_poll, make_poll, make_user
from voting.models import OpenBallot, Poll
from voting.services import open_poll
from voting.services.credentials import make_codes

IDEAS = ["Shade trees on Mill Street", "Safe crossing at Weaver School", "Repair café", "Wheelchair swing"]
KINDS: dict[str, dict[str, Any]] = {
    "yes_no": {"ballot_type": "yes_no", "question": "Should the hall stay open until 23:00?"},
    "choose_one": {"ballot_type": "choose_one", "titles": IDEAS},
    "approval": {"ballot_type": "approval", "titles": IDEAS, "min_choices": 2, "max_choices": 3},
    "knapsack": {
        "ballot_type": "approval",
        "titles": IDEAS,
        "costs": [38_000_00, 22_500_00, 12_000_00, 48_000_00],
        "budget": 80_000_00,
        "currency": "EUR",
        "rule": "greedy",
        "ballot_parameters": {"within_budget": True},
    },
    "points": {"ballot_type": "points", "titles": IDEAS, "ballot_parameters": {"max_points": 10, "max_per_option": 6}},
    "score": {"ballot_type": "score", "titles": IDEAS, "ballot_parameters": {"min_score": 0, "max_score": 5}},
    "score_wide": {"ballot_type": "score", "titles": IDEAS, "ballot_parameters": {"max_score": 100}},
    "ranked": {
        "ballot_type": "ranked",
        "titles": IDEAS,
        "rule": "schulze",
        "ballot_parameters": {"ties_allowed": True},
    },
    "consensus": {"ballot_type": "consensus", "question": "We adopt the new house rules."},
}
numbers = count(1)


def new(request: HttpRequest) -> HttpResponse:
    """A poll of this kind, just opened for one new person, who is signed in and sees the paper."""
    riverside, _ = Assembly.objects.get_or_create(slug="riverside", defaults={"name": "Riverside"})
    amina = make_member(riverside, "Amina", user=make_user("Amina", email=f"amina.{next(numbers)}@example.org"))
    fields = {"question": "What shall we do first?", **KINDS[request.GET["kind"]]}
    secrecy = int(request.GET.get("secrecy", "1"))
    poll = make_open_poll(riverside, amina, change_allowed=True, secrecy=secrecy, **fields)
    login(request, amina.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return redirect(poll)


def stored(request: HttpRequest, poll_id: str) -> HttpResponse:
    poll = Poll.objects.get(pk=poll_id)
    ballots = OpenBallot.objects.filter(poll=poll).values_list("choice", flat=True)
    return JsonResponse({"choices": list(ballots), "turnout": poll.turnout, "at": timezone.now().isoformat()})


def card(request: HttpRequest) -> HttpResponse:
    """A poll for people with voter codes, just opened, and the address that is on the card of one of them."""
    riverside, _ = Assembly.objects.get_or_create(slug="riverside", defaults={"name": "Riverside"})
    poll = make_poll(riverside, *IDEAS)
    _batch, (printed,) = make_codes(
        poll=poll, batch_id=uuid.uuid4(), label="Guests", size=1, counts_once_entered=False, actor=None
    )
    open_poll(poll=poll, lines=[], actor=None)
    return JsonResponse({"link": f"/vote/#{printed.code}", "shown": printed.shown})


def administrator(request: HttpRequest) -> HttpResponse:
    """The register of a new poll, before an administrator who has just shown their second factor."""
    riverside, _ = Assembly.objects.get_or_create(slug="riverside", defaults={"name": "Riverside"})
    ada = make_member(riverside, "Ada", Role.ADMINISTRATOR, user=make_user("Ada"))
    login(request, ada.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    shown = {"method": "mfa", "type": "totp", "reauthenticated": True, "at": timezone.now().timestamp()}
    request.session["account_authentication_methods_user"] = str(ada.user.pk)
    request.session["account_authentication_methods"] = [shown]
    return redirect("voting:register", make_poll(riverside, *IDEAS).pk)


urlpatterns = [
    path("card/", card),
    path("administrator/", administrator),
    path("new/", new),
    path("stored/<uuid:poll_id>/", stored),
    path("", include("config.urls")),
]
settings.ROOT_URLCONF = __name__  # "__main__" is a name too


async def nothing() -> None:
    """What serve would start and stop besides; nobody watches a live page here."""


if __name__ == "__main__":
    Server(application, host=settings.HOST, port=settings.PORT, before=nothing, after=nothing, ready=lambda: None).run()
