# SPDX-License-Identifier: AGPL-3.0-or-later
"""What cannot be undone: open, close, publish, void, and take out a ballot. A page says what follows, then one acts.

Whoever acts has just proved who they are: once in half an hour, and for each act in a secret poll.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import fresh_proof
from accounts.requests import SignedInRequest

from . import services
from .desk_forms import RemovalForm, VoidForm
from .desk_views import (
    CAN_OPEN,
    CAN_PUBLISH,
    about,
    agreed_to,
    can_remove,
    can_void,
    in_the_way,
    is_asked_again,
    poll_run_by,
    who_may_agree,
)
from .models import Approval, Poll, PollState, RegisterLine
from .owners import owner_of

LINES_SHOWN = 20


@dataclass(frozen=True)
class Act:
    """One of the things that can be done to a whole poll."""

    verb: str
    is_possible: Callable[[Poll], bool]
    do: Callable[[Poll, SignedInRequest, str], Poll]
    done: Callable[[Poll], str]  # empty where a second person must still agree


def _opened(poll: Poll) -> str:
    return _("Voting is open.") if poll.state == PollState.OPEN else ""


def _closed(poll: Poll) -> str:
    if poll.awaits_trustees:
        return _("Voting has closed. Now two trustees must come with their keys.")
    return "" if poll.state == PollState.OPEN else _("Voting has closed.")


def _published(poll: Poll) -> str:
    return _("The result is published.") if poll.state == PollState.PUBLISHED else ""


def _voided(poll: Poll) -> str:
    return _("This vote is void. It decides nothing.") if poll.state == PollState.VOIDED else ""


OPEN = Act(
    "open", lambda poll: poll.state in CAN_OPEN, lambda poll, who, _reason: owner_of(poll).open(poll, who.user), _opened
)
CLOSE = Act(
    "close",
    lambda poll: poll.state == PollState.OPEN,
    lambda poll, who, _reason: services.close_poll(poll=poll, actor=who.user),
    _closed,
)
PUBLISH = Act(
    "publish",
    lambda poll: poll.state in CAN_PUBLISH,
    lambda poll, who, _reason: services.publish_poll(poll=poll, actor=who.user),
    _published,
)
VOID = Act(
    "void",
    can_void,
    lambda poll, who, reason: services.void_poll(poll=poll, actor=who.user, reason=reason),
    _voided,
)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def open_poll(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    return _act(request, poll_id, OPEN)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    return _act(request, poll_id, CLOSE)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    return _act(request, poll_id, PUBLISH)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def void(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    return _act(request, poll_id, VOID)


def _act(request: SignedInRequest, poll_id: UUID, act: Act) -> HttpResponse:
    """The page that says what follows; with POST the act, for who has just proved who they are."""
    poll = poll_run_by(request, poll_id, act.verb)
    if not act.is_possible(poll):
        messages.error(request, _("That cannot be done with this vote now. Look where it stands."))
        return redirect("voting:desk", poll.pk)
    if not fresh_proof.is_there(request, request.user, for_one_act=poll.is_secret):
        if request.method == "POST":  # what was written is not lost on the way
            fresh_proof.keep_typed(request, request.path, ["reason"])
        return fresh_proof.ask(request.path)
    form, typed = None, fresh_proof.typed_before(request, request.path)
    if act is VOID and not _has_its_reason(poll):
        form = VoidForm(request.POST if request.method == "POST" else None, initial=typed)
    if request.method == "POST" and (form is None or form.is_valid()):
        return _do(request, poll, act, form.cleaned_data["reason"] if form else "")
    return render(request, "voting/desk/act.html", _consequences(request, poll, act, form), status=_status(form))


def _has_its_reason(poll: Poll) -> bool:
    """Whether somebody asked for the void already: who confirms it stands by the reason that they read."""
    asked = services.asked_to_void(poll) if services.takes_two(poll, "void") else None
    return asked is not None and asked.reason != ""


def _do(request: SignedInRequest, poll: Poll, act: Act, reason: str) -> HttpResponse:
    fresh_proof.forget_typed(request, request.path)
    if poll.is_secret:
        fresh_proof.use_up(request)
    try:
        poll = act.do(poll, request, reason)
    except services.PollRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("voting:desk", poll.pk)
    done = act.done(poll)
    messages.success(request, done or _("You have agreed. One more person must agree."))
    return redirect(owner_of(poll).url(poll)) if done else redirect("voting:desk", poll.pk)


def _consequences(request: SignedInRequest, poll: Poll, act: Act, form: VoidForm | None) -> dict[str, Any]:
    now = services.voters_now(poll) if act is OPEN else []
    if act is OPEN:
        services.see_voters(poll, now)
    return {
        **about(request, poll),
        "verb": act.verb,
        "form": form,
        "entitled": len(now),
        "blockers": in_the_way(poll, now) if act is OPEN else [],
        "cautions": services.cautions(poll, [line.weight for line in now]) if act is OPEN else [],
        "takes_two": services.takes_two(poll, act.verb),
        "asked": services.asked_to_void(poll) if act is VOID and services.takes_two(poll, "void") else None,
        "agreed": agreed_to(poll, act.verb),
        "may_agree": who_may_agree(poll, act.verb),
        "asked_again": act is OPEN and is_asked_again(poll),
        "have_agreed": services.takes_two(poll, act.verb)
        and request.user in services.who_agreed(poll, act.verb, poll.hash_of_definition()),
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def remove_ballot(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    """The ballot of somebody who was not entitled is taken out; of a sealed vote when a second person names the same."""
    poll = poll_run_by(request, poll_id, "void")
    if not can_remove(poll) or poll.register is None:
        messages.error(request, _("Ballots can be taken out only before they are counted."))
        return redirect("voting:desk", poll.pk)
    wanted = (request.POST.get("name") or request.GET.get("name", "")).strip()
    if not fresh_proof.is_there(request, request.user, for_one_act=poll.is_secret):
        if request.method == "POST":  # the voter is found anew: nothing outside the register says whose ballot it is
            fresh_proof.keep_typed(request, request.path, ["reason"])
        return fresh_proof.ask(request.path)
    lines = poll.register.lines.select_related("membership__user", "membership__assembly", "credential")
    say = _("Nothing has happened yet. Find the voter again, and press the button once more.")
    typed = fresh_proof.typed_before(request, request.path, say=say)
    form = RemovalForm(request.POST if request.method == "POST" else None, initial=typed)
    field: Any = form.fields["line"]
    field.queryset = lines.filter(pk__in=[line.pk for line in _found(poll, wanted)])
    field.label_from_instance = _voter
    if form.is_valid():
        fresh_proof.forget_typed(request, request.path)
        return _remove(request, poll, form)
    page = {**about(request, poll), "form": form, "wanted": wanted, "found": field.queryset, **_asked(request, poll)}
    return render(request, "voting/desk/remove.html", page, status=_status(form))


def _remove(request: SignedInRequest, poll: Poll, form: RemovalForm) -> HttpResponse:
    if poll.is_secret:
        fresh_proof.use_up(request)
    try:
        done = services.remove_ballot(
            poll=poll, line=form.cleaned_data["line"], reason=form.cleaned_data["reason"], actor=request.user
        )
    except services.PollRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("voting:desk", poll.pk)
    if done:
        messages.success(request, _("The ballot is taken out. The public log says so."))
    else:
        messages.success(request, _("You have asked for it. One more person must name the same voter here."))
    return redirect("voting:desk", poll.pk)


def _found(poll: Poll, wanted: str) -> list[RegisterLine]:
    """Lines of the register whose name, label or card number was typed; nobody where nothing was typed."""
    if not wanted or poll.register is None:
        return []
    lines = poll.register.lines.exclude(pk__in=poll.removals.values("line"))
    by_name = lines.filter(membership__user__name__icontains=wanted) | lines.filter(label__icontains=wanted)
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 9:
        by_name = by_name | lines.filter(credential__number=int(wanted))
    return list(by_name.order_by("membership__user__name", "pk")[:LINES_SHOWN])


def _voter(line: RegisterLine) -> str:
    if line.membership is not None:
        return str(line.membership)
    if line.credential is not None:
        return _("Voter code on card %(number)d") % {"number": line.credential.number}
    return line.label or _("A voter without account or code")


def _asked(request: SignedInRequest, poll: Poll) -> dict[str, Any]:
    """Who has asked for a removal that nobody has agreed to yet. Whom they named stays between the two of them."""
    done = [f"remove:{bytes(slot).hex()}" for slot in poll.removals.values_list("slot", flat=True) if slot]
    open_wishes = Approval.objects.filter(poll=poll, action__startswith="remove:").exclude(action__in=done)
    people = sorted({wish.actor.shown_name for wish in open_wishes.select_related("actor")})
    return {"asked_by": people, "removals": poll.removals.count()}


def _status(form: Any) -> int:
    return 422 if form is not None and form.is_bound and form.errors else 200
