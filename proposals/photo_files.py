# SPDX-License-Identifier: AGPL-3.0-or-later
"""What somebody sends as a photo, and what is kept of it: a picture that was made anew, or a sentence why not."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore

from django.utils.translation import gettext as _

from .refusals import CycleRefused

LARGEST = 12 * 1024 * 1024  # bytes
ACCEPTED = "image/jpeg,image/png,image/webp"  # for the file picker
MAKER = Path(__file__).with_name("photo_maker.py")
PATIENCE = 30  # seconds
_at_once = BoundedSemaphore(2)  # pictures in the making, so that a crowd of them leaves room for everything else


@dataclass(frozen=True)
class Picture:
    """A picture as it is kept: JPEG, upright, without a word about who took it where."""

    content: bytes
    small: bytes
    width: int
    height: int


def make_picture(sent: bytes) -> Picture:
    """The picture made anew from what was sent. What it is its bytes say, not its name; refused when it is none."""
    if len(sent) > LARGEST:
        raise CycleRefused(too_large())
    if not looks_like_a_picture(sent[:16]):
        raise CycleRefused(_reasons()["kind"])
    with _at_once:
        try:
            made = subprocess.run(  # noqa: S603 -- our own file
                [sys.executable, str(MAKER)], input=sent, capture_output=True, timeout=PATIENCE, check=True
            ).stdout
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            raise CycleRefused(_reasons()["broken"]) from error
    first_line, _newline, pictures = made.partition(b"\n")
    said = json.loads(first_line)
    if "refused" in said:
        raise CycleRefused(_reasons()[said["refused"]])
    large = said["large"]
    return Picture(pictures[:large], pictures[large : large + said["small"]], said["width"], said["height"])


def looks_like_a_picture(start: bytes) -> bool:
    """Whether a file that begins like this is of a kind that we take: JPEG, PNG or WebP."""
    return start.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (
        start[:4] == b"RIFF" and start[8:12] == b"WEBP"
    )


def too_large() -> str:
    return _("This file is too large. Take a photo of at most %(n)d megabytes.") % {"n": LARGEST // 1024**2}


def _reasons() -> dict[str, str]:
    return {
        "kind": _("This file is no photo that we can take. Choose a JPEG, PNG or WebP picture."),
        "pixels": _("This picture is too large: it has more than 60 million points. Choose a smaller one."),
        "broken": _("This picture cannot be read. It may be broken, or it did not come whole. Choose another one."),
    }
