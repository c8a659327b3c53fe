# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages before and after a meeting: the list, the public page, and the agenda as facilitators write it."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accounts.requests import Request, SignedInRequest
from assemblies.models import Assembly
from assemblies.rights import RUN_MEETINGS, may, membership_of, require
from meetings import feeds, services
from meetings.access import item_of, meeting_for, meeting_run_by
from meetings.calendar_file import calendar_file
from meetings.editing import conflict_of, expected_version
from meetings.forms import ItemForm, MeetingForm
from meetings.models import AgendaItem, Meeting
from meetings.services import MeetingRefused, StaleClick
from meetings.situation import look

MEETINGS_ON_A_PAGE = 20


@require_GET
def meetings(request: Request, slug: str) -> HttpResponse:
    """What is planned, and what was decided when."""
    assembly = get_object_or_404(Assembly.objects.visible_to(request.user), slug=slug)
    of_assembly = Meeting.objects.filter(assembly=assembly)
    may_run = may(request.user, RUN_MEETINGS, assembly)
    page = Paginator(of_assembly.over(), MEETINGS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "assembly": assembly,
        "may_run": may_run,
        "drafts": of_assembly.drafts() if may_run else (),
        "ahead": of_assembly.ahead(),
        "page": page,
        "feed": _feed_of(request, assembly),
    }
    return render(request, "meetings/meetings.html", context)


def _feed_of(request: Request, assembly: Assembly) -> str:
    """The address of the assembly's calendar: everybody's where it is public, else the member's own."""
    if assembly.is_public:
        return request.build_absolute_uri(reverse("meetings:feed", args=[assembly.slug]))
    membership = membership_of(request.user, assembly)
    if membership is None:
        return ""
    own = reverse("meetings:member_feed", args=[assembly.slug, feeds.token_of(membership)])
    return request.build_absolute_uri(own)


@require_GET
def meeting(request: Request, meeting_id: UUID) -> HttpResponse:
    """Everything the public may read: time and place, the agenda, and what was decided."""
    found = meeting_for(request.user, meeting_id)
    context = {
        "assembly": found.assembly,
        "meeting": found,
        "now": look(found.pk),
        "may_run": may(request.user, RUN_MEETINGS, found.assembly),
        "reason": _reason(found),
    }
    return render(request, "meetings/meeting.html", context)


def _reason(meeting: Meeting) -> str:
    """Why the meeting was called off; empty when it was not."""
    called_off = meeting.events.filter(kind="cancelled").first()
    return str(called_off.data["reason"]) if called_off else ""


@require_GET
def calendar(request: Request, meeting_id: UUID) -> HttpResponse:
    """The meeting for the calendar of a phone or computer."""
    found = meeting_for(request.user, meeting_id)
    link = request.build_absolute_uri(found.get_absolute_url())
    response = HttpResponse(
        calendar_file([found], link_of=lambda _meeting: link, at=timezone.now()),
        content_type="text/calendar; charset=utf-8",
    )
    response["Content-Disposition"] = 'attachment; filename="meeting.ics"'
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: SignedInRequest, slug: str) -> HttpResponse:
    """A new meeting in draft; its agenda comes next."""
    assembly = get_object_or_404(Assembly.objects.visible_to(request.user), slug=slug)
    require(request.user, RUN_MEETINGS, assembly)
    form = MeetingForm(request.POST or None)
    if form.is_valid():
        made = services.create_meeting(assembly=assembly, actor=request.user, **form.cleaned_data)
        return redirect("meetings:agenda", made.pk)
    context = {"assembly": assembly, "form": form}
    return render(request, "meetings/create.html", context, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """Title, place, text, time and quorum."""
    found = meeting_run_by(request.user, meeting_id)
    form = MeetingForm(request.POST or None, instance=found)
    status, version = 422 if form.is_bound else 200, expected_version(request) or found.version
    if form.is_valid():
        try:
            services.edit_meeting(
                meeting=found, actor=request.user, expected_version=expected_version(request), **form.cleaned_data
            )
        except StaleClick:
            status, version = 409, conflict_of(form, found)
        except MeetingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("meetings:agenda", found.pk)
    context = {"assembly": found.assembly, "meeting": found, "form": form, "version": version, "status": status}
    return render(request, "meetings/edit.html", context, status=status)


@login_required
@require_GET
def agenda(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """The agenda as it is being written, with the votes that wait under its items."""
    found = meeting_run_by(request.user, meeting_id)
    context = {
        "assembly": found.assembly,
        "meeting": found,
        "now": look(found.pk),
        "left_over": _left_over(found),
    }
    return render(request, "meetings/agenda.html", context)


def _left_over(meeting: Meeting) -> dict[Meeting, list[AgendaItem]]:
    """What earlier meetings did not finish and no meeting took in, by meeting."""
    if meeting.is_over:
        return {}
    found: dict[Meeting, list[AgendaItem]] = {}
    for item in services.left_over_for(meeting).select_related("meeting").order_by("-meeting__starts_at", "position"):
        found.setdefault(item.meeting, []).append(item)
    return found


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add_item(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """One more item at the end of the agenda."""
    found = meeting_run_by(request.user, meeting_id)
    form = ItemForm(request.POST or None, meeting=found)
    if form.is_valid():
        try:
            item = services.add_item(meeting=found, actor=request.user, **form.cleaned_data)
        except MeetingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return back_to_agenda(item)
    context = {"assembly": found.assembly, "meeting": found, "form": form}
    return render(request, "meetings/item.html", context, status=422 if form.is_bound else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_item(request: SignedInRequest, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    """What the item says and how long it takes."""
    found = meeting_run_by(request.user, meeting_id)
    item = item_of(found, item_id)
    form = ItemForm(request.POST or None, instance=item, meeting=found)
    status, version = 422 if form.is_bound else 200, expected_version(request) or found.version
    if form.is_valid():
        try:
            services.edit_item(
                item=item, actor=request.user, expected_version=expected_version(request), **form.cleaned_data
            )
        except StaleClick:
            status, version = 409, conflict_of(form, found)
        except MeetingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return back_to_agenda(item)
    context = {
        "assembly": found.assembly,
        "meeting": found,
        "item": item,
        "form": form,
        "version": version,
        "status": status,
    }
    return render(request, "meetings/item.html", context, status=status)


def back_to_agenda(item: AgendaItem) -> HttpResponse:
    """The agenda, at the item where one was."""
    return redirect(f"{reverse('meetings:agenda', args=[item.meeting_id])}#item-{item.pk}")
