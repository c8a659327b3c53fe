# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a poll's own page shows to everybody who watches it, live."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string

from assemblies.models import Viewer
from live import Topic

from . import explanations, results
from .models import Poll


def audience_of(user: Viewer, poll_id: UUID) -> str | None:
    return "public" if Poll.objects.visible_to(user).filter(pk=poll_id).exists() else None


def state(poll_id: UUID) -> str:
    poll = Poll.objects.get(pk=poll_id)
    return f"{poll.state} {poll.is_stuck} {results.movement(poll)}"


def render(poll_id: UUID, audience: str, language: str) -> Mapping[str, str]:
    poll = Poll.objects.select_related("assembly", "register").prefetch_related("options").get(pk=poll_id)
    return {"state": render_to_string("voting/_state.html", state_of(poll))}


def state_of(poll: Poll) -> dict[str, Any]:
    """What the state panel of any page needs; totals only as far as the embargo lets them."""
    return {"poll": poll, "tally": results.running_tally(poll), "outcome": explanations.explain(poll)}


POLL_TOPIC = Topic(name="poll", audience_of=audience_of, state=state, render=render)
