# SPDX-License-Identifier: AGPL-3.0-or-later
"""Voting with a code: entering it, what it is for, and leaving the device to the next person."""

import secrets
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import Request

from . import services, voters
from .models import RegisterLine
from .services import credentials

DEVICE = "device"  # in the session: by it tries are counted


class VoterCodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Voter code"),
        max_length=60,
        help_text=gettext_lazy("Ten letters and figures, as on your card. Small letters and dashes do not matter."),
        error_messages={"required": gettext_lazy("Type the code from your card.")},
        widget=forms.TextInput(
            attrs={
                "class": "code-input wide",
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "data-code-from-link": "yes",
            }
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_post_parameters("code")
def enter_code(request: Request) -> HttpResponse:
    """Where the code from a card is typed, or arrives from its square behind the # of the address."""
    form = VoterCodeForm(request.POST or None)
    if form.is_valid():
        refusal = _enter(request, form.cleaned_data["code"])
        if not refusal:
            return redirect("voting:with_code")
        form.add_error("code", refusal)
    request.session.setdefault(DEVICE, secrets.token_urlsafe(12))
    context = {"form": form, "credential": voters.credential_of(request)}
    return render(request, "voting/enter_code.html", context, status=422 if form.is_bound else 200)


def _enter(request: Request, typed: str) -> str:
    """The device votes with this code; or the sentence that says why not."""
    device = request.session.get(DEVICE)
    if device is None:  # the page was open too long, or somebody did not ask for it at all
        return _("This page is too old. Send your code once more.")
    try:
        credential = credentials.enter(typed=typed, device=device)
    except credentials.CodeRefused as refusal:
        return str(refusal)
    voters.begin_with_code(request, credential)
    request.session[DEVICE] = device
    return ""


@require_GET
@never_cache
def with_code(request: Request) -> HttpResponse:
    """What the code on this device is for: the polls that are open, and those that are over."""
    credential = voters.credential_of(request)
    if credential is None:
        return redirect("voting:enter_code")
    polls = list(voters.polls_with(credential).select_related("assembly", "register").order_by("-opened_at"))
    lines: dict[UUID | None, RegisterLine] = {line.register_id: line for line in credential.register_lines.all()}
    mine = [(poll, lines[poll.register_id]) for poll in polls if poll.register_id in lines]
    voted = {poll for poll, _line in services.have_voted(mine)}
    used_up = services.used_up(mine)
    context = {
        "assembly": credential.batch.assembly,
        "credential": credential,
        "open_polls": [
            (
                poll,
                poll.pk in voted,
                poll.pk not in voted and poll.register_id in lines and lines[poll.register_id].pk in used_up,
            )
            for poll in polls
            if poll.is_open
        ],
        "other_polls": [poll for poll in polls if not poll.is_open],
    }
    return render(request, "voting/with_code.html", context)


@require_POST
def leave_code(request: Request) -> HttpResponse:
    """The code is gone from this device, and so is everything that the browser kept for us."""
    voters.end_with_code(request)
    messages.success(request, _("Done. The next person can use this device."))
    response = redirect("voting:enter_code")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
