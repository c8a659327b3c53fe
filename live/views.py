# SPDX-License-Identifier: AGPL-3.0-or-later
"""The same frames by GET, for screens whose network blocks sockets."""

from hashlib import sha256

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from live import frames, rights, versions


@require_safe
def frame(request: HttpRequest, name: str, id: str) -> HttpResponse:
    """The newest frame of a topic, or 304 when the page has it already."""
    address = f"{name}/{id}"
    user = rights.with_papers(request.user, request.session)
    audience = rights.audience_of(address, user, frames.language_of(request.GET.get("language")))
    if audience is None:
        raise Http404
    seq = versions.bring_up_to_date(address)
    etag = f'"{seq}-{sha256(str(audience).encode()).hexdigest()[:16]}"'
    if request.headers.get("If-None-Match", "").removeprefix("W/") == etag:  # a proxy that compresses makes it weak
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(frames.kept(address, audience, seq).text(), content_type="application/json")
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-store"  # live.js keeps the ETag; no cache keeps a person's page
    return response
