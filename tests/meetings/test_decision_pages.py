"""Decisions, motions and votes as people see them: pages, panels, and the buttons that make them."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assemblies.models import Assembly, Membership, Role
from meetings import screens, services
from meetings.models import Decision, HandCount, ItemPoll, Meeting, Motion
from tests.make import make_assembly, make_member
from tests.meetings.evening import current, declare_void, fresh, fresh_poll, in_session, kinds, put_to_the_vote, vote
from tests.once import made_once, parts_of_it

TOPICS = {topic.name: topic for topic in screens.TOPICS}


def two_in_session() -> dict[str, Model]:
    riverside = make_assembly("Riverside")
    amina, bao = make_member(riverside, "Amina"), make_member(riverside, "Bao", Role.FACILITATOR)
    return {"riverside": riverside, "amina": amina, "bao": bao, "meeting": in_session(riverside, amina, bao)}


world = made_once(two_in_session)
riverside, amina, bao, meeting = parts_of_it("riverside", "amina", "bao", "meeting")


def panels(meeting: Meeting, topic: str, audience: str = "attendee") -> str:
    return "\n".join(TOPICS[topic].render(meeting.pk, audience, "en").values())


def url(meeting: Meeting, path: str) -> str:
    return f"/meetings/{meeting.pk}/{path}/"


def show(item_poll: ItemPoll) -> Decision:
    services.close_item_poll(item_poll=item_poll, actor=None)
    services.reveal_item_poll(item_poll=fresh_poll(item_poll), actor=None)
    return Decision.objects.get(poll=item_poll.poll)


def carried(meeting: Meeting, *members: Membership) -> Decision:
    item_poll = put_to_the_vote(meeting)
    for member in members:
        vote(item_poll.poll, member, "yes")
    return show(item_poll)


def test_a_result_says_its_numbers_and_who_was_there_on_every_screen(
    meeting: Meeting, amina: Membership, bao: Membership
) -> None:
    carried(meeting, amina, bao)
    for topic, audience in (("meeting", "attendee"), ("cockpit", "facilitator"), ("screen", "screen")):
        shown = panels(meeting, topic, audience)
        assert "Carried: 2 yes of 2 counted, needed 2." in shown
        assert "2 were there. No quorum was set." in shown


def test_a_void_decision_stays_on_the_page_struck_out_with_its_reason(
    client: Client, meeting: Meeting, amina: Membership
) -> None:
    decision = carried(meeting, amina)
    declare_void(fresh_poll(decision.poll.item_poll), "The question was unclear.")  # type: ignore[union-attr]
    page = client.get(url(meeting, "decisions")).content.decode()
    assert 'class="struck"' in page
    assert "Void: The question was unclear." in page
    assert "Void: The question was unclear." in panels(meeting, "cockpit", "facilitator")


def test_the_log_is_there_for_computers_and_names_nobody(client: Client, meeting: Meeting, amina: Membership) -> None:
    carried(meeting, amina)
    answer = client.get(f"/meetings/{meeting.pk}/decisions.json")
    (decision,) = answer.json()["decisions"]
    assert (decision["number"], decision["outcome"], decision["stands"]) == (1, "carried", True)
    assert decision["quorum"] == {"present": 2, "required": 0, "state": "not_set"}
    assert "Amina" not in answer.content.decode()


def test_members_see_who_was_there_and_others_do_not(
    meeting: Meeting, amina: Membership, chidi: Membership, riverside: Assembly
) -> None:
    number = carried(meeting, amina).number
    late = make_member(riverside, "Late Lena")
    services.check_in(meeting=fresh(meeting), membership=late)
    for member, status in ((amina, 200), (chidi, 403)):
        client = Client()
        client.force_login(member.user)
        answer = client.get(url(meeting, f"decisions/{number}/who-was-there"))
        assert answer.status_code == status
        assert ("Amina" in answer.content.decode()) == (status == 200)
        assert "Late Lena" not in answer.content.decode()


def test_the_log_costs_the_same_however_much_was_decided(
    client: Client, meeting: Meeting, amina: Membership, bao: Membership
) -> None:
    costs = set()
    for _round in range(2):
        carried(meeting, amina)
        client.get(url(meeting, "decisions"))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url(meeting, "decisions")).status_code == 200
        costs.add(len(captured))
    assert len(costs) == 1
    assert costs.pop() <= 8


def test_a_vote_in_two_taps_from_a_template(desk: Client, meeting: Meeting) -> None:
    item = current(meeting)
    for template, share in (("yes_no", ""), ("yes_no", "2/3"), ("temperature", ""), ("consensus", "")):
        said = {"template": template, "share": share, "version": fresh(meeting).version}
        assert desk.post(url(meeting, f"agenda/{item.pk}/quick-vote"), said).status_code == 302
        held = ItemPoll.objects.order_by("-pk")[0]
        assert held.poll.rule_parameters.get("threshold", "") == ("" if template != "yes_no" else share or "1/2")
        said = {"version": fresh(meeting).version}
        assert desk.post(url(meeting, f"polls/{held.poll_id}/open"), said).status_code == 302
        services.close_item_poll(item_poll=fresh_poll(held), actor=None)
    assert desk.post(url(meeting, f"agenda/{item.pk}/quick-vote"), {"template": "ranked"}).status_code == 404


@pytest.mark.parametrize(
    ("asked", "threshold", "operator", "base"),
    [
        ({"how_many": "majority"}, "1/2", ">", "cast"),
        ({"how_many": "two_thirds", "base": "members"}, "2/3", ">=", "members"),
        ({"how_many": "unanimous", "base": "present"}, "1", ">=", "present"),
        ({"how_many": "other", "share": "3/5", "operator": ">", "base": "register"}, "3/5", ">", "register"),
    ],
)
def test_the_form_takes_every_threshold_and_base(
    desk: Client, meeting: Meeting, asked: dict[str, str], threshold: str, operator: str, base: str
) -> None:
    said = {"question": "Shall we?", "template": "yes_no", "secrecy": "1", **asked}
    assert desk.post(url(meeting, f"agenda/{current(meeting).pk}/vote"), said).status_code == 302
    rule = ItemPoll.objects.get().poll.rule_parameters
    assert (rule["threshold"], rule["operator"], rule["base"]) == (threshold, operator, base)


def test_a_share_that_is_none_is_said_at_its_field(desk: Client, meeting: Meeting) -> None:
    said = {"question": "Shall we?", "template": "yes_no", "secrecy": "1", "how_many": "other", "share": "five"}
    answer = desk.post(url(meeting, f"agenda/{current(meeting).pk}/vote"), said)
    assert answer.status_code == 422
    assert b"Write a share such as 3/5" in answer.content
    assert b'value="five"' in answer.content


def test_voting_again_starts_from_what_was_asked(desk: Client, meeting: Meeting, amina: Membership) -> None:
    item_poll = services.add_poll(
        item=current(meeting), template="yes_no", question="Shall we?", threshold=services.TWO_THIRDS, actor=None
    )
    services.open_item_poll(item_poll=item_poll, actor=None)
    vote(fresh_poll(item_poll).poll, amina, "yes")
    show(fresh_poll(item_poll))
    path = url(meeting, f"agenda/{current(meeting).pk}/vote") + f"?like={item_poll.poll_id}"
    page = desk.get(path).content.decode()
    assert 'value="two_thirds"' in page
    said = {"question": "Shall we?", "template": "yes_no", "secrecy": "1", "how_many": "two_thirds"}
    assert desk.post(path, said).status_code == 302
    assert ItemPoll.objects.order_by("-pk")[0].poll.follows == item_poll.poll


def test_a_motion_from_a_residents_proposal_begins_with_its_words(
    desk: Client, meeting: Meeting, amina: Membership
) -> None:
    from meetings.models import AgendaItem
    from tests.proposals.making import make_cycle, make_proposal

    proposal = make_proposal(make_cycle(meeting.assembly), amina)
    AgendaItem.objects.filter(pk=current(meeting).pk).update(proposal=proposal)
    page = desk.get(url(meeting, f"agenda/{current(meeting).pk}/motion")).content.decode()
    assert proposal.text in page
    assert "Amina" in page


def test_a_motion_and_a_change_are_on_phones_and_on_the_wall(desk: Client, meeting: Meeting) -> None:
    said = {"title": "Trees", "text": "Ten trees in Mill Lane.", "mover": "Amina"}
    assert desk.post(url(meeting, f"agenda/{current(meeting).pk}/motion"), said).status_code == 302
    motion = Motion.objects.get()
    said = {"text": "Twelve trees in Mill Lane."}
    assert desk.post(url(meeting, f"motions/{motion.pk}/change"), said).status_code == 302
    for topic in ("meeting", "screen"):
        shown = panels(meeting, topic)
        assert "<del>Ten</del><ins>Twelve</ins> trees in Mill Lane." in shown
        assert "Instead of “Ten”: “Twelve”." in shown
    page = desk.get(url(meeting, f"motions/{motion.pk}")).content.decode()
    assert "<del>Ten</del><ins>Twelve</ins>" in page


def test_a_change_that_is_written_twice_keeps_what_was_typed(desk: Client, meeting: Meeting) -> None:
    motion = services.put_motion(item=current(meeting), title="Trees", text="Ten trees.", actor=None)
    answer = desk.post(url(meeting, f"motions/{motion.pk}/change"), {"text": "Ten trees.", "reason": "No reason"})
    assert answer.status_code == 422
    assert b"Change something in it" in answer.content
    assert b"No reason" in answer.content


def test_two_tellers_on_their_phones(desk: Client, meeting: Meeting, riverside: Assembly) -> None:
    from assemblies.models import Role

    said: dict[str, Any] = {"question": "Shall we?", "how_many": "majority", "base": "cast"}
    assert desk.post(url(meeting, f"agenda/{current(meeting).pk}/hands"), said).status_code == 302
    count = HandCount.objects.get()
    path = url(meeting, f"hands/{count.pk}")
    other = Client()
    other.force_login(make_member(riverside, "Clerk", Role.CLERK).user)
    assert desk.post(path, {"yes": "2", "no": "0", "abstain": "0"}).status_code == 302
    assert "Waiting for the other teller" in desk.get(path).content.decode()
    assert 'value="2"' not in other.get(path).content.decode()  # nobody sees the other's numbers
    assert other.post(path, {"yes": "1", "no": "0", "abstain": "0"}).status_code == 302
    for browser in (desk, other):
        assert "The two counts differ: count again." in browser.get(path).content.decode()
    assert other.post(path, {"yes": "9", "no": "0", "abstain": "0"}).status_code == 422
    assert other.post(path, {"yes": "2", "no": "0", "abstain": "0"}).status_code == 302
    assert "Carried: 2 yes of 2 counted, needed 2." in other.get(path).content.decode()


def test_the_chair_is_asked_on_their_own_phone(meeting: Meeting, amina: Membership, bao: Membership) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(chair_breaks_ties=True, chair=amina)
    item_poll = put_to_the_vote(fresh(meeting))
    vote(item_poll.poll, amina, "yes")
    vote(item_poll.poll, bao, "no")
    tie = show(item_poll)
    assert "The chair decides it now." in panels(meeting, "meeting")
    for member, is_chair in ((amina, True), (bao, False)):
        client = Client()
        client.force_login(member.user)
        shown = client.get(url(meeting, "my-vote")).content.decode()
        assert ("you are the chair" in shown) == is_chair
        answer = client.post(url(meeting, f"decisions/{tie.number}/tie"), {"vote": "yes"})
        assert answer.status_code == (302 if is_chair else 403)
    assert Decision.objects.standing().get().way == "casting_vote"
    assert "Carried by the casting vote of the chair" in panels(meeting, "screen", "screen")


def test_a_tie_between_answers_and_a_block_lead_on_with_one_tap(
    desk: Client, meeting: Meeting, amina: Membership, bao: Membership
) -> None:
    item_poll = put_to_the_vote(meeting, "choose_one", "Which?", "Bench", "Well")
    vote(item_poll.poll, amina, "1")
    vote(item_poll.poll, bao, "2")
    show(item_poll)
    assert "Put up the runoff" in panels(meeting, "cockpit", "facilitator")
    said = {"version": fresh(meeting).version}
    assert desk.post(url(meeting, f"polls/{item_poll.poll_id}/runoff"), said).status_code == 302
    assert ItemPoll.objects.order_by("-pk")[0].poll.follows == item_poll.poll


def test_without_a_quorum_the_cockpit_offers_what_may_still_be_decided(
    riverside: Assembly, amina: Membership, desk: Client
) -> None:
    meeting = in_session(riverside, amina, quorum_needed=9)
    assert "Close the meeting?" in panels(meeting, "cockpit", "facilitator")
    said = {"matter": "adjourn", "version": fresh(meeting).version}
    path = url(meeting, f"agenda/{current(meeting).pk}/vote-without-quorum")
    assert desk.post(path, said).status_code == 302
    assert not ItemPoll.objects.get().needs_quorum
    assert desk.post(path, {"matter": "spend"}).status_code == 404


def test_the_chair_and_the_rule_for_ties_are_chosen_on_the_meetings_page(
    desk: Client, riverside: Assembly, bao: Membership, amina: Membership, chidi: Membership
) -> None:
    from tests.meetings.evening import announced

    meeting = announced(riverside)
    said = {
        "title": "Winter assembly",
        "starts_at": "2031-01-10T18:00",
        "planned_end_at": "2031-01-10T21:00",
        "chair_breaks_ties": "on",
    }
    assert desk.post(url(meeting, "edit"), {**said, "chair": str(chidi.pk)}).status_code == 422
    assert desk.post(url(meeting, "edit"), {**said, "chair": str(bao.pk)}).status_code == 302
    assert (fresh(meeting).chair, fresh(meeting).chair_breaks_ties) == (bao, True)


def test_a_result_that_the_room_saw_is_void_when_a_second_facilitator_confirms_it(
    client: Client, meeting: Meeting, amina: Membership, bao: Membership
) -> None:
    decision = carried(meeting, amina)
    second = make_member(meeting.assembly, "Vera", Role.FACILITATOR)
    assert decision.poll
    void = f"/meetings/{meeting.pk}/polls/{decision.poll.pk}/void/"
    client.force_login(bao.user)
    assert "a second person must confirm it" in panels(meeting, "cockpit", "facilitator")
    client.post(void, {"reason": "Two people came late."})
    shown = panels(meeting, "cockpit", "facilitator")
    assert "Waiting for a second person." in shown
    assert "Bao asks to declare this void: “Two people came late.”" in shown
    assert kinds(meeting)[-1] == "poll_void_asked"
    again = client.post(void, {"reason": "Two people came late."})
    assert "You asked for this yourself" in again.content.decode()
    decision.refresh_from_db()
    assert decision.voided_at is None

    client.force_login(second.user)
    client.post(void)
    decision.refresh_from_db()
    assert decision.void_reason == "Two people came late."
    assert "Waiting for a second person." not in panels(meeting, "cockpit", "facilitator")


def test_a_decision_by_agreement_is_void_when_a_second_facilitator_confirms_it(
    client: Client, meeting: Meeting, amina: Membership, bao: Membership
) -> None:
    motion = services.put_motion(item=current(meeting), title="Trees", text="Ten trees.", actor=None)
    decision = services.decide_by_agreement(motion=motion, actor=None)
    void = f"/meetings/{meeting.pk}/decisions/{decision.number}/void/"
    client.force_login(bao.user)
    alone = client.post(void, {"reason": "Not everybody heard it."})
    assert "you are the only one who may" in alone.content.decode()
    second = make_member(meeting.assembly, "Vera", Role.FACILITATOR)
    assert client.post(void, {"reason": " "}).status_code == 409
    client.post(void, {"reason": "Not everybody heard it."})
    page = client.get(url(meeting, "decisions")).content.decode()
    assert "Waiting for a second person." in page
    assert "Bao asks to declare this void: “Not everybody heard it.”" in page
    assert "You asked for this yourself" in client.post(void, {"reason": "Again."}).content.decode()
    client.force_login(second.user)
    client.post(void)
    decision.refresh_from_db()
    assert decision.void_reason == "Not everybody heard it."
    assert kinds(meeting)[-2:] == ["decision_void_asked", "decision_voided"]
