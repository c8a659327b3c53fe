# SPDX-License-Identifier: AGPL-3.0-or-later
"""The published files of a poll as one archive: equal polls give equal bytes. Plain data in, bytes out."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import verify
from .merkle import merkle_root
from .publication import CountedBallot, Kind, kind_of

CODE_BYTES = 10
NAMES_OF_KINDS = {
    Kind.NAMED: "ballots.json    every ballot, and the line of the register that cast it",
    Kind.FULL: "ballots.json    every ballot, under its tracking code",
    Kind.COLUMNS: "columns.json    for each option the codes of those who chose it, in no order that joins them",
    Kind.TOTALS: "totals.json     the sums; with so few or such equal ballots they are all that can be told",
    Kind.SCRUTINEERS: "totals.json     the sums; the scrutineers named on the poll's board have every ballot",
}
README = """{question}

These files let you check how this poll was counted. You need Python, and nothing else:

    python3 verify.py --root ROOT

Take ROOT from somewhere else: the minutes, the wall of the hall, a mail. Whoever runs the server could make all of
these files anew, and only the root would then differ.

definition.json what was asked and how it was counted, fixed when the poll opened
log.jsonl       what happened, each line tied to the one before
receipts.txt    one receipt for each ballot that was in at the close: is yours there? --receipt CODE
{ballots}
results.json    the outcome of each rule, with its reasons
manifest.json   the hash of every file; its own hash is the root
verify.py       the check, which you may read

Poll {poll}
"""


@dataclass(frozen=True)
class Material:
    """Everything that is known of a counted poll: `log` holds (text, hash) of each event, first to last."""

    definition: Mapping[str, Any]
    log: Sequence[tuple[str, bytes]]
    receipts: Sequence[bytes]
    ballots: Sequence[CountedBallot]
    results: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Bundle:
    """What everybody gets; and where that cannot hold the ballots, what the scrutineers get besides."""

    kind: Kind
    root: bytes
    archive: bytes
    full_root: bytes | None = None
    full_archive: bytes | None = None


def build(material: Material) -> Bundle:
    """The archives of this poll, as much in them as may be published."""
    kind = kind_of(material.definition, material.ballots)
    if kind is not Kind.SCRUTINEERS:
        root, archive = _packed(material, kind)
        return Bundle(kind=kind, root=root, archive=archive)
    full_root, full_archive = _packed(material, Kind.FULL)
    root, archive = _packed(material, kind, full_root)
    return Bundle(kind=kind, root=root, archive=archive, full_root=full_root, full_archive=full_archive)


def leaf(ballot: CountedBallot) -> dict[str, Any]:
    """A ballot without its voter, as it is published, and as it goes into the root of the ballot box."""
    return {
        "channel": ballot.channel,
        "choice": dict(ballot.choice),
        "code": ballot.code.hex(),
        "weight": ballot.weight,
    }


def named_leaf(ballot: CountedBallot) -> dict[str, Any]:
    """A ballot with the line of the register that cast it, for polls that publish names."""
    return {
        "channel": ballot.channel,
        "choice": dict(ballot.choice),
        "key_hash": ballot.key_hash.hex(),
        "voter": ballot.voter,
        "weight": ballot.weight,
    }


def box_root(ballots: Sequence[CountedBallot], *, with_voters: bool) -> bytes:
    """The Merkle root of all ballots as they are published; the log holds it from the count on."""
    return merkle_root(verify.canonical(leaf) for leaf in leaves(ballots, with_voters=with_voters))


def leaves(ballots: Sequence[CountedBallot], *, with_voters: bool) -> list[dict[str, Any]]:
    """All ballots in the order in which they are published: by voter, or by their random codes."""
    if with_voters:
        return sorted((named_leaf(ballot) for ballot in ballots), key=lambda leaf: leaf["voter"])
    plain = [leaf(ballot) for ballot in ballots]
    return sorted(plain, key=lambda leaf: (leaf["code"], verify.canonical(leaf["choice"])))


def _packed(material: Material, kind: Kind, full_root: bytes | None = None) -> tuple[bytes, bytes]:
    definition = material.definition
    readme = README.format(question=definition["question"], ballots=NAMES_OF_KINDS[kind], poll=definition["poll"])
    files = {
        "README.txt": readme.encode(),
        "definition.json": _written(definition),
        "log.jsonl": b"".join(
            _written({"body": body, "hash": hash.hex(), "seq": number})
            for number, (body, hash) in enumerate(material.log, 1)
        ),
        "receipts.txt": b"".join(receipt.hex().encode() + b"\n" for receipt in sorted(material.receipts)),
        "results.json": _written([dict(result) for result in material.results]),
        "verify.py": Path(verify.__file__).read_bytes(),
    }
    ballots = CONTENTS[kind](material)
    if kind in (Kind.TOTALS, Kind.SCRUTINEERS):
        ballots["full_root"] = full_root.hex() if full_root else None
    files[verify.BALLOTS_IN[kind]] = _written(ballots)
    manifest = {
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
        "format": verify.FORMAT,
        "kind": str(kind),
        "poll": definition["poll"],
    }
    files["manifest.json"] = _written(manifest)
    return hashlib.sha256(files["manifest.json"]).digest(), verify.pack(files)


def _written(value: Any) -> bytes:
    return verify.canonical(value) + b"\n"


def _named(material: Material) -> dict[str, Any]:
    return {"ballots": leaves(material.ballots, with_voters=True)}


def _full(material: Material) -> dict[str, Any]:
    return {"ballots": leaves(material.ballots, with_voters=False)}


def _columns(material: Material) -> dict[str, Any]:
    columns: dict[str, list[list[Any]]] = {option["id"]: [] for option in material.definition["options"]}
    for ballot in material.ballots:
        given = ballot.choice.get("points") or dict.fromkeys(ballot.choice.get("options", ()), 1)
        for option, points in given.items():
            columns[option].append([verify.column_code(ballot.code, option), points])
    return {
        "ballots": len(material.ballots),
        "blank": sum(not ballot.choice for ballot in material.ballots),
        "columns": {option: sorted(column) for option, column in columns.items()},
    }


def _totals(material: Material) -> dict[str, Any]:
    definition = material.definition
    rows = [{"choice": ballot.choice, "weight": ballot.weight} for ballot in material.ballots]
    sums = verify.tally(rows, dict(definition))
    pairs = _pairs(material) if definition["ballot_type"] == "ranked" else None
    return {
        "ballots": sums["ballots"],
        "blank": sums["blank"],
        "pairs": pairs,
        "papers": len(rows),
        "totals": sums["totals"],
    }


def _pairs(material: Material) -> dict[str, dict[str, int]]:
    """For each pair of options how many put the one above the other; what is not ranked stands below all that is."""
    keys = [option["id"] for option in material.definition["options"]]
    pairs = {key: {other: 0 for other in keys if other != key} for key in keys}
    for ballot in material.ballots:
        place = {}
        for number, entry in enumerate(ballot.choice.get("ranking", ())):
            place.update(dict.fromkeys(entry if isinstance(entry, list) else [entry], number))
        for key, number in place.items():
            for other in pairs[key]:
                if number < place.get(other, len(keys)):
                    pairs[key][other] += ballot.weight
    return pairs


CONTENTS = {
    Kind.NAMED: _named,
    Kind.FULL: _full,
    Kind.COLUMNS: _columns,
    Kind.TOTALS: _totals,
    Kind.SCRUTINEERS: _totals,
}
