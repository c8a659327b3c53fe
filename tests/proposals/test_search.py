"""Finding an idea by its words: in both languages, with or without accents, by the beginning of a word or its stem."""

import pytest
from django.db import connection

from assemblies.models import Membership
from proposals.models import Cycle, Proposal
from proposals.models.search import folded, found_by
from tests.proposals.making import make_draft, make_proposal

WORDS = "Ärger ŁÓDŹ straße Øresund Þórr œuvre Ægir ñandú ﬁn ẞ İstanbul Ελλάδα Ёлка día"


def found(cycle: Cycle, typed: str) -> list[str]:
    return sorted(Proposal.objects.filter(found_by(typed), heading__cycle=cycle).values_list("title", flat=True))


@pytest.fixture
def three(ideas: Cycle, amina: Membership) -> Cycle:
    make_proposal(
        ideas,
        amina,
        "Árboles en la Plaza Mayor",
        language="es",
        summary="Más sombra.",
        text="Plantar veinte árboles jóvenes.",
    )
    make_proposal(ideas, amina, "Shade trees", language="en", summary="Cool streets.", text="Planting along the canal.")
    make_proposal(ideas, amina, "Łódź bridge", place="Straße 7", language="en", summary="A bridge.", text="To cross.")
    return ideas


@pytest.mark.parametrize(
    ("typed", "titles"),
    [
        ("arbol", ["Árboles en la Plaza Mayor"]),
        ("ÁRBOLES", ["Árboles en la Plaza Mayor"]),
        ("jovenes arboles", ["Árboles en la Plaza Mayor"]),
        ("joven", ["Árboles en la Plaza Mayor"]),
        ("plantando", ["Árboles en la Plaza Mayor", "Shade trees"]),  # the stem plant, in both languages
        ("tree", ["Shade trees"]),
        ("trees plant", ["Shade trees"]),
        ("plants canals", ["Shade trees"]),
        ("the canal", ["Shade trees"]),
        ("lodz", ["Łódź bridge"]),
        ("strasse", ["Łódź bridge"]),
        ("bri", ["Łódź bridge"]),
        ("tree bridge", []),
        ("'; -- & | ! :*", []),
        ("tree & !shade", ["Shade trees"]),  # signs mean nothing
    ],
)
def test_ideas_are_found(three: Cycle, typed: str, titles: list[str]) -> None:
    assert found(three, typed) == sorted(titles)


def test_the_reference_finds_its_one_idea(three: Cycle) -> None:
    bridge = Proposal.objects.get(title="Łódź bridge")
    assert found(three, f" {bridge.reference.lower()} ") == ["Łódź bridge"]


def test_new_words_are_found_and_old_ones_no_longer_however_they_were_written(ideas: Cycle, amina: Membership) -> None:
    proposal = make_draft(ideas, amina, "A fountain")
    Proposal.objects.filter(pk=proposal.pk).update(title="A well", text="Water.")
    assert (found(ideas, "fountain"), found(ideas, "well water")) == ([], ["A well"])
    Proposal.objects.bulk_create(
        [Proposal(heading=proposal.heading, author=amina, reference="RV-22222", title="In bulk")]
    )
    assert found(ideas, "bulk") == ["In bulk"]


def test_what_is_typed_is_folded_as_the_database_folds(db: None) -> None:
    with connection.cursor() as cursor:
        for word in WORDS.split():
            cursor.execute("SELECT proposals_folded(%s)", [word])
            assert cursor.fetchone() == (folded(word),), word
