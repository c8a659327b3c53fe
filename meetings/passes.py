# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pass of one member for one meeting: a link that the desk opens, signed, so that nobody makes one themselves."""

import base64
import binascii
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.urls import reverse

from accounts.mails import site_address
from assemblies.models import Membership
from meetings.models import Meeting

SALT = "meetings.pass"


def pass_of(meeting: Meeting, membership: Membership) -> str:
    """What stands in the link: who it is, and a signature for this meeting alone."""
    return _signer(meeting).sign(base64.urlsafe_b64encode(membership.pk.bytes).rstrip(b"=").decode())


def pass_link(meeting: Meeting, membership: Membership) -> str:
    """The address behind the square on the phone."""
    return site_address() + reverse("meetings:open_pass", args=[meeting.pk, pass_of(meeting, membership)])


def holder_of(meeting: Meeting, written: str) -> Membership | None:
    """Whose pass this is; None for one that was made up, or for another meeting, or of somebody who left."""
    try:
        name = _signer(meeting).unsign(written)
        person = UUID(bytes=base64.urlsafe_b64decode(name + "=="))
    except (BadSignature, binascii.Error, ValueError):
        return None
    members = Membership.objects.current().filter(assembly=meeting.assembly_id)
    return members.select_related("user").filter(pk=person).first()


def _signer(meeting: Meeting) -> Signer:
    return Signer(salt=f"{SALT}.{meeting.pk}", sep=".")
