# SPDX-License-Identifier: AGPL-3.0-or-later
"""One measurement in this process: a contender reads a file and counts it by a rule, again and again if it is quick.

    python -m benchmarks.tally_contenders '{"contender": "ours", "rule": "irv", "path": "town.blt", ...}'

Says in JSON lines how far it got, so that a process that is stopped has told what it knew. The processor seconds for
starting Python and loading the library are told apart, for they are no part of a count. Only this file knows how each
peer is called; each is loaded only in its own process, and ours only in ours.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

Parts = tuple[Callable[[], Any], Callable[[Any], list[str]]]
REPEAT_WITHIN = 1.0
REPEAT_AT_MOST = 15


def ours(job: dict[str, Any]) -> Parts:
    """The engine as the command calls it; the trail and the reasons that no peer gives are part of the count."""
    files, registry = import_module("voting.tally.files"), import_module("voting.tally.registry")
    rule, fixed = OURS[job["rule"]]

    def read() -> Any:
        return files.read_election(job["path"], lenient=True, withdrawn_by_cost=False)

    return read, lambda election: list(registry.count(rule, election, **fixed).winners)


FOR_MONEY = {"ties": ("id_lex",), "blank_in_n": True, "fund_zero_votes": True}
FOR_RANKS = {"ties": ("file_order",)}
OURS: dict[str, tuple[str, dict[str, Any]]] = {
    "add1": ("equal-shares", {"completion": "add1", **FOR_MONEY}),
    "add1e": ("equal-shares", {"completion": "add1e", **FOR_MONEY}),
    "equal-shares": ("equal-shares", {"completion": "none", **FOR_MONEY}),
    "greedy": ("greedy", {"ties": ("id_lex",), "fund_zero_votes": True}),
    "phragmen": ("phragmen", {"ties": ("id_lex",)}),
    "irv": ("irv", FOR_RANKS),
    "stv-scottish": ("stv-scottish", FOR_RANKS),
    "stv-meek": ("stv-meek", FOR_RANKS),
    "schulze": ("schulze", {"strength": "winning-votes", "all_winners": True, **FOR_RANKS}),
    "schulze-margins": ("schulze", {"strength": "margins", "all_winners": True, **FOR_RANKS}),
}


def pabutools(job: dict[str, Any]) -> Parts:
    """Identical ballots grouped (multiprofile), which is its fastest way; grouping is part of reading."""
    election, rules = import_module("pabutools.election"), import_module("pabutools.rules")
    cost = election.Cost_Sat

    def read() -> Any:
        instance, profile = election.parse_pabulib(job["path"])
        return instance, profile.as_multiprofile()

    def add1(instance: Any, profile: Any) -> Any:
        shares, how = rules.method_of_equal_shares, {"sat_class": cost}
        supported = [project for project in instance if any(project in ballot for ballot in profile)]
        # where all can be paid nothing ever overspends, and only this ends the search
        all_can_win = sum(project.cost for project in supported) <= instance.budget_limit
        step = profile.num_ballots()
        return rules.exhaustion_by_budget_increase(
            instance, profile, shares, how, exhaustive_stop=all_can_win, budget_step=step
        )

    def count(read: Any) -> list[str]:
        instance, profile = read
        counts: dict[str, Callable[[], Any]] = {
            "add1": lambda: add1(instance, profile),
            "add1e": lambda: rules.method_of_equal_shares(instance, profile, cost, voter_budget_increment=1),
            "equal-shares": lambda: rules.method_of_equal_shares(instance, profile, cost),
            "greedy": lambda: rules.greedy_utilitarian_welfare(instance, profile, cost),
            "phragmen": lambda: rules.sequential_phragmen(instance, profile),
        }
        chosen = counts[job["rule"]]()
        return [str(project.name) for project in chosen]

    return read, count


def abcvoting(job: dict[str, Any]) -> Parts:
    """Committees only: the file has unit costs and as much money as there are places."""
    preferences, rules = import_module("abcvoting.preferences"), import_module("abcvoting.abcrules")
    places = 0

    def read() -> Any:
        nonlocal places
        _, meta, projects, votes = _pb(job["path"])
        places = int(meta["budget"])
        at = {project: number for number, project in enumerate(projects)}
        groups: dict[str, int] = {}
        for vote in votes:
            groups[vote] = groups.get(vote, 0) + 1
        profile = preferences.Profile(len(projects), cand_names=projects)
        profile.add_voters(
            [preferences.Voter([at[name] for name in vote.split(",")], weight=n) for vote, n in groups.items()]
        )
        return profile

    def count(profile: Any) -> list[str]:
        name = {"phragmen": "seqphragmen", "equal-shares": "equal-shares-without-completion"}[job["rule"]]
        algorithm = {} if name != "seqphragmen" else {"algorithm": "gmpy2-fractions"}  # exact, as ours is
        committee = rules.compute(name, profile, places, **algorithm)[0]
        return [profile.cand_names[place] for place in committee]

    return read, count


def _pb(path: str) -> tuple[str, dict[str, str], list[str], list[str]]:
    """As little of a `.pb` reader as the files of this benchmark need."""
    head, _, rest = Path(path).read_text().partition("\nPROJECTS\n")
    projects, _, votes = rest.partition("\nVOTES\n")
    meta = dict(line.split(";", 1) for line in head.splitlines()[2:])
    names = [line.split(";")[0] for line in projects.splitlines()[1:]]
    return head, meta, names, [line.split(";")[1] for line in votes.splitlines()[1:]]


def _blt(path: str) -> tuple[int, int, dict[tuple[int, ...], int]]:
    """Candidates, seats and grouped rankings of a plain `.blt` file, for the peers that cannot read one."""
    rankings: dict[tuple[int, ...], int] = {}
    with Path(path).open() as lines:
        candidates, seats = map(int, next(lines).split())
        for line in lines:
            weight, *ranking = map(int, line.split())
            if weight == 0:
                break
            key = tuple(ranking[:-1])
            rankings[key] = rankings.get(key, 0) + weight
    rankings.pop((), None)
    return candidates, seats, rankings


def droop(job: dict[str, Any]) -> Parts:
    """DROOP names the folder of a checkout, for it is in no package index."""
    if place := os.environ.get("DROOP"):
        sys.path.insert(0, place)
    profiles, elections = import_module("droop.profile"), import_module("droop.election")
    rule = {"stv-scottish": "scotland", "stv-meek": "meek-prf"}[job["rule"]]

    def count(election: Any) -> list[str]:
        election.count()
        return sorted((str(candidate.cid) for candidate in election.elected), key=int)

    def read() -> Any:
        return elections.Election(profiles.ElectionProfile(data=_quoted(job["path"])), {"rule": rule})

    return read, count


def _quoted(path: str) -> str:
    """A `.blt` file with its names in quotation marks, for droop reads no others and the councils' files have none."""
    ballots, end, names = Path(path).read_text(encoding="utf-8-sig").partition("\n0\n")
    lines = [line if line.startswith('"') else f'"{line}"' for line in names.splitlines() if line.strip()]
    return ballots + end + "\n".join(lines) + "\n"


def pyrankvote(job: dict[str, Any]) -> Parts:
    library = import_module("pyrankvote")

    def read() -> Any:
        number, seats, rankings = _blt(job["path"])
        candidates = [library.Candidate(str(name)) for name in range(1, number + 1)]
        ballots = [
            library.Ballot([candidates[place - 1] for place in ranking])
            for ranking, weight in rankings.items()
            for _ in range(weight)
        ]
        return candidates, seats, ballots

    def count(read: Any) -> list[str]:
        candidates, seats, ballots = read
        if job["rule"] == "irv":
            result = library.instant_runoff_voting(candidates, ballots)
        else:
            result = library.single_transferable_vote(candidates, ballots, seats)
        return [candidate.name for candidate in result.get_winners()]

    return read, count


def pref_voting(job: dict[str, Any]) -> Parts:
    profiles = import_module("pref_voting.profiles_with_ties")
    proportional = import_module("pref_voting.proportional_methods")
    margins, iterative = (
        import_module("pref_voting.margin_based_methods"),
        import_module("pref_voting.iterative_methods"),
    )

    def read() -> Any:
        number, seats, rankings = _blt(job["path"])
        rows = [{name: place for place, name in enumerate(ranking, 1)} for ranking in rankings]
        profile = profiles.ProfileWithTies(rows, list(rankings.values()), candidates=list(range(1, number + 1)))
        if job["rule"] == "schulze":
            profile.use_extended_strict_preference()
        return seats, profile

    def count(read: Any) -> list[str]:
        seats, profile = read

        def winning_votes(one: int, other: int) -> int:
            return int(profile.support(one, other)) if profile.margin(one, other) > 0 else 0

        return [
            str(candidate)
            for candidate in {
                "stv-scottish": lambda: proportional.stv_scottish(profile, num_seats=seats),
                "stv-meek": lambda: proportional.stv_meek(profile, num_seats=seats),
                "irv": lambda: iterative.instant_runoff_for_truncated_linear_orders(profile),
                "schulze": lambda: margins.beat_path(profile, strength_function=winning_votes),
            }[job["rule"]]()
        ]

    return read, count


def votekit(job: dict[str, Any]) -> Parts:
    """Its newer counters on arrays, which are its fastest."""
    profiles, ballots = import_module("votekit.pref_profile"), import_module("votekit.ballot")
    elections, fast = (
        import_module("votekit.elections"),
        import_module("votekit.elections.election_types.ranking.stv.stv"),
    )

    def read() -> Any:
        number, seats, rankings = _blt(job["path"])
        names = [str(name) for name in range(1, number + 1)]
        rows = [
            ballots.RankBallot(ranking=[{str(name)} for name in ranking], weight=weight)
            for ranking, weight in rankings.items()
        ]
        return seats, profiles.RankProfile(ballots=rows, candidates=names)

    def count(read: Any) -> list[str]:
        seats, profile = read
        if job["rule"] == "irv":
            election = fast.FastIRV(profile, tiebreak="random", rng_seed=1)
        elif job["rule"] == "schulze-margins":
            election = elections.Schulze(profile, n_seats=1)
        else:
            election = fast.FastSTV(profile, n_seats=seats, simultaneous=False, tiebreak="random", rng_seed=1)
        return [str(candidate) for tied in election.get_elected() for candidate in tied]

    return read, count


CONTENDERS: dict[str, Callable[[dict[str, Any]], Parts]] = {
    "ours": ours,
    "pabutools": pabutools,
    "abcvoting": abcvoting,
    "droop": droop,
    "pyrankvote": pyrankvote,
    "pref_voting": pref_voting,
    "votekit": votekit,
}


def peak_megabytes() -> float:
    """The most memory that this process ever had; the kernel's other number begins with the parent's."""
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/self/status").read_text().splitlines()
        return round(int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024, 1)
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20, 1)


def measure(job: dict[str, Any], say: Callable[[dict[str, Any]], None]) -> None:
    """Say the processor seconds of reading and of counting, each the middle of all repetitions, and who won."""
    read, count = CONTENDERS[job["contender"]](job)
    began = time.process_time()
    say({"start": began})
    reading: list[float] = []
    counting: list[float] = []
    while not counting or (time.process_time() - began < REPEAT_WITHIN and len(counting) < REPEAT_AT_MOST):
        at = time.process_time()
        data = read()
        reading.append(time.process_time() - at)
        if not counting:
            say({"read": reading[0]})
        at = time.process_time()
        winners = count(data)
        counting.append(time.process_time() - at)
        del data
    say({"read": statistics.median(reading), "count": statistics.median(counting), "winners": winners,
         "megabytes": peak_megabytes(), "times": len(counting)})  # fmt: skip


def main() -> None:
    job = json.loads(sys.argv[1])
    if gigabytes := job.get("gigabytes"):
        resource.setrlimit(resource.RLIMIT_AS, (int(gigabytes * 2**30),) * 2)
    warnings.simplefilter("ignore")
    out = sys.stdout

    def say(words: dict[str, Any]) -> None:
        print(json.dumps(words), file=out, flush=True)

    try:
        with contextlib.redirect_stdout(io.StringIO()):  # some peers talk
            measure(job, say)
    except MemoryError:
        say({"out_of_memory": f"wanted more than {job.get('gigabytes')} GB", "used": time.process_time()})
    except Exception as error:  # a peer may fail in any way; the table says how
        say({"failed": f"{type(error).__name__}: {error}"[:200]})


if __name__ == "__main__":
    main()
