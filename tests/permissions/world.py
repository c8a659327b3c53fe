"""The world that the permission table is visited in: two places with people in every role."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.cookies import SimpleCookie
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from accounts.models import User
from assemblies.models import Assembly, Role
from tests.make import make_assembly, make_member
from tests.permissions import table
from tests.permissions.rows import (
    GUEST,
    LOGIN,
    METHODS,
    NOT_SIGNED_IN,
    RESIDENT,
    ROLES,
    STAFF,
    STRANGER,
    VERIFIED,
    VISITOR,
    Place,
    Row,
)
from voting import voters
from voting.models import Credential

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class World(SimpleNamespace):
    """Riverside, which everyone may see, the Harbour Co-op, which only its members may, and who visits."""

    riverside: Place
    harbour: Place
    sessions: dict[str, str]  # role -> session key of that person
    client: Client
    strict_client: Client  # minds CSRF tokens

    def person(self, role: str) -> Any:
        """The membership of whoever plays this role; the stranger is a resident of Harbour."""
        return self.harbour.people[RESIDENT] if role == STRANGER else self.riverside.people[role]


def build_world() -> World:
    world = World(
        riverside=build_place(make_assembly("Riverside")),
        harbour=build_place(make_assembly("Harbour Co-op", slug="harbour", is_public=False)),
        client=Client(),
        strict_client=Client(enforce_csrf_checks=True),
    )
    world.sessions = {role: sign_in(world.person(role).user) for role in ROLES if role not in NOT_SIGNED_IN}
    world.sessions[GUEST] = enter_code(world.riverside.guests_code)
    connection.check_constraints()  # here, or at the end of each test again
    return world


def build_place(assembly: Assembly) -> Place:
    people = {RESIDENT: make_member(assembly, "Resident", verified=False), VERIFIED: make_member(assembly, "Verified")}
    people |= {role: make_member(assembly, role.title(), Role(role)) for role in STAFF}
    place = Place(assembly=assembly, people=people)
    for module in table.MODULES:
        module.build(place)
    return place


def sign_in(user: User) -> str:
    """The key of a session in which this person is signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = BACKEND
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def enter_code(credential: Credential) -> str:
    """The key of a session in which this voter code is entered."""
    session = SessionStore()
    session[voters.IN_SESSION] = {"credential": str(credential.pk), "entry": str(credential.entry)}
    session.create()
    return str(session.session_key)


def client_of(world: World, role: str, *, enforce_csrf_checks: bool = False) -> Client:
    """The browser of this person. It is one browser all along, as making one costs more than a visit."""
    client = world.strict_client if enforce_csrf_checks else world.client
    client.cookies = SimpleCookie({settings.SESSION_COOKIE_NAME: world.sessions[role]} if role != VISITOR else {})
    return client


@contextmanager
def rolled_back() -> Iterator[None]:
    """Whatever happens inside leaves no trace in the database or in the rate limits."""
    block: Any = transaction.atomic()
    block._from_testcase = True  # as Django's TestCase does, so that a durable service may run inside
    with block:
        yield
        transaction.set_rollback(True)
    cache.clear()


def visit(
    world: World, row: Row, place: Place, role: str, method: str, *, enforce_csrf_checks: bool = False
) -> HttpResponseBase:
    """The answer to one real request, after which the world is as before."""
    with rolled_back():
        return ask(world, row, place, role, method, enforce_csrf_checks=enforce_csrf_checks)


def ask(
    world: World, row: Row, place: Place, role: str, method: str, *, enforce_csrf_checks: bool = False
) -> HttpResponseBase:
    """The answer to one real request, which may have changed the world."""
    url = reverse(row.name, args=row.args(place) if row.args else None)
    data = dict(row.data(place)) if row.data and method == "POST" else None
    client = client_of(world, role, enforce_csrf_checks=enforce_csrf_checks)
    response: HttpResponseBase = getattr(client, method.lower())(url, data)
    return response


def answer(response: HttpResponseBase) -> str:
    """The status, or `login` for a redirect to the sign-in page."""
    location = response.headers.get("Location", "")
    if response.status_code == 302 and location.partition("?")[0] == reverse(settings.LOGIN_URL):
        return LOGIN
    return str(response.status_code)


# In Harbour nobody from Riverside has a role, so whoever may least and whoever may most there stand for all of them.
FROM_OUTSIDE = (*NOT_SIGNED_IN, RESIDENT, "administrator")


def mismatches(world: World, row: Row, from_outside: Sequence[str] = FROM_OUTSIDE) -> list[str]:
    """Every cell of this row whose real answer is not the declared one."""
    visits = [(world.riverside, role, "") for role in ROLES]
    if row.in_assembly:
        visits += [(world.harbour, role, "foreign ") for role in from_outside]
        visits += [(world.harbour, STRANGER, "own private ")]
    wrong = []
    for place, role, kind in visits:
        for method in row.expected:
            if kind == "foreign ":
                allowed = {row.foreign[method][role]}
            else:  # the stranger is a resident of Harbour, where the row holds as it does in Riverside
                allowed = {row.expected[method][RESIDENT if kind else role]}
            wrong += mismatch(visit(world, row, place, role, method), allowed, f"{row}: {kind}{method} as {role}")
    with rolled_back():  # once for all: what is refused changes nothing
        for role in (VISITOR, "administrator"):  # the check of the method knows no roles
            allowed = {"405", LOGIN} if role in NOT_SIGNED_IN else {"405"}
            for method in METHODS:
                if method not in row.expected:
                    response = ask(world, row, world.riverside, role, method)
                    wrong += mismatch(response, allowed, f"{row}: {method} as {role}")
    return wrong


def mismatch(response: HttpResponseBase, allowed: set[str], cell: str) -> list[str]:
    """The sentence about this cell, if its answer is not allowed there."""
    found = answer(response)
    return [] if found in allowed else [f"{cell}: {found}, declared {' or '.join(sorted(allowed))}"]
