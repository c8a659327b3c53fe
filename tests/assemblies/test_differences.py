"""What a new wording changes, word by word, and nothing lost."""

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from assemblies.differences import IN, OUT, Piece, differences


def old_text(pieces: list[Piece]) -> str:
    """The text before: what stays and what goes out."""
    return "".join(piece.words for piece in pieces if piece.kind != IN)


def new_text(pieces: list[Piece]) -> str:
    """The text after: what stays and what comes in."""
    return "".join(piece.words for piece in pieces if piece.kind != OUT)


def told(old: str, new: str) -> str:
    marks = {"same": "%s", "out": "[-%s]", "in": "[+%s]"}
    return "".join(marks[piece.kind] % piece.words for piece in differences(old, new))


def test_one_word_is_replaced_by_another() -> None:
    assert told("We plant ten trees.", "We plant twelve trees.") == "We plant [-ten][+twelve] trees."
    assert told("We plant trees.", "We plant old trees.") in ("We plant[+ old] trees.", "We plant [+old ]trees.")
    assert told("We plant trees, and hedges.", "We plant trees.") == "We plant trees[-, and hedges]."


def test_words_in_a_row_are_one_change() -> None:
    assert told("Buy a red bike now.", "Buy a green cart now.") == "Buy a [-red bike][+green cart] now."


def test_the_same_text_is_one_piece_and_nothing_is_none() -> None:
    assert differences("One.\n\nTwo.", "One.\n\nTwo.") == [Piece("same", "One.\n\nTwo.")]
    assert differences("", "") == []
    assert differences("", "New.") == [Piece("in", "New.")]
    assert differences("Old.", "") == [Piece("out", "Old.")]


def test_paragraphs_are_matched_before_words() -> None:
    old = "The garden opens at eight.\n\nThe yard is closed at night.\n"
    new = "Dogs are welcome.\n\nThe garden opens at nine.\n\nThe yard is closed at night.\n"
    pieces = differences(old, new)
    assert pieces[-1].kind == "same"
    assert pieces[-1].words.endswith("The yard is closed at night.\n")
    assert Piece("out", "eight") in pieces
    assert told("A.\n\nB.\n\nC.\n", "A.\n\nC.\n") in ("A.\n\n[-B.\n\n]C.\n", "A.\n[-\nB.\n]\nC.\n")


def test_where_next_to_nothing_stays_the_passages_stay_whole() -> None:
    assert told("Buy the blue boat today!", "Nobody sells it.") == "[-Buy the blue boat today!][+Nobody sells it.]"


def test_marks_of_html_are_words_like_others() -> None:
    assert told("a <b> c", "a <i> c") == "a <[-b][+i]> c"


def test_a_long_text_of_one_word_does_not_take_for_ever() -> None:
    old, new = "yes " * 5000, "no yes " * 2500
    pieces = differences(old, new)
    assert (old_text(pieces), new_text(pieces)) == (old, new)
    old, new = "yes no " * 900, "no yes maybe " * 600
    pieces = differences(old, new)
    assert (old_text(pieces), new_text(pieces)) == (old, new)


TEXTS = st.text() | st.lists(st.sampled_from(["a", "b", "tree", ",", " ", "  ", "\n", "\r\n", "\n\n", "é", "<b>"])).map(
    "".join
)


@given(TEXTS, TEXTS)
@example("a\x0bb\x1c", "a\x85b\u2028c")
def test_both_texts_are_exactly_in_the_pieces(old: str, new: str) -> None:
    pieces = differences(old, new)
    assert old_text(pieces) == old
    assert new_text(pieces) == new
    assert all(piece.words for piece in pieces)
    kinds = [piece.kind for piece in pieces]
    assert all(one != other for one, other in pairwise(kinds))
    assert (kinds in ([], ["same"])) == (old == new)
