"""What was reported is left or hidden with a reason; the author is told, appeals, and another person answers."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

import ledger
from accounts.exports import everything_about
from assemblies.models import Assembly, Membership, Role
from jobs.testing import run_waiting
from proposals.models import Comment, Cycle, Moderation, Proposal, Report
from proposals.services import (
    CycleRefused,
    appeal_moderation,
    bring_back,
    decide_moderation_appeal,
    decide_reports,
    report,
    write_comment,
)
from tests.make import make_member
from tests.proposals.making import make_draft, make_open_ballot

BAD = "You are all THIEVES."


@pytest.fixture
def mele(riverside: Assembly) -> Membership:
    """Riverside's moderator."""
    return make_member(riverside, "Mele", Role.MODERATOR)


@pytest.fixture
def piet(riverside: Assembly) -> Membership:
    return make_member(riverside, "Piet")


@pytest.fixture
def insult(trees: Proposal, piet: Membership, amina: Membership) -> Comment:
    """Piet insults, and Amina reports it."""
    comment = write_comment(proposal=trees, author=piet, text=BAD)
    report(about=comment, reporter=amina, reason="insult", text="Not nice")
    return comment


def hide(about: Proposal | Comment, moderator: Membership) -> Moderation:
    return decide_reports(
        about=about, moderator=moderator, verdict="hidden", broken_rule="insult", reason="It calls people thieves."
    )


HIDE = {"verdict": "hidden", "broken_rule": "insult", "reason": "It calls people thieves."}


def test_bao_hides_an_insult_and_its_author_is_told_why(
    client: Client, insult: Comment, trees: Proposal, bao: Membership, piet: Membership
) -> None:
    client.force_login(bao.user)
    queue = client.get("/a/riverside/moderation/").content.decode()
    assert "1 reported thing waits for you." in queue
    assert "It insults or threatens somebody" in queue
    answer = client.post(f"/comments/{insult.pk}/moderate/", HIDE)
    assert answer["Location"] == "/a/riverside/moderation/"
    assert BAD not in client.get(trees.get_absolute_url()).content.decode()
    assert "Nothing waits." in client.get("/a/riverside/moderation/").content.decode()
    run_waiting()
    (letter,) = mail.outbox
    assert letter.to == [piet.user.email]
    assert "It calls people thieves." in letter.body
    assert "You can appeal until" in letter.body
    assert Moderation.objects.get().get_absolute_url() in letter.body
    assert Report.objects.get().settled_by == Moderation.objects.get()


def test_what_is_reported_is_closed_until_it_is_opened(client: Client, insult: Comment, bao: Membership) -> None:
    client.force_login(bao.user)
    for address in ("/a/riverside/moderation/", f"/comments/{insult.pk}/moderate/"):
        page = client.get(address).content.decode()
        closed = page.split("<details")
        assert BAD not in closed[0]
        assert [part for part in closed if BAD in part] == [
            part for part in closed if BAD in part.split("</details>")[0]
        ]
        assert BAD in page


def test_only_moderators_see_who_reported(
    client: Client, insult: Comment, bao: Membership, mele: Membership, amina: Membership
) -> None:
    for person, sees in ((bao, False), (mele, True)):
        client.force_login(person.user)
        page = client.get(f"/comments/{insult.pk}/moderate/").content.decode()
        assert "Not nice" in page
        assert (f'<span dir="auto">{amina.user.shown_name}</span> <span>' in page.split("Your decision")[0]) is sees


def test_a_moderator_does_not_see_who_reported_their_own_words(
    client: Client, trees: Proposal, mele: Membership, bao: Membership
) -> None:
    own = write_comment(proposal=trees, author=mele, text=BAD)
    report(about=own, reporter=bao, reason="insult", text="Not nice")
    client.force_login(mele.user)
    page = client.get(f"/comments/{own.pk}/moderate/").content.decode()
    assert "You wrote it, so you do not see who reported it." in page
    assert bao.user.shown_name not in page


def test_hiding_without_a_reason_is_refused_and_what_was_typed_stays(
    client: Client, insult: Comment, bao: Membership
) -> None:
    client.force_login(bao.user)
    address = f"/comments/{insult.pk}/moderate/"
    answer = client.post(address, {"verdict": "hidden", "reason": "kept words"})
    assert answer.status_code == 422
    assert "Say which rule it breaks." in answer.content.decode()
    assert "kept words" in answer.content.decode()
    answer = client.post(address, {"verdict": "hidden", "broken_rule": "spam"})
    assert "Write the reason." in answer.content.decode()
    for broken_rule, reason in (("", "Words"), ("insult", " "), ("nonsense", "Words")):
        with pytest.raises(CycleRefused):
            decide_reports(about=insult, moderator=bao, verdict="hidden", broken_rule=broken_rule, reason=reason)
    with pytest.raises(CycleRefused, match="leave it or hide it"):
        decide_reports(about=insult, moderator=bao, verdict="burn")
    insult.refresh_from_db()
    assert insult.hidden_at is None
    with pytest.raises(IntegrityError, match="hidden_has_reason"), transaction.atomic():
        Moderation.objects.create(comment=insult, verdict="hidden", decided_by=bao)


def test_what_is_left_is_answered_and_can_be_hidden_later(insult: Comment, bao: Membership) -> None:
    decide_reports(about=insult, moderator=bao, verdict="left")
    assert Report.objects.get().settled_by is not None
    insult.refresh_from_db()
    assert insult.hidden_at is None
    hide(insult, bao)
    with pytest.raises(CycleRefused, match="hidden already"):
        hide(insult, bao)
    run_waiting()
    assert len(mail.outbox) == 1  # who was left in peace hears nothing


def test_nobody_decides_about_their_own_words(trees: Proposal, bao: Membership, chidi: Membership) -> None:
    own = write_comment(proposal=trees, author=bao, text="My own")
    with pytest.raises(CycleRefused, match="Another moderator"):
        hide(own, bao)
    with pytest.raises(CycleRefused, match="Only members"):
        hide(own, chidi)


def test_the_appeal_is_answered_by_somebody_else(
    client: Client, insult: Comment, bao: Membership, mele: Membership, piet: Membership, amina: Membership
) -> None:
    decision = hide(insult, bao)
    client.force_login(amina.user)
    assert client.get(decision.get_absolute_url()).status_code == 404
    client.force_login(piet.user)
    assert "is hidden" in client.get("/me/", follow=True).content.decode()
    assert BAD in client.get(decision.get_absolute_url()).content.decode()
    assert client.post(decision.get_absolute_url(), {"text": ""}).status_code == 422
    assert client.post(decision.get_absolute_url(), {"text": "It was a joke."}).status_code == 302
    again = client.post(decision.get_absolute_url(), {"text": "Please, please."})
    assert again.status_code == 422
    assert "You have appealed already." in again.content.decode()
    assert "Please, please." not in Moderation.objects.get().appeal

    yes = {"outcome": "shown", "reason": "A joke, and known as one."}
    client.force_login(bao.user)
    assert "For another moderator" in client.get("/a/riverside/moderation/").content.decode()
    refused = client.post(f"/moderation/{decision.pk}/reply/", yes)
    assert refused.status_code == 422
    assert "You hid it yourself." in refused.content.decode()
    assert client.post(f"/moderation/{decision.pk}/bring-back/").status_code == 302
    assert Moderation.objects.in_force().exists()
    client.force_login(mele.user)
    assert "It was a joke." in client.get(f"/comments/{insult.pk}/moderate/").content.decode()
    assert client.post(f"/moderation/{decision.pk}/reply/", {"outcome": "shown"}).status_code == 422
    client.post(f"/moderation/{decision.pk}/reply/", yes)
    insult.refresh_from_db()
    assert insult.hidden_at is None
    run_waiting()
    assert "A joke, and known as one." in mail.outbox[-1].body


def test_the_database_refuses_an_appeal_answered_by_who_hid_it(
    insult: Comment, bao: Membership, piet: Membership
) -> None:
    decision = appeal_moderation(decision=hide(insult, bao), actor=piet.user, text="A joke")
    answer = {"appeal_decided_by": bao, "appeal_decided_at": timezone.now(), "appeal_reason": "No"}
    with pytest.raises(IntegrityError, match="appeal_decided_by_another"), transaction.atomic():
        Moderation.objects.filter(pk=decision.pk).update(**answer)


def test_an_appeal_has_its_days_and_its_author(insult: Comment, bao: Membership, piet: Membership) -> None:
    decision = hide(insult, bao)
    with pytest.raises(CycleRefused, match="Only who wrote it"):
        appeal_moderation(decision=decision, actor=bao.user, text="x")
    with pytest.raises(CycleRefused, match="days for an appeal are over"):
        appeal_moderation(decision=decision, actor=piet.user, text="x", at=timezone.now() + timedelta(days=31))
    with pytest.raises(CycleRefused, match="Nobody waits"):
        decide_moderation_appeal(decision=decision, moderator=bao, is_shown=True, reason="x")
    bring_back(decision=decision, moderator=bao)
    with pytest.raises(CycleRefused, match="nothing to appeal"):
        appeal_moderation(decision=decision, actor=piet.user, text="x")
    with pytest.raises(CycleRefused, match="can read it already"):
        bring_back(decision=decision, moderator=bao)


def test_a_hidden_proposal_is_on_no_page_and_in_no_file_but_stays_with_its_author(
    client: Client, trees: Proposal, ideas: Cycle, amina: Membership, bao: Membership
) -> None:
    decision = hide(trees, bao)
    for address in (f"/cycles/{ideas.pk}/proposals/?q=Shade", f"/cycles/{ideas.pk}/proposals.csv"):
        assert "Shade trees" not in client.get(address).content.decode()
    for address in ("", "versions/"):
        assert client.get(f"{trees.get_absolute_url()}{address}").status_code == 404
    client.force_login(amina.user)
    assert "Only you see this page." in client.get(trees.get_absolute_url()).content.decode()
    assert everything_about(amina.user)["proposals"][0]["text"] == trees.text
    client.force_login(bao.user)
    client.post(f"/moderation/{decision.pk}/bring-back/")
    assert "Shade trees" in Client().get(f"/cycles/{ideas.pk}/proposals/").content.decode()


def test_a_hidden_comment_stays_with_its_author_and_replies_stay_in_place(
    client: Client, insult: Comment, trees: Proposal, amina: Membership, bao: Membership, piet: Membership
) -> None:
    write_comment(proposal=trees, author=amina, text="Please stay calm.", parent=insult)
    hide(insult, bao)
    page = client.get(trees.get_absolute_url()).content.decode()
    assert BAD not in page
    assert "The moderators have hidden this comment." in page
    assert "Please stay calm." in page
    assert everything_about(piet.user)["comments"][0]["text"] == BAD


def test_what_is_on_the_ballot_is_not_hidden_but_an_incident(
    client: Client, amina: Membership, bao: Membership, eva: Membership, voting_now: Cycle
) -> None:
    make_open_ballot(voting_now, amina, eva)
    proposal = Proposal.objects.get(title="Shade trees")
    client.force_login(bao.user)
    answer = client.post(f"/proposals/{proposal.pk}/moderate/", HIDE)
    assert answer.status_code == 422
    assert "report an incident" in answer.content.decode()
    assert "It calls people thieves." in answer.content.decode()
    proposal.refresh_from_db()
    assert proposal.hidden_at is None


def test_the_public_log_has_no_words_and_no_reporters(
    insult: Comment, ideas: Cycle, bao: Membership, mele: Membership, piet: Membership, amina: Membership
) -> None:
    decision = appeal_moderation(decision=hide(insult, bao), actor=piet.user, text="A joke")
    decide_moderation_appeal(decision=decision, moderator=mele, is_shown=False, reason="No joke")
    bring_back(decision=decision, moderator=mele)
    told = [event for event in ledger.events(ideas.pk) if event.kind.startswith("moderation.")]
    assert [event.kind.removeprefix("moderation.") for event in told] == [
        "hidden", "appealed", "appeal_refused", "brought_back",
    ]  # fmt: skip
    assert told[0].data["reports"] == 1
    assert told[0].data["broken_rule"] == "insult"
    log = "".join(event.body for event in told)
    for private in (BAD, "thieves", "joke", str(amina.pk), str(amina.user.pk), str(piet.user.pk), str(piet.pk)):
        assert private not in log


def test_everybody_reads_the_numbers(client: Client, insult: Comment, bao: Membership) -> None:
    hide(insult, bao)
    page = client.get("/a/riverside/moderation/numbers/").content.decode()
    assert re.search(r"<dt>Hidden</dt>\s*<dd>\D*1\D*</dd>", page)
    assert "It insults or threatens somebody" in page
    assert "thieves" not in page


def test_a_draft_is_nobodys_to_moderate(client: Client, ideas: Cycle, amina: Membership, bao: Membership) -> None:
    draft = make_draft(ideas, amina, "A draft")
    client.force_login(bao.user)
    assert client.get(f"/proposals/{draft.pk}/moderate/").status_code == 404
    with pytest.raises(CycleRefused, match="not sent in"):
        hide(draft, bao)


def test_members_without_the_role_do_not_moderate_and_strangers_find_nothing(
    client: Client, insult: Comment, amina: Membership, harbour: Assembly, chidi: Membership, ideas: Cycle
) -> None:
    client.force_login(amina.user)
    assert client.get("/a/riverside/moderation/").status_code == 403
    assert client.post(f"/comments/{insult.pk}/moderate/", HIDE).status_code == 403
    assert client.get("/a/harbour/moderation/").status_code == 404
    client.force_login(chidi.user)
    assert client.get(f"/comments/{insult.pk}/moderate/").status_code == 403  # Riverside is open to the public
    assert client.put(f"/comments/{insult.pk}/moderate/").status_code == 405


def test_the_queue_asks_the_same_number_of_questions_for_two_or_twelve(
    client: Client,
    riverside: Assembly,
    trees: Proposal,
    amina: Membership,
    bao: Membership,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    start = timezone.now() - timedelta(days=3)
    for number in range(6):
        comment = write_comment(
            proposal=trees, author=amina, text=f"Words {number}", at=start + timedelta(hours=number)
        )
        for reason in ("spam", "insult"):
            report(about=comment, reporter=make_member(riverside), reason=reason)
    report(about=trees, reporter=bao, reason="spam")
    decide_reports(about=comment, moderator=bao, verdict="left")
    client.force_login(bao.user)
    for _reports in range(2):
        with django_assert_num_queries(13):
            assert client.get("/a/riverside/moderation/").status_code == 200
        for number in range(6, 12):
            comment = write_comment(
                proposal=trees, author=amina, text=f"Words {number}", at=start + timedelta(hours=number)
            )
            report(about=comment, reporter=bao, reason="spam")
            decide_reports(about=comment, moderator=bao, verdict="left")
            report(about=comment, reporter=make_member(riverside), reason="spam")
