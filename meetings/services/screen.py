# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the projector shows: it follows the meeting, and a facilitator can turn it elsewhere or dark."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from meetings.models import AgendaItem, ItemPoll, ItemState, Meeting, Scene
from voting.models import PollState

from .acts import MeetingRefused, clock, lock, record, refuse_when_over
from .before import before

ON_POLL_SCENE = (PollState.OPEN, PollState.CLOSING, PollState.COUNTED, PollState.WITHHELD)


@transaction.atomic
def set_scene(
    *,
    meeting: Meeting,
    scene: Scene,
    text: str = "",
    actor: User | None,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> Meeting:
    """The projector shows this scene, lit again if it was dark. A text given once is kept for the next time."""
    meeting = lock(meeting, expected_version=expected_version)
    refuse_when_over(meeting)
    poll = None
    if scene in (Scene.POLL, Scene.RESULT):
        states = ON_POLL_SCENE if scene == Scene.POLL else (PollState.PUBLISHED,)
        shown = ItemPoll.objects.filter(item__meeting=meeting, poll__state__in=states)
        last = shown.select_related("poll").order_by("-poll__opened_at").first()
        if last is None:
            raise MeetingRefused(
                _("No vote is open now.") if scene == Scene.POLL else _("No result has been revealed yet.")
            )
        poll = last.poll
    elif scene == Scene.ITEM and not AgendaItem.objects.filter(meeting=meeting, state=ItemState.CURRENT).exists():
        raise MeetingRefused(_("No item has been taken up yet."))
    text = text.strip() or meeting.scene_text
    if scene == Scene.TEXT and not text:
        raise MeetingRefused(_("Write the text that the projector should show."))
    record(
        meeting,
        "scene_set",
        actor=actor,
        at=clock(at),
        data={"scene": scene},
        undo=before(meeting),
        scene=scene,
        scene_poll=poll,
        scene_text=text,
        is_blanked=False,
    )
    return meeting


@transaction.atomic
def blank(
    *, meeting: Meeting, on: bool, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> Meeting:
    """The projector is dark, or shows its scene again."""
    meeting = lock(meeting, expected_version=expected_version)
    kind = "screen_blanked" if on else "screen_lit"
    record(meeting, kind, actor=actor, at=clock(at), undo=before(meeting), is_blanked=on)
    return meeting
