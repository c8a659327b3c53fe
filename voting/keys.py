# SPDX-License-Identifier: AGPL-3.0-or-later
"""Keys of ballot boxes. They live in files outside the database and its backups, and go after the count.

`<poll>.link` finds a voter's slot; `<poll>.box` opens envelopes; `receipts` signs receipts of all polls.
The folder, settings.KEYS_DIR, belongs on a volume of its own that no backup copies.
"""

import os
import secrets
from functools import cache
from pathlib import Path
from uuid import UUID

from django.conf import settings
from nacl.public import PrivateKey
from nacl.signing import SigningKey

LINK, BOX = "link", "box"


class KeyGone(Exception):
    """The key was destroyed after the count, or its file cannot be found."""


def make_for(poll: UUID) -> bytes:
    """Fresh keys of a poll are on the disk for good; answers the public key with which envelopes are sealed."""
    box = PrivateKey.generate()
    make_link(poll)
    _write(_path(poll, BOX), bytes(box))
    return bytes(box.public_key)


def make_link(poll: UUID) -> None:
    """A fresh key that finds voters' slots is on the disk; who opens the envelopes is another matter."""
    _write(_path(poll, LINK), secrets.token_bytes(32))


def read(poll: UUID, kind: str) -> bytes:
    """A key of 32 bytes; raises KeyGone."""
    try:
        return _path(poll, kind).read_bytes()
    except FileNotFoundError as missing:
        raise KeyGone(f"The {kind} key of poll {poll} is gone.") from missing


def destroy(poll: UUID, *kinds: str) -> None:
    """These keys of the poll are overwritten and gone; doing it again does no harm.

    On flash disks and in snapshots old bytes may survive: keep the folder in memory or on an encrypted volume.
    """
    for path in (_path(poll, kind) for kind in kinds):
        if not path.exists():
            continue
        with path.open("r+b") as file:
            file.write(secrets.token_bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    _sync_folder()


def receipt_signer() -> SigningKey:
    """The key with which this installation signs receipts, made when it is first needed."""
    return _receipt_signer(Path(settings.KEYS_DIR))


@cache
def _receipt_signer(folder: Path) -> SigningKey:
    """Read once by each process; unlike the keys of a poll it stays for good."""
    path = _folder() / "receipts"
    if not path.exists():
        _write(path, bytes(SigningKey.generate()), replace=False)
    return SigningKey(path.read_bytes())


def keyed_hash_key(name: str) -> bytes:
    """A lasting key of this installation for a keyed hash with this name, made when it is first needed."""
    path = _folder() / name
    if not path.exists():
        _write(path, secrets.token_bytes(32), replace=False)
    return path.read_bytes()


def _folder() -> Path:
    folder = Path(settings.KEYS_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _path(poll: UUID, kind: str) -> Path:
    return _folder() / f"{poll}.{kind}"


def _write(path: Path, secret: bytes, *, replace: bool = True) -> None:
    """The secret is under this name and survives a power cut, readable by its owner only."""
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    if replace:
        unfinished.replace(path)
    else:
        try:
            os.link(unfinished, path)  # another process may have been quicker, and its key counts
        except FileExistsError:
            pass
        finally:
            unfinished.unlink()
    _sync_folder()


def _sync_folder() -> None:
    handle = os.open(_folder(), os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
