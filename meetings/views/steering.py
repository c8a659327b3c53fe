# SPDX-License-Identifier: AGPL-3.0-or-later
"""The cockpit: one page, and one small address for each thing that a facilitator does with a meeting.

Every act says which version of the meeting its page showed. When somebody else was faster nothing happens, and the
answer is 409 with the meeting as it is now.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget

from accounts import fresh_proof
from accounts.models import User
from accounts.requests import SignedInRequest
from live.templatetags.live import live_topic
from meetings import services
from meetings.access import item_of, item_poll_of, meeting_run_by
from meetings.agenda_forms import OutcomeForm
from meetings.editing import expected_version
from meetings.models import ItemPoll, Meeting
from meetings.services import MeetingRefused
from voting import services as voting

Told = dict[str, Any]  # who acts, and on which version of the meeting
WRITTEN = ("reason", "on_agenda")  # the fields of a form that ends something


@login_required
@require_GET
def cockpit(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """Everything a facilitator needs while the meeting runs. Whoever enters shows once that it is still them."""
    meeting = meeting_run_by(request.user, meeting_id)
    services.close_counted_down(meeting)
    if not meeting.is_over and not fresh_proof.is_there_in(str(meeting.pk), request, request.user):
        return _ask_for_proof(request, reverse("meetings:cockpit", args=[meeting.pk]))
    return _cockpit(request, meeting)


def _ask_for_proof(request: SignedInRequest, page: str) -> HttpResponse:
    """To the page that asks for the second factor, as a whole page, and from there to this one."""
    asked = fresh_proof.ask(page)
    return HttpResponseClientRedirect(asked["Location"]) if request.htmx else asked


def proof_wanted(
    request: SignedInRequest, meeting: Meeting, page: str, typed: Iterable[str] = ()
) -> HttpResponse | None:
    """The way to the second factor and back to this page; None for who has shown who they are in this meeting.

    What was sent in the fields that `typed` names waits on that page.
    """
    is_there = fresh_proof.is_there_in(str(meeting.pk), request, request.user)
    if request.method == "POST" and is_there:
        fresh_proof.forget_typed(request, page)
    elif request.method == "POST" and typed:
        fresh_proof.keep_typed(request, page, typed)
    return None if is_there else _ask_for_proof(request, page)


def _cockpit(request: SignedInRequest, meeting: Meeting, refusal: str = "", kept_on: str = "") -> HttpResponse:
    context = {
        "assembly": meeting.assembly,
        "meeting": meeting,
        "refusal": refusal,
        "kept_on": kept_on if request.POST.get("reason", "").strip() else "",
        "screen": live_topic({"request": request}, meeting.cockpit_topic),
    }
    template = "meetings/cockpit/_desk.html" if request.htmx else "meetings/cockpit.html"
    return render(request, template, context, status=409 if refusal else 200)


def steer(
    request: SignedInRequest, meeting_id: UUID, act: Callable[[Meeting, Told], object], *, kept_on: str = ""
) -> HttpResponse:
    """Do this to the meeting, and show what it looks like then. A refusal leads to where the typed words are kept."""
    meeting = meeting_run_by(request.user, meeting_id)
    told = {"actor": request.user, "expected_version": expected_version(request)}
    try:
        act(meeting, told)
    except MeetingRefused as refusal:
        if _is_on_agenda(request):
            messages.error(request, str(refusal))
            return redirect("meetings:agenda", meeting.pk)
        return _cockpit(request, meeting, str(refusal), kept_on)
    if request.htmx:
        meeting.refresh_from_db(fields=["state"])
        return _cockpit(request, meeting)
    return _back(request, meeting)


def _back(request: SignedInRequest, meeting: Meeting) -> HttpResponse:
    return redirect("meetings:agenda" if _is_on_agenda(request) else _page_of(meeting), meeting.pk)


def decide(request: SignedInRequest, meeting_id: UUID, act: Callable[[Meeting, Told], object]) -> HttpResponse:
    """As `steer`, for what cannot be undone: only for who has shown on entering who they are."""
    meeting = meeting_run_by(request.user, meeting_id)
    page = reverse("meetings:agenda" if _is_on_agenda(request) else "meetings:cockpit", args=[meeting.pk])
    return proof_wanted(request, meeting, page) or steer(request, meeting_id, act)


@dataclass(frozen=True)
class Wish:
    """What the first of two people asked for, and why; whoever confirms it stands by these words."""

    by: User
    reason: str


@dataclass(frozen=True)
class Ending:
    """What is ended for a reason, in the words of the page on which the reason is written."""

    title: str
    about: str
    lead: str
    button: str
    wish: Wish | None = None


def end_with_reason(
    request: SignedInRequest,
    meeting_id: UUID,
    act: Callable[[Meeting, Told], object],
    ending: Callable[[Meeting], Ending],
) -> HttpResponse:
    """As `decide`, for what has a reason. The same address is a page, where what was typed waits after the proof.

    There too it waits when the act is refused, and there the second person reads what they confirm.
    """
    meeting = meeting_run_by(request.user, meeting_id)
    if asked := proof_wanted(request, meeting, request.path, WRITTEN):
        return asked
    if request.method == "POST" and request.htmx:  # the cockpit is drawn anew, and its fields are empty then
        answer = steer(request, meeting_id, act, kept_on=request.path)
        if answer.status_code == 409:
            fresh_proof.keep_typed(request, request.path, WRITTEN)
        return answer
    refusal = ""
    wish = ending(meeting).wish
    if wish and wish.by != request.user and request.POST.get("reason", "").strip():
        refusal = _("Somebody else asked for this in the meantime. Read why, then confirm it.")
    elif request.method == "POST":
        try:
            act(meeting, {"actor": request.user, "expected_version": expected_version(request)})
        except MeetingRefused as refused:
            refusal = str(refused)
            meeting = meeting_run_by(request.user, meeting_id)  # as it is now
        else:
            return _back(request, meeting)
    context = {
        "assembly": meeting.assembly,
        "meeting": meeting,
        "ending": ending(meeting),
        "refusal": refusal,
        "typed": request.POST or fresh_proof.typed_before(request, request.path),
    }
    return render(request, "meetings/end_with_reason.html", context, status=409 if refusal else 200)


def _is_on_agenda(request: SignedInRequest) -> bool:
    """Whether the button stood on the agenda's page, where whoever pressed it wants to stay."""
    return "on_agenda" in request.POST


def _page_of(meeting: Meeting) -> str:
    """The cockpit from the moment the doors open, the agenda before."""
    meeting.refresh_from_db(fields=["state"])
    return "meetings:cockpit" if meeting.is_room_open or meeting.is_over else "meetings:agenda"


# The meeting


@login_required
@require_POST
def schedule(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    return steer(request, meeting_id, lambda meeting, told: services.schedule(meeting=meeting, **told))


@login_required
@require_POST
def open_doors(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    return steer(request, meeting_id, lambda meeting, told: services.open_doors(meeting=meeting, **told))


@login_required
@require_POST
def call_to_order(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    return steer(request, meeting_id, lambda meeting, told: services.call_to_order(meeting=meeting, **told))


@login_required
@require_POST
def recess(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    return steer(request, meeting_id, lambda meeting, told: services.recess(meeting=meeting, **told))


@login_required
@require_POST
def resume(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    return steer(request, meeting_id, lambda meeting, told: services.resume(meeting=meeting, **told))


@login_required
@require_POST
def adjourn(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    carry = "carry_current_over" in request.POST
    return decide(
        request, meeting_id, lambda meeting, told: services.adjourn(meeting=meeting, carry_current_over=carry, **told)
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def cancel(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return end_with_reason(
        request,
        meeting_id,
        lambda meeting, told: services.cancel(meeting=meeting, reason=reason, **told),
        lambda meeting: Ending(
            _("Call the meeting off"),
            "",  # its name stands above
            _("Everybody who may see the meeting reads the reason. This cannot be undone."),
            _("Call it off"),
        ),
    )


# The agenda


@login_required
@require_POST
def advance(request: SignedInRequest, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        return _outcome_again(request, meeting_id, item_id, form, "meetings:advance")
    outcome = form.cleaned_data["outcome"]
    return steer(
        request,
        meeting_id,
        lambda meeting, told: services.advance(meeting=meeting, to=item_of(meeting, item_id), outcome=outcome, **told),
    )


@login_required
@require_POST
def go_back(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    return steer(request, meeting_id, lambda meeting, told: services.go_back(meeting=meeting, **told))


@login_required
@require_POST
def remove_item(request: SignedInRequest, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    return steer(
        request, meeting_id, lambda meeting, told: services.remove_item(item=item_of(meeting, item_id), **told)
    )


@login_required
@require_POST
def note_outcome(request: SignedInRequest, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    form = OutcomeForm(request.POST)
    if not form.is_valid():
        return _outcome_again(request, meeting_id, item_id, form, "meetings:note_outcome")
    outcome = form.cleaned_data["outcome"]
    return steer(
        request,
        meeting_id,
        lambda meeting, told: services.note_outcome(item=item_of(meeting, item_id), outcome=outcome, **told),
    )


def _outcome_again(
    request: SignedInRequest, meeting_id: UUID, item_id: UUID, form: OutcomeForm, verb: str
) -> HttpResponse:
    """The outcome as it was typed, with what is wrong about it; in the cockpit in the place where it was typed."""
    meeting = meeting_run_by(request.user, meeting_id)
    context = {
        "assembly": meeting.assembly,
        "meeting": meeting,
        "form": form,
        "verb": verb,
        "item": item_of(meeting, item_id),
        "version": request.POST.get("version", ""),
        "on_agenda": _is_on_agenda(request),
    }
    if not request.htmx:
        return render(request, "meetings/outcome.html", context, status=422)
    answer = render(request, "meetings/_outcome_form.html", context, status=422)
    return reswap(retarget(answer, "#outcome"), "innerHTML")


# Votes


@login_required
@require_POST
def open_poll(request: SignedInRequest, meeting_id: UUID, poll_id: UUID) -> HttpResponse:
    return decide(
        request,
        meeting_id,
        lambda meeting, told: services.open_item_poll(item_poll=_run_here(meeting, poll_id), **told),
    )


@login_required
@require_POST
def close_poll(request: SignedInRequest, meeting_id: UUID, poll_id: UUID) -> HttpResponse:
    return decide(
        request,
        meeting_id,
        lambda meeting, told: services.close_item_poll(item_poll=_run_here(meeting, poll_id), **told),
    )


@login_required
@require_POST
def reveal_poll(request: SignedInRequest, meeting_id: UUID, poll_id: UUID) -> HttpResponse:
    return decide(
        request,
        meeting_id,
        lambda meeting, told: services.reveal_item_poll(item_poll=_run_here(meeting, poll_id), **told),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def void_poll(request: SignedInRequest, meeting_id: UUID, poll_id: UUID) -> HttpResponse:
    reason = request.POST.get("reason", "")

    def ending(meeting: Meeting) -> Ending:
        poll = item_poll_of(meeting, poll_id).poll
        takes_two = voting.takes_two(poll, "void")
        asked = voting.asked_to_void(poll) if takes_two else None
        lead = _(
            "A void vote decides nothing. Its ballots are kept, and everybody can read the reason."
            " You can put up a new vote."
        )
        if takes_two:
            lead += " " + _("The result was shown, so a second person must confirm it.")
        wish = Wish(asked.actor, asked.reason) if asked else None
        return Ending(_("Declare it void"), poll.question, lead, _("Declare it void"), wish)

    return end_with_reason(
        request,
        meeting_id,
        lambda meeting, told: services.void_item_poll(item_poll=_run_here(meeting, poll_id), reason=reason, **told),
        ending,
    )


@login_required
@require_POST
def remove_poll(request: SignedInRequest, meeting_id: UUID, poll_id: UUID) -> HttpResponse:
    return steer(
        request,
        meeting_id,
        lambda meeting, told: services.remove_poll(item_poll=item_poll_of(meeting, poll_id), **told),
    )


# The projector


@login_required
@require_POST
def blank(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    on = request.POST.get("on") == "1"
    return steer(request, meeting_id, lambda meeting, told: services.blank(meeting=meeting, on=on, **told))


def _run_here(meeting: Meeting, poll_id: UUID) -> ItemPoll:
    """The poll, where one facilitator alone runs it; two people run a secret one, each with a fresh proof."""
    held = item_poll_of(meeting, poll_id)
    if held.poll.is_secret:
        raise MeetingRefused(_("Two people open, close and show a secret vote. Do it on the page of the vote."))
    return held
