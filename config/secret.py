# SPDX-License-Identifier: AGPL-3.0-or-later
"""Secrets that an installation makes for itself, such as the signing key where none is set as SECRET_KEY."""

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path


def new_key() -> str:
    return secrets.token_urlsafe(50)


def read_or_make_secret(path: Path, make: Callable[[], str] = new_key) -> str:
    """The secret kept in this file, made on the first start and readable by its owner only."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(make())
        with contextlib.suppress(FileExistsError):  # another process was quicker, and its secret counts
            os.link(unfinished, path)
        unfinished.unlink()
    return path.read_text()
