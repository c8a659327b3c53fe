# SPDX-License-Identifier: AGPL-3.0-or-later
"""The words by which a proposal is found: without accents, in small letters, by their stems in the site's languages.

PostgreSQL folds and stems them itself, in a trigger, so that no way of writing a proposal can forget it. Its extension
`unaccent` is not used: the embedded server does not have it, and installing it needs more rights than ours.
"""

import re
import unicodedata

import pgtrigger
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db import models
from django.db.models import Q

from .proposals import REFERENCE_LETTERS, Proposal

STEMMED = {"en": "english", "es": "spanish"}  # PostgreSQL's name for the language; others are found by whole words
MOST_WORDS = 12  # of what somebody types
# What is one letter with a stroke, and what is written as two. The function of the migration says the same.
SINGLE = str.maketrans("łøđħŧıð", "lodhtid")
DOUBLE = {"ß": "ss", "æ": "ae", "œ": "oe", "þ": "th"}
REFERENCE = re.compile(rf"[A-Z]{{2}}-[{REFERENCE_LETTERS}]{{5}}", re.IGNORECASE)


class SearchText(models.Model):
    """What one proposal is found by: the title counts most, then the place, the sentence and the text."""

    proposal = models.OneToOneField(
        Proposal, on_delete=models.CASCADE, primary_key=True, related_name="search_text", editable=False
    )
    words = SearchVectorField(editable=False)

    class Meta:
        indexes = [GinIndex(fields=["words"], name="proposals_searchtext_words")]

    def __str__(self) -> str:
        return str(self.proposal_id)


pgtrigger.register(
    pgtrigger.Trigger(
        name="is_found_by_its_words",
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("title", "summary", "text", "place", "language"),
        when=pgtrigger.After,
        func="""
            INSERT INTO proposals_searchtext (proposal_id, words)
            VALUES (NEW.id, proposals_search_words(NEW.title, NEW.place, NEW.summary, NEW.text, NEW.language))
            ON CONFLICT (proposal_id) DO UPDATE SET words = EXCLUDED.words;
            RETURN NULL;
        """,
    )
)(Proposal)


def folded(text: str) -> str:
    """Small letters without accents, as the words of proposals are kept."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    plain = plain.lower().translate(SINGLE)
    for letter, letters in DOUBLE.items():
        plain = plain.replace(letter, letters)
    return plain


def search_query(typed: str) -> SearchQuery | None:
    """Every word must be there, as it begins or by its stem; None where no word was typed."""
    words = re.findall(r"[^\W_]+", folded(typed))[:MOST_WORDS]
    whole = None
    for word in words:
        either = SearchQuery(f"{word}:*", config="simple", search_type="raw")
        for language in STEMMED.values():
            either |= SearchQuery(word, config=language, search_type="raw")
        whole = either if whole is None else whole & either
    return whole


def found_by(typed: str) -> Q:
    """The proposals that somebody who types this looks for: one by its reference, or all with these words."""
    if REFERENCE.fullmatch(typed.strip()):
        return Q(reference=typed.strip().upper())
    query = search_query(typed)
    return Q(pk__in=[]) if query is None else Q(search_text__words=query)
