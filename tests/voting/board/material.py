"""Polls made of plain data: a definition, ballots, a log and results that belong together, without a database."""

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from voting.board import bundle
from voting.board.bundle import Material
from voting.board.merkle import merkle_root
from voting.board.publication import CountedBallot
from voting.board.verify import canonical
from voting.tally import Ballot, Option, build_election, count

KINDS = {"approval": "approval", "points": "cumulative", "score": "scoring", "ranked": "ordinal"}
OPENED = datetime(2026, 5, 1, 18, 0, tzinfo=UTC)
Choice = Mapping[str, Any]


def definition(ballot_type: str = "approval", rule: str = "approval", *, options: Sequence[str] = "abc", **fields: Any):
    return {
        "ballot_parameters": {},
        "ballot_type": ballot_type,
        "budget": None,
        "challenge_hours": 0,
        "change_allowed": False,
        "compared_rules": [],
        "currency": "",
        "max_choices": None,
        "min_choices": 0,
        "options": [{"cost": None, "id": key, "title": f"Project {key}"} for key in options],
        "poll": "7b0c3f3e-41f4-4f43-9d55-0d6f5a1b0007",
        "published_at_close": False,
        "question": "What shall we do first? ¿Qué hacemos?",
        "rule": rule,
        "rule_parameters": {},
        "secrecy": 2,
        **fields,
    }


def material(
    defined: dict[str, Any], choices: Sequence[Choice], *, seed: int = 1, weights: Sequence[int] = ()
) -> Material:
    """A poll that was opened, closed and counted by the book, with these ballots in it."""
    chance = random.Random(seed)
    ballots = [
        CountedBallot(
            choice=choice,
            weight=weights[place] if weights else 1,
            channel="web",
            code=chance.randbytes(10),
            voter=str(UUID(bytes=chance.randbytes(16), version=4)),
            key_hash=chance.randbytes(32),
        )
        for place, choice in enumerate(choices)
    ]
    sealed = defined["secrecy"] > 1
    receipts = [chance.randbytes(32) if sealed else named_receipt(defined["poll"], ballot) for ballot in ballots]
    results = [outcome(defined, ballots, rule) for rule in [defined["rule"], *defined["compared_rules"]]]
    events = story(defined, ballots, sorted(receipts), results)
    return Material(
        definition=defined, log=chained(defined["poll"], events), receipts=receipts, ballots=ballots, results=results
    )


def named_receipt(poll: str, ballot: CountedBallot) -> bytes:
    choice = json.dumps(ballot.choice, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.sha256(b"receipt-v1|" + UUID(poll).bytes + b"|" + ballot.key_hash + b"|" + choice).digest()


def outcome(defined: dict[str, Any], ballots: Sequence[CountedBallot], rule: str) -> dict[str, Any]:
    cast = []
    for ballot in ballots:
        points = ballot.choice.get("points", {})
        marks = ballot.choice.get("ranking") or ballot.choice.get("options") or list(points)
        named = tuple(tuple(mark) if isinstance(mark, list) else mark for mark in marks)
        cast.append(Ballot(named, tuple(points.values()), ballot.weight))
    election = build_election(
        kind=KINDS.get(defined["ballot_type"], "choose-1"),
        options=[Option(o["id"], o["cost"] or 0, o["title"]) for o in defined["options"]],
        ballots=cast,
        budget=defined["budget"],
    )
    parameters = dict(defined["rule_parameters"])
    if rule not in ("majority", "consensus"):
        parameters.setdefault("seed", defined["poll"])
    if rule == "equal-shares":
        parameters["increment"] = 100
    return count(rule, election, **parameters).as_dict()


def story(
    defined: dict[str, Any],
    ballots: Sequence[CountedBallot],
    receipts: list[bytes],
    results: Sequence[Mapping[str, Any]],
) -> list[tuple[str, dict[str, Any]]]:
    fingerprint = hashlib.sha256(canonical(defined)).hexdigest()
    approvals = {
        action: [
            ("poll.approved", {"action": action, "actor": actor, "definition_hash": fingerprint}) for actor in "xy"
        ]
        for action in ("open", "close", "publish")
    }
    codes = [ballot.code.hex() for ballot in ballots]
    counted: dict[str, Any] = {
        "box_root": bundle.box_root(ballots, with_voters=defined["secrecy"] == 1).hex(),
        "results": {result["rule"]: result["sha256"] for result in results},
    }
    if defined["secrecy"] > 1:
        counted |= {
            "ballots": len(ballots),
            "invalid": 0,
            "repeated_codes": sorted({code for code in codes if codes.count(code) > 1}),
        }
    opened = {
        "definition": defined, "definition_hash": fingerprint, "entitled": 100, "receipts_public_key": "00" * 32,
    }  # fmt: skip
    half = receipts[: len(receipts) // 2]
    return [
        *(approvals["open"] if defined["secrecy"] == 3 else []),
        ("poll.opened", opened),
        ("poll.checkpoint", {"ballots": len(half), "root": merkle_root(half).hex()}),
        *(approvals["close"] if defined["secrecy"] == 3 and not defined.get("closes_at") else []),
        ("poll.closed", {"ballots": len(receipts), "root": merkle_root(receipts).hex()}),
        ("poll.counted", counted),
        *([("poll.keys_destroyed", {})] if defined["secrecy"] > 1 else []),
        *(approvals["publish"] if defined["secrecy"] == 3 else []),
    ]


def chained(poll: str, events: Sequence[tuple[str, dict[str, Any]]]) -> list[tuple[str, bytes]]:
    """As the ledger writes them."""
    last = hashlib.sha256(b"\x00" + UUID(poll).bytes).digest()
    log = []
    for number, (kind, data) in enumerate(events, 1):
        at = (OPENED + timedelta(minutes=number)).isoformat()
        body = canonical({"at": at, "data": data, "kind": kind}).decode()
        last = hashlib.sha256(b"\x01" + last + number.to_bytes(8, "big") + body.encode()).digest()
        log.append((body, last))
    return log


def approvals(*counts: tuple[str, int]) -> list[Choice]:
    """Approval ballots: ("ab", 5) are five that approve a and b, ("", 1) a blank one."""
    return [{"options": sorted(keys)} if keys else {} for keys, times in counts for _each in range(times)]


def rankings(*counts: tuple[str, int]) -> list[Choice]:
    return [{"ranking": list(keys)} if keys else {} for keys, times in counts for _each in range(times)]


def examples() -> dict[str, Material]:
    """One poll for each way to publish, and a few more for each rule that the verifier counts by itself."""
    named = definition(secrecy=1, names_shown=True)
    budget = definition(rule="greedy", budget=1000, currency="EUR", compared_rules=["equal-shares"])
    for place, option in enumerate(budget["options"]):
        option["cost"] = 400 + 100 * place
    motion = definition("yes_no", "majority", options=("yes", "no", "abstain"), secrecy=3)
    consensus = definition(
        "consensus", "consensus", options=("agree", "reservations", "stand_aside", "block"), secrecy=2
    )
    consensus["rule_parameters"] = {
        "yes": "agree",
        "reservations": "reservations",
        "abstain": "stand_aside",
        "no": "block",
    }
    mixed = approvals(("ab", 3), ("a", 2), ("bc", 4), ("", 2), ("c", 1))
    blocks: list[Choice] = [{"options": ["block"], "reason": "It is too loud, señora."}]
    return {
        "named": material(named, mixed),
        "full": material(definition(), approvals(("ab", 6), ("c", 5), ("", 7))),
        "columns": material(definition(), mixed),
        "columns of money": material(budget, mixed),
        "columns of points": material(
            definition("points", "points", ballot_parameters={"max_points": 6}),
            [{"points": {"a": 3, "b": 1 + place}} for place in range(3)] + [{"points": {"c": 6}}] * 2,
        ),
        "totals": material(definition(secrecy=3), approvals(("ab", 3), ("c", 1))),
        "secret motion": material(motion, approvals_of("yes", 6) + approvals_of("no", 5) + [{}] * 5),
        "consensus": material(consensus, approvals_of("agree", 7) + approvals_of("reservations", 2) + blocks),
        "scrutineers": material(definition("ranked", "irv"), rankings(("abc", 4), ("ba", 3), ("c", 5))),
        "weights": material(definition(), mixed, weights=[1, 2, 3] * 4),
    }


def approvals_of(key: str, times: int) -> list[Choice]:
    return [{"options": [key]}] * times
