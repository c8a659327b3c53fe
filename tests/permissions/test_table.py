"""Every URL, method and role is visited with a real request, from inside and from outside the assembly."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from live import topics
from tests.permissions.rows import (
    CLOSED,
    MEMBERS,
    NOT_SIGNED_IN,
    RESIDENT,
    ROLES,
    STAFF,
    STRANGER,
    VISITOR,
    Place,
    Row,
    TopicRow,
    expectation,
    row,
)
from tests.permissions.table import ROWS, TOPICS
from tests.permissions.world import World, mismatches, visit

pytestmark = pytest.mark.django_db

PRESSED_BY_MAIL = {"proposals:stop_following"}  # by the mail program, which knows no token; the address is the key


def named_views(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from named_views(pattern.url_patterns, inner)
        else:
            assert pattern.name, f"The URL {pattern.pattern} has no name, so that no row can speak of it."
            yield f"{namespace}{pattern.name}", pattern.callback


def url_names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for name, _view in named_views(patterns):
        yield name


def test_every_url_has_a_row_and_every_row_a_url() -> None:
    named, declared = set(url_names(get_resolver().url_patterns)), {row.name for row in ROWS}
    assert named - declared == set(), "These URLs have no row in tests/permissions."
    assert declared - named == set(), "These rows speak of URLs that do not exist."


def test_every_name_is_of_one_url() -> None:
    assert [name for name, count in Counter(url_names(get_resolver().url_patterns)).items() if count > 1] == []


def test_only_what_a_mail_program_presses_goes_without_the_token() -> None:
    views = named_views(get_resolver().url_patterns)
    exempt = {name for name, view in views if getattr(view, "csrf_exempt", False)}
    assert exempt == PRESSED_BY_MAIL


def test_every_row_is_said_once() -> None:
    assert [name for name, count in Counter(str(row) for row in ROWS).items() if count > 1] == []


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_role_gets_the_declared_answer(row: Row, world: World) -> None:
    assert mismatches(world, row) == []


@pytest.mark.faults
@pytest.mark.parametrize("row", [row for row in ROWS if row.in_assembly], ids=str)
def test_each_role_of_another_place_gets_the_declared_answer(row: Row, world: World) -> None:
    assert mismatches(world, row, from_outside=(*NOT_SIGNED_IN, *MEMBERS)) == []


@pytest.mark.parametrize("row", [row for row in ROWS if row.name not in PRESSED_BY_MAIL], ids=str)
def test_nothing_is_taken_without_a_csrf_token(row: Row, world: World) -> None:
    taken = [
        role
        for role in (VISITOR, "administrator")  # the check knows no roles: it comes before the view
        if visit(world, row, world.riverside, role, "POST", enforce_csrf_checks=True).status_code != 403
    ]
    assert taken == []


def test_every_live_topic_has_a_row() -> None:
    assert {topic.name for topic in topics.registered()} == {row.name for row in TOPICS}


@pytest.mark.parametrize("row", TOPICS, ids=str)
def test_each_role_watches_as_the_declared_audience(row: TopicRow, world: World) -> None:
    assert topic_mismatches(world, row) == []


def topic_mismatches(world: World, row: TopicRow) -> list[str]:
    visits = [(world.riverside, role, row.audience[role]) for role in ROLES]
    visits += [(world.harbour, role, CLOSED) for role in ROLES if role != STRANGER]
    visits += [(world.harbour, STRANGER, row.audience[RESIDENT])]  # Chidi lives there
    return [
        f"{row}: {role} in {place.assembly} watches as {found}, declared {declared}"
        for place, role, declared in visits
        if (found := audience(world, row, place, role)) != declared
    ]


def audience(world: World, row: TopicRow, place: Place, role: str) -> str:
    """As whom this role may watch, or `-`. A fresh user each time: nothing may be remembered from another place."""
    kind, _ = topics.resolve(f"{row.name}/{row.id(place)}")
    user = AnonymousUser() if role in NOT_SIGNED_IN else User.objects.get(pk=world.person(role).user.pk)
    return kind.audience_of(user, row.id(place)) or CLOSED


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        (row("assemblies:members", args=lambda place: [place.assembly.slug], get="200"), "GET as visitor: login"),
        (
            row("assemblies:home", args=lambda place: [place.assembly.slug], get="200", post="302"),
            "POST as visitor: 405",
        ),
        (
            row("assemblies:home", args=lambda place: [place.assembly.slug], get="200", foreign_get="200"),
            "foreign GET as visitor: 404",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_declaration_is_found(wrong: Row, found: str, world: World) -> None:
    assert any(found in mismatch for mismatch in mismatches(world, wrong))


def test_a_later_exception_wins_and_groups_stand_for_their_roles() -> None:
    answers = expectation("403 outsiders=404 visitor=login staff=200 clerk=403")
    assert expectation("403 visitor=login")["guest"] == "login"
    assert expectation("403 guest=200 visitor=login")["guest"] == "200"
    assert answers == dict.fromkeys(ROLES, "403") | {
        "stranger": "404", "visitor": "login", "guest": "login", **dict.fromkeys(STAFF, "200"), "clerk": "403"
    }  # fmt: skip


@pytest.mark.parametrize("text", ["visitor=200", "200 mayor=403", "200 visitor", "200 visitor="])
def test_an_expectation_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must start|is not"):
        expectation(text)
