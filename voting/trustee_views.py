# SPDX-License-Identifier: AGPL-3.0-or-later
"""Trustees of a secret poll: who they are, and the page where each makes, tries and later enters their key."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import SignedInRequest
from assemblies.models import Assembly
from assemblies.qr_code import qr_code

from . import services
from .desk_forms import KeyForm, MemberForm
from .desk_views import about
from .models import NOT_OPENED, Poll, Trustee
from .owners import owner_of


@login_required
@require_safe
@never_cache
def trustees(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    """For who runs the poll: who keeps a key, and whether it was tried. For a trustee: what they do now."""
    poll, mine = _poll_and_seat(request, poll_id)
    return render(request, "voting/desk/trustees.html", _page(request, poll, mine))


@login_required
@require_POST
def name_trustee(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    poll, mine = _poll_and_seat(request, poll_id)
    _require_runs(request, poll)
    form = MemberForm(request.POST, assembly=poll.assembly)
    if form.is_valid() and form.membership:
        try:
            services.name_trustee(poll=poll, membership=form.membership)
        except services.PollRefused as refusal:
            form.add_error("email", str(refusal))
        else:
            messages.success(request, _("Named. The person finds the way to their key on the home page."))
            return redirect("voting:trustees", poll.pk)
    return render(request, "voting/desk/trustees.html", _page(request, poll, mine, naming=form), status=422)


@login_required
@require_POST
def drop_trustee(request: SignedInRequest, poll_id: UUID, trustee_id: UUID) -> HttpResponse:
    poll, _mine = _poll_and_seat(request, poll_id)
    _require_runs(request, poll)
    trustee = get_object_or_404(Trustee.objects.select_related("poll"), poll=poll, pk=trustee_id)
    try:
        services.drop_trustee(trustee=trustee)
    except services.PollRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("voting:trustees", poll.pk)


@login_required
@require_POST
@never_cache
@sensitive_variables("written")
def make_key(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    """The key to write down, once: this answer is the only place where it can be read."""
    poll, mine = _poll_and_seat(request, poll_id)
    try:
        written = services.make_key(trustee=_require_seat(mine))
    except services.PollRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("voting:trustees", poll.pk)
    page = {**about(request, poll), "groups": written.split("-"), "square": qr_code(written.replace("-", ""))}
    return render(request, "voting/desk/key.html", page)


@login_required
@require_POST
@never_cache
@sensitive_post_parameters("key")
@sensitive_variables("form")
def prove_key(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    """What is on the paper opens an envelope, so the vote can be opened."""
    poll, mine = _poll_and_seat(request, poll_id)
    trustee = _require_seat(mine)
    form = KeyForm(request.POST)
    if form.is_valid():
        try:
            services.prove_key(trustee=trustee, typed=form.cleaned_data["key"])
        except services.PollRefused as refusal:
            form.add_error("key", str(refusal))
        else:
            messages.success(request, _("Your key works. Keep the paper in a safe place until the count."))
            return redirect("voting:trustees", poll.pk)
    return render(request, "voting/desk/trustees.html", _page(request, poll, trustee, key_form=form), status=422)


@login_required
@require_POST
@never_cache
@sensitive_post_parameters("key")
@sensitive_variables("form")
def enter_key(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    """A trustee has come with their key; with the second one the ballots are counted."""
    poll, mine = _poll_and_seat(request, poll_id)
    trustee = _require_seat(mine)
    form = KeyForm(request.POST)
    if form.is_valid():
        try:
            poll = services.enter_key(poll=poll, trustee=trustee, typed=form.cleaned_data["key"])
        except services.PollRefused as refusal:
            form.add_error("key", str(refusal))
        else:
            messages.success(
                request,
                _("Your key is in. One of the other two must come now.")
                if poll.awaits_trustees
                else _("The box is open and the ballots are counted. You can destroy your paper now."),
            )
            return redirect("voting:trustees", poll.pk)
    return render(request, "voting/desk/trustees.html", _page(request, poll, trustee, key_form=form), status=422)


def _poll_and_seat(request: SignedInRequest, poll_id: UUID) -> tuple[Poll, Trustee | None]:
    """A secret poll and the seat that this person has among its trustees; nobody else knows of a poll in preparation.

    Whoever keeps a key of an opened poll comes here even after leaving a private assembly: the box may need them.
    """
    keeps_a_key = Trustee.objects.filter(user=request.user).exclude(poll__state__in=NOT_OPENED)
    is_visible = Q(assembly__in=Assembly.objects.visible_to(request.user))
    polls = Poll.objects.filter(is_visible | Q(pk__in=keeps_a_key.values("poll")))
    found = polls.select_related("assembly", "register__district", "follows").prefetch_related("options")
    poll = get_object_or_404(found, pk=poll_id)
    mine = poll.trustees.select_related("user", "poll").filter(user=request.user).first()
    if mine is None and not _runs(request, poll):
        if poll.state in NOT_OPENED:
            raise Http404
        raise PermissionDenied(_("Only trustees of this vote and who runs it work here."))
    return poll, mine


def _page(request: SignedInRequest, poll: Poll, mine: Trustee | None, **forms: Any) -> dict[str, Any]:
    form = next(iter(forms.values()), None)
    is_visible = Assembly.objects.visible_to(request.user).filter(pk=poll.assembly_id).exists()
    return {
        **about(request, poll),
        "assembly": poll.assembly if is_visible else None,  # who has left it gets no links to closed pages
        "mine": mine,
        "runs": _runs(request, poll),
        "waits": poll.state in NOT_OPENED,
        "naming": MemberForm(assembly=poll.assembly),
        "key_form": KeyForm(),
        "needed": services.TRUSTEES,
        "form": form,
        **forms,
    }


def _runs(request: SignedInRequest, poll: Poll) -> bool:
    return owner_of(poll).may(request.user, "open", poll)


def _require_runs(request: SignedInRequest, poll: Poll) -> None:
    if not _runs(request, poll):
        raise PermissionDenied(_("Only who runs this vote can do that."))


def _require_seat(mine: Trustee | None) -> Trustee:
    if mine is None:
        raise PermissionDenied(_("Only trustees of this vote can do that."))
    return mine
