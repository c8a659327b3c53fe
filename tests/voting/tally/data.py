"""Real elections beside the project; absent in a user's own clone, and then their tests are skipped with one sentence."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from voting.tally import Election
from voting.tally.files import read_election

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "data"
PRESENT = (FOLDER / "cases.json").exists()


def need_data() -> Path:
    """The folder of real elections, or a skipped test; with CI=true its absence is a failure."""
    if not PRESENT:
        if os.environ.get("CI") == "true":
            pytest.fail(f"the real elections are missing: {FOLDER}")
        pytest.skip(f"the real elections are not beside this checkout ({FOLDER})")
    return FOLDER


def names(folder: str) -> list[str]:
    return sorted(path.name for path in (FOLDER / folder).iterdir()) if PRESENT else ["absent"]


@cache
def election(path: str, *, lenient: bool = True, withdrawn_by_cost: bool = False) -> Election:
    return read_election(need_data() / path, lenient=lenient, withdrawn_by_cost=withdrawn_by_cost)


@cache
def expected(path: str) -> dict[str, Any]:
    folder, name = path.split("/")
    result: dict[str, Any] = json.loads(
        (need_data() / f"expected_{folder}" / (name.rsplit(".", 1)[0] + ".json")).read_text()
    )
    return result


@cache
def cases() -> list[dict[str, Any]]:
    return json.loads((FOLDER / "cases.json").read_text()) if PRESENT else []
