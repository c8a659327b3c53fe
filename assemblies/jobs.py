# SPDX-License-Identifier: AGPL-3.0-or-later
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import translation

import jobs
from accounts.models import User
from config.hosts import address_for_people

from .models import Invitation


@jobs.job(retries=5)
def send_invitation(invitation_id: str) -> None:
    """The invited person has a mail with the way in, unless the invitation was withdrawn meanwhile."""
    invitation = Invitation.objects.select_related("assembly").filter(pk=invitation_id).first()
    if invitation is None:
        return
    invited = User.objects.filter(email=invitation.email).first()
    language = (invited.language if invited else "") or invitation.assembly.language
    site = address_for_people(public_url=settings.PUBLIC_URL, host=settings.HOST, port=settings.PORT)
    page = {"invitation": invitation, "url": f"{site}{invitation.get_absolute_url()}"}
    with translation.override(language):
        subject = render_to_string("assemblies/mail/invitation_subject.txt", page)
        text = render_to_string("assemblies/mail/invitation.txt", page)
    send_mail(" ".join(subject.split()), text, settings.DEFAULT_FROM_EMAIL, [invitation.email])
