"""A count that does not get on is said, and the vote can be declared void; nothing waits for ever in silence."""

from datetime import timedelta
from typing import Any

import pgtrigger
import pytest
from django.utils import timezone

from assemblies.models import Assembly, Membership
from tests.make import line_of, make_member, make_open_poll
from tests.meetings.evening import in_session, put_to_the_vote
from tests.proposals.making import make_cycle, make_evaluator, make_open_ballot
from tests.voting.test_desk import browser_of, said
from voting import keys, services
from voting.models import ClosedBox, Poll, PollState, Secrecy

pytestmark = pytest.mark.django_db


@pytest.fixture
def poll(riverside: Assembly, dana: Membership, monkeypatch: pytest.MonkeyPatch) -> Poll:
    """A sealed poll with one ballot that was closed while the key of its box could not be found."""
    crowd = [make_member(riverside, f"Resident {number}") for number in range(6)]
    poll = make_open_poll(riverside, *crowd, secrecy=Secrecy.CONFIDENTIAL)
    services.cast_ballot(poll=poll, line=line_of(poll, crowd[0]), choice={"options": ["b"]}, key="a key of a voter")
    monkeypatch.setattr(keys, "read", _gone)
    with pytest.raises(services.PollRefused, match="Put the folder of keys back"):
        services.close_poll(poll=poll, actor=dana.user)
    poll.refresh_from_db()
    assert poll.state == PollState.CLOSING
    return poll


def later(poll: Poll) -> None:
    Poll.objects.filter(pk=poll.pk).update(closed_at=timezone.now() - timedelta(minutes=11))


def test_a_box_without_its_key_is_no_dead_end(poll: Poll, dana: Membership, amina: Membership) -> None:
    client, desk = browser_of(dana), f"/polls/{poll.pk}/desk/"
    assert "The ballots are being counted." in said(client.get(desk))
    assert f"/polls/{poll.pk}/void/" not in said(client.get(desk))
    later(poll)
    assert "the counting does not get on" in said(client.get(desk))
    assert "the counting does not get on" in said(browser_of(amina).get(f"/polls/{poll.pk}/"))
    assert f"/polls/{poll.pk}/void/" in said(client.get(desk))
    client.post(f"/polls/{poll.pk}/void/", {"reason": "The key is lost."})
    poll.refresh_from_db()
    assert poll.state == PollState.VOIDED


def test_it_is_counted_once_the_key_is_back_and_the_log_says_why_not_before(
    poll: Poll, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert services.close_due_polls() == 0
    assert "Put the folder of keys back" in caplog.text
    monkeypatch.undo()
    assert services.close_due_polls() == 1
    poll.refresh_from_db()
    assert poll.state == PollState.WITHHELD


def test_no_poll_is_stuck_while_its_ballots_may_be_challenged(poll: Poll) -> None:
    poll.closed_at = timezone.now() - timedelta(hours=2)
    assert poll.is_stuck
    poll.challenge_until = timezone.now() + timedelta(hours=22)
    assert not poll.is_stuck


def test_a_named_ballot_can_be_taken_out_until_the_count(
    riverside: Assembly, dana: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = make_open_poll(riverside, dana)
    with monkeypatch.context() as patch:
        patch.setattr("voting.services.closing._count", _refused)
        with pytest.raises(services.PollRefused):
            services.close_poll(poll=named, actor=None)
    assert f"/polls/{named.pk}/remove/" in said(browser_of(dana).get(f"/polls/{named.pk}/desk/"))


def test_a_poll_that_an_earlier_version_closed_is_counted(
    riverside: Assembly, dana: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = make_open_poll(riverside, dana)
    with monkeypatch.context() as patch:
        patch.setattr("voting.services.closing._count", _refused)
        with pytest.raises(services.PollRefused):
            services.close_poll(poll=named, actor=None)
    with pgtrigger.ignore("voting.ClosedBox:append_only"):
        ClosedBox.objects.filter(poll=named).delete()
    assert services.close_due_polls() == 1


def test_the_cockpit_and_the_page_of_a_budget_lead_out_of_it(
    riverside: Assembly, bao: Membership, amina: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = in_session(riverside, amina)
    cycle = make_cycle(riverside, "balloting")
    client = browser_of(bao)
    for poll, page in (
        (put_to_the_vote(meeting).poll, f"/meetings/{meeting.pk}/cockpit/"),
        (make_open_ballot(cycle, amina, make_evaluator(riverside)), f"/cycles/{cycle.pk}/manage/"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr("voting.services.closing._count", _refused)
            with pytest.raises(services.PollRefused):
                services.close_poll(poll=poll, actor=None)
        assert f"/polls/{poll.pk}/desk/" not in said(client.get(page))
        later(poll)
        assert f"/polls/{poll.pk}/desk/" in said(client.get(page))


def _gone(*_wanted: Any) -> bytes:
    raise keys.KeyGone


def _refused(**_options: Any) -> Poll:
    raise services.PollRefused
