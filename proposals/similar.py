# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ideas that sound like the one that somebody is writing, so that people join forces instead of dividing them."""

import re
import unicodedata
from collections.abc import Iterable
from functools import reduce
from operator import or_

from django.db.models import Q

from .models import Cycle, Proposal

SHORTEST_WORD = 4  # shorter ones ("and", "for") say little about an idea
STEM = 5  # letters with which "tree", "trees" and "treetop" are looked for alike
LOOKED_AT, SHOWN = 200, 3
ALIKE = 0.3  # of 1: two titles that share a third of what they consist of


def similar_to(cycle: Cycle, title: str, summary: str = "", *, but: Proposal | None = None) -> list[Proposal]:
    """The few proposals of this cycle that are most like these words, the most alike first."""
    words = _words(f"{title} {summary}")
    if not words:
        return []
    typed = {word for word in re.findall(r"\w+", f"{title} {summary}".casefold()[:300]) if len(word) >= SHORTEST_WORD}
    stems = _stems(words | typed)  # with and without accents, as either may stand in a title
    share_a_word = reduce(or_, (Q(title__icontains=stem) | Q(summary__icontains=stem) for stem in sorted(stems)[:12]))
    found = Proposal.objects.public().filter(share_a_word, heading__cycle=cycle).exclude(state__in=GONE)
    if but is not None:
        found = found.exclude(pk=but.pk)
    asked = _pieces(title)
    likeness = {one: _likeness(asked, words, one) for one in found.for_cards()[:LOOKED_AT]}
    alike = [one for one, share in likeness.items() if share >= ALIKE]
    return sorted(alike, key=lambda one: (-likeness[one], one.title))[:SHOWN]


GONE = (Proposal.State.WITHDRAWN, Proposal.State.LAPSED, Proposal.State.MERGED, Proposal.State.SPLIT)


def _likeness(asked: set[str], words: set[str], other: Proposal) -> float:
    """How alike the titles look, or how many of the words come back: whichever says more."""
    theirs = _pieces(other.title)
    look = len(asked & theirs) / (len(asked | theirs) or 1)
    stems, their_stems = _stems(words), _stems(_words(f"{other.title} {other.summary}"))
    said = len(stems & their_stems) / (min(len(stems), len(their_stems)) or 1)
    return max(look, said if len(stems & their_stems) > 1 or len(stems) == 1 else said / 2)


def _stems(words: Iterable[str]) -> set[str]:
    return {word[:STEM] for word in words}


def _pieces(text: str) -> set[str]:
    """Three letters each, so that a slip of the finger changes little."""
    folded = f" {' '.join(_folded(text).split())} "
    return {folded[place : place + 3] for place in range(len(folded) - 2)}


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", _folded(text)) if len(word) >= SHORTEST_WORD}


def _folded(text: str) -> str:
    """Small letters without accents."""
    apart = unicodedata.normalize("NFKD", text[:300].casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))
