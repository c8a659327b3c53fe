# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command `python -m voting.tally`: count, rules, convert, explain, verify.

Options that a rule does not know are listed as ignored, so that one command line can try many rules. Only what would
change who may win (least votes, incompatible sets, floors, write-ins) is refused where the rule cannot do it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn

from voting.tally import blt, files, majority, pb, preflib, scot_elex, ties, verify
from voting.tally.errors import InputError, TallyError
from voting.tally.registry import RULES, Rule, count
from voting.tally.sentences import sentence, table
from voting.tally.types import Election, Kind, Outcome, canonical_json, plain

MOST_SAID = 1000


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        raise TallyError(" ".join(message.split()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0, or 2 with one plain line on stderr."""
    try:
        chosen = _parser().parse_args(_readable(sys.argv[1:] if arguments is None else arguments))
        text = chosen.run(chosen)
    except TallyError as error:
        print(" ".join(str(error).split())[:MOST_SAID], file=sys.stderr)
        return 2
    except OSError as error:
        print(f"a file cannot be used: {error.strerror or error}", file=sys.stderr)
        return 2
    except MemoryError:
        print("there is not enough memory for this file", file=sys.stderr)
        return 2
    try:
        if text:
            print(text)
        sys.stdout.flush()
    except BrokenPipeError:
        sys.stderr.close()
    return 0


def _readable(arguments: Sequence[str]) -> list[str]:
    """The arguments, refused where one is no text: a trail could not name it."""
    for argument in arguments:
        if "\0" in argument or (not argument.isascii() and argument.encode("utf-8", "replace").decode() != argument):
            raise TallyError("an argument is not UTF-8 text")
    return list(arguments)


def _parser() -> Parser:
    parser = Parser(prog="python -m voting.tally", description="Count elections exactly and say why.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)
    counting = commands.add_parser("count", help="count a file by a rule")
    _options(counting)
    counting.set_defaults(run=_count)
    explaining = commands.add_parser("explain", help="say why an option won or lost")
    _options(explaining)
    explaining.add_argument("--option", required=True, metavar="ID")
    explaining.set_defaults(run=_explain)
    listing = commands.add_parser("rules", help="list the rules")
    listing.add_argument("--format", choices=("text", "json"), default="text")
    listing.set_defaults(run=_rules)
    converting = commands.add_parser("convert", help="read a file and write it in another form")
    converting.add_argument("source", metavar="IN")
    converting.add_argument("target", metavar="OUT")
    _mode(converting)
    converting.set_defaults(run=_convert)
    verifying = commands.add_parser("verify", help="check each step of a trail by a slow independent count")
    verifying.add_argument("trail", metavar="TRAIL")
    verifying.add_argument("--ballots", metavar="FILE", help="the election file, where the trail cannot find it")
    verifying.add_argument("--quick", action="store_true", help="run only the last increments of Equal Shares")
    verifying.set_defaults(run=_verify)
    return parser


def _mode(parser: argparse.ArgumentParser) -> None:
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--lenient", action="store_true", help="repair what can be repaired, and list it")
    mode.add_argument("--strict", action="store_true", help="refuse faulty ballots (the default)")


def _options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE")
    parser.add_argument("--rule", required=True, metavar="RULE")
    parser.add_argument("--utility", choices=("cost", "uniform", "points"))
    parser.add_argument("--completion", choices=("none", "none+u", "add1", "add1+u", "add1e", "add1e+u"))
    parser.add_argument("--increment", metavar="X")
    parser.add_argument("--comparison", choices=("satisfaction", "exclusion"))
    parser.add_argument("--threshold", metavar="X")
    parser.add_argument("--operator", choices=(">", ">="))
    parser.add_argument("--base", choices=majority.BASES)
    parser.add_argument("--quorum", metavar="X")
    parser.add_argument("--present", type=int, metavar="N")
    parser.add_argument("--members", type=int, metavar="N")
    parser.add_argument("--register", type=int, metavar="N")
    parser.add_argument("--objections", type=int, metavar="N")
    parser.add_argument("--min-votes", metavar="N", help="never fund what has fewer votes")
    parser.add_argument(
        "--exclusive", metavar="SETS", help="at most one of each set: 'a,b;c,d', or a file of such lines"
    )
    parser.add_argument(
        "--district-floor", metavar="FLOORS", help="'north=10000;south=2 projects', or a file of such lines"
    )
    parser.add_argument("--margins", choices=("bound", "recount"))
    parser.add_argument("--batch", action="store_true", default=None, help="eliminate together what cannot win")
    parser.add_argument("--write-ins", metavar="IDS", help="options that are one pile and go first: 'a,b'")
    parser.add_argument("--skips", type=int, metavar="N", help="so many skipped ranks in a row end a ballot")
    parser.add_argument("--ties", metavar="LIST")
    lot = parser.add_mutually_exclusive_group()
    lot.add_argument("--lot-order", metavar="FILE")
    lot.add_argument("--seed", metavar="TEXT")
    parser.add_argument("--seats", type=int, metavar="N")
    parser.add_argument("--overvote", choices=("exhaust", "skip", "tie"))
    parser.add_argument("--strength", choices=("winning-votes", "margins"))
    parser.add_argument("--variant", choices=("averaged", "ranked-only", "pabulib", "stop", "skip"))
    parser.add_argument("--all-winners", action="store_true", default=None)
    parser.add_argument("--run-to-two", action="store_true", default=None)
    parser.add_argument("--fund-zero-votes", action="store_true", default=None)
    parser.add_argument("--blank-in-n", action="store_true", default=None)
    parser.add_argument("--integral", action="store_true", default=None)
    parser.add_argument("--withdrawn-by-cost", action="store_true", help="a cost of 999999999 means withdrawn")
    _mode(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text")


NUMBERS = ("increment", "threshold", "quorum")
MOST_TEXT = 10_000_000
PARAMETERS = (
    "utility", "completion", "increment", "comparison", "threshold", "operator", "base", "quorum", "present", "members", "register",
    "objections", "ties", "lot_order", "seed", "seats", "overvote", "strength", "variant", "all_winners", "run_to_two",
    "fund_zero_votes", "blank_in_n", "integral", "margins", "batch",
)  # fmt: skip


def _outcome(chosen: argparse.Namespace) -> tuple[Outcome, Election, list[str]]:
    if chosen.rule not in RULES:
        raise TallyError(f"unknown rule {chosen.rule!r}; known are {', '.join(RULES)}")
    rule = RULES[chosen.rule]
    election = files.read_election(
        chosen.file, lenient=chosen.lenient, withdrawn_by_cost=chosen.withdrawn_by_cost, skips=chosen.skips
    )
    if chosen.seats is not None:
        if chosen.seats < 1:
            raise TallyError("there must be at least one seat")
        election = replace(election, seats=chosen.seats)
    parameters = _modifiers(chosen, rule)
    ignored = []
    for name in PARAMETERS:
        value = getattr(chosen, name)
        if value is None:
            continue
        if name in NUMBERS:
            value = _fraction(value, name)
        if name == "ties":
            value = ties.parse(value)
        if name == "lot_order":
            value = _lines(value, "lot order")
        if name == "threshold" and name not in rule.parameters and "minimum_votes" in rule.parameters:
            parameters["minimum_votes"] = value
        elif name in rule.parameters:
            parameters[name] = value
        elif name != "seats":
            ignored.append(name)
    return count(chosen.rule, election, **parameters), election, ignored


def _modifiers(chosen: argparse.Namespace, rule: Rule) -> dict[str, Any]:
    """Parts of the published rule that must not be passed over: refused where the rule does not know them."""
    given: dict[str, Any] = {}
    if chosen.min_votes is not None:
        if chosen.threshold is not None:
            raise TallyError("--min-votes and --threshold say the same; give one of them")
        name = "minimum_votes" if "minimum_votes" in rule.parameters else "threshold"
        given[name if rule.needs_budget else "minimum_votes"] = pb.number(chosen.min_votes, what="--min-votes")
    if chosen.exclusive is not None:
        given["exclusive"] = _exclusive(chosen.exclusive)
    if chosen.district_floor is not None:
        given["district_floors"] = _floors(chosen.district_floor)
    if chosen.write_ins is not None:
        given["write_ins"] = _parts(chosen.write_ins)
    for name in given:
        if name not in rule.parameters:
            raise TallyError(f"rule {rule.name} cannot be counted with {SAID[name]}")
    return given


SAID = {
    "minimum_votes": "a least number of votes",
    "exclusive": "incompatible sets",
    "district_floors": "district floors",
    "write_ins": "write-ins",
}


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _exclusive(text: str) -> list[list[str]]:
    lines = text.split(";") if "," in text else _lines(text, "incompatible sets")
    return [_parts(line) for line in lines if line.strip()]


def _floors(text: str) -> dict[str, dict[str, Any]]:
    floors: dict[str, dict[str, Any]] = {}
    for line in text.split(";") if "=" in text else _lines(text, "district floors"):
        if not line.strip():
            continue
        district, equals, amount = (part.strip() for part in line.rpartition("="))
        if not equals or not district:
            raise TallyError(f"a floor is written as district=amount, not {line.strip()[:80]!r}")
        if district in floors:
            raise TallyError(f"the district {district!r} has two floors")
        number, _, unit = amount.partition(" ")
        if unit.strip() in ("project", "projects"):
            floors[district] = {"projects": pb.number(number, what="a number of projects")}
        else:
            floors[district] = {"money": pb.number(amount, what="a floor")}
    return floors


def _fraction(text: str, name: str) -> Any:
    from_share = text.split("/")
    if len(from_share) == 2:
        top, bottom = (pb.number(part, what=name) for part in from_share)
        if bottom == 0:
            raise TallyError(f"{name} cannot be divided by nought")
        return Fraction(top) / bottom
    return pb.number(text, what=name)


def _lines(path: str, what: str) -> list[str]:
    """The lines of a small text file that hold something."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(MOST_TEXT + 1)
        if len(data) > MOST_TEXT:
            raise InputError(f"the file of {what} is too large")
        text = data.decode("utf-8-sig")
    except (OSError, ValueError):
        raise TallyError(f"cannot read the {what} {path}") from None
    return [line.strip() for line in text.splitlines() if line.strip()]


def _count(chosen: argparse.Namespace) -> str:
    outcome, election, ignored = _outcome(chosen)
    if chosen.format == "text":
        return table(outcome, {option.id: option.name for option in election.options})
    source = {
        "file": str(Path(chosen.file).resolve()),
        "sha256": hashlib.sha256(Path(chosen.file).read_bytes()).hexdigest(),
        "lenient": bool(chosen.lenient),
        "withdrawn_by_cost": bool(chosen.withdrawn_by_cost),
        "seats": election.seats,
        "skips": chosen.skips,
        "ignored": ignored,
    }
    return canonical_json({**outcome.as_dict(), "source": source})


def _explain(chosen: argparse.Namespace) -> str:
    outcome, election, _ = _outcome(chosen)
    if chosen.option not in outcome.options:
        raise TallyError(f"there is no option {chosen.option!r}")
    reason = outcome.options[chosen.option]
    if chosen.format == "json":
        return canonical_json({"option": chosen.option, **reason.as_dict()})
    name = election.options[election.place[chosen.option]].name
    called = f"{chosen.option} ({name})" if name and name != chosen.option else chosen.option
    lines = [sentence(called, reason)]
    lines += [f"  {key}: {value}" for key, value in plain(reason.numbers).items()]
    return "\n".join(lines)


def _rules(chosen: argparse.Namespace) -> str:
    if chosen.format == "json":
        return canonical_json([
            {
                "name": rule.name,
                "kinds": sorted(rule.kinds),
                "needs_budget": rule.needs_budget,
                "parameters": {name: plain(value) for name, value in rule.parameters.items()},
                "summary": rule.summary,
            }
            for rule in RULES.values()
        ])  # fmt: skip
    width = max(map(len, RULES))
    return "\n".join(f"{rule.name.ljust(width)}  {rule.summary}" for rule in RULES.values())


def _convert(chosen: argparse.Namespace) -> str:
    target = Path(chosen.target)
    ending, source = target.suffix.lower(), Path(chosen.source)
    if ending == ".pb" and source.suffix.lower() == ".pb":
        text = pb.write(pb.read(source))
    else:
        election = files.read_election(source, lenient=chosen.lenient)
        ranked = election.kind in (Kind.ORDINAL, Kind.CHOOSE_ONE)
        if ending in (".blt", ".csv", *files.PREFLIB) and not ranked:
            raise InputError(f"{ending} files hold rankings, and {source.name} holds {election.kind} ballots")
        if ending == ".blt":
            text = blt.write(election)
        elif ending in files.PREFLIB:
            text = preflib.write(election, suffix=ending[1:])
        elif ending == ".csv":
            text = scot_elex.write(election)
        elif ending == ".pb":
            text = pb.write_election(election)
        else:
            raise InputError(f"cannot write {target.name}; known endings are {' '.join(files.ENDINGS)}")
    try:
        target.write_bytes(text.encode())
    except OSError as error:
        raise InputError(f"cannot write {target}: {error.strerror}") from None
    return ""


def _verify(chosen: argparse.Namespace) -> str:
    try:
        trail = json.loads(Path(chosen.trail).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read {chosen.trail}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise InputError(f"{chosen.trail} is not a trail: it is not JSON") from None
    return verify.check_trail(trail, ballots=chosen.ballots, folder=Path(chosen.trail).parent, quick=chosen.quick)
