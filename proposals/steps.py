# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of a submission in their order, and where each leads."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.requests import Request

from .models import Cycle, Phase, Proposal

TITLES = {
    "edit": _("Your idea"),
    "similar": _("Similar ideas"),
    "where": _("Where"),
    "guess": _("Cost"),
    "photos": _("Photos"),
    "contact": _("Your name"),
    "check": _("Check your answers"),
}


@dataclass(frozen=True)
class Step:
    """Which page this is, of how many, and the addresses around it."""

    name: str
    number: int
    of: int
    title: Any
    back: str
    on: str


def ideas_in(cycle: Cycle) -> dict[str, Any]:
    """What a page of the submission says about the time for ideas."""
    return {
        "is_taken_now": cycle.is_in(Phase.Kind.ACCEPTING),
        "is_over": not cycle.is_ahead(Phase.Kind.ACCEPTING),  # then drafts are only read and thrown away
        "taken": cycle.phase_of(Phase.Kind.ACCEPTING),
    }


def is_changing(request: Request) -> bool:
    """Whether the person came from the last page to change one answer."""
    return "changing" in request.POST or "changing" in request.GET


def step_of(name: str, proposal: Proposal | None, user: Any, *, changing: bool = False) -> Step:
    """The page of this name. Who came from the last page to change one answer goes back there."""
    names = _names(user)
    place = names.index(name)
    before = names[place - 1] if place else ""
    after = names[place + 1] if place + 1 < len(names) else ""
    if changing:
        before = after = "check"
    return Step(name, place + 1, len(names), TITLES[name], _url(before, proposal), _url(after, proposal))


def _names(user: Any) -> list[str]:
    nameless = isinstance(user, User) and not user.name
    return [name for name in TITLES if name != "contact" or nameless]


def _url(name: str, proposal: Proposal | None) -> str:
    return reverse(f"proposals:{name}", args=[proposal.pk]) if name and proposal is not None else ""
