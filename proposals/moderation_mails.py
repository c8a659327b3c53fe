# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mails to authors whose words or photos were hidden, and to whom a moderator answered."""

from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import translation

import jobs
from assemblies.models import Membership
from config.hosts import address_for_people

from .models import Moderation, Photo


@jobs.job(retries=5)
def tell_author_of_decision(decision_id: str) -> None:
    """The author has a mail that says how it stands now, why, and how to appeal."""
    decision = Moderation.objects.with_words().filter(pk=decision_id).first()
    if decision is None or decision.author.left_at is not None:
        return
    assembly = decision.topic.heading.cycle.assembly
    page = {"decision": decision, "assembly": assembly, "url": _site() + decision.get_absolute_url()}
    _send("moderated", page, decision.author)


@jobs.job(retries=5)
def tell_author_of_photo(photo_id: str) -> None:
    """The author has a mail that says whether the photo is hidden now, and why."""
    found = Photo.objects.select_related("proposal__author__user", "proposal__heading__cycle__assembly")
    photo = found.filter(pk=photo_id).first()
    if photo is None or photo.proposal.author.left_at is not None:
        return
    page = {
        "photo": photo,
        "proposal": photo.proposal,
        "assembly": photo.proposal.heading.cycle.assembly,
        "url": _site() + photo.proposal.get_absolute_url(),
    }
    _send("photo", page, photo.proposal.author)


def _site() -> str:
    return address_for_people(public_url=settings.PUBLIC_URL, host=settings.HOST, port=settings.PORT)


def _send(name: str, page: dict[str, Any], author: Membership) -> None:
    with translation.override(author.user.language or page["assembly"].language):
        subject = render_to_string(f"proposals/mail/{name}_subject.txt", page)
        text = render_to_string(f"proposals/mail/{name}.txt", page)
    send_mail(" ".join(subject.split()), text, settings.DEFAULT_FROM_EMAIL, [author.user.email])
