# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which files an agenda item may carry: PDF files and pictures. What a file is its first bytes say, not its name."""

import re
from dataclasses import dataclass

LARGEST = 10 * 1024 * 1024
LONGEST_NAME = 120
PDF, PNG, JPEG, WEBP, GIF = "application/pdf", "image/png", "image/jpeg", "image/webp", "image/gif"
ENDINGS = {PDF: ".pdf", PNG: ".png", JPEG: ".jpg", WEBP: ".webp", GIF: ".gif"}
ACCEPTED = ",".join(ENDINGS)  # for the file picker


@dataclass(frozen=True)
class File:
    """A file that may be kept, under a name that no system stumbles over."""

    name: str
    content_type: str
    content: bytes


def kind_of(start: bytes) -> str:
    """The type of a file that begins like this; empty for everything that we do not take."""
    if start.startswith(b"%PDF-"):
        return PDF
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if start.startswith(b"\xff\xd8\xff"):
        return JPEG
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return WEBP
    return GIF if start[:6] in (b"GIF87a", b"GIF89a") else ""


def read(name: str, content: bytes) -> File | None:
    """The file as it is kept, or None where we do not take files of its kind."""
    content_type = kind_of(content[:16])
    return File(plain_name(name, content_type), content_type, content) if content_type else None


def plain_name(name: str, content_type: str) -> str:
    """Letters, figures, dots and dashes of the name, ending as its kind does.

    >>> plain_name("../Plan für den Platz.PDF.exe", PDF)
    'Plan-für-den-Platz.PDF.pdf'
    """
    base = name.replace("\\", "/").rpartition("/")[2]
    words = re.sub(r"[^\w.-]+", "-", base.rpartition(".")[0] or base).strip("-._")
    ending = ENDINGS[content_type]
    return (words or "document")[: LONGEST_NAME - len(ending)] + ending
