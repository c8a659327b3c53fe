"""Closing, counting, revealing and voiding."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

import ledger
from assemblies.models import Assembly, Membership
from tests.make import line_of, make_open_poll, make_poll
from voting import counting, results, services
from voting.models import OpenBallot, Option, Poll, PollState, Register, RegisterLine, Result

pytestmark = pytest.mark.django_db


def cast(poll: Poll, member: Membership, *keys: str) -> None:
    choice = {"options": sorted(keys)} if keys else {}
    services.cast_ballot(poll=poll, line=line_of(poll, member), choice=choice, key=f"key of {member.pk}")


def test_a_hidden_poll_is_withheld_until_it_is_revealed(riverside: Assembly, amina: Membership) -> None:
    poll = make_open_poll(riverside, amina)
    cast(poll, amina, "b")
    poll = services.close_poll(poll=poll, actor=None)
    assert poll.state == PollState.WITHHELD
    assert results.visible_results(poll) == []
    poll = services.publish_poll(poll=poll, actor=None)
    assert [result.winners for result in results.visible_results(poll)] == [["b"]]


def test_an_open_vote_is_published_at_its_close(riverside: Assembly, amina: Membership) -> None:
    poll = make_open_poll(riverside, amina, published_at_close=True)
    cast(poll, amina, "a")
    assert services.close_poll(poll=poll, actor=None).state == PollState.PUBLISHED


def test_a_poll_that_cannot_be_counted_holds_up_no_other(
    riverside: Assembly, harbour: Assembly, amina: Membership, chidi: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake in one assembly's count must not keep all the others from closing, minute after minute."""
    broken = make_open_poll(harbour, chidi, question="Broken")
    sound = make_open_poll(riverside, amina)
    Poll.objects.filter(pk__in=[broken.pk, sound.pk]).update(closes_at=timezone.now())
    count = counting.count

    def fails_for_one(poll: Poll) -> object:
        if poll.pk == broken.pk:
            raise ZeroDivisionError
        return count(poll)

    monkeypatch.setattr(counting, "count", fails_for_one)
    assert broken.created_at < sound.created_at
    assert services.close_due_polls() == 1
    sound.refresh_from_db()
    assert sound.state == PollState.WITHHELD
    broken.refresh_from_db()
    assert broken.state == PollState.CLOSING  # tried again every minute


def test_a_blank_ballot_is_counted_as_blank(riverside: Assembly, amina: Membership, bao: Membership) -> None:
    poll = make_open_poll(riverside, amina, bao)
    cast(poll, amina)
    cast(poll, bao, "a")
    poll = services.close_poll(poll=poll, actor=None)
    outcome = poll.results.get().outcome
    assert (outcome["n"], outcome["blanks"]) == (1, 1)


def test_a_second_close_is_refused_and_changes_nothing(riverside: Assembly, amina: Membership) -> None:
    poll = make_open_poll(riverside, amina)
    services.close_poll(poll=poll, actor=None)
    with pytest.raises(services.PollRefused):
        services.close_poll(poll=poll, actor=None)
    assert Result.objects.filter(poll=poll).count() == 1


def test_a_close_that_was_cut_short_is_finished_by_the_next_one(
    riverside: Assembly, amina: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll = make_open_poll(riverside, amina)
    cast(poll, amina, "a")
    with monkeypatch.context() as crash:
        crash.setattr(counting, "count", _crash)
        with pytest.raises(RuntimeError):
            services.close_poll(poll=poll, actor=None)
    poll.refresh_from_db()
    assert poll.state == PollState.CLOSING
    assert services.close_due_polls() == 1
    poll.refresh_from_db()
    assert poll.state == PollState.WITHHELD
    assert poll.results.get().outcome["n"] == 1


def _crash(poll: Poll) -> None:
    raise RuntimeError("the machine stopped here")


def test_polls_close_by_themselves_when_their_time_has_come(riverside: Assembly, amina: Membership) -> None:
    soon = timezone.now() + timedelta(hours=1)
    poll = make_open_poll(riverside, amina, closes_at=soon)
    assert services.close_due_polls() == 0
    assert services.close_due_polls(at=soon + timedelta(seconds=1)) == 1
    poll.refresh_from_db()
    assert poll.closed_at is not None


def test_a_ballot_after_the_closing_time_is_refused_even_before_the_job_ran(
    riverside: Assembly, amina: Membership
) -> None:
    hour_ago = timezone.now() - timedelta(hours=1)
    poll = make_poll(riverside)
    services.open_poll(
        poll=poll, lines=[services.NewLine(amina)], actor=None, at=hour_ago, closes_at=hour_ago + timedelta(minutes=5)
    )
    poll.refresh_from_db()
    with pytest.raises(services.VotingClosed):
        cast(poll, amina, "a")


def test_voiding_needs_a_reason_and_keeps_everything(riverside: Assembly, amina: Membership) -> None:
    poll = make_open_poll(riverside, amina)
    cast(poll, amina, "a")
    with pytest.raises(services.PollRefused):
        services.void_poll(poll=poll, actor=None, reason="  ")
    services.void_poll(poll=poll, actor=None, reason="An option was missing.")
    poll.refresh_from_db()
    assert (poll.state, poll.turnout) == (PollState.VOIDED, 1)


def test_every_change_of_state_is_in_the_chain(riverside: Assembly, amina: Membership, bao: Membership) -> None:
    poll = make_open_poll(riverside, amina)
    poll = services.close_poll(poll=poll, actor=bao.user)
    services.publish_poll(poll=poll, actor=bao.user)
    kinds = [event.body.split('"kind":"')[1].split('"')[0] for event in ledger.events(poll.pk)]
    assert kinds == ["poll.opened", "poll.closed", "poll.counted", "poll.published"]
    ledger.verify(poll.pk)


def test_an_empty_ballot_box_can_be_counted(riverside: Assembly, amina: Membership) -> None:
    for kind in ("yes_no", "choose_one", "approval", "ranked", "points"):
        poll = services.close_poll(poll=make_open_poll(riverside, amina, ballot_type=kind), actor=None)
        assert poll.results.get().winners == []


def test_a_poll_without_voters_or_with_one_option_does_not_open(riverside: Assembly, amina: Membership) -> None:
    with pytest.raises(services.PollRefused, match="Nobody"):
        services.open_poll(poll=make_poll(riverside), lines=[], actor=None)
    lonely = make_poll(riverside, "Only this")
    with pytest.raises(services.PollRefused, match="two options"):
        services.open_poll(poll=lonely, lines=[services.NewLine(amina)], actor=None)


def test_one_room_has_one_open_poll(riverside: Assembly, amina: Membership) -> None:
    make_open_poll(riverside, amina, lane="room/1")
    with pytest.raises(services.PollRefused, match="Another vote"):
        make_open_poll(riverside, amina, lane="room/1")


ILLEGAL = {
    "rewriting the question": "UPDATE voting_poll SET question = 'Other' WHERE id = %s",
    "going back to open": "UPDATE voting_poll SET state = 'open' WHERE id = %s",
    "skipping the count": "UPDATE voting_poll SET state = 'published' WHERE id = %s",
    "deleting the poll": "DELETE FROM voting_poll WHERE id = %s",
    "changing an option": "UPDATE voting_option SET title = 'Other' WHERE poll_id = %s",
    "deleting an option": "DELETE FROM voting_option WHERE poll_id = %s",
    "deleting ballots": "DELETE FROM voting_openballot WHERE poll_id = %s",
    "changing ballots": "UPDATE voting_openballot SET choice = '{}' WHERE poll_id = %s",
    "adding a voter": "INSERT INTO voting_registerline (id, register_id, weight)"
    " SELECT gen_random_uuid(), register_id, 1 FROM voting_poll WHERE id = %s",
    "removing a voter": "DELETE FROM voting_registerline USING voting_poll p WHERE register_id = p.register_id AND p.id = %s",
    "unfreezing the register": "UPDATE voting_register SET frozen_at = NULL FROM voting_poll p"
    " WHERE voting_register.id = p.register_id AND p.id = %s",
}
ALLOWED_BEFORE_CLOSE = {"going back to open"}


@pytest.mark.parametrize("act", ILLEGAL)
@pytest.mark.parametrize("closed", [False, True], ids=["open", "closing"])
def test_the_database_itself_refuses(riverside: Assembly, amina: Membership, act: str, closed: bool) -> None:
    poll = make_open_poll(riverside, amina)
    cast(poll, amina, "a")
    if closed:
        Poll.objects.filter(pk=poll.pk).update(state=PollState.CLOSING)
    elif act in ALLOWED_BEFORE_CLOSE:
        return
    before = _facts(poll)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ILLEGAL[act], [poll.pk])
    assert _facts(poll) == before


def test_results_cannot_be_changed_or_removed(riverside: Assembly, amina: Membership) -> None:
    poll = services.close_poll(poll=make_open_poll(riverside, amina), actor=None)
    for act in ("UPDATE voting_result SET rule = 'x'", "DELETE FROM voting_result"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(act)
    assert poll.results.count() == 1


@pytest.mark.parametrize(
    "act",
    [
        "UPDATE voting_registerline SET register_id = %(elsewhere)s WHERE id = %(line)s",
        "UPDATE voting_option SET poll_id = %(draft)s, position = 90, key = 'z' WHERE poll_id = %(poll)s AND key = 'a'",
        "INSERT INTO voting_openballot (poll_id, line_id, choice, key_hash, channel, revision, cast_at)"
        " VALUES (%(poll)s, %(stranger)s, '{}', '', 'web', 1, now())",
        "TRUNCATE voting_openballot",
        "TRUNCATE voting_openballothistory",
        "TRUNCATE voting_result",
        "TRUNCATE voting_registerline CASCADE",
    ],
)
def test_the_database_itself_keeps_register_options_and_ballots(
    riverside: Assembly, amina: Membership, bao: Membership, act: str
) -> None:
    """Moved away is as gone as deleted; a ballot needs a line of this very register."""
    poll, other = make_open_poll(riverside, amina), make_open_poll(riverside, bao)
    facts = {
        "poll": poll.pk,
        "line": line_of(poll, amina).pk,
        "stranger": line_of(other, bao).pk,
        "draft": make_poll(riverside).pk,
        "elsewhere": Register.objects.create(assembly=riverside).pk,
    }
    before = _facts(poll)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(act, facts)
    assert _facts(poll) == before


def _facts(poll: Poll) -> tuple[object, ...]:
    return (
        list(Poll.objects.filter(pk=poll.pk).values_list("question", "state", "register")),
        list(Option.objects.filter(poll=poll).values_list("key", "title")),
        list(OpenBallot.objects.filter(poll=poll).values_list("choice", "revision")),
        RegisterLine.objects.filter(register=poll.register).count(),
    )
