# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mails to authors whose words or photos were hidden, and to whom a moderator answered."""

import jobs
from accounts.mails import send, site_address

from .models import Moderation, Photo


@jobs.job(retries=5)
def tell_author_of_decision(decision_id: str) -> None:
    """The author has a mail that says how it stands now, why, and how to appeal."""
    decision = Moderation.objects.with_words().filter(pk=decision_id).first()
    if decision is None or decision.author.left_at is not None:
        return
    assembly = decision.topic.heading.cycle.assembly
    page = {"decision": decision, "assembly": assembly, "url": site_address() + decision.get_absolute_url()}
    send(decision.author.user, "proposals/mail/moderated", page, language=assembly.language)


@jobs.job(retries=5)
def tell_author_of_photo(photo_id: str) -> None:
    """The author has a mail that says whether the photo is hidden now, and why."""
    found = Photo.objects.select_related("proposal__author__user", "proposal__heading__cycle__assembly")
    photo = found.filter(pk=photo_id).first()
    if photo is None or photo.proposal.author.left_at is not None:
        return
    proposal, assembly = photo.proposal, photo.proposal.heading.cycle.assembly
    page = {
        "photo": photo,
        "proposal": proposal,
        "assembly": assembly,
        "url": site_address() + proposal.get_absolute_url(),
    }
    send(proposal.author.user, "proposals/mail/photo", page, language=assembly.language)
