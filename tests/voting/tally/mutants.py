"""Mutation testing of the counting engine: `make mutants`, or `python -m tests.voting.tally.mutants MODULE ... --tries N`.

Cosmic Ray's operators change one thing in one module; a fork imports the changed module from memory, so no file is ever
touched, and runs the tests until one fails. First the module's own quick tests (`test_MODULE.py`), then, for what they
let live, the wider ones. Changes that only touch a type annotation, or that
the compiler itself objects to, are not tried. Modules with more
changes than `--tries` are sampled with a fixed seed.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import gc
import hashlib
import importlib.abc
import importlib.util
import json
import os
import random
import resource
import signal
import sys
import time
import warnings
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
TESTS = ROOT / "tests" / "voting" / "tally"
PACKAGE = ROOT / "voting" / "tally"
RESULTS = ROOT / "var" / "mutants"
WIDER = ("test_rules.py", "test_command.py", "test_files.py", "test_properties.py")
OWN = {
    "ballots": "test_ballots.py",
    "blt": "test_blt.py test_quick_reading.py",
    "buyer": "test_market.py test_stretch.py test_lockstep.py",
    "command": "test_command_parts.py",
    "equal_shares": "test_stretch.py test_rules.py test_margins.py",
    "errors": "test_reading.py",
    "files": "test_reading.py test_command_parts.py",
    "irv": "test_irv.py test_irv_parameters.py",
    "ledger": "test_market.py",
    "lockstep": "test_stretch.py test_lockstep.py",
    "majority": "test_majority.py test_consensus.py",
    "margins": "test_more_votes.py",
    "pb": "test_pb.py",
    "pb_grouping": "test_pb.py",
    "pb_sections": "test_pb.py",
    "sentences": "test_sentences.py",
    "solo": "test_lockstep.py test_market.py",
    "tokens": "test_tokens.py",
    "verify": "test_verify_steps.py",
    "verify_money": "test_verify_steps.py",
    "verify_ranks": "test_verify_steps.py",
    "verify_shares": "test_verify_steps.py test_verify.py",
    "verify_votes": "test_verify_steps.py",
}
"""The quick tests of modules that have no file of their own."""
ONLY = {
    "verify": "not (many_honest or one_change or step_too_many)",
    "verify_money": "not (irv or stv or borda or schulze or condorcet or equal)",
    "verify_ranks": "irv or stv or borda or schulze or condorcet",
    "verify_shares": "(equal or quick or change_nothing) and not forged",
    "verify_votes": "not (irv or stv or schulze or condorcet or equal)",
}
"""Of the tests of a file that several modules share, those that concern one."""
NOT_HERE = "not (without_django or as_a_module or every_real_pb or every_real_ward or more_winners_than)"
SEED = "folkmoot"
SECONDS = {"own": 60, "wider": 90}
MEMORY = 3 * 2**30


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Hands out one module of the package with another source."""

    def __init__(self, name: str, source: str, path: Path) -> None:
        self.name, self.source, self.path = name, source, path

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname == self.name:
            return importlib.util.spec_from_file_location(fullname, self.path, loader=self)
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.source, str(self.path), "exec"), module.__dict__)  # noqa: S102 - our own source, changed


def meaning(source: str) -> str | None:
    """The code without its annotations; None where the compiler refuses it or warns, as it does of `x is 1`."""
    try:
        tree = ast.parse(source)
        with warnings.catch_warnings():
            warnings.simplefilter("error", SyntaxWarning)
            compile(tree, "", "exec")
    except SyntaxError:
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
        elif isinstance(node, ast.AnnAssign):
            node.annotation = ast.Constant(None)
    return ast.dump(tree)


def mutants(source: str, tries: int, chance: random.Random) -> tuple[list[dict[str, Any]], int]:
    """So many changes of the module's meaning, picked at random, and how many places Cosmic Ray knows to change."""
    from cosmic_ray import plugins
    from cosmic_ray.ast import ast_nodes, get_ast
    from cosmic_ray.mutating import mutate_code

    tree = get_ast(source)
    places = []
    for name in sorted(plugins.operator_names()):
        kind = plugins.get_operator(name)
        if not kind.arguments() and not name.endswith("no-op"):
            positions = [p for node in ast_nodes(tree) for p in kind().mutation_positions(node)]
            places += [(name, occurrence, start[0]) for occurrence, (start, _) in enumerate(positions)]
    chance.shuffle(places)
    original, seen = meaning(source), set()
    found: list[dict[str, Any]] = []
    for name, occurrence, line in places:
        if len(found) == tries:
            break
        changed = mutate_code(source, plugins.get_operator(name)(), occurrence)
        sense = None if changed is None else meaning(changed)
        if sense is not None and sense != original and sense not in seen:
            seen.add(sense)
            found.append({"operator": name, "occurrence": occurrence, "line": line, "source": changed})
    return sorted(found, key=lambda one: (one["line"], one["operator"], one["occurrence"])), len(places)


def outline(source: str) -> str:
    """The code without what stands inside functions."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.body = [ast.Pass()]
            node.args.defaults, node.args.kw_defaults = [], []
    return ast.dump(tree)


class Examiner:
    """Runs collected tests again and again, each time in a fork that holds one change."""

    def __init__(self, module: str, files: list[str], seconds: int, only: str = "") -> None:
        self.only = only
        self.path = PACKAGE / f"{module}.py"
        self.module, self.files, self.seconds = module, files, seconds
        self.source = self.path.read_text()
        self.outline = outline(self.source)
        self.candidates: list[dict[str, Any]] = []
        self.survivors: list[dict[str, Any]] = []
        self.sound = False
        self.used = 0.0
        self.old: list[FunctionType] = []

    def examine(self, candidates: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The changes that no test notices."""
        self.candidates, self.survivors, self.sound = candidates, [], False
        run_tests(self.files, self.only, plugins=[self])
        gc.unfreeze()
        if not self.sound:
            sys.exit(f"{self.module}: the tests fail without any change: {' '.join(self.files)}")
        return self.survivors

    def pytest_runtestloop(self, session: Any) -> bool:
        """In place of running the tests once."""
        self.old = functions(sys.modules[f"voting.tally.{self.module}"].__dict__)
        gc.collect()
        gc.freeze()
        self.sound = self._alive(lambda: self._run(session)) and self._alive(
            lambda: self._try(session, self.source, False)
        )
        # A change that takes three times as long as no change will not end.
        self.seconds = min(self.seconds, int(3 * self.used) + 2)
        for one in self.candidates if self.sound else ():
            inside = outline(one["source"]) == self.outline
            if self._alive(lambda one=one, inside=inside: self._try(session, one["source"], inside)):
                self.survivors.append(one)
        return True

    def _try(self, session: Any, source: str, inside: bool) -> bool:
        if inside and self._exchange(source):
            return self._run(session)
        # Something outside of functions changed: import everything afresh.
        for name in [name for name in sys.modules if name.startswith(("voting", "tests"))]:
            del sys.modules[name]
        sys.meta_path.insert(0, Changed(f"voting.tally.{self.module}", source, self.path))
        return run_tests(self.files, self.only) == 0

    def _run(self, session: Any) -> bool:
        for number, item in enumerate(session.items):
            following = session.items[number + 1] if number + 1 < len(session.items) else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.testsfailed:
                return False
        return len(session.items) > 0

    def _exchange(self, source: str) -> bool:
        """Put changed code into the functions that are there already."""
        name = f"voting.tally.{self.module}"
        old = {f.__code__.co_qualname: f for f in self.old}
        stand_in = ModuleType(name)
        fresh = stand_in.__dict__
        there, sys.modules[name] = sys.modules[name], stand_in
        try:
            exec(compile(source, str(self.path), "exec"), fresh)  # noqa: S102 - our own source, changed
        finally:
            sys.modules[name] = there
        new = {f.__code__.co_qualname: f for f in functions(fresh)}
        if set(old) - set(new):
            return False
        for qualified, function in old.items():
            function.__code__ = new[qualified].__code__
            function.__defaults__ = new[qualified].__defaults__
            function.__kwdefaults__ = new[qualified].__kwdefaults__
        return True

    def _alive(self, work: Any) -> bool:
        """Whether the work says so in a fork; whatever else happens there is a kill."""
        child = os.fork()
        if child == 0:
            code = 1
            try:
                resource.setrlimit(resource.RLIMIT_CPU, (self.seconds, self.seconds + 1))
                resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
                nothing = os.open(os.devnull, os.O_RDWR)
                for stream in (0, 1, 2):
                    os.dup2(nothing, stream)
                code = 0 if work() else 1
            finally:
                os._exit(code)
        started = time.monotonic()
        while True:
            done, status, used = os.wait4(child, os.WNOHANG)
            if done:
                self.used = used.ru_utime + used.ru_stime
                return status == 0
            if time.monotonic() - started > 10 * self.seconds:
                os.kill(child, signal.SIGKILL)
            time.sleep(0.002)


def functions(namespace: dict[str, Any]) -> list[FunctionType]:
    """Every function, method and wrapped function that was defined in one namespace."""
    found = [f for f in gc.get_objects() if isinstance(f, FunctionType) and f.__globals__ is namespace]
    return [f for f in found if "<locals>" not in f.__code__.co_qualname and "<lambda>" not in f.__code__.co_qualname]


def run_tests(files: list[str], only: str, plugins: list[Any] | None = None) -> int:
    import hypothesis
    import pytest

    hypothesis.settings.register_profile(
        "mutants", deadline=None, max_examples=30, derandomize=True, database=None,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    hypothesis.settings.load_profile("mutants")
    arguments = ["-x", "-s", "--noconftest", "-c", os.devnull, "--rootdir", str(ROOT), "-p", "no:cacheprovider"]
    arguments += ["-p", "no:django", "-p", "no:asyncio", "-p", "no:anyio", "-W", "ignore"]
    arguments += ["-k", f"{NOT_HERE} and ({only})" if only else NOT_HERE]
    arguments += ["-p", "no:terminal"]
    return int(pytest.main([*arguments, *files], plugins=plugins))


def own(module: str) -> list[str]:
    names = OWN.get(module, f"test_{module}.py").split()
    return [str(TESTS / name) for name in names if (TESTS / name).exists()]


def wider() -> list[str]:
    return [str(TESTS / name) for name in WIDER if (TESTS / name).exists()]


def shown(original: str, changed: str) -> str:
    lines = difflib.unified_diff(original.splitlines(), changed.splitlines(), n=0, lineterm="")
    return "\n".join(line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---"))


def examine(module: str, tries: int, *, again: bool, only_own: bool) -> dict[str, Any]:
    source = (PACKAGE / f"{module}.py").read_text()
    picked, places = mutants(source, tries, random.Random(f"{SEED} {module}"))
    target = RESULTS / f"{module}.json"
    known = json.loads(target.read_text()) if again and target.exists() else {}
    digest = hashlib.sha256(source.encode()).hexdigest()
    if known.get("source") == digest and known["tried"] == len(picked):
        before = {one["diff"] + str(one["line"]) for one in known["survivors"]}
        candidates = [m for m in picked if shown(source, m["source"]) + str(m["line"]) in before]
    else:
        candidates = picked
    if own(module):
        candidates = Examiner(module, own(module), SECONDS["own"], ONLY.get(module, "")).examine(candidates)
    if candidates and not only_own:
        candidates = Examiner(module, wider(), SECONDS["wider"]).examine(candidates)
    survivors = []
    for one in candidates:
        diff = shown(source, one["source"])
        survivors.append({"line": one["line"], "operator": one["operator"], "diff": diff})
        print(f"{module}:{one['line']} {one['operator']}\n{diff}", flush=True)
    result = {"module": module, "places": places, "tried": len(picked), "survivors": survivors}
    result["source"] = digest
    RESULTS.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(result, indent=1))
    return result


def table() -> str:
    """What the last run of each module found."""
    lines = ["| module | places | tried | killed | |", "|---|---:|---:|---:|---:|"]
    tried = dead = 0
    for path in sorted(RESULTS.glob("*.json")):
        found = json.loads(path.read_text())
        killed = found["tried"] - len(found["survivors"])
        tried, dead = tried + found["tried"], dead + killed
        share = f"{100 * killed / found['tried']:.0f} %"
        lines.append(f"| {found['module']} | {found.get('places', '')} | {found['tried']} | {killed} | {share} |")
    lines.append(f"| **together** | | **{tried}** | **{dead}** | **{100 * dead / max(tried, 1):.1f} %** |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", metavar="MODULE")
    parser.add_argument("--tries", type=int, default=80, help="how many changes of a module to try (default 80)")
    parser.add_argument("--again", action="store_true", help="only those that survived last time")
    parser.add_argument(
        "--table", action="store_true", help="only print what the last runs found, for docs/mutation.md"
    )
    parser.add_argument("--only-own", action="store_true", help="leave out the wider tests")
    chosen = parser.parse_args()
    if chosen.table:
        print(table())
        return 0
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    import hypothesis  # noqa: F401 - loaded once, before the forks
    import numpy as np  # noqa: F401
    import pytest  # noqa: F401

    names = chosen.modules or sorted(path.stem for path in PACKAGE.glob("*.py") if not path.stem.startswith("__"))
    tried = killed = 0
    for module in names:
        started = time.monotonic()
        result = examine(module, chosen.tries, again=chosen.again, only_own=chosen.only_own)
        dead = result["tried"] - len(result["survivors"])
        tried, killed = tried + result["tried"], killed + dead
        took = time.monotonic() - started
        print(f"{module}: {dead} of {result['tried']} killed ({result['places']} places), {took:.0f} s", flush=True)
    print(f"together: {killed} of {tried} killed, {100 * killed / max(tried, 1):.1f} %")
    return 0


if __name__ == "__main__":
    sys.exit(main())
