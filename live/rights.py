# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may watch what: asked when a screen connects and again while it watches."""

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user, get_user_model
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from live.frames import Audience
from live.topics import UnknownTopic, resolve

SessionStore = import_module(settings.SESSION_ENGINE).SessionStore

ReadPapers = Callable[[Sequence[Any]], Sequence[Any]]
_papers: list[ReadPapers] = []


@dataclass(frozen=True)
class Visitor:
    """Whose screen it is: a user's key and session, the session of somebody with papers, or nobody's."""

    user_key: Any = None
    session_key: str | None = None


def accept_papers(read: ReadPapers) -> None:
    """Whoever is not signed in may have papers in their session that let them watch.

    `read` is given many sessions at once and finds the papers in each, or None, in their order and with no more
    questions to the database for a hundred than for one. Topics find them as `papers` of the user. Called in
    AppConfig.ready().
    """
    if read not in _papers:
        _papers.append(read)


def with_papers(user: Any, session: Any) -> Any:
    """The user, who has the papers in this session by them where they are not signed in."""
    if not user.is_authenticated:
        (user.papers,) = _papers_in([session])
    return user


def _papers_in(sessions: Sequence[Any]) -> list[list[Any]]:
    """The papers in each of these sessions."""
    of_each_kind = [read(sessions) for read in _papers]
    return [[found[place] for found in of_each_kind if found[place] is not None] for place in range(len(sessions))]


def who(session_key: str | None) -> tuple[Any, Visitor]:
    """The user whose session this is, as Django's own pages would have it, and how the hub remembers them."""
    request = HttpRequest()
    request.session = SessionStore(session_key)
    return _as_visitor(with_papers(get_user(request), request.session), request.session)


def _as_visitor(user: Any, session: Any) -> tuple[Any, Visitor]:
    if user.is_authenticated:
        return user, Visitor(user.pk, session.session_key)
    return user, Visitor(None, session.session_key) if user.papers else Visitor()


Asked = tuple[str, str | None, str]  # the address of a topic, the key of a session, a language


def admit_all(asked: Sequence[Asked]) -> list[tuple[Visitor, Audience | None]]:
    """Who opens each of these sockets, and the audience they join; None where they may not watch.

    With no more questions to the database for a hundred than for a few; only who is signed in by a session that is no
    good any more, or was made for another password, costs one more.
    """
    known = _known_by({key for _, key, _ in asked if key})
    people = [known[key] if key else who(None) for _, key, _ in asked]
    by_address: dict[str, list[int]] = {}
    for place, (address, _, _) in enumerate(asked):
        by_address.setdefault(address, []).append(place)
    audiences: list[Audience | None] = [None] * len(asked)
    for address, places in by_address.items():
        for place, role in zip(places, _roles_of(address, [people[place][0] for place in places]), strict=True):
            audiences[place] = Audience(role, asked[place][2]) if role else None
    return [(visitor, audience) for (_, visitor), audience in zip(people, audiences, strict=True)]


def _known_by(keys: Iterable[str]) -> dict[str, tuple[Any, Visitor]]:
    """Who comes with each of these sessions, as `who` has it: a query for sessions, one for people, and their papers."""
    sessions = {key: SessionStore() for key in keys}  # as one that has ended, or never began
    for row in Session.objects.filter(pk__in=sessions.keys(), expire_date__gt=timezone.now()):
        session = sessions[row.pk] = SessionStore(row.pk)
        session._session_cache = row.get_decoded()
    signed_in = {key: session for key, session in sessions.items() if SESSION_KEY in session}
    strangers = {key: session for key, session in sessions.items() if SESSION_KEY not in session}
    return _strangers_with(strangers) | _signed_in_with(signed_in)


def _strangers_with(sessions: dict[str, Any]) -> dict[str, tuple[Any, Visitor]]:
    """Whoever has these sessions, in which nobody is signed in."""
    found = {}
    for (key, session), papers in zip(sessions.items(), _papers_in(list(sessions.values())), strict=True):
        user: Any = AnonymousUser()
        user.papers = papers
        found[key] = _as_visitor(user, session)
    return found


def _signed_in_with(sessions: dict[str, Any]) -> dict[str, tuple[Any, Visitor]]:
    """Who is signed in with each of these sessions.

    What Django's `get_user` asks, of all together; who is not found so is asked about by `get_user` itself. A session
    from before the secret was changed is as good, and unlike there it keeps its key: a socket has no way to give the
    browser a new one.
    """
    users = get_user_model()._default_manager.filter(is_active=True)
    people = {str(user.pk): user for user in users.filter(pk__in=_ids(sessions.values()))}
    found = {}
    for key, session in sessions.items():
        user = people.get(session[SESSION_KEY])
        known_backend = session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
        is_good = user is not None and known_backend and _is_valid(session, user)
        found[key] = _as_visitor(user, session) if is_good else who(key)
    return found


def _is_valid(session: Any, user: Any) -> bool:
    """Whether the session is of this password, by our secret or one that we had before."""
    written = session.get(HASH_SESSION_KEY, "")
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(written, each) for each in hashes)


def _ids(sessions: Iterable[Any]) -> set[Any]:
    """The keys of users that stand in these sessions, where they can be keys of users."""
    to_key = get_user_model()._meta.pk.to_python
    ids = set()
    for session in sessions:
        with contextlib.suppress(ValidationError):
            if (written := session.get(SESSION_KEY)) is not None:
                ids.add(to_key(written))
    return ids


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
    """The role of each visitor in each topic as it is now, asked of all together and of each person once."""
    asked = set(asked)
    users = get_user_model()._default_manager.in_bulk({visitor.user_key for _, visitor in asked} - {None})
    # Their papers may be gone, or somebody signed in with their session.
    strangers = _known_by({one.session_key for _, one in asked if one.user_key is None and one.session_key})
    people: dict[str, dict[Any, Any]] = {}
    for address, visitor in asked:
        there = people.setdefault(address, {})
        if _person(visitor) not in there:
            user = users.get(visitor.user_key, AnonymousUser())
            if visitor.user_key is None and visitor.session_key:
                user, _now = strangers[visitor.session_key]
            there[_person(visitor)] = user
    roles = {
        address: dict(zip(there, _roles_of(address, list(there.values())), strict=True))
        for address, there in people.items()
    }
    return {(address, visitor): roles[address][_person(visitor)] for address, visitor in asked}


def _roles_of(address: str, users: list[Any]) -> Sequence[str | None]:
    try:
        topic, id = resolve(address)
    except UnknownTopic:
        return [None] * len(users)
    return topic.roles_of(users, id)


def _person(visitor: Visitor) -> tuple[Any, str | None]:
    """A user is one person on all their devices; somebody with papers is one for each session."""
    return visitor.user_key, visitor.session_key if visitor.user_key is None else None
