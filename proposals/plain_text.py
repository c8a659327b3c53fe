# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people type, without the invisible signs that would make other people read it wrongly."""

import re

# Signs that turn the direction of what follows, and control characters other than the end of a line and a tab.
# Letters of every script stay, and so do the marks beside single letters that Arabic, Hebrew or Persian need.
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
BLANK = " \t\r\n\u00a0\u200b\u200c\u200d\u2060\u200e\u200f"


def plain(text: str) -> str:
    """The text as it may stand on a page: lines end in one way, and nothing invisible stands at its ends.

    >>> plain("a bench" + chr(0x202E) + "hcneb" + chr(13) + chr(10) + "here" + chr(0x200B))
    'a benchhcneb\\nhere'
    """
    return TURNING.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip(BLANK)


def shorten(text: str, most: int) -> str:
    """The beginning of the text in at most so many letters; three dots stand for the rest.

    >>> shorten("a bench by the water", 9)
    'a bench…'
    """
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
