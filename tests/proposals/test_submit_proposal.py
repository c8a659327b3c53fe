"""An idea in five minutes: draft, check your answers, sent."""

import re

import pytest
from django.test import Client

import ledger
from assemblies.models import Assembly, Membership
from proposals.models import Cycle, Proposal
from proposals.models.proposals import new_reference
from proposals.services import CycleRefused, draft_proposal, edit_draft, start_phase, submit_proposal
from tests.proposals.making import USUAL, Kind, calendar, make_cycle, make_draft, make_proposal, pot_of

IDEA = {
    "title": "A bench at the bus stop",
    "summary": "So that people can sit while they wait.",
    "text": "Line 4 comes every 30 minutes, and there is nowhere to sit.",
    "category": "streets",
}

BUTTON = '<button class="btn" type="submit">'  # of a step: to go on, or to keep what was changed


def test_amina_writes_one_page_after_the_other_and_sends_her_idea(
    client: Client, amina: Membership, ideas: Cycle
) -> None:
    client.force_login(amina.user)
    answer = client.post(f"/cycles/{ideas.pk}/propose/", IDEA)
    proposal = Proposal.objects.get()
    where, cost, photos, check = (f"/proposals/{proposal.pk}/{page}/" for page in ("where", "cost", "photos", "check"))
    assert answer["Location"] == where  # nobody had an idea like this, so there is nothing to compare it with
    assert proposal.is_draft
    assert client.post(where, {"where": "spot", "place": "Weaver Lane"})["Location"] == cost
    assert client.post(cost, {"cost_guess": "1 200"})["Location"] == photos
    assert check in client.get(photos).content.decode()
    proposal.refresh_from_db()
    assert (proposal.place, proposal.cost_guess) == ("Weaver Lane", 1_200_00)

    page = client.get(check).content.decode()
    assert "Not sent yet" in page
    assert "A bench at the bus stop" in page

    answer = client.post(check)
    assert answer["Location"] == f"/proposals/{proposal.pk}/sent/"
    page = client.get(answer["Location"]).content.decode()
    assert proposal.reference in page
    assert "What happens next" in page
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.SUBMITTED
    assert "A bench at the bus stop" in client.get(f"/cycles/{ideas.pk}/proposals/").content.decode()


def test_one_answer_is_changed_from_the_last_page_and_leads_back_there(
    client: Client, amina: Membership, ideas: Cycle
) -> None:
    client.force_login(amina.user)
    proposal = make_draft(ideas, amina)
    page = client.get(f"/proposals/{proposal.pk}/edit/?changing=1").content.decode()
    assert 'name="changing"' in page
    for page, answers in (("edit", IDEA), ("where", {"where": "town"}), ("cost", {"cost_guess": ""})):
        answer = client.post(f"/proposals/{proposal.pk}/{page}/", answers | {"changing": "1"})
        assert answer["Location"] == f"/proposals/{proposal.pk}/check/"


def test_who_has_no_name_yet_is_asked_for_one(client: Client, amina: Membership, ideas: Cycle) -> None:
    proposal = make_draft(ideas, amina)
    client.force_login(amina.user)
    address = f"/proposals/{proposal.pk}/contact/"
    assert client.get(address)["Location"] == f"/proposals/{proposal.pk}/check/", "who has one is not asked"
    type(amina.user).objects.update(name="")
    assert "Step 6 of 7" in client.get(address).content.decode()
    assert client.post(address, {"name": "N" * 100}).status_code == 422
    assert client.post(address, {"name": " Amina "})["Location"] == f"/proposals/{proposal.pk}/check/"
    amina.user.refresh_from_db()
    assert amina.user.name == "Amina"


def test_what_was_typed_is_kept_when_something_is_missing(client: Client, amina: Membership, ideas: Cycle) -> None:
    client.force_login(amina.user)
    answer = client.post(f"/cycles/{ideas.pk}/propose/", IDEA | {"title": ""})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Give your idea a name." in page
    assert "nowhere to sit" in page
    assert "Error:" in page
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("guess", ["0", "-5", "1.2.3", "9" * 30])
def test_a_guess_that_is_no_amount_is_refused(client: Client, amina: Membership, ideas: Cycle, guess: str) -> None:
    client.force_login(amina.user)
    proposal = make_draft(ideas, amina, cost_guess=500)
    answer = client.post(f"/proposals/{proposal.pk}/cost/", {"cost_guess": guess})
    assert answer.status_code == 422
    assert guess in answer.content.decode()
    proposal.refresh_from_db()
    assert proposal.cost_guess == 500


def test_a_draft_can_be_changed_until_it_is_sent(client: Client, amina: Membership, ideas: Cycle) -> None:
    client.force_login(amina.user)
    proposal = make_draft(ideas, amina, cost_guess=1_200_00)
    page = client.get(f"/proposals/{proposal.pk}/edit/").content.decode()
    assert "There is no shade on Mill Street." in page
    client.post(f"/proposals/{proposal.pk}/edit/", IDEA)
    proposal.refresh_from_db()
    assert proposal.title == "A bench at the bus stop"
    submit_proposal(proposal=proposal)
    assert client.post(f"/proposals/{proposal.pk}/edit/", IDEA | {"title": "Another"}).status_code == 302
    proposal.refresh_from_db()
    assert proposal.title == "A bench at the bus stop"
    with pytest.raises(CycleRefused, match="no longer be changed"):
        edit_draft(proposal=proposal, title="Another")


def test_a_draft_is_nobody_elses_business(
    client: Client, amina: Membership, bao: Membership, chidi: Membership, ideas: Cycle
) -> None:
    proposal = make_draft(ideas, amina, "A secret draft")
    for other in (bao, chidi, None):
        client.logout()
        if other:
            client.force_login(other.user)
            for page in ("", "edit/", "similar/", "where/", "cost/", "photos/", "contact/", "check/", "sent/"):
                assert client.get(f"/proposals/{proposal.pk}/{page}").status_code == 404
        assert client.get(f"/proposals/{proposal.pk}/").status_code == 404
        assert "A secret draft" not in client.get(f"/cycles/{ideas.pk}/proposals/").content.decode()


def test_an_idea_after_the_last_day_stays_a_draft(
    client: Client, amina: Membership, bao: Membership, ideas: Cycle
) -> None:
    client.force_login(amina.user)
    proposal = make_draft(ideas, amina)
    start_phase(cycle=ideas, kind=Kind.REVIEWING, actor=bao.user)
    answer = client.post(f"/proposals/{proposal.pk}/check/")
    assert answer.status_code == 422
    assert "Ideas are not taken at the moment" in answer.content.decode()
    proposal.refresh_from_db()
    assert proposal.is_draft


def test_when_the_time_for_ideas_is_over_drafts_are_read_and_thrown_away_and_no_word_is_lost(
    client: Client, amina: Membership, bao: Membership, ideas: Cycle
) -> None:
    client.force_login(amina.user)
    proposal = make_draft(ideas, amina, "Shade for Mill Street")
    start_phase(cycle=ideas, kind=Kind.REVIEWING, actor=bao.user)
    for address in (f"/cycles/{ideas.pk}/propose/", f"/proposals/{proposal.pk}/edit/"):
        page = client.get(address).content.decode()
        assert "The time for ideas is over." in page
        assert BUTTON not in page, "nothing is promised"
        answer = client.post(address, IDEA)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "Copy what you wrote if you want to keep it. The budget is now at the step “Check”." in page
        assert IDEA["text"] in page
    assert Proposal.objects.get().title == "Shade for Mill Street", "it says what it said, and there is no other"
    for page, button in (("check", "Send my idea"), ("photos", "Add this photo"), ("where", BUTTON), ("cost", BUTTON)):
        text = client.get(f"/proposals/{proposal.pk}/{page}/").content.decode()
        assert "You can still read your draft, copy it or throw it away." in text
        assert button not in text
    assert client.post(f"/proposals/{proposal.pk}/discard/")["Location"] == ideas.get_absolute_url()
    assert not Proposal.objects.exists()


def test_a_draft_can_be_begun_before_ideas_are_taken(client: Client, amina: Membership, riverside: Assembly) -> None:
    cycle = make_cycle(riverside, Kind.INFORMING, phases=calendar(Kind.INFORMING, [Kind.INFORMING, *USUAL]))
    client.force_login(amina.user)
    assert "Ideas are taken from" in client.get(f"/cycles/{cycle.pk}/propose/").content.decode()
    assert client.post(f"/cycles/{cycle.pk}/propose/", IDEA).status_code == 302
    assert Proposal.objects.get().is_draft


def test_the_step_is_asked_as_it_is_written_not_as_it_was_read(
    amina: Membership, bao: Membership, ideas: Cycle
) -> None:
    """The page was loaded while ideas were taken, and its objects still say so."""
    proposal = make_draft(ideas, amina)
    stale = Proposal.objects.select_related("heading__cycle").get(pk=proposal.pk)
    assert stale.heading.cycle.is_in(Kind.ACCEPTING)
    start_phase(cycle=ideas, kind=Kind.REVIEWING, actor=bao.user)
    with pytest.raises(CycleRefused, match=r"not taken at the moment.*“Check”"):
        submit_proposal(proposal=stale)


def test_sending_twice_sends_once(amina: Membership, ideas: Cycle) -> None:
    proposal = make_proposal(ideas, amina)
    with pytest.raises(CycleRefused, match="sent in already"):
        submit_proposal(proposal=proposal)
    assert len([event for event in ledger.events(ideas.pk) if "proposal.submitted" in event.body]) == 1


def test_the_log_tells_of_the_proposal_and_not_of_its_author(amina: Membership, ideas: Cycle) -> None:
    proposal = make_proposal(ideas, amina)
    body = [*ledger.events(ideas.pk)][-1].body
    assert proposal.reference in body
    assert str(amina.pk) not in body
    assert str(amina.user.pk) not in body


def test_a_stranger_may_read_but_not_propose(client: Client, chidi: Membership, ideas: Cycle) -> None:
    client.force_login(chidi.user)
    assert client.get(f"/cycles/{ideas.pk}/").status_code == 200
    assert "Join Riverside" in client.get(f"/cycles/{ideas.pk}/propose/").content.decode()
    assert client.post(f"/cycles/{ideas.pk}/propose/", IDEA).status_code == 403
    with pytest.raises(CycleRefused, match="Only members"):
        draft_proposal(heading=pot_of(ideas), author=chidi, title="Mine", summary="-", text="-")


def test_chidi_does_not_find_a_private_budget(
    client: Client, harbour: Assembly, amina: Membership, chidi: Membership
) -> None:
    cycle = make_cycle(harbour)
    client.force_login(amina.user)
    assert client.get(f"/cycles/{cycle.pk}/propose/").status_code == 404
    assert client.post(f"/cycles/{cycle.pk}/propose/", IDEA).status_code == 404
    client.force_login(chidi.user)
    assert client.get(f"/cycles/{cycle.pk}/propose/").status_code == 200


def test_a_reference_can_be_said_on_the_phone(riverside: Assembly) -> None:
    references = {new_reference(riverside) for _ in range(200)}
    assert len(references) == 200
    assert all(re.fullmatch(r"RV-[2-9A-HJKMNP-TV-Z]{5}", reference) for reference in references)


def test_a_taken_reference_is_drawn_again(amina: Membership, ideas: Cycle, monkeypatch: pytest.MonkeyPatch) -> None:
    first = make_draft(ideas, amina)
    drawn = iter([first.reference, first.reference, "RV-22222"])
    monkeypatch.setattr("proposals.services.proposing.new_reference", lambda assembly: next(drawn))
    assert make_draft(ideas, amina).reference == "RV-22222"


def test_nothing_but_get_and_post(client: Client, amina: Membership, ideas: Cycle) -> None:
    client.force_login(amina.user)
    proposal = make_draft(ideas, amina)
    assert client.put(f"/cycles/{ideas.pk}/propose/").status_code == 405
    assert client.delete(f"/proposals/{proposal.pk}/check/").status_code == 405
    assert client.get(f"/proposals/{proposal.pk}/withdraw/").status_code == 405
