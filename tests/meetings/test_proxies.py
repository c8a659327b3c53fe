"""Voting in the place of somebody else: on paper, one step, within a limit, and asleep while the giver is there."""

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from assemblies.models import Assembly, Membership
from meetings import services
from meetings.models import AttendanceMode, Meeting, Proxy
from meetings.services import MeetingRefused
from meetings.services.polls import present_now
from tests.make import make_member
from tests.meetings.evening import fresh, in_session, kinds, put_to_the_vote, seat, with_doors_open


@pytest.fixture
def eve(riverside: Assembly) -> Membership:
    """A verified resident who stays at home."""
    return make_member(riverside, "Eve")


def give(meeting: Meeting, giver: Membership, holder: Membership) -> Proxy:
    return services.give_proxy(meeting=meeting, giver=giver, holder=holder, document="Folder 1", actor=None)


def voters(meeting: Meeting) -> list[tuple[str, str]]:
    """Who could vote now, and who would cast their ballot."""
    return sorted((str(line.membership), str(line.proxy or line.membership)) for line in present_now(meeting))


def test_a_proxy_is_awake_while_its_holder_is_there_and_its_giver_is_not(
    riverside: Assembly, amina: Membership, eve: Membership
) -> None:
    meeting = with_doors_open(riverside, proxies_per_holder=1)
    give(meeting, eve, amina)
    assert voters(meeting) == []  # the holder is not there
    services.check_in(meeting=meeting, membership=amina)
    assert voters(meeting) == [("Amina", "Amina"), ("Eve", "Amina")]
    for mode in AttendanceMode:  # from elsewhere one can vote oneself too
        services.check_in(meeting=meeting, membership=eve, mode=mode)
        assert voters(meeting) == [("Amina", "Amina"), ("Eve", "Eve")]
        services.step_out(attendee=seat(meeting, eve))
        assert voters(meeting) == [("Amina", "Amina"), ("Eve", "Amina")]


def test_a_proxy_that_was_taken_back_counts_no_more(riverside: Assembly, amina: Membership, eve: Membership) -> None:
    meeting = with_doors_open(riverside, amina, proxies_per_holder=1)
    proxy = give(meeting, eve, amina)
    services.revoke_proxy(proxy=proxy, actor=None)
    assert voters(meeting) == [("Amina", "Amina")]
    assert kinds(meeting)[-2:] == ["proxy_given", "proxy_revoked"]
    with pytest.raises(MeetingRefused, match="taken back before"):
        services.revoke_proxy(proxy=proxy, actor=None)
    give(meeting, eve, amina)


def test_who_may_not_vote_any_more_gives_and_holds_nothing(
    riverside: Assembly, amina: Membership, eve: Membership
) -> None:
    meeting = with_doors_open(riverside, amina, proxies_per_holder=1)
    give(meeting, eve, amina)
    eve.left_at = timezone.now()
    eve.save()
    assert voters(meeting) == [("Amina", "Amina")]


def test_a_proxy_is_not_passed_on(riverside: Assembly, amina: Membership, bao: Membership, eve: Membership) -> None:
    meeting = with_doors_open(riverside, proxies_per_holder=2)
    give(meeting, eve, amina)
    with pytest.raises(MeetingRefused, match="Amina holds a proxy for somebody else"):
        give(meeting, amina, bao)
    with pytest.raises(MeetingRefused, match="Eve has given their own vote"):
        give(meeting, bao, eve)
    with pytest.raises(MeetingRefused, match="already"):
        give(meeting, eve, bao)
    with pytest.raises(DatabaseError, match="not passed on"), transaction.atomic():
        Proxy.objects.create(
            meeting=meeting,
            giver=seat(meeting, amina),
            holder=seat(meeting, bao),
            document="x",
            given_at=timezone.now(),
        )


def test_nobody_holds_more_than_the_meeting_allows(
    riverside: Assembly, amina: Membership, bao: Membership, eve: Membership
) -> None:
    none = with_doors_open(riverside)
    with pytest.raises(MeetingRefused, match="takes no proxies"):
        give(none, eve, amina)
    meeting = with_doors_open(riverside, proxies_per_holder=1)
    give(meeting, eve, amina)
    with pytest.raises(MeetingRefused, match="Amina holds 1 proxy, and this meeting allows no more"):
        give(meeting, bao, amina)


def test_who_is_refused_reads_why(riverside: Assembly, amina: Membership, chidi: Membership, eve: Membership) -> None:
    newcomer = make_member(riverside, "Newcomer", verified=False)
    meeting = with_doors_open(riverside, proxies_per_holder=1)
    for giver, holder, sentence in (
        (amina, amina, "Nobody holds their own"),
        (chidi, amina, "two members of this assembly"),
        (eve, newcomer, "Newcomer may not vote yet"),
    ):
        with pytest.raises(MeetingRefused, match=sentence):
            give(meeting, giver, holder)
    with pytest.raises(MeetingRefused, match="where the signed paper is"):
        services.give_proxy(meeting=meeting, giver=eve, holder=amina, document=" ", actor=None)
    assert not Proxy.objects.exists()


def test_the_holder_votes_twice_on_one_phone(
    client: Client, riverside: Assembly, amina: Membership, eve: Membership
) -> None:
    meeting = in_session(riverside, amina, proxies_per_holder=1)
    give(meeting, eve, amina)
    poll = put_to_the_vote(fresh(meeting)).poll
    client.force_login(amina.user)
    mine = f"/meetings/{meeting.pk}/my-vote/"

    def cast(paper: str) -> None:
        sent = {"options": "yes", "key": paper.split('name="key" value="')[1].split('"')[0]}
        if 'name="line" value="' in paper:
            sent["line"] = paper.split('name="line" value="')[1].split('"')[0]
        assert client.post(f"/polls/{poll.pk}/cast/", sent, headers={"hx-request": "true"}).status_code == 200

    own = client.get(mine).content.decode()
    assert "Vote in the place of Eve" in own
    assert "You vote in the place of" not in own
    cast(own)
    hers = client.get(mine).content.decode()
    assert "You vote in the place of Eve." in hers
    cast(hers)
    poll.refresh_from_db()
    assert poll.turnout == 2
    assert "Your ballot is counted" in client.get(mine).content.decode()
