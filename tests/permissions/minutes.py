"""Minutes: approved ones are for everybody who may see the meeting, drafts for secretaries and facilitators."""

from collections.abc import Callable, Sequence
from typing import Any

from meetings import services
from meetings.services import minutes as writing
from tests.meetings.evening import in_session
from tests.permissions.rows import Place, Row, TopicRow, row

WRITES = "403 visitor=login facilitator,secretary=302"
SEES_DESK = "403 visitor=login facilitator,secretary=200"


def of(name: str, *more: Any) -> Callable[[Place], Sequence[Any]]:
    """The meeting of this name in a place."""
    return lambda place: [getattr(place, name), *more]


ROWS: list[Row] = [
    row("meetings:minutes_list", args=lambda place: [place.assembly.slug], get="200"),
    row("meetings:minutes", args=of("approved_meeting"), label="approved", get="200"),
    row("meetings:minutes", args=of("drafted_meeting"), label="draft", get="200"),
    row("meetings:minutes_printed", args=of("approved_meeting"), label="approved", get="200"),
    row("meetings:minutes_printed", args=of("drafted_meeting"), label="draft", get="404 facilitator,secretary=200"),
    row("meetings:minutes_markdown", args=of("approved_meeting"), label="approved", get="200"),
    row("meetings:minutes_markdown", args=of("drafted_meeting"), label="draft", get="404 facilitator,secretary=200"),
    row("meetings:minutes_json", args=of("approved_meeting"), label="approved", get="200"),
    row("meetings:minutes_json", args=of("drafted_meeting"), label="draft", get="404"),
    row("meetings:draft_minutes", args=of("closed_meeting"), post=WRITES, data=lambda place: {"version": "0"}),
    row(
        "meetings:write_minutes",
        args=of("drafted_meeting"),
        get=SEES_DESK,
        post=WRITES,
        data=lambda place: {"version": "1", "text": "# Autumn"},
    ),
    row("meetings:minutes_versions", args=of("drafted_meeting"), get=SEES_DESK),
    row("meetings:minutes_version", args=of("drafted_meeting", 1), get=SEES_DESK),
    row("meetings:sign_minutes", args=of("drafted_meeting"), post=WRITES, data=lambda place: {"version": "1"}),
    row(
        "meetings:approve_minutes",
        args=of("signed_meeting"),
        get="403 visitor=login facilitator=200",
        post="403 visitor=login facilitator=302",
        data=lambda place: {"version": "1"},
    ),
]

TOPICS: list[TopicRow] = []


def build(place: Place) -> None:
    """A meeting that is closed, one with a draft, one with a signed draft and one whose minutes are approved."""
    closed, drafted, signed, approved = (
        services.adjourn(meeting=in_session(place.assembly), actor=None) for _each in range(4)
    )
    secretary, facilitator = place.people["secretary"].user, place.people["facilitator"].user
    for meeting in (drafted, signed, approved):
        writing.draft_minutes(meeting=meeting, actor=secretary)
    for meeting in (signed, approved):
        writing.sign_minutes(meeting=meeting, expected_version=1, actor=secretary)
    writing.approve_minutes(meeting=approved, expected_version=1, actor=facilitator)
    place.closed_meeting, place.drafted_meeting = closed.pk, drafted.pk
    place.signed_meeting, place.approved_meeting = signed.pk, approved.pk
