"""Rows of the permission table for live; the notation is explained in rows.py.

A frame by GET is the fallback of a socket, so it asks the same question as the topics of the other modules.
"""

from tests.permissions.rows import Place, Row, TopicRow, row


def frame(topic: str, name: str) -> Row:
    return row("live:frame", args=lambda place: [topic, getattr(place, name)], get=FRAMES[topic], label=topic)


FRAMES = {"meeting": "200", "cockpit": "404 facilitator=200"}
ROWS: list[Row] = [
    frame("meeting", "running_meeting"),
    frame("cockpit", "running_meeting"),
    row("live:frame", args=lambda place: ["nothing", place.assembly.pk], get="404", label="no such topic"),
]
TOPICS: list[TopicRow] = []


def build(place: Place) -> None:
    """What is watched was built by the modules before this one."""
