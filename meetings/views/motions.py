# SPDX-License-Identifier: AGPL-3.0-or-later
"""Motions: the page of one with its changes, and the forms by which it is put forward, changed and ended."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import fresh_proof
from accounts.requests import Request, SignedInRequest
from assemblies.rights import RUN_MEETINGS, may
from meetings import services
from meetings.access import meeting_for, meeting_run_by
from meetings.decided import ShownAmendment, ShownMotion, shown_decisions
from meetings.decision_forms import AmendmentForm, EndMotionForm, MotionForm, motion_from_proposal
from meetings.models import Amendment, Decision, Meeting, Motion
from meetings.services import MeetingRefused
from meetings.services.runoffs import asked_to_void
from meetings.views.steering import Told, decide, proof_wanted, steer


@require_GET
def motion(request: Request, meeting_id: UUID, motion_id: UUID) -> HttpResponse:
    """The text that the room is asked to adopt, and every change with the words that it takes out and puts in."""
    found = meeting_for(request.user, meeting_id)
    return _page(request, found, _motion(found, motion_id))


def _page(request: Request, meeting: Meeting, motion: Motion, form: EndMotionForm | None = None) -> HttpResponse:
    amendments = []
    for amendment in motion.amendments.all():
        amendment.motion = motion
        amendments.append(ShownAmendment(amendment))
    made = Decision.objects.filter(meeting=meeting).with_lost_quorum()
    of_meeting = list(made.select_related("poll").order_by("number"))
    shown = ShownMotion(motion, amendments)
    may_run = may(request.user, RUN_MEETINGS, meeting.assembly)
    can_be_decided = may_run and shown.is_open and not meeting.is_over
    if form is None:
        form = EndMotionForm(initial=fresh_proof.typed_before(request, request.path) if can_be_decided else {})
    context = {
        "assembly": meeting.assembly,
        "meeting": meeting,
        "motion": motion,
        "shown": shown,
        "decisions": [
            one for one in shown_decisions(of_meeting, asked_to_void(meeting)) if one.decision.motion_id == motion.pk
        ],
        "may_run": may_run,
        "can_be_decided": can_be_decided,
        "form": form,
    }
    return render(request, "meetings/motion.html", context, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def put_motion(request: SignedInRequest, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    """A text for the room to adopt; one about a resident's proposal begins with its words."""
    found = meeting_run_by(request.user, meeting_id)
    item = get_object_or_404(found.items.select_related("proposal__author__user"), pk=item_id)
    item.meeting = found
    form = MotionForm(request.POST or None, initial=motion_from_proposal(item))
    if form.is_valid():
        try:
            made = services.put_motion(item=item, actor=request.user, **form.cleaned_data)
        except MeetingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _after(found, made)
    context = {"assembly": found.assembly, "meeting": found, "item": item, "form": form}
    return render(request, "meetings/put_motion.html", context, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def amend(request: SignedInRequest, meeting_id: UUID, motion_id: UUID) -> HttpResponse:
    """The text as somebody would rather have it."""
    found = meeting_run_by(request.user, meeting_id)
    motion = _motion(found, motion_id)
    form = AmendmentForm(request.POST or None, initial={"text": motion.current_text})
    if form.is_valid():
        try:
            services.amend(motion=motion, actor=request.user, **form.cleaned_data)
        except MeetingRefused as refusal:
            form.add_error("text", str(refusal))
        else:
            return redirect("meetings:motion", found.pk, motion.pk)
    context = {"assembly": found.assembly, "meeting": found, "motion": motion, "form": form}
    return render(request, "meetings/amend.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def end_motion(request: SignedInRequest, meeting_id: UUID, motion_id: UUID) -> HttpResponse:
    """The motion is taken back, handed on, or left without a decision."""
    found = meeting_run_by(request.user, meeting_id)
    motion = _motion(found, motion_id)
    form = EndMotionForm(request.POST)
    page = reverse("meetings:motion", args=[found.pk, motion.pk])
    if asked := proof_wanted(request, found, page, EndMotionForm.base_fields):
        return asked
    if form.is_valid():
        try:
            services.end_motion(motion=motion, actor=request.user, **form.cleaned_data)
        except MeetingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("meetings:motion", found.pk, motion.pk)
    return _page(request, found, motion, form)


@login_required
@require_POST
def agree(request: SignedInRequest, meeting_id: UUID, motion_id: UUID) -> HttpResponse:
    """Nobody objects: the motion, or one change to it, is adopted or dropped without a vote."""
    carried = request.POST.get("carried") != "0"

    def act(meeting: Meeting, told: Told) -> object:
        motion = _motion(meeting, motion_id)
        wanted = request.POST.get("amendment", "")
        amendment = next((one for one in motion.amendments.all() if str(one.pk) == wanted), None)
        if wanted and amendment is None:
            raise Http404
        return services.decide_by_agreement(motion=motion, amendment=amendment, carried=carried, **told)

    return decide(request, meeting_id, act)


@login_required
@require_POST
def withdraw_amendment(request: SignedInRequest, meeting_id: UUID, motion_id: UUID, amendment_id: UUID) -> HttpResponse:
    """Whoever wanted this change does not want it any more."""

    def act(meeting: Meeting, told: Told) -> object:
        motion = _motion(meeting, motion_id)
        amendment = get_object_or_404(
            Amendment.objects.select_related("motion__item__meeting"), motion=motion, pk=amendment_id
        )
        return services.withdraw_amendment(amendment=amendment, **told)

    return steer(request, meeting_id, act)


def _motion(meeting: Meeting, motion_id: UUID) -> Motion:
    found = Motion.objects.select_related("item").prefetch_related("amendments")
    motion = get_object_or_404(found, item__meeting=meeting, pk=motion_id)
    motion.item.meeting = meeting
    return motion


def _after(meeting: Meeting, motion: Motion) -> HttpResponse:
    if meeting.has_begun:
        return redirect("meetings:cockpit", meeting.pk)
    return redirect("meetings:motion", meeting.pk, motion.pk)
