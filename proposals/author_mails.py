# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mails to those behind a proposal: its author and its co-sponsors hear of its fate in the same words."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import jobs
from accounts.mails import send, site_address
from assemblies.models import Membership

from .models import Correction, CoSponsor, Proposal


def people_behind(proposal: Proposal) -> list[Membership]:
    """The author, then the co-sponsors who accepted; without those who have left the assembly."""
    named = [found.person for found in proposal.co_sponsors.named() if found.person is not None]
    return [person for person in (proposal.author, *named) if person.left_at is None]


def send_to_people_behind(proposals: Iterable[Proposal], template: str, page: dict[str, Any]) -> None:
    """Everybody behind these proposals has one mail, also who stands behind several."""
    told: set[UUID] = set()
    for proposal in proposals:
        for person in people_behind(proposal):
            if person.user_id not in told:
                told.add(person.user_id)
                language = proposal.heading.cycle.assembly.language
                send(person.user, f"proposals/mail/{template}", page | {"proposal": proposal}, language=language)


@jobs.job(retries=5)
def ask_co_sponsor(co_sponsor_id: str) -> None:
    """Who is asked has a mail with the way to the answer, unless the invitation was taken back meanwhile."""
    found = CoSponsor.objects.select_related("proposal__author__user", "proposal__heading__cycle__assembly")
    asked = found.filter(pk=UUID(co_sponsor_id), state=CoSponsor.State.INVITED, proposal__hidden_at=None).first()
    if asked is None:
        return
    assembly = asked.proposal.heading.cycle.assembly
    page = {
        "proposal": asked.proposal,
        "assembly": assembly,
        "name": asked.proposal.author.user.shown_name,
        "url": site_address() + asked.get_absolute_url(),
    }
    send(asked.email, "proposals/mail/co_sponsor", page, language=assembly.language)


@jobs.job(retries=5)
def tell_of_correction(correction_id: str, news: str) -> None:
    """Those behind the proposal know what to put right until when, that there is more time, or that it is not needed."""
    found = Correction.objects.select_related("proposal__author__user", "proposal__heading__cycle__assembly")
    correction = found.filter(pk=UUID(correction_id)).first()
    if correction is None:
        return
    proposal = correction.proposal
    page = {
        "correction": correction,
        "news": news,
        "assembly": proposal.heading.cycle.assembly,
        "url": site_address() + proposal.get_absolute_url(),
    }
    send_to_people_behind([proposal], "correction", page)
