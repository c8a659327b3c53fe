"""Items that are adopted together without debate, and one voice that is enough to talk about one of them (I4)."""

import pytest
from django.test import Client

from assemblies.models import Assembly, Membership
from meetings import services
from meetings.models import Decision, ItemKind, ItemState, Meeting, Motion, MotionState, Objection
from meetings.services import MeetingRefused
from tests.make import make_member
from tests.meetings.evening import fresh, in_session, item, kinds, put_to_the_vote, seat

HTMX = {"hx-request": "true"}


@pytest.fixture
def meeting(riverside: Assembly, amina: Membership) -> Meeting:
    """Items 2 and 3 are to be adopted together; Amina is in the room."""
    meeting = in_session(riverside, amina)
    for number in (2, 3):
        services.mark_for_consent(item=item(meeting, number), on=True, actor=None)
    return fresh(meeting)


def test_i4_the_group_is_adopted_by_one_decision_that_names_each_item(meeting: Meeting) -> None:
    before = kinds(meeting)
    decision = services.adopt_consent_group(meeting=meeting, actor=None)
    assert [one.state for one in meeting.items.all()] == ["current", "consented", "consented"]
    assert Decision.objects.get() == decision
    assert (decision.way, decision.outcome, decision.item) == ("consent", "carried", None)
    for title in ("Old Tram Hall hours", "Youth seat on the board"):
        assert title in decision.sentence
        assert title in decision.text
    assert len(kinds(meeting)) == len(before) + 1


def test_i4_one_person_who_may_vote_takes_an_item_out(meeting: Meeting, amina: Membership) -> None:
    version = meeting.version
    services.object_to_consent(attendee=seat(meeting, amina), item=item(meeting, 2))
    assert not item(meeting, 2).is_consent
    assert fresh(meeting).version == version  # it makes no facilitator's click stale
    services.adopt_consent_group(meeting=meeting, actor=None, expected_version=version)
    assert [one.state for one in meeting.items.all()] == ["current", "planned", "consented"]


def test_i4_the_chair_adopts_no_other_group_than_the_cockpit_showed(
    desk: Client, meeting: Meeting, amina: Membership
) -> None:
    """An objection makes no click stale, so each button says which items it stood beside."""
    page = desk.get(f"/meetings/{meeting.pk}/cockpit/").content.decode()
    shown = ",".join(str(item(meeting, number).pk) for number in (2, 3))
    assert page.count(f'name="shown" value="{shown}"') == 2  # beside the list, and as the next step
    press = {"version": fresh(meeting).version, "shown": shown}
    services.object_to_consent(attendee=seat(meeting, amina), item=item(meeting, 2))
    url = f"/meetings/{meeting.pk}/adopt-together/"
    refused = desk.post(url, press, headers=HTMX)
    assert refused.status_code == 409
    assert "Somebody wants to talk about one of these items" in refused.content.decode()
    assert [one.state for one in meeting.items.all()] == ["current", "planned", "planned"]
    assert desk.post(url, press | {"shown": str(item(meeting, 3).pk)}).status_code == 302
    assert [one.state for one in meeting.items.all()] == ["current", "planned", "consented"]


def test_i4_asking_twice_is_asking_once(meeting: Meeting, amina: Membership) -> None:
    for _time in range(2):
        services.object_to_consent(attendee=seat(meeting, amina), item=item(meeting, 2))
    assert Objection.objects.count() == 1
    assert kinds(meeting).count("consent_objected") == 1


def test_i4_after_adoption_it_is_too_late_to_take_an_item_out(meeting: Meeting, amina: Membership) -> None:
    services.adopt_consent_group(meeting=meeting, actor=None)
    with pytest.raises(MeetingRefused, match="adopted already"):
        services.object_to_consent(attendee=seat(meeting, amina), item=item(meeting, 2))


def test_i4_who_may_not_vote_or_is_not_here_takes_nothing_out(meeting: Meeting, riverside: Assembly) -> None:
    newcomer, away = make_member(riverside, "Newcomer", verified=False), make_member(riverside, "Away")
    services.check_in(meeting=meeting, membership=newcomer)
    with pytest.raises(MeetingRefused, match="may vote"):
        services.object_to_consent(attendee=seat(meeting, newcomer), item=item(meeting, 2))
    with pytest.raises(MeetingRefused, match="Check in"):
        services.object_to_consent(attendee=seat(meeting, away), item=item(meeting, 2))
    assert item(meeting, 2).is_consent


def test_i4_nobody_puts_back_what_somebody_wants_to_talk_about(meeting: Meeting, amina: Membership) -> None:
    services.object_to_consent(attendee=seat(meeting, amina), item=item(meeting, 2))
    with pytest.raises(MeetingRefused, match="asked to talk"):
        services.mark_for_consent(item=item(meeting, 2), on=True, actor=None)
    with pytest.raises(MeetingRefused, match="asked to talk"):
        services.edit_item(item=item(meeting, 2), is_consent=True, actor=None)


def test_an_objection_in_another_meeting_takes_nothing_out(
    meeting: Meeting, riverside: Assembly, amina: Membership
) -> None:
    other = in_session(riverside, amina)
    with pytest.raises(MeetingRefused):
        services.object_to_consent(attendee=seat(other, amina), item=item(meeting, 2))


def test_an_item_that_is_talked_about_anyway_needs_no_objection(meeting: Meeting, amina: Membership) -> None:
    with pytest.raises(MeetingRefused, match="anyway"):
        services.object_to_consent(attendee=seat(meeting, amina), item=item(meeting, 1))


def test_with_an_item_its_motions_are_carried(meeting: Meeting) -> None:
    motion = Motion.objects.create(item=item(meeting, 2), title="M", text="Open late.", created_at=meeting.created_at)
    services.adopt_consent_group(meeting=meeting, actor=None)
    motion.refresh_from_db()
    assert (motion.state, motion.adopted_text) == (MotionState.CARRIED, "Open late.")


def test_m2_nothing_is_adopted_while_people_vote(meeting: Meeting) -> None:
    put_to_the_vote(meeting)
    with pytest.raises(MeetingRefused, match="Close the vote first"):
        services.adopt_consent_group(meeting=meeting, actor=None)


def test_m3_nothing_is_adopted_without_a_quorum_or_in_a_break(meeting: Meeting) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(quorum_base="fixed", quorum_needed=2)
    with pytest.raises(MeetingRefused, match="quorum is not met"):
        services.adopt_consent_group(meeting=meeting, actor=None)
    services.recess(meeting=meeting, actor=None)
    with pytest.raises(MeetingRefused, match="end the break"):
        services.adopt_consent_group(meeting=meeting, actor=None)
    assert not Decision.objects.exists()


def test_an_empty_group_is_not_adopted(riverside: Assembly) -> None:
    with pytest.raises(MeetingRefused, match="nothing left"):
        services.adopt_consent_group(meeting=in_session(riverside), actor=None)


def test_a_break_and_what_is_done_join_no_group(meeting: Meeting) -> None:
    pause = services.add_item(meeting=meeting, title="Soup", kind=ItemKind.BREAK, actor=None)
    with pytest.raises(MeetingRefused, match="in a break"):
        services.mark_for_consent(item=pause, on=True, actor=None)
    with pytest.raises(MeetingRefused, match="still to come"):
        services.mark_for_consent(item=item(meeting, 1), on=True, actor=None)


def test_amina_asks_from_her_phone_with_and_without_scripts(
    client: Client, meeting: Meeting, amina: Membership
) -> None:
    client.force_login(amina.user)
    assert "I want to talk about this" in client.get(f"/meetings/{meeting.pk}/live/").content.decode()
    url = f"/meetings/{meeting.pk}/agenda/{item(meeting, 2).pk}/talk-about-it/"
    assert client.post(url).headers["Location"] == f"/meetings/{meeting.pk}/live/"
    answer = client.post(url.replace(str(item(meeting, 2).pk), str(item(meeting, 3).pk)), headers=HTMX)
    assert "will be talked about" in answer.content.decode()
    assert "I want to talk about this" not in client.get(f"/meetings/{meeting.pk}/live/").content.decode()
    services.check_out(attendee=seat(meeting, amina))
    refused = client.post(url, headers=HTMX)
    assert (refused.status_code, "Check in first" in refused.content.decode()) == (409, True)


def test_visitors_see_the_group_without_a_button(client: Client, meeting: Meeting) -> None:
    page = client.get(f"/meetings/{meeting.pk}/live/").content.decode()
    assert "without debate" in page
    assert "I want to talk about this" not in page


def test_what_was_adopted_can_be_taken_up_again(meeting: Meeting) -> None:
    services.adopt_consent_group(meeting=meeting, actor=None)
    services.reconsider(item=item(meeting, 2), actor=None)
    assert item(meeting, 2).state == ItemState.CURRENT
