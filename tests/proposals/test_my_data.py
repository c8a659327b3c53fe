"""What somebody wrote is on their own page, and in what they may take along."""

from django.test import Client

from accounts.exports import everything_about
from assemblies.models import Membership
from proposals.models import Cycle
from tests.proposals.making import make_draft, make_proposal


def test_my_page_shows_my_drafts_and_proposals_and_nobody_elses(
    client: Client, amina: Membership, bao: Membership, ideas: Cycle
) -> None:
    make_draft(ideas, amina, "My draft")
    make_proposal(ideas, amina, "My proposal")
    make_proposal(ideas, bao, "Another's proposal")
    client.force_login(amina.user)
    page = client.get("/me/", follow=True).content.decode()
    assert "My draft" in page
    assert "My proposal" in page
    assert "Another" not in page


def test_the_export_holds_every_word_that_i_wrote(amina: Membership, bao: Membership, ideas: Cycle) -> None:
    proposal = make_proposal(ideas, amina, "My proposal", cost_guess=500)
    make_proposal(ideas, bao, "Another's")
    (written,) = everything_about(amina.user)["proposals"]
    assert written["title"] == "My proposal"
    assert written["reference"] == proposal.reference
    assert written["text"] == proposal.text
