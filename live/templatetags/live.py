# SPDX-License-Identifier: AGPL-3.0-or-later
"""A page that follows a topic.

    {% load live %}
    {% live_topic meeting.topic as screen %}
    <div {{ screen.attributes }}>
      <section id="agenda" data-live-panel="agenda">{{ screen.panels.agenda }}</section>
    </div>
    {% include "components/_connection.html" %}

A panel holds exactly what the topic's render function gave, now and whenever a frame arrives. The page shows those
panels that it names and ignores the others. A form inside a panel writes {% live_csrf %} for {% csrf_token %}.
"""

from dataclasses import dataclass
from typing import Any

from django import template
from django.http import Http404
from django.middleware.csrf import get_token
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from live import frames, rights, versions

register = template.Library()

CSRF_FIELD = mark_safe('<input type="hidden" name="csrfmiddlewaretoken" value="">')


@dataclass(frozen=True)
class LivePage:
    """A topic as this page shows it first: the attributes of the element around it, and its panels."""

    attributes: SafeString
    panels: dict[str, SafeString]


@register.simple_tag(takes_context=True)
def live_topic(context: dict[str, Any], address: str) -> LivePage:
    """The topic as this viewer may see it; 404 where they may not, which the view should have said first."""
    request = context["request"]
    language = frames.language_of(translation.get_language())
    audience = rights.audience_of(address, rights.with_papers(request.user, request.session), language)
    if audience is None:
        raise Http404
    seq = versions.last_seen(address)  # before rendering, so that the page is at least as new as it says
    frame = frames.render(address, audience, seq)
    token = get_token(request)
    attributes = format_html(
        'data-live-topic="{}" data-live-seq="{}" data-live-language="{}" data-live-now="{}" data-live-csrf="{}"',
        *(address, seq, language, timezone.now().isoformat(), token),
    )
    field = CSRF_FIELD.replace('value=""', f'value="{token}"')
    # The topic's render function vouches for its HTML; the token is letters and digits.
    panels = {name: mark_safe(html.replace(CSRF_FIELD, field)) for name, html in frame.panels.items()}  # noqa: S308
    return LivePage(attributes, panels)


@register.simple_tag
def live_csrf() -> SafeString:
    """The form's protection inside a panel: the page fills in the viewer's own token, which no frame may carry."""
    return CSRF_FIELD
