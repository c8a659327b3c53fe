"""Groups of pots: each voter chooses in which to vote, and a citywide pot is for everybody besides."""

import threading

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client

from assemblies.models import Assembly, District, Membership
from proposals.models import Cycle, Heading, HeadingGroup
from proposals.services import (
    CycleRefused,
    NewGroup,
    NewHeading,
    copy_cycle,
    open_ballot,
    put_on_ballot,
    review_proposal,
)
from tests.make import line_of
from tests.proposals.making import Kind, make_cycle, make_proposal, moment_in
from tests.threads import in_threads
from voting import services as voting
from voting.models import Envelope, OpenBallot, Poll, PollState, RegisterLine, RegisterUse, Secrecy
from voting.services import registers

pytestmark = pytest.mark.django_db
POTS = ("Streets", "Parks", "Schools")


def make_choice(riverside: Assembly, *, most: int = 1, **fields: object) -> Cycle:
    """Three pots of which people choose so many, and one for everybody besides."""
    return make_cycle(
        riverside,
        Kind.BALLOTING,
        groups=[NewGroup("What it is about", most)],
        headings=[
            *[NewHeading(title, 50_000_00, group="What it is about") for title in POTS],
            NewHeading("The whole town", 90_000_00, is_citywide=True),
        ],
        **fields,
    )


def fill(cycle: Cycle, author: Membership, eva: Membership, *pots: str) -> None:
    """Two projects in each of these pots."""
    for heading in cycle.headings.filter(title__in=pots or [*POTS, "The whole town"]):
        for number in (1, 2):
            proposal = make_proposal(cycle, author, f"{heading.title} {number}", heading=heading)
            review_proposal(
                proposal=proposal,
                evaluator=eva,
                feasibility="feasible",
                cost=10_000_00,
                at=moment_in(cycle, Kind.REVIEWING),
            )


def draw_up(cycle: Cycle, *pots: str) -> None:
    for heading in cycle.headings.filter(title__in=pots or [*POTS, "The whole town"]):
        put_on_ballot(heading=heading, actor=None)


def pot(cycle: Cycle, title: str) -> Heading:
    return cycle.headings.select_related("poll__register", "group").get(title=title)


def poll_in(cycle: Cycle, title: str) -> Poll:
    found = pot(cycle, title).poll
    assert found is not None
    return found


@pytest.fixture
def choice(riverside: Assembly, amina: Membership, bao: Membership, eva: Membership) -> Cycle:
    """Everything is open; each person votes in one of three pots, and in the whole town's."""
    return open_all(make_choice(riverside), amina, eva)


def open_all(cycle: Cycle, author: Membership, eva: Membership) -> Cycle:
    fill(cycle, author, eva)
    draw_up(cycle)
    for heading in cycle.headings.all():
        open_ballot(heading=heading, actor=None)
    return cycle


def cast(poll: Poll, member: Membership, key: str = "the key of this very ballot") -> object:
    line = RegisterLine.objects.get(pk=line_of(poll, member).pk)
    return voting.cast_ballot(poll=poll, line=line, choice={"options": ["p1"]}, key=key)


def browser_of(person: Membership) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


def test_amina_votes_in_one_pot_of_the_group_and_in_the_whole_town_besides(choice: Cycle, amina: Membership) -> None:
    cast(poll_in(choice, "Parks"), amina)
    with pytest.raises(voting.BallotRefused, match="only 1 of these votes, and you have done so"):
        cast(poll_in(choice, "Streets"), amina)
    cast(poll_in(choice, "The whole town"), amina)
    assert [poll_in(choice, title).turnout for title in (*POTS, "The whole town")] == [0, 1, 0, 1]


def test_where_a_group_allows_two_the_third_is_refused(
    riverside: Assembly, amina: Membership, bao: Membership, eva: Membership
) -> None:
    cycle = open_all(make_choice(riverside, most=2), amina, eva)
    cast(poll_in(cycle, "Parks"), amina)
    cast(poll_in(cycle, "Streets"), amina)
    with pytest.raises(voting.BallotRefused, match="only 2 of these votes"):
        cast(poll_in(cycle, "Schools"), amina)
    cast(poll_in(cycle, "Schools"), bao)


def test_the_pots_of_a_group_share_a_register_and_the_citywide_pot_has_its_own(choice: Cycle) -> None:
    group = choice.groups.get()
    assert {poll_in(choice, title).register_id for title in POTS} == {group.register_id}
    assert poll_in(choice, "The whole town").register_id != group.register_id
    assert [poll_in(choice, title).define()["votes_in_at_most"] for title in (POTS[0], "The whole town")] == [1, None]


def test_the_pages_say_what_is_left_in_plain_words(choice: Cycle, amina: Membership) -> None:
    client = browser_of(amina)
    chooser = f"/cycles/{choice.pk}/ballot/"
    before = client.get(chooser).content.decode()
    assert "Here you choose in which pot you vote: in 1 of these." in before
    assert "You have 1 ballot left." in before
    assert "For everybody, besides their district" in before
    paper = client.get(f"/polls/{poll_in(choice, 'Streets').pk}/").content.decode()
    assert "You can vote in only 1 of them" in paper
    cast(poll_in(choice, "Parks"), amina)
    after = client.get(chooser).content.decode()
    assert "You have no ballot left here." in after
    assert after.count("No ballot left") == 2
    assert after.count("Your ballot is in") == 1
    closed = client.get(f"/polls/{poll_in(choice, 'Streets').pk}/").content.decode()
    assert "You have voted in 1 of these votes, and more is not possible." in closed
    assert '<form id="ballot"' not in closed
    assert "There is another one for you." in client.get(f"/cycles/{choice.pk}/").content.decode()
    cast(poll_in(choice, "The whole town"), amina)
    assert "You can change it until" in client.get(f"/cycles/{choice.pk}/").content.decode()


def test_a_ballot_too_many_comes_back_with_the_reason(choice: Cycle, amina: Membership) -> None:
    cast(poll_in(choice, "Parks"), amina)
    answer = browser_of(amina).post(
        f"/polls/{poll_in(choice, 'Streets').pk}/cast/", {"options": ["p1"], "key": "another key of this device"}
    )
    assert answer.status_code == 409
    assert "You can vote in only 1 of these votes" in answer.content.decode()


def test_a_sealed_ballot_stays_sealed_and_the_register_knows_only_that_somebody_voted(
    riverside: Assembly, amina: Membership, bao: Membership, eva: Membership
) -> None:
    cycle = open_all(make_choice(riverside, secrecy=Secrecy.CONFIDENTIAL), amina, eva)
    park = poll_in(cycle, "Parks")
    cast(park, amina)
    with pytest.raises(voting.BallotRefused, match="only 1 of these votes"):
        cast(poll_in(cycle, "Streets"), amina)
    assert not OpenBallot.objects.exists()
    use, envelope = RegisterUse.objects.get(), Envelope.objects.get()
    assert bytes(use.slot) not in (line_of(park, amina).pk.bytes, bytes(envelope.slot))


def test_people_choose_among_all_pots_so_none_opens_before_the_others_are_there(
    riverside: Assembly, amina: Membership, eva: Membership
) -> None:
    cycle = make_choice(riverside)
    fill(cycle, amina, eva, "Streets", "Parks")
    draw_up(cycle, "Streets")
    with pytest.raises(CycleRefused, match="Put the projects of “Parks” on the ballot first"):
        open_ballot(heading=pot(cycle, "Streets"), actor=None)
    draw_up(cycle, "Parks")  # nothing can be built in the schools, so that pot has no ballot
    open_ballot(heading=pot(cycle, "Streets"), actor=None)


def test_the_pots_of_several_districts_are_open_to_all_and_those_of_one_to_who_lives_there(
    riverside: Assembly, amina: Membership, bao: Membership, eva: Membership
) -> None:
    mill, hill = (District.objects.create(assembly=riverside, name=name) for name in ("Mill", "Hill"))
    amina.district = mill
    amina.save()
    cycle = make_cycle(
        riverside,
        Kind.BALLOTING,
        groups=[NewGroup("Anywhere"), NewGroup("In Mill")],
        headings=[
            NewHeading("In Mill", 50_000_00, district=mill, group="Anywhere"),
            NewHeading("On the hill", 50_000_00, district=hill, group="Anywhere"),
            NewHeading("Mill streets", 50_000_00, district=mill, group="In Mill"),
            NewHeading("Mill parks", 50_000_00, district=mill, group="In Mill"),
        ],
    )
    titles = [heading.title for heading in cycle.headings.all()]
    fill(cycle, amina, eva, *titles)
    draw_up(cycle, *titles)
    for heading in cycle.headings.all():
        open_ballot(heading=heading, actor=None)
    assert poll_in(cycle, "On the hill").entitled == Membership.objects.verified().filter(assembly=riverside).count()
    register = poll_in(cycle, "Mill parks").register
    assert register is not None
    assert [line.membership for line in register.lines.all()] == [amina]


def test_a_void_ballot_gives_the_vote_back_and_one_that_follows_shares_the_register(
    choice: Cycle, amina: Membership
) -> None:
    park = poll_in(choice, "Parks")
    cast(park, amina)
    voting.void_poll(poll=park, actor=None, reason="The list was wrong.")
    follows = put_on_ballot(heading=pot(choice, "Parks"), actor=None)
    assert follows.register_id == choice.groups.get().register_id
    open_ballot(heading=pot(choice, "Parks"), actor=None)
    cast(poll_in(choice, "Parks"), amina)
    with pytest.raises(voting.BallotRefused):
        cast(poll_in(choice, "Streets"), amina)


def test_when_all_votes_of_a_group_are_over_one_alone_is_not_repeated(choice: Cycle, amina: Membership) -> None:
    """The key that tells who voted in which of them is gone, so the limit could not hold."""
    for title in POTS:
        voting.close_poll(poll=poll_in(choice, title), actor=None)
    voting.void_poll(poll=poll_in(choice, "Parks"), actor=None, reason="The list was wrong.")
    with pytest.raises(CycleRefused, match="declare all of them void"):
        put_on_ballot(heading=pot(choice, "Parks"), actor=None)
    for title in ("Streets", "Schools"):
        voting.void_poll(poll=poll_in(choice, title), actor=None, reason="The list was wrong.")
    again = put_on_ballot(heading=pot(choice, "Parks"), actor=None)
    assert again.register is not None
    assert again.register.frozen_at is None
    assert again.state == PollState.DRAFT


def test_next_years_copy_has_the_same_groups(choice: Cycle) -> None:
    copied = copy_cycle(cycle=choice, actor=None)
    assert [(group.title, group.max_headings) for group in copied.groups.all()] == [("What it is about", 1)]
    assert [heading.group_id is not None for heading in copied.headings.all()] == [True, True, True, False]
    assert copied.headings.get(is_citywide=True).title == "The whole town"


def test_the_database_keeps_groups_and_the_citywide_pot_in_order(choice: Cycle, riverside: Assembly) -> None:
    other = make_cycle(riverside, headings=[NewHeading("All", 100)])
    park = pot(choice, "Parks")
    with pytest.raises(DatabaseError, match="group of its own budget"), transaction.atomic():
        Heading.objects.filter(cycle=other).update(group=park.group)
    with pytest.raises(IntegrityError, match="one_citywide"), transaction.atomic():
        Heading.objects.filter(pk=park.pk).update(is_citywide=True, group=None)
    with pytest.raises(IntegrityError, match="citywide_is_for_all"), transaction.atomic():
        Heading.objects.filter(cycle=choice, is_citywide=True).update(group=park.group)
    with pytest.raises(IntegrityError, match="one_vote_at_least"), transaction.atomic():
        HeadingGroup.objects.filter(cycle=choice).update(max_headings=0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("protected", [True, False], ids=["with the voter's lock", "without it"])
def test_two_pots_of_a_group_at_once_take_one_ballot(
    riverside: Assembly, amina: Membership, eva: Membership, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    """The switch takes the lock out of the service and the trigger off the table: then both ballots come in."""
    cycle = open_all(make_choice(riverside, secrecy=Secrecy.CONFIDENTIAL), amina, eva)
    polls = [poll_in(cycle, "Parks"), poll_in(cycle, "Streets")]
    create, met = RegisterUse.objects.bulk_create, threading.Barrier(2)

    def create_together(rows: list[RegisterUse]) -> object:
        met.wait(5)
        return create(rows)

    if not protected:
        monkeypatch.setattr(registers, "_lock_slot", lambda slot: None)
        monkeypatch.setattr(RegisterUse.objects, "bulk_create", create_together)
        switch("DISABLE")
    try:
        answers = in_threads(*[lambda poll=poll: cast(poll, amina, f"key for {poll.pk}") for poll in polls])
    finally:
        if not protected:
            switch("ENABLE")
    accepted = [answer for answer in answers if isinstance(answer, voting.Receipt)]
    assert len(accepted) == sum(poll.turnout for poll in polls) == (1 if protected else 2), answers
    if protected:
        assert any("only 1 of these votes" in str(answer) for answer in answers)


def switch(how: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE voting_registeruse {how} TRIGGER USER")
