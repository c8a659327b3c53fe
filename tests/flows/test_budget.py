"""The whole story of one bench: submitted, checked, on the ballot, voted for, counted, published, built."""

from django.test import Client

import ledger
from assemblies.models import Assembly, Membership, Role
from proposals.models import Cycle, Project, Proposal
from tests.make import make_member
from tests.proving import prove
from voting.models import PollState


def signed_in(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def plain(page: bytes) -> str:
    return page.decode().replace("<bdi>", "").replace("</bdi>", "").replace("\u00a0", " ")


def test_a_bench_from_the_idea_to_the_last_bill(riverside: Assembly, amina: Membership, bao: Membership) -> None:
    eva = make_member(riverside, "Eva", Role.EVALUATOR)
    neighbour = make_member(riverside, "Neighbour")
    residents = {member: signed_in(member) for member in (amina, neighbour)}
    facilitator, evaluator, passer_by = signed_in(bao), signed_in(eva), Client()

    # Bao begins a budget, and publishes it.
    answer = facilitator.post("/a/riverside/budget/new/", {
        "title": "Riverside budget", "summary": "For small works.", "amount": "50 000", "rule": "equal-shares",
            "limit": "number",
        "max_choices": "2", "secrecy": "1", "ideas_from": "2020-01-01", "check_from": "2090-02-01", "vote_from": "2090-03-01",
        "results_from": "2090-04-01", "build_from": "2090-05-01",
    })  # fmt: skip
    cycle = Cycle.objects.get()
    assert answer.status_code == 302
    facilitator.post(f"/cycles/{cycle.pk}/publish/")

    # Residents send in ideas.
    for member, title in (
        (amina, "A bench"),
        (amina, "A fountain"),
        (neighbour, "A cable car"),
        (neighbour, "A swing"),
    ):
        client = residents[member]
        client.post(
            f"/cycles/{cycle.pk}/propose/",
            {"title": title, "summary": "Nice.", "text": "We need it.", "category": "play"},
        )
        proposal = Proposal.objects.get(title=title)
        client.post(f"/proposals/{proposal.pk}/where/", {"where": "town"})
        assert client.post(f"/proposals/{proposal.pk}/check/").status_code == 302
    assert "4 proposals" in plain(passer_by.get(f"/cycles/{cycle.pk}/proposals/").content)

    # Eva checks them: three with a cost, one with a reason.
    facilitator.post(f"/cycles/{cycle.pk}/start-phase/", {"kind": "reviewing"})
    for title, cost in (("A bench", "20 000"), ("A fountain", "25 000"), ("A swing", "30 000")):
        proposal = Proposal.objects.get(title=title)
        evaluator.post(f"/proposals/{proposal.pk}/review/", {"feasibility": "feasible", "cost": cost})
    car = Proposal.objects.get(title="A cable car")
    evaluator.post(
        f"/proposals/{car.pk}/review/", {"feasibility": "unfeasible", "public_reason": "The hill is too low."}
    )
    assert "The hill is too low." in plain(passer_by.get(f"/proposals/{car.pk}/").content)

    # The ballot is drawn up and the vote opens.
    heading = cycle.headings.get()
    facilitator.post(f"/headings/{heading.pk}/put-on-ballot/")
    facilitator.post(f"/cycles/{cycle.pk}/start-phase/", {"kind": "balloting"})
    asked = facilitator.post(f"/headings/{heading.pk}/open-ballot/")
    assert asked["Location"].startswith(
        "/me/prove/"
    )  # is it still Bao? He shows his second factor, once for the evening
    prove(facilitator, bao.user)
    facilitator.post(f"/headings/{heading.pk}/open-ballot/")
    poll = cycle.headings.get().poll
    assert poll is not None
    assert poll.state == PollState.OPEN

    # Both vote: choose, check, submit, receipt.
    keys = {option.title: option.key for option in poll.options.all()}
    for member, titles in ((amina, ["A bench", "A fountain"]), (neighbour, ["A bench"])):
        client = residents[member]
        paper = client.get(f"/cycles/{cycle.pk}/ballot/", follow=True)
        assert "Not submitted yet" in plain(paper.content)
        assert "Choose up to 2 projects." in plain(paper.content)
        assert "A cable car" not in plain(paper.content)
        choice = {"options": [keys[title] for title in titles], "key": f"the random key of {member.pk}"}
        review = plain(client.post(f"/polls/{poll.pk}/review/", choice).content)
        assert all(title in review for title in titles)
        assert poll.turnout == list(residents).index(member)  # nothing is counted before it is submitted
        receipt = client.post(f"/polls/{poll.pk}/cast/", choice, follow=True)
        assert "Your ballot is counted" in plain(receipt.content)
    too_many = residents[amina].post(f"/polls/{poll.pk}/cast/", {"options": list(keys.values()), "key": "k" * 20})
    assert too_many.status_code == 422

    # Closed and counted: nobody knows. Published: everybody does.
    facilitator.post(f"/polls/{poll.pk}/close/")
    assert "Until then nobody can see them." in plain(passer_by.get(f"/cycles/{cycle.pk}/results/").content)
    facilitator.post(f"/polls/{poll.pk}/publish/")
    page = plain(passer_by.get(f"/cycles/{cycle.pk}/results/").content)
    assert "2 of 3 projects are funded" in page
    assert "Residents spent 45 000 € of 50 000 €." in page
    assert "2 people voted." in page
    assert "Nobody chose it." in page

    # What became of it.
    facilitator.post(f"/cycles/{cycle.pk}/start-phase/", {"kind": "implementing"})
    bench = Project.objects.get(title="A bench")
    facilitator.post(f"/projects/{bench.pk}/spending/", {"kind": "paid", "amount": "19 000", "on": "2026-05-01"})
    facilitator.post(f"/projects/{bench.pk}/milestone/", {"title": "Bench set up", "done_on": "2026-05-01"})
    facilitator.post(f"/projects/{bench.pk}/status/", {"status": "done"})
    page = plain(passer_by.get(f"/cycles/{cycle.pk}/delivery/").content)
    assert "19 000 € of 20 000 € paid" in page
    assert "Bench set up" in plain(passer_by.get(f"/projects/{bench.pk}/").content)
    assert ledger.verify(cycle.pk)
    assert ledger.verify(poll.pk)
