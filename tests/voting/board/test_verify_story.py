"""What the verifier makes of a poll's log: closing times, approvals, entitled voters, removals and repeated codes."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta, timezone
from typing import Any

import pytest

from tests.voting.board.checking import BUNDLES, EXAMPLES, Event, made_anew, passes, refusal
from tests.voting.board.material import (
    OPENED,
    approvals,
    chained,
    definition,
    material,
    story,
)
from voting.board import bundle, verify
from voting.board.publication import CountedBallot
from voting.models import receipt_code


def closed_early(given: bundle.Material, *agreed: tuple[str, str]) -> dict[str, bytes]:
    """The files of a secret poll of which these people agreed at its close, each to a definition with this hash."""

    def change(events: list[Event]) -> list[Event]:
        kept = [event for event in events if event[1].get("action") != "close"]
        closed = next(place for place, (kind, _data) in enumerate(kept) if kind == "poll.closed")
        acts = [
            ("poll.approved", {"action": "close", "actor": actor, "definition_hash": fingerprint})
            for actor, fingerprint in agreed
        ]
        return [*kept[:closed], *acts, *kept[closed:]]

    return with_the_log(given, change)


def motion(**fields: Any) -> bundle.Material:
    defined = definition("yes_no", "majority", options=("yes", "no", "abstain"), secrecy=3, **fields)
    return material(defined, [{"options": ["yes"]}] * 6 + [{"options": ["no"]}] * 5)


def test_a_secret_poll_that_one_person_closed_before_its_time_is_found():
    for closes_at in (None, (OPENED + timedelta(hours=3)).isoformat()):
        given = motion(closes_at=closes_at)
        fingerprint = hashlib.sha256(verify.canonical(given.definition)).hexdigest()
        assert passes(closed_early(given, ("x", fingerprint), ("y", fingerprint)))
        for alone in [(), (("x", fingerprint),), (("x", fingerprint),) * 2, (("x", fingerprint), ("y", "0" * 64))]:
            assert "Two people must agree to close" in refusal(closed_early(given, *alone))


def test_a_secret_poll_that_its_announced_time_closed_needs_nobody():
    minutes_from_the_opening = 5  # of the log's first event to its close
    other_zone = timezone(timedelta(hours=2))
    for zone in (UTC, other_zone):
        closes_at = (OPENED + timedelta(minutes=minutes_from_the_opening)).astimezone(zone).isoformat()
        holds, said = verify.findings(lambda: closed_early(motion(closes_at=closes_at)))  # noqa: B023 -- called at once
        assert holds, said
        assert "Two people agreed to open and publish." in said
        assert not any("announced" in sentence for sentence in said)
    assert not passes(closed_early(motion(closes_at="2026-05-01T18:05:00")))  # no zone, no time


def test_a_poll_that_closed_at_another_time_than_announced_says_so():
    def said_of(secrecy: int, closes_at: str) -> list[str]:
        poll = material(definition(secrecy=secrecy, closes_at=closes_at), approvals(("ab", 6), ("c", 5)))
        holds, said = verify.findings(lambda: closed_early(poll))
        assert holds, said
        return [sentence for sentence in said if sentence.startswith("NOTE: voting was announced to end")]

    soon = (OPENED + timedelta(hours=3)).isoformat()
    in_time = (OPENED + timedelta(minutes=2)).isoformat()
    assert said_of(2, soon) == [
        "NOTE: voting was announced to end at 2026-05-01T21:00:00+00:00, and it ended at 2026-05-01T18:03:00+00:00."
    ]
    assert said_of(2, in_time) == said_of(1, soon) == []
    early = (OPENED - timedelta(hours=1)).isoformat()
    assert len(said_of(3, early)) == len(said_of(2, early)) == 1


def test_two_people_who_closed_a_secret_poll_early_are_enough():
    given = motion(closes_at=(OPENED + timedelta(hours=3)).isoformat())
    fingerprint = hashlib.sha256(verify.canonical(given.definition)).hexdigest()
    holds, said = verify.findings(lambda: closed_early(given, ("x", fingerprint), ("y", fingerprint)))
    assert holds, said
    assert "Two people agreed to open and close and publish." in said
    assert not any("announced" in sentence for sentence in said)


@pytest.mark.parametrize("name", ["totals", "scrutineers", "weights"])
def test_sums_of_more_or_fewer_ballots_than_receipts_are_found(name):
    given = EXAMPLES[name]
    files = verify.unpack(BUNDLES[name].archive)
    assert verify.parse(files["totals.json"], "totals.json")["papers"] == len(given.ballots)
    one_less = made_anew(given, receipts=given.receipts[1:])
    assert "not as many ballots as receipts" in refusal(verify.unpack(bundle.build(one_less).archive))


def with_the_log(given: bundle.Material, change: Callable[[list[Event]], list[Event]]) -> dict[str, bytes]:
    """The files of the poll with another log."""
    events = story(dict(given.definition), given.ballots, sorted(given.receipts), given.results)
    log = chained(given.definition["poll"], change(events))
    other = bundle.Material(given.definition, log, given.receipts, given.ballots, given.results)
    return verify.unpack(bundle.build(other).archive)


def with_entitled(number: int, *late: tuple[str, dict[str, Any]]) -> Callable[[list[Event]], list[Event]]:
    """The story of a poll for so many voters, to which others came while it was open."""

    def change(events: list[Event]) -> list[Event]:
        told = [(kind, {**data, "entitled": number} if kind == "poll.opened" else data) for kind, data in events]
        closed = next(place for place, (kind, _data) in enumerate(told) if kind == "poll.closed")
        return [*told[:closed], *late, *told[closed:]]

    return change


@pytest.mark.parametrize("name", ["full", "columns", "totals", "scrutineers", "named"])
def test_more_ballots_than_voters_are_found(name):
    given = EXAMPLES[name]
    there = len(given.ballots)
    late: Event = ("poll.late", {"lines": 1, "entitled": there})
    assert passes(with_the_log(given, with_entitled(there)))
    assert "More ballots than voters" in refusal(with_the_log(given, with_entitled(there - 1)))
    assert passes(with_the_log(given, with_entitled(there - 1, late)))
    assert "More ballots than voters" in refusal(
        with_the_log(given, with_entitled(there - 2, ("poll.late", {"lines": 1, "entitled": there - 1})))
    )
    too_late = with_the_log(given, lambda events: [*with_entitled(there)(events), late])
    assert "after voting had closed" in refusal(too_late)


def test_a_register_that_polls_share_and_late_comers_enter_is_not_compared():
    """Who came late to another of these polls is in the log of that one."""
    defined = definition(secrecy=3, votes_in_at_most=2, late_admission="admit")
    files = with_the_log(material(defined, approvals(("ab", 3), ("c", 1))), with_entitled(3))
    holds, said = verify.findings(lambda: files)
    assert holds, said
    assert any("NOT CHECKED: that there are no more ballots than voters" in sentence for sentence in said)


AGREED = {"count": 11, "hash": "ab" * 32}  # the voters of `motion`, as many as it has ballots


def test_a_secret_poll_that_opened_for_other_voters_than_agreed_is_found():
    given = motion(voters=AGREED)
    assert passes(with_the_log(given, with_entitled(11)))
    for number in (10, 12, 100):
        assert "for other voters than agreed" in refusal(with_the_log(given, with_entitled(number)))
    late: Event = ("poll.late", {"lines": 0, "entitled": 11})
    assert "Voters were added" in refusal(with_the_log(given, with_entitled(11, late)))


@pytest.mark.parametrize(
    "voters",
    [None, 11, {}, {"count": 11}, {**AGREED, "count": "11"}, {**AGREED, "count": True}, {**AGREED, "hash": "x"}],
    ids=str,
)
def test_voters_that_cannot_be_read_are_no_pass(voters):
    assert refusal(with_the_log(motion(voters=voters), with_entitled(11)))


def test_a_secret_poll_that_does_not_say_who_could_vote_says_so():
    holds, said = verify.findings(lambda: with_the_log(motion(), with_entitled(11)))
    assert holds
    assert any("NOT CHECKED: that those could vote to whom two people agreed" in sentence for sentence in said)


def test_without_the_comparison_other_voters_would_pass(monkeypatch):
    monkeypatch.setattr(verify, "check_voters", lambda *_: None)
    assert passes(with_the_log(motion(voters=AGREED), with_entitled(100)))


def with_removed(*removed: str | None, at: str = "poll.counted") -> Callable[[list[Event]], list[Event]]:
    """The story of a poll in which ballots with these receipts were taken out, before the event `at`."""

    def change(events: list[Event]) -> list[Event]:
        here = next(place for place, (kind, _data) in enumerate(events) if kind == at)
        acts: list[Event] = [("poll.removed", {"reason": "Moved away.", "receipt": receipt}) for receipt in removed]
        return [*events[:here], *acts, *events[here:]]

    return change


def with_one_more_receipt(given: bundle.Material) -> tuple[bundle.Material, str]:
    """The poll, at whose close one more ballot was in than were counted, and the receipt of that."""
    return replace(given, receipts=[*given.receipts, bytes(32)]), bytes(32).hex()


@pytest.mark.parametrize("name", ["full", "columns", "totals of two", "scrutineers", "named"])
def test_a_ballot_that_was_taken_out_after_the_close_is_told_and_everything_holds(name):
    two = material(definition(secrecy=2), approvals(("ab", 3), ("c", 1)))
    given, removed = with_one_more_receipt(EXAMPLES.get(name, two))
    holds, said = verify.findings(lambda: with_the_log(given, with_removed(removed, None)))
    assert holds, said
    assert f'NOTE: taken out after the close, and not counted: {removed}, because "Moved away."' in said
    for change in (with_removed(), with_removed(None), with_removed(given.receipts[0].hex(), removed)):
        assert not passes(with_the_log(given, change))


def test_a_removal_that_cannot_have_been_is_found():
    given, removed = with_one_more_receipt(EXAMPLES["full"])
    secret, of_secret = with_one_more_receipt(EXAMPLES["totals"])
    assert secret.definition["secrecy"] == 3
    for poll, change, sentence in [
        (given, with_removed("ab" * 32), "no receipt of the close"),
        (given, with_removed(removed, removed), "taken out twice"),
        (given, with_removed(removed, at="poll.closed"), "no receipt before the close"),
        (given, with_removed(removed, at="poll.keys_destroyed"), "after the count"),
        (secret, with_removed(of_secret), "In a secret vote"),
    ]:
        assert sentence in refusal(with_the_log(poll, change))


def test_who_asks_for_the_receipt_of_a_ballot_that_was_taken_out_hears_so():
    given, removed = with_one_more_receipt(EXAMPLES["full"])
    _holds, said = verify.findings(lambda: with_the_log(given, with_removed(removed)), receipt=removed)
    assert 'NOTE: this ballot was taken out after the close, and not counted, because "Moved away."' in said


def with_a_code_twice(given: bundle.Material, *places: int) -> list[CountedBallot]:
    """The poll's ballots, those in these places under one code."""
    code = given.ballots[places[0]].code
    return [replace(one, code=code) if place in places else one for place, one in enumerate(given.ballots)]


def test_in_columns_a_code_may_come_as_often_as_the_log_says_and_no_other_code():
    given = EXAMPLES["columns"]
    twice = made_anew(given, ballots=with_a_code_twice(given, 0, 1))
    holds, said = verify.findings(lambda: verify.unpack(bundle.build(twice).archive))
    assert holds, said
    assert any(given.ballots[0].code.hex() in sentence and "more than once" in sentence for sentence in said)
    silent = bundle.Material(twice.definition, given.log, twice.receipts, twice.ballots, twice.results)
    assert "repeats a code" in refusal(verify.unpack(bundle.build(silent).archive))
    another = made_anew(given, ballots=with_a_code_twice(given, 5, 6))
    other = bundle.Material(twice.definition, another.log, twice.receipts, twice.ballots, twice.results)
    assert "repeats a code" in refusal(verify.unpack(bundle.build(other).archive))


@pytest.mark.parametrize(("name", "places"), [("full", (0, 8)), ("columns", (0, 5)), ("columns of points", (0, 1))])
def test_who_asks_for_a_code_that_came_twice_hears_so(name, places):
    given = EXAMPLES[name]
    files = verify.unpack(bundle.build(made_anew(given, ballots=with_a_code_twice(given, *places))).archive)
    code = given.ballots[places[0]].code
    _holds, said = verify.findings(lambda: files, code=receipt_code(code))
    assert "NOTE: more than one ballot came under this code; all of them are told together." in said
    told = [sentence.removeprefix("Counted under your code: ") for sentence in said if "under your code" in sentence]
    expected = {
        "full": ['{"options":["a","b"]}', '{"options":["c"]}'],
        "columns": ['{"a":[1],"b":[1,1],"c":[1]}'],
        "columns of points": ['{"a":[3,3],"b":[1,2]}'],
    }
    assert told == expected[name]


# What a voter asks.
