# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may watch what: asked when a screen connects and again while it watches."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user, get_user_model
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from live.frames import Audience
from live.topics import UnknownTopic, resolve

SessionStore = import_module(settings.SESSION_ENGINE).SessionStore

_papers: list[Callable[[Any], Any]] = []


@dataclass(frozen=True)
class Visitor:
    """Whose screen it is: a user's key and session, the session of somebody with papers, or nobody's."""

    user_key: Any = None
    session_key: str | None = None


def accept_papers(read: Callable[[Any], Any]) -> None:
    """Whoever is not signed in may have papers in their session that let them watch; `read` finds them, or None.

    Topics find them as `papers` of the user. Called in AppConfig.ready().
    """
    if read not in _papers:
        _papers.append(read)


def with_papers(user: Any, session: Any) -> Any:
    """The user, who has the papers in this session by them where they are not signed in."""
    if not user.is_authenticated:
        user.papers = [found for found in (read(session) for read in _papers) if found is not None]
    return user


def who(session_key: str | None) -> tuple[Any, Visitor]:
    """The user whose session this is, as Django's own pages would have it, and how the hub remembers them."""
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = with_papers(get_user(request), request.session)
    if user.is_authenticated:
        return user, Visitor(user.pk, session_key)
    return user, Visitor(None, session_key) if user.papers else Visitor()


def admit(address: str, session_key: str | None, language: str) -> tuple[Visitor, Audience | None]:
    """Who opens this socket, and the audience they join; None where they may not watch."""
    user, visitor = who(session_key)
    return visitor, audience_of(address, user, language)


def audience_of(address: str, user: Any, language: str) -> Audience | None:
    """The audience of this user in this topic; None where they may not watch or there is nothing to watch."""
    try:
        topic, id = resolve(address)
    except UnknownTopic:
        return None
    role = topic.audience_of(user, id)
    return Audience(role, language) if role else None


def signed_out(visitors: Iterable[Visitor]) -> set[Visitor]:
    """Those who signed in once but whose session has ended or whose account is closed: two queries for them all."""
    signed_in = {visitor for visitor in visitors if visitor.user_key is not None}
    if not signed_in:
        return set()
    sessions = Session.objects.filter(pk__in={each.session_key for each in signed_in}, expire_date__gt=timezone.now())
    valid_sessions = set(sessions.values_list("pk", flat=True))
    users = get_user_model()._default_manager.filter(pk__in={each.user_key for each in signed_in}, is_active=True)
    active_users = set(users.values_list("pk", flat=True))
    return {v for v in signed_in if v.session_key not in valid_sessions or v.user_key not in active_users}


def roles_now(asked: Iterable[tuple[str, Visitor]]) -> dict[tuple[str, Visitor], str | None]:
    """The role of each visitor in each topic as it is now, asked once per person however many screens they have."""
    asked = set(asked)
    users = get_user_model()._default_manager.in_bulk({visitor.user_key for _, visitor in asked} - {None})
    people: dict[str, dict[Any, Any]] = {}
    for address, visitor in asked:
        there = people.setdefault(address, {})
        if _person(visitor) not in there:
            user = users.get(visitor.user_key, AnonymousUser())
            if visitor.user_key is None and visitor.session_key:
                user, _now = who(visitor.session_key)  # the papers may be gone, or somebody signed in with this session
            there[_person(visitor)] = user
    roles = {address: _roles_of(address, there) for address, there in people.items()}
    return {(address, visitor): roles[address][_person(visitor)] for address, visitor in asked}


def _roles_of(address: str, people: dict[Any, Any]) -> dict[Any, str | None]:
    try:
        topic, id = resolve(address)
    except UnknownTopic:
        return dict.fromkeys(people)
    return dict(zip(people, topic.roles_of(list(people.values()), id), strict=True))


def _person(visitor: Visitor) -> tuple[Any, str | None]:
    """A user is one person on all their devices; somebody with papers is one for each session."""
    return visitor.user_key, visitor.session_key if visitor.user_key is None else None
