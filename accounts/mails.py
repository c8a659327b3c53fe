# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every mail in the reader's own language, and the address with which the links in it begin."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from config.hosts import address_for_people

from .models import User


def site_address() -> str:
    """Where people find this site, from outside too."""
    return address_for_people(public_url=settings.PUBLIC_URL, host=settings.HOST, port=settings.PORT)


def send(
    to: User | str, template: str, page: dict[str, Any], *, language: str, headers: dict[str, str] | None = None
) -> None:
    """One mail; `template` names two files, one for the subject. `language` is for who has chosen none, or is not known."""
    reader = to if isinstance(to, User) else User.objects.filter(email=to).first()
    with translation.override((reader.language if reader else "") or language):
        subject = render_to_string(f"{template}_subject.txt", page)
        text = render_to_string(f"{template}.txt", page)
    address = to.email if isinstance(to, User) else to
    EmailMessage(" ".join(subject.split()), text, settings.DEFAULT_FROM_EMAIL, [address], headers=headers).send()
