# SPDX-License-Identifier: AGPL-3.0-or-later
"""The meetings of an assembly for the calendars of phones and computers."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.requests import Request
from assemblies.models import Assembly
from meetings import feeds
from meetings.calendar_file import calendar_file


@require_GET
def feed(request: Request, slug: str) -> HttpResponse:
    """The calendar of an assembly that this person may see: of a public one, everybody's."""
    return _feed(request, get_object_or_404(Assembly.objects.visible_to(request.user), slug=slug))


@require_GET
def member_feed(request: Request, slug: str, token: str) -> HttpResponse:
    """The same for a calendar that cannot sign in: the address is the member's own, until they leave."""
    assembly = feeds.assembly_for(slug, token)
    if assembly is None:
        raise Http404
    return _feed(request, assembly)


def _feed(request: Request, assembly: Assembly) -> HttpResponse:
    now = timezone.now()
    body = calendar_file(
        feeds.meetings_in_feed(assembly, at=now),
        link_of=lambda meeting: request.build_absolute_uri(meeting.get_absolute_url()),
        at=now,
        name=_("Meetings of %(assembly)s") % {"assembly": assembly.name},
    )
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="meetings.ics"'
    response["X-Robots-Tag"] = "noindex"
    patch_cache_control(response, private=True, max_age=600)
    return response
