"""Every write in every step of the calendar by every role: by its address and by its service. No cell is wrong.

The table stands in phases_table.py, with how to add a line.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import Http404
from django.template.backends.django import Template
from django.test import RequestFactory
from django.urls import resolve, reverse
from django.utils import timezone
from django_htmx.middleware import HtmxDetails
from pytest_django import DjangoDbBlocker

from assemblies.models import Membership, Role
from proposals import services
from proposals.models import Cycle, Phase
from proposals.photo_files import Picture
from proposals.refusals import CycleRefused
from tests.make import make_assembly, make_member
from tests.permissions import proposals as permissions
from tests.permissions import voting as voting_permissions
from tests.permissions.rows import GUEST, NOT_SIGNED_IN, RESIDENT, ROLES, STAFF, VERIFIED, Place
from tests.permissions.world import World, answer, enter_code, rolled_back, sign_in
from tests.proposals.phases_table import NOT_A_WRITE, NOT_BY_HAND, WRITES
from tests.proposals.phases_words import AFTER, BEFORE, COLUMNS, Kind, Write, address
from tests.proposals.phases_world import build

pytestmark = pytest.mark.django_db

TAKEN_POSTS = {row.name for row in permissions.ROWS if "POST" in row.expected}
WRITING = re.compile(
    r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?((?:proposals|voting|ledger)_\w+|accounts_user\b)', re.IGNORECASE
)
LOCKING = re.compile(r'FROM "?proposals_cycle\b.*FOR (?:SHARE|UPDATE|NO KEY UPDATE)')


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """Riverside with everything that can be written about, people in every role, and a stranger."""
    with django_db_blocker.unblock(), rolled_back(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("accounts.fresh_proof.is_there", lambda request, user, **_for: True)
        patch.setattr("proposals.views.project_photos.make_picture", lambda sent: Picture(sent, sent, 1, 1))
        place = Place(assembly=make_assembly("Riverside"), people={})
        place.people = {
            RESIDENT: make_member(place.assembly, "Resident", verified=False),
            VERIFIED: make_member(place.assembly, "Verified"),
            **{role: make_member(place.assembly, role.title(), Role(role)) for role in STAFF},
        }
        voting_permissions.build(place)
        build(place)
        elsewhere = Place(people={RESIDENT: make_member(make_assembly("Harbour Co-op", slug="harbour"), "Chidi")})
        made = World(riverside=place, harbour=elsewhere, factory=RequestFactory())
        made.sessions = {role: sign_in(made.person(role).user) for role in ROLES if role not in NOT_SIGNED_IN}
        made.sessions[GUEST] = enter_code(place.guests_code)
        give_every_step_to(Cycle.objects.filter(assembly=place.assembly))
        go_to(Kind.ACCEPTING)
        connection.check_constraints()
        yield made


def give_every_step_to(cycles: Any) -> None:
    Phase.objects.filter(cycle__in=cycles).delete()
    moment = timezone.now()
    Phase.objects.bulk_create(
        Phase(cycle=cycle, kind=kind, position=place, starts_at=moment + timedelta(days=place))
        for cycle in cycles
        for place, kind in enumerate(Kind.values)
    )


def go_to(step: str) -> None:
    """Every calendar is at this step, five days after it began; the last step stays open until it is over."""
    place = COLUMNS.index(step) - 1
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE proposals_phase SET enabled = true,"
            " starts_at = %(now)s + (position - %(place)s) * interval '10 days' - interval '5 days',"
            " ends_at = CASE WHEN position = %(last)s AND NOT %(over)s THEN NULL"
            " ELSE %(now)s + (position - %(place)s) * interval '10 days' + interval '5 days' END",
            {"now": timezone.now(), "place": place, "last": len(Kind) - 1, "over": step == AFTER},
        )


@contextmanager
def writes_seen() -> Iterator[list[str]]:
    """The tables of budgets, votes and their logs that somebody wrote to meanwhile, taken back or not."""
    seen: list[str] = []

    def look(execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
        if found := WRITING.match(str(sql)):
            seen.append(found[1])
        return execute(sql, *rest)

    with connection.execute_wrapper(look):
        yield seen


@contextmanager
def drawn(is_drawn: bool) -> Iterator[None]:
    """Pages come without words meanwhile, unless they are to be drawn: words take most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        if not is_drawn:
            patch.setattr(Template, "render", lambda self, context=None, request=None: "")
        yield


def post(world: World, name: str, write: Write, role: str) -> tuple[str, list[str]]:
    """The answer of the view behind this address, and what was written.

    What stands before every view (sessions, CSRF, the pages for 403 and 404) is the matter of tests/permissions, and
    would take ten times as long as all the rest. Of each refusal one page is drawn: that of one of those who may.
    """
    row = next(row for row in permissions.ROWS if row.name == address(name) and "POST" in row.expected)
    place = world.riverside
    args, data = write.args or row.args, write.data or row.data
    url = reverse(row.name, args=args(place) if args else None)
    request: Any = world.factory.post(url, dict(data(place)) if data else {})
    request.user = AnonymousUser() if role in NOT_SIGNED_IN else copy(world.person(role).user)
    request.user.__dict__.pop("_memberships", None)
    request.session = SessionStore(world.sessions.get(role))
    request._messages = FallbackStorage(request)
    request.htmx = HtmxDetails(request)
    view = resolve(url)
    with writes_seen() as seen, drawn(role == write.by):
        try:
            found = answer(view.func(request, *view.args, **view.kwargs))
        except PermissionDenied:
            found = "403"
        except Http404:
            found = "404"
    return found, seen


def wrong_addresses(world: World, name: str, write: Write, *, roles: Any = ROLES, steps: Any = COLUMNS) -> list[str]:
    """Every cell of this line in which somebody wrote who should not, or did not who should."""
    wrong, by_step = [], []
    for role in roles:
        if role in write.roles:
            by_step.append(role)
            continue
        with rolled_back(), days_read() as read:
            mistakes = [mistake(world, name, write, role, step) for step in steps[:1]]
        if read:  # else the answer is the same in every step, and one request has shown it for all of them
            by_step.append(role)
        else:
            wrong += [f"{name} at any step {found}" for found in mistakes if found]
    for step in steps:
        with rolled_back():
            go_to(step)
            for role in by_step:
                if found := mistake(world, name, write, role, step):
                    wrong.append(f"{name} at {step} {found}")
    return wrong


def mistake(world: World, name: str, write: Write, role: str, step: str) -> str:
    """What is wrong in this cell, now that it is this step; nothing is kept of what was written."""
    should = role in write.roles and step in write.allowed
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        found, seen = post(world, name, write, role)
        if seen:
            transaction.set_rollback(True)
    is_refusal = found in ("302", "403", "404", "422", "login")
    if bool(seen) != should or (not should and not is_refusal) or int(found.replace("login", "0")) >= 500:
        return f"as {role}: {found}, wrote {sorted(set(seen)) or 'nothing'}"
    return ""


class Watched:
    """A field of Phase that notes who reads it."""

    def __init__(self, name: str, read: list[str]) -> None:
        self.name, self.read = name, read

    def __get__(self, phase: Any, _owner: Any = None) -> Any:
        if phase is None:
            return self
        self.read.append(self.name)
        return phase.__dict__[self.name]

    def __set__(self, phase: Any, value: Any) -> None:
        phase.__dict__[self.name] = value


@contextmanager
def days_read() -> Iterator[list[str]]:
    """Every look at the days of a step meanwhile, here or in the database. The columns differ in nothing else."""
    read: list[str] = []

    def look(execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
        asked = str(sql).partition("WHERE")[2]
        read.extend(name for name in ("starts_at", "ends_at") if name in asked)
        return execute(sql, *rest)

    with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(look):
        for name in ("starts_at", "ends_at"):
            patch.setattr(Phase, name, Watched(name, read))
        yield read


def who_may(world: World, write: Write) -> Membership:
    """One of those who may, as they are in the database."""
    people = Membership.objects.select_related("user", "assembly")
    return people.get(pk=world.riverside.people[write.by].pk)


def wrong_services(world: World, name: str, write: Write, *, steps: Any = COLUMNS) -> list[str]:
    """Every step in which the service alone took what it should refuse, or refused what it should take."""
    place, wrong = world.riverside, []
    for step in steps:
        with rolled_back():
            go_to(step)
            who = who_may(world, write)
            refusal = ""
            with writes_seen() as seen:
                try:
                    getattr(services, write.service)(**write.given(place, who))
                except CycleRefused as refused:
                    refusal = str(refused)
            if (bool(seen) and not refusal) != (step in write.allowed) or (refusal and seen):
                wrong.append(f"{write.service} at {step}: {refusal or 'taken'}, wrote {sorted(set(seen)) or 'nothing'}")
    return wrong


@pytest.mark.parametrize("name", WRITES)
def test_every_address_writes_in_its_steps_for_its_roles_and_never_else(name: str, world: World) -> None:
    assert wrong_addresses(world, name, WRITES[name]) == []


@pytest.mark.parametrize("name", [name for name, write in WRITES.items() if write.service])
def test_every_service_refuses_by_itself_out_of_its_steps(name: str, world: World) -> None:
    assert wrong_services(world, name, WRITES[name]) == []


@pytest.mark.parametrize("name", [name for name, write in WRITES.items() if write.service and not write.is_ever])
def test_every_service_asks_for_the_step_with_the_cycle_locked_until_it_has_written(name: str, world: World) -> None:
    """A step that moves meanwhile waits: one transaction locks the cycle's row, reads its steps, and then writes."""
    write = WRITES[name]
    said: list[str] = []

    def write_down(execute: Callable[..., Any], sql: object, *rest: Any) -> Any:
        said.append(str(sql))
        return execute(sql, *rest)

    with rolled_back():
        go_to(write.allowed[-1])
        given = write.given(world.riverside, who_may(world, write))
        with connection.execute_wrapper(write_down):
            getattr(services, write.service)(**given)
    begin = said[0]
    assert begin.startswith("SAVEPOINT"), "the transaction begins"
    end = next(place for place, sql in enumerate(said) if sql == f"RELEASE {begin}")
    locked = next(place for place, sql in enumerate(said) if LOCKING.search(sql))
    asked = next(place for place, sql in enumerate(said) if place > locked and 'FROM "proposals_phase"' in sql)
    written = next(place for place, sql in enumerate(said) if WRITING.match(sql))
    assert locked < asked < written < end


def test_every_address_that_takes_posts_is_in_the_table() -> None:
    spoken_of = {address(name) for name in WRITES}
    assert TAKEN_POSTS - spoken_of - set(NOT_A_WRITE) == set(), (
        "Add a line to tests/proposals/phases_table.py; it says how."
    )
    assert spoken_of - TAKEN_POSTS == set(), "These lines are about addresses that take no POST."


def test_every_service_is_in_the_table_or_has_a_reason() -> None:
    public = {name for name in services.__all__ if inspect.isfunction(getattr(services, name))}
    spoken_of = {write.service for write in WRITES.values() if write.service}
    assert public - spoken_of - set(NOT_BY_HAND) == set(), "Add a line to tests/proposals/phases_table.py; it says how."
    assert set(NOT_BY_HAND) & spoken_of == set()


def test_what_is_bound_to_no_step_says_why() -> None:
    assert [name for name, write in WRITES.items() if write.is_ever and not write.guard] == []
    assert [name for name, write in WRITES.items() if not write.service and not write.is_ever] == []


@pytest.mark.parametrize("name", [name for name, write in WRITES.items() if not write.guard])
def test_without_the_check_of_the_step_the_table_finds_wrong_cells(
    name: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The switch: with `require_phase` taken away every line that rests on it is wrong, at its address and its service."""
    write = WRITES[name]
    for module in [module for path, module in sys.modules.items() if path.startswith("proposals.")]:
        for check in ("require_phase", "require_ahead"):
            if hasattr(module, check):
                monkeypatch.setattr(module, check, lambda cycle, kinds, **_rest: cycle.phases.first())
    refused = [step for step in COLUMNS if step not in write.allowed][:1]
    assert wrong_services(world, name, write, steps=refused) != []
    assert wrong_addresses(world, name, write, roles=[write.by], steps=refused) != []


def test_whoever_asks_for_the_step_is_noticed(world: World) -> None:
    cycle = Cycle.objects.get(pk=world.riverside.ideas.pk)
    with days_read() as read:
        cycle.phases.first()
        assert read == []
        assert cycle.phase() is not None
        assert "starts_at" in read
    with days_read() as read:
        cycle.phases.filter(ends_at=None).exists()
        assert read == ["ends_at"]


def test_the_columns_are_every_step_and_both_ends(world: World) -> None:
    cycle = world.riverside.ideas
    for step in COLUMNS:
        with rolled_back():
            go_to(step)
            phase = Cycle.objects.get(pk=cycle.pk).phase()
            assert (phase.kind if phase else None) == (None if step in (BEFORE, AFTER) else step)
