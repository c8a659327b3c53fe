# SPDX-License-Identifier: AGPL-3.0-or-later
"""Motions: yes, no and abstain, with a base, a threshold, an operator and a quorum, all said in the result."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from voting.tally.errors import TallyError
from voting.tally.types import Election, Margin, Number, Outcome, Reason, exact

BASES = ("cast", "ballots", "present", "register", "members")
GROWING = ("cast", "ballots")  # a vote more makes these bases larger
OPERATORS = (">", ">=")
THRESHOLDS = {
    "majority": {"threshold": "1/2", "operator": ">"},
    "two_thirds": {"threshold": "2/3", "operator": ">="},
    "three_quarters": {"threshold": "3/4", "operator": ">="},
    "unanimous": {"threshold": "1", "operator": ">="},
}


def majority(
    election: Election,
    *,
    threshold: Number | str = Fraction(1, 2),
    operator: str = ">",
    base: str = "cast",
    and_threshold: Number | str | None = None,
    and_operator: str = ">=",
    and_base: str = "members",
    quorum: Number | str | None = None,
    present: int | None = None,
    members: int | None = None,
    register: int | None = None,
    casting_vote: str | None = None,
    yes: str = "yes",
    no: str = "no",
    abstain: str = "abstain",
) -> Outcome:
    """Carry a motion when the yes votes exceed (or reach) a share of a base; the inequality is kept with its numbers.

    The base is the votes cast (yes and no), all ballots (abstaining and blank ones too), the people present, everybody in
    the register, or all members: all of them as votes, by their weights. `and_threshold` asks for a second majority as
    well. A failed quorum is no decision, not a rejection. Half of the votes cast, missed by equality, is a tie, which the
    chair's casting vote decides if the statutes give one.
    """
    count = _counts(election, yes, no, abstain)
    ballots = count["yes"] + count["no"] + count["abstain"] + election.blanks
    bases = {
        "cast": count["yes"] + count["no"], "ballots": ballots, "present": present, "register": register,
        "members": members,
    }  # fmt: skip
    tests = [_test(count["yes"], threshold, operator, base, bases)]
    if and_threshold is not None:
        tests.append(_test(count["yes"], and_threshold, and_operator, and_base, bases))
    turned_out = present if present is not None else ballots
    numbers: dict[str, Any] = {**count, "blank": election.blanks, "tests": tests}
    short_of_quorum = None
    if quorum is not None:
        share = _share(quorum)
        if members is None:
            raise TallyError("a quorum needs the number of members")
        needed = -((-share * members) // 1)
        short_of_quorum = max(0, needed - turned_out)
        numbers["quorum"] = {"share": share, "members": members, "needed": needed, "turned_out": turned_out}
    if short_of_quorum:
        verdict, numbers["short_of_quorum"] = "no_quorum", short_of_quorum
    elif count["yes"] + count["no"] == 0:
        verdict = "no_valid_ballots"
    elif all(test["holds"] for test in tests):
        verdict = "carried"
    elif count["yes"] == count["no"] and base == "cast" and _share(threshold) == Fraction(1, 2) and operator == ">":
        verdict = "tie"
        if casting_vote is not None:
            if casting_vote not in (yes, no):
                raise TallyError("the casting vote must be yes or no")
            others = all(test["holds"] for test in tests[1:])
            verdict = "carried" if casting_vote == yes and others else "lost"
            numbers["casting_vote"] = casting_vote
    else:
        verdict = "lost"
    winners = {"carried": (yes,), "lost": (no,)}.get(verdict, ())
    margin = _margin(count, tests, verdict)
    if verdict == "carried" and quorum is not None and present is None and margin.votes is not None:
        # Votes that were never cast are missing from the turnout too.
        margin = Margin(votes=min(margin.votes, turned_out - numbers["quorum"]["needed"] + 1), votes_exact=True)
    reasons = {
        option.id: Reason(verdict, {**numbers, "votes": election.supporters[i]}, margin if option.id == yes else None)
        for i, option in enumerate(election.options)
    }
    return Outcome(
        rule="majority",
        parameters={
            "threshold": _share(threshold), "operator": operator, "base": base,
            "and_threshold": None if and_threshold is None else _share(and_threshold),
            "and_operator": and_operator, "and_base": and_base,
            "quorum": None if quorum is None else _share(quorum),
            "present": present, "members": members, "casting_vote": casting_vote,
            "yes": yes, "no": no, "abstain": abstain, **({} if register is None else {"register": register}),
        },
        n=election.ballots.total,
        blanks=election.blanks,
        winners=winners,
        options=reasons,
        verdict=verdict,
        facts=numbers,
        invalid=election.invalid,
        repairs=election.repairs,
        input_sha256=election.sha256,
    )  # fmt: skip


def consensus(
    election: Election,
    *,
    objections: int = 0,
    quorum: Number | str | None = None,
    present: int | None = None,
    members: int | None = None,
    yes: str = "yes",
    no: str = "no",
    abstain: str = "abstain",
    reservations: str | None = None,
    talk_above: Number | str | None = None,
) -> Outcome:
    """Carry a motion when at least one says yes and at most `objections` say no.

    `reservations` names an answer that is a yes with doubts: it counts as yes and is told apart. When more than the
    share `talk_above` of the ballots abstain (stand aside), the outcome advises the group to go on talking.
    """
    if objections < 0:
        raise TallyError("the number of objections allowed cannot be negative")
    count = _counts(election, yes, no, abstain, reservations)
    numbers: dict[str, Any] = {**count, "blank": election.blanks, "objections_allowed": objections}
    named: dict[str, Any] = {} if reservations is None else {"reservations": reservations}
    if talk_above is not None:
        named["talk_above"] = _share(talk_above)
        numbers["talk_more"] = count["abstain"] > _share(talk_above) * election.ballots.total
    turned_out = present if present is not None else election.ballots.total + election.blanks
    verdict = "carried" if count["no"] <= objections and count["yes"] >= 1 else "lost"
    if count["yes"] + count["no"] == 0:
        verdict = "no_valid_ballots"
    if quorum is not None:
        if members is None:
            raise TallyError("a quorum needs the number of members")
        needed = -((-_share(quorum) * members) // 1)
        numbers["quorum"] = {"share": _share(quorum), "members": members, "needed": needed, "turned_out": turned_out}
        if turned_out < needed:
            verdict, numbers["short_of_quorum"] = "no_quorum", needed - turned_out
    votes = None
    if verdict == "carried":
        votes = objections + 1 - count["no"]
    elif verdict == "lost" and count["yes"] >= 1:
        votes = count["no"] - objections
    margin = Margin(votes=votes, votes_exact=votes is not None)
    return Outcome(
        rule="consensus",
        parameters={
            "objections": objections, "quorum": None if quorum is None else _share(quorum), "present": present,
            "members": members, "yes": yes, "no": no, "abstain": abstain, **named,
        },
        n=election.ballots.total,
        blanks=election.blanks,
        winners={"carried": (yes,), "lost": (no,)}.get(verdict, ()),
        options={
            option.id: Reason(verdict, {**numbers, "votes": election.supporters[i]}, margin if option.id == no else None)
            for i, option in enumerate(election.options)
        },
        verdict=verdict,
        facts=numbers,
        invalid=election.invalid,
        repairs=election.repairs,
        input_sha256=election.sha256,
    )  # fmt: skip


def _counts(election: Election, yes: str, no: str, abstain: str, reservations: str | None = None) -> dict[str, int]:
    for name in (yes, no):
        if name not in election.place:
            raise TallyError(f"a motion needs the options {yes!r} and {no!r}")
    for name in election.ids:
        if name not in (yes, no, abstain, reservations):
            raise TallyError(f"a motion has no option {name!r}")
    votes = dict(zip(election.ids, election.supporters, strict=True))
    count = {"yes": votes[yes], "no": votes[no], "abstain": votes.get(abstain, 0)}
    if reservations is None:
        return count
    doubting = votes.get(reservations, 0)
    return {**count, "yes": count["yes"] + doubting, "reservations": doubting}


def _share(value: Number | str) -> Fraction:
    try:
        share = exact(value, what="the share")
    except TallyError:
        raise TallyError(f"not a share: {str(value)[:40]!r}") from None
    if not 0 <= share <= 1:
        raise TallyError("a share lies between 0 and 1")
    return share


def _test(
    votes: int, threshold: Number | str, operator: str, base: str, bases: dict[str, int | None]
) -> dict[str, Any]:
    """The inequality votes x denominator (> or >=) numerator x base, in whole numbers."""
    if operator not in OPERATORS:
        raise TallyError("the operator is > or >=")
    if base not in BASES:
        raise TallyError(f"the base is one of {', '.join(BASES)}")
    size = bases[base]
    if size is None:
        raise TallyError(f"this majority needs the number of {base}")
    share = _share(threshold)
    left, right = votes * share.denominator, share.numerator * size
    holds = (left > right if operator == ">" else left >= right) and votes > 0
    needed = right // share.denominator + 1 if operator == ">" else max(1, -(-right // share.denominator))
    return {
        "threshold": share, "operator": operator, "base": base, "base_size": size,
        "left": left, "right": right, "holds": holds, "needed": needed,
    }  # fmt: skip


def _margin(count: dict[str, int], tests: list[dict[str, Any]], verdict: str) -> Margin:
    """Votes that must move to yes from people who did not vote (some bases grow with them), or be withdrawn from yes."""
    if verdict not in ("carried", "lost", "tie"):
        return Margin()
    more = fewer = None
    for test in tests:
        share: Fraction = test["threshold"]
        strict = test["operator"] == ">"
        grows = test["base"] in GROWING
        votes, size = count["yes"], test["base_size"]
        if verdict == "carried":
            one = _least(share, strict, votes, size, grows, down=True)
            fewer = one if fewer is None or (one is not None and one < fewer) else fewer
        elif not test["holds"]:
            one = _least(share, strict, votes, size, grows, down=False)
            if one is None:
                return Margin()
            more = max(more or 0, one)
    chosen = fewer if verdict == "carried" else more
    return Margin(votes=chosen, votes_exact=chosen is not None)


def _least(share: Fraction, strict: bool, votes: int, size: int, grows: bool, *, down: bool) -> int | None:
    """The least number of votes that turns the inequality, by solving it; None where no number does."""
    # Each vote moves the left side by one, and the right side by the share where the base moves along.
    slope = 1 - (share if grows else 0)
    gap = votes - share * size
    if slope == 0:
        return votes if down else None
    if down:
        # Turn it off: gap - k * slope < 0 (or <= 0 where the test is strict).
        k = gap / slope
        least = -((-k) // 1) if strict else k // 1 + 1
        return int(min(max(least, 1), votes))
    k = -gap / slope
    least = k // 1 + 1 if strict else -((-k) // 1)
    found = int(max(least, 1))
    return found if grows or votes + found <= size else None
