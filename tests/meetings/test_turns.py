"""Who speaks next, and why: the order is a pure function of hands, history and settings."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from meetings.turns import (
    CONTRA,
    DIRECT_RESPONSE,
    KINDS,
    NORMAL,
    POINT_OF_ORDER,
    POLICIES,
    PRO,
    REASONS,
    TECHNICAL,
    Hand,
    Id,
    Reason,
    Spoken,
    Turn,
    TurnSettings,
    order,
    pins_after,
    shown,
    time_shares,
)


def hand(name: str, seq: int, **fields: object) -> Hand:
    return replace(Hand(id=name, person=name, seq=seq), **fields)  # type: ignore[arg-type]


def names(turns: Sequence[Turn]) -> str:
    return " ".join(str(turn.hand.id) for turn in turns)


def codes(turns: Sequence[Turn]) -> list[str]:
    return [turn.reason.code for turn in turns]


def by(*policies: str, safe: int = 0, standing: tuple[Id, ...] = ()) -> TurnSettings:
    return TurnSettings(policies=policies, safe_places=safe, standing=standing)


AMINA, BAO, DORA, EMRE = (hand(name, seq) for seq, name in enumerate(("amina", "bao", "dora", "emre"), 1))
ALL = [AMINA, BAO, DORA, EMRE]


def test_who_asked_first_speaks_first() -> None:
    turns = order(reversed(ALL), [], by("fifo"))
    assert names(turns) == "amina bao dora emre"
    assert codes(turns) == ["fifo"] * 4
    assert str(turns[0].reason) == "In the order of asking"
    assert names(order(ALL, [], by())) == "amina bao dora emre"
    assert order([], [Spoken("amina")], by("least_time")) == []


def test_nobody_speaks_twice_while_a_first_timer_waits() -> None:
    turns = order(ALL, [Spoken("amina", seconds=10), Spoken("dora", seconds=500)], by("first_timers_first"))
    assert names(turns) == "bao emre amina dora"
    assert [turn.reason.sentence for turn in turns] == [
        "First time today",
        "First time today",
        "Has spoken already; first-timers go first",
        "Has spoken already; first-timers go first",
    ]
    assert codes(order(ALL, [Spoken("amina")], by("alternate_sides", "first_timers_first")))[-1] == "spoken_before"
    assert codes(order(ALL, [Spoken("amina")], by("fifo"))) == ["fifo"] * 4


def test_a_point_of_order_before_does_not_make_a_speaker() -> None:
    history = [Spoken("amina", seconds=60, kind=POINT_OF_ORDER), Spoken("amina", seconds=60, kind=TECHNICAL)]
    assert codes(order(ALL, history, by("first_timers_first"))) == ["fifo"] * 4
    assert codes(order(ALL, history, by("least_time"))) == ["fifo"] * 4
    answered = [Spoken("amina", seconds=60, kind=DIRECT_RESPONSE)]
    assert names(order(ALL, answered, by("first_timers_first"))) == "amina bao dora emre"
    assert names(order(ALL, answered, by("least_time"))) == "bao dora emre amina"


def test_who_has_spoken_least_is_next_and_hears_how_long() -> None:
    history = [
        Spoken("amina", seconds=100),
        Spoken("amina", seconds=85),
        Spoken("bao", seconds=45),
        Spoken("dora", seconds=60),
    ]
    turns = order(ALL, history, by("least_time"))
    assert names(turns) == "emre bao dora amina"
    assert [turn.reason.sentence for turn in turns] == [
        "Has not spoken yet",
        "Has spoken 45 seconds, least of those waiting",
        "Has spoken 1 minute, least of those waiting",
        "Has spoken 3 minutes; who spoke less goes first",
    ]
    assert Reason("least_time", 185).sentence == "Has spoken 3 minutes, least of those waiting"


def test_sides_take_turns_and_the_undecided_do_not_wait_for_both() -> None:
    hands = [
        hand("p1", 1, side=PRO),
        hand("p2", 2, side=PRO),
        hand("n3", 3),
        hand("c4", 4, side=CONTRA),
        hand("c5", 5, side=CONTRA),
        hand("p6", 6, side=PRO),
    ]
    turns = order(hands, [], by("alternate_sides"))
    assert names(turns) == "p1 n3 c4 p2 c5 p6"
    assert turns[2].reason.sentence == "The other side is next"
    assert names(order(hands, [Spoken("x", side=PRO)], by("alternate_sides"))) == "n3 c4 p1 c5 p2 p6"
    # A speech for neither side between them changes nothing.
    assert names(order(hands, [Spoken("x", side=CONTRA), Spoken("y")], by("alternate_sides"))) == "p1 n3 c4 p2 c5 p6"


def test_groups_take_turns_and_no_reason_names_one() -> None:
    hands = [
        hand("n1", 1, group="North"),
        hand("n2", 2, group="North"),
        hand("s3", 3, group="South"),
        hand("none4", 4),
        hand("s5", 5, group="South"),
    ]
    turns = order(hands, [], by("round_robin_groups"))
    assert names(turns) == "n1 s3 none4 n2 s5"
    heard = order(hands, [Spoken("x", group="North"), Spoken("y", group="South")], by("round_robin_groups"))
    assert names(heard) == "none4 n1 s3 n2 s5"
    assert heard[0].reason.sentence == "Under-heard so far"
    assert not any(group in turn.reason.sentence for turn in turns + heard for group in ("North", "South"))


def test_policies_compose_from_the_first_to_the_last() -> None:
    hands = [hand("p1", 1, side=PRO), hand("p2", 2, side=PRO), hand("c3", 3, side=CONTRA), hand("c4", 4, side=CONTRA)]
    history = [Spoken("c3", side=CONTRA, seconds=10), Spoken("p1", side=PRO, seconds=20)]
    turns = order(hands, history, by("first_timers_first", "alternate_sides"))
    # p2 and c4 have not spoken: among them the side that did not speak last; then the two who have.
    assert names(turns) == "c4 p2 c3 p1"
    assert codes(turns) == ["first_timers_first", "first_timers_first", "alternate_sides", "spoken_before"]
    assert names(order(hands, history, by("alternate_sides", "first_timers_first"))) == "c4 p2 c3 p1"
    assert names(order(hands, history, by("alternate_sides", "least_time"))) == "c4 p2 c3 p1"
    assert names(order(hands, history, by("fifo", "least_time"))) == "p1 p2 c3 c4"


def test_kinds_go_in_their_order_whatever_the_policy() -> None:
    hands = [
        hand("speech", 1),
        hand("answer", 2, kind=DIRECT_RESPONSE),
        hand("sound", 3, kind=TECHNICAL),
        hand("point", 4, kind=POINT_OF_ORDER),
        hand("early point", 0, kind=POINT_OF_ORDER),
    ]
    turns = order(hands, [Spoken("point", seconds=900)], by("least_time"))
    assert [turn.hand.id for turn in turns] == ["early point", "point", "sound", "answer", "speech"]
    assert codes(turns) == [POINT_OF_ORDER, POINT_OF_ORDER, TECHNICAL, DIRECT_RESPONSE, "fifo"]
    assert str(turns[0].reason) == "Point of order goes first"


def test_safe_places_are_not_overtaken_by_speeches() -> None:
    history = [Spoken("amina", seconds=60)]
    assert names(order(ALL, history, by("first_timers_first"))) == "bao dora emre amina"
    turns = order(ALL, history, by("first_timers_first", safe=1, standing=("amina", "bao", "dora", "emre")))
    assert names(turns) == "amina bao dora emre"
    assert codes(turns) == ["kept", "fifo", "fifo", "fifo"]
    assert turns[0].reason.sentence == "Kept: was next already"
    # Who would be next anyway hears the real reason.
    assert codes(order(ALL, [], by("fifo", safe=2, standing=("amina", "bao")))) == ["fifo"] * 4


def test_a_safe_place_that_is_empty_now_makes_nobody_else_safe() -> None:
    history = [Spoken("amina"), Spoken("bao"), Spoken("dora")]
    turns = order(
        [BAO, DORA, EMRE], history, by("first_timers_first", safe=2, standing=("amina", "bao", "dora", "emre"))
    )
    assert names(turns) == "bao emre dora"


def test_what_belongs_to_the_speech_that_runs_overtakes_a_safe_place_and_no_speech_does() -> None:
    hands = [
        *(AMINA, BAO, hand("answer", 4, kind=DIRECT_RESPONSE), hand("sound", 5, kind=TECHNICAL)),
        *(hand("point", 6, kind=POINT_OF_ORDER), hand("new", 7)),
    ]
    history = [Spoken("amina", seconds=60), Spoken("bao", seconds=60)]
    turns = order(hands, history, by("first_timers_first", safe=2, standing=("amina", "bao")))
    assert names(turns) == "point sound answer amina bao new"
    assert codes(turns) == [POINT_OF_ORDER, TECHNICAL, DIRECT_RESPONSE, "kept", "kept", "fifo"]
    assert shown(turns) == ("amina", "bao", "new")  # a question never takes a safe place away from a speech


def test_an_answer_uses_up_no_safe_place() -> None:
    seen = order([AMINA, BAO, hand("answer", 3, kind=DIRECT_RESPONSE)], [], by("fifo", safe=1))
    turns = order(
        [AMINA, BAO, hand("new", 4)],
        [Spoken("amina"), Spoken("bao")],
        by("first_timers_first", safe=1, standing=shown(seen)),
    )
    assert names(turns) == "amina new bao"


def test_a_moved_hand_stands_at_its_place_and_the_rest_flows_around_it() -> None:
    hands = [AMINA, BAO, DORA, replace(EMRE, pinned_place=2)]
    turns = order(hands, [Spoken("amina")], by("first_timers_first"))
    assert names(turns) == "bao emre dora amina"
    assert turns[1].reason.sentence == "Moved by the facilitator"
    both = [replace(AMINA, pinned_place=1), replace(BAO, pinned_place=1), DORA, replace(EMRE, pinned_place=9)]
    assert names(order(both, [], by())) == "amina bao dora emre"
    assert (
        names(order([replace(AMINA, pinned_place=3), replace(BAO, pinned_place=3), DORA], [], by())) == "dora bao amina"
    )
    point = hand("point", 9, kind=POINT_OF_ORDER)
    first = order([*ALL, point, hand("late", 10, pinned_place=1)], [], by("fifo", safe=1, standing=("amina",)))
    assert names(first) == "point late amina bao dora emre"


def test_moved_hands_come_nearer_when_somebody_before_them_leaves() -> None:
    hands = [AMINA, BAO, replace(DORA, pinned_place=3), EMRE, hand("point", 9, kind=POINT_OF_ORDER)]
    turns = order(hands, [], by())
    assert pins_after(turns, "amina") == {"dora": 2}
    assert pins_after(turns, "bao") == {"dora": 2}
    assert pins_after(turns, "emre") == {"dora": 3}
    assert pins_after(turns, "point") == {"dora": 3}
    assert pins_after(turns, "dora") == {}


def test_who_did_not_come_waits_behind_everybody_who_had_asked_by_then() -> None:
    gone = replace(AMINA, no_shows=1, sent_back_seq=5)
    turns = order([gone, BAO, DORA], [Spoken("bao")], by("first_timers_first", safe=1, standing=("amina", "bao")))
    assert names(turns) == "dora bao amina"
    assert turns[-1].reason.sentence == "Was called and did not come, so waits again"
    assert names(order([gone, BAO, hand("later", 6)], [], by("fifo"))) == "bao amina later"
    # Without the number of that event, behind everybody.
    assert names(order([replace(AMINA, no_shows=1), BAO, hand("later", 6)], [], by("fifo"))) == "bao later amina"
    points = [hand("p1", 1, kind=POINT_OF_ORDER, no_shows=1), hand("p2", 2, kind=POINT_OF_ORDER), BAO]
    assert names(order(points, [], by())) == "p2 p1 bao"


def test_an_unknown_policy_is_refused() -> None:
    with pytest.raises(KeyError):
        order(ALL, [], by("loudest_first"))


def test_every_policy_and_reason_says_something_for_people() -> None:
    assert list(POLICIES) == ["fifo", "first_timers_first", "least_time", "alternate_sides", "round_robin_groups"]
    with translation.override("en"):
        assert all(str(policy.label) and str(policy.says).endswith(".") for policy in POLICIES.values())
        assert set(POLICIES) <= set(REASONS)
        assert set(KINDS) - {NORMAL} <= set(REASONS)
        assert len({str(sentence) for sentence in REASONS.values()}) == len(REASONS)


def spoke(person: str, group: str, seconds: int) -> Spoken:
    return Spoken(person, group=group, seconds=seconds)


def test_time_is_told_by_person_and_for_groups_of_five() -> None:
    history = [spoke(f"n{n}", "North", 100) for n in range(5)] + [spoke(f"s{n}", "South", 31) for n in range(6)]
    shares = time_shares([*history, spoke("n0", "North", 20)])
    assert list(shares.people.items())[:2] == [("n0", 120), ("n1", 100)]
    assert shares.groups == {"North": 540, "South": 180}  # 520 and 186 seconds, in whole minutes
    assert list(shares.groups) == ["North", "South"]
    assert not shares.has_hidden_groups


def test_a_small_group_takes_the_next_one_with_it_out_of_the_table() -> None:
    groups = {"North": 7, "South": 6, "East": 5, "West": 2}
    history = [spoke(f"{name}{n}", name, 60) for name, size in groups.items() for n in range(size)]
    shares = time_shares(history)
    assert set(shares.groups) == {"North", "South"}
    assert shares.has_hidden_groups
    two = time_shares([turn for turn in history if turn.group in ("North", "West")])
    assert (two.groups, two.has_hidden_groups) == ({}, True)


def test_people_who_named_no_group_are_one_and_alone_they_are_none() -> None:
    history = [spoke(f"n{n}", "North", 60) for n in range(5)] + [spoke(f"x{n}", "", 60) for n in range(5)]
    assert set(time_shares(history).groups) == {"North", ""}
    assert time_shares([spoke("x", "", 5)]).groups == {}
    assert not time_shares([spoke("x", "", 5)]).has_hidden_groups
    assert time_shares([]).people == {}


PEOPLE = st.sampled_from([f"person {n}" for n in range(8)])
SIDE = st.sampled_from(["", PRO, CONTRA])
GROUP = st.sampled_from(["", "North", "South"])
HISTORY = st.lists(
    st.builds(Spoken, person=PEOPLE, group=GROUP, side=SIDE, seconds=st.integers(0, 300), kind=st.sampled_from(KINDS)),
    max_size=8,
)


@st.composite
def floors(draw: st.DrawFn, *, only_speeches: bool = False, pins: bool = True) -> list[Hand]:
    seqs = draw(st.lists(st.integers(1, 50), unique=True, max_size=8))
    return [
        Hand(
            id=f"hand {seq}",
            person=draw(PEOPLE),
            kind=NORMAL if only_speeches else draw(st.sampled_from(KINDS)),
            side=draw(SIDE),
            group=draw(GROUP),
            seq=seq,
            pinned_place=draw(st.none() | st.integers(1, 9)) if pins else None,
            no_shows=0 if only_speeches else draw(st.sampled_from([0, 0, 0, 1])),
            sent_back_seq=None if only_speeches else draw(st.none() | st.just(seq + 60)),
        )
        for seq in seqs
    ]


CHOSEN = st.lists(st.sampled_from(list(POLICIES)), unique=True, max_size=3).map(tuple)


@given(floors(), HISTORY, CHOSEN, st.integers(0, 3), st.randoms())
@settings(deadline=None)
def test_everybody_has_one_place_and_the_list_of_hands_has_no_order(
    hands: list[Hand], history: list[Spoken], policies: tuple[str, ...], safe: int, luck: Random
) -> None:
    before = order(hands, history, TurnSettings(policies))
    chosen = TurnSettings(policies, safe, shown(before))
    turns = order(hands, history, chosen)
    shuffled = list(hands)
    luck.shuffle(shuffled)
    assert order(shuffled, history, chosen) == turns
    assert Counter(turn.hand for turn in turns) == Counter(hands)
    points = [turn.hand for turn in turns if turn.hand.kind == POINT_OF_ORDER]
    assert [turn.hand for turn in turns[: len(points)]] == points
    assert all(turn.reason.sentence for turn in turns)


@given(floors(), HISTORY, HISTORY, CHOSEN, st.integers(0, 3))
@settings(deadline=None)
def test_safe_places_hold_whatever_is_said_meanwhile(
    hands: list[Hand], history: list[Spoken], more: list[Spoken], policies: tuple[str, ...], safe: int
) -> None:
    seen = shown(order(hands, history, TurnSettings(policies)))
    turns = order(hands, history + more, TurnSettings(policies, safe, seen))
    may_move = [turn.hand.id for turn in turns if turn.hand.kind == NORMAL and turn.hand.pinned_place is None]
    sent_back = {hand.id for hand in hands if hand.no_shows}
    moved = {hand.id for hand in hands if hand.pinned_place is not None}
    promised = [one for one in seen[:safe] if one not in sent_back | moved]
    assert may_move[: len(promised)] == promised


@given(floors(), HISTORY, CHOSEN)
@settings(deadline=None)
def test_a_hand_that_alone_was_moved_to_a_place_stands_there(
    hands: list[Hand], history: list[Spoken], policies: tuple[str, ...]
) -> None:
    places = [turn.hand for turn in order(hands, history, TurnSettings(policies)) if turn.hand.kind != POINT_OF_ORDER]
    pins = [hand.pinned_place for hand in places if hand.pinned_place is not None]
    if len(set(pins)) == len(pins) and all(pin <= len(places) for pin in pins):
        assert all(hand.pinned_place in (None, place) for place, hand in enumerate(places, 1))


@given(floors(), HISTORY, CHOSEN, st.data())
@settings(deadline=None)
def test_after_somebody_leaves_the_moved_hands_keep_who_is_before_them(
    hands: list[Hand], history: list[Spoken], policies: tuple[str, ...], data: st.DataObject
) -> None:
    turns = order(hands, history, TurnSettings(policies))
    if not turns:
        return
    gone = data.draw(st.sampled_from(turns)).hand
    pins = pins_after(turns, gone.id)
    rest = [replace(turn.hand, pinned_place=pins.get(turn.hand.id)) for turn in turns if turn.hand != gone]
    places = [turn.hand for turn in order(rest, history, TurnSettings(policies)) if turn.hand.kind != POINT_OF_ORDER]
    assert all(hand.pinned_place in (None, place) for place, hand in enumerate(places, 1))


@given(floors(only_speeches=True, pins=False), HISTORY)
@settings(deadline=None)
def test_each_policy_keeps_its_promise(hands: list[Hand], history: list[Spoken]) -> None:
    has_spoken = {turn.person for turn in history if turn.kind == NORMAL}
    first = [turn.hand for turn in order(hands, history, by("first_timers_first"))]
    one_each = len({hand.person for hand in hands}) == len(hands)
    if one_each:
        again = [hand.person in has_spoken for hand in first]
        assert again == sorted(again)
    seconds = Counter[object]()
    for turn in history:
        seconds[turn.person] += turn.seconds if turn.kind in (NORMAL, DIRECT_RESPONSE) else 0
    quiet = [seconds[turn.hand.person] for turn in order(hands, history, by("least_time"))]
    assert quiet == sorted(quiet)
    sides = [turn.hand.side for turn in order(hands, history, by("alternate_sides"))]
    sided = [side for side in sides if side]
    for place, (one, other) in enumerate(pairwise(sided)):
        assert one != other or set(sided[place + 1 :]) == {one}
    heard = Counter(turn.group for turn in history if turn.kind == NORMAL)
    waiting = Counter(hand.group for hand in hands)
    for next_turn in order(hands, history, by("round_robin_groups")):
        assert heard[next_turn.hand.group] == min(heard[group] for group in waiting if waiting[group])
        heard[next_turn.hand.group] += 1
        waiting[next_turn.hand.group] -= 1


@given(HISTORY, st.integers(2, 5))
@settings(deadline=None)
def test_no_hidden_group_follows_from_the_ones_that_are_told(history: list[Spoken], at_least: int) -> None:
    shares = time_shares(history, at_least)
    assert sum(shares.people.values()) == sum(turn.seconds for turn in history)
    speakers = {group: {turn.person for turn in history if turn.group == group} for group in ("", "North", "South")}
    assert all(len(speakers[group]) >= at_least for group in shares.groups)
    hidden = [group for group, people in speakers.items() if people and group not in shares.groups]
    assert not shares.groups or not hidden or len(hidden) > 1
