"""Polls: everybody who may see the assembly reads them, who is in the register votes, who owns them runs them."""

from tests.make import make_open_poll, make_poll
from tests.permissions.rows import Args, Place, Row, TopicRow, row, topic
from voting import services
from voting.models import Poll

BALLOT = {"options": "a", "key": "a key for this ballot"}


def _poll(name: str) -> Args:
    return lambda place: [getattr(place, name).pk]


ROWS: list[Row] = [
    row("voting:rules", get="200"),
    row("voting:rule", args=lambda place: ["equal-shares"], in_assembly=False, get="200"),
    row("voting:rule", args=lambda place: ["no-such-rule"], in_assembly=False, label="unknown", get="404"),
    row("voting:poll", args=_poll("open_poll"), label="open", get="200"),
    row("voting:poll", args=_poll("published_poll"), label="published", get="200"),
    row("voting:poll", args=_poll("draft_poll"), label="draft", get="404"),
    row("voting:result", args=_poll("open_poll"), label="open", get="200"),
    row("voting:result", args=_poll("published_poll"), label="published", get="200"),
    row("voting:receipt", args=_poll("open_poll"), get="302 visitor=login"),
    row(
        "voting:review",
        args=_poll("open_poll"),
        post="200 visitor=login stranger,resident=403",
        data=lambda place: BALLOT,
    ),
    row(
        "voting:cast",
        args=_poll("open_poll"),
        post="302 visitor=login stranger,resident=403",
        data=lambda place: BALLOT,
    ),
    row("voting:close", args=_poll("open_poll"), post="403 visitor=login administrator=302"),
    row("voting:publish", args=_poll("counted_poll"), post="403 visitor=login administrator=302"),
    row(
        "voting:void",
        args=_poll("open_poll"),
        post="403 visitor=login administrator=302",
        data=lambda place: {"reason": "The question was wrong."},
    ),
]
TOPICS: list[TopicRow] = [topic("poll", id=lambda place: place.open_poll.pk, audience="public")]


def build(place: Place) -> None:
    """One poll in each state that a page looks at; the register holds the verified people."""
    voters = [person for person in place.people.values() if person.verified_at]
    place.draft_poll = make_poll(place.assembly)
    place.open_poll = make_open_poll(place.assembly, *voters)
    place.counted_poll = _closed(make_open_poll(place.assembly, *voters))
    place.published_poll = _closed(make_open_poll(place.assembly, *voters, published_at_close=True))


def _closed(poll: Poll) -> Poll:
    return services.close_poll(poll=poll, actor=None)
