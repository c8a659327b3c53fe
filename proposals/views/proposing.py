# SPDX-License-Identifier: AGPL-3.0-or-later
"""Taking back what one sent in oneself."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.requests import SignedInRequest
from proposals import services
from proposals.refusals import CycleRefused

from .finding import own_proposal


@login_required
@require_POST
def withdraw(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    proposal = own_proposal(request.user, proposal_id)
    try:
        services.withdraw_proposal(proposal=proposal, actor=request.user)
    except CycleRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("You have taken your proposal back."))
    return redirect(proposal)
