# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mails to authors whose words were hidden, and to whom a moderator answered."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import translation

import jobs
from config.hosts import address_for_people

from .models import Moderation


@jobs.job(retries=5)
def tell_author_of_decision(decision_id: str) -> None:
    """The author has a mail that says how it stands now, why, and how to appeal."""
    decision = Moderation.objects.with_words().filter(pk=decision_id).first()
    if decision is None or decision.author.left_at is not None:
        return
    assembly = decision.topic.heading.cycle.assembly
    site = address_for_people(public_url=settings.PUBLIC_URL, host=settings.HOST, port=settings.PORT)
    page = {"decision": decision, "assembly": assembly, "url": site + decision.get_absolute_url()}
    with translation.override(decision.author.user.language or assembly.language):
        subject = render_to_string("proposals/mail/moderated_subject.txt", page)
        text = render_to_string("proposals/mail/moderated.txt", page)
    send_mail(" ".join(subject.split()), text, settings.DEFAULT_FROM_EMAIL, [decision.author.user.email])
