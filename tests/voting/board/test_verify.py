"""The stand-alone verifier: what it finds, and that nothing gets past it."""

import hashlib
import io
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.voting.board.material import (
    OPENED,
    approvals,
    chained,
    definition,
    examples,
    material,
    named_receipt,
    rankings,
    story,
)
from voting.board import bundle, verify
from voting.board.publication import CountedBallot, Kind
from voting.models import receipt_code

Event = tuple[str, dict[str, Any]]
EXAMPLES = examples()
BUNDLES = {name: bundle.build(given) for name, given in EXAMPLES.items()}


def refusal(files: Mapping[str, bytes], **given: str) -> str:
    """The sentence with which these files are refused."""
    holds, said = verify.findings(lambda: files, **given)
    assert not holds
    return said[0]


def passes(given: Mapping[str, bytes] | bytes) -> bool:
    """Whether an archive or its files hold."""
    return verify.findings(lambda: verify.unpack(given) if isinstance(given, bytes) else given)[0]


def sealed_anew(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """What somebody gets who changes a file and corrects the manifest."""
    manifest = verify.parse(files["manifest.json"], "")
    for name in manifest["files"]:
        manifest["files"][name] = hashlib.sha256(files[name]).hexdigest()
    return {**files, "manifest.json": verify.canonical(manifest) + b"\n"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_published_holds(name):
    made = BUNDLES[name]
    holds, said = verify.findings(lambda: verify.unpack(made.archive), root=made.root.hex())
    assert holds, said
    assert "The root is the one that you gave." in said


def test_each_kind_of_publication_is_among_the_examples():
    assert {made.kind for made in BUNDLES.values()} == set(Kind)


@pytest.mark.parametrize("name", ["scrutineers", "weights"])
def test_scrutineers_get_every_ballot_under_the_root_that_everybody_sees(name):
    made = BUNDLES[name]
    assert made.full_archive
    assert made.full_root
    holds, said = verify.findings(lambda: verify.unpack(made.full_archive or b""), root=made.full_root.hex())
    assert holds, said
    assert any("Recounted by the engine" in sentence for sentence in said)
    public = verify.unpack(made.archive)
    assert made.full_root.hex() in public["totals.json"].decode()
    assert "ballots.json" not in public


def test_equal_polls_give_equal_bytes():
    assert bundle.build(examples()["full"]).archive == BUNDLES["full"].archive


def test_the_archive_opens_with_any_unzip():
    with zipfile.ZipFile(io.BytesIO(BUNDLES["full"].archive)) as archive:
        assert archive.testzip() is None
        assert "verify.py" in archive.namelist()


@pytest.mark.parametrize("name", ["full", "columns of money", "scrutineers"])
def test_it_runs_alone_in_the_folder_with_nothing_installed(name, tmp_path):
    files = verify.unpack(BUNDLES[name].archive)
    for file, content in files.items():
        (tmp_path / file).write_bytes(content)
    run = subprocess.run([sys.executable, "-I", "-S", "verify.py"], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "NOT CHECKED: the root." in run.stdout
    assert "by the engine" not in run.stdout
    (tmp_path / "results.json").write_bytes(files["results.json"].replace(b"votes", b"votez"))
    run = subprocess.run([sys.executable, "-I", "-S", "verify.py"], cwd=tmp_path, capture_output=True, text=True)
    assert (run.returncode, run.stdout) == (1, "FAILED: results.json was changed.\n")
    assert run.stderr == ""


# One byte.


def changed(files: Mapping[str, bytes], chance: random.Random) -> tuple[str, dict[str, bytes]]:
    """The files with one byte of one of them changed; each file as often as any other."""
    name = chance.choice(sorted(files))
    content = bytearray(files[name])
    content[chance.randrange(len(content))] ^= chance.randrange(1, 256)
    return name, {**files, name: bytes(content)}


def missed_changes(times: int, *, seed: int) -> list[str]:
    """The files in which a changed byte passed. An exception that leaves the verifier fails the test by itself."""
    chance = random.Random(seed)
    archives = [archive for made in BUNDLES.values() for archive in (made.archive, made.full_archive) if archive]
    unpacked = [verify.unpack(archive) for archive in archives]
    missed = []
    for turn in range(times):
        if turn % 4:
            name, files = changed(chance.choice(unpacked), chance)
            holds = passes(files)
        else:
            name, raw = "the archive", bytearray(chance.choice(archives))
            raw[chance.randrange(len(raw))] ^= chance.randrange(1, 256)
            holds = passes(bytes(raw))
        if holds:
            missed.append(name)
    return missed


def test_no_changed_byte_passes():
    assert missed_changes(2_000, seed=20260501) == []


def test_no_changed_byte_of_a_manifest_passes():
    """Nothing else vouches for the manifest, so each of its bytes is tried."""
    chance = random.Random(11)
    for made in BUNDLES.values():
        files = verify.unpack(made.archive)
        for place in range(len(files["manifest.json"])):
            content = bytearray(files["manifest.json"])
            content[place] ^= chance.randrange(1, 256)
            assert not passes({**files, "manifest.json": bytes(content)}), (made.kind, place)


@pytest.mark.faults
def test_no_changed_byte_passes_in_100_000():
    assert missed_changes(100_000, seed=4) == []


def test_without_the_manifest_changes_would_pass(monkeypatch):
    """The switch: the test above can fail."""

    def trusting(files: Mapping[str, bytes], root: str | None, said: list[str]) -> Any:
        return verify.parse(files["manifest.json"], "manifest.json")

    monkeypatch.setattr(verify, "check_manifest", trusting)
    missed = missed_changes(300, seed=1)
    assert {"README.txt", "verify.py"} <= set(missed)


def test_without_the_canonical_form_changes_would_pass(monkeypatch):
    """Another switch: big letters in a hash say the same and are not the same bytes."""
    files = verify.unpack(BUNDLES["full"].archive)
    spaced = {**files, "definition.json": files["definition.json"].replace(b'"rule":', b'"rule": ', 1)}
    assert "canonical" in refusal(sealed_anew(spaced))
    monkeypatch.setattr(verify, "parse", lambda raw, name: verify.json.loads(raw))
    assert verify.findings(lambda: sealed_anew(spaced))[0]


BOUND_BY_THE_LOG = ("definition.json", "log.jsonl", "receipts.txt", "results.json", "ballots.json")


def test_what_the_log_holds_cannot_be_changed_by_correcting_the_manifest():
    chance = random.Random(7)
    passed = []
    for _turn in range(600):
        archive = BUNDLES[chance.choice(["full", "named", "secret motion"])].archive
        files = verify.unpack(archive)
        name, broken = changed({name: files[name] for name in BOUND_BY_THE_LOG}, chance)
        if passes(sealed_anew({**files, **broken})):
            passed.append(name)
    assert passed == []


# More than a byte: somebody who makes everything anew.


def made_anew(given: bundle.Material, **fields: Any) -> bundle.Material:
    """The poll with other ballots or results, and a log that fits them."""
    parts = {name: getattr(given, name) for name in ("definition", "receipts", "ballots", "results")} | fields
    events = story(parts["definition"], parts["ballots"], sorted(parts["receipts"]), parts["results"])
    return bundle.Material(**parts, log=chained(parts["definition"]["poll"], events))


def test_a_full_rewrite_passes_alone_and_is_caught_by_the_root_in_the_minutes():
    other = bundle.build(material(definition(), approvals(("b", 12), ("c", 5)), seed=9))
    files = verify.unpack(other.archive)
    assert verify.findings(lambda: files)[0]
    assert "The root is not the one" in refusal(files, root=BUNDLES["full"].root.hex())


def test_a_ballot_that_breaks_the_limits_is_found():
    given = EXAMPLES["full"]
    narrow = made_anew(given, definition={**given.definition, "max_choices": 1})
    assert "too many options" in refusal(verify.unpack(bundle._packed(narrow, Kind.FULL)[1]))


def test_another_winner_is_found():
    given = EXAMPLES["columns"]
    loser = next(key for key in "abc" if key not in given.results[0]["winners"])
    forged = {**given.results[0], "winners": [loser]}
    del forged["sha256"]
    forged["sha256"] = hashlib.sha256(verify.canonical(forged)).hexdigest()
    forged_poll = made_anew(given, results=[forged])
    assert "others won" in refusal(verify.unpack(bundle.build(forged_poll).archive))


def test_a_ballot_left_out_is_found():
    given = EXAMPLES["full"]
    assert "not as many ballots" in refusal(
        verify.unpack(bundle._packed(made_anew(given, ballots=given.ballots[1:]), Kind.FULL)[1])
    )


def test_a_secret_poll_that_one_person_opened_is_found():
    given = EXAMPLES["secret motion"]
    events = story(dict(given.definition), given.ballots, sorted(given.receipts), given.results)
    alone = bundle.Material(
        definition=given.definition,
        log=chained(given.definition["poll"], events[1:]),
        receipts=given.receipts,
        ballots=given.ballots,
        results=given.results,
    )
    assert "Two people must agree to open" in refusal(verify.unpack(bundle.build(alone).archive))


def test_a_code_that_came_twice_is_said_aloud():
    given = EXAMPLES["full"]
    first, second, *others = given.ballots
    twice = [first, CountedBallot(second.choice, second.weight, second.channel, first.code), *others]
    holds, said = verify.findings(lambda: verify.unpack(bundle.build(made_anew(given, ballots=twice)).archive))
    assert holds
    assert any(first.code.hex() in sentence and "more than once" in sentence for sentence in said)


def closed_early(given: bundle.Material, *agreed: tuple[str, str]) -> dict[str, bytes]:
    """The files of a secret poll of which these people agreed at its close, each to a definition with this hash."""

    def change(events: list[Event]) -> list[Event]:
        kept = [event for event in events if event[1].get("action") != "close"]
        closed = next(place for place, (kind, _data) in enumerate(kept) if kind == "poll.closed")
        acts = [
            ("poll.approved", {"action": "close", "actor": actor, "definition_hash": fingerprint})
            for actor, fingerprint in agreed
        ]
        return [*kept[:closed], *acts, *kept[closed:]]

    return with_the_log(given, change)


def motion(**fields: Any) -> bundle.Material:
    defined = definition("yes_no", "majority", options=("yes", "no", "abstain"), secrecy=3, **fields)
    return material(defined, [{"options": ["yes"]}] * 6 + [{"options": ["no"]}] * 5)


def test_a_secret_poll_that_one_person_closed_before_its_time_is_found():
    for closes_at in (None, (OPENED + timedelta(hours=3)).isoformat()):
        given = motion(closes_at=closes_at)
        fingerprint = hashlib.sha256(verify.canonical(given.definition)).hexdigest()
        assert passes(closed_early(given, ("x", fingerprint), ("y", fingerprint)))
        for alone in [(), (("x", fingerprint),), (("x", fingerprint),) * 2, (("x", fingerprint), ("y", "0" * 64))]:
            assert "Two people must agree to close" in refusal(closed_early(given, *alone))


def test_a_secret_poll_that_its_announced_time_closed_needs_nobody():
    minutes_from_the_opening = 5  # of the log's first event to its close
    other_zone = timezone(timedelta(hours=2))
    for zone in (UTC, other_zone):
        closes_at = (OPENED + timedelta(minutes=minutes_from_the_opening)).astimezone(zone).isoformat()
        holds, said = verify.findings(lambda: closed_early(motion(closes_at=closes_at)))  # noqa: B023 -- called at once
        assert holds, said
        assert "Two people agreed to open and publish." in said
        assert not any("announced" in sentence for sentence in said)
    assert not passes(closed_early(motion(closes_at="2026-05-01T18:05:00")))  # no zone, no time


def test_a_poll_that_closed_at_another_time_than_announced_says_so():
    def said_of(secrecy: int, closes_at: str) -> list[str]:
        poll = material(definition(secrecy=secrecy, closes_at=closes_at), approvals(("ab", 6), ("c", 5)))
        holds, said = verify.findings(lambda: closed_early(poll))
        assert holds, said
        return [sentence for sentence in said if sentence.startswith("NOTE: voting was announced to end")]

    soon = (OPENED + timedelta(hours=3)).isoformat()
    in_time = (OPENED + timedelta(minutes=2)).isoformat()
    assert said_of(2, soon) == [
        "NOTE: voting was announced to end at 2026-05-01T21:00:00+00:00, and it ended at 2026-05-01T18:03:00+00:00."
    ]
    assert said_of(2, in_time) == said_of(1, soon) == []
    early = (OPENED - timedelta(hours=1)).isoformat()
    assert len(said_of(3, early)) == len(said_of(2, early)) == 1


def test_two_people_who_closed_a_secret_poll_early_are_enough():
    given = motion(closes_at=(OPENED + timedelta(hours=3)).isoformat())
    fingerprint = hashlib.sha256(verify.canonical(given.definition)).hexdigest()
    holds, said = verify.findings(lambda: closed_early(given, ("x", fingerprint), ("y", fingerprint)))
    assert holds, said
    assert "Two people agreed to open and close and publish." in said
    assert not any("announced" in sentence for sentence in said)


@pytest.mark.parametrize("name", ["totals", "scrutineers", "weights"])
def test_sums_of_more_or_fewer_ballots_than_receipts_are_found(name):
    given = EXAMPLES[name]
    files = verify.unpack(BUNDLES[name].archive)
    assert verify.parse(files["totals.json"], "totals.json")["papers"] == len(given.ballots)
    one_less = made_anew(given, receipts=given.receipts[1:])
    assert "not as many ballots as receipts" in refusal(verify.unpack(bundle.build(one_less).archive))


def with_the_log(given: bundle.Material, change: Callable[[list[Event]], list[Event]]) -> dict[str, bytes]:
    """The files of the poll with another log."""
    events = story(dict(given.definition), given.ballots, sorted(given.receipts), given.results)
    log = chained(given.definition["poll"], change(events))
    other = bundle.Material(given.definition, log, given.receipts, given.ballots, given.results)
    return verify.unpack(bundle.build(other).archive)


def with_entitled(number: int, *late: tuple[str, dict[str, Any]]) -> Callable[[list[Event]], list[Event]]:
    """The story of a poll for so many voters, to which others came while it was open."""

    def change(events: list[Event]) -> list[Event]:
        told = [(kind, {**data, "entitled": number} if kind == "poll.opened" else data) for kind, data in events]
        closed = next(place for place, (kind, _data) in enumerate(told) if kind == "poll.closed")
        return [*told[:closed], *late, *told[closed:]]

    return change


@pytest.mark.parametrize("name", ["full", "columns", "totals", "scrutineers", "named"])
def test_more_ballots_than_voters_are_found(name):
    given = EXAMPLES[name]
    there = len(given.ballots)
    late: Event = ("poll.late", {"lines": 1, "entitled": there})
    assert passes(with_the_log(given, with_entitled(there)))
    assert "More ballots than voters" in refusal(with_the_log(given, with_entitled(there - 1)))
    assert passes(with_the_log(given, with_entitled(there - 1, late)))
    assert "More ballots than voters" in refusal(
        with_the_log(given, with_entitled(there - 2, ("poll.late", {"lines": 1, "entitled": there - 1})))
    )
    too_late = with_the_log(given, lambda events: [*with_entitled(there)(events), late])
    assert "after voting had closed" in refusal(too_late)


def test_a_register_that_polls_share_and_late_comers_enter_is_not_compared():
    """Who came late to another of these polls is in the log of that one."""
    defined = definition(secrecy=3, votes_in_at_most=2, late_admission="admit")
    files = with_the_log(material(defined, approvals(("ab", 3), ("c", 1))), with_entitled(3))
    holds, said = verify.findings(lambda: files)
    assert holds, said
    assert any("NOT CHECKED: that there are no more ballots than voters" in sentence for sentence in said)


def with_removed(*removed: str | None, at: str = "poll.counted") -> Callable[[list[Event]], list[Event]]:
    """The story of a poll in which ballots with these receipts were taken out, before the event `at`."""

    def change(events: list[Event]) -> list[Event]:
        here = next(place for place, (kind, _data) in enumerate(events) if kind == at)
        acts: list[Event] = [("poll.removed", {"reason": "Moved away.", "receipt": receipt}) for receipt in removed]
        return [*events[:here], *acts, *events[here:]]

    return change


def with_one_more_receipt(given: bundle.Material) -> tuple[bundle.Material, str]:
    """The poll, at whose close one more ballot was in than were counted, and the receipt of that."""
    return replace(given, receipts=[*given.receipts, bytes(32)]), bytes(32).hex()


@pytest.mark.parametrize("name", ["full", "columns", "totals of two", "scrutineers", "named"])
def test_a_ballot_that_was_taken_out_after_the_close_is_told_and_everything_holds(name):
    two = material(definition(secrecy=2), approvals(("ab", 3), ("c", 1)))
    given, removed = with_one_more_receipt(EXAMPLES.get(name, two))
    holds, said = verify.findings(lambda: with_the_log(given, with_removed(removed, None)))
    assert holds, said
    assert f'NOTE: taken out after the close, and not counted: {removed}, because "Moved away."' in said
    for change in (with_removed(), with_removed(None), with_removed(given.receipts[0].hex(), removed)):
        assert not passes(with_the_log(given, change))


def test_a_removal_that_cannot_have_been_is_found():
    given, removed = with_one_more_receipt(EXAMPLES["full"])
    secret, of_secret = with_one_more_receipt(EXAMPLES["totals"])
    assert secret.definition["secrecy"] == 3
    for poll, change, sentence in [
        (given, with_removed("ab" * 32), "no receipt of the close"),
        (given, with_removed(removed, removed), "taken out twice"),
        (given, with_removed(removed, at="poll.closed"), "no receipt before the close"),
        (given, with_removed(removed, at="poll.keys_destroyed"), "after the count"),
        (secret, with_removed(of_secret), "In a secret poll"),
    ]:
        assert sentence in refusal(with_the_log(poll, change))


def test_who_asks_for_the_receipt_of_a_ballot_that_was_taken_out_hears_so():
    given, removed = with_one_more_receipt(EXAMPLES["full"])
    _holds, said = verify.findings(lambda: with_the_log(given, with_removed(removed)), receipt=removed)
    assert 'NOTE: this ballot was taken out after the close, and not counted, because "Moved away."' in said


def with_a_code_twice(given: bundle.Material, *places: int) -> list[CountedBallot]:
    """The poll's ballots, those in these places under one code."""
    code = given.ballots[places[0]].code
    return [replace(one, code=code) if place in places else one for place, one in enumerate(given.ballots)]


def test_in_columns_a_code_may_come_as_often_as_the_log_says_and_no_other_code():
    given = EXAMPLES["columns"]
    twice = made_anew(given, ballots=with_a_code_twice(given, 0, 1))
    holds, said = verify.findings(lambda: verify.unpack(bundle.build(twice).archive))
    assert holds, said
    assert any(given.ballots[0].code.hex() in sentence and "more than once" in sentence for sentence in said)
    silent = bundle.Material(twice.definition, given.log, twice.receipts, twice.ballots, twice.results)
    assert "repeats a code" in refusal(verify.unpack(bundle.build(silent).archive))
    another = made_anew(given, ballots=with_a_code_twice(given, 5, 6))
    other = bundle.Material(twice.definition, another.log, twice.receipts, twice.ballots, twice.results)
    assert "repeats a code" in refusal(verify.unpack(bundle.build(other).archive))


@pytest.mark.parametrize(("name", "places"), [("full", (0, 8)), ("columns", (0, 5)), ("columns of points", (0, 1))])
def test_who_asks_for_a_code_that_came_twice_hears_so(name, places):
    given = EXAMPLES[name]
    files = verify.unpack(bundle.build(made_anew(given, ballots=with_a_code_twice(given, *places))).archive)
    code = given.ballots[places[0]].code
    _holds, said = verify.findings(lambda: files, code=receipt_code(code))
    assert "NOTE: more than one ballot came under this code; all of them are told together." in said
    told = [sentence.removeprefix("Counted under your code: ") for sentence in said if "under your code" in sentence]
    expected = {
        "full": ['{"options":["a","b"]}', '{"options":["c"]}'],
        "columns": ['{"a":[1],"b":[1,1],"c":[1]}'],
        "columns of points": ['{"a":[3,3],"b":[1,2]}'],
    }
    assert told == expected[name]


# What a voter asks.


def test_a_voter_finds_the_receipt_however_it_is_typed():
    given, made = EXAMPLES["named"], BUNDLES["named"]
    mine = named_receipt(given.definition["poll"], given.ballots[3])
    files = verify.unpack(made.archive)
    code = receipt_code(mine)
    for typed in (code, code.lower().replace("-", " "), code.replace("0", "o"), mine.hex()):
        holds, said = verify.findings(lambda: files, receipt=typed)
        assert holds
        assert f"Your receipt is in the list: {mine.hex()}" in said
    assert "not in the list" in refusal(files, receipt="0000-0000-0000-0000")
    assert "16 letters" in refusal(files, receipt="0000")


def test_a_voter_finds_the_ballot_by_its_code_whole_or_in_columns():
    for name in ("full", "columns"):
        given, files = EXAMPLES[name], verify.unpack(BUNDLES[name].archive)
        mine = given.ballots[0]
        holds, said = verify.findings(lambda: files, code=receipt_code(mine.code))  # noqa: B023 -- called at once
        assert holds
        found = next(sentence for sentence in said if sentence.startswith("Counted under your code"))
        assert found.count('"a"') == found.count('"b"') == 1
        assert '"c"' not in found
    assert "no tracking codes" in refusal(verify.unpack(BUNDLES["totals"].archive), code="0000-0000-0000-0000")


def test_a_signature_is_not_checked_without_pynacl_and_that_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "nacl.signing", None)
    given, files = EXAMPLES["full"], verify.unpack(BUNDLES["full"].archive)
    holds, said = verify.findings(lambda: files, receipt=given.receipts[0].hex(), signature="00" * 64)
    assert holds
    assert any("NOT CHECKED: the signature" in sentence for sentence in said)


def test_a_wrong_signature_is_found():
    given, files = EXAMPLES["full"], verify.unpack(BUNDLES["full"].archive)
    assert "did not sign" in refusal(files, receipt=given.receipts[0].hex(), signature="00" * 64)


@pytest.mark.parametrize("words", [["--rot", "1"], ["-h"], ["--root"]])
def test_what_is_not_understood_is_no_pass(words, capsys):
    assert verify.main(words) == 2
    assert "--receipt" in capsys.readouterr().out


def test_rankings_are_published_as_pairs():
    made = bundle.build(material(definition("ranked", "irv"), rankings(("abc", 4), ("ba", 3), ("c", 5))))
    totals = verify.parse(verify.unpack(made.archive)["totals.json"], "totals.json")
    assert totals["pairs"]["a"] == {"b": 4, "c": 7}
    assert totals["pairs"]["c"] == {"a": 5, "b": 5}
    assert Path(verify.__file__).read_bytes() == verify.unpack(made.archive)["verify.py"]
