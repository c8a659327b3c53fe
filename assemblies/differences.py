# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a new wording of a text changes, word by word, and nothing lost: the pieces put together are exactly both texts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME = "same"
OUT = "out"
IN = "in"

PARAGRAPHS = re.compile(r"[^\n]*\n|[^\n]+")
WORDS = re.compile(
    r"\s+|\w+(?:[.,:]\d+)*|[^\w\s]"
)  # 23:00 and 4,000 are one word each; every character is in one of them
LONGEST = 4000  # words in a changed passage that are compared one by one; a longer one is out and in as a whole


@dataclass(frozen=True)
class Piece:
    """Words that stay, go out or come in."""

    kind: str
    words: str


def differences(old: str, new: str) -> list[Piece]:
    """What becomes of the old text on the way to the new one. Paragraphs are matched first, then the words inside.

    >>> [(piece.kind, piece.words) for piece in differences("We plant ten trees.", "We plant twelve trees.")]
    [('same', 'We plant '), ('out', 'ten'), ('in', 'twelve'), ('same', ' trees.')]
    """
    before, after = PARAGRAPHS.findall(old), PARAGRAPHS.findall(new)
    pieces: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, before, after).get_opcodes():
        out, into = "".join(before[i:j]), "".join(after[k:m])
        pieces += [Piece(SAME, out)] if tag == "equal" else _words(out, into)
    return _joined(pieces)


def _words(out: str, into: str) -> list[Piece]:
    before, after = WORDS.findall(out), WORDS.findall(into)
    whole = [Piece(OUT, out), Piece(IN, into)]
    if len(before) > LONGEST or len(after) > LONGEST:
        return whole
    matcher = SequenceMatcher(str.isspace, before, after)
    pieces: list[Piece] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        gone, come = "".join(before[i:j]), "".join(after[k:m])
        pieces += [Piece(SAME, gone)] if tag == "equal" else [Piece(OUT, gone), Piece(IN, come)]
    kept = sum(len(piece.words) for piece in pieces if piece.kind == SAME)
    # Where next to nothing stays, two whole passages read better than confetti.
    return pieces if 4 * kept >= min(len(out), len(into)) else whole


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Each change as one piece out and one in: a mere space between two changes belongs to both."""
    joined: list[Piece] = []
    out = into = ""
    for place, piece in enumerate(pieces):
        is_last = place == len(pieces) - 1
        if piece.kind == OUT:
            out += piece.words
        elif piece.kind == IN:
            into += piece.words
        elif (out or into) and not is_last and piece.words.isspace() and "\n" not in piece.words:
            out, into = out + piece.words, into + piece.words
        else:
            joined += _change(out, into)
            out = into = ""
            if joined and joined[-1].kind == SAME:
                joined[-1] = Piece(SAME, joined[-1].words + piece.words)
            else:
                joined += _some(SAME, piece.words)
    return joined + _change(out, into)


def _change(out: str, into: str) -> list[Piece]:
    return [*_some(OUT, out), *_some(IN, into)]


def _some(kind: str, words: str) -> list[Piece]:
    return [Piece(kind, words)] if words else []
