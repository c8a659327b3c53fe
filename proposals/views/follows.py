# SPDX-License-Identifier: AGPL-3.0-or-later
"""Following a proposal by mail, and ending it: on its page, or by the link of any of the mails."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import Request, SignedInRequest
from assemblies import rights
from proposals import services
from proposals.models import Follow, Proposal

from .finding import member_of, tell, visible_cycle, visible_proposal


@login_required
@require_POST
def follow(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    done = _("You follow this proposal. Every mail has a link that ends them.")
    return _change(request, proposal_id, services.follow_proposal, done)


@login_required
@require_POST
def unfollow(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    done = _("There are no more mails about this proposal.")
    return _change(request, proposal_id, services.unfollow_proposal, done)


def _change(request: SignedInRequest, proposal_id: UUID, service: Callable[..., Any], done: str) -> HttpResponse:
    proposal = visible_proposal(request.user, proposal_id)
    cycle = visible_cycle(request.user, proposal.heading.cycle_id)
    rights.require(request.user, rights.PROPOSE, cycle.assembly)
    person = member_of(request.user, cycle)
    tell(request, lambda: service(proposal=proposal, person=person), done)
    return redirect(f"{proposal.get_absolute_url()}#follow")


@csrf_exempt  # the mail program of the person may press for her; the address, which only her mail has, is the key
@require_http_methods(["GET", "HEAD", "POST"])
def stop_following(request: Request, token: str) -> HttpResponse:
    """A page with one button, which ends the mails for whom this link was written; nobody need sign in.

    Looking ends nothing: scanners open every link of a mail. A visitor learns nothing: a link that was forged or used
    answers in the same words.
    """
    found = Follow.objects.of_token(token).select_related("person__user", "proposal").first()
    page: dict[str, Any] = {"token": token, "proposal": None}
    if found is not None:
        page["proposal"] = Proposal.objects.visible_to(request.user).filter(pk=found.proposal_id).first()
    if request.method != "POST":
        return render(request, "proposals/stop_following.html", page)
    if found is not None:
        services.unfollow_proposal(proposal=found.proposal, person=found.person)
    return render(request, "proposals/unfollowed.html", page)
