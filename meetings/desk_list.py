# SPDX-License-Identifier: AGPL-3.0-or-later
"""The list that the desk works with: members and guests by name, where each is, and for whom they vote."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Exists, Model, OuterRef, QuerySet

from assemblies.models import Membership
from meetings import passes
from meetings.models import Attendance, Attendee, Meeting, Proxy
from meetings.whereabouts import Whereabouts, last_stays, whereabouts

MEMBERS_ON_A_PAGE = 30
GUESTS_SHOWN = 100
M = TypeVar("M", bound=Model)
EVERYBODY, HERE, AWAY = "everybody", "here", "away"


@dataclass(frozen=True)
class Person:
    """One line of the desk's list."""

    id: UUID  # of the membership, or the public one of a guest
    name: str
    membership: Membership | None
    attendee: Attendee | None
    where: Whereabouts
    given: Proxy | None = None  # to whom they gave their vote
    held: list[Proxy] = field(default_factory=list)  # whose votes they hold

    @property
    def is_guest(self) -> bool:
        return self.membership is None

    @property
    def may_vote(self) -> bool:
        return self.membership is not None and self.membership.verified_at is not None


@dataclass(frozen=True)
class DeskList:
    page: "Page[Membership]"
    people: list[Person]  # on this page
    guests: list[Person]


def desk_list(meeting: Meeting, *, name: str = "", show: str = EVERYBODY, page: str | None = None) -> DeskList:
    """Who matches, in a fixed number of queries however many they are."""
    members = _members(meeting, name, show)
    guests = _guests(meeting, name, show)[:GUESTS_SHOWN]
    shown = Paginator(members, MEMBERS_ON_A_PAGE).get_page(page)
    return DeskList(shown, _people(meeting, list(shown)), _guest_lines(list(guests)))


def everybody(meeting: Meeting) -> list[Person]:
    """The whole list at once, to print or to keep for when the connection breaks."""
    members = _people(meeting, list(_members(meeting, "", EVERYBODY)))
    return members + _guest_lines(list(_guests(meeting, "", EVERYBODY)))


def person(meeting: Meeting, person_id: UUID) -> Person | None:
    """The one whom a button of the list is about."""
    members = _members(meeting, "", EVERYBODY).filter(pk=person_id)
    guests = _guests(meeting, "", EVERYBODY).filter(public_id=person_id)
    return next(iter([*_people(meeting, list(members)), *_guest_lines(list(guests))]), None)


def _members(meeting: Meeting, name: str, show: str) -> "QuerySet[Membership]":
    found = Membership.objects.current().filter(assembly=meeting.assembly_id).select_related("user")
    scanned = passes.holder_of(meeting, name.rstrip("/").rpartition("/")[2]) if "/" in name else None
    if scanned is not None:  # a reader at the desk types what stands in the square
        found = found.filter(pk=scanned.pk)
    elif name:
        found = found.filter(user__name__icontains=name)
    here = Exists(Attendance.objects.present().filter(meeting=meeting, attendee__membership=OuterRef("pk")))
    return _shown(found, here, show).order_by("user__name", "pk")


def _guests(meeting: Meeting, name: str, show: str) -> "QuerySet[Attendee]":
    found = meeting.attendees.filter(membership=None, handle__icontains=name)
    here = Exists(Attendance.objects.present().filter(attendee=OuterRef("pk")))
    return _shown(found, here, show).order_by("handle", "pk")


def _shown(found: "QuerySet[M]", here: Exists, show: str) -> "QuerySet[M]":
    if show == HERE:
        return found.filter(here)
    return found.filter(~here) if show == AWAY else found


def _people(meeting: Meeting, members: Sequence[Membership]) -> list[Person]:
    seats = {seat.membership_id: seat for seat in meeting.attendees.filter(membership__in=members)}
    stays = last_stays(seats.values())
    given, held = _proxies(meeting, list(seats.values()))
    people = []
    for member in members:
        seat = seats.get(member.pk)
        key = seat.pk if seat else 0
        where = whereabouts(seat, stays.get(key))
        people.append(Person(member.pk, str(member), member, seat, where, given.get(key), held.get(key, [])))
    return people


def _proxies(meeting: Meeting, seats: Sequence[Attendee]) -> tuple[dict[int, Proxy], dict[int, list[Proxy]]]:
    in_force = Proxy.objects.in_force().filter(meeting=meeting)
    found = in_force.select_related("giver__membership__user", "holder__membership__user")
    wanted = {seat.pk for seat in seats}
    given: dict[int, Proxy] = {}
    held: dict[int, list[Proxy]] = {}
    for proxy in found:
        if proxy.giver_id in wanted:
            given[proxy.giver_id] = proxy
        if proxy.holder_id in wanted:
            held.setdefault(proxy.holder_id, []).append(proxy)
    return given, held


def _guest_lines(guests: Sequence[Attendee]) -> list[Person]:
    stays = last_stays(guests)
    return [
        Person(guest.public_id, guest.handle, None, guest, whereabouts(guest, stays.get(guest.pk))) for guest in guests
    ]
