# SPDX-License-Identifier: AGPL-3.0-or-later
"""The command `python -m voting.tally`: count, rules, convert, explain, verify."""

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

from voting.tally import blt, files, pb, preflib, scot_elex, ties, verify
from voting.tally.errors import InputError, TallyError
from voting.tally.registry import RULES, count
from voting.tally.sentences import sentence, table
from voting.tally.types import Election, Kind, Outcome, canonical_json, plain


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        raise TallyError(" ".join(message.split()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0, or 2 with one plain line on stderr."""
    try:
        chosen = _parser().parse_args(arguments)
        text = chosen.run(chosen)
    except TallyError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
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
    parser.add_argument("--base", choices=("cast", "present", "members"))
    parser.add_argument("--quorum", metavar="X")
    parser.add_argument("--present", type=int, metavar="N")
    parser.add_argument("--members", type=int, metavar="N")
    parser.add_argument("--objections", type=int, metavar="N")
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
PARAMETERS = (
    "utility", "completion", "increment", "comparison", "threshold", "operator", "base", "quorum", "present", "members",
    "objections", "ties", "lot_order", "seed", "seats", "overvote", "strength", "variant", "all_winners", "run_to_two",
    "fund_zero_votes", "blank_in_n", "integral",
)  # fmt: skip


def _outcome(chosen: argparse.Namespace) -> tuple[Outcome, Election, list[str]]:
    if chosen.rule not in RULES:
        raise TallyError(f"unknown rule {chosen.rule!r}; known are {', '.join(RULES)}")
    rule = RULES[chosen.rule]
    election = files.read_election(chosen.file, lenient=chosen.lenient, withdrawn_by_cost=chosen.withdrawn_by_cost)
    if chosen.seats is not None:
        if chosen.seats < 1:
            raise TallyError("there must be at least one seat")
        election = replace(election, seats=chosen.seats)
    parameters: dict[str, Any] = {}
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
            value = _lot(value)
        if name == "threshold" and name not in rule.parameters and "minimum_votes" in rule.parameters:
            parameters["minimum_votes"] = value
        elif name in rule.parameters:
            parameters[name] = value
        elif name != "seats":
            ignored.append(name)
    return count(chosen.rule, election, **parameters), election, ignored


def _fraction(text: str, name: str) -> Any:
    from_share = text.split("/")
    if len(from_share) == 2:
        top, bottom = (pb.number(part, what=name) for part in from_share)
        if bottom == 0:
            raise TallyError(f"{name} cannot be divided by nought")
        return Fraction(top) / bottom
    return pb.number(text, what=name)


def _lot(path: str) -> list[str]:
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise TallyError(f"cannot read the lot order {path}") from None
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
    except ValueError:
        raise InputError(f"{chosen.trail} is not a trail: it is not JSON") from None
    return verify.check_trail(trail, ballots=chosen.ballots, folder=Path(chosen.trail).parent)
