# SPDX-License-Identifier: AGPL-3.0-or-later
"""The items of the agenda as minutes tell them: what was put to the room, in which words, and what was decided."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.mails import site_address
from assemblies.money import format_count
from meetings.models import (
    AgendaItem,
    Amendment,
    AmendmentState,
    Decision,
    ItemPoll,
    ItemState,
    Meeting,
    Motion,
    MotionState,
)
from voting.board.reading import root_words
from voting.models import PollState

from .markdown import escape, link, quote
from .people import quorum_in_words
from .times import clock, span

ANSWERS = ("yes", "no", "abstain")


@dataclass(frozen=True)
class ToldItem:
    """An item with what belongs to it."""

    item: AgendaItem
    motions: list[Motion] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    void_polls: list[ItemPoll] = field(default_factory=list)  # those that never came to a decision


def load_items(meeting: Meeting, decisions: Sequence[Decision]) -> list[ToldItem]:
    """Everything under the agenda, in order; six queries."""
    motions: dict[UUID, list[Motion]] = {}
    for motion in Motion.objects.filter(item__meeting=meeting).prefetch_related("amendments"):
        motions.setdefault(motion.item_id, []).append(motion)
    decided: dict[UUID | None, list[Decision]] = {}
    for decision in decisions:
        decided.setdefault(decision.item_id, []).append(decision)
    of_decisions = {decision.poll_id for decision in decisions}
    void: dict[UUID, list[ItemPoll]] = {}
    for held in ItemPoll.objects.filter(item__meeting=meeting, poll__state=PollState.VOIDED).select_related("poll"):
        if held.poll_id not in of_decisions and held.poll.opened_at is not None:
            void.setdefault(held.item_id, []).append(held)
    items = meeting.items.select_related("proposal").prefetch_related("documents").order_by("position")
    return [ToldItem(item, motions.get(item.pk, []), decided.get(item.pk, []), void.get(item.pk, [])) for item in items]


def titled(item: AgendaItem) -> str:
    """Its number, its title, and where it went if it was not finished."""
    title = escape(f"{item.number}. {item.title}")  # whole, or a list would see the beginning of another one
    if item.state == ItemState.POSTPONED and item.postponed_to:
        return f"{title} ({_('postponed: %(to)s') % {'to': escape(item.postponed_to)}})"
    return f"{title} ({str(item.get_state_display()).lower()})"


def item_section(told: ToldItem) -> list[str]:
    """One item."""
    item = told.item
    facts = [
        (_("Presented by"), escape(item.presenter)),
        (_("Time"), _times(item)),
        (_("Proposal"), _proposal(item)),
        (_("Documents"), ", ".join(escape(document.title) for document in item.documents.all())),
        (_("Outcome"), escape(item.outcome) or _left(item)),
    ]
    lines = "\n".join(f"- **{label}:** {value}" for label, value in facts if value)
    blocks = [f"### {format_count(item.number)}. {escape(item.title)}", lines]
    for motion in told.motions:
        blocks += _motion(motion)
    for decision in told.decisions:
        blocks += _decision(decision)
    blocks += [_void(held) for held in told.void_polls]
    return blocks


def consent_section(decision: Decision, items: Sequence[ToldItem]) -> list[str]:
    """What was adopted together, item by item."""
    adopted = set(decision.numbers.get("adopted", []))
    listed = [f"- {escape(f'{one.item.number}. {one.item.title}')}" for one in items if str(one.item.pk) in adopted]
    head = f"## {_('Adopted together, without debate')}"
    return [head, *_decision(decision, names_itself=False), _("What was adopted:"), "\n".join(listed)]


def _motion(motion: Motion) -> list[str]:
    state = str(MotionState(motion.state).label)
    if motion.referred_to:
        state = _("%(state)s to %(whom)s") % {"state": state, "whom": escape(motion.referred_to)}
    facts = [
        (_("Moved by"), escape(motion.mover)),
        (_("Supported by"), escape(motion.seconder)),
        (_("What became of it"), state),
    ]
    lines = "\n".join(f"- **{label}:** {value}" for label, value in facts if value)
    is_changed = motion.current_text != motion.text
    text = _("The text as it was put forward:") if is_changed else _("The text:")
    blocks = [f"#### {_('Motion')}: {escape(motion.title)}", lines, text, quote(motion.text)]
    for amendment in motion.amendments.all():
        blocks += _amendment(amendment)
    return (
        [*blocks, _("The text with the changes that were adopted:"), quote(motion.current_text)]
        if is_changed
        else blocks
    )


def _amendment(amendment: Amendment) -> list[str]:
    told = {
        "n": format_count(amendment.number),
        "mover": escape(amendment.mover),
        "state": str(AmendmentState(amendment.state).label).lower(),
    }
    head = (
        _("Change %(n)s, by %(mover)s: %(state)s.") % told if amendment.mover else _("Change %(n)s: %(state)s.") % told
    )
    reason = _("Why: %(reason)s") % {"reason": escape(amendment.reason)} if amendment.reason else ""
    lines = [head, reason, _("With it the text would read:")]
    return ["\n".join(line for line in lines if line), quote(amendment.text)]


def _decision(decision: Decision, *, names_itself: bool = True) -> list[str]:
    number = format_count(decision.number)
    title = _("Decision %(n)s: %(question)s") % {"n": number, "question": escape(decision.question)}
    head = f"#### {title}" if names_itself else _("Decision %(n)s.") % {"n": number}
    facts = [
        (_("How"), str(decision.get_way_display())),
        (_("Outcome"), str(decision.get_outcome_display())),
        (_("Numbers"), _numbers(decision)),
        (_("Who was there"), quorum_in_words(decision.present, decision.quorum_required, decision.quorum_state)),
        (_("Counted by"), _tellers(decision)),
        (_("Check number"), f"`{root_words(decision.poll)}`" if decision.poll and root_words(decision.poll) else ""),
        (_("How it was counted"), _result_link(decision)),
    ]
    lines = "\n".join(f"- **{label}:** {value}" for label, value in facts if value)
    return [head, _struck(decision), escape(decision.sentence), lines]


def _struck(decision: Decision) -> str:
    """That it decides nothing any more, and why."""
    if decision.voided_at is not None:
        return f"**{_('Void: %(reason)s') % {'reason': escape(decision.void_reason)}}**"
    later = next((one for one in decision.superseded_by.all() if one.voided_at is None), None)
    if later is not None:
        return f"**{_('Replaced by decision %(n)s.') % {'n': format_count(later.number)}}**"
    return ""


def _numbers(decision: Decision) -> str:
    numbers = decision.numbers
    if "yes" in numbers:
        labels = {"yes": _("yes"), "no": _("no"), "abstain": _("abstain")}
        return ", ".join(
            f"{labels[key]} {format_count(numbers[key])}" for key in ANSWERS if isinstance(numbers.get(key), int)
        )
    votes = numbers.get("votes")
    if not isinstance(votes, dict) or decision.poll is None:
        return ""
    given = [(option.title, votes[option.key]) for option in decision.poll.options.all() if option.key in votes]
    return ", ".join(f"{escape(title)} {format_count(n)}" for title, n in given if isinstance(n, int))


def _tellers(decision: Decision) -> str:
    if decision.hand_count is None:
        return ""
    if decision.hand_count.one_teller:
        return _("one teller, who counted twice")
    return _("two tellers, who agreed")


def _result_link(decision: Decision) -> str:
    if decision.poll is None:
        return ""
    address = site_address() + reverse("voting:result", args=[decision.poll.pk])
    return f"<{address}>"


def _void(held: ItemPoll) -> str:
    told = {"question": escape(held.poll.question), "reason": escape(held.poll.void_reason)}
    return _("The vote “%(question)s” was declared void: %(reason)s") % told


def _proposal(item: AgendaItem) -> str:
    return link(item.proposal.title, site_address() + item.proposal.get_absolute_url()) if item.proposal else ""


def _times(item: AgendaItem) -> str:
    if item.started_at is None:
        return ""
    minutes = (item.spent_seconds + 30) // 60
    spent = ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": format_count(minutes)}
    times = (
        span(item.started_at, item.ended_at) if item.ended_at else _("from %(time)s") % {"time": clock(item.started_at)}
    )
    return f"{times}, {spent}"


def _left(item: AgendaItem) -> str:
    """What became of an item that did not come to its end here."""
    if item.state == ItemState.POSTPONED and item.postponed_to:
        return _("postponed: %(to)s") % {"to": escape(item.postponed_to)}
    if item.state == ItemState.CONCLUDED:
        return ""
    return str(item.get_state_display())
