# SPDX-License-Identifier: AGPL-3.0-or-later
"""What can be watched: each app registers its topics here, so that live needs to know no app."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

_topics: dict[str, "Topic"] = {}


class UnknownTopic(LookupError):
    """Nobody registered this topic, or its address is not written as one."""


@dataclass(frozen=True, kw_only=True)
class Topic:
    """One kind of thing that screens follow; `meeting/<uuid>` is the topic of one meeting.

    audience_of(user, id) names the group of viewers this user belongs to ("public", "attendee", "facilitator"),
    or None where the user may not watch or nothing has this id. Everybody in an audience sees the same, so what
    is personal never travels here. It is asked again every minute; on None the socket is closed.

    audiences_of(users, id) answers the same for many users, in their order, with no more questions to the database
    for a thousand of them than for one. Without it each is asked about by itself.

    state(id) is a short text that differs whenever anything that any audience sees differs: a cheap fingerprint,
    one or two queries (an event number and a turnout, for example). A frame is sent only when it has changed.

    render(id, audience, language) gives the inner HTML of every panel by name. It runs with that language active,
    outside any request. A first page load shows exactly this HTML too.

    All are called from threads, never from the event loop. A panel with a form writes `{% live_csrf %}`.

    A thing that looks different on different pages has a topic for each: with follows="meeting", whoever announces
    `meeting/<uuid>` tells the screens of this topic with the same id too.
    """

    name: str
    audience_of: Callable[[Any, UUID], str | None]
    state: Callable[[UUID], str]
    render: Callable[[UUID, str, str], Mapping[str, str]]
    follows: str = ""
    audiences_of: Callable[[Sequence[Any], UUID], Sequence[str | None]] | None = None

    def roles_of(self, users: Sequence[Any], id: UUID) -> Sequence[str | None]:
        """The audience of each of these users, asked about together where the topic can."""
        if self.audiences_of:
            return self.audiences_of(users, id)
        return [self.audience_of(user, id) for user in users]


def register(topic: Topic) -> None:
    """Screens can watch this kind of topic from now on. Called in AppConfig.ready()."""
    if _topics.setdefault(topic.name, topic) is not topic:
        raise ValueError(f"Two apps registered the live topic {topic.name!r}.")


def unregister(name: str) -> None:
    """Nobody can watch this kind of topic any more; tests clean up with it."""
    _topics.pop(name, None)


def registered() -> list[Topic]:
    """Every kind of topic, so that a test can visit them all."""
    return list(_topics.values())


def told_by(address: str) -> list[str]:
    """Every address whose screens hear of it when this one is announced: itself first."""
    name, _, id = address.partition("/")
    return [address, *(f"{topic.name}/{id}" for topic in _topics.values() if topic.follows == name)]


def resolve(address: str) -> tuple[Topic, UUID]:
    """The kind and the id that an address such as `meeting/<uuid>` speaks of; raises UnknownTopic."""
    name, _, written_id = address.partition("/")
    try:
        topic, id = _topics[name], UUID(written_id)
    except (KeyError, ValueError):
        raise UnknownTopic(address) from None
    if str(id) != written_id:  # one spelling, so that one thing has one topic
        raise UnknownTopic(address)
    return topic, id
