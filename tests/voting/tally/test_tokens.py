"""Names, cells and numbers found by whole-array steps, each edge by hand."""

from __future__ import annotations

import numpy as np
import pytest

from voting.tally import tokens
from voting.tally.tokens import EMPTY, UNKNOWN, PlainTable, whole_numbers


def table(body: bytes, width: int = 1, first_line: int = 5) -> PlainTable:
    made = PlainTable.of(body, width=width, first_line=first_line)
    assert made is not None
    return made


def listed(body: bytes, names: list[str], width: int = 1, column: int = 0) -> tuple[list[int], list[int]]:
    found = table(body, width).lists(column, names)
    assert found is not None
    return found[0].tolist(), found[1].tolist()


def test_a_table_is_its_rows_and_their_lines() -> None:
    for body in (b"a;1\nb;2\n;\n", b"a;1\r\nb;2\r\n;\r\n\r\n", b"a;1\nb;2\n;"):
        made = table(body, 2)
        assert (len(made), made.row(1), made.row(2)) == (3, (["b", "2"], 6), (["", ""], 7))
        assert list(made.rows()) == [(["a", "1"], 5), (["b", "2"], 6), (["", ""], 7)]
    assert table("ö;1".encode(), 2).row(0) == (["ö", "1"], 5)


@pytest.mark.parametrize(
    ("body", "width"),
    [
        (b'a;"b"\n', 2), (b"a\0b", 1), (b"", 1), (b"\n\r\n", 1), (b"a\rb", 1), (b"\xff;a", 2), (b"a;b\nc", 2),
        (b"a\nb;c", 2), (b"a;b;c\nd", 2), (b"a\nb;c;d", 2), (b"a\n\nb", 1), (b"\na", 1), (b"a;b", 1),
    ],
)  # fmt: skip
def test_what_is_no_table_is_left_to_the_careful_reader(body: bytes, width: int) -> None:
    assert PlainTable.of(body, width=width, first_line=1) is None


def test_blank_lines_matter_only_where_a_row_is_one_cell() -> None:
    assert len(table(b";\n;", 2)) == 2
    assert len(table(b";\na;b", 2)) == 2


def test_the_members_of_a_column() -> None:
    names = ["10", "1", "b"]
    assert listed(b"10,b\n1\nb, 10 ,c\n,\n", names) == ([0, 2, 1, 2, UNKNOWN, UNKNOWN, EMPTY, EMPTY], [2, 1, 3, 2])
    body = b"1;10,b;1,1\n10;;b\n"
    assert listed(body, names, 3, 0) == ([1, 0], [1, 1])
    assert listed(body, names, 3, 1) == ([0, 2, EMPTY], [2, 1])
    assert listed(body, names, 3, 2) == ([1, 1, 2], [2, 1])


@pytest.mark.parametrize("size", [1, 2, 7, 8, 9, 15, 16, 17, 24, 63, 64])
def test_names_of_any_length_are_told_apart_to_the_last_letter(size: int) -> None:
    same = "x" * (size - 1)
    names = [same + "a", same + "b", "c"]
    longer, shorter = same + "aa", (same + "a")[:-1]
    body = "\n".join([names[1], names[0], "c", longer, shorter or "?", same + "c?"[size == 1 :][:1], names[1]]).encode()
    expected = [1, 0, 2, UNKNOWN, UNKNOWN]
    found, lengths = listed(body, names)
    assert found[:5] == expected
    assert (found[5], found[6], lengths) == (2 if size == 1 and found[5] == 2 else UNKNOWN, 1, [1] * 7)


def test_names_that_differ_in_one_word_only() -> None:
    """Three words of eight letters: each place of difference counts, and swapped words are another name."""
    one, two, three = "abcdefgh", "ijklmnop", "qrstuvwx"
    names = [one + two + three, two + one + three, one + three + two, one + two, one, three + two + one]
    body = "\n".join([*reversed(names), one + one + three, two, one + two + three + "y", two + three + one]).encode()
    assert listed(body, names)[0] == [5, 4, 3, 2, 1, 0, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]
    assert listed(body.replace(b"\n", b","), names)[0] == [5, 4, 3, 2, 1, 0, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN]


def test_names_that_cannot_be_told_apart_at_once() -> None:
    for names in ([], [""], ["x" * 65], ["a", "b", "a"]):
        assert table(b"a\nb").lists(0, names) is None
    assert listed(b"a\nb", ["x" * 64, "b"])[0] == [UNKNOWN, 1]


def numbers(data: bytes) -> list[int] | None:
    found = whole_numbers(data)
    return None if found is None else found.tolist()


def test_whole_numbers_by_hand() -> None:
    assert numbers(b"") == []
    assert numbers(b"7") == [7]
    assert numbers(b" 0 12\t345\r\n6789 ") == [0, 12, 345, 6789]
    assert numbers(b"1 2 3\n4 5") == [1, 2, 3, 4, 5]
    assert numbers(b"999999999 1") == [999999999, 1]
    assert numbers(b"4999999999 1") == [4999999999, 1]
    assert numbers(b"9" * 15 + b" 30") == [10**15 - 1, 30]
    assert numbers(b"1" + b"0" * 15) is None
    for byte in set(range(256)) - set(b"0123456789 \t\r\n"):
        assert numbers(b"1 " + bytes([byte]) + b" 2") is None
    found = whole_numbers(b"123456789 1")
    assert found is not None
    assert found.dtype == np.int32
    found = whole_numbers(b"1234567890 1")
    assert found is not None
    assert found.dtype == np.int64


@pytest.mark.parametrize("piece", [4, 5, 6, 7, 8, 11])
def test_numbers_are_not_cut_where_a_piece_ends(piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_CHUNK", piece)
    assert numbers(b"12 345\n6 78 901 2\n34") == [12, 345, 6, 78, 901, 2, 34]
    assert numbers(b"123\n456\n789 12 3") == [123, 456, 789, 12, 3]
    assert numbers(b"1234567890123 4") is None
    assert numbers(b"1 2 3 4 5 x") is None
