# SPDX-License-Identifier: AGPL-3.0-or-later
"""The assemblies, their districts and their people."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import ledger
from accounts.models import User
from assemblies.models import Assembly, District, Membership, Role

from .calendar import Calendar
from .content import people, town, town_map
from .content.figures import together
from .content.people import Person

RIVERSIDE, HARBOUR = "riverside", "harbour"
ON_THE_ROLL = 5_200  # people who asked for a ballot; the others of voting age may still do so


@dataclass(frozen=True)
class Town:
    """Riverside as seeded: its members by the first part of their address, its districts by name."""

    assembly: Assembly
    members: dict[str, Membership]
    districts: dict[str, District]
    calendar: Calendar

    def member(self, first_name: str) -> Membership:
        return self.members[first_name]

    @property
    def facilitator(self) -> User:
        """Whoever runs things here: Bao in Riverside, Chidi in the co-op."""
        return next(m.user for m in self.members.values() if m.has_role(Role.FACILITATOR))


def build_town(calendar: Calendar) -> Town:
    """Riverside stands, and everybody with a name lives in it."""
    assembly = Assembly.objects.create(
        slug=RIVERSIDE,
        name="Riverside",
        about=together(town.ABOUT),
        currency="EUR",
        is_public=True,
        landmarks=town_map.LANDMARKS,
        created_at=calendar.season_at(-900),
    )
    districts = {
        place.name: District.objects.create(
            assembly=assembly, name=place.name, population=place.population, outline=town_map.OUTLINES[place.name]
        )
        for place in town.DISTRICTS
    }
    members = _members(assembly, people.TOWN, calendar, districts)
    return Town(assembly, members, districts, calendar)


def build_harbour(calendar: Calendar) -> Town:
    """The private co-op of Chidi and his neighbours."""
    assembly = Assembly.objects.create(
        slug=HARBOUR,
        name="Harbour Co-op",
        about=town.ABOUT_HARBOUR,
        currency="EUR",
        is_public=False,
        created_at=calendar.season_at(-800),
    )
    return Town(assembly, _members(assembly, people.COOPERATORS, calendar, {}), {}, calendar)


def find_town(assembly: Assembly, calendar: Calendar) -> Town:
    """The town as it stands in the database, for adding to it on a later day."""
    memberships = assembly.memberships.current().select_related("user", "district")
    members = {membership.user.email.partition("@")[0]: membership for membership in memberships}
    return Town(assembly, members, {district.name: district for district in assembly.districts.all()}, calendar)


def _members(
    assembly: Assembly, persons: Iterable[Person], calendar: Calendar, districts: dict[str, District]
) -> dict[str, Membership]:
    chance = random.Random(f"people {assembly.slug}")  # noqa: S311 - when somebody moved here is no secret
    members = {}
    persons = list(persons)
    joined = sorted(
        calendar.season_at(-chance.randrange(500, 780), chance.randrange(8, 21), chance.randrange(60)) for _ in persons
    )
    for person, joined_at in zip(persons, joined, strict=True):  # Amina, who is first, has been there longest
        members[person.email.partition("@")[0]] = Membership(
            assembly=assembly,
            user=User(email=person.email, name=person.name, language=person.language, joined_at=joined_at),
            district=districts.get(person.district),
            roles=[person.role] if person.role else [],
            verified_at=joined_at + timedelta(days=chance.randrange(1, 9)) if person.verified else None,
            joined_at=joined_at,
        )
    for membership in members.values():
        membership.user.set_unusable_password()
    User.objects.bulk_create(membership.user for membership in members.values())
    Membership.objects.bulk_create(members.values())
    return members


def mark(assembly: Assembly, calendar: Calendar, kind: str) -> None:
    """The assembly's own log says that this is a demo, and which day it shows."""
    ledger.append(stream=assembly.pk, kind=f"demo.{kind}", data={"day": calendar.today}, at=calendar.now)
