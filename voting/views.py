# SPDX-License-Identifier: AGPL-3.0-or-later
"""The ballot paper, the receipt and the result. What a poll is for belongs to its owner's pages."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import Request
from assemblies.models import Assembly

from . import explanations, open_polls, results, services, voters, withdrawals
from .board import reading, tables
from .choices import Choice
from .forms import BallotForm, ballot_form
from .models import OpenBallot, Poll, RegisterLine
from .owners import owner_of


@require_GET
def poll(request: Request, poll_id: UUID) -> HttpResponse:
    """The ballot paper for who may still vote; what became of the poll for everybody else."""
    poll = _visible_poll(request, poll_id)
    line = voters.line_of(request, poll)
    others = [other for other in voters.lines_of(request, poll) if other != line]
    cast = services.receipt_of(poll, line)
    form = None
    left = services.polls_left(poll.register, line) if poll.register and line and cast is None else None
    if poll.is_open and line and left != 0 and (cast is None or poll.change_allowed):
        form = ballot_form(poll, initial_choice=_named_choice(poll, line))
    page = _page(request, poll, form, line=line, cast=cast, other_lines=others, polls_left=left)
    return render(request, "voting/poll.html", page)


@voters.voter_required
@require_POST
@sensitive_post_parameters()
def review(request: Request, poll_id: UUID) -> HttpResponse:
    """Everything the voter chose, once more, before it counts. Nothing is stored."""
    poll = _visible_poll(request, poll_id)
    line = _own_line(request, poll)
    form = ballot_form(poll, request.POST)
    if not form.is_valid():
        return _page_again(request, form, line, status=422)
    if "change" in request.POST:
        return _page_again(request, form, line, status=200)
    return render(request, "voting/review.html", _page(request, poll, form, line=line, spent=_cost_of(form)))


@voters.voter_required
@require_POST
@sensitive_post_parameters()
def cast(request: Request, poll_id: UUID) -> HttpResponse:
    """One ballot is in, or the paper comes back with what to change."""
    poll, line = _poll_and_line(request, poll_id)
    form = ballot_form(poll, request.POST)
    if not form.is_valid():
        form.poll = _visible_poll(request, poll_id)
        return _page_again(request, form, line, status=422)
    try:
        receipt = services.cast_ballot(
            poll=poll, line=line, choice=form.choice, key=form.cleaned_data["key"], tracking=form.tracking_code
        )
    except services.BallotRefused as refusal:
        form.add_error(None, str(refusal))
        form.poll = _visible_poll(request, poll_id)
        return _page_again(request, form, line, status=409)
    if request.htmx:
        return render(request, "voting/_receipt.html", {"poll": poll, "receipt": receipt})
    of_whom = f"?line={line.pk}" if line.proxy_id else ""
    return redirect(reverse("voting:receipt", args=[poll.pk]) + of_whom)


@voters.voter_required
@require_GET
def receipt(request: Request, poll_id: UUID) -> HttpResponse:
    """The proof, for the voter alone, that a ballot is in."""
    poll = _visible_poll(request, poll_id)
    receipt = services.receipt_of(poll, voters.line_of(request, poll))
    if receipt is None:
        return redirect("voting:poll", poll.pk)
    return render(request, "voting/receipt.html", _page(request, poll, None, receipt=receipt))


@require_GET
def result(request: Request, poll_id: UUID) -> HttpResponse:
    """The outcome with its reasons, or the sentence that says when it will be shown."""
    poll = _visible_poll(request, poll_id)
    return render(
        request,
        "voting/result.html",
        _page(request, poll, None, published=reading.publication_of(poll), groups=tables.by_channel(poll)),
    )


@require_GET
def protection(request: Request) -> HttpResponse:
    """What each level of secrecy protects against, and what it does not."""
    return render(request, "voting/protection.html")


def _visible_poll(request: Request, poll_id: UUID) -> Poll:
    visible = voters.visible_polls(request).select_related("assembly", "register").prefetch_related("options")
    return get_object_or_404(visible, pk=poll_id)


def _poll_and_line(request: Request, poll_id: UUID) -> tuple[Poll, RegisterLine]:
    """The poll and the line for which this request votes, in one query when many vote; who has a line may see the poll."""
    line = voters.line_in(request, poll_id)
    poll = open_polls.find(poll_id) if line else None
    if line is None or poll is None:
        poll = _visible_poll(request, poll_id)
        line = _own_line(request, poll)
    return poll, line


def _own_line(request: Request, poll: Poll) -> RegisterLine:
    line = voters.line_of(request, poll)
    if line is None:
        raise PermissionDenied(_("You are not in the register of voters of this vote."))
    return line


def _named_choice(poll: Poll, line: RegisterLine) -> Choice | None:
    """What the voter chose before, to start from; a sealed ballot cannot be read, not even for its voter."""
    ballot = OpenBallot.objects.filter(poll=poll, line=line).first()
    return ballot.choice if ballot else None


def _page(request: Request, poll: Poll, form: BallotForm | None, **more: Any) -> dict[str, Any]:
    """What every page about a poll shows; results only as far as the embargo lets them."""
    owner = owner_of(poll)
    has_code = voters.credential_of(request) is not None
    return {
        "assembly": poll.assembly,
        "poll": poll,
        "form": form,
        "about_options": owner.about_options(poll) if form and form.is_budget else {},
        "voters_url": reverse("voting:with_code") if has_code else owner.voters_url(poll),
        # Live topics know members, not codes: with a code for a private assembly the page stays as it was loaded.
        "has_code": has_code,
        "is_watched": not has_code or Assembly.objects.visible_to(request.user).filter(pk=poll.assembly_id).exists(),
        "tally": results.running_tally(poll),
        "outcome": explanations.explain(poll),
        "taken_off": withdrawals.taken_off(poll),
        **more,
    }


def _page_again(request: Request, form: BallotForm, line: RegisterLine, *, status: int) -> HttpResponse:
    """The same paper with every choice kept and the sentence that says what to change."""
    template = "voting/_ballot.html" if request.htmx else "voting/poll.html"
    cast = services.receipt_of(form.poll, line)
    page = _page(request, form.poll, form, line=line, cast=cast, in_meeting=bool(request.htmx))
    return render(request, template, page, status=status)


def _cost_of(form: BallotForm) -> int | None:
    """What the chosen options cost together, in minor units; None where options have no cost."""
    if form.poll.budget is None:
        return None
    return sum(row.option.cost or 0 for row in form.chosen_options)
