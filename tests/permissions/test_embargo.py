"""Nobody learns anything about a result before it is shown: the same world twice, with opposite votes, looks the same.

Three people vote for the first option of every open poll, or for the last. Whoever else looks at whatever page, file
or live topic must find the same in both worlds, while the polls are open and after they were counted.
"""

import re
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZipFile

import pytest
import time_machine
from django.core import mail
from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from live import topics
from proposals.browsing import Start
from tests.make import make_open_poll
from tests.permissions.rows import ROLES, VISITOR, Place, Row, row
from tests.permissions.table import ROWS, TOPICS
from tests.permissions.world import World, rolled_back, visit
from voting import choices, keys, results, services
from voting.models import BallotType, Poll, PollState, RegisterLine, Secrecy

pytestmark = pytest.mark.django_db

BALLOTS_OF = ("clerk", "moderator", "evaluator")
LOOKING = (VISITOR, "administrator")  # everybody else, and all once it is counted: `make test-faults`
FIRST, LAST = 0, -1
FRESH = [  # what differs from one answer to the next, and between receipts of different ballots
    re.compile(r'(csrfmiddlewaretoken|x-csrftoken|name="(?:key|batch)"|nonce)[^>]*'),
    re.compile(r"\b[A-Za-z0-9]{64}\b"),  # CSRF tokens
    re.compile(r"\b[0-9a-f]{16,}\b"),
    re.compile(r"\b(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}\b"),
    re.compile(r'data-(?:version|seq)="\d+"|"seq": ?\d+'),
    re.compile(r"\b\d\d:\d\d(?::\d\d)?\b|\bT?\d\d:\d\d:\d\d\.\d+"),  # the forecast of an agenda goes with the clock
    re.compile(
        r"\b(?:less than 1|\d+) used|data-(?:elapsed|spent)=\"\d+\"|\b\d+ min(?:ute)?s? (?:late|early|left|over)"
    ),  # its clock too
]
SEALED_PAGES = [
    row(f"voting:{name}", args=lambda place: [place.sealed_poll.pk], get="200", label="sealed")
    for name in ("poll", "result", "board", "log", "receipts", "check", "bundle")
]


@pytest.fixture(scope="module")
def sealed_world(world: World, django_db_blocker: pytest.FixtureRequest) -> Iterator[World]:
    """With one more poll in each place, whose ballots are sealed."""
    with django_db_blocker.unblock(), rolled_back():  # type: ignore[attr-defined]
        for place in (world.riverside, world.harbour):
            voters = [person for person in place.people.values() if person.verified_at]
            place.sealed_poll = make_open_poll(place.assembly, *voters, secrecy=Secrecy.CONFIDENTIAL)
        yield world


def choice_of(poll: Poll, which: int) -> choices.Choice:
    keys = [option.key for option in poll.options.all()]
    if poll.ballot_type == BallotType.RANKED:
        return {"ranking": keys if which == FIRST else keys[::-1]}
    if poll.ballot_type in (BallotType.POINTS, BallotType.SCORE):
        return {"points": {keys[which]: 1}}
    return {"options": [keys[which]]}


def everybody_votes(place: Place, which: int) -> None:
    hidden = [poll for poll in Poll.objects.open().filter(assembly=place.assembly) if not poll.shows_running_tally]
    assert len(hidden) > 2
    for poll in hidden:
        for person in (place.people[role] for role in BALLOTS_OF):
            line = RegisterLine.objects.filter(register=poll.register, membership=person).first()
            if line is not None:
                services.cast_ballot(poll=poll, line=line, choice=choice_of(poll, which), key=f"the key of {line.pk}")


def close_all(place: Place) -> None:
    for poll in Poll.objects.open().filter(assembly=place.assembly, published_at_close=False):
        assert services.close_poll(poll=poll, actor=None).state == PollState.WITHHELD


def text_of(response: HttpResponseBase) -> str:
    body = b"".join(response) if isinstance(response, StreamingHttpResponse) else response.content  # type: ignore[attr-defined]
    return lasting(f"{response.status_code} {unpacked(body).decode('utf-8', 'replace')}")


def unpacked(body: bytes) -> bytes:
    """What a reader finds in an archive or a workbook; the archive itself says when it was packed."""
    if not body.startswith(b"PK\x03\x04"):
        return body
    with ZipFile(BytesIO(body)) as archive:
        return b"\n".join(name.encode() + b"\n" + archive.read(name) for name in archive.namelist())


def lasting(text: str) -> str:
    """The text without what differs from one answer to the next."""
    for fresh in FRESH:
        text = fresh.sub("", text)
    return text


def everything_seen(
    world: World, rows: list[Row], which: int, *, closed: bool, roles: tuple[str, ...]
) -> dict[str, str]:
    """What these roles find on every page and file, and what every live topic shows to whom, in this world."""
    place, seen = world.riverside, {}
    with rolled_back():
        everybody_votes(place, which)
        if closed:
            close_all(place)
        for page in rows:
            for role in roles:
                seen[f"{page} as {role}"] = text_of(visit(world, page, place, role, "GET"))
        for live in TOPICS:
            kind, _ = topics.resolve(f"{live.name}/{live.id(place)}")
            for audience in {said for said in live.audience.values() if said != "-"}:
                frame = "".join(kind.render(live.id(place), audience, "en").values())
                seen[f"{live} for {audience}"] = lasting(frame)
        seen["mails"] = "".join(str(message.body) for message in mail.outbox)
        mail.outbox.clear()
    return seen


def leaks(world: World, rows: list[Row], *, closed: bool, roles: tuple[str, ...] = LOOKING) -> list[str]:
    with time_machine.travel(timezone.now(), tick=False), pytest.MonkeyPatch.context() as patch:
        patch.setattr(keys, "destroy", lambda *poll_and_kinds: None)  # files do not come back with the database
        patch.setattr(Start, "now", lambda mix, moment: Start("mix", moment))  # or each visit has an order of its own
        one = everything_seen(world, rows, FIRST, closed=closed, roles=roles)
        other = everything_seen(world, rows, LAST, closed=closed, roles=roles)
    return [difference(what, one[what], other[what]) for what in one if one[what] != other[what]]


def difference(what: str, one: str, other: str) -> str:
    """Where the first difference is, with some words around it."""
    place = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"{what}: …{one[place - 60 : place + 60]!r} or {other[place - 60 : place + 60]!r}"


PAGES = [page for page in ROWS if "GET" in page.expected and page.in_assembly] + SEALED_PAGES


@pytest.mark.parametrize(("closed", "roles"), [(False, LOOKING), (True, (VISITOR,))], ids=["open", "counted"])
def test_nobody_sees_a_difference_before_the_result_is_shown(
    sealed_world: World, closed: bool, roles: tuple[str, ...]
) -> None:
    found = leaks(sealed_world, PAGES, closed=closed, roles=roles)
    if found:  # a minute may have passed between the two towns; a leak is there every time
        found = leaks(sealed_world, PAGES, closed=closed, roles=roles)
    assert "\n".join(found) == ""


@pytest.mark.faults
@pytest.mark.parametrize("closed", [False, True], ids=["open", "counted"])
def test_no_role_at_all_sees_a_difference(sealed_world: World, closed: bool) -> None:
    everybody_else = tuple(role for role in ROLES if role not in BALLOTS_OF)
    assert leaks(sealed_world, PAGES, closed=closed, roles=everybody_else) == []


def test_without_the_embargo_the_walk_finds_the_leak(sealed_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The switch: results may be read as soon as they exist."""
    monkeypatch.setattr(results, "are_visible", lambda poll: True)
    pages = [page for page in PAGES if page.name in ("voting:poll", "voting:result")]
    found = leaks(sealed_world, pages, closed=True)
    assert any(leak.startswith("voting:result (open) as visitor") for leak in found)
