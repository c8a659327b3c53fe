# SPDX-License-Identifier: AGPL-3.0-or-later

import jobs
from accounts.mails import send, site_address

from .models import Invitation


@jobs.job(retries=5)
def send_invitation(invitation_id: str) -> None:
    """The invited person has a mail with the way in, unless the invitation was withdrawn meanwhile."""
    invitation = Invitation.objects.select_related("assembly").filter(pk=invitation_id).first()
    if invitation is None:
        return
    page = {"invitation": invitation, "url": site_address() + invitation.get_absolute_url()}
    send(invitation.email, "assemblies/mail/invitation", page, language=invitation.assembly.language)
