"""Imports go one way, and the counting engine is plain Python."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ORDER = ["meetings", "proposals", "voting", "assemblies", "accounts"]  # each may import those after it, never before
SERVING_ALL = ["live", "ledger", "jobs"]  # every app may import these, and these import none
ABOVE_ALL = ["config", "demo"]  # they put the apps together; only they may import any
PACKAGES = [*ORDER, *SERVING_ALL, *ABOVE_ALL]
# A few settings-like modules of config that know no app.
OPEN_TO_ALL = {"config.characters", "config.hosts", "config.secret"}


def modules() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            yield ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), file


def imported_by(name: str, text: str, *, is_package: bool = False) -> set[str]:
    """Every module that this text names in an import, at the top or inside a function, relative ones resolved."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = name.split(".") if is_package else name.split(".")[:-1]
                base = ".".join([*parents[: len(parents) - node.level + 1], *([base] if base else [])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found


def may_import(importer: str, imported: str) -> bool:
    """Whether the arrows of the house allow it."""
    mine, theirs = importer.split(".")[0], imported.split(".")[0]
    if theirs not in PACKAGES or mine == theirs or mine in ABOVE_ALL:
        return True
    if imported in OPEN_TO_ALL or any(imported.startswith(f"{module}.") for module in OPEN_TO_ALL):
        return True
    if theirs in ABOVE_ALL or mine in SERVING_ALL:
        return False
    return theirs in SERVING_ALL or ORDER.index(mine) < ORDER.index(theirs)


def test_every_module_imports_only_to_the_right():
    wrong = [
        f"{name} imports {imported}"
        for name, file in modules()
        for imported in sorted(imported_by(name, file.read_text(), is_package=file.name == "__init__.py"))
        if not may_import(name, imported) and not imported_is_only_a_name(imported)
    ]
    assert wrong == []


def imported_is_only_a_name(imported: str) -> bool:
    """`from config import hosts` names `config` and `config.hosts`; the package itself holds nothing."""
    return imported in ABOVE_ALL


@pytest.mark.parametrize(
    ("importer", "imported"),
    [
        ("accounts.views", "assemblies.models"),
        ("assemblies.models", "voting.models"),
        ("voting.services", "meetings"),
        ("proposals.models", "meetings.models"),
        ("live.hub", "voting.models"),
        ("jobs.queue", "accounts"),
        ("ledger.models", "assemblies"),
        ("voting.services", "config.settings"),
        ("voting.services", "demo"),
    ],
)
def test_the_rule_itself_refuses_a_wrong_arrow(importer, imported):
    assert not may_import(importer, imported)
    assert imported_by(importer, f"def later():\n    import {imported}") == {imported}


def test_relative_imports_are_seen_too():
    assert imported_by("voting.services.polls", "from ..models import Poll") >= {"voting.models"}
    assert imported_by("voting.services", "from . import tally", is_package=True) >= {"voting.services.tally"}


LAYERS = {"models": 0, "services": 1, "forms": 1, "views": 2, "consumers": 2}


def layer(module: str) -> int | None:
    parts = module.split(".")
    return LAYERS.get(parts[1]) if len(parts) > 1 else None


def test_services_know_no_views_or_forms_and_models_know_no_services():
    wrong = []
    for name, file in modules():
        if name.split(".")[0] not in ORDER or layer(name) not in (0, 1):
            continue
        for imported in imported_by(name, file.read_text(), is_package=file.name == "__init__.py"):
            theirs = imported.split(".")[1:2]
            if imported.split(".")[0] in ORDER and (
                theirs == ["views"]
                or (theirs == ["forms"] and name.split(".")[1] == "services")
                or (theirs == ["services"] and name.split(".")[1] == "models")
            ):
                wrong.append(f"{name} imports {imported}")
    assert wrong == []


# Signs, amounts and panels: with these every page draws, those of accounts too.
TAGS_FOR_ALL = {"civic", "panels"}


def tag_libraries() -> dict[str, str]:
    """Which app each library of template tags belongs to."""
    files = [file for package in PACKAGES for file in (ROOT / package / "templatetags").glob("*.py")]
    return {file.stem: file.relative_to(ROOT).parts[0] for file in files if file.stem != "__init__"}


def loaded_by(text: str) -> set[str]:
    """Every library of tags that this template loads."""
    return {name for loads in re.findall(r"{% load ([^%]+) %}", text) for name in loads.split("from")[-1].split()}


def includes_of(text: str) -> set[str]:
    """The apps whose templates this one names, to draw them in its own place."""
    return {name.split("/")[0] for name in re.findall(r"""{% (?:include|extends) ["']([^"']+)["']""", text)}


def reaches_left(app: str, text: str) -> list[str]:
    """What a template of this app takes from apps to its left."""
    owners = tag_libraries()
    found = [f"tags of {owners[name]}: {name}" for name in loaded_by(text) - TAGS_FOR_ALL if name in owners]
    found += [f"a template of {other}" for other in includes_of(text) if other in PACKAGES]
    return sorted(what for what in found if not may_import(app, re.split(r" of |: ", what)[1]))


def test_templates_take_tags_and_templates_only_from_the_right():
    templates = ROOT / "templates"
    files = [(package, file) for package in PACKAGES for file in sorted((templates / package).rglob("*.html"))]
    assert len(files) > 50
    wrong = [
        f"{file.relative_to(templates)} takes {what}"
        for app, file in files
        for what in reaches_left(app, file.read_text())
    ]
    assert wrong == []


def test_the_rule_about_templates_itself_refuses_a_wrong_arrow():
    assert reaches_left("voting", "{% load budget civic i18n %}") == ["tags of proposals: budget"]
    assert reaches_left("voting", '{% include "meetings/_act.html" %}') == ["a template of meetings"]
    assert reaches_left("meetings", '{% load budget from ballots %}{% include "voting/_ballot.html" %}') == []


def test_the_counting_engine_names_nothing_but_python_numpy_and_itself():
    allowed = sys.stdlib_module_names | {"numpy"}
    wrong = [
        f"{name} imports {imported}"
        for name, file in modules()
        if name.startswith("voting.tally")
        for imported in imported_by(name, file.read_text(), is_package=file.name == "__init__.py")
        if imported.split(".")[0] not in allowed and not imported.startswith("voting.tally")
    ]
    assert wrong == []


def test_the_counting_engine_can_be_imported_where_there_is_no_django():
    names = [name for name, _ in modules() if name.startswith("voting.tally")]
    assert len(names) > 3
    code = f"""
import importlib, sys
class NoDjango:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("django", "psycopg", "channels"):
            raise ImportError(name)
sys.meta_path.insert(0, NoDjango())
for name in {names!r}:
    importlib.import_module(name)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_job_queue_is_named_in_jobs_alone():
    named = {
        name
        for name, file in modules()
        if any(imported.split(".")[0] == "procrastinate" for imported in imported_by(name, file.read_text()))
    }
    assert named
    assert {name.split(".")[0] for name in named} == {"jobs"}
