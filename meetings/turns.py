# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who speaks next, and why: a pure function from the hands that are up and the speeches so far to an order with reasons.

How an order is made, place by place:

1. Points of order come first, in the order in which they were asked. All other places are counted after them.
2. A hand that the facilitator moved stands at its place. Whoever is not moved fills the places between.
3. Then technical questions, then direct responses, both in the order in which they were asked: they belong to what is
   being said now, and with the next speech it would be too late for them.
4. The first `safe_places` speeches of the order that was shown last keep their turn, so that people can get ready. No
   other speech goes before them, unless the facilitator moves one.
5. The other speeches last. For each place the policies are asked one after the other, and each leaves those whom it prefers among
   those that the policy before it left. Who asked first takes the place. The place counts as a speech for the next one,
   so that sides and groups alternate down the list.

Somebody who was called and did not come waits behind everybody who had asked by then.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assemblies.money import format_count

Id = UUID | int | str

POINT_OF_ORDER = "point_of_order"
TECHNICAL = "technical"
DIRECT_RESPONSE = "direct_response"
NORMAL = "normal"
KINDS = (POINT_OF_ORDER, TECHNICAL, DIRECT_RESPONSE, NORMAL)  # in this order they are called
SPEECHES = (NORMAL,)  # what makes somebody no first-timer, and what sides and groups take turns with
TIMED = (NORMAL, DIRECT_RESPONSE)  # whose seconds count when the quiet go first

PRO = "pro"
CONTRA = "contra"
SIDES = (PRO, CONTRA)

SMALLEST_GROUP = 5
MINUTE = 60


@dataclass(frozen=True)
class Hand:
    """Somebody who asks to speak. `side` and `group` are empty where nobody said any; `seq` is the order of asking.

    `pinned_place` is the place, from 1, at which the facilitator put this hand among all but points of order.
    After a no-show, `sent_back_seq` is the number of the event that sent the hand to the end; without it, the hand waits
    behind everybody, also behind those who ask later.
    """

    id: Id
    person: Id
    kind: str = NORMAL
    side: str = ""
    group: str = ""
    seq: int = 0
    pinned_place: int | None = None
    no_shows: int = 0
    sent_back_seq: int | None = None

    @property
    def asked(self) -> int:
        """Its number in the order of asking, which a no-show renews."""
        return self.seq if self.sent_back_seq is None else self.sent_back_seq


@dataclass(frozen=True)
class Spoken:
    """A turn that was taken, or is being taken: who speaks now belongs to the history with the seconds so far."""

    person: Id
    group: str = ""
    side: str = ""
    seconds: int = 0
    kind: str = NORMAL


@dataclass(frozen=True)
class TurnSettings:
    """How this meeting takes turns. `standing` is `shown(...)` of the order that was on the screens last."""

    policies: tuple[str, ...] = ("fifo",)
    safe_places: int = 0
    standing: tuple[Id, ...] = ()


@dataclass(frozen=True)
class Reason:
    """Why a hand stands where it stands: a code, and the seconds where the sentence tells them."""

    code: str
    seconds: int = 0

    @property
    def sentence(self) -> str:
        """The reason in plain words, in the reader's language. It never names a group."""
        if self.code == "least_time" and self.seconds:
            return _("Has spoken %(time)s, least of those waiting") % {"time": how_long(self.seconds)}
        if self.code == "spoken_longer" and self.seconds:
            return _("Has spoken %(time)s; who spoke less goes first") % {"time": how_long(self.seconds)}
        return str(REASONS[self.code])

    def __str__(self) -> str:
        return self.sentence


REASONS: dict[str, Promise] = {
    POINT_OF_ORDER: gettext_lazy("Point of order goes first"),
    TECHNICAL: gettext_lazy("Technical questions go before speeches"),
    DIRECT_RESPONSE: gettext_lazy("Answers what is being said now"),
    "moved": gettext_lazy("Moved by the facilitator"),
    "kept": gettext_lazy("Kept: was next already"),
    "sent_back": gettext_lazy("Was called and did not come, so waits again"),
    "fifo": gettext_lazy("In the order of asking"),
    "first_timers_first": gettext_lazy("First time today"),
    "least_time": gettext_lazy("Has not spoken yet"),
    "spoken_before": gettext_lazy("Has spoken already; first-timers go first"),
    "spoken_longer": gettext_lazy("Who spoke less goes first"),
    "alternate_sides": gettext_lazy("The other side is next"),
    "round_robin_groups": gettext_lazy("Under-heard so far"),
}


@dataclass(frozen=True)
class Turn:
    """One place of the order."""

    hand: Hand
    reason: Reason


@dataclass
class Heard:
    """What has been said so far; while an order is made, the places given out count as said."""

    speeches: Counter[Id] = field(default_factory=Counter)
    seconds: Counter[Id] = field(default_factory=Counter)
    turns_of_groups: Counter[str] = field(default_factory=Counter)
    last_side: str = ""

    @classmethod
    def from_history(cls, spoken: Iterable[Spoken]) -> "Heard":
        """The sum of these turns, which are in the order in which they were taken."""
        heard = cls()
        for turn in spoken:
            if turn.kind in TIMED:
                heard.seconds[turn.person] += turn.seconds
            if turn.kind in SPEECHES:
                heard.add(turn.person, turn.group, turn.side)
        return heard

    def add(self, person: Id, group: str, side: str) -> None:
        """One speech more. A speech for neither side leaves the last side as it was."""
        self.speeches[person] += 1
        self.turns_of_groups[group] += 1
        self.last_side = side if side in SIDES else self.last_side


Preference = Callable[[Sequence[Hand], Heard], Sequence[Hand]]


@dataclass(frozen=True)
class Policy:
    """One way to choose who speaks next: whom it prefers among those who wait, in the order of asking."""

    name: str
    label: Promise
    says: Promise
    prefer: Preference


def _least(hands: Sequence[Hand], measure: Callable[[Hand], int]) -> Sequence[Hand]:
    least = min(map(measure, hands))
    return [hand for hand in hands if measure(hand) == least]


def _first_timers(hands: Sequence[Hand], heard: Heard) -> Sequence[Hand]:
    return [hand for hand in hands if not heard.speeches[hand.person]] or hands


def _quiet_ones(hands: Sequence[Hand], heard: Heard) -> Sequence[Hand]:
    return _least(hands, lambda hand: heard.seconds[hand.person])


def _other_side(hands: Sequence[Hand], heard: Heard) -> Sequence[Hand]:
    """Everybody but the side that spoke last. Who is for neither side never has to wait for both."""
    return [hand for hand in hands if not heard.last_side or hand.side != heard.last_side] or hands


def _under_heard(hands: Sequence[Hand], heard: Heard) -> Sequence[Hand]:
    """The groups with the fewest speeches; people who named none are one group together."""
    return _least(hands, lambda hand: heard.turns_of_groups[hand.group])


POLICIES = {
    policy.name: policy
    for policy in (
        Policy(
            "fifo",
            gettext_lazy("In the order of asking"),
            gettext_lazy("Who asked first speaks first."),
            lambda hands, _heard: hands[:1],
        ),
        Policy(
            "first_timers_first",
            gettext_lazy("First-timers first"),
            gettext_lazy("Nobody speaks a second time while somebody waits who has not spoken yet."),
            _first_timers,
        ),
        Policy(
            "least_time",
            gettext_lazy("Least time first"),
            gettext_lazy("Who has spoken the shortest time so far speaks next."),
            _quiet_ones,
        ),
        Policy(
            "alternate_sides",
            gettext_lazy("For and against in turn"),
            gettext_lazy(
                "After somebody for it, the next is not for it while anybody else waits; against it the same."
            ),
            _other_side,
        ),
        Policy(
            "round_robin_groups",
            gettext_lazy("Groups in turn"),
            gettext_lazy(
                "The group that has had the fewest turns speaks next. Groups are what people say of themselves."
            ),
            _under_heard,
        ),
    )
}


def order(hands: Iterable[Hand], spoken: Iterable[Spoken], settings: TurnSettings) -> list[Turn]:
    """Everybody who waits, in the order in which they will be called, each with the reason.

    The same hands, history and settings give the same order, however the hands are listed. Policies that nobody knows
    are refused. A hand that was sent back after a no-show is not kept, even when its place was safe.
    """
    policies = [POLICIES[name] for name in settings.policies]
    listed = sorted(hands, key=lambda hand: (hand.asked, str(hand.id)))
    points = sorted(
        (hand for hand in listed if hand.kind == POINT_OF_ORDER),
        key=lambda hand: hand.no_shows > 0 and hand.sent_back_seq is None,
    )
    turns = [Turn(hand, Reason("sent_back" if hand.no_shows else POINT_OF_ORDER)) for hand in points]
    others = [hand for hand in listed if hand.kind != POINT_OF_ORDER]
    moved = _places(others)
    waiting = [hand for hand in others if hand.pinned_place is None]
    kept = _kept(waiting, settings)
    heard = Heard.from_history(spoken)
    for place in range(1, len(others) + 1):
        if place in moved:
            turn = Turn(moved[place], Reason("moved"))
        else:
            turn = _next(waiting, policies, heard)
            if kept and turn.hand.kind in SPEECHES:
                next_kept = kept.pop(0)
                turn = turn if turn.hand == next_kept else Turn(next_kept, Reason("kept"))
            waiting.remove(turn.hand)
        if turn.hand.kind in SPEECHES:
            heard.add(turn.hand.person, turn.hand.group, turn.hand.side)
        turns.append(turn)
    return turns


def shown(turns: Iterable[Turn]) -> tuple[Id, ...]:
    """What to keep of an order that people have seen, as `standing` of the next one: the speeches."""
    return tuple(turn.hand.id for turn in turns if turn.hand.kind in SPEECHES)


def pins_after(turns: Iterable[Turn], gone: Id) -> dict[Id, int]:
    """Where each moved hand stands once `gone` has left the order: those behind it come one place nearer.

    Whoever calls, withdraws or drops a hand stores these places, or a moved hand would wait at its place for ever.
    """
    places, ahead = {}, 0
    for turn in turns:
        if turn.hand.kind == POINT_OF_ORDER or turn.hand.id == gone:
            continue
        ahead += 1
        if turn.hand.pinned_place is not None:
            places[turn.hand.id] = ahead
    return places


def _places(hands: Sequence[Hand]) -> dict[int, Hand]:
    """The place of each moved hand. Two at one place stand one behind the other, and nobody stands beyond the end."""
    moved: dict[int, Hand] = {}
    pinned = [(hand.pinned_place, hand) for hand in hands if hand.pinned_place is not None]
    for wanted, hand in sorted(pinned, key=lambda pair: pair[0]):
        place = min(max(wanted, 1), len(hands))
        free = [*range(place, len(hands) + 1), *range(place, 0, -1)]
        moved[next(place for place in free if place not in moved)] = hand
    return moved


def _kept(waiting: Sequence[Hand], settings: TurnSettings) -> list[Hand]:
    by_id = {hand.id: hand for hand in waiting if hand.kind in SPEECHES and not hand.no_shows}
    return [by_id[safe] for safe in settings.standing[: settings.safe_places] if safe in by_id]


def _next(waiting: Sequence[Hand], policies: Sequence[Policy], heard: Heard) -> Turn:
    """Who of these takes the next place, and the first thing that put others behind."""
    kind = next(kind for kind in KINDS if any(hand.kind == kind for hand in waiting))
    alike = [hand for hand in waiting if hand.kind == kind]
    left: Sequence[Hand] = [hand for hand in alike if not _waits_behind(hand, alike)]
    decided = ""
    if kind in SPEECHES:
        for policy in policies:
            preferred = policy.prefer(left, heard)
            if len(preferred) < len(left) and not decided:
                decided = policy.name
            left = preferred
    hand = left[0]
    if hand.no_shows:
        return Turn(hand, Reason("sent_back"))
    if kind not in SPEECHES:
        return Turn(hand, Reason(kind))
    if decided:
        return Turn(hand, Reason(decided, heard.seconds[hand.person] if decided == "least_time" else 0))
    return Turn(hand, _why_late(hand, policies, heard))


def _why_late(hand: Hand, policies: Sequence[Policy], heard: Heard) -> Reason:
    """Why somebody whom no policy preferred comes only now: what they have said already, or else who asked before."""
    for policy in policies:
        if policy.name == "first_timers_first" and heard.speeches[hand.person]:
            return Reason("spoken_before")
        if policy.name == "least_time" and heard.seconds[hand.person]:
            return Reason("spoken_longer", heard.seconds[hand.person])
    return Reason("fifo")


def _waits_behind(hand: Hand, others: Iterable[Hand]) -> bool:
    """Whether this hand was sent back and somebody is still there who had asked by then."""
    if not hand.no_shows:
        return False
    return any(
        not other.no_shows and (hand.sent_back_seq is None or other.seq < hand.sent_back_seq) for other in others
    )


def how_long(seconds: int) -> str:
    """A length of time in the largest unit that fits, rounded down."""
    if seconds < MINUTE:
        return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": format_count(seconds)}
    minutes = seconds // MINUTE
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": format_count(minutes)}


@dataclass(frozen=True)
class TimeShares:
    """How long each person spoke, and how long each group did, the longest first.

    The group without a name is that of people who named none. Groups that are too small are not in it.
    """

    people: Mapping[Id, int]
    groups: Mapping[str, int]
    has_hidden_groups: bool


def time_shares(spoken: Iterable[Spoken], at_least: int = SMALLEST_GROUP) -> TimeShares:
    """Seconds by person, and by group where at least so many of it have spoken.

    Where what is hidden would follow from the rest, the next larger group is hidden too. The time of a group is rounded
    to whole minutes: to the second it would tell which people's times it is the sum of.
    """
    people: Counter[Id] = Counter()
    seconds: Counter[str] = Counter()
    speakers: dict[str, set[Id]] = {}
    for turn in spoken:
        people[turn.person] += turn.seconds
        seconds[turn.group] += turn.seconds
        speakers.setdefault(turn.group, set()).add(turn.person)
    by_size = sorted(speakers, key=lambda group: (len(speakers[group]), group))
    hidden = sum(len(speakers[group]) < at_least for group in by_size)
    while 0 < hidden < len(by_size) and (hidden == 1 or sum(len(speakers[g]) for g in by_size[:hidden]) < at_least):
        hidden += 1
    told = [group for group in by_size[hidden:] if set(speakers) != {""}]
    return TimeShares(
        people=dict(sorted(people.items(), key=lambda pair: (-pair[1], str(pair[0])))),
        groups={
            group: (seconds[group] + MINUTE // 2) // MINUTE * MINUTE
            for group in sorted(told, key=lambda group: (-seconds[group], group))
        },
        has_hidden_groups=hidden > 0 and set(speakers) != {""},
    )
