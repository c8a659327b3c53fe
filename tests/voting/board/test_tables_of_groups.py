"""How people voted on paper and on phones is told only as far as nobody learns how a few of them voted."""

import pytest
from django.test import Client

from assemblies.models import Assembly, Membership
from tests.make import line_of, make_member, make_poll
from voting import services
from voting.board import tables
from voting.models import Poll, Secrecy

pytestmark = pytest.mark.django_db


def voted(riverside: Assembly, *, web: str, paper: str, **fields: object) -> Poll:
    """An open vote with one ballot for each letter: y, n, a, or - for a blank one."""
    fields = {"ballot_type": "yes_no", "secrecy": Secrecy.CONFIDENTIAL, **fields}
    members = [make_member(riverside, f"Resident {number}") for number in range(len(web + paper))]
    poll = make_poll(riverside, **fields)
    lines = [services.NewLine(member, paper_issued=place >= len(web)) for place, member in enumerate(members)]
    poll = services.open_poll(poll=poll, lines=lines, actor=None)
    answers = {"y": ["yes"], "n": ["no"], "a": ["abstain"]}
    for place, letter in enumerate(web + paper):
        services.cast_ballot(
            poll=poll,
            line=line_of(poll, members[place]),
            choice={"options": answers[letter]} if letter in answers else {},
            key=f"a key of voter {place:04}",
            channel="paper" if place >= len(web) else "web",
        )
    return poll


def published(poll: Poll) -> Poll:
    return services.publish_poll(poll=services.close_poll(poll=poll, actor=None), actor=None)


def test_large_groups_are_told(client: Client, riverside: Assembly) -> None:
    poll = published(voted(riverside, web="yyyyyyynnnnnn", paper="yyyyynnnnnn"))
    table = tables.by_channel(poll)
    assert table
    assert {row.name: list(row.numbers) for row in table.rows} == {"On a phone or computer": [7, 6], "On paper": [5, 6]}
    page = client.get(f"/polls/{poll.pk}/result/").content.decode()
    assert "By way of voting" in page
    assert "On paper" in page


def test_a_small_number_is_hidden_and_so_is_what_would_tell_it(client: Client, riverside: Assembly) -> None:
    poll = published(voted(riverside, web="yyyyyyynnnnnn", paper="yyyyynn"))
    table = tables.by_channel(poll)
    assert table is None or all(None in row.numbers for row in table.rows)
    assert ">2<" not in client.get(f"/polls/{poll.pk}/result/").content.decode()


@pytest.mark.parametrize(
    ("web", "paper", "fields"),
    [
        ("yyyyyyynnnnnn", "yn", {}),  # two people on paper
        ("yyyyyyynnnnnn", "", {}),  # nothing to tell apart
    ],
)
def test_nothing_is_told_where_too_little_is_left(
    client: Client, riverside: Assembly, web: str, paper: str, fields: dict[str, object]
) -> None:
    poll = published(voted(riverside, web=web, paper=paper, **fields))
    assert tables.by_channel(poll) is None
    assert "By way of voting" not in client.get(f"/polls/{poll.pk}/result/").content.decode()


def test_nothing_is_told_before_publication(client: Client, riverside: Assembly) -> None:
    poll = voted(riverside, web="yyyyyyynnnnnn", paper="yyyyynnnnnn")
    assert tables.by_channel(poll) is None
    poll = services.close_poll(poll=poll, actor=None)
    assert tables.by_channel(poll) is None
    assert "By way of voting" not in client.get(f"/polls/{poll.pk}/result/").content.decode()


def test_ballots_with_several_marks_are_not_told_apart(riverside: Assembly, amina: Membership) -> None:
    poll = voted(riverside, web="-" * 7, paper="-" * 6, ballot_type="approval")
    assert tables.by_channel(published(poll)) is None
