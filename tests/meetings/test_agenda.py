"""Writing the agenda, and moving through it."""

import pytest

from assemblies.models import Assembly, Membership
from meetings import services
from meetings.models import ItemKind, ItemPoll, Meeting, Scene
from meetings.services import MeetingRefused
from tests.meetings.evening import (
    current,
    fresh,
    fresh_poll,
    in_session,
    item,
    kinds,
    make_meeting,
    put_to_the_vote,
    put_up,
    seat,
)
from voting.models import Poll


def titles(meeting: Meeting) -> list[str]:
    return [one.title for one in meeting.items.order_by("position")]


def test_items_change_places_with_their_neighbour(riverside: Assembly) -> None:
    meeting = make_meeting(riverside, "A", "B", "C")
    services.move_item(item=item(meeting, 3), up=True, actor=None)
    assert titles(meeting) == ["A", "C", "B"]
    services.move_item(item=item(meeting, 1), up=False, actor=None)
    assert titles(meeting) == ["C", "A", "B"]


def test_at_the_edge_nothing_moves(riverside: Assembly) -> None:
    meeting = make_meeting(riverside, "A", "B")
    before = kinds(meeting)
    services.move_item(item=item(meeting, 1), up=True, actor=None)
    services.move_item(item=item(meeting, 2), up=False, actor=None)
    assert titles(meeting) == ["A", "B"]
    assert kinds(meeting) == before


def test_what_is_done_stays_where_it_was(riverside: Assembly) -> None:
    meeting = in_session(riverside, taken_up=1)
    services.move_item(item=item(meeting, 2), up=True, actor=None)
    assert item(meeting, 2).title == "Old Tram Hall hours"
    with pytest.raises(MeetingRefused):
        services.move_item(item=current(meeting), up=False, actor=None)


def test_a_removed_item_leaves_no_gap_and_takes_its_unopened_poll_along(riverside: Assembly) -> None:
    meeting = make_meeting(riverside, "A", "B", "C")
    services.add_poll(item=item(meeting, 2), template="yes_no", question="Shall we?", actor=None)
    services.remove_item(item=item(meeting, 2), actor=None)
    assert titles(meeting) == ["A", "C"]
    assert [one.position for one in meeting.items.all()] == [1, 2]
    assert not Poll.objects.exists()
    last = meeting.events.order_by("seq").last()
    assert last is not None
    assert last.data["title"] == "B"


def test_only_what_is_still_to_come_is_removed(riverside: Assembly) -> None:
    meeting = in_session(riverside)
    with pytest.raises(MeetingRefused):
        services.remove_item(item=current(meeting), actor=None)


def test_the_next_item_ends_the_one_before_with_its_outcome(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    first = current(meeting)
    entry = services.raise_hand(attendee=seat(meeting, amina))
    services.call_speaker(entry=entry, actor=None)
    services.advance(meeting=meeting, to=item(meeting, 2), actor=None, outcome="Minutes approved")
    first.refresh_from_db()
    entry.refresh_from_db()
    assert (first.state, first.outcome, entry.state) == ("concluded", "Minutes approved", "finished")
    assert current(meeting).position == 2
    assert fresh(meeting).scene == Scene.ITEM


def test_a_break_on_the_agenda_shows_the_break(riverside: Assembly) -> None:
    meeting = in_session(riverside)
    pause = services.add_item(meeting=meeting, title="Soup", kind=ItemKind.BREAK, actor=None)
    services.advance(meeting=meeting, to=pause, actor=None)
    assert fresh(meeting).scene == Scene.BREAK


def test_nobody_moves_on_while_people_vote(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    item_poll = put_to_the_vote(meeting)
    with pytest.raises(MeetingRefused, match="Close the vote first"):
        services.advance(meeting=meeting, to=item(meeting, 2), actor=None)
    with pytest.raises(MeetingRefused, match="Close the vote first"):
        services.go_back(meeting=meeting, actor=None)
    services.close_item_poll(item_poll=item_poll, actor=None)
    services.advance(meeting=meeting, to=item(meeting, 2), actor=None)
    assert current(meeting).position == 2


def test_going_back_undoes_the_step(riverside: Assembly) -> None:
    meeting = in_session(riverside, taken_up=2)
    services.go_back(meeting=meeting, actor=None)
    assert [one.state for one in meeting.items.all()] == ["current", "planned", "planned"]
    with pytest.raises(MeetingRefused, match="no earlier item"):
        services.go_back(meeting=meeting, actor=None)


def test_an_item_with_a_vote_is_done_when_one_goes_back(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina, taken_up=2)
    services.close_item_poll(item_poll=put_to_the_vote(meeting), actor=None)
    services.go_back(meeting=meeting, actor=None)
    assert [one.state for one in meeting.items.all()] == ["current", "concluded", "planned"]


def test_an_item_is_left_out_and_taken_back(riverside: Assembly) -> None:
    meeting = in_session(riverside)
    services.skip_item(item=item(meeting, 2), actor=None)
    with pytest.raises(MeetingRefused):
        services.advance(meeting=meeting, to=item(meeting, 2), actor=None)
    services.take_back_item(item=item(meeting, 2), actor=None)
    services.advance(meeting=meeting, to=item(meeting, 2), actor=None)


def test_an_item_of_another_meeting_is_not_taken_up(riverside: Assembly) -> None:
    meeting = in_session(riverside)
    other = make_meeting(riverside)
    with pytest.raises(services.StaleClick):
        services.advance(meeting=meeting, to=item(other, 1), actor=None)


def test_a_poll_is_taken_away_only_before_it_opens(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    services.remove_poll(item_poll=put_up(meeting), actor=None)
    assert not ItemPoll.objects.exists()
    opened = fresh_poll(put_to_the_vote(meeting))
    with pytest.raises(MeetingRefused, match="declared void"):
        services.remove_poll(item_poll=opened, actor=None)
