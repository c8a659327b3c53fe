"""Meetings in the states that tests need, made through the services that facilitators use."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from assemblies.models import Assembly, Membership, Role
from meetings import services
from meetings.models import AgendaItem, Attendee, Decision, ItemKind, ItemPoll, ItemState, Meeting
from tests.make import line_of, make_member
from voting.models import Poll, PollState
from voting.services import Receipt, asked_to_void, cast_ballot


def make_meeting(assembly: Assembly, *titles: str, starts_at: datetime | None = None, **fields: Any) -> Meeting:
    """A meeting in draft, an hour ago until in two hours, with these items of ten minutes each."""
    starts_at = starts_at or timezone.now() - timedelta(hours=1)
    fields.setdefault("title", "Autumn assembly")
    meeting = services.create_meeting(
        assembly=assembly, starts_at=starts_at, planned_end_at=starts_at + timedelta(hours=3), actor=None, **fields
    )
    for title in titles or ("Welcome", "Old Tram Hall hours", "Youth seat on the board"):
        services.add_item(meeting=meeting, title=title, kind=ItemKind.DECISION, actor=None)
    return fresh(meeting)


def announced(assembly: Assembly, *titles: str, **fields: Any) -> Meeting:
    meeting = make_meeting(assembly, *titles, **fields)
    return services.schedule(meeting=meeting, actor=None, at=min(meeting.starts_at, meeting.created_at))


def with_doors_open(assembly: Assembly, *present: Membership, **fields: Any) -> Meeting:
    """A meeting in whose room these members are."""
    meeting = services.open_doors(meeting=announced(assembly, **fields), actor=None)
    for membership in present:
        services.check_in(meeting=meeting, membership=membership)
    return fresh(meeting)


def in_session(assembly: Assembly, *present: Membership, taken_up: int = 1, **fields: Any) -> Meeting:
    """A meeting in session with its first items taken up, as many as said."""
    meeting = services.call_to_order(meeting=with_doors_open(assembly, *present, **fields), actor=None)
    for item in meeting.items.all()[:taken_up]:
        services.advance(meeting=meeting, to=item, actor=None)
    return fresh(meeting)


def item(meeting: Meeting, number: int) -> AgendaItem:
    return meeting.items.select_related("meeting").get(position=number)


def current(meeting: Meeting) -> AgendaItem:
    return meeting.items.select_related("meeting").get(state=ItemState.CURRENT)


def put_up(meeting: Meeting, template: str = "yes_no", question: str = "Open until 23:00?", *options: str) -> ItemPoll:
    """A poll in draft under the current item."""
    if template not in ("yes_no", "consensus") and not options:
        options = ("Bench", "Well", "Tree")
    return services.add_poll(item=current(meeting), template=template, question=question, options=options, actor=None)


def put_to_the_vote(
    meeting: Meeting, template: str = "yes_no", question: str = "Open until 23:00?", *options: str
) -> ItemPoll:
    """An open poll under the current item."""
    item_poll = put_up(meeting, template, question, *options)
    services.open_item_poll(item_poll=item_poll, actor=None)
    return fresh_poll(item_poll)


def vote(poll: Poll, member: Membership, *keys: str) -> Receipt:
    """This member's ballot is in: ticks, a ranking in a ranked poll, or the highest marks."""
    choices: dict[str, dict[str, Any]] = {
        "ranked": {"ranking": list(keys)},
        "score": {"points": dict.fromkeys(sorted(keys), 5)},
    }
    choice = choices.get(poll.ballot_type, {"options": sorted(keys)})
    return cast_ballot(poll=poll, line=line_of(poll, member), choice=choice, key=f"{member.pk}-{poll.pk}")


def seat(meeting: Meeting, member: Membership) -> Attendee:
    """The member at this meeting, whether or not they ever checked in."""
    attendee, _made = Attendee.objects.get_or_create(
        meeting=meeting, membership=member, defaults={"created_at": meeting.created_at}
    )
    return attendee


def fresh(meeting: Meeting) -> Meeting:
    return Meeting.objects.select_related("assembly").get(pk=meeting.pk)


def fresh_poll(item_poll: ItemPoll) -> ItemPoll:
    return ItemPoll.objects.select_related("poll__register", "item__meeting__assembly").get(pk=item_poll.pk)


def kinds(meeting: Meeting) -> list[str]:
    """What happened, in order."""
    return list(meeting.events.order_by("seq").values_list("kind", flat=True))


def declare_void(item_poll: ItemPoll, reason: str) -> None:
    """The vote is void: two facilitators agree to it where its result was shown."""
    for name in ("Una", "Vera"):
        who = _facilitator(item_poll.poll.assembly, name).user
        poll = fresh_poll(item_poll).poll
        asked = asked_to_void(poll)
        if poll.state != PollState.VOIDED and (asked is None or asked.actor != who):
            services.void_item_poll(item_poll=item_poll, actor=who, reason=reason)


def declare_decision_void(decision: Decision, reason: str) -> None:
    """Two facilitators agree that this decision, which no poll made, is void."""
    assembly = decision.meeting.assembly
    people = [_facilitator(assembly, name).user for name in ("Una", "Vera")]
    for who in people:
        services.void_without_poll(decision=decision, actor=who, reason=reason)


def _facilitator(assembly: Assembly, name: str) -> Membership:
    for each in ("Una", "Vera"):  # both are there before the first of them acts
        if not assembly.memberships.filter(user__name=each).exists():
            make_member(assembly, each, Role.FACILITATOR)
    return assembly.memberships.get(user__name=name)
