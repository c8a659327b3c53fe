# SPDX-License-Identifier: AGPL-3.0-or-later
"""Voting in the place of somebody who is not there: given on paper that the desk has seen, one step and no more."""

from datetime import datetime

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from assemblies.models import Membership
from meetings.models import Attendance, Attendee, Meeting, Proxy
from voting.electorate import NewLine
from voting.models import Presence

from .acts import MeetingRefused, clock, lock, record, refuse_when_over
from .attendance import seat_of
from .quorum import note_quorum


@transaction.atomic
def give_proxy(
    *,
    meeting: Meeting,
    giver: Membership,
    holder: Membership,
    document: str,
    actor: User | None,
    at: datetime | None = None,
) -> Proxy:
    """The holder votes for the giver while the giver is not there; `document` says where the signed paper is."""
    meeting = lock(meeting)
    refuse_when_over(meeting)
    document = document.strip()
    _refuse_people(meeting, giver, holder)
    if actor is not None and holder.user_id == actor.pk:
        raise MeetingRefused(_("Somebody else at the desk must note a proxy that you hold yourself."))
    if not document:
        raise MeetingRefused(_("Write where the signed paper is filed, for example: folder 3, number 12."))
    at = clock(at)
    given_by, held_by = (seat_of(meeting, member, at) for member in (giver, holder))
    _refuse_chains(meeting, given_by, held_by)
    proxy = Proxy.objects.create(
        meeting=meeting, giver=given_by, holder=held_by, document=document[:120], actor=actor, given_at=at
    )
    _record(meeting, "proxy_given", proxy, actor, at)
    return proxy


@transaction.atomic
def revoke_proxy(*, proxy: Proxy, actor: User | None, at: datetime | None = None) -> Proxy:
    """The proxy holds no more. Ballots that were cast with it stay."""
    meeting = lock(proxy.meeting)
    refuse_when_over(meeting)
    proxy = Proxy.objects.select_related("giver", "holder").get(pk=proxy.pk)
    if proxy.revoked_at is not None:
        raise MeetingRefused(_("This proxy was taken back before."))
    proxy.revoked_at = clock(at)
    proxy.save(update_fields=["revoked_at"])
    _record(meeting, "proxy_revoked", proxy, actor, proxy.revoked_at)
    return proxy


def lines_by_proxy(meeting: Meeting) -> list[NewLine]:
    """A line for each member whose proxy is awake; its ballot is cast by the holder."""
    people = "giver__membership__user", "giver__membership__district", "holder__membership__user"
    stays = Attendance.objects.present().filter(attendee=OuterRef("holder"))
    awake = Proxy.objects.awake().filter(meeting=meeting).annotate(mode=Subquery(stays.values("mode")[:1]))
    return [
        NewLine(proxy.giver.membership, proxy=proxy.holder.membership, presence=Presence(vars(proxy)["mode"]))
        for proxy in awake.select_related(*people).order_by("giver__membership")
    ]


def _refuse_people(meeting: Meeting, giver: Membership, holder: Membership) -> None:
    if not meeting.proxies_per_holder:
        raise MeetingRefused(_("This meeting takes no proxies. A facilitator can allow them in its settings."))
    if giver.pk == holder.pk:
        raise MeetingRefused(_("Nobody holds their own proxy. Choose somebody else."))
    for person in (giver, holder):
        if person.assembly_id != meeting.assembly_id or person.left_at is not None:
            raise MeetingRefused(_("A proxy is between two members of this assembly."))
        if person.verified_at is None:
            raise MeetingRefused(
                _("%(name)s may not vote yet. Only people who may vote give or hold a proxy.") % {"name": person}
            )


def _refuse_chains(meeting: Meeting, giver: Attendee, holder: Attendee) -> None:
    """What the database refuses too, in words."""
    in_force = Proxy.objects.in_force().filter(meeting=meeting).select_related("holder__membership__user")
    given = in_force.filter(giver=giver).first()
    if given is not None:
        raise MeetingRefused(
            _("%(giver)s has given a proxy to %(holder)s already. Take that one back first.")
            % {"giver": giver, "holder": given.holder}
        )
    if in_force.filter(giver=holder).exists():
        raise MeetingRefused(
            _("%(name)s has given their own vote to somebody else, and a proxy is not passed on.") % {"name": holder}
        )
    if in_force.filter(holder=giver).exists():
        raise MeetingRefused(
            _("%(name)s holds a proxy for somebody else, and a proxy is not passed on.") % {"name": giver}
        )
    if in_force.filter(holder=holder).count() >= meeting.proxies_per_holder:
        raise MeetingRefused(
            ngettext(
                "%(name)s holds %(n)d proxy, and this meeting allows no more.",
                "%(name)s holds %(n)d proxies, and this meeting allows no more.",
                meeting.proxies_per_holder,
            )
            % {"name": holder, "n": meeting.proxies_per_holder}
        )


def _record(meeting: Meeting, kind: str, proxy: Proxy, actor: User | None, at: datetime) -> None:
    data = {"giver": str(proxy.giver.public_id), "holder": str(proxy.holder.public_id), "document": proxy.document}
    record(meeting, kind, actor=actor, at=at, steers=False, data=data)
    note_quorum(meeting, at=at)
