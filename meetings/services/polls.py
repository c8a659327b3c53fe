# SPDX-License-Identifier: AGPL-3.0-or-later
"""Polls under agenda items: from a template to the ballot, to the count, to the screen on the wall."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from meetings.models import AgendaItem, Amendment, Attendance, ItemPoll, ItemState, Meeting, Motion
from voting import electorate
from voting import services as voting
from voting.models import NOT_OPENED, Poll, Secrecy, ShownWhileOpen

from .acts import MeetingRefused, clock, lock, lock_item, record, refuse_when_over
from .decisions import in_language_of, members_of
from .hands import refuse_while_counting
from .motions import refuse_undecidable
from .poll_templates import (
    FIXED,
    MAJORITY,
    MARKS,
    MOST_OPTIONS,
    NEEDS_A_NUMBER,
    TEMPLATES,
    WITHOUT_QUORUM,
    Consent,
    PollTemplate,
    Threshold,
)
from .proxies import lines_by_proxy

OWNER_KIND = "meeting"


@transaction.atomic
def add_poll(
    *,
    item: AgendaItem,
    template: str,
    question: str,
    options: Sequence[str] = (),
    secrecy: Secrecy = Secrecy.NAMED,
    threshold: Threshold = MAJORITY,
    consent: Consent | None = None,
    needs_majority: bool = False,
    is_straw: bool = False,
    needs_quorum: bool = True,
    motion: Motion | None = None,
    amendment: Amendment | None = None,
    follows: Poll | None = None,
    actor: User | None,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> ItemPoll:
    """A poll waits under the item; nobody but those who run the meeting sees it before it opens.

    `follows` is the poll on the same matter that came before: the room votes again. `needs_majority` asks one of
    several answers for more than half of the votes.
    """
    meeting, item = lock_item(item, expected_version=expected_version)
    refuse_when_over(meeting)
    if item.state not in (ItemState.PLANNED, ItemState.CURRENT):
        raise MeetingRefused(_("This item is done. Add the vote to an item that is still to come."))
    chosen = TEMPLATES[template]
    if chosen.is_open_vote and secrecy != Secrecy.NAMED:
        raise MeetingRefused(_("Nobody can count sealed ballots while people vote. An open vote is a named one."))
    is_straw = is_straw or chosen.is_straw
    if is_straw and (motion or amendment):
        raise MeetingRefused(_("A straw poll decides nothing, so it cannot decide on a motion."))
    if motion is not None and template not in ("yes_no", "consensus"):
        raise MeetingRefused(_("A motion is carried or not: vote yes or no on it, or look for consensus."))
    if not is_straw:
        refuse_undecidable(motion, amendment, again=follows is not None)
    consent = consent or Consent()
    poll = voting.create_poll(
        assembly=meeting.assembly,
        owner_kind=OWNER_KIND,
        lane=meeting.topic,
        question=question,
        text=_told_beforehand(meeting, chosen, consent, is_straw=is_straw),
        ballot_type=chosen.ballot_type,
        rule=chosen.rule,
        rule_parameters=_rule(chosen, threshold, consent, needs_majority=needs_majority),
        ballot_parameters=dict(chosen.ballot_parameters),
        shown_while_open=ShownWhileOpen.TALLY if chosen.is_open_vote else ShownWhileOpen.TURNOUT,
        published_at_close=chosen.is_open_vote,
        change_allowed=True,
        secrecy=secrecy,
        follows=follows,
        options=_options(meeting, chosen, options),
    )
    item_poll = ItemPoll.objects.create(
        item=item,
        poll=poll,
        template=template,
        motion=motion,
        amendment=amendment,
        is_straw=is_straw,
        needs_quorum=needs_quorum and not is_straw,
        has_fallback=template == "consensus" and consent.has_fallback,
    )
    record(
        meeting,
        "poll_added",
        actor=actor,
        at=clock(at),
        data={"item": str(item.pk), "poll": str(poll.pk), "question": question, "is_straw": is_straw},
    )
    return item_poll


def add_poll_without_quorum(*, item: AgendaItem, matter: str, **told: Any) -> ItemPoll:
    """A poll on one of the few questions that a meeting may decide without a quorum, in the words that are fixed for it."""
    with in_language_of(item.meeting):
        question = str(WITHOUT_QUORUM[matter])
    return add_poll(item=item, template="yes_no", question=question, needs_quorum=False, **told)


def _rule(template: PollTemplate, threshold: Threshold, consent: Consent, *, needs_majority: bool) -> dict[str, Any]:
    if template.rule == "majority":
        return threshold.parameters()
    if template.rule == "consensus":
        return consent.parameters()
    more = {"more_than": "1/2"} if needs_majority and template.rule in ("plurality", "approval") else {}
    return {**template.rule_parameters, **more}


def _told_beforehand(meeting: Meeting, template: PollTemplate, consent: Consent, *, is_straw: bool) -> str:
    """What stands under the question, in its definition, before anybody votes."""
    with in_language_of(meeting):
        if is_straw:
            return _("A straw poll: it shows how the room feels and decides nothing.")
        if template.rule == "consensus" and consent.has_fallback:
            return _("If this is blocked, the room votes again and two thirds decide.")
    return ""


def _options(meeting: Meeting, template: PollTemplate, titles: Sequence[str]) -> list[voting.NewOption]:
    if template.name == "temperature":
        with in_language_of(meeting):
            return [voting.NewOption(key, str(title)) for key, title in MARKS.items()]
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
def correct_poll(*, item_poll: ItemPoll, actor: User | None, **asked: Any) -> ItemPoll:
    """A poll that was never opened asks something else: another takes its place, on the same matter."""
    about = {
        "motion": item_poll.motion,
        "amendment": item_poll.amendment,
        "follows": item_poll.poll.follows,
        "needs_quorum": item_poll.needs_quorum,
    }
    remove_poll(item_poll=item_poll, actor=actor)
    return add_poll(item=item_poll.item, actor=actor, **{**about, **asked})


def template_of(item_poll: ItemPoll) -> str:
    """The name of the template that this poll was made from."""
    if item_poll.template:
        return item_poll.template
    kind = item_poll.poll.ballot_type
    return next(name for name, template in TEMPLATES.items() if template.ballot_type == kind)


@transaction.atomic
def open_item_poll(
    *, item_poll: ItemPoll, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> Poll:
    """People checked in right now who are verified residents can vote; who comes later cannot."""
    meeting, _item = lock_item(item_poll.item, expected_version=expected_version)
    refuse_while_counting(meeting)
    if item_poll.motion is not None and not item_poll.is_straw:
        again = item_poll.poll.follows_id is not None
        refuse_undecidable(item_poll.motion, item_poll.amendment, again=again)
    lines = present_now(meeting)
    _fix_sizes(item_poll.poll, meeting, lines)
    try:
        return voting.open_poll(poll=item_poll.poll, lines=lines, actor=actor, at=clock(at))
    except voting.PollRefused as refusal:
        raise MeetingRefused(str(refusal)) from refusal


def _fix_sizes(poll: Poll, meeting: Meeting, lines: Sequence[electorate.NewLine]) -> None:
    """A majority of those present, or of all members, goes by their number at the opening, in votes."""
    base = poll.rule_parameters.get("base")
    if base not in NEEDS_A_NUMBER:
        return
    everybody = [*lines, *electorate.with_codes([meeting.topic])]
    size = sum(line.weight for line in everybody) if base == "present" else members_of(meeting)
    fixed = {**poll.rule_parameters, base: size}
    Poll.objects.filter(pk=poll.pk, state__in=NOT_OPENED).update(rule_parameters=fixed)


def present_now(meeting: Meeting) -> list[electorate.NewLine]:
    """The lines of the members who are there and of those whose proxy is awake; people with voter codes come besides."""
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
    """The poll decides nothing; its ballots stay and everybody can read why.

    Where its result was shown, it comes back as it was until a second person confirms what the first one asked for.
    """
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
