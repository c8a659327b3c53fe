# SPDX-License-Identifier: AGPL-3.0-or-later
"""Any election file by its ending."""

from __future__ import annotations

from pathlib import Path

from voting.tally import blt, pb, preflib, scot_elex
from voting.tally.errors import InputError
from voting.tally.types import Election

PREFLIB = (".soi", ".soc", ".toi", ".toc")
ENDINGS = (".pb", ".blt", *PREFLIB, ".csv")


def read_election(
    path: str | Path, *, lenient: bool = False, withdrawn_by_cost: bool = True, skips: int | None = None
) -> Election:
    """Read an election from a `.pb`, `.blt`, PrefLib or scot-elex file.

    Pabulib writes a cost of 999999999 for a project that was withdrawn. A reader of the API flags it so, and it stops
    nothing; the command takes a file at its word unless it is called with `--withdrawn-by-cost`, because its contract is
    to count what the file says.
    """
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise InputError(f"cannot tell what {path.name} is; known endings are {' '.join(ENDINGS)}")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from None
    except ValueError:
        raise InputError("the name of the file holds a zero byte") from None
    return parse_election(data, ending=ending, lenient=lenient, withdrawn_by_cost=withdrawn_by_cost, skips=skips)


def parse_election(
    data: bytes, *, ending: str, lenient: bool = False, withdrawn_by_cost: bool = True, skips: int | None = None
) -> Election:
    """Parse a file's content by its ending."""
    if skips is not None and ending != ".blt":
        raise InputError("only .blt files tell skipped ranks")
    if skips is not None and skips < 1:
        raise InputError("at least one skipped rank ends a ballot")
    if ending == ".pb":
        return pb.parse(data).election(lenient=lenient, withdrawn_by_cost=withdrawn_by_cost)
    if ending == ".blt":
        return blt.parse(data, lenient=lenient, skips=skips)
    if ending in PREFLIB:
        return preflib.parse(data, lenient=lenient)
    return scot_elex.parse(data, lenient=lenient)
