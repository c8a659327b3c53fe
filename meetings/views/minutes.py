# SPDX-License-Identifier: AGPL-3.0-or-later
"""Minutes: approved ones for everybody who may see the meeting, drafts for those who write and approve them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import fresh_proof
from accounts.requests import Request, SignedInRequest
from assemblies.differences import differences
from assemblies.models import Assembly, Viewer
from assemblies.rights import AUDIT, RUN_MEETINGS, WRITE_MINUTES, may, require
from meetings import event_words
from meetings.access import meeting_for
from meetings.minutes import files, markdown
from meetings.minutes_forms import ApprovalForm, MinutesForm, VersionForm
from meetings.models import HELD, Meeting, MeetingEvent, MeetingState, Minutes
from meetings.services import MeetingRefused
from meetings.services import minutes as services
from meetings.views.steering import proof_wanted

MINUTES_ON_A_PAGE = 20


@require_GET
@never_cache
def minutes(request: Request, meeting_id: UUID) -> HttpResponse:
    """The minutes as they stand, with what can be done about them next."""
    meeting = meeting_for(request.user, meeting_id)
    last = _readable(request.user, meeting)
    may_write = may(request.user, WRITE_MINUTES, meeting.assembly)
    context = {
        "assembly": meeting.assembly,
        "meeting": meeting,
        "minutes": last,
        "html": markdown.render(last.text) if last else "",
        "corrections": files.corrections_of(last) if last else [],
        "may_write": may_write,
        "may_approve": _may_approve(request.user, meeting),
        "is_held": meeting.state in HELD,
        "sees_all": may_write or may(request.user, AUDIT, meeting.assembly),
    }
    return render(request, "meetings/minutes/minutes.html", context)


@require_GET
@never_cache
def printed(request: Request, meeting_id: UUID) -> HttpResponse:
    """Nothing but the minutes, as they go on paper."""
    meeting = meeting_for(request.user, meeting_id)
    last = _readable(request.user, meeting)
    if last is None:
        raise Http404
    context = {
        "assembly": meeting.assembly,
        "meeting": meeting,
        "minutes": last,
        "html": markdown.render(last.text),
        "corrections": files.corrections_of(last),
    }
    return render(request, "meetings/minutes/printed.html", context)


@require_GET
@never_cache
def as_markdown(request: Request, meeting_id: UUID) -> HttpResponse:
    """The minutes as a text that every computer opens."""
    meeting = meeting_for(request.user, meeting_id)
    last = _readable(request.user, meeting)
    if last is None:
        raise Http404
    return _file(files.as_markdown(last), "text/markdown; charset=utf-8", f"{_file_name(meeting)}.md")


@require_GET
@never_cache
def as_json(request: Request, meeting_id: UUID) -> HttpResponse:
    """The record with its digest; who came when, and who asked to speak, is in the file of those who run and audit."""
    meeting = meeting_for(request.user, meeting_id)
    approved = _approved(meeting)
    if approved is None:
        raise Http404
    is_staff = may(request.user, WRITE_MINUTES, meeting.assembly) or may(request.user, AUDIT, meeting.assembly)
    return _file(files.as_json(approved, whole=is_staff), "application/json", f"{_file_name(meeting)}.json")


@require_GET
def minutes_list(request: Request, slug: str) -> HttpResponse:
    """The minutes of all meetings of an assembly, the newest first."""
    assembly = get_object_or_404(Assembly.objects.visible_to(request.user), slug=slug)
    may_write = may(request.user, WRITE_MINUTES, assembly)
    of_assembly = Meeting.objects.filter(assembly=assembly, rehearses=None)
    approved = Minutes.objects.filter(meeting__in=of_assembly, approved_at__isnull=False)
    page = Paginator(
        approved.select_related("meeting").defer("text").order_by("-meeting__starts_at", "pk"), MINUTES_ON_A_PAGE
    ).get_page(request.GET.get("page"))
    waiting = of_assembly.filter(state__in=[MeetingState.ADJOURNED, MeetingState.MINUTES_DRAFT])
    context = {
        "assembly": assembly,
        "page": page,
        "waiting": waiting.order_by("-starts_at", "pk") if may_write else (),
    }
    return render(request, "meetings/minutes/list.html", context)


# Writing


@login_required
@require_POST
def draft(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """A new version from what happened; the editor opens on it."""
    meeting = _written_by(request.user, meeting_id)
    form = VersionForm(request.POST)
    expected = form.cleaned_data["version"] if form.is_valid() else None
    try:
        services.draft_minutes(meeting=meeting, actor=request.user, expected_version=expected)
    except services.StaleMinutes:
        messages.info(request, _("Somebody else began these minutes a moment ago. This is their version."))
    except MeetingRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("meetings:minutes", meeting.pk)
    return redirect("meetings:write_minutes", meeting.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def write(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """The text, and beside it everything that happened."""
    meeting = _written_by(request.user, meeting_id)
    last = services.last_version(meeting)
    if last is None or meeting.state != MeetingState.MINUTES_DRAFT:
        if request.method == "POST":
            messages.error(request, _("These minutes are not being written now."))
        return redirect("meetings:minutes", meeting.pk)
    form = MinutesForm(request.POST or None, initial={"text": last.text, "version": last.version})
    status = 200
    context: dict[str, Any] = {"preview": "", "changes": []}
    if request.method == "POST":
        status = 422
        if form.is_valid() and "preview" in request.POST:
            status, context["preview"] = 200, markdown.render(form.cleaned_data["text"])
        elif form.is_valid():
            try:
                saved = services.save_minutes(
                    meeting=meeting,
                    text=form.cleaned_data["text"],
                    expected_version=form.cleaned_data["version"],
                    actor=request.user,
                )
            except services.StaleMinutes:
                status = 409
                last = services.last_version(meeting) or last
                context["changes"] = differences(last.text, form.cleaned_data["text"].replace("\r\n", "\n"))
                form = MinutesForm({"text": form.cleaned_data["text"], "version": last.version})
            except MeetingRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("Saved as version %(n)d.") % {"n": saved.version})
                return redirect("meetings:write_minutes", meeting.pk)
    context |= {
        "assembly": meeting.assembly,
        "meeting": meeting,
        "minutes": last,
        "form": form,
        "is_stale": status == 409,
        "events": event_words.fold(event_words.told(meeting)),
        "groups": event_words.GROUPS.items(),
        "happened_since": _happened_since_the_draft(meeting),
    }
    return render(request, "meetings/minutes/write.html", context, status=status)


@login_required
@require_GET
@never_cache
def versions(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """Every version that was saved, with who wrote it."""
    meeting = _written_by(request.user, meeting_id)
    saved = Minutes.objects.filter(meeting=meeting).select_related("written_by", "signed_by", "approved_by")
    context = {"assembly": meeting.assembly, "meeting": meeting, "versions": saved.defer("text").order_by("-version")}
    return render(request, "meetings/minutes/versions.html", context)


@login_required
@require_GET
@never_cache
def version(request: SignedInRequest, meeting_id: UUID, number: int) -> HttpResponse:
    """One version, and what it changed in the one before."""
    meeting = _written_by(request.user, meeting_id)
    found = get_object_or_404(Minutes.objects.select_related("written_by"), meeting=meeting, version=number)
    before = Minutes.objects.filter(meeting=meeting, version=number - 1).first()
    context = {
        "assembly": meeting.assembly,
        "meeting": meeting,
        "minutes": found,
        "changes": differences(before.text if before else "", found.text),
        "has_earlier": before is not None,
    }
    return render(request, "meetings/minutes/version.html", context)


# Signing and approving


@login_required
@require_POST
def sign(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """I stand for it that this version is right."""
    meeting = _written_by(request.user, meeting_id)
    form = VersionForm(request.POST)
    expected = form.cleaned_data["version"] if form.is_valid() else 0
    try:
        services.sign_minutes(meeting=meeting, expected_version=expected, actor=request.user)
    except services.StaleMinutes:
        messages.error(request, _("Somebody saved another version. Read it, then sign."))
    except MeetingRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Signed. Now somebody else approves the minutes."))
    return redirect("meetings:minutes", meeting.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def approve(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """What approving means, the list of corrections, and the button. Whoever comes shows that it is still them."""
    meeting = meeting_for(request.user, meeting_id)
    if not _may_approve(request.user, meeting):
        require(request.user, RUN_MEETINGS, meeting.assembly)
    if asked := proof_wanted(request, meeting, request.path, ["corrections"]):
        return asked
    last = services.last_version(meeting)
    if last is None or meeting.state != MeetingState.MINUTES_DRAFT:
        return redirect("meetings:minutes", meeting.pk)
    typed = fresh_proof.typed_before(request, request.path)
    form = ApprovalForm(request.POST or None, initial={"version": last.version, **typed})
    status = 422 if request.method == "POST" else 200
    if form.is_valid():
        try:
            services.approve_minutes(
                meeting=meeting,
                expected_version=form.cleaned_data["version"],
                corrections=form.cleaned_data["corrections"],
                actor=request.user,
            )
        except services.StaleMinutes:
            status = 409
            form.add_error(None, _("Somebody saved another version. Read it first: it has to be signed again."))
        except MeetingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The minutes are approved. Everybody who was there gets a mail."))
            return redirect("meetings:minutes", meeting.pk)
    context = {
        "assembly": meeting.assembly,
        "meeting": meeting,
        "minutes": last,
        "form": form,
        "is_alone": last.signed_by_id == request.user.pk and services.is_alone(meeting, request.user),
    }
    return render(request, "meetings/minutes/approve.html", context, status=status)


def _written_by(user: Viewer, meeting_id: UUID) -> Meeting:
    """The meeting, if this person may write its minutes."""
    meeting = meeting_for(user, meeting_id)
    require(user, WRITE_MINUTES, meeting.assembly)
    return meeting


def _may_approve(user: Viewer, meeting: Meeting) -> bool:
    """Whether this person led the meeting or runs meetings here."""
    chair = meeting.chair
    is_chair = chair is not None and user.is_authenticated and chair.user_id == user.pk and chair.left_at is None
    return is_chair or may(user, RUN_MEETINGS, meeting.assembly)


def _readable(user: Viewer, meeting: Meeting) -> Minutes | None:
    """The approved version; before there is one, the last draft for those who write or approve it."""
    if meeting.state == MeetingState.MINUTES_APPROVED:
        return _approved(meeting)
    if may(user, WRITE_MINUTES, meeting.assembly) or _may_approve(user, meeting):
        return services.last_version(meeting)
    return None


def _approved(meeting: Meeting) -> Minutes | None:
    found = Minutes.objects.filter(meeting=meeting, approved_at__isnull=False)
    return found.select_related("meeting", "signed_by", "approved_by").first()


def _happened_since_the_draft(meeting: Meeting) -> int:
    """How much happened that the draft cannot tell: a vote that was declared void afterwards, for example."""
    events = MeetingEvent.objects.filter(meeting=meeting)
    drafted = events.filter(kind="minutes_drafted").order_by("-seq").values_list("seq", flat=True).first() or 0
    return events.filter(seq__gt=drafted).exclude(kind__startswith="minutes_").count()


def _file(content: str | bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


def _file_name(meeting: Meeting) -> str:
    day: Any = meeting.called_to_order_at or meeting.starts_at
    return f"minutes-{meeting.assembly.slug}-{day:%Y-%m-%d}"
