"""What the tests of the verifier share: published files of every kind, and ways to tamper with them."""

import hashlib
from collections.abc import Mapping
from typing import Any

from tests.voting.board.material import chained, examples, story
from voting.board import bundle, verify

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


def made_anew(given: bundle.Material, **fields: Any) -> bundle.Material:
    """The poll with other ballots or results, and a log that fits them."""
    parts = {name: getattr(given, name) for name in ("definition", "receipts", "ballots", "results")} | fields
    events = story(parts["definition"], parts["ballots"], sorted(parts["receipts"]), parts["results"])
    return bundle.Material(**parts, log=chained(parts["definition"]["poll"], events))
