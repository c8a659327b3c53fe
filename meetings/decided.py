# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is put to the room and what it decided, as screens show it: read with a fixed number of queries.

Results come from voting.results alone, so that nobody, facilitators included, sees one before it is revealed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from functools import cached_property
from uuid import UUID

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from assemblies.differences import IN, OUT, Piece, differences
from assemblies.models import Viewer
from assemblies.money import format_count
from meetings.models import (
    AgendaItem,
    Amendment,
    AmendmentState,
    Decision,
    DecisionWay,
    HandCount,
    ItemPoll,
    ItemState,
    Meeting,
    MeetingEvent,
    MeetingState,
    Motion,
    MotionState,
    Outcome,
    QuorumState,
)
from meetings.services.motions import is_for_an_earlier_text
from meetings.services.runoffs import needs_fallback, runoff_between
from voting import explanations, results, rules_in_words
from voting.explanations import ShownOutcome
from voting.models import NOT_OPENED, Approval, BallotType, Poll, PollState

STEPS = ("ready", "open", "closing", "counted", "shown")
STEP_OF = {
    PollState.DRAFT: "ready",
    PollState.READY: "ready",
    PollState.OPEN: "open",
    PollState.CLOSING: "closing",
    PollState.COUNTED: "counted",
    PollState.WITHHELD: "counted",
    PollState.PUBLISHED: "shown",
}


@dataclass(frozen=True)
class ShownPoll:
    """A poll of the meeting with what may be told about it."""

    poll: Poll
    item: AgendaItem
    outcome: ShownOutcome | None
    held: ItemPoll
    decision: Decision | None = None  # that came of it and stands
    is_followed: bool = False  # whether another vote on the same matter is there
    void_asked: Approval | None = None  # by whom and why, while a second person must confirm that it is void

    @property
    def step(self) -> str:
        """Where it stands between ready and shown; empty when it is void."""
        return STEP_OF.get(PollState(self.poll.state), "")

    @property
    def is_open(self) -> bool:
        return self.poll.state == PollState.OPEN

    @property
    def is_ready(self) -> bool:
        return self.poll.state in NOT_OPENED

    @property
    def is_void(self) -> bool:
        return self.poll.state == PollState.VOIDED

    @property
    def is_hidden(self) -> bool:
        """Whether it is counted and waits to be revealed."""
        return self.step == "counted"

    @property
    def closing_at(self) -> datetime | None:
        """The end of the countdown, while one runs."""
        return self.held.closing_at if self.is_open else None

    @property
    def came_in_last(self) -> int:
        """How many ballots came in since the countdown began; people are still voting."""
        return max(0, self.poll.turnout - (self.held.closing_from or 0)) if self.closing_at else 0

    @property
    def says(self) -> str:
        """Who sees what of this poll, in the words that stand above the question."""
        if self.held.is_straw:
            return _("Straw poll: it decides nothing")
        if self.poll.shows_running_tally:
            return _("Open vote: everybody sees the tally")
        if self.poll.is_secret:
            return _("Secret vote")
        if self.poll.is_sealed:
            return _("Sealed vote")
        return {
            BallotType.RANKED: _("Named vote, put in order"),
            BallotType.APPROVAL: _("Named vote, several answers"),
            BallotType.POINTS: _("Named vote, points"),
            BallotType.SCORE: _("Named vote, marks"),
        }.get(BallotType(self.poll.ballot_type), _("Named vote, one answer"))

    @property
    def rule(self) -> str:
        """What it takes to be carried or to win, told before and after."""
        return "" if self.held.is_straw else rules_in_words.rule_in_words(self.poll, self.poll.rule)

    @property
    def temperature(self) -> str:
        """The middle of the marks of a temperature poll, to one place; empty for every other poll."""
        if self.held.template != "temperature" or self.outcome is None:
            return ""
        votes = sum(one.votes for one in self.outcome.options)
        marks = sum(int(one.option.key) * one.votes for one in self.outcome.options)
        if not votes:
            return _("Nobody gave a mark.")
        tenths = int(Fraction(10 * marks, votes) + Fraction(1, 2))
        return _("On average %(whole)s.%(tenth)s of 5.") % {
            "whole": format_count(tenths // 10),
            "tenth": format_count(tenths % 10),
        }

    @property
    def sentence(self) -> str:
        """The result in one sentence."""
        return self.temperature or (self.outcome.sentence if self.outcome else "")

    @property
    def quorum(self) -> str:
        """Who was there when the vote opened, in a sentence."""
        return quorum_of(self.decision) if self.decision else ""

    @cached_property
    def runoff(self) -> list[str]:
        """The answers between which a runoff can decide now."""
        return [] if self.is_followed or self.is_void else runoff_between(self.held)

    @cached_property
    def needs_fallback(self) -> bool:
        return not self.is_followed and not self.is_void and needs_fallback(self.held)

    @property
    def steps(self) -> list[tuple[str, str, str]]:
        """The five steps as (name, words, place), where place is `was`, `is` or empty."""
        words = {
            "ready": _("Ready"),
            "open": _("Open"),
            "closing": _("Closing"),
            "counted": _("Counted"),
            "shown": _("Shown"),
        }
        reached = STEPS.index(self.step) if self.step else -1
        return [
            (name, words[name], "was" if place < reached else "is" if place == reached else "")
            for place, name in enumerate(STEPS)
        ]


@dataclass(frozen=True)
class ShownAmendment:
    """A change with the words that it takes out and puts in."""

    amendment: Amendment

    @cached_property
    def pieces(self) -> list[Piece]:
        return differences(self.amendment.before, self.amendment.text)

    @property
    def in_words(self) -> list[str]:
        """Each change as a sentence, for who listens."""
        said = []
        pieces = self.pieces
        for place, piece in enumerate(pieces):
            after = pieces[place + 1] if place + 1 < len(pieces) else None
            if piece.kind == OUT and after and after.kind == IN:
                said.append(_("Instead of “%(out)s”: “%(into)s”.") % {"out": _short(piece), "into": _short(after)})
            elif piece.kind == OUT:
                said.append(_("Left out: “%(out)s”.") % {"out": _short(piece)})
            elif piece.kind == IN and not (place and pieces[place - 1].kind == OUT):
                said.append(_("Added: “%(into)s”.") % {"into": _short(piece)})
        return said

    @property
    def is_open(self) -> bool:
        return self.amendment.state == AmendmentState.PROPOSED

    @property
    def is_for_an_earlier_text(self) -> bool:
        return is_for_an_earlier_text(self.amendment)


def _short(piece: Piece) -> str:
    return " ".join(piece.words.split())


@dataclass(frozen=True)
class ShownMotion:
    """A motion with the changes that people would rather have."""

    motion: Motion
    amendments: list[ShownAmendment]

    @property
    def is_open(self) -> bool:
        return self.motion.state == MotionState.PROPOSED

    @property
    def open_amendments(self) -> list[ShownAmendment]:
        return [one for one in self.amendments if one.is_open]


@dataclass(frozen=True)
class ShownDecision:
    """A line of the decision log."""

    decision: Decision
    replaced_by: int | None = None  # the number of the decision that stands instead
    void_asked: MeetingEvent | None = None  # by whom and why, while a second person must confirm that it is void

    @property
    def about(self) -> str:
        return self.decision.question

    @property
    def outcome(self) -> str:
        return self.decision.sentence

    @property
    def at(self) -> datetime:
        return self.decision.decided_at

    @property
    def poll(self) -> Poll | None:
        """The vote whose result can be read."""
        return self.decision.poll if self.decision.way == DecisionWay.POLL else None

    @property
    def is_void(self) -> bool:
        return self.decision.voided_at is not None

    @property
    def stands(self) -> bool:
        return not self.is_void and self.replaced_by is None

    @property
    def is_positive(self) -> bool:
        return self.decision.outcome in (Outcome.CARRIED, Outcome.DECIDED)

    @property
    def quorum(self) -> str:
        return quorum_of(self.decision)

    @property
    def by_one_teller(self) -> bool:
        return bool(self.decision.numbers.get("one_teller"))


@dataclass(frozen=True)
class ShownNote:
    """What came of an item without a decision, as the facilitator wrote it down."""

    about: str
    outcome: str
    at: datetime
    poll: None = None
    decision: None = None
    is_void: bool = False
    stands: bool = True
    is_positive: bool = True


def quorum_of(decision: Decision) -> str:
    """How many were there when it was decided, and how many it took; whether that many stayed until the end."""
    numbers = {"present": format_count(decision.present), "needed": format_count(decision.quorum_required)}
    match decision.quorum_state:
        case QuorumState.MET if vars(decision).get("lost_quorum"):
            return (
                _(
                    "Quorum met at the start: %(present)s were there, needed %(needed)s. It was lost before the vote closed."
                )
                % numbers
            )
        case QuorumState.MET:
            return _("Quorum met: %(present)s were there, needed %(needed)s.") % numbers
        case QuorumState.NOT_MET:
            return _("Without a quorum: %(present)s were there, needed %(needed)s.") % numbers
    return _("%(present)s were there. No quorum was set.") % numbers


@dataclass(frozen=True)
class Decided:
    """Everything that was put to the room of one meeting."""

    motions: dict[UUID, list[ShownMotion]] = field(default_factory=dict)  # by item
    hand_counts: dict[UUID, list[HandCount]] = field(default_factory=dict)
    polls: dict[UUID, list[ShownPoll]] = field(default_factory=dict)
    decisions: list[ShownDecision] = field(default_factory=list)

    @cached_property
    def running_count(self) -> HandCount | None:
        """The show of hands that is being counted now."""
        return next((one for counts in self.hand_counts.values() for one in counts if one.closed_at is None), None)

    def tie_of(self, item: AgendaItem | None) -> Decision | None:
        """The tie of yes and no under this item that stands: the chair may decide it."""
        for shown in reversed(self.decisions):
            decision = shown.decision
            is_here = item is not None and decision.item_id == item.pk
            if is_here and shown.stands and decision.outcome == Outcome.TIE and "tests" in decision.numbers:
                return decision
        return None


def read(meeting: Meeting, items: Iterable[AgendaItem]) -> Decided:
    """What was put to the room and what came of it; the same number of queries however much it is."""
    by_key = {item.pk: item for item in items}
    made = list(Decision.objects.filter(meeting=meeting).with_lost_quorum().select_related("poll").order_by("number"))
    decisions = shown_decisions(made)
    stands = {shown.decision.poll_id: shown.decision for shown in decisions if shown.stands and shown.decision.poll_id}
    decided = Decided(decisions=decisions)
    found = ItemPoll.objects.filter(item__meeting=meeting).select_related("poll__register", "poll__assembly")
    held = list(found.select_related("motion", "amendment").prefetch_related("poll__options"))
    results.load(one.poll for one in held)
    wished = Approval.objects.filter(poll__item_poll__item__meeting=meeting, action="void")
    asked = {wish.poll_id: wish for wish in wished.select_related("actor").order_by("-at")}
    followed = {one.poll.follows_id for one in held if one.poll.state != PollState.VOIDED}
    for one in held:
        item = by_key[one.item_id]
        shown = ShownPoll(
            poll=one.poll,
            item=item,
            outcome=explanations.explain(one.poll),
            held=one,
            decision=stands.get(one.poll_id),
            is_followed=one.poll_id in followed,
            void_asked=asked.get(one.poll_id) if one.poll.state == PollState.PUBLISHED else None,
        )
        decided.polls.setdefault(item.pk, []).append(shown)
    changes = Prefetch("amendments", queryset=Amendment.objects.order_by("number"))
    for motion in Motion.objects.filter(item__meeting=meeting).prefetch_related(changes).order_by("created_at", "pk"):
        amendments = []
        for amendment in motion.amendments.all():
            amendment.motion = motion
            amendments.append(ShownAmendment(amendment))
        decided.motions.setdefault(motion.item_id, []).append(ShownMotion(motion, amendments))
    for count in HandCount.objects.filter(item__meeting=meeting).order_by("opened_at"):
        decided.hand_counts.setdefault(count.item_id, []).append(count)
    return decided


def shown_decisions(made: list[Decision], asked: Mapping[UUID, MeetingEvent] | None = None) -> list[ShownDecision]:
    """The decisions of one meeting in order, each with the one that stands instead of it; `asked` is to be void."""
    instead = {one.supersedes_id: one.number for one in made if one.supersedes_id and one.voided_at is None}
    wished = asked or {}
    return [
        ShownDecision(one, instead.get(one.pk), wished.get(one.pk) if one.voided_at is None else None) for one in made
    ]


def tie_for(user: Viewer, meeting: Meeting) -> Decision | None:
    """The tie that waits for this person's casting vote as the chair; nobody else is asked on their phone."""
    if not meeting.chair_breaks_ties or meeting.chair_id is None or meeting.state != MeetingState.IN_SESSION:
        return None
    chair = meeting.chair
    if not user.is_authenticated or chair is None or chair.user_id != user.pk or chair.left_at is not None:
        return None
    here = Decision.objects.standing().filter(meeting=meeting, item__state=ItemState.CURRENT, outcome=Outcome.TIE)
    return here.filter(numbers__has_key="tests").order_by("-number").first()
