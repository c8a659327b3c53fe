# SPDX-License-Identifier: AGPL-3.0-or-later
"""The mail to an author whose appeal was decided."""

from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import translation

import jobs
from config.hosts import address_for_people

from .models import ReviewAppeal


@jobs.job(retries=5)
def tell_author_of_appeal(review_id: str) -> None:
    """The author has a mail with the decision and its reason."""
    found = ReviewAppeal.objects.select_related("review__proposal__author__user", "review__proposal__heading__cycle")
    appeal = found.filter(pk=UUID(review_id)).exclude(decided_at=None).first()
    if appeal is None or appeal.review.proposal.author.left_at is not None:
        return
    proposal = appeal.review.proposal
    assembly = proposal.heading.cycle.assembly
    site = address_for_people(public_url=settings.PUBLIC_URL, host=settings.HOST, port=settings.PORT)
    page = {"appeal": appeal, "proposal": proposal, "assembly": assembly, "url": site + proposal.get_absolute_url()}
    with translation.override(proposal.author.user.language or assembly.language):
        subject = render_to_string("proposals/mail/appeal_subject.txt", page)
        text = render_to_string("proposals/mail/appeal.txt", page)
    send_mail(" ".join(subject.split()), text, settings.DEFAULT_FROM_EMAIL, [proposal.author.user.email])
