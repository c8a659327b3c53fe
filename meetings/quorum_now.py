# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who is there at this moment in numbers, and whether that is a quorum: read with a fixed number of queries."""

from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assemblies.models import Membership
from assemblies.money import format_count
from meetings import quorum
from meetings.models import AttendanceMode, Meeting, Proxy, QuorumBase, QuorumState
from meetings.quorum import Quorum
from voting.electorate import codes_that_count


@dataclass(frozen=True)
class Split:
    """Some people who are there, by where they take part from."""

    in_room: int
    remote: int

    @property
    def all(self) -> int:
        return self.in_room + self.remote


@dataclass(frozen=True)
class Room:
    """Who is there now. People with a voter code have no stay: they are there once they entered it."""

    rule: Quorum
    base_size: int  # of how many the quorum is a share
    people: Split  # guests too
    members: Split
    verified: Split
    codes: Split  # entered; cards from the desk count as in the room, codes sent out as from elsewhere
    voting_codes: int  # that a vote opened now would take
    proxies: int  # that are awake

    @property
    def may_vote(self) -> int:
        """How many lines the register of a vote opened now would have."""
        return self.verified.all + self.voting_codes + self.proxies

    @property
    def present(self) -> int:
        """How many are there for the quorum: voters, or members where it is a share of all members."""
        if self.rule.base == quorum.MEMBERS:
            counted = self.members
        else:  # anybody may join a public assembly and check in; a quorum is made by those who may vote
            counted = Split(self.verified.in_room + self.codes.in_room, self.verified.remote + self.codes.remote)
        return quorum.counted(self.rule.counts, counted.in_room, counted.remote, self.proxies)

    @property
    def required(self) -> int:
        """How many must be there; 0 where no quorum is set."""
        return quorum.required(self.rule, self.base_size)

    @property
    def state(self) -> QuorumState:
        return QuorumState(quorum.state(self.rule, self.base_size, self.present))

    @property
    def is_set(self) -> bool:
        return self.rule.is_set

    @property
    def is_met(self) -> bool:
        return self.state == QuorumState.MET

    @property
    def is_lacking(self) -> bool:
        """Whether too few are there to decide."""
        return self.state == QuorumState.NOT_MET

    @property
    def checked_in(self) -> str:
        """How many people are there, guests too, in the words of every screen."""
        return ngettext("%(n)s person checked in", "%(n)s people checked in", self.people.all) % {
            "n": format_count(self.people.all)
        }

    @property
    def headline(self) -> str:
        """Whether there is a quorum, with its numbers and in few words."""
        return quorum.headline(self.rule, self.base_size, self.present)

    @property
    def sentence(self) -> str:
        """What holds now, for every screen."""
        return quorum.sentence(self.rule, self.base_size, self.present)

    @property
    def rule_in_words(self) -> str:
        return quorum.rule_in_words(self.rule, self.base_size)

    @property
    def alert(self) -> str:
        """What a meeting may still do without its quorum."""
        return _(
            "Quorum lost: %(present)s here, needed %(needed)s. Without it you may only close the meeting, take a break,"
            " fix the next time or get people back."
        ) % {"present": format_count(self.present), "needed": format_count(self.required)}

    @property
    def blocker(self) -> str:
        """Why no vote opens now."""
        return ngettext(
            "The quorum is not met: %(needed)s voter must be checked in, and %(present)s are.",
            "The quorum is not met: %(needed)s voters must be checked in, and %(present)s are.",
            self.required,
        ) % {"needed": format_count(self.required), "present": format_count(self.present)}


def rule_of(meeting: Meeting) -> Quorum:
    """The quorum that the meeting asks for."""
    return Quorum(
        base=meeting.quorum_base,
        numerator=meeting.quorum_numerator,
        denominator=meeting.quorum_denominator,
        number=meeting.quorum_needed,
        comparison=meeting.quorum_comparison,
        counts=meeting.quorum_counts,
    )


def count_room(meeting: Meeting) -> Room:
    """Who is there now; four queries, and one less where the quorum is no share."""
    here = _who_is_here(meeting)
    entered = Q(entry__isnull=False)
    codes = codes_that_count([meeting.topic]).aggregate(
        all=Count("pk"),
        in_room=Count("pk", filter=entered & Q(batch__counts_once_entered=True)),
        remote=Count("pk", filter=entered & Q(batch__counts_once_entered=False)),
    )
    return Room(
        rule=rule_of(meeting),
        base_size=_base_size(meeting, codes["all"]),
        people=_split(here),
        members=_split([group for group in here if group.are_members]),
        verified=_split([group for group in here if group.are_members and group.are_verified]),
        codes=Split(codes["in_room"], codes["remote"]),
        voting_codes=codes["all"],
        proxies=Proxy.objects.awake().filter(meeting=meeting).count(),
    )


class _Group(NamedTuple):
    mode: str
    are_members: bool
    are_verified: bool
    size: int


# Written by hand: every check-in counts the room, and Django takes ten times as long to compose this as PostgreSQL to count.
HERE = """
    SELECT stay.mode, member.id IS NOT NULL AND member.left_at IS NULL, member.verified_at IS NOT NULL, count(*)
    FROM meetings_attendance stay
    JOIN meetings_attendee attendee ON attendee.id = stay.attendee_id
    LEFT JOIN assemblies_membership member ON member.id = attendee.membership_id
    WHERE stay.meeting_id = %s AND stay.ended_at IS NULL
    GROUP BY 1, 2, 3
"""


def _who_is_here(meeting: Meeting) -> list[_Group]:
    with connection.cursor() as cursor:
        cursor.execute(HERE, [meeting.pk])
        return [_Group(*row) for row in cursor.fetchall()]


def _split(groups: list[_Group]) -> Split:
    sizes = dict.fromkeys(AttendanceMode.values, 0)
    for group in groups:
        sizes[group.mode] += group.size
    return Split(sizes[AttendanceMode.IN_ROOM], sizes[AttendanceMode.REMOTE])


def _base_size(meeting: Meeting, voting_codes: int) -> int:
    members = Membership.objects.filter(assembly=meeting.assembly_id)
    match meeting.quorum_base:
        case QuorumBase.MEMBERS:
            return members.current().count()
        case QuorumBase.RESIDENTS:  # who votes with a code is one of those who may vote
            return members.verified().count() + voting_codes
    return 0
