# SPDX-License-Identifier: AGPL-3.0-or-later
"""The meetings, held or prepared through the acts that facilitators have."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from accounts.models import User
from assemblies.models import Membership, Role
from meetings import services
from meetings.models import AgendaItem, ItemKind, ItemPoll, Meeting, Motion
from meetings.services import minutes
from voting import services as voting
from voting.models import PollState

from .ballot_box import fill_room
from .calendar import Calendar
from .content.evenings import HARBOUR_LAST, HARBOUR_NEXT, LAST, NEXT, SOUP, TODAY, Evening, Item
from .content.figures import together
from .town import Town

PRESENT_LAST, PRESENT_TODAY = 104, 110
NOT_VOTING = 9  # people in the room without a right to vote, or without a wish to
DOORS = timedelta(minutes=25)


def seed_meetings(town: Town) -> None:
    """One meeting is over, the doors of one are open, one is planned."""
    days = town.calendar
    sign_minutes(town, hold(town, LAST, starts_at=days.tuesday(-35, 19), present=PRESENT_LAST))
    open_todays_doors(town)
    announce(town, NEXT, starts_at=days.tuesday(28, 19), at=days.at(-2, 10))


def sign_minutes(town: Town, meeting: Meeting) -> None:
    """The secretary wrote and signed the minutes; tonight's meeting is asked to approve them."""
    secretary = next(member.user for member in town.members.values() if member.has_role(Role.SECRETARY))
    written = meeting.planned_end_at + timedelta(days=1)
    draft = minutes.draft_minutes(meeting=meeting, actor=secretary, at=written)
    told = minutes.save_minutes(
        meeting=meeting,
        text=draft.text + SOUP,
        expected_version=draft.version,
        actor=secretary,
        at=written + timedelta(minutes=20),
    )
    minutes.sign_minutes(
        meeting=meeting, expected_version=told.version, actor=secretary, at=written + timedelta(minutes=25)
    )


def seed_harbour_meetings(harbour: Town) -> None:
    """The co-op has decided something, and will decide something else."""
    days = harbour.calendar
    hold(harbour, HARBOUR_LAST, starts_at=days.at(-20, 20), present=11, not_voting=1)
    announce(harbour, HARBOUR_NEXT, starts_at=days.at(2, 20), at=days.at(-5, 9))


def open_todays_doors(town: Town) -> Meeting:
    """The meeting of today begins in some minutes, and most people are there."""
    days = town.calendar
    meeting = announce(town, TODAY, starts_at=days.meeting_starts_at, at=days.at(-21, 10))
    services.open_doors(meeting=meeting, actor=town.facilitator, at=days.now - DOORS)
    let_in(meeting, in_the_room(town, PRESENT_TODAY), days)
    return meeting


def in_the_room(town: Town, number: int) -> list[Membership]:
    """The people who come: facilitator, secretary and Amina among them."""
    return list(town.members.values())[:number]


def let_in(meeting: Meeting, people: Sequence[Membership], days: Calendar) -> None:
    """They check in one after the other while the doors are open."""
    for place, membership in enumerate(people):
        services.check_in(
            meeting=meeting, membership=membership, at=days.now - DOORS + DOORS * (place + 1) / (len(people) + 1)
        )


def announce(town: Town, evening: Evening, *, starts_at: datetime, at: datetime) -> Meeting:
    """The meeting is in the calendar with its agenda, and its polls wait under their items."""
    actor = town.facilitator
    meeting = services.create_meeting(
        assembly=town.assembly,
        title=evening.title,
        place=evening.place,
        text=together(evening.text),
        starts_at=starts_at,
        planned_end_at=starts_at + timedelta(minutes=evening.minutes),
        quorum_needed=evening.quorum,
        actor=actor,
        at=at,
    )
    for point in evening.items:
        item = services.add_item(
            meeting=meeting,
            title=point.title,
            kind=ItemKind(point.kind),
            planned_minutes=point.minutes,
            text=together(point.text),
            presenter=point.presenter,
            actor=actor,
            at=at,
        )
        motion = _move(item, point, actor, at)
        for question in point.questions:
            services.add_poll(
                item=item,
                motion=motion,
                template=question.template,
                question=together(question.question),
                options=question.options,
                actor=actor,
                at=at,
            )
    return services.schedule(meeting=meeting, actor=actor, at=at)


def _move(item: AgendaItem, point: Item, actor: User, at: datetime) -> Motion | None:
    """The motion of the item and the change to it, as they were sent in beforehand."""
    if point.motion is None:
        return None
    told = point.motion
    motion = services.put_motion(
        item=item,
        title=told.title,
        text=together(told.text),
        mover=told.mover,
        seconder=told.seconder,
        actor=actor,
        at=at,
    )
    if told.change:
        change, reason = together(told.change), together(told.reason)
        services.amend(motion=motion, text=change, reason=reason, mover=told.change_by, actor=actor, at=at)
    return motion


def hold(town: Town, evening: Evening, *, starts_at: datetime, present: int, not_voting: int = NOT_VOTING) -> Meeting:
    """A meeting that took place: people came, each item had its time, polls were opened, counted and revealed."""
    actor = town.facilitator
    meeting = announce(town, evening, starts_at=starts_at, at=starts_at - timedelta(days=16))
    doors = starts_at - timedelta(minutes=30)
    services.open_doors(meeting=meeting, actor=actor, at=doors)
    for place, membership in enumerate(in_the_room(town, present)):
        services.check_in(meeting=meeting, membership=membership, at=doors + timedelta(seconds=15 * place))
    moment = starts_at + timedelta(minutes=2)
    services.call_to_order(meeting=meeting, actor=actor, at=moment)
    told = ""
    for item, point in zip(AgendaItem.objects.filter(meeting=meeting), evening.items, strict=True):
        services.advance(meeting=meeting, to=item, actor=actor, outcome=told, at=moment)
        _decide(town, item, point, present - not_voting, moment)
        moment += timedelta(minutes=point.minutes)
        told = together(point.outcome)
    services.note_outcome(item=item, outcome=told, actor=actor, at=moment)
    return services.adjourn(meeting=meeting, actor=actor, at=moment)


def _decide(town: Town, item: AgendaItem, point: Item, turnout: int, moment: datetime) -> None:
    """The polls of the item, each with a few minutes to vote."""
    actor = town.facilitator
    time = timedelta(minutes=point.minutes)
    opened, closed, revealed = moment + time * 0.6, moment + time * 0.9, moment + time * 0.95
    for item_poll, question in zip(
        ItemPoll.objects.filter(item=item).select_related("poll"), point.questions, strict=True
    ):
        poll = services.open_item_poll(item_poll=item_poll, actor=actor, at=opened)
        fill_room(poll, question, turnout=turnout, until=closed, seed=town.assembly.slug)
        poll = voting.close_poll(poll=poll, actor=actor, at=closed)
        if poll.state == PollState.WITHHELD:
            voting.publish_poll(poll=poll, actor=actor, at=revealed)
