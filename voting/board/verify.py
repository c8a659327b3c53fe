# SPDX-License-Identifier: AGPL-3.0-or-later
"""Check the published files of a poll. One file, Python 3.10 or newer, nothing to install.

    python3 verify.py                          the folder in which this file lies
    python3 verify.py poll.zip --root 3f9a...  an archive, against the root in the minutes or on the wall
    python3 verify.py . --receipt 7K2M-...     is my ballot among those that were in at the close?
    python3 verify.py . --code 0F3T-...        is my ballot among those that were counted, as I cast it?

It ends with 0 when everything that can be checked holds, and with 1 at the first thing that does not. What cannot be
checked is said aloud. Files that agree with each other prove nothing against who made them all: compare the root.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import struct
import sys
import uuid
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

Files = Mapping[str, bytes]
Said = list[str]  # what was checked, and what was not, as sentences

FORMAT = "folkmoot-bundle-1"
COMMON = ("README.txt", "definition.json", "log.jsonl", "receipts.txt", "results.json", "verify.py")
BALLOTS_IN = {
    "named": "ballots.json",
    "full": "ballots.json",
    "columns": "columns.json",
    "totals": "totals.json",
    "scrutineers": "totals.json",
}
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LARGEST = 400 * 1024 * 1024
LONGEST_CLOSE = timedelta(minutes=5)  # that it takes a server to notice the time
ONE_OF = ("yes_no", "choose_one", "consensus")
MARKED = (*ONE_OF, "approval")
MOST = ("approval", "plurality", "points", "score")


class Refused(Exception):
    """Something does not hold; the message says what."""


def require(holds: object, sentence: str) -> None:
    if not holds:
        raise Refused(sentence)


def check(
    files: Files,
    root: str | None = None,
    receipt: str | None = None,
    code: str | None = None,
    signature: str | None = None,
) -> Said:
    """What was checked, as sentences; raises Refused at the first thing that does not hold."""
    said: Said = []
    manifest = check_manifest(files, root, said)
    definition = parse(files["definition.json"], "definition.json")
    require(definition.get("poll") == manifest["poll"], "The definition is that of another poll.")
    events = check_log(files["log.jsonl"], manifest["poll"], said)
    happened = check_story(events, definition, said)
    receipts = check_receipts(files["receipts.txt"], happened["closed"], said)
    check_entitled(len(receipts), happened["entitled"], definition, said)
    check_removed(happened["removed"], receipts, said)
    results = check_results(files["results.json"], definition, happened["counted"], said)
    name = BALLOTS_IN[manifest["kind"]]
    check_full_root(manifest["kind"], parse(files[name], name), said)
    counted = COUNTED[manifest["kind"]](parse(files[name], name), definition, happened, receipts, said)
    counted["withdrawn"] = happened["withdrawn"]
    recount(definition, results, counted, happened["votes"], said)
    if receipt is not None:
        find_receipt(receipt, receipts, happened["removed"], said)
    if code is not None:
        find_code(code, manifest["kind"], parse(files[name], name), happened["counted"], said)
    if signature is not None:
        check_signature(signature, receipt, receipts, definition, happened["opened"], said)
    return said


def check_manifest(files: Files, root: str | None, said: Said) -> dict[str, Any]:
    """Every file is the one that the list names, and no other file is there."""
    require("manifest.json" in files, "There is no manifest.json.")
    manifest: dict[str, Any] = parse(files["manifest.json"], "manifest.json")
    fields(manifest, {"files", "format", "kind", "poll"}, "manifest.json")
    require(manifest["format"] == FORMAT, "This is a format that this file does not know.")
    require(manifest["kind"] in BALLOTS_IN, "The manifest names an unknown way to publish.")
    require(isinstance(manifest["poll"], str) and str(uuid.UUID(manifest["poll"])) == manifest["poll"], "A strange id.")
    listed = manifest["files"]
    expected = {*COMMON, BALLOTS_IN[manifest["kind"]]}
    require(
        isinstance(listed, dict) and set(listed) == expected, "The manifest does not list the files of such a poll."
    )
    require(set(files) == expected | {"manifest.json"}, "A file is missing, or there is one too many.")
    for name in sorted(expected):
        require(hashlib.sha256(files[name]).hexdigest() == listed[name], f"{name} was changed.")
    found = hashlib.sha256(files["manifest.json"]).hexdigest()
    said.append(f"Every file is as the manifest says. Root: {found}")
    if root is None:
        said.append("NOT CHECKED: the root. Compare it with the minutes, the wall or your mail: --root")
    else:
        require(root.strip().lower().replace(" ", "") == found, "The root is not the one that you gave.")
        said.append("The root is the one that you gave.")
    return manifest


def check_full_root(kind: str, given: dict[str, Any], said: Said) -> None:
    """Where scrutineers have every ballot, everybody has the root of their files."""
    full = given.get("full_root")
    require((kind == "scrutineers") == (full is not None), "Only scrutineers have a second archive.")
    if full is not None:
        digest(full, "The root of the scrutineers' archive")
        said.append(f"The archive for scrutineers has the root {full}")


def check_log(raw: bytes, poll: str, said: Said) -> list[tuple[str, str, dict[str, Any]]]:
    """Each event follows from the one before. Answers (kind, time, what was said) of each."""
    require(raw.endswith(b"\n"), "The log has no end.")
    last = hashlib.sha256(b"\x00" + uuid.UUID(poll).bytes).digest()
    events = []
    for number, line in enumerate(raw[:-1].split(b"\n"), 1):
        event = parse(line + b"\n", f"event {number}")
        fields(event, {"body", "hash", "seq"}, f"event {number}")
        require(whole(event["seq"]) and event["seq"] == number, f"Event {number} is missing.")
        require(isinstance(event["body"], str), f"Event {number} says nothing.")
        text = event["body"].encode()
        last = hashlib.sha256(b"\x01" + last + struct.pack(">q", number) + text).digest()
        require(event["hash"] == last.hex(), f"Event {number} was changed.")
        body = parse(text + b"\n", f"event {number}")
        fields(body, {"at", "data", "kind"}, f"event {number}")
        require(isinstance(body["data"], dict) and isinstance(body["at"], str), f"Event {number} cannot be read.")
        events.append((body["kind"], body["at"], body["data"]))
    said.append(f"The log holds together: {len(events)} events, the last is {last.hex()}")
    return events


def check_story(
    events: list[tuple[str, str, dict[str, Any]]], definition: dict[str, Any], said: Said
) -> dict[str, Any]:
    """The poll opened, closed and was counted once, in this order, and with the approvals that it needs."""
    place = {}
    for number, (kind, _at, _data) in enumerate(events):
        require(kind not in ("poll.published", "poll.voided"), "The log goes on after the files were made.")
        if kind in ("poll.opened", "poll.closed", "poll.counted"):
            require(kind not in place, f"The log says {kind} twice.")
            place[kind] = number
    require(set(place) == {"poll.opened", "poll.closed", "poll.counted"}, "The log does not tell of every step.")
    require(place["poll.opened"] < place["poll.closed"] < place["poll.counted"], "The steps are in the wrong order.")
    opened, closed, counted = (events[place[f"poll.{step}"]][2] for step in ("opened", "closed", "counted"))
    require(opened.get("definition") == definition, "The poll opened with another definition.")
    fingerprint = hashlib.sha256(canonical(definition)).hexdigest()
    require(opened.get("definition_hash") == fingerprint, "The hash of the definition is wrong.")
    require(whole(opened.get("entitled")) and opened["entitled"] >= 1, "The log does not say how many could vote.")
    require(whole(definition.get("secrecy")) and 1 <= definition["secrecy"] <= 3, "The definition names no secrecy.")
    check_voters(opened["entitled"], definition, said)
    entitled, checkpoints = opened["entitled"], 0
    votes: Any = opened.get("votes", entitled)
    require(whole(votes) and votes >= entitled, "The log does not say how many votes there are.")
    removed: dict[str, Any] = {}
    for number, (kind, _at, data) in enumerate(events):
        if kind == "poll.checkpoint":
            require(place["poll.opened"] < number < place["poll.closed"], "A checkpoint outside the time of voting.")
            require(whole(data.get("ballots")) and data["ballots"] >= 0, "A checkpoint has no number of ballots.")
            digest(data.get("root"), "A checkpoint's root")
            checkpoints += 1
        if kind == "poll.late":
            require(place["poll.opened"] < number < place["poll.closed"], "Voters were added after voting had closed.")
            require("voters" not in definition, "Voters were added to those whom two people had agreed to.")
            more = data.get("entitled")
            require(whole(more) and more >= entitled, "The log does not say how many could vote.")
            entitled, votes = more, data.get("votes", more)
            require(whole(votes) and votes >= entitled, "The log does not say how many votes there are.")
        if kind == "poll.removed" and data.get("receipt") is not None:
            digest(data["receipt"], "The receipt of a ballot that was taken out")
            require(place["poll.closed"] < number, "There is no receipt before the close, and one was taken out.")
            require(number < place["poll.counted"], "A ballot was taken out after the count.")
            require(definition["secrecy"] < 3, "In a secret vote no ballot can be taken out after the close.")
            require(data["receipt"] not in removed, "A ballot was taken out twice.")
            removed[data["receipt"]] = data.get("reason")
    said.append(
        f"The poll opened, closed and was counted once, by the definition that was fixed; {checkpoints} checkpoints."
    )
    announced, ended = definition.get("closes_at"), events[place["poll.closed"]][1]
    is_early, is_late = closing(announced, ended)
    if definition["secrecy"] == 3:
        needed = {"open": events[: place["poll.opened"]]}
        if is_early:
            needed["close"] = events[place["poll.opened"] : place["poll.closed"]]
        if not definition.get("published_at_close"):
            needed["publish"] = events[place["poll.counted"] :]
        for action, before in needed.items():
            agreed = {
                data.get("actor")
                for kind, _at, data in before
                if kind == "poll.approved"
                and (data.get("action"), data.get("definition_hash")) == (action, fingerprint)
            }
            require(len(agreed - {None}) >= 2, f"Two people must agree to {action}, and the log does not name two.")
        said.append("Two people agreed to " + " and ".join(needed) + ".")
    if announced and definition["secrecy"] > 1 and (is_late or (is_early and definition["secrecy"] == 2)):
        said.append(f"NOTE: voting was announced to end at {announced}, and it ended at {ended}.")
    if definition["secrecy"] > 1 and not any(kind == "poll.keys_destroyed" for kind, _at, _data in events):
        said.append("NOTE: the log does not say yet that the keys of the ballots were destroyed.")
    return {
        "opened": opened,
        "closed": closed,
        "counted": counted,
        "entitled": entitled,
        "votes": votes,
        "removed": removed,
        "withdrawn": check_withdrawn(events, place, definition, said),
    }


def check_withdrawn(
    events: list[tuple[str, str, dict[str, Any]]], place: dict[str, int], definition: dict[str, Any], said: Said
) -> list[str]:
    """What was taken off the ballot while people voted: it cannot win, and lines that name it are void."""
    known = {option["id"] for option in definition["options"]}
    gone: list[str] = []
    for number, (kind, _at, data) in enumerate(events):
        if kind == "poll.option_withdrawn":
            require(place["poll.opened"] < number < place["poll.closed"], "Something was taken off outside the vote.")
            require(data.get("option") in known - set(gone), "Something was taken off that was not on the ballot.")
            gone.append(data["option"])
    if gone:
        said.append(f"NOTE: taken off the ballot while people voted: {', '.join(gone)}. Lines that name it are void.")
    return gone


def check_voters(entitled: int, definition: dict[str, Any], said: Said) -> None:
    """As many could vote as the definition says, to which two people agreed."""
    if "voters" not in definition:
        if definition["secrecy"] == 3:
            said.append("NOT CHECKED: that those could vote to whom two people agreed. The definition does not say it.")
        return
    voters = definition["voters"]
    require(isinstance(voters, dict), "The definition does not say how many voters there are.")
    fields(voters, {"count", "hash"}, "voters")
    digest(voters["hash"], "The hash of the voters")
    require(whole(voters["count"]) and voters["count"] == entitled, "The poll opened for other voters than agreed.")


def closing(announced: str | None, ended: str) -> tuple[bool, bool]:
    """Whether voting ended before anybody had announced it, and whether it ended long after that."""
    if announced is None:
        return True, False
    late = moment(ended) - moment(announced)
    return late < timedelta(0), late > LONGEST_CLOSE


def moment(text: str) -> datetime:
    """A time with its zone, without which it is none."""
    time = datetime.fromisoformat(text)
    require(time.tzinfo is not None, "A time has no zone.")
    return time


def check_receipts(raw: bytes, closed: dict[str, Any], said: Said) -> list[str]:
    """The receipts are those of the close: sorted, no two alike, under the root in the log."""
    require(raw == b"" or raw.endswith(b"\n"), "The list of receipts has no end.")
    receipts = raw[:-1].decode("ascii").split("\n") if raw else []
    for receipt in receipts:
        digest(receipt, "A receipt")
    require(all(a < b for a, b in pairwise(receipts)), "Receipts are not sorted, or two are alike.")
    require(whole(closed.get("ballots")) and closed["ballots"] == len(receipts), "Receipts are missing.")
    require(closed.get("root") == merkle_root([bytes.fromhex(one) for one in receipts]).hex(), "Other receipts.")
    said.append(f"{len(receipts)} receipts, as many and the same as at the close.")
    return receipts


def check_removed(removed: dict[str, Any], receipts: list[str], said: Said) -> None:
    """Every ballot that was taken out after the close was in before it, and everybody hears why."""
    require(set(removed) <= set(receipts), "What was taken out has no receipt of the close.")
    for receipt, reason in removed.items():
        because = canonical(reason).decode()
        said.append(f"NOTE: taken out after the close, and not counted: {receipt}, because {because}")


def check_entitled(ballots: int, entitled: int, definition: dict[str, Any], said: Said) -> None:
    """Not more ballots than people who could vote."""
    if definition.get("votes_in_at_most") is not None and definition.get("late_admission") != "lock":
        said.append("NOT CHECKED: that there are no more ballots than voters. Some polls share the register with this.")
        return
    require(ballots <= entitled, "More ballots than voters.")
    said.append(f"{entitled} could vote.")


def check_results(raw: bytes, definition: dict[str, Any], counted: dict[str, Any], said: Said) -> list[dict[str, Any]]:
    """Each result is whole, and it is the one whose hash the log holds; the rule of the poll comes first."""
    results: list[dict[str, Any]] = parse(raw, "results.json")
    require(isinstance(results, list) and results, "There is no result.")
    rules = [definition["rule"], *definition["compared_rules"]]
    require([result.get("rule") for result in results] == rules, "These are results of other rules.")
    for result in results:
        body = {name: value for name, value in result.items() if name != "sha256"}
        found = hashlib.sha256(canonical(body)).hexdigest()
        require(result.get("sha256") == found, "A result was changed.")
        require(counted.get("results", {}).get(result["rule"]) == found, "The log holds another result.")
    require(set(counted["results"]) == set(rules), "The log holds other results.")
    said.append(f"{len(results)} result(s), the same as at the count.")
    return results


def count_named(
    given: Any, definition: dict[str, Any], happened: dict[str, Any], receipts: list[str], said: Said
) -> dict[str, Any]:
    """Every ballot, with the line of the register that cast it; each makes one of the receipts."""
    fields(given, {"ballots"}, "ballots.json")
    ballots, made = given["ballots"], []
    poll = uuid.UUID(definition["poll"]).bytes
    for ballot in ballots:
        fields(ballot, {"channel", "choice", "key_hash", "voter", "weight"}, "a ballot")
        check_ballot(ballot, definition)
        digest(ballot["key_hash"], "A key's hash")
        require(str(uuid.UUID(ballot["voter"])) == ballot["voter"], "A voter's reference is strange.")
        choice = json.dumps(ballot["choice"], sort_keys=True, separators=(",", ":")).encode()
        seal = b"receipt-v1|" + poll + b"|" + bytes.fromhex(ballot["key_hash"]) + b"|" + choice
        made.append(hashlib.sha256(seal).hexdigest())
    voters = [ballot["voter"] for ballot in ballots]
    require(all(a < b for a, b in pairwise(voters)), "Voters are not sorted, or one voted twice.")
    left = [receipt for receipt in receipts if receipt not in happened["removed"]]
    require(sorted(made) == left, "The ballots are not those that the receipts were given for.")
    root = merkle_root([canonical(ballot) for ballot in ballots]).hex()
    require(happened["counted"].get("box_root") == root, "The ballots are not those of the count.")
    said.append(f"{len(ballots)} named ballots, each valid and each with its receipt.")
    return tally(ballots, definition)


def count_full(
    given: Any, definition: dict[str, Any], happened: dict[str, Any], receipts: list[str], said: Said
) -> dict[str, Any]:
    """Every ballot under its tracking code; together they have the root that the log holds."""
    fields(given, {"ballots"}, "ballots.json")
    ballots, counted = given["ballots"], happened["counted"]
    for ballot in ballots:
        fields(ballot, {"channel", "choice", "code", "weight"}, "a ballot")
        check_ballot(ballot, definition)
        digest(ballot["code"], "A tracking code", 10)
    order = [(ballot["code"], canonical(ballot["choice"])) for ballot in ballots]
    require(order == sorted(order), "Ballots are not sorted by their codes.")
    repeated = sorted({a for (a, _), (b, _) in pairwise(order) if a == b})
    require(counted.get("repeated_codes", []) == repeated, "The log tells of other codes that came twice.")
    check_number(len(ballots), happened, receipts, said)
    if definition["secrecy"] > 1:
        leaves = [canonical(ballot) for ballot in ballots]
        require(counted.get("box_root") == merkle_root(leaves).hex(), "The ballots are not those of the count.")
    said.append(f"{len(ballots)} ballots, each valid, sorted by their codes.")
    return tally(ballots, definition)


def count_columns(
    given: Any, definition: dict[str, Any], happened: dict[str, Any], receipts: list[str], said: Said
) -> dict[str, Any]:
    """For each option its codes and points; nobody can join the columns into ballots."""
    fields(given, {"ballots", "blank", "columns"}, "columns.json")
    keys = {option["id"] for option in definition["options"]}
    require(isinstance(given["columns"], dict) and set(given["columns"]) == keys, "These are columns of other options.")
    require(
        whole(given["ballots"]) and whole(given["blank"]) and 0 <= given["blank"] <= given["ballots"], "Odd counts."
    )
    check_number(given["ballots"], happened, receipts, said)
    totals = {}
    for key, column in given["columns"].items():
        for entry in column:
            require(isinstance(entry, list) and len(entry) == 2, "A column holds something else.")
            digest(entry[0], "A code in a column", 10)
            require(whole(entry[1]), "A column holds no whole number of points.")
            require(definition["ballot_type"] not in MARKED or entry[1] == 1, "A tick is worth one vote.")
        twice = {column_code(bytes.fromhex(code), key) for code in happened["counted"].get("repeated_codes", [])}
        in_order = all(a <= b and (a[0] != b[0] or a[0] in twice) for a, b in pairwise(column))
        require(in_order, f"The column of {key} is not sorted, or repeats a code.")
        require(len(column) <= given["ballots"] - given["blank"], f"{key} has more ticks than there are ballots.")
        totals[key] = sum(points for _code, points in column)
    said.append(f"{len(keys)} columns, sorted, none with a code twice that came once.")
    said.append("NOT CHECKED: that no ballot broke the limits, for columns cannot be joined into ballots.")
    return {"ballots": given["ballots"], "blank": given["blank"], "totals": totals, "each": None, "how": "Added up"}


def count_totals(
    given: Any, definition: dict[str, Any], happened: dict[str, Any], receipts: list[str], said: Said
) -> dict[str, Any]:
    """Sums only. They are compared with the result, and nobody outside can add them up again."""
    fields(given, {"ballots", "blank", "full_root", "pairs", "papers", "totals"}, "totals.json")
    keys = {option["id"] for option in definition["options"]}
    require(isinstance(given["totals"], dict) and set(given["totals"]) == keys, "These are totals of other options.")
    for number in (given["ballots"], given["blank"], given["papers"], *given["totals"].values()):
        require(whole(number) and number >= 0, "A total is no whole number.")
    require(given["papers"] <= given["ballots"], "A ballot weighs nothing.")
    check_number(given["papers"], happened, receipts, said)
    if definition["ballot_type"] == "ranked":
        fields(given["pairs"], keys, "the comparison of pairs")
        for key, row in given["pairs"].items():
            fields(row, keys - {key}, "the comparison of pairs")
            for other, number in row.items():
                require(whole(number) and number >= 0, "A comparison is no whole number.")
                require(
                    number + given["pairs"][other][key] <= given["ballots"] - given["blank"], "Too many comparisons."
                )
    else:
        require(given["pairs"] is None, "Only rankings have pairs.")
    said.append("NOT CHECKED: the ballots. So few or so different ballots would tell who voted what.")
    return {
        "ballots": given["ballots"],
        "blank": given["blank"],
        "totals": given["totals"],
        "each": None,
        "how": "Follows from the sums",
    }


COUNTED: dict[str, Callable[..., dict[str, Any]]] = {
    "named": count_named,
    "full": count_full,
    "columns": count_columns,
    "totals": count_totals,
    "scrutineers": count_totals,
}


def check_number(ballots: int, happened: dict[str, Any], receipts: list[str], said: Said) -> None:
    """As many ballots as receipts, less what was taken out and the envelopes in which there was no valid ballot."""
    counted, removed = happened["counted"], happened["removed"]
    invalid = counted.get("invalid", 0)
    require(
        whole(invalid) and counted.get("ballots", ballots) == ballots, "The log tells of another number of ballots."
    )
    require(ballots + invalid + len(removed) == len(receipts), "There are not as many ballots as receipts.")
    if invalid:
        said.append(f"NOTE: {invalid} envelopes held no valid ballot. They were not counted.")
    if counted.get("repeated_codes"):
        said.append(f"NOTE: came more than once, and were counted: {' '.join(counted['repeated_codes'])}")


def check_ballot(ballot: dict[str, Any], definition: dict[str, Any]) -> None:
    """The choice is one that the paper allowed; an empty choice is a blank ballot."""
    require(whole(ballot["weight"]) and ballot["weight"] >= 1, "A ballot weighs nothing.")
    require(isinstance(ballot["channel"], str) and ballot["channel"], "A ballot came from nowhere.")
    choice, kind = ballot["choice"], definition["ballot_type"]
    require(isinstance(choice, dict), "A ballot holds no choice.")
    if not choice:
        return
    costs = {option["id"]: option["cost"] or 0 for option in definition["options"]}
    limits, most = definition["ballot_parameters"], definition["max_choices"]
    if kind in MARKED:
        marks = choice.get("options")
        require(set(choice) <= {"options"} | ({"reason"} if kind == "consensus" else set()), "A ballot says too much.")
        require(isinstance(choice.get("reason", ""), str), "A reason is no text.")
        require(isinstance(marks, list) and marks == sorted(set(marks)) and marks, "Ticks are not sorted.")
        most = 1 if kind in ONE_OF else most
        if limits.get("within_budget"):
            budget = definition["budget"]
            require(sum(costs.get(key, 0) for key in marks) <= budget, "A ballot costs too much.")
    elif kind in ("points", "score"):
        points = choice.get("points")
        require(set(choice) == {"points"} and isinstance(points, dict), "A ballot holds no points.")
        require(all(whole(given) for given in points.values()), "Points are no whole numbers.")
        lowest, highest = (limits.get("min_score", 0), limits.get("max_score", 5)) if kind == "score" else (1, None)
        marks, total = list(points), limits.get("max_points") if kind == "points" else None
        highest = limits.get("max_per_option") if kind == "points" else highest
        require(all(given >= lowest for given in points.values()), "A ballot gives too few points.")
        require(
            highest is None or all(given <= highest for given in points.values()), "A ballot gives too many points."
        )
        require(total is None or sum(points.values()) <= total, "A ballot gives too many points.")
    else:
        require(kind == "ranked", "This file does not know this kind of ballot.")
        require(set(choice) == {"ranking"} and isinstance(choice["ranking"], list), "A ballot holds no ranking.")
        marks = [key for place in choice["ranking"] for key in (place if isinstance(place, list) else [place])]
        require(limits.get("ties_allowed") or all(isinstance(p, str) for p in choice["ranking"]), "Equal places.")
    require(all(isinstance(key, str) and key in costs for key in marks), "A ballot names something else.")
    require(len(set(marks)) == len(marks) and marks, "A ballot names an option twice.")
    require(most is None or len(marks) <= most, "A ballot names too many options.")
    require(len(marks) >= definition["min_choices"], "A ballot names too few options.")


def tally(ballots: list[dict[str, Any]], definition: dict[str, Any]) -> dict[str, Any]:
    """Votes or points of each option, by weight; for rankings how often an option comes first."""
    totals = {option["id"]: 0 for option in definition["options"]}
    cast = blank = 0
    for ballot in ballots:
        choice, weight = ballot["choice"], ballot["weight"]
        cast += weight
        blank += 0 if choice else weight
        given = choice.get("points") or dict.fromkeys(choice.get("options", ()), 1)
        for key, points in given.items():
            totals[key] += points * weight
        for first in choice.get("ranking", ())[:1]:
            for key in first if isinstance(first, list) else [first]:
                totals[key] += weight
    each = [(ballot["choice"], ballot["weight"]) for ballot in ballots]
    return {"ballots": cast, "blank": blank, "totals": totals, "each": each, "how": "Recounted"}


def recount(
    definition: dict[str, Any], results: list[dict[str, Any]], counted: dict[str, Any], votes: int, said: Said
) -> None:
    """Each result follows from the ballots, as far as it can be recounted here; the rest is said."""
    seats = definition["rule_parameters"].get("seats", 1)
    for result in results:
        rule = result["rule"]
        require(result["blanks"] == counted["blank"], "The result tells of another number of blank ballots.")
        require(result["parameters"].get("seats", seats) in (seats, 1), f"{rule}: another number of seats.")
        sentence = None
        if rule in MOST:
            sentence = most_votes(result, counted, seats)
        elif rule in ("majority", "consensus"):
            sentence = majority(definition, result, counted, votes)
        elif rule == "greedy":
            sentence = greedy(definition, result, counted)
        if sentence:
            said.append(sentence)
        if not engine(definition, result, counted, said) and not sentence:
            said.append(f"NOT RECOUNTED: {rule}. It needs every ballot, and Folkmoot's package voting.tally beside it.")


def most_votes(result: dict[str, Any], counted: dict[str, Any], wanted: int) -> str:
    """The winners are those with the highest sums, and a tie that splits them is owned up to."""
    totals, parameters, rule = counted["totals"], result["parameters"], result["rule"]
    require(result["rounds"][0]["votes"] == totals, f"The sums of {rule} are not those of the ballots.")
    n = counted["ballots"] - (0 if parameters["blank_in_n"] else counted["blank"])
    require(result["n"] == n, f"The result of {rule} counts other ballots.")
    bar = Fraction(parameters.get("more_than", 0)) * n
    able = [key for key in totals if n and totals[key] >= 1 and ("more_than" not in parameters or totals[key] > bar)]
    able.sort(key=lambda key: -totals[key])
    seats, winners = parameters["seats"], result["winners"]
    require(seats == wanted, f"{rule}: another number of seats.")
    last = totals[able[min(seats, len(able)) - 1]] if able else 0
    sure = {key for key in able if totals[key] > last or len(able) <= seats or parameters["all_winners"]}
    sure &= {key for key in able if totals[key] >= last}
    tied = {key for key in able if totals[key] == last}
    require(len(set(winners)) == len(winners) and sure <= set(winners) <= sure | tied, f"{rule}: others won.")
    require(
        parameters["all_winners"] or len(winners) == min(seats, len(able)), f"{rule}: not as many as there are seats."
    )
    split = set(winners) != sure | tied
    return f"{counted['how']}: {rule}, {counted['ballots']} ballots." + (
        " A tie was broken by the order fixed before." * split
    )


def majority(definition: dict[str, Any], result: dict[str, Any], counted: dict[str, Any], votes: int) -> str:
    """The numbers and the verdict follow from the sums, and from the votes that the register holds."""
    given = definition["rule_parameters"] if result["rule"] == definition["rule"] else {}
    totals, facts, rule, fixed = counted["totals"], result["facts"], result["rule"], result["parameters"]
    yes, no = (totals.get(fixed[side], 0) for side in ("yes", "no"))
    yes += totals.get(fixed.get("reservations"), 0)  # a yes with doubts is a yes
    require((facts["yes"], facts["no"]) == (yes, no), f"The sums of {rule} are not those of the ballots.")
    require(facts["abstain"] == totals.get(fixed["abstain"], 0), f"The sums of {rule} are not those of the ballots.")
    holds = True
    tests = facts.get("tests", [])
    if rule == "majority":
        check_tests(tests, given)
    sizes = {"cast": yes + no, "ballots": yes + no + facts["abstain"] + counted["blank"]}
    for test in tests:
        share = Fraction(test["threshold"])
        base = sizes[test["base"]] if test["base"] in sizes else fixed[test["base"]]
        left, right = yes * share.denominator, share.numerator * base
        ok = (left > right if test["operator"] == ">" else left >= right) and yes > 0
        require(
            (int(test["left"]), int(test["right"]), test["holds"]) == (left, right, ok),
            "A majority was worked out wrongly.",
        )
        holds = holds and ok
    if rule == "consensus":
        holds = no <= fixed["objections"] and yes >= 1
    members, present = (given.get(name) or 0 for name in ("members", "present"))
    require(fixed["members"] in (None, max(members, votes)), "The register has another number of votes.")
    require(fixed.get("register") in (None, votes), "The register has another number of votes.")
    require(fixed["present"] in (None, max(present, counted["ballots"])), "Another number was present.")
    require(fixed.get("casting_vote") == given.get("casting_vote"), "The casting vote is another one.")
    quorum = fixed["quorum"]
    require((quorum is None) == ("quorum" not in given), "The quorum is another one.")
    require(quorum is None or Fraction(quorum) == Fraction(given["quorum"]), "The quorum is another one.")
    if fixed["quorum"] is not None:
        turned_out = counted["ballots"] if fixed["present"] is None else fixed["present"]
        missed = turned_out < Fraction(fixed["quorum"]) * fixed["members"]
        require(missed == (result["verdict"] == "no_quorum"), "The quorum was worked out wrongly.")
    carried = result["verdict"] == "carried"
    decided = result["verdict"] in ("carried", "lost") and fixed.get("casting_vote") is None
    require(not decided or carried == holds, "The verdict does not follow from the numbers.")
    require(result["verdict"] != "tie" or yes == no, "There was no tie.")
    require(
        result["winners"] == ([fixed["yes"]] if carried else [fixed["no"]] * (result["verdict"] == "lost")), "Others."
    )
    return f"{counted['how']}: {rule}, {yes} yes, {no} no, {facts['abstain']} abstain, {counted['blank']} blank."


def check_tests(tests: list[dict[str, Any]], given: dict[str, Any]) -> None:
    """What was asked for is what the definition asks for: as many inequalities, each with its share and its base."""
    asked = [(given.get("threshold", "1/2"), given.get("operator", ">"), given.get("base", "cast"))]
    if given.get("and_threshold") is not None:
        asked.append((given["and_threshold"], given.get("and_operator", ">="), given.get("and_base", "members")))
    require(len(tests) == len(asked), "Another majority was asked for.")
    for test, (threshold, operator, base) in zip(tests, asked, strict=True):
        require(test["base"] == base, "Another base was taken.")
        require(
            Fraction(test["threshold"]) == Fraction(threshold) and test["operator"] == operator,
            "Another majority was asked for.",
        )


def greedy(definition: dict[str, Any], result: dict[str, Any], counted: dict[str, Any]) -> str | None:
    """From most to least voted, what fits is funded; None where the poll has conditions that need the engine."""
    fixed, totals, left = result["parameters"], counted["totals"], definition["budget"]
    if any(fixed.get(name) for name in ("district_floors", "exclusive", "minimum_votes")):
        return None
    gone = counted.get("withdrawn", ())
    costs = {option["id"]: option["cost"] or 0 for option in definition["options"] if option["id"] not in gone}
    walk = [step["option"] for step in result["rounds"]]
    require(len(set(walk)) == len(walk) and set(walk) <= set(costs), "greedy: other options.")
    require(all(totals[a] >= totals[b] for a, b in pairwise(walk)), "greedy: not in the order of votes.")
    require(not any(totals[key] for key in costs if key not in walk), "greedy: an option was passed over.")
    funded = []
    for step in result["rounds"]:
        key = step["option"]
        require(step["votes"] == totals[key], "The sums of greedy are not those of the ballots.")
        if costs[key] <= left and (totals[key] or fixed["fund_zero_votes"]):
            left -= costs[key]
            funded.append(key)
    require(result["winners"] == funded and result["unspent"] == str(left), "greedy: others are funded.")
    return f"{counted['how']}: greedy, {counted['ballots']} ballots."


def engine(definition: dict[str, Any], result: dict[str, Any], counted: dict[str, Any], said: Said) -> bool:
    """Whether Folkmoot's counting package is at hand and counts the same to the last byte."""
    if counted["each"] is None:
        return False
    try:
        from voting import tally as package
    except ImportError:
        return False
    kinds = {"approval": "approval", "points": "cumulative", "score": "scoring"}
    kind = kinds.get(definition["ballot_type"], "ordinal" if definition["ballot_type"] == "ranked" else "choose-1")
    ballots = []
    for choice, weight in counted["each"]:
        points = choice.get("points", {})
        marks = choice.get("ranking") or choice.get("options") or list(points)
        marks = tuple(tuple(mark) if isinstance(mark, list) else mark for mark in marks)
        ballots.append(package.Ballot(marks, tuple(points.values()), weight))
    gone, districts = counted.get("withdrawn", ()), definition["ballot_parameters"].get("districts", {})
    options = [
        package.Option(o["id"], o["cost"] or 0, o["title"], o["id"] in gone, districts.get(o["id"], ""))
        for o in definition["options"]
    ]
    fixed, rule = definition["rule_parameters"], result["rule"]
    seats, known = fixed.get("seats", 1), package.RULES[rule].parameters
    election = package.build_election(
        kind=kind, options=options, ballots=ballots, budget=definition["budget"], seats=seats
    )
    shared = ["ties", "lot_order", "seed"]
    shared += [name for name in ("exclusive", "minimum_votes", "district_floors") if name in known]
    given = dict(fixed) if rule == definition["rule"] else {name: fixed[name] for name in shared if name in fixed}
    if "lot_order" not in given and "seed" in known:
        given.setdefault("seed", definition["poll"])
    if "seats" not in known:
        given.pop("seats", None)
    for name in {"members", "present"} & set(known):  # compared with the register and the ballots before
        if result["parameters"][name] is not None:
            given[name] = result["parameters"][name]
    if definition["ballot_type"] == "consensus":
        given.update({"yes": "agree", "reservations": "reservations", "abstain": "stand_aside", "no": "block"})
    if definition["ballot_parameters"].get("ties_allowed"):
        given.setdefault("overvote", "tie")
    if rule == "equal-shares" and "increment" not in given:
        given["increment"] = int(result["parameters"]["increment"])
        require(given["increment"] in (1, 100), "Equal shares was completed in strange steps.")
    found = package.count(rule, election, **given)
    if result["engine"] != found.engine:
        said.append(f"NOT RECOUNTED by the engine: {rule} was counted by {result['engine']}, here is {found.engine}.")
        return False
    require(found.sha256 == result["sha256"], f"{rule}: the counting engine finds something else.")
    said.append(f"Recounted by the engine: {rule}, the same to the last byte.")
    return True


def find_receipt(typed: str, receipts: list[str], removed: dict[str, Any], said: Said) -> None:
    """The receipt is in the list, by its 16 letters or by all its 64 figures."""
    found = receipts_like(typed, receipts)
    require(found, "This receipt is not in the list: no such ballot was in when the poll was closed.")
    said.append(f"Your receipt is in the list: {found[0]}")
    if found[0] in removed:
        because = canonical(removed[found[0]]).decode()
        said.append(f"NOTE: this ballot was taken out after the close, and not counted, because {because}")


def receipts_like(typed: str, receipts: list[str]) -> list[str]:
    text = "".join(typed.split())
    if len(text) == 64:
        return [one for one in receipts if one == text.lower()]
    start = meant_by(typed).hex()
    return [one for one in receipts if one.startswith(start)]


def find_code(typed: str, kind: str, given: dict[str, Any], counted: dict[str, Any], said: Said) -> None:
    """The ballot with this tracking code, or in columns what it ticked; of a code that came twice all of them."""
    tracking = meant_by(typed)
    came_twice = tracking.hex() in counted.get("repeated_codes", [])
    if kind == "full":
        found = [ballot["choice"] for ballot in given["ballots"] if ballot["code"] == tracking.hex()]
        require(found, "No counted ballot has this code.")
        said.extend(f"Counted under your code: {canonical(choice).decode()}" for choice in found)
    elif kind == "columns":
        ticks = ticks_under(tracking, given["columns"])
        require(ticks, "No column has a tick of this code. A blank ballot has none either.")
        told = ticks if came_twice else {key: points[0] for key, points in ticks.items()}
        said.append(f"Counted under your code: {canonical(told).decode()}")
    else:
        raise Refused("In this poll no tracking codes were published.")
    if came_twice:
        said.append("NOTE: more than one ballot came under this code; all of them are told together.")


def ticks_under(tracking: bytes, columns: dict[str, Any]) -> dict[str, list[int]]:
    """What came under this tracking code in each column that it ticks."""
    ticks: dict[str, list[int]] = {}
    for key, column in columns.items():
        mine = column_code(tracking, key)
        for code, points in column:
            if code == mine:
                ticks.setdefault(key, []).append(points)
    return ticks


def column_code(tracking: bytes, key: str) -> str:
    """What a ballot's tick of one option is called in that option's column."""
    return hmac.new(tracking, b"column-v1|" + key.encode(), hashlib.sha256).hexdigest()[:20]


def check_signature(
    signature: str,
    receipt: str | None,
    receipts: list[str],
    definition: dict[str, Any],
    opened: dict[str, Any],
    said: Said,
) -> None:
    """The server signed this receipt. Python's standard library knows no Ed25519, so this needs PyNaCl."""
    try:
        from nacl.signing import VerifyKey
    except ImportError:
        said.append("NOT CHECKED: the signature of the receipt. Install PyNaCl; Python itself has no Ed25519.")
        return
    found = receipts_like(receipt or "", receipts)
    require(found, "Give the receipt that was signed: --receipt")
    message = b"folkmoot-receipt-v1|" + uuid.UUID(definition["poll"]).bytes + bytes.fromhex(found[0])
    try:
        VerifyKey(bytes.fromhex(opened["receipts_public_key"])).verify(message, bytes.fromhex(signature))
    except Exception:
        raise Refused("The server did not sign this receipt.") from None
    said.append("The server signed this receipt.")


def meant_by(typed: str) -> bytes:
    """The ten bytes behind 16 letters; small letters, spaces, hyphens and look-alikes are forgiven."""
    letters = "".join(typed.upper().translate(str.maketrans("ILO", "110", "-")).split())
    require(len(letters) == 16 and set(letters) <= set(LETTERS), "A code has 16 letters and figures.")
    number = 0
    for letter in letters:
        number = number * 32 + LETTERS.index(letter)
    return number.to_bytes(10, "big")


def merkle_root(leaves: Iterable[bytes]) -> bytes:
    """As in RFC 6962."""
    level = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    if not level:
        return hashlib.sha256(b"").digest()
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\x01" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[2 * len(pairs) :]
    return level[0]


def parse(raw: bytes, name: str) -> Any:
    """What these bytes say, if they are the one canonical way to say it."""

    def refuse(_number: str) -> None:
        raise Refused(f"{name} holds a number that is not whole.")

    require(raw.endswith(b"\n"), f"{name} has no end.")
    value = json.loads(raw[:-1].decode(), parse_float=refuse, parse_constant=refuse)
    require(canonical(value) + b"\n" == raw, f"{name} is not in canonical form.")
    return value


def canonical(value: Any) -> bytes:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def fields(value: Any, names: Collection[str], where: str) -> None:
    require(isinstance(value, dict) and set(value) == set(names), f"{where}: there is a field too many or too few.")


def whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def digest(text: Any, what: str, length: int = 32) -> None:
    require(isinstance(text, str) and len(text) == 2 * length, f"{what} has another length.")
    require(set(text) <= set("0123456789abcdef"), f"{what} is not in small hexadecimal figures.")


def pack(files: Files) -> bytes:
    """These files as a zip archive, in the one way that a bundle is written: sorted, stored, without times."""
    body, directory = b"", b""
    for name in sorted(files):
        content, path = files[name], name.encode("ascii")
        sizes = struct.pack("<HHHHHIII", 20, 0, 0, 0, 33, zlib.crc32(content), len(content), len(content))
        lengths = struct.pack("<HH", len(path), 0)
        directory += b"PK\x01\x02" + struct.pack("<H", 20 + (3 << 8)) + sizes + lengths
        directory += struct.pack("<HHHII", 0, 0, 0, 0o100644 << 16, len(body)) + path
        body += b"PK\x03\x04" + sizes + lengths + path + content
    end = struct.pack("<HHHHIIH", 0, 0, len(files), len(files), len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


def unpack(raw: bytes) -> dict[str, bytes]:
    """The files in an archive; every byte of the archive itself is as it was published."""
    require(len(raw) <= LARGEST, "The archive is far too large.")
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        infos = archive.infolist()
        require(len(infos) <= 20, "The archive holds too many files.")
        require(all(info.compress_type == zipfile.ZIP_STORED for info in infos), "The archive was packed anew.")
        files = {info.filename: archive.read(info) for info in infos}
    require(pack(files) == raw, "The archive was packed anew. Unpack it, and check the folder.")
    return files


def read(path: Path) -> dict[str, bytes]:
    """The files of a bundle, from an archive or from the folder in which it was unpacked."""
    if path.is_dir():
        known = {*COMMON, *BALLOTS_IN.values(), "manifest.json"}
        return {file.name: file.read_bytes() for file in path.iterdir() if file.name in known}
    return unpack(path.read_bytes())


def findings(load: Callable[[], Files], **given: str) -> tuple[bool, Said]:
    """Whether everything holds, and what was found. Whatever goes wrong is a failure, never a pass."""
    try:
        return True, [*check(load(), **given), "Everything that was checked holds."]
    except Refused as refusal:
        return False, [f"FAILED: {refusal}"]
    except Exception as error:  # what cannot be read was changed
        return False, [f"FAILED: these files cannot be read ({type(error).__name__})."]


def main(arguments: list[str]) -> int:
    """Print what was found; 0 when everything holds."""
    given: dict[str, str] = {}
    place, rest = Path(__file__).resolve().parent, list(arguments)
    while rest:
        word = rest.pop(0)
        if word in ("--root", "--receipt", "--code", "--signature") and rest:
            given[word[2:]] = rest.pop(0)
        elif word.startswith("-"):
            print(__doc__)
            return 2
        else:
            place = Path(word)
    holds, said = findings(lambda: read(place), **given)
    print("\n".join(said))
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
