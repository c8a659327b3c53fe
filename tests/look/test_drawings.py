import re

import pytest
from django.template import Context, Template
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from assemblies.seats import MOST_DOTS, people_per_dot, seats
from assemblies.templatetags import civic


def drawn(template: str, **context: object) -> str:
    return Template("{% load civic %}" + template).render(Context(context))


def dots(svg: str) -> tuple[int, int]:
    taken, empty = re.findall(r'class="(?:in|out)" d="([^"]*)"', svg)
    return taken.count("h0"), empty.count("M")


@given(st.integers(1, MOST_DOTS))
def test_every_seat_has_a_place_of_its_own_inside_the_picture(number: int) -> None:
    ring = seats(number)
    assert len(set(ring.places)) == number
    assert all(7 <= x <= ring.width - 7 and 7 <= y <= ring.height - 7 for x, y in ring.places)


@given(st.integers(2, MOST_DOTS))
def test_neighbours_never_overlap(number: int) -> None:
    places = seats(number).places
    assert min((a - c) ** 2 + (b - d) ** 2 for i, (a, b) in enumerate(places) for c, d in places[:i]) >= 13**2


@pytest.mark.parametrize(
    ("filled", "total", "taken", "empty"),
    [(84, 112, 84, 28), (0, 25, 0, 25), (25, 25, 25, 0), (0, 0, 0, 0), (1, 4000, 1, 399), (3999, 4000, 399, 1)],
)
def test_the_moot_has_a_dot_for_each_person(filled: int, total: int, taken: int, empty: int) -> None:
    assert dots(civic.moot(filled, total)) == (taken, empty)


@given(st.integers(0, 100_000), st.integers(0, 100_000))
def test_the_moot_never_grows_beyond_400_dots_and_never_pretends(filled: int, total: int) -> None:
    taken, empty = dots(civic.moot(filled, total))
    assert taken + empty <= MOST_DOTS
    assert (taken > 0) == (filled > 0 and total > 0)
    assert (empty == 0) == (filled >= total or total == 0)
    assert (taken + empty) * people_per_dot(total) >= total


def test_dots_fill_from_the_reading_side_so_no_dot_is_a_person() -> None:
    def sides(svg: str) -> tuple[int, int]:
        taken, empty = re.findall(r'class="(?:in|out)" d="M(\d+)', svg)
        return int(taken), int(empty)

    left, right = sides(civic.moot(1, 100))
    assert left < right
    with translation.override("ar"):
        first, rest = sides(civic.moot(1, 100))
    assert first > rest


def test_the_moot_is_hidden_from_screen_readers_because_a_number_stands_beside_it() -> None:
    assert 'aria-hidden="true"' in civic.moot(3, 5)


def test_one_seat_on_the_green_ground_is_warm() -> None:
    assert civic.moot_ground().count('class="seat"') == 1


def test_a_bar_starts_at_the_reading_side() -> None:
    assert 'x="0%" width="25.00%"' in civic.bar(1, 4)
    with translation.override("ar"):
        assert 'x="75.00%" width="25.00%"' in civic.bar(1, 4)
    assert 'class="fill off"' in civic.bar(1, 4, off=True)
    assert 'width="0.00%"' in civic.bar(1, 0)
    assert 'width="100.00%"' in civic.bar(9, 4)


def test_the_ribbon_shows_each_project_and_what_is_left() -> None:
    svg = civic.ribbon([("1", 38), ("2", 22), ("3", 2)], 100, "62 of 100")
    assert re.findall(r'<rect class="fill" x="([\d.]+%)" width="([\d.]+%)"', svg) == [
        ("0.00%", "38.00%"),
        ("38.00%", "22.00%"),
        ("60.00%", "2.00%"),
    ]
    assert 'class="fill off" x="62.00%" width="38.00%"' in svg
    assert re.findall(r">(\d)</text>", svg) == ["1", "2"], "a block too narrow for its number goes without"
    assert 'aria-label="62 of 100"' in svg
    with translation.override("ar"):
        assert 'x="62.00%" width="38.00%"' in civic.ribbon([("1", 38)], 100)


def test_names_in_drawings_cannot_bring_markup() -> None:
    assert "<script" not in civic.ribbon([("<script>", 50)], 100, '"><script>')
    assert "<script" not in civic.icon("clock", "<script>")
    assert "<script" not in civic.money(100, "<script>")


def test_a_sign_is_hidden_unless_it_stands_alone() -> None:
    assert drawn('{% icon "clock" %}') == (
        '<svg class="icon" aria-hidden="true"><use href="/static/icons.svg#clock"></use></svg>'
    )
    assert 'role="img" aria-label="QR code"' in drawn('{% icon "qr" "QR code" %}')
    assert "flip" in drawn('{% icon "arrow-right" %}')
    assert "flip" not in drawn('{% icon "check" %}')


def test_amounts_and_counts_stay_whole_inside_a_sentence() -> None:
    text = drawn(
        '{% load i18n %}{% blocktranslate with left=a|money:"EUR" n=n|count %}{{ n }} people, {{ left }} left{% endblocktranslate %}',
        a=2_750_000,
        n=2184,
    )
    assert text.replace("\u00a0", " ") == "<bdi>2 184</bdi> people, <bdi>27 500 €</bdi> left"
    assert drawn('{{ a|money_text:"EUR" }}{{ none|money:"EUR" }}{{ none|count }}', a=100, none=None) == "1\u00a0€"


def test_long_lists_link_their_ends_and_neighbours() -> None:
    from django.core.paginator import Paginator

    pages = Paginator(range(100), 10)
    assert civic.shown_pages(pages, 1) == [1, 2, 0, 10]
    assert civic.shown_pages(pages, 5) == [1, 0, 4, 5, 6, 0, 10]
    assert civic.shown_pages(pages, 3) == [1, 2, 3, 4, 0, 10]
    assert civic.shown_pages(pages, 4) == [1, 2, 3, 4, 5, 0, 10]
    assert civic.shown_pages(pages, 8) == [1, 0, 7, 8, 9, 10]
