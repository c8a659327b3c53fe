# SPDX-License-Identifier: AGPL-3.0-or-later
"""Counting hands: the facilitator asks for it, and two tellers enter what they see on their own phones."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import fresh_proof
from accounts.requests import SignedInRequest
from assemblies.rights import COUNT_HANDS, RUN_MEETINGS, may, require
from meetings import services
from meetings.access import item_of, meeting_for, meeting_run_by
from meetings.decision_forms import HandCountForm, HandsForm
from meetings.models import HandCount, Meeting
from meetings.services import MeetingRefused, TwoCounts
from meetings.services.runoffs import question_about
from meetings.views import steering
from meetings.views.votes import matter_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def count_hands(request: SignedInRequest, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    """A question to which people raise their hands."""
    found = meeting_run_by(request.user, meeting_id)
    item = item_of(found, item_id)
    page = request.get_full_path()
    if to_proof := steering.proof_wanted(request, found, page, HandCountForm.base_fields):
        return to_proof
    motion, amendment = matter_of(item, request.GET)
    question = question_about(motion, amendment) if motion else item.title
    typed = fresh_proof.typed_before(request, page)
    form = HandCountForm(request.POST or None, initial={"question": question[:200], **typed})
    if form.is_valid():
        asked = {name: form.cleaned_data[name] for name in ("question", "threshold", "is_straw", "one_teller")}
        try:
            services.open_hand_count(item=item, motion=motion, amendment=amendment, actor=request.user, **asked)
        except MeetingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("meetings:cockpit", found.pk)
    context = {
        "assembly": found.assembly,
        "meeting": found,
        "item": item,
        "form": form,
        "query": request.GET.urlencode(),
    }
    return render(request, "meetings/count_hands.html", context, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def hands(request: SignedInRequest, meeting_id: UUID, count_id: UUID) -> HttpResponse:
    """Where a teller enters what they counted. Nobody sees the numbers of the other before both agree."""
    found = meeting_for(request.user, meeting_id)
    require(request.user, COUNT_HANDS, found.assembly)
    count = _count(found, count_id)
    if count.closed_at is None and (
        to_proof := steering.proof_wanted(request, found, request.path, HandsForm.base_fields)
    ):
        return to_proof  # before anything is typed: the room waits for what a teller counted
    typed = fresh_proof.typed_before(request, request.path) if count.closed_at is None else {}
    form = HandsForm(request.POST or None, initial=typed)
    if form.is_valid():
        try:
            services.enter_hands(hand_count=count, counted=form.counted, teller=request.user)
        except MeetingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("meetings:hands", found.pk, count.pk)
    context = {"assembly": found.assembly, "meeting": found, "form": form, **_state(request, _count(found, count_id))}
    return render(request, "meetings/hands.html", context, status=422 if form.is_bound else 200)


def _state(request: SignedInRequest, count: HandCount) -> dict[str, object]:
    """What this teller may know of the count."""
    mine = count.first if count.first_teller_id == request.user.pk else None
    if mine is None and count.second_teller_id == request.user.pk:
        mine = count.second
    differ = count.first is not None and count.second is not None and count.first != count.second
    return {
        "count": count,
        "mine": mine,
        "told": (
            TwoCounts.DIFFERENT if differ else TwoCounts.WAIT if mine and count.closed_at is None else TwoCounts.SAME
        ).value,
        "decision": count.decisions.order_by("number").first() if count.closed_at else None,
        "counts_twice": count.one_teller and count.first is not None and count.second is None,
        "may_run": may(request.user, RUN_MEETINGS, count.item.meeting.assembly),
    }


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def stop_hands(request: SignedInRequest, meeting_id: UUID, count_id: UUID) -> HttpResponse:
    """The count ends without a decision."""
    reason = request.POST.get("reason", "")
    return steering.end_with_reason(
        request,
        meeting_id,
        lambda meeting, told: services.stop_hand_count(hand_count=_count(meeting, count_id), reason=reason, **told),
        lambda meeting: steering.Ending(
            _("Stop the count"), _count(meeting, count_id).question, _("This cannot be undone."), _("Stop it")
        ),
    )


def _count(meeting: Meeting, count_id: UUID) -> HandCount:
    found = HandCount.objects.select_related("item__meeting__assembly", "motion", "amendment")
    return get_object_or_404(found, item__meeting=meeting, pk=count_id)
