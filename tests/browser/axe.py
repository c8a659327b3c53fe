"""axe-core, fetched from npm for tests only, and what it says about a page."""

import hashlib
import os
import shutil
import subprocess
import tarfile
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

VERSION = "4.14.1"
SHA256 = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"
KEPT_IN = Path(__file__).resolve().parents[2] / "var" / f"axe-core-{VERSION}"
WCAG_22_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def source() -> str:
    """The script itself; without npm the test is skipped aloud, and fails where CI=true promises that npm is there."""
    file = KEPT_IN / "axe.min.js"
    if not file.exists():
        _fetch(file)
    text = file.read_bytes()
    assert hashlib.sha256(text).hexdigest() == SHA256, f"{file} is not axe-core {VERSION}: delete it and try again"
    return text.decode()


def _fetch(file: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        _go_without("npm is not installed, so axe-core cannot check accessibility here.")
    assert npm
    KEPT_IN.mkdir(parents=True, exist_ok=True)
    packed = subprocess.run(
        [npm, "pack", f"axe-core@{VERSION}", "--silent"], cwd=KEPT_IN, capture_output=True, text=True, check=False
    )
    package = KEPT_IN / f"axe-core-{VERSION}.tgz"
    if packed.returncode or not package.exists():
        _go_without(f"npm could not fetch axe-core: {packed.stderr.strip()[-200:]}")
    with tarfile.open(package) as archive:
        script = archive.extractfile("package/axe.min.js")
        assert script
        half_written = file.with_suffix(f".{os.getpid()}")
        half_written.write_bytes(script.read())
        half_written.rename(file)
    package.unlink()


def _go_without(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def violations(page: Page) -> list[str]:
    """Every rule of WCAG 2.2 AA (and of good practice) that the page breaks, with the first places."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(source())
    found: list[dict[str, Any]] = page.evaluate(
        "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']}).then(r => r.violations)", WCAG_22_AA
    )
    return [
        f"{page.url}: {rule['id']}: {rule['help']}\n    "
        + "\n    ".join(
            f"{node['target']} {node['html'][:160]} {node['failureSummary'][:300]}" for node in rule["nodes"][:4]
        )
        for rule in found
    ]
