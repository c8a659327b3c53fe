"""What people say to a proposal: one level of replies, two orders, marks of thanks, and reports for the moderators."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from assemblies.models import Membership
from proposals.models import Comment, Cycle, Phase, Proposal, Report
from proposals.services import (
    CycleRefused,
    mark_helpful,
    report,
    restore_comment,
    start_phase,
    withdraw_comment,
    write_comment,
)
from tests.make import make_member
from tests.proposals.making import Kind, calendar, make_cycle, make_draft, make_proposal, moment_in


def said(page: str) -> list[str]:
    """The words of the comments and replies, as they stand on the page."""
    return re.findall(r'<div class="prose" lang="en" dir="auto"><p>([^<]*)</p></div>\n  <div class="row">', page)


def test_bao_comments_and_amina_replies(client: Client, trees: Proposal, amina: Membership, bao: Membership) -> None:
    client.force_login(bao.user)
    answer = client.post(f"/proposals/{trees.pk}/comment/", {"text": "Which trees?"})
    comment = Comment.objects.get()
    assert answer["Location"] == f"/proposals/{trees.pk}/#comment-{comment.pk}"
    client.force_login(amina.user)
    client.post(f"/proposals/{trees.pk}/comment/", {"text": "Limes.", "parent": str(comment.pk)})
    page = Client().get(trees.get_absolute_url()).content.decode()
    assert said(page) == ["Which trees?", "Limes."]
    assert "2 comments" in page
    assert "wrote this proposal" in page
    assert "Your comment" not in page  # who only visits reads


def test_a_reply_to_a_reply_stands_below_the_comment_that_began(trees: Proposal, bao: Membership) -> None:
    first = write_comment(proposal=trees, author=bao, text="One")
    second = write_comment(proposal=trees, author=bao, text="Two", parent=first)
    assert write_comment(proposal=trees, author=bao, text="Three", parent=second).parent == first


def test_newest_first_or_most_helpful_first(
    client: Client, trees: Proposal, amina: Membership, bao: Membership
) -> None:
    now = timezone.now()
    for minutes, text in ((3, "Old"), (2, "Older than new"), (1, "New")):
        write_comment(proposal=trees, author=bao, text=text, at=now - timedelta(minutes=minutes))
    mark_helpful(comment=Comment.objects.get(text="Old"), person=amina, is_helpful=True)
    address = trees.get_absolute_url()
    assert said(client.get(address).content.decode()) == ["New", "Older than new", "Old"]
    assert said(client.get(address, {"order": "helpful"}).content.decode()) == ["Old", "New", "Older than new"]
    assert said(client.get(address, {"order": "nonsense", "page": "zebra"}).content.decode())[0] == "New"


def test_two_taps_are_one_comment(trees: Proposal, bao: Membership) -> None:
    assert write_comment(proposal=trees, author=bao, text="Yes") == write_comment(
        proposal=trees, author=bao, text=" Yes\r\n"
    )


@pytest.mark.parametrize(("text", "why"), [("  ", "Write something first."), ("x" * 2001, "2000")])
def test_what_cannot_be_taken_is_said_and_kept(
    client: Client, trees: Proposal, bao: Membership, text: str, why: str
) -> None:
    client.force_login(bao.user)
    answer = client.post(f"/proposals/{trees.pk}/comment/", {"text": text})
    assert answer.status_code == 422
    assert why in answer.content.decode()
    assert text.strip() in answer.content.decode()
    with pytest.raises(CycleRefused):
        write_comment(proposal=trees, author=bao, text=text)
    assert not Comment.objects.exists()


def test_markup_is_shown_never_run(client: Client, trees: Proposal, bao: Membership) -> None:
    write_comment(proposal=trees, author=bao, text='<img src=x onerror="alert(1)"><script>1</script>')
    page = client.get(trees.get_absolute_url()).content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


@pytest.mark.parametrize("kind", list(Phase.Kind))
def test_people_talk_from_the_step_of_ideas_on(amina: Membership, kind: str) -> None:
    cycle = make_cycle(amina.assembly, phases=calendar(Kind.ACCEPTING, list(Phase.Kind)))
    proposal = make_proposal(cycle, amina)
    at = moment_in(cycle, kind)
    if kind in (Kind.DRAFTING, Kind.INFORMING):
        with pytest.raises(CycleRefused, match="Comments are closed"):
            write_comment(proposal=proposal, author=amina, text="Hello", at=at)
    else:
        assert write_comment(proposal=proposal, author=amina, text="Hello", at=at).created_at == at


def test_bao_takes_his_comment_back_and_brings_it_again(client: Client, trees: Proposal, bao: Membership) -> None:
    comment = write_comment(proposal=trees, author=bao, text="Too soon")
    client.force_login(bao.user)
    page = client.post(f"/comments/{comment.pk}/take-back/", follow=True).content.decode()
    assert "Too soon" not in page
    assert "taken back by its author" in page
    page = client.post(f"/comments/{comment.pk}/bring-back/", follow=True).content.decode()
    assert said(page) == ["Too soon"]


def test_amina_cannot_take_back_what_bao_said(
    client: Client, trees: Proposal, amina: Membership, bao: Membership
) -> None:
    comment = write_comment(proposal=trees, author=bao, text="Mine")
    client.force_login(amina.user)
    for act in ("take-back", "bring-back"):
        assert client.post(f"/comments/{comment.pk}/{act}/").status_code == 404
    for service in (withdraw_comment, restore_comment):
        with pytest.raises(CycleRefused, match="Only who wrote"):
            service(comment=comment, actor=amina.user)


def test_a_mark_of_thanks_counts_once_and_never_for_oneself(
    client: Client, trees: Proposal, amina: Membership, bao: Membership
) -> None:
    comment = write_comment(proposal=trees, author=bao, text="Useful")
    client.force_login(amina.user)
    for _press in range(2):
        page = client.post(f"/comments/{comment.pk}/helpful/", follow=True).content.decode()
    assert "1 person finds this helpful" in page
    client.post(f"/comments/{comment.pk}/helpful/", {"not": "1"})
    comment.refresh_from_db()
    assert comment.helpful_count == 0
    with pytest.raises(CycleRefused, match="Others say"):
        mark_helpful(comment=comment, person=bao, is_helpful=True)


def test_a_report_is_kept_once_for_each_person_and_changes_nothing_on_the_page(
    client: Client, trees: Proposal, amina: Membership, bao: Membership
) -> None:
    comment = write_comment(proposal=trees, author=bao, text="Buy my paint")
    client.force_login(amina.user)
    assert "Buy my paint" in client.get(f"/comments/{comment.pk}/report/").content.decode()
    assert client.post(f"/comments/{comment.pk}/report/", {"reason": ""}).status_code == 422
    assert client.post(f"/comments/{comment.pk}/report/", {"reason": "other"}).status_code == 422
    for _press in range(2):
        client.post(f"/comments/{comment.pk}/report/", {"reason": "spam", "text": "Paint"})
    (kept,) = Report.objects.all()
    assert (kept.comment, kept.reporter, kept.reason, kept.text) == (comment, amina, "spam", "Paint")
    assert said(client.get(trees.get_absolute_url()).content.decode()) == ["Buy my paint"]
    with pytest.raises(IntegrityError, match="proposals_report_comment_once"), transaction.atomic():
        Report.objects.create(comment=comment, reporter=amina, reason="spam")
    with pytest.raises(IntegrityError, match="proposals_report_about_one_thing"), transaction.atomic():
        Report.objects.create(comment=comment, proposal=trees, reporter=bao, reason="spam")


def test_a_proposal_can_be_reported_in_every_step(trees: Proposal, bao: Membership, ideas: Cycle) -> None:
    start_phase(cycle=ideas, kind=Kind.IMPLEMENTING, actor=None)
    assert report(about=trees, reporter=bao, reason="privacy").proposal == trees


def test_chidi_finds_no_comment_and_cannot_say_anything(
    client: Client, trees: Proposal, amina: Membership, chidi: Membership
) -> None:
    client.force_login(chidi.user)
    assert client.post(f"/proposals/{trees.pk}/comment/", {"text": "Hello"}).status_code == 403
    with pytest.raises(CycleRefused, match="Only members"):
        write_comment(proposal=trees, author=chidi, text="Hello")
    theirs = make_proposal(make_cycle(chidi.assembly), chidi)
    comment = write_comment(proposal=theirs, author=chidi, text="Ours")
    client.force_login(amina.user)
    for act in ("helpful", "report", "take-back"):
        assert client.post(f"/comments/{comment.pk}/{act}/").status_code == 404
    assert client.get(f"/comments/{comment.pk}/helpful/").status_code == 405


def test_nobody_talks_about_a_draft_or_replies_across_proposals(
    trees: Proposal, amina: Membership, bao: Membership, ideas: Cycle
) -> None:
    with pytest.raises(CycleRefused, match="not sent in"):
        write_comment(proposal=make_draft(ideas, amina), author=amina, text="Hello")
    other = write_comment(proposal=make_proposal(ideas, amina, "Chess tables"), author=bao, text="Elsewhere")
    gone = withdraw_comment(comment=write_comment(proposal=trees, author=bao, text="Gone"), actor=bao.user)
    for parent in (other, gone):
        with pytest.raises(CycleRefused, match="no longer there"):
            write_comment(proposal=trees, author=amina, text="Reply", parent=parent)


def test_many_comments_take_as_many_queries_as_one(
    client: Client,
    trees: Proposal,
    amina: Membership,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    def talk(number: int) -> None:
        person = make_member(trees.heading.cycle.assembly, f"Person {number}")
        comment = write_comment(proposal=trees, author=person, text=f"Comment {number}")
        write_comment(proposal=trees, author=person, text=f"Reply {number}", parent=comment)

    client.force_login(amina.user)
    talk(0)
    client.get(trees.get_absolute_url())
    with CaptureQueriesContext(connection) as one:
        client.get(trees.get_absolute_url())
    for number in range(1, 8):
        talk(number)
    with django_assert_num_queries(len(one)):
        assert len(said(client.get(trees.get_absolute_url()).content.decode())) == 16
