# SPDX-License-Identifier: AGPL-3.0-or-later
"""How fast the counting engine is, beside six others on the same files in one run, and whether they elect the same.

    make bench-tally
    make bench-tally ARGS="--only wieliczka --only ward1 --rules add1,greedy --seconds 20"
    make bench-tally ARGS=--without-peers

Real elections are read from the folder SHARED_DATA, by default ../shared/data; large ones are made (tally_files.py).
Each measurement is a process of its own on one core. Told are processor seconds, for they are disturbed least by
whatever else the machine does: for reading the file until it can be counted, and for counting. A peer is stopped after
--seconds; its time is then a bound ("> 60") and so is the ratio. Ours counts with its trail, reasons and margins.

The peers live in a virtual environment of their own. Droop is in no package index: check it out and say
`DROOP=folder make bench-tally`. A goal whose figures are missing is not met.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import tally_goals
from benchmarks.tally_files import CITY, COMMITTEE, NATION, TOWN
from benchmarks.tally_goals import Goal, Measured, Row

ROOT = Path(__file__).resolve().parent.parent
PEERS = ("pabutools", "abcvoting", "droop", "pyrankvote", "pref_voting", "votekit")
MONEY = {"pabutools": ""}
COMMITTEES = {"pabutools": "", "abcvoting": "it breaks ties by the order of the file, we by id"}
RULES: dict[str, dict[str, dict[str, str]]] = {  # kind of contest, rule, peer: why its winners may be others
    "money": {"add1": MONEY, "add1e": MONEY, "greedy": MONEY, "phragmen": MONEY},
    "committee": {"phragmen": COMMITTEES, "equal-shares": COMMITTEES},
    "ward": {
        "stv-scottish": {
            "droop": "",
            "pref_voting": "",
            "pyrankvote": "its STV is a rule of its own, not the Scottish one",
            "votekit": "it does not cut transfer values to five places",
        },
        "stv-meek": {"droop": ""},
        "irv": {
            "pyrankvote": "it breaks ties by later choices",
            "pref_voting": "it removes all tied candidates at once",
            "votekit": "it breaks ties by lot",
        },
        "schulze": {"pref_voting": ""},
        "schulze-margins": {"votekit": "it names one of several tied winners"},
    },
    "made money": {"add1": MONEY, "greedy": MONEY, "phragmen": MONEY},
    "made ranks": {
        "irv": {"pyrankvote": "", "pref_voting": "", "votekit": ""},
        "stv-scottish": {"droop": "", "pyrankvote": "its STV is a rule of its own, not the Scottish one"},
    },
}
COMMANDS = {  # what the goals ask of the whole command, start of Python included
    TOWN: ["--rule", "equal-shares", "--completion", "add1"],
    CITY: ["--rule", "equal-shares", "--completion", "add1"],
    NATION: ["--rule", "irv"],
}
TIMES = 3
IMPORTS = 11


@dataclass(frozen=True)
class Contest:
    kind: str
    path: Path

    @property
    def name(self) -> str:
        return self.path.stem


def data_folder() -> Path:
    return Path(os.environ.get("SHARED_DATA") or ROOT.parent / "shared" / "data")


def contests(made: Path) -> Iterator[Contest]:
    """Every approval election and Scottish ward of the folder, small before large, then those that are made."""
    folder = data_folder()
    for path in sorted((folder / "pb").glob("*.pb"), key=lambda path: (path.stat().st_size, path.name)):
        if approves(path):
            yield Contest("money", path)
    for path in sorted((folder / "ranked").glob("*_20??_*.blt")):
        if not path.name.startswith("alaska"):
            yield Contest("ward", path)
    yield Contest("committee", made / COMMITTEE)
    yield Contest("made money", made / TOWN)
    yield Contest("made money", made / CITY)
    yield Contest("made ranks", made / NATION)


def approves(path: Path) -> bool:
    """Whether the ballots of a `.pb` file are approvals, of one project or of several."""
    with path.open(encoding="utf-8-sig") as lines:
        meta = dict(line.rstrip("\n").split(";", 1) for line in lines if ";" in line and len(line) < 500)
    return meta.get("vote_type", "").strip() in ("approval", "choose-1")


def used_seconds(pid: int, since: float) -> float:
    """Processor seconds of a running process; where the system does not tell, the seconds that went by."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return time.monotonic() - since


def measured(python: Path | str, job: dict[str, Any], seconds: float) -> Measured:
    """What one process of a contender said, or how far it came."""
    command = [str(python), "-m", "benchmarks.tally_contenders", json.dumps(job)]
    began, used, stopped = time.monotonic(), 0.0, False
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603
        while True:
            try:
                said, complained = process.communicate(timeout=0.3)
                break
            except subprocess.TimeoutExpired:
                used = used_seconds(process.pid, began)
                if used >= seconds:
                    stopped = True
                    process.kill()
            except BaseException:
                process.kill()  # nobody waits for it any more
                raise
    words: dict[str, Any] = {}
    for line in said.splitlines():
        with contextlib.suppress(ValueError):
            words |= json.loads(line)
    if "winners" in words:
        return Measured(words["read"], words["count"], words["megabytes"], tuple(words["winners"]))
    after = f"stopped after {used:.0f} s"
    if "out_of_memory" in words:
        stopped, used = True, words["used"]
        after = f"{words['out_of_memory']} after {used:.0f} s"
    if stopped:
        left = max(0.0, used - words.get("start", used))
        if "read" in words:
            return Measured(words["read"], left - words["read"], stopped=after, bound=True)
        return Measured(left, stopped=f"{after} while reading", bound=True)
    why = words.get("failed") or (complained.strip().splitlines() or [f"it ended with {process.returncode}"])[-1]
    return Measured(stopped=str(why)[:160])


def command_figures(arguments: Sequence[str], times: int) -> dict[str, float] | None:
    """Processor seconds, seconds and megabytes of a whole command, the middle of several; None where it fails."""
    figures: list[tuple[float, float, float]] = []
    unit = 1 if sys.platform == "darwin" else 1024
    for _ in range(times):
        began = time.monotonic()
        process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL)  # noqa: S603
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            return None
        took = time.monotonic() - began
        figures.append((usage.ru_utime + usage.ru_stime, took, usage.ru_maxrss * unit / 2**20))
    cpu, wall, megabytes = (tally_goals.middle(column) for column in zip(*figures, strict=True))
    return {"cpu": round(cpu, 3), "wall": round(wall, 3), "megabytes": round(megabytes, 1)}


def import_figures() -> dict[str, Any]:
    """How much more processor time `import voting.tally` takes than `import numpy`, in turns, and if Django comes too."""
    names = {"numpy": "import numpy", "tally": "import voting.tally"}
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(IMPORTS):
        for name, words in names.items():
            figure = command_figures(["-c", words], 1)
            if figure:
                seconds[name].append(figure["cpu"])
    look = "import sys, voting.tally; sys.exit(any(name.split('.')[0] == 'django' for name in sys.modules))"
    without_django = command_figures(["-c", look], 1) is not None
    middles = {name: tally_goals.middle(column) if column else None for name, column in seconds.items()}
    more = None if None in middles.values() else round(1000 * (middles["tally"] - middles["numpy"]), 1)  # type: ignore[operator]
    return {"milliseconds_more": more, "without_django": without_django}


def present(python: Path) -> list[str]:
    """Which peers that Python can load, Droop from its own folder."""
    words = "import importlib.util as u, sys; print(*[n for n in sys.argv[1:] if u.find_spec(n)])"
    place = os.pathsep.join(filter(None, [os.environ.get("DROOP"), os.environ.get("PYTHONPATH")]))
    answer = subprocess.run(  # noqa: S603
        [str(python), "-c", words, *PEERS], env=os.environ | {"PYTHONPATH": place}, capture_output=True, text=True
    )
    return answer.stdout.split()


def machine() -> dict[str, Any]:
    model = platform.machine()
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return {
        "cpu": model, "cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system(),
        "load": round(os.getloadavg()[0], 2), "date": time.strftime("%Y-%m-%d"),
    }  # fmt: skip


@dataclass
class Run:
    """One whole run with its options."""

    options: argparse.Namespace
    peers: list[str]
    rows: list[Row] = field(default_factory=list)

    def wanted(self, contest: Contest) -> bool:
        return not self.options.only or any(word.lower() in contest.name.lower() for word in self.options.only)

    def measure(self) -> None:
        chosen = [contest for contest in contests(self.options.made) if self.wanted(contest)]
        missing = [
            each.path.name for each in chosen if each.path.parent == self.options.made and not each.path.exists()
        ]
        if missing:
            print(f"  making {', '.join(missing)} ...", file=sys.stderr, flush=True)
            maker = [sys.executable, "-m", "benchmarks.tally_files", str(self.options.made), *missing]
            subprocess.run(maker, cwd=ROOT, check=True)  # noqa: S603
        for contest in chosen:
            for rule, peers in RULES[contest.kind].items():
                if not self.options.rules or rule in self.options.rules:
                    self._row(contest, rule, peers)

    def _row(self, contest: Contest, rule: str, reasons: dict[str, str]) -> None:
        print(f"  {contest.name}: {rule} ...", file=sys.stderr, flush=True)
        job = {"rule": rule, "path": str(contest.path), "gigabytes": self.options.gigabytes}
        row = Row(contest.name, contest.kind, rule, measured(sys.executable, job | {"contender": "ours"}, 600))
        for peer, reason in reasons.items():
            if peer in self.peers:
                found = measured(self.options.peers, job | {"contender": peer}, self.options.seconds)
                row.peers[peer], row.reasons[peer] = found, reason
        self.rows.append(row)
        print(tally_goals.lines(row), file=sys.stderr, flush=True)


def options(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-tally", description="Compare the counting engine with its peers.")
    parser.add_argument("--only", action="append", metavar="WORD", help="only contests whose name has this word")
    parser.add_argument("--rules", type=lambda text: text.split(","), metavar="LIST", help="only these rules")
    parser.add_argument("--seconds", type=float, default=60, help="processor seconds after which a peer is stopped")
    parser.add_argument("--gigabytes", type=float, default=8, help="memory that a contender may want")
    parser.add_argument("--without-peers", action="store_true", help="measure ours alone")
    parser.add_argument(
        "--peers", type=Path, default=ROOT / "var/bench-venv/bin/python", help="the Python of the peers"
    )
    parser.add_argument("--made", type=Path, default=ROOT / "var/bench", help="where made elections are kept")
    return parser.parse_args(arguments)


def main() -> None:
    chosen = options()
    peers: list[str] = []
    if not chosen.without_peers:
        if not chosen.peers.exists():
            sys.exit(
                f"The peers are not installed ({chosen.peers}): `make bench-tally` does it from requirements-bench.lock "
                "(about 2 GB). Without a network, measure ours alone: make bench-tally ARGS=--without-peers"
            )
        peers = present(chosen.peers)
        for peer in PEERS:
            if peer not in peers:
                hint = "check it out and name its folder: DROOP=folder" if peer == "droop" else "install it again"
                print(f"  {peer} is not here, so nothing is said about it; {hint}.", file=sys.stderr)
    if not (data_folder() / "pb").exists():
        print(f"  There are no real elections in {data_folder()}: only made ones are measured.", file=sys.stderr)
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = "1"
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # every process inherits the one core
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended from outside."))
    here = machine()
    run = Run(chosen, peers)
    run.measure()
    commands = {
        name: command_figures(
            ["-m", "voting.tally", "count", str(chosen.made / name), *words, "--format", "json"], TIMES
        )
        for name, words in COMMANDS.items()
        if (chosen.made / name).exists() and run.wanted(Contest("", Path(name)))
    }
    imports = import_figures()
    goals = tally_goals.goals(run.rows, commands, imports)
    report(here, run.rows, commands, imports, goals)
    sys.exit(0 if all(goal.met for goal in goals) else 1)


def report(
    here: dict[str, Any], rows: list[Row], commands: dict[str, Any], imports: dict[str, Any], goals: list[Goal]
) -> None:
    print(f"The counting engine beside its peers, {here['date']}, on {here['cpu']}, {here['cores']} cores, one used,")
    print(f"Python {here['python']}, load {here['load']} before the run. Processor seconds.\n")
    print(tally_goals.HEAD)
    for row in rows:
        print(tally_goals.lines(row))
    for name, figures in commands.items():
        print(f"\nthe whole command on {name}: {figures or 'failed'}", end="")
    print(f"\nimport voting.tally after import numpy: {imports}\n")
    print(tally_goals.medians(rows))
    for goal in goals:
        print(goal.sentence())
    print(
        json.dumps(
            {
                "benchmark": "tally", "machine": here, "rows": [asdict(row) for row in rows], "commands": commands,
                "imports": imports, "goals": [asdict(goal) | {"met": goal.met} for goal in goals],
            }
        )
    )  # fmt: skip


if __name__ == "__main__":
    main()
