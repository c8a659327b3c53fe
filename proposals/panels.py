# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a budget shows on pages that belong to several apps: the assembly's home, and a person's own page."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.template.loader import render_to_string

from accounts.models import User
from assemblies.models import Assembly

from .joined import waits_for
from .models import Comment, CoSponsor, Cycle, Follow, Moderation, Phase, Proposal, Support
from .next_step import next_step, open_polls
from .timeline import numbers_of, results_are_published, steps_of

Kind = Phase.Kind
# Which of several budgets comes first: the one in which most can be done.
URGENCY = [
    Kind.ACCEPTING,
    Kind.REVIEWING_BALLOTS,
    Kind.PUBLISHING_PRICES,
    Kind.VALUATING,
    Kind.SELECTING,
    Kind.REVIEWING,
]
SHOWN_BESIDE = 3


def hero(request: HttpRequest, context: dict[str, Any]) -> str:
    """The budget in which most can be done now, with the one act that comes first."""
    cycles = _cycles(request, context["assembly"])
    if not cycles:
        return ""
    cycle = cycles[0]
    page = {
        "cycle": cycle,
        "next": next_step(cycle, request.user, numbers_of(cycle)),
        "is_published": results_are_published(cycle),
    }
    return render_to_string("proposals/_hero.html", page, request)


def home(request: HttpRequest, context: dict[str, Any]) -> str:
    """Where that budget stands, the others that go on, and how it all works."""
    cycles = _cycles(request, context["assembly"])
    if not cycles:
        return ""
    cycle = cycles[0]
    numbers = numbers_of(cycle)
    page = {
        "cycle": cycle,
        "steps": steps_of(cycle, numbers),
        "next": next_step(cycle, request.user, numbers),
        "others": [
            (other, next_step(other, request.user, numbers_of(other))) for other in cycles[1 : 1 + SHOWN_BESIDE]
        ],
    }
    return render_to_string("proposals/_home.html", page, request)


def mine(request: HttpRequest, context: dict[str, Any]) -> str:
    """What the person is asked, their own drafts and proposals, and what moderators hid of their words."""
    written = Proposal.objects.written_by(request.user).for_cards().order_by("-created_at")
    moderated = Moderation.objects.told_to(request.user).in_force().with_words()
    asked = CoSponsor.objects.addressed_to(request.user).filter(
        state=CoSponsor.State.INVITED, proposal__in=Proposal.objects.visible_to(request.user)
    )
    page = {
        "mine": written,
        "moderated": moderated,
        "asked": asked.select_related("proposal"),
        "suggested": waits_for(request.user),
    }
    return render_to_string("proposals/_mine.html", page, request) if any(page.values()) else ""


def export(user: User) -> list[dict[str, Any]]:
    """Everything that the person wrote here."""
    return [
        {
            "reference": proposal.reference,
            "budget": proposal.heading.cycle.title,
            "title": proposal.title,
            "summary": proposal.summary,
            "text": proposal.text,
            "place": proposal.place,
            "cost_guess": proposal.cost_guess,
            "state": proposal.state,
            "hidden_at": proposal.hidden_at,
            "created_at": proposal.created_at,
            "submitted_at": proposal.submitted_at,
        }
        for proposal in Proposal.objects.written_by(user).select_related("heading__cycle").order_by("created_at")
    ]


def export_comments(user: User) -> list[dict[str, Any]]:
    """Every comment of this person, also what was taken back or hidden by moderators."""
    written = Comment.objects.filter(author__user=user).select_related("proposal").order_by("created_at", "pk")
    return [
        {
            "proposal": comment.proposal.reference,
            "text": comment.text,
            "created_at": comment.created_at,
            "withdrawn_at": comment.withdrawn_at,
            "hidden_at": comment.hidden_at,
        }
        for comment in written
    ]


def export_supports(user: User) -> list[dict[str, Any]]:
    """Every proposal that this person supports, which nobody else sees."""
    given = Support.objects.filter(person__user=user).select_related("proposal").order_by("created_at", "pk")
    return [
        {"proposal": one.proposal.reference, "title": one.proposal.title, "created_at": one.created_at} for one in given
    ]


def export_follows(user: User) -> list[dict[str, Any]]:
    """Every proposal that this person has mails about."""
    followed = Follow.objects.filter(person__user=user).select_related("proposal").order_by("created_at", "pk")
    return [
        {"proposal": one.proposal.reference, "title": one.proposal.title, "created_at": one.created_at}
        for one in followed
    ]


def export_co_sponsorships(user: User) -> list[dict[str, Any]]:
    """Every proposal that this person was asked to stand behind, and what they said."""
    asked = CoSponsor.objects.filter(Q(email=user.email) | Q(person__user=user)).select_related("proposal")
    return [
        {
            "proposal": one.proposal.reference,
            "title": one.proposal.title,
            "state": one.state,
            "asked_at": one.invited_at,
            "answered_at": one.answered_at,
        }
        for one in asked
    ]


def _cycles(request: HttpRequest, assembly: Assembly) -> list[Cycle]:
    """Published budgets, first the one in which most can be done; kept for the request, since two panels ask."""
    known: dict[object, list[Cycle]] = request.__dict__.setdefault("_cycles_of_home", {})
    if assembly.pk not in known:
        cycles = Cycle.objects.filter(assembly=assembly, published_at__isnull=False).whole()
        known[assembly.pk] = sorted(cycles, key=_urgency)
    return known[assembly.pk]


def _urgency(cycle: Cycle) -> int:
    if open_polls(cycle):
        return 0
    phase = cycle.phase()
    if phase is not None and phase.kind in URGENCY:
        return 1 + URGENCY.index(Kind(phase.kind))
    return 1 + len(URGENCY) + (results_are_published(cycle) or cycle.is_imported)
