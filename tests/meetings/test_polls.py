"""Votes under agenda items."""

import pytest

from assemblies.models import Assembly, Membership
from meetings import screens, services
from meetings.models import ItemPoll, Scene
from meetings.services import TEMPLATES, MeetingRefused
from meetings.situation import look
from tests.make import make_member
from tests.meetings.evening import (
    current,
    declare_void,
    fresh,
    fresh_poll,
    in_session,
    item,
    kinds,
    make_meeting,
    put_to_the_vote,
    put_up,
    seat,
    vote,
    with_doors_open,
)
from voting import results
from voting.models import PollState, RegisterLine
from voting.owners import owner_of


def entitled(item_poll: ItemPoll) -> set[Membership]:
    lines = RegisterLine.objects.filter(register=item_poll.poll.register).select_related("membership")
    return {line.membership for line in lines if line.membership}


def test_the_register_is_who_is_there_and_verified(riverside: Assembly, amina: Membership, bao: Membership) -> None:
    guest = make_member(riverside, "Guest", verified=False)
    left = make_member(riverside, "Left early")
    make_member(riverside, "At home")
    meeting = in_session(riverside, amina, bao, guest, left)
    services.check_out(attendee=seat(meeting, left))
    item_poll = put_to_the_vote(meeting)
    assert entitled(item_poll) == {amina, bao}
    late = make_member(riverside, "Late")
    services.check_in(meeting=meeting, membership=late)
    services.check_out(attendee=seat(meeting, amina))
    assert entitled(item_poll) == {amina, bao}


def test_who_left_and_came_back_is_in_the_register_once(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    services.check_out(attendee=seat(meeting, amina))
    services.check_in(meeting=meeting, membership=amina)
    assert entitled(put_to_the_vote(meeting)) == {amina}


def test_no_vote_without_voters(riverside: Assembly) -> None:
    with pytest.raises(MeetingRefused, match="Nobody could vote"):
        put_to_the_vote(in_session(riverside))


def test_no_vote_outside_the_session(riverside: Assembly, amina: Membership) -> None:
    meeting = with_doors_open(riverside, amina)
    item_poll = services.add_poll(item=item(meeting, 1), template="yes_no", question="Now?", actor=None)
    with pytest.raises(MeetingRefused, match="in session"):
        services.open_item_poll(item_poll=item_poll, actor=None)


def test_no_vote_on_an_item_that_is_not_on_the_floor(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    item_poll = services.add_poll(item=item(meeting, 2), template="yes_no", question="Already?", actor=None)
    with pytest.raises(MeetingRefused, match="Take up the item first"):
        services.open_item_poll(item_poll=item_poll, actor=None)


def test_no_vote_below_the_quorum(riverside: Assembly, amina: Membership, bao: Membership) -> None:
    meeting = in_session(riverside, amina, quorum_needed=2)
    item_poll = put_up(meeting)
    with pytest.raises(MeetingRefused, match="2 voters must be checked in, and 1 are"):
        services.open_item_poll(item_poll=item_poll, actor=None)
    services.check_in(meeting=meeting, membership=bao)
    services.open_item_poll(item_poll=item_poll, actor=None)


def test_strangers_who_just_joined_make_no_quorum(riverside: Assembly, amina: Membership) -> None:
    strangers = [make_member(riverside, "Stranger", verified=False) for _ in range(3)]
    meeting = in_session(riverside, amina, *strangers, quorum_needed=2)
    with pytest.raises(MeetingRefused, match="quorum is not met"):
        services.open_item_poll(item_poll=put_up(meeting), actor=None)
    assert not look(meeting.pk).quorum_is_met


def test_one_vote_at_a_time(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    put_to_the_vote(meeting)
    with pytest.raises(MeetingRefused, match="Another vote is open"):
        put_to_the_vote(meeting, "choose_one", "Which?")


def test_a_vote_goes_from_ready_to_shown_and_the_projector_follows(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    item_poll = put_to_the_vote(meeting)
    assert (fresh(meeting).scene, fresh(meeting).scene_poll) == (Scene.POLL, item_poll.poll)
    vote(item_poll.poll, amina, "yes")
    services.close_item_poll(item_poll=item_poll, actor=None)
    assert fresh_poll(item_poll).poll.state == PollState.WITHHELD
    assert results.visible_results(fresh_poll(item_poll).poll) == []
    services.reveal_item_poll(item_poll=item_poll, actor=None)
    assert (fresh(meeting).scene, fresh(meeting).scene_poll) == (Scene.RESULT, item_poll.poll)
    assert results.binding_result(fresh_poll(item_poll).poll).winners  # type: ignore[union-attr]
    assert kinds(meeting)[-5:] == ["poll_opened", "poll_closed", "poll_counted", "poll_published", "decided"]


def test_the_wall_says_whether_the_quorum_stayed_until_the_vote_closed(
    riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    meeting = in_session(riverside, amina, bao, quorum_needed=2)
    told = []
    for leaves in (False, True):
        item_poll = put_to_the_vote(meeting, question=f"Leaves {leaves}?")
        vote(item_poll.poll, amina, "yes")
        if leaves:
            services.step_out(attendee=seat(meeting, bao))
        services.close_item_poll(item_poll=item_poll, actor=None)
        services.reveal_item_poll(item_poll=item_poll, actor=None)
        told.append(screens.render_screen(meeting.pk, "public", "en")["scene"])
    assert "Quorum met: 2 were there, needed 2." in told[0]
    assert "It was lost before the vote closed." not in told[0]
    assert "2 were there, needed 2. It was lost before the vote closed." in told[1]


def test_an_open_vote_says_so_and_is_shown_when_it_closes(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    item_poll = put_to_the_vote(meeting, "approval", "What first?")
    vote(item_poll.poll, amina, "1", "3")
    tally = results.running_tally(item_poll.poll)
    assert tally is not None
    assert [total.votes for total in tally.totals] == [1, 0, 1]
    services.close_item_poll(item_poll=item_poll, actor=None)
    assert fresh_poll(item_poll).poll.state == PollState.PUBLISHED
    assert fresh(meeting).scene == Scene.RESULT


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_kind_of_vote_can_be_opened_and_counted(riverside: Assembly, amina: Membership, template: str) -> None:
    meeting = in_session(riverside, amina)
    item_poll = put_to_the_vote(meeting, template)
    vote(item_poll.poll, amina, {"yes_no": "yes", "consensus": "agree"}.get(template, "2"))
    services.close_item_poll(item_poll=item_poll, actor=None)
    assert fresh_poll(item_poll).poll.is_counted


@pytest.mark.parametrize("options", [[], ["Bench"], ["Bench", " Bench "], [f"Option {n}" for n in range(13)]])
def test_a_vote_offers_between_two_and_twelve_different_answers(riverside: Assembly, options: list[str]) -> None:
    meeting = make_meeting(riverside)
    with pytest.raises(MeetingRefused, match="between 2 and 12"):
        services.add_poll(item=item(meeting, 1), template="choose_one", question="Which?", options=options, actor=None)


def test_a_void_vote_leaves_the_projector(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    item_poll = put_to_the_vote(meeting)
    declare_void(item_poll, "The question was read out wrongly.")
    assert (fresh(meeting).scene, fresh(meeting).scene_poll) == (Scene.ITEM, None)
    put_to_the_vote(meeting)


def test_the_scene_can_be_chosen_and_darkened(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    for scene in (Scene.POLL, Scene.RESULT):
        with pytest.raises(MeetingRefused):
            services.set_scene(meeting=meeting, scene=scene, actor=None)
    item_poll = put_to_the_vote(meeting)
    services.set_scene(meeting=meeting, scene=Scene.WELCOME, actor=None)
    services.blank(meeting=meeting, on=True, actor=None)
    assert fresh(meeting).is_blanked
    services.set_scene(meeting=meeting, scene=Scene.POLL, actor=None)
    assert (fresh(meeting).scene_poll, fresh(meeting).is_blanked) == (item_poll.poll, False)


def test_bao_runs_the_polls_of_the_meeting_and_amina_does_not(
    riverside: Assembly, amina: Membership, bao: Membership, chidi: Membership
) -> None:
    poll = put_to_the_vote(in_session(riverside, amina)).poll
    owner = owner_of(poll)
    assert owner.may(bao.user, "close", poll)
    assert not owner.may(amina.user, "close", poll)
    assert not owner.may(chidi.user, "close", poll)


def test_the_outcome_is_noted_in_a_sentence(riverside: Assembly) -> None:
    meeting = in_session(riverside)
    services.note_outcome(item=current(meeting), outcome="Noted, one question to the district", actor=None)
    assert current(meeting).outcome == "Noted, one question to the district"
    with pytest.raises(MeetingRefused):
        services.note_outcome(item=item(meeting, 2), outcome="Too early", actor=None)
