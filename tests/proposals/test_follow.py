"""Following an idea by mail: who asked has the news, one button ends it, and nobody learns who follows what."""

import re

import pytest
from django.core import mail
from django.test import Client

from assemblies.models import Membership
from jobs.testing import run_waiting
from proposals.models import Cycle, Follow, Proposal
from proposals.panels import export_follows, export_supports
from proposals.services import (
    CycleRefused,
    follow_proposal,
    review_proposal,
    support_proposal,
    unfollow_proposal,
    withdraw_proposal,
)
from tests.make import make_member
from tests.proposals.making import Kind, make_cycle, make_draft, make_open_ballot, vote
from voting import services as voting


def letters() -> list[str]:
    """What every waiting mail says."""
    run_waiting()
    return [str(letter.body) for letter in mail.outbox]


def link_that_ends(letter: str) -> str:
    return str(re.findall(r"https?://[^/]+(/no-more-mails/\S+/)", letter)[0])


def test_who_follows_hears_the_answer_and_one_button_ends_the_mails(
    client: Client, trees: Proposal, bao: Membership, eva: Membership
) -> None:
    client.force_login(bao.user)
    page = client.post(f"/proposals/{trees.pk}/follow/", follow=True).content.decode()
    assert "Stop these mails" in page
    review_proposal(proposal=trees, evaluator=eva, feasibility="unfeasible", public_reason="A pipe lies there.")
    (letter,) = letters()
    assert mail.outbox[0].to == [bao.user.email]
    assert "The officials have answered." in letter
    assert "A pipe lies there." in letter
    link = link_that_ends(letter)
    assert mail.outbox[0].extra_headers["List-Unsubscribe"].endswith(f"{link}>")
    assert mail.outbox[0].extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stranger = Client(enforce_csrf_checks=True)
    assert stranger.head(link).status_code == 200
    assert f'<form action="{link}" method="post">' in stranger.get(link).content.decode()
    assert Follow.objects.count() == 1  # who only looks ends nothing, as the scanners of mails do
    assert "No more mails" in stranger.post(link, {"List-Unsubscribe": "One-Click"}).content.decode()
    assert Follow.objects.count() == 0
    assert stranger.post(link).status_code == 200  # again, and nothing changes
    withdraw_proposal(proposal=trees, actor=trees.author.user)
    assert len(letters()) == 1


def test_a_link_of_another_ends_nothing(trees: Proposal, bao: Membership) -> None:
    follow = follow_proposal(proposal=trees, person=bao)
    for token in (
        "forged",
        follow.pk.hex,
        f"{follow.pk.hex}:x",
        follow.token[:-1] + ("a" if follow.token[-1] != "a" else "b"),
    ):
        assert "No more mails" in Client().post(f"/no-more-mails/{token}/").content.decode()
        assert Client().get(f"/no-more-mails/{token}/").status_code == 200
    assert Follow.objects.count() == 1
    assert Client().put(f"/no-more-mails/{follow.token}/").status_code == 405


def test_the_page_of_a_link_names_a_proposal_only_to_whom_may_see_it(trees: Proposal, bao: Membership) -> None:
    link = f"/no-more-mails/{follow_proposal(proposal=trees, person=bao).token}/"
    assert trees.title in Client().get(link).content.decode()
    trees.cycle.assembly.is_public = False
    trees.cycle.assembly.save()
    assert trees.title not in Client().get(link).content.decode()
    assert Client().post(link).status_code == 200
    assert Follow.objects.count() == 0


def test_nobody_hears_what_nobody_asked_for(trees: Proposal, bao: Membership, eva: Membership) -> None:
    follow_proposal(proposal=trees, person=bao)
    unfollow_proposal(proposal=trees, person=bao)
    gone = make_member(trees.cycle.assembly, "Gone")
    follow_proposal(proposal=trees, person=gone)
    Membership.objects.filter(pk=gone.pk).update(left_at=trees.submitted_at)
    review_proposal(proposal=trees, evaluator=eva, feasibility="feasible", cost=100)
    assert letters() == []


def test_the_outcome_of_the_vote_is_news(amina: Membership, bao: Membership, eva: Membership) -> None:
    cycle = make_cycle(amina.assembly, Kind.BALLOTING, rule="greedy", rule_parameters={})
    poll = make_open_ballot(cycle, amina, eva)
    for title in ("Chess tables", "Shade trees"):
        follow_proposal(proposal=Proposal.objects.get(title=title), person=bao)
    vote(poll, amina, "Chess tables")
    voting.publish_poll(poll=voting.close_poll(poll=poll, actor=None), actor=None)
    told = {letter.split("“")[1].split("”")[0]: letter for letter in letters()}
    assert "It is funded" in told["Chess tables"]
    assert "did not win" in told["Shade trees"] or "It is funded" in told["Shade trees"]


def test_whoever_may_not_follow_does_not(
    client: Client, trees: Proposal, ideas: Cycle, amina: Membership, chidi: Membership
) -> None:
    with pytest.raises(CycleRefused, match="Only members"):
        follow_proposal(proposal=trees, person=chidi)
    with pytest.raises(CycleRefused, match="not sent in"):
        follow_proposal(proposal=make_draft(ideas, amina, "A draft"), person=amina)
    client.force_login(chidi.user)
    assert client.post(f"/proposals/{trees.pk}/follow/").status_code == 403
    ideas.assembly.is_public = False
    ideas.assembly.save()
    for verb in ("follow", "unfollow"):
        assert client.post(f"/proposals/{trees.pk}/{verb}/").status_code == 404
        assert client.get(f"/proposals/{trees.pk}/{verb}/").status_code == 405
    assert Follow.objects.count() == 0


def test_my_data_names_what_i_support_and_follow(trees: Proposal, bao: Membership) -> None:
    follow_proposal(proposal=trees, person=bao)
    support_proposal(proposal=trees, person=bao)
    for part in (export_follows(bao.user), export_supports(bao.user)):
        assert [one["title"] for one in part] == [trees.title]
    assert export_follows(trees.author.user) == []
