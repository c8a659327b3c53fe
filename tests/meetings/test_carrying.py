"""What one meeting left comes onto the agenda of the next, once, with its documents."""

import contextlib
import threading
from typing import Any

import pytest
from django.test import Client

from assemblies.models import Assembly, Membership
from meetings import services
from meetings.documents import PDF, File
from meetings.models import Meeting
from meetings.services import MeetingRefused, carrying
from meetings.services.acts import lock
from tests.meetings.evening import fresh, in_session, item, make_meeting
from tests.threads import in_threads


@pytest.fixture
def earlier(riverside: Assembly) -> Meeting:
    """A meeting that ended with one item not reached, which has a plan, and one put off."""
    meeting = in_session(riverside)
    services.edit_item(item=item(meeting, 2), actor=None, text="Since May.", presenter="Dagny", planned_minutes=25)
    services.add_document(item=item(meeting, 2), title="Plan", file=File("p.pdf", PDF, b"%PDF-1"), actor=None)
    services.postpone(item=item(meeting, 3), to="the next meeting", actor=None)
    return services.adjourn(meeting=meeting, actor=None)


def test_what_was_left_is_taken_in_with_its_text_and_documents(earlier: Meeting, riverside: Assembly) -> None:
    later = make_meeting(riverside, "Welcome")
    made = services.carry_over_to(meeting=later, earlier=earlier, actor=None)
    assert [(one.position, one.title) for one in made] == [(2, "Old Tram Hall hours"), (3, "Youth seat on the board")]
    copy = item(later, 2)
    assert (copy.text, copy.presenter, copy.planned_minutes, copy.state) == ("Since May.", "Dagny", 25, "planned")
    assert copy.carried_from == item(earlier, 2)
    document = copy.documents.get()
    assert (document.title, bytes(document.content or b"")) == ("Plan", b"%PDF-1")
    assert item(earlier, 2).documents.get().pk != document.pk


def test_nothing_is_taken_in_twice(earlier: Meeting, riverside: Assembly) -> None:
    services.carry_over_to(meeting=make_meeting(riverside), earlier=earlier, actor=None)
    with pytest.raises(MeetingRefused, match="Nothing is left"):
        services.carry_over_to(meeting=make_meeting(riverside), earlier=earlier, actor=None)


def test_nothing_crosses_into_another_assembly(earlier: Meeting, harbour: Assembly) -> None:
    with pytest.raises(MeetingRefused, match="one assembly"):
        services.carry_over_to(meeting=make_meeting(harbour), earlier=earlier, actor=None)


def test_what_another_meeting_took_in_does_not_come_back(earlier: Meeting, riverside: Assembly) -> None:
    services.carry_over_to(meeting=make_meeting(riverside), earlier=earlier, actor=None)
    services.reconvene(meeting=earlier, actor=None)
    assert [one.state for one in earlier.items.all()] == ["concluded", "carried_over", "postponed"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("protected", [True, False], ids=["in one order", "in any order"])
def test_two_meetings_that_take_from_each_other_never_block_each_other(
    riverside: Assembly, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    """Each act stops between its two locks until the other has its first: without the order, neither goes on."""
    first, second = make_meeting(riverside), make_meeting(riverside)
    together = threading.Barrier(2)

    def slow_lock(*arguments: Any, **named: Any) -> Meeting:
        with contextlib.suppress(threading.BrokenBarrierError):
            together.wait(0.7)
        return lock(*arguments, **named)

    def one_after_the_other(meeting: Meeting, earlier: Meeting) -> None:
        Meeting.objects.select_for_update().get(pk=earlier.pk)

    monkeypatch.setattr(carrying, "lock", slow_lock)
    if not protected:
        monkeypatch.setattr(carrying, "_lock_both", one_after_the_other)
    answers = in_threads(
        lambda: services.carry_over_to(meeting=first, earlier=second, actor=None),
        lambda: services.carry_over_to(meeting=second, earlier=first, actor=None),
    )
    told = [isinstance(answer, MeetingRefused) for answer in answers]
    blocked = ["deadlock" in str(answer) for answer in answers]
    assert told == [True, True] if protected else any(blocked), answers


def test_bao_takes_it_in_on_the_page_of_the_agenda(client: Client, bao: Membership, earlier: Meeting) -> None:
    later = make_meeting(earlier.assembly, "Welcome")
    client.force_login(bao.user)
    page = client.get(f"/meetings/{later.pk}/agenda/").content.decode()
    assert "Left over from earlier meetings" in page
    data = {"from": str(earlier.pk), "version": fresh(later).version, "on_agenda": "1"}
    assert client.post(f"/meetings/{later.pk}/agenda/carry-over/", data).status_code == 302
    page = client.get(f"/meetings/{later.pk}/agenda/").content.decode()
    assert "Left over from earlier meetings" not in page
    assert "From an earlier meeting" in page
