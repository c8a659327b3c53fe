# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the public board of a poll shows. Nothing of a result, a ballot or a column is read here before publication.

The hashes of the count are under embargo as well: whoever knows how many voted could try every outcome until one of
them has that hash. So the log ends before the count until the result is published.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

import ledger
from voting import results
from voting.models import ClosedBox, Option, Poll, PollState, Publication

from . import verify
from .publication import Kind

AT_THE_COUNT = "poll.counted"
COMMAND = "python3 verify.py"  # no word of any language


@dataclass(frozen=True)
class Entry:
    """One line of the log. `hash` is empty where it could tell something before its time."""

    seq: int
    at: datetime
    sentence: str
    hash: str = ""
    root: str = ""


@dataclass(frozen=True)
class Found:
    """What a code led to: `receipt` in full where it is one, `choices` where it is a tracking code of counted ballots.

    That is one ballot, unless the code `came_twice`: then `choices` are those of all of them, in columns tick by tick.
    """

    receipt: str = ""
    choices: Sequence[Mapping[str, Any]] = ()
    came_twice: bool = False


def entries(poll: Poll) -> list[Entry]:
    """What happened to the poll, first to last, as much as may be told now."""
    shown = []
    may_tell_all = results.are_visible(poll)
    for event in ledger.events(poll.pk):
        body = json.loads(event.body)
        at = datetime.fromisoformat(body["at"])
        if body["kind"] == AT_THE_COUNT and not may_tell_all:
            shown.append(
                Entry(seq=event.seq, at=at, sentence=_("The ballots are counted. The result is not shown yet."))
            )
            break
        root = str(body["data"].get("root") or body["data"].get("bundle_root") or "")
        sentence = sentence_of(body["kind"], body["data"])
        shown.append(Entry(seq=event.seq, at=at, sentence=sentence, hash=bytes(event.hash).hex(), root=root))
    return shown


def log(poll: Poll) -> bytes:
    """The log as a file, line for line as in the published archive; it ends before the count until then."""
    lines = []
    for event in ledger.events(poll.pk):
        if event.kind == AT_THE_COUNT and not results.are_visible(poll):
            break
        lines.append(verify.canonical({"body": event.body, "hash": bytes(event.hash).hex(), "seq": event.seq}) + b"\n")
    return b"".join(lines)


def sentence_of(kind: str, data: Mapping[str, Any]) -> str:
    """What happened, for people."""
    ballots = int(data.get("ballots") or 0)
    sentences = {
        "poll.opened": lambda: _("Voting opened. The question and the register of voters were fixed."),
        "poll.checkpoint": lambda: (
            ngettext("Checkpoint: %(count)d ballot is in.", "Checkpoint: %(count)d ballots are in.", ballots)
            % {"count": ballots}
        ),
        "poll.closed": lambda: (
            ngettext("Voting closed with %(count)d ballot.", "Voting closed with %(count)d ballots.", ballots)
            % {"count": ballots}
        ),
        "poll.counted": lambda: _("The ballots were counted."),
        "poll.keys_destroyed": lambda: _("The keys of the ballot box were destroyed."),
        "poll.published": lambda: _("The result was published."),
        "poll.voided": lambda: _("The vote was declared void."),
        "poll.removed": lambda: _("A ballot was taken out, with a public reason."),
        "poll.late": lambda: _("Late arrivals were added to the register of voters."),
        "poll.approved": lambda: APPROVALS.get(str(data.get("action")), lambda: _("One person agreed."))(),
        "poll.key_entered": lambda: _("A trustee entered the first of the two keys that open the box."),
        "poll.scrutineer_named": lambda: _("A scrutineer was named."),
        "poll.scrutineer_dropped": lambda: _("A scrutineer was taken off the list."),
        "poll.scrutineer_signed": lambda: (
            _("A scrutineer signed: the count agrees.")
            if data.get("agrees")
            else _("A scrutineer signed: the count does not agree.")
        ),
    }
    return sentences[kind]() if kind in sentences else kind


APPROVALS = {
    "open": lambda: _("One of two people agreed to open the vote."),
    "close": lambda: _("One of two people agreed to close the vote early."),
    "publish": lambda: _("One of two people agreed to publish the result."),
    "void": lambda: _("One of two people agreed to declare the vote void."),
}


def publication_of(poll: Poll) -> Publication | None:
    """The published files; None before, and for a poll that was closed before receipts were kept."""
    if not results.are_visible(poll):
        return None
    return Publication.objects.defer("archive", "full_archive").filter(poll=poll).first()


def root_words(poll: Poll) -> str:
    """The check number of the published files, for minutes, mails and walls: empty while there are none."""
    return poll.check_number if results.are_visible(poll) else ""


def receipts_of(poll: Poll) -> ClosedBox | None:
    """The receipts that were in at the close; None while the poll is open."""
    return None if poll.state == PollState.OPEN else ClosedBox.objects.filter(poll=poll).first()


def find(poll: Poll, typed: str) -> Found | None:
    """What this code is: a receipt that was in at the close, or after publication the code of a counted ballot.

    None where it is neither. Raises verify.Refused where it is no code at all.
    """
    box = receipts_of(poll)
    receipts = [digest.hex() for digest in box.digests] if box else []
    matching = verify.receipts_like(typed, receipts)
    if matching:
        return Found(receipt=matching[0])
    publication = publication_of(poll)
    if publication is None or publication.kind not in (Kind.FULL, Kind.COLUMNS):
        return None
    archive = Publication.objects.values_list("archive", flat=True).get(poll=poll)
    name = verify.BALLOTS_IN[publication.kind]
    given = json.loads(verify.unpack(bytes(archive))[name])
    code = verify.meant_by(typed)
    came_twice = code.hex() in _repeated_codes(poll)
    choices = _choices_under(code, publication.kind, given, apart=came_twice)
    return Found(choices=choices, came_twice=came_twice) if choices else None


def _choices_under(code: bytes, kind: str, given: Mapping[str, Any], *, apart: bool) -> list[Mapping[str, Any]]:
    """What was counted under this code; in columns each tick is `apart` where nobody can tell whose it is."""
    if kind == Kind.FULL:
        return [ballot["choice"] for ballot in given["ballots"] if ballot["code"] == code.hex()]
    ticks = verify.ticks_under(code, given["columns"])
    if apart:
        return [{"points": {option: tick}} for option, points in ticks.items() for tick in points]
    return [{"points": {option: points[0] for option, points in ticks.items()}}] if ticks else []


def _repeated_codes(poll: Poll) -> list[str]:
    """The tracking codes that more than one ballot bore, as the log tells them."""
    for event in ledger.events(poll.pk).order_by("-seq"):
        if event.kind == AT_THE_COUNT:
            return list(event.data.get("repeated_codes", []))
    return []


def choice_in_words(poll: Poll, choice: Mapping[str, Any]) -> list[str]:
    """What a ballot says, option by option, in the words of the paper; one line that says so for a blank one."""
    titles: dict[str, Option] = {option.key: option for option in poll.options.all()}
    if "ranking" in choice:
        places = [place if isinstance(place, list) else [place] for place in choice["ranking"]]
        return [f"{n}. {', '.join(titles[key].shown_title for key in place)}" for n, place in enumerate(places, 1)]
    if "points" in choice:
        if poll.ballot_type in ("points", "score"):
            return [f"{titles[key].shown_title}: {points}" for key, points in choice["points"].items()]
        return [titles[key].shown_title for key in choice["points"]]
    lines = [titles[key].shown_title for key in choice.get("options", ())]
    if "reason" in choice:
        lines.append(f"“{choice['reason']}”")
    return lines or [_("Blank ballot")]
