# SPDX-License-Identifier: AGPL-3.0-or-later
"""The mail to those behind a proposal when an appeal was decided."""

from uuid import UUID

import jobs
from accounts.mails import site_address

from .author_mails import send_to_people_behind
from .models import ReviewAppeal


@jobs.job(retries=5)
def tell_author_of_appeal(review_id: str) -> None:
    """The author and the co-sponsors have a mail with the decision and its reason."""
    found = ReviewAppeal.objects.select_related(
        "review__proposal__author__user", "review__proposal__heading__cycle__assembly"
    )
    appeal = found.filter(pk=UUID(review_id)).exclude(decided_at=None).first()
    if appeal is None:
        return
    proposal = appeal.review.proposal
    page = {
        "appeal": appeal,
        "assembly": proposal.heading.cycle.assembly,
        "url": site_address() + proposal.get_absolute_url(),
    }
    send_to_people_behind([proposal], "appeal", page)
