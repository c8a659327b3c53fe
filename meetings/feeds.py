# SPDX-License-Identifier: AGPL-3.0-or-later
"""The calendar of an assembly as an address that a phone asks again: open, or a member's own where it is private.

A member's address is signed and names their membership, so it ends when they leave: nothing is stored for it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.core import signing

from assemblies.models import Assembly, Membership
from meetings.models import Meeting, MeetingState

SALT = "meetings.feed"
KEPT = timedelta(days=365)  # how long past meetings stay in the feed
MOST = 200  # meetings in one feed, the latest ones


def token_of(membership: Membership) -> str:
    """What makes the address of a member's own feed; nobody can guess another's."""
    return signing.Signer(salt=SALT).sign_object(membership.pk.hex)


def assembly_for(slug: str, token: str) -> Assembly | None:
    """The assembly whose calendar this token opens; None when it was never given out, or its member left."""
    try:
        member_id = UUID(signing.Signer(salt=SALT).unsign_object(token))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None
    members = Membership.objects.current().select_related("assembly")
    found = members.filter(pk=member_id, assembly__slug=slug, user__is_active=True).first()
    return found.assembly if found else None


def meetings_in_feed(assembly: Assembly, *, at: datetime) -> Iterable[Meeting]:
    """Announced meetings, also those that were called off, so that calendars strike them out."""
    of_assembly = Meeting.objects.filter(assembly=assembly)
    # Drafts that were called off: nobody but facilitators ever heard of them.
    unheard_of = of_assembly.filter(state=MeetingState.CANCELLED).exclude(events__kind="scheduled")
    announced = of_assembly.filter(rehearses=None, starts_at__gte=at - KEPT).exclude(state=MeetingState.DRAFT)
    shown = announced.exclude(pk__in=unheard_of.values("pk")).select_related("assembly")
    return shown.order_by("-starts_at", "pk")[:MOST]
