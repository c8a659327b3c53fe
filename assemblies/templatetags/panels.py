# SPDX-License-Identifier: AGPL-3.0-or-later
"""Frames: `{% panels "assembly.home" %}` shows what every app has to say on this page."""

from typing import Any

from django import template
from django.template.context import RequestContext
from django.utils.safestring import SafeString, mark_safe

from assemblies.panels import rendered

register = template.Library()


@register.simple_tag(takes_context=True)
def panels(context: RequestContext, frame: str, first: bool = False, **kwargs: Any) -> SafeString:
    """Every panel of the frame, in order; with `first=True` only the first that has something to show.

    Panels get the keyword arguments of the tag, and the page's assembly where it has one.
    """
    if "assembly" in context:
        kwargs.setdefault("assembly", context["assembly"])
    shown = rendered(frame, context["request"], kwargs)
    return mark_safe("\n".join(shown[:1] if first else shown))  # noqa: S308 - each panel rendered its own template
