# SPDX-License-Identifier: AGPL-3.0-or-later
"""The sign that stands beside a project, by what it is about."""

from proposals.models import Category

SIGNS = {
    Category.STREETS: "road",
    Category.GREEN: "tree",
    Category.WHEELS: "bike",
    Category.PLAY: "swing",
    Category.LEARNING: "school",
    Category.CULTURE: "art",
    Category.SPORT: "sport",
    Category.CARE: "health",
    Category.MEETING: "people",
    Category.OTHER: "star",
}
# Words of imported files, in the order in which they are tried.
WORDS = [
    ("sport", "sport"), ("recreat", "swing"), ("park", "tree"), ("green", "tree"), ("nature", "leaf"), ("environ", "leaf"),
    ("road", "road"), ("transit", "road"), ("transport", "bus"), ("street", "road"), ("cycl", "bike"), ("cultur", "art"),
    ("art", "art"), ("educat", "school"), ("school", "school"), ("health", "health"), ("welfare", "health"),
    ("public space", "bench"), ("water", "water"), ("groen", "tree"), ("verte", "tree"),
]  # fmt: skip


def sign_of(category: str) -> str:
    """The name of the sign: exact for our own topics, by the first word that fits for imported ones."""
    if category in Category.values:
        return SIGNS[Category(category)]
    words = category.lower()
    return next((sign for part, sign in WORDS if part in words), "star")
