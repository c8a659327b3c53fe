"""The stand-alone verifier: what it finds, and that nothing gets past it."""

import hashlib
import io
import random
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.voting.board.checking import BUNDLES, EXAMPLES, made_anew, passes, refusal, sealed_anew
from tests.voting.board.material import (
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
