"""`manage.py verify_poll`: what an operator sees, and what it finds."""

from io import StringIO

import pgtrigger
import pytest
from django.core.management import CommandError, call_command

from ledger.models import Event
from tests.make import make_member, make_open_poll
from tests.voting.board.test_files_of_a_poll import BLANK, BOTH, A, B, cast_all, published
from voting.models import BoxedBallot, OpenBallot, Poll

pytestmark = pytest.mark.django_db
RANKED = [{"ranking": ["a", "b"]}] * 4 + [{"ranking": ["b"]}]


def run(poll: Poll, *words: str) -> str:
    out = StringIO()
    call_command("verify_poll", str(poll.pk), *words, stdout=out)
    return out.getvalue()


@pytest.fixture
def members(riverside):
    return [make_member(riverside, f"Voter {number}") for number in range(12)]


@pytest.mark.parametrize(
    ("fields", "choices"),
    [
        ({"names_shown": True}, [A, A, B, BOTH, BLANK]),
        ({}, [A] * 5 + [B] * 6),
        ({"secrecy": 2}, [A] * 5 + [B] * 6),
        ({"secrecy": 2}, [A, A, B, BOTH, BLANK]),
        ({"secrecy": 2, "ballot_type": "ranked"}, RANKED),
        ({"ballot_type": "ranked"}, RANKED),
    ],
)
def test_a_published_poll_holds(riverside, members, fields, choices, tmp_path):
    poll = make_open_poll(riverside, *members, **fields)
    cast_all(poll, members, choices)
    assert "Nothing is published of this poll" in run(poll)
    publication = published(poll)
    said = run(poll, "--write", str(tmp_path / "poll.zip"))
    assert "The database holds what was published." in said
    assert (tmp_path / "poll.zip").read_bytes() == bytes(publication.archive)
    with pytest.raises(CommandError, match="do not hold"):
        run(poll, "--root", "ab" * 32)


def test_a_ballot_that_somebody_changed_in_the_database_is_found(riverside, members):
    for secrecy, store in ((2, BoxedBallot), (1, OpenBallot)):
        poll = make_open_poll(riverside, *members, secrecy=secrecy)
        cast_all(poll, members, [A] * 5 + [B] * 6)
        published(poll)
        with pgtrigger.ignore():  # as a superuser could
            changed = store.objects.filter(poll=poll, choice=A)[:1].get()
            store.objects.filter(pk=changed.pk).update(choice=B)
        with pytest.raises(CommandError, match="ballots in the database"):
            run(poll)


def test_an_event_that_somebody_changed_is_found(riverside, members):
    poll = make_open_poll(riverside, *members)
    cast_all(poll, members, [A] * 5 + [B] * 6)
    published(poll)
    with pgtrigger.ignore():
        Event.objects.filter(stream=poll.pk, seq=2).update(body="{}")
    with pytest.raises(CommandError, match="Event 2 was changed"):
        run(poll)


def test_a_poll_that_does_not_exist_is_one_sentence():
    for typed in ("nonsense", "7b0c3f3e-41f4-4f43-9d55-0d6f5a1b0007"):
        with pytest.raises(CommandError, match="There is no poll"):
            call_command("verify_poll", typed)
