"""What holds for every file of the project, and for what its first pages promise."""

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SPDX = "# SPDX-License-Identifier: AGPL-3.0-or-later"
REGISTRIES = ["pypi" + ".org", "pythonhosted" + ".org", "registry.npm" + "js.org", "npmjs" + ".com", "--index" + "-url"]
MACHINES = ["/root" + "/", "/home" + r"/\w+", "/work" + "/", "/Users" + "/", "/opt" + r"/(?!python)\w+"]


def tracked() -> list[Path]:
    """Every file that a clone holds."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def texts() -> list[tuple[Path, str]]:
    found = []
    for file in tracked():
        try:
            found.append((file.relative_to(ROOT), file.read_text()))
        except UnicodeDecodeError:
            continue  # a picture
    return found


def test_every_python_file_of_ours_names_its_licence():
    ours = [
        (file, text)
        for file, text in texts()
        if file.suffix == ".py" and text and file.parts[0] != "tests" and "migrations" not in file.parts
    ]
    assert len(ours) > 50
    without = [str(file) for file, text in ours if SPDX not in text.splitlines()[:2]]
    assert without == []


def test_no_file_names_a_package_registry():
    named = [f"{file}: {host}" for file, text in texts() for host in REGISTRIES if host in text]
    assert named == []


def test_no_file_names_a_place_of_one_machine():
    named = [
        f"{file}: {found[0]}"
        for file, text in texts()
        for pattern in MACHINES
        if (found := re.search(rf"(?<![\w.:/-]){pattern}", text))
    ]
    assert named == []


# The locks


def pins(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package, version in re.findall(r"^([\w.-]+)==([\w.+!-]+)", (ROOT / name).read_text(), re.MULTILINE):
        found.setdefault(package.lower(), set()).add(version)
    return found


def test_both_locks_agree_and_the_first_is_part_of_the_second():
    runtime, everything = pins("requirements.lock"), pins("requirements-dev.lock")
    assert {name: everything.get(name) for name in runtime} == runtime


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock", "requirements-bench.lock"])
def test_every_pin_has_a_hash(lock):
    for entry in re.split(r"\n(?=\S)", (ROOT / lock).read_text().strip()):
        if not entry.startswith("#"):
            assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_the_locks_hold_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for lock, asked in [
        ("requirements.lock", project["dependencies"]),
        ("requirements-dev.lock", project["optional-dependencies"]["dev"]),
        ("requirements-bench.lock", project["optional-dependencies"]["bench"]),
    ]:
        names = {re.split(r"[\s\[~=<>]", line)[0].lower() for line in asked}
        assert names - set(pins(lock)) == set()


# The first pages


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+|bench-%):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_make_command_that_a_page_names_exists(page):
    named = set(re.findall(r"(?:^|`)make ([a-z][a-z-]+)", (ROOT / page).read_text(), re.MULTILINE))
    targets = make_targets()
    assert {"run", "test"} <= named & targets
    benchmarks = {name for name in named if name.startswith("bench-")}
    assert named - benchmarks - targets == set()
    for name in benchmarks:
        assert (ROOT / "benchmarks" / f"{name.removeprefix('bench-')}.py").exists(), name


def test_make_alone_lists_every_command():
    shown = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for target in ["run", "test", "test-faults", "lint", "types", "messages"]:
        assert f"make {target} " in shown


def test_a_python_that_is_too_old_is_one_sentence(tmp_path):
    shutil.copy(ROOT / "Makefile", tmp_path)
    (tmp_path / "requirements.lock").write_text("")
    old = tmp_path / "old-python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = subprocess.run(
        ["make", "run", f"PYTHON={old}"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert done.stderr.splitlines()[0] == (
        "Folkmoot needs Python 3.11 or newer: install it, or say where it is, as in: "
        "make run PYTHON=/opt/python3.12/bin/python3"
    )
