"""Nobody drowns the others: not by speed, not by repeating, not by links. What was typed is kept."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from assemblies.models import Membership
from proposals.models import Comment, Cycle, Proposal
from proposals.services import CycleRefused, submit_proposal, withdraw_comment, write_comment
from proposals.services import throttles as limits
from tests.proposals.making import make_draft, make_proposal

MINUTE = timedelta(minutes=1)


def at_home(member: Membership, days: int = 30) -> Membership:
    """This person joined long ago."""
    member.joined_at = timezone.now() - timedelta(days=days)
    member.save()
    return member


@pytest.mark.parametrize(("days", "allowed"), [(0, limits.NEW_COMMENTS_IN_SHORT), (30, limits.COMMENTS_IN_SHORT)])
def test_who_writes_too_fast_waits_a_little_and_keeps_the_words(
    client: Client, trees: Proposal, bao: Membership, days: int, allowed: int
) -> None:
    at_home(bao, days)
    for number in range(allowed):
        write_comment(proposal=trees, author=bao, text=f"Comment {number}")
    withdraw_comment(comment=Comment.objects.first(), actor=bao.user)  # type: ignore[arg-type]  # makes no room
    client.force_login(bao.user)
    answer = client.post(f"/proposals/{trees.pk}/comment/", {"text": "One more thing"})
    assert answer.status_code == 422
    assert "You wrote a lot in a short time." in answer.content.decode()
    assert "One more thing" in answer.content.decode()
    assert Comment.objects.count() == allowed
    write_comment(proposal=trees, author=bao, text="One more thing", at=timezone.now() + limits.SHORT + MINUTE)


@pytest.mark.parametrize(("days", "links"), [(0, limits.LINKS_WHEN_NEW), (30, limits.LINKS_IN_COMMENT)])
def test_a_comment_full_of_links_is_refused(trees: Proposal, bao: Membership, days: int, links: int) -> None:
    at_home(bao, days)
    write_comment(proposal=trees, author=bao, text="See https://a.example " * links)
    with pytest.raises(CycleRefused, match="looks like advertising"):
        write_comment(proposal=trees, author=bao, text="Buy at WWW.a.example " * (links + 1))


def test_the_same_words_below_many_proposals_are_refused(ideas: Cycle, amina: Membership, bao: Membership) -> None:
    proposals = [make_proposal(ideas, amina, f"Idea {number}") for number in range(4)]
    for proposal in proposals[: limits.SAME_WORDS]:
        write_comment(proposal=proposal, author=bao, text="Vote for my dog")
    with pytest.raises(CycleRefused, match="same below other proposals"):
        write_comment(proposal=proposals[3], author=bao, text="Vote for my dog")
    write_comment(proposal=proposals[3], author=bao, text="A good place for a bench.")
    tomorrow = timezone.now() + limits.LONG + MINUTE
    write_comment(proposal=proposals[3], author=bao, text="Vote for my dog", at=tomorrow)


def test_a_new_account_sends_in_a_few_ideas_a_day_and_keeps_the_drafts(
    client: Client, ideas: Cycle, amina: Membership
) -> None:
    drafts = [make_draft(ideas, amina, f"Idea {number}") for number in range(limits.NEW_PROPOSALS_IN_LONG + 1)]
    for draft in drafts[:-1]:
        submit_proposal(proposal=draft)
    client.force_login(amina.user)
    answer = client.post(f"/proposals/{drafts[-1].pk}/check/", follow=True)
    assert "Your draft is kept" in answer.content.decode()
    drafts[-1].refresh_from_db()
    assert drafts[-1].is_draft
    at_home(amina)
    drafts[-1].author.refresh_from_db()
    submit_proposal(proposal=drafts[-1])


def test_the_same_idea_twice_and_advertising_are_refused(ideas: Cycle, amina: Membership) -> None:
    make_proposal(ideas, amina)
    with pytest.raises(CycleRefused, match="the same idea already"):
        submit_proposal(proposal=make_draft(ideas, amina))
    at_home(amina)
    with pytest.raises(CycleRefused, match="looks like advertising"):
        submit_proposal(proposal=make_draft(ideas, amina, "Cheap shoes", text="https://shoes.example " * 6))
