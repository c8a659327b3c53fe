# SPDX-License-Identifier: AGPL-3.0-or-later
"""Polls under agenda items: from a template to the ballot, to the count, to the screen on the wall."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from accounts.models import User
from assemblies.models import Membership
from meetings.models import AgendaItem, Attendance, ItemPoll, ItemState, Meeting
from voting import electorate
from voting import services as voting
from voting.choices import ABSTAIN, AGREE, BLOCK, NO, RESERVATIONS, STAND_ASIDE, YES
from voting.models import NOT_OPENED, BallotType, Poll, Secrecy, ShownWhileOpen

from .acts import MeetingRefused, clock, lock, lock_item, record, refuse_when_over
from .proxies import lines_by_proxy

OWNER_KIND = "meeting"
MOST_OPTIONS = 12


@dataclass(frozen=True)
class PollTemplate:
    """A kind of poll that a facilitator puts up in two taps."""

    name: str
    label: Promise
    says: Promise  # what people are told before it opens
    ballot_type: BallotType
    rule: str
    rule_parameters: dict[str, Any] = field(default_factory=dict)
    is_open_vote: bool = False  # the tally is on the screens while people vote
    asks_for_options: bool = True


TEMPLATES = {
    template.name: template
    for template in (
        PollTemplate(
            name="yes_no",
            label=gettext_lazy("Yes, no or abstain"),
            says=gettext_lazy("Carried when more than half of the yes and no votes are yes. Shown when you reveal it."),
            ballot_type=BallotType.YES_NO,
            rule="majority",
            rule_parameters={"threshold": "1/2", "operator": ">", "base": "cast"},
            asks_for_options=False,
        ),
        PollTemplate(
            name="choose_one",
            label=gettext_lazy("Choose one"),
            says=gettext_lazy("The answer with the most votes wins. Shown when you reveal it."),
            ballot_type=BallotType.CHOOSE_ONE,
            rule="plurality",
        ),
        PollTemplate(
            name="approval",
            label=gettext_lazy("Choose several, open vote"),
            says=gettext_lazy("Everybody sees the tally grow while people vote. The answer with the most votes wins."),
            ballot_type=BallotType.APPROVAL,
            rule="approval",
            is_open_vote=True,
        ),
        PollTemplate(
            name="ranked",
            label=gettext_lazy("Put in order"),
            says=gettext_lazy(
                "Instant runoff: the answer with the fewest first places drops out until one has more than half."
                " Shown when you reveal it."
            ),
            ballot_type=BallotType.RANKED,
            rule="irv",
        ),
        PollTemplate(
            name="consensus",
            label=gettext_lazy("Find consensus"),
            says=gettext_lazy(
                "Agree, agree with reservations, stand aside or block. One block stops it, and its reason is shown."
                " Shown when you reveal it."
            ),
            ballot_type=BallotType.CONSENSUS,
            rule="consensus",
            rule_parameters={"objections": 0, "talk_above": "1/4"},
            asks_for_options=False,
        ),
    )
}
# In English, as Option.shown_title puts them into each reader's language.
FIXED = {
    "yes_no": {YES: gettext_noop("Yes"), NO: gettext_noop("No"), ABSTAIN: gettext_noop("Abstain")},
    "consensus": {
        AGREE: gettext_noop("Agree"),
        RESERVATIONS: gettext_noop("Agree with reservations"),
        STAND_ASIDE: gettext_noop("Stand aside"),
        BLOCK: gettext_noop("Block"),
    },
}


@transaction.atomic
def add_poll(
    *,
    item: AgendaItem,
    template: str,
    question: str,
    options: Sequence[str] = (),
    secrecy: Secrecy = Secrecy.NAMED,
    follows: Poll | None = None,
    actor: User | None,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> ItemPoll:
    """A poll waits under the item; nobody but those who run the meeting sees it before it opens.

    `follows` is the poll on the same matter that came before: the room votes again.
    """
    meeting, item = lock_item(item, expected_version=expected_version)
    refuse_when_over(meeting)
    if item.state not in (ItemState.PLANNED, ItemState.CURRENT):
        raise MeetingRefused(_("This item is done. Add the vote to an item that is still to come."))
    chosen = TEMPLATES[template]
    if chosen.is_open_vote and secrecy != Secrecy.NAMED:
        raise MeetingRefused(_("Nobody can count sealed ballots while people vote. An open vote is a named one."))
    poll = voting.create_poll(
        assembly=meeting.assembly,
        owner_kind=OWNER_KIND,
        lane=meeting.topic,
        question=question,
        ballot_type=chosen.ballot_type,
        rule=chosen.rule,
        rule_parameters=chosen.rule_parameters,
        shown_while_open=ShownWhileOpen.TALLY if chosen.is_open_vote else ShownWhileOpen.TURNOUT,
        published_at_close=chosen.is_open_vote,
        change_allowed=True,
        secrecy=secrecy,
        follows=follows,
        options=_options(chosen, options),
    )
    item_poll = ItemPoll.objects.create(item=item, poll=poll)
    record(
        meeting,
        "poll_added",
        actor=actor,
        at=clock(at),
        data={"item": str(item.pk), "poll": str(poll.pk), "question": question},
    )
    return item_poll


def _options(template: PollTemplate, titles: Sequence[str]) -> list[voting.NewOption]:
    if not template.asks_for_options:
        return [voting.NewOption(key, title) for key, title in FIXED[template.name].items()]
    kept = list(dict.fromkeys(title.strip() for title in titles if title.strip()))
    if not 2 <= len(kept) <= MOST_OPTIONS:
        raise MeetingRefused(
            _("Write between 2 and %(most)d different answers, each on a line of its own.") % {"most": MOST_OPTIONS}
        )
    return [voting.NewOption(str(place), title) for place, title in enumerate(kept, start=1)]


@transaction.atomic
def remove_poll(
    *, item_poll: ItemPoll, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> None:
    """A poll that was never opened is gone; the log keeps its question."""
    meeting, item = lock_item(item_poll.item, expected_version=expected_version)
    poll = Poll.objects.select_for_update().get(pk=item_poll.poll_id)
    if poll.state not in NOT_OPENED:
        raise MeetingRefused(_("This vote was opened. It cannot be taken away, but it can be declared void."))
    if poll.approvals.exists():
        raise MeetingRefused(_("Somebody has agreed to open this vote, and that is kept. Declare it void instead."))
    data = {"item": str(item.pk), "poll": str(poll.pk), "question": poll.question}
    ItemPoll.objects.filter(poll=poll).delete()
    poll.delete()
    record(meeting, "poll_removed", actor=actor, at=clock(at), data=data)


@transaction.atomic
def correct_poll(
    *,
    item_poll: ItemPoll,
    template: str,
    question: str,
    options: Sequence[str] = (),
    secrecy: Secrecy = Secrecy.NAMED,
    actor: User | None,
) -> ItemPoll:
    """A poll that was never opened asks something else: another takes its place."""
    remove_poll(item_poll=item_poll, actor=actor)
    return add_poll(
        item=item_poll.item, template=template, question=question, options=options, secrecy=secrecy, actor=actor
    )


def template_of(poll: Poll) -> str:
    """The name of the template that this poll was made from."""
    return next(name for name, template in TEMPLATES.items() if template.ballot_type == poll.ballot_type)


@transaction.atomic
def open_item_poll(
    *, item_poll: ItemPoll, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> Poll:
    """People checked in right now who are verified residents can vote; who comes later cannot."""
    meeting, _item = lock_item(item_poll.item, expected_version=expected_version)
    lines = present_now(meeting)
    try:
        return voting.open_poll(poll=item_poll.poll, lines=lines, actor=actor, at=clock(at))
    except voting.PollRefused as refusal:
        raise MeetingRefused(str(refusal)) from refusal


def entitled_now(meeting: Meeting) -> list[Membership]:
    """The members who would be in the register of a poll opened at this moment."""
    return list(
        Membership.objects.verified()
        .filter(attendees__meeting=meeting, attendees__attendances__ended_at=None, attendees__attendances__isnull=False)
        .order_by("pk")
    )


def present_now(meeting: Meeting) -> list[electorate.NewLine]:
    """The lines of those members and of those whose proxy is awake; people with voter codes come besides."""
    stays = Attendance.objects.present().filter(meeting=meeting, attendee__membership__left_at=None)
    members = stays.filter(attendee__membership__isnull=False)
    found = members.select_related("attendee__membership__user", "attendee__membership__district")
    there = electorate.present(
        (stay.attendee.membership, stay.mode)
        for stay in found.order_by("attendee__membership")
        if stay.attendee.membership
    )
    return there + lines_by_proxy(meeting)


def close_item_poll(
    *, item_poll: ItemPoll, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> Poll:
    """No ballot comes in any more and the poll is counted; an open vote is shown at once, others when revealed."""
    _expect(item_poll, expected_version)
    return _voted(partial(voting.close_poll, poll=item_poll.poll, actor=actor, at=clock(at)))


def reveal_item_poll(
    *, item_poll: ItemPoll, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> Poll:
    """The result is on every screen."""
    _expect(item_poll, expected_version)
    return _voted(partial(voting.publish_poll, poll=item_poll.poll, actor=actor, at=clock(at)))


def void_item_poll(
    *, item_poll: ItemPoll, actor: User | None, reason: str, expected_version: int | None = None
) -> Poll:
    """The poll decides nothing; its ballots stay and everybody can read why."""
    _expect(item_poll, expected_version)
    return _voted(partial(voting.void_poll, poll=item_poll.poll, actor=actor, reason=reason))


def _expect(item_poll: ItemPoll, expected_version: int | None) -> None:
    # A transaction of its own, since closing is two. Whoever slips in between is stopped by the poll's own state.
    with transaction.atomic():
        lock(item_poll.item.meeting, expected_version=expected_version)


def _voted(act: "partial[Poll]") -> Poll:
    try:
        return act()
    except voting.PollRefused as refusal:
        raise MeetingRefused(str(refusal)) from refusal
