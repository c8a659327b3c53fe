# SPDX-License-Identifier: AGPL-3.0-or-later
"""The desk at the door: who comes, steps out and leaves, who may vote, guests, passes and proxies."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

import assemblies.services as assemblies
from accounts.requests import SignedInRequest
from assemblies.refusals import AssemblyRefused
from assemblies.rights import CHECK_IN, ROLES_WITH, RUN_MEETINGS, may, membership_of, require
from live.templatetags.live import live_topic
from meetings import desk_list, passes, services
from meetings.access import meeting_at_the_desk_of, meeting_for
from meetings.coming_forms import ProxyForm, WalkInForm
from meetings.desk_list import Person
from meetings.models import AttendanceMode, AttendanceSource, Attendee, Meeting, MeetingState, Proxy
from meetings.services import MeetingRefused
from meetings.services.quorum import hear_of_voters

Act = Callable[[Meeting, Person], object]


@login_required
@require_GET
@never_cache
def desk(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """The list with its search; with htmx the list alone."""
    found = meeting_at_the_desk_of(request.user, meeting_id)
    if request.htmx:
        return render(request, "meetings/desk/_people.html", _list(request, found))
    return _page(request, found, WalkInForm())


def _page(request: SignedInRequest, meeting: Meeting, form: WalkInForm) -> HttpResponse:
    screen = live_topic({"request": request}, meeting.desk_topic)
    context = {
        "assembly": meeting.assembly,
        "screen": screen,
        "walk_in": form,
        "may_run": may(request.user, RUN_MEETINGS, meeting.assembly) and meeting.state != MeetingState.DRAFT,
        **_list(request, meeting),
    }
    return render(request, "meetings/desk.html", context, status=422 if form.is_bound else 200)


def _list(request: SignedInRequest, meeting: Meeting) -> dict[str, Any]:
    """What was searched for comes with every button, so that the list stays where it was."""
    asked = request.POST if request.method == "POST" else request.GET
    name, show, page = (asked.get(key, "").strip()[:200] for key in ("q", "show", "page"))
    show = show if show in (desk_list.HERE, desk_list.AWAY) else desk_list.EVERYBODY
    shown = desk_list.desk_list(meeting, name=name, show=show, page=page)
    return {
        "meeting": meeting,
        "shown": shown,
        "page": shown.page,
        "q": name,
        "show": show,
        "shows": [
            (desk_list.EVERYBODY, _("Everybody")),
            (desk_list.HERE, _("Here")),
            (desk_list.AWAY, _("Not here")),
        ],
    }


@login_required
@require_GET
@never_cache
def whole_list(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """Everybody on one page, to print, and to read when the connection is gone."""
    found = meeting_at_the_desk_of(request.user, meeting_id)
    context = {
        "assembly": found.assembly,
        "meeting": found,
        "people": desk_list.everybody(found),
        "at": timezone.now(),
    }
    return render(request, "meetings/desk/list.html", context)


@login_required
@require_POST
def check_in(request: SignedInRequest, meeting_id: UUID, person_id: UUID) -> HttpResponse:
    mode = _mode(request)

    def act(meeting: Meeting, person: Person) -> object:
        told: dict[str, Any] = {"mode": mode, "source": AttendanceSource.DESK, "actor": request.user}
        if person.membership is not None:
            return services.check_in(meeting=meeting, membership=person.membership, **told)
        return services.come_back(attendee=_seated(person), source=AttendanceSource.DESK, actor=request.user)

    return _at_desk(request, meeting_id, person_id, act)


@login_required
@require_POST
def step_out(request: SignedInRequest, meeting_id: UUID, person_id: UUID) -> HttpResponse:
    return _at_desk(
        request,
        meeting_id,
        person_id,
        lambda meeting, person: services.step_out(attendee=_seated(person), actor=request.user),
    )


@login_required
@require_POST
def come_back(request: SignedInRequest, meeting_id: UUID, person_id: UUID) -> HttpResponse:
    return _at_desk(
        request,
        meeting_id,
        person_id,
        lambda meeting, person: services.come_back(
            attendee=_seated(person), source=AttendanceSource.DESK, actor=request.user
        ),
    )


@login_required
@require_POST
def check_out(request: SignedInRequest, meeting_id: UUID, person_id: UUID) -> HttpResponse:
    return _at_desk(
        request,
        meeting_id,
        person_id,
        lambda meeting, person: services.check_out(attendee=_seated(person), actor=request.user),
    )


@login_required
@require_POST
def move(request: SignedInRequest, meeting_id: UUID, person_id: UUID) -> HttpResponse:
    mode = _mode(request)
    return _at_desk(
        request,
        meeting_id,
        person_id,
        lambda meeting, person: services.move(
            attendee=_seated(person), mode=mode, source=AttendanceSource.DESK, actor=request.user
        ),
    )


@login_required
@require_POST
def revoke(request: SignedInRequest, meeting_id: UUID, person_id: UUID) -> HttpResponse:
    reason = request.POST.get("reason", "")
    return _at_desk(
        request,
        meeting_id,
        person_id,
        lambda meeting, person: services.revoke(attendee=_seated(person), reason=reason, actor=request.user),
    )


@login_required
@require_POST
def excuse(request: SignedInRequest, meeting_id: UUID, person_id: UUID) -> HttpResponse:
    excused = request.POST.get("on") != "0"

    def act(meeting: Meeting, person: Person) -> object:
        if person.membership is None:
            raise MeetingRefused(_("Only members are excused. A guest simply does not come."))
        return services.excuse(meeting=meeting, membership=person.membership, excused=excused, actor=request.user)

    return _at_desk(request, meeting_id, person_id, act)


@login_required
@require_POST
def verify(request: SignedInRequest, meeting_id: UUID, person_id: UUID) -> HttpResponse:
    """The desk has seen that this member lives here; the quorum may count one voter more."""

    def act(meeting: Meeting, person: Person) -> object:
        if person.membership is None:
            raise MeetingRefused(_("A guest votes with a voter code. Give them a card."))
        member = assemblies.verify_member(membership=person.membership, actor=request.user)
        hear_of_voters(meeting)
        return member

    return _at_desk(request, meeting_id, person_id, act)


@login_required
@require_POST
def put_into_group(request: SignedInRequest, meeting_id: UUID, person_id: UUID) -> HttpResponse:
    """For who has no phone to say it themselves."""
    group = request.POST.get("group", "")[:40]
    return _at_desk(
        request,
        meeting_id,
        person_id,
        lambda meeting, person: services.choose_group(attendee=_seated(person), group=group),
    )


@login_required
@require_POST
def add_guest(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """Somebody without an account or a phone is there, under a name that the room knows."""
    found = meeting_at_the_desk_of(request.user, meeting_id)
    form = WalkInForm(request.POST)
    if form.is_valid():
        try:
            services.check_in_guest(
                meeting=found,
                handle=form.cleaned_data["handle"],
                source=AttendanceSource.DESK,
                actor=request.user,
            )
        except MeetingRefused as refusal:
            form.add_error("handle", str(refusal))
        else:
            messages.success(request, _("%(name)s is checked in as a guest.") % {"name": form.cleaned_data["handle"]})
            return redirect("meetings:desk", found.pk)
    return _page(request, found, form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def give_proxy(request: SignedInRequest, meeting_id: UUID, person_id: UUID) -> HttpResponse:
    """Who votes in the place of this member, by a paper that the desk has seen."""
    found = meeting_at_the_desk_of(request.user, meeting_id)
    person = _person(found, person_id)
    if person.membership is None:
        raise Http404
    form = ProxyForm(request.POST or None, meeting=found, giver=person.membership)
    if form.is_valid():
        try:
            services.give_proxy(meeting=found, giver=person.membership, actor=request.user, **form.cleaned_data)
        except MeetingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The proxy is noted. It sleeps while its giver is here."))
            return redirect(_back(request, found))
    context = {"assembly": found.assembly, "meeting": found, "person": person, "form": form}
    return render(request, "meetings/desk/proxy.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def revoke_proxy(request: SignedInRequest, meeting_id: UUID, proxy_id: UUID) -> HttpResponse:
    found = meeting_at_the_desk_of(request.user, meeting_id)
    proxy = get_object_or_404(Proxy.objects.select_related("meeting"), meeting=found, pk=proxy_id)
    return _answer(request, found, lambda: services.revoke_proxy(proxy=proxy, actor=request.user))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def open_pass(request: SignedInRequest, meeting_id: UUID, written: str) -> HttpResponse:
    """Whose pass was scanned, with one button that checks them in; its owner comes back to it."""
    found = meeting_for(request.user, meeting_id)
    own = membership_of(request.user, found.assembly)
    holder = passes.holder_of(found, written)
    if not ROLES_WITH[CHECK_IN](request.user, found.assembly):
        if holder is not None and holder == own and request.method != "POST":
            return redirect("meetings:my_pass", found.pk)
        raise PermissionDenied(_("Show this pass at the desk. The people there scan it."))
    require(request.user, CHECK_IN, found.assembly)
    context: dict[str, Any] = {"assembly": found.assembly, "meeting": found}
    if holder is None:
        return render(request, "meetings/desk/no_pass.html", context, status=404)
    if request.method == "POST":
        try:
            services.check_in(meeting=found, membership=holder, source=AttendanceSource.QR, actor=request.user)
        except MeetingRefused as refusal:
            context["refusal"] = str(refusal)
    context |= {"person": desk_list.person(found, holder.pk), "written": written}
    status = 409 if "refusal" in context else 200
    return render(request, "meetings/desk/pass.html", context, status=status)


def _at_desk(request: SignedInRequest, meeting_id: UUID, person_id: UUID, act: Act) -> HttpResponse:
    found = meeting_at_the_desk_of(request.user, meeting_id)
    person = _person(found, person_id)
    return _answer(request, found, lambda: act(found, person))


def _answer(request: SignedInRequest, meeting: Meeting, act: Callable[[], object]) -> HttpResponse:
    """Do it, and show the list as it is then; a refusal stands above it."""
    refusal = ""
    try:
        act()
    except (MeetingRefused, AssemblyRefused) as refused:
        refusal = str(refused)
    if request.htmx:
        context = {**_list(request, meeting), "refusal": refusal}
        return render(request, "meetings/desk/_people.html", context, status=409 if refusal else 200)
    if refusal:
        messages.error(request, refusal)
    return redirect(_back(request, meeting))


def _back(request: SignedInRequest, meeting: Meeting) -> str:
    kept = {key: request.POST[key][:200] for key in ("q", "show", "page") if request.POST.get(key)}
    address = reverse("meetings:desk", args=[meeting.pk])
    return f"{address}?{urlencode(kept)}" if kept else address


def _person(meeting: Meeting, person_id: UUID) -> Person:
    found = desk_list.person(meeting, person_id)
    if found is None:
        raise Http404
    return found


def _seated(person: Person) -> Attendee:
    if person.attendee is None:
        raise MeetingRefused(_("This person is not checked in."))
    return person.attendee


def _mode(request: SignedInRequest) -> AttendanceMode:
    typed = request.POST.get("mode", "")
    return AttendanceMode(typed) if typed in AttendanceMode.values else AttendanceMode.IN_ROOM
