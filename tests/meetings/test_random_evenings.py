"""Two thousand random acts of facilitators, the desk and people with phones, and after each of them all that must hold.

Each evening is taken back at its end. With one guard removed the same evenings find it: else they would prove nothing.
"""

from collections import Counter
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from assemblies.models import Assembly, Membership, Role
from meetings.services import MeetingRefused, attendance, item_clock, meetings, running
from tests.make import make_member
from tests.meetings import what_holds
from tests.meetings.random_acts import ACTS, fitting, perform
from tests.meetings.random_evening import Evening, Impossible, begin
from voting.services import BallotRefused, PollRefused

EVENINGS, STEPS = 22, 132
REFUSALS = (MeetingRefused, PollRefused, BallotRefused)
SEVERAL = ("cast_by_all", "agree_on_hands")  # acts in one: those before the one that was refused stay

Numbers = tuple[int, ...]
Town = tuple[Assembly, list[Membership], list[Membership]]
numbers = st.tuples(*[st.integers(0, 59)] * 4)


class Watched:
    """An evening that is looked at after each act, and never happened in the end."""

    def __init__(self, town: Town, done: Counter[tuple[str, bool]]) -> None:
        self.evening, self.done = Evening(*town), done
        self.taken_back = inside()
        self.taken_back.__enter__()

    def begins(self, numbers: Numbers) -> None:
        begin(self.evening, numbers)
        self.seen = what_holds.look(self.evening.pk, what_holds.fingerprint())

    def next_act(self, ticket: int) -> str:
        return fitting(self.seen.meeting.state, self.seen.rows, ticket)

    def goes_on(self, name: str, numbers: Numbers) -> None:
        refusal = None
        with inside():
            try:
                perform(self.evening, name, numbers)
            except REFUSALS as refused_because:
                refusal = str(refused_because)
            except Impossible:
                return
        assert refusal != "", "a refusal without a word"
        refused = refusal is not None
        self.done[name, refused] += 1
        prints = what_holds.fingerprint()
        assert not refused or name in SEVERAL or prints == self.seen.prints, f"{name} was refused and changed something"
        if prints != self.seen.prints:
            before, self.seen = self.seen, what_holds.look(self.evening.pk, prints)
            what_holds.check(self.seen, before, self.evening.now, name)

    def never_happened(self) -> None:
        transaction.set_rollback(True)
        self.taken_back.__exit__(None, None, None)


def inside() -> transaction.Atomic:
    """A transaction in which services may ask for one of their own, as inside the transactions of Django's tests."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    return block


class Evenings(RuleBasedStateMachine):
    """Hypothesis says who does what."""

    town: Town
    done: Counter[tuple[str, bool]]

    def __init__(self) -> None:
        super().__init__()
        self.evening = Watched(self.town, self.done)

    @initialize(numbers=numbers)
    def the_meeting_begins(self, numbers: Numbers) -> None:
        self.evening.begins(numbers)

    @rule(ticket=st.integers(0, 4999), numbers=numbers)
    def somebody_does(self, ticket: int, numbers: Numbers) -> None:
        name = self.evening.next_act(ticket)
        note(f"-- {name}")
        self.evening.goes_on(name, numbers)

    def teardown(self) -> None:
        self.evening.never_happened()


@pytest.fixture
def town(riverside: Assembly, bao: Membership) -> Town:
    second = make_member(riverside, "Dede", Role.FACILITATOR)
    people = [bao, second, *(make_member(riverside, f"Person {number}") for number in range(5))]
    return riverside, [*people, make_member(riverside, "Newcomer", verified=False)], [bao, second]


def play(town: Town, evenings: int) -> Counter[tuple[str, bool]]:
    """How often each act was done, and refused, in so many evenings."""
    done: Counter[tuple[str, bool]] = Counter()
    run_state_machine_as_test(
        type("Evenings", (Evenings,), {"town": town, "done": done}),
        settings=settings(
            max_examples=evenings,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],  # an evening is read from its beginning: shortening it takes longer than that
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        ),
    )
    return done


def test_two_thousand_acts_break_nothing(town: Town) -> None:
    done = play(town, EVENINGS)
    assert sum(done.values()) >= 2000
    assert sum(count for (_name, refused), count in done.items() if not refused) >= 700
    worked = {name for name, refused in done if not refused}
    assert len(worked) >= len(ACTS) - 24, f"never done: {sorted(set(ACTS) - worked)}"


def do_nothing(*arguments: Any, **more: Any) -> None:
    """What a guard does that somebody took out."""


GUARDS: dict[str, tuple[tuple[Any, str], ...]] = {
    "nothing moves on while people vote": (
        (running, "refuse_while_a_poll_runs"), (meetings, "refuse_while_a_poll_runs"),
    ),
    "who leaves leaves the floor": ((attendance, "leave_the_floor"),),
    "the quorum is looked at": ((attendance, "note_quorum"),),
    "the clock stands still in a break": ((item_clock, "stop"),),
    "the floor is cleared": ((running, "clear_floor"), (meetings, "clear_floor")),
}  # fmt: skip


QUICKLY_MISSED = ("nothing moves on while people vote", "who leaves leaves the floor")


@pytest.mark.parametrize(
    "guard",
    [pytest.param(name, marks=[] if name in QUICKLY_MISSED else pytest.mark.faults) for name in GUARDS],
)
def test_without_a_guard_the_evenings_find_it(town: Town, monkeypatch: pytest.MonkeyPatch, guard: str) -> None:
    for module, name in GUARDS[guard]:
        monkeypatch.setattr(module, name, do_nothing)
    with pytest.raises(Exception, match=r"I1|I3|M2|M3|S8|floor|quorum|constraint|violates|clock"):
        play(town, 5 * EVENINGS)  # until the first that finds it


def test_the_guards_are_there() -> None:
    for pairs in GUARDS.values():
        for module, name in pairs:
            assert callable(getattr(module, name))
