import pytest
from hypothesis import given
from hypothesis import strategies as st

from assemblies.money import MINUS, NO_BREAK_SPACE, decimals_of, format_count, format_money, parse_money


def shown(minor: int, currency: str, language: str) -> str:
    text = format_money(minor, currency, language)
    assert " " not in text, "an amount may not break over two lines"
    return text.replace(NO_BREAK_SPACE, " ")


@pytest.mark.parametrize(
    ("minor", "currency", "language", "text"),
    [
        (3_800_000, "EUR", "en", "38 000 €"),
        (3_800_000, "EUR", "es", "38 000 €"),
        (3_800_050, "EUR", "en", "38 000.50 €"),
        (3_800_050, "EUR", "es", "38 000,50 €"),
        (3_800_005, "EUR", "pl-pl", "38 000,05 €"),
        (100, "EUR", "en", "1 €"),
        (0, "EUR", "en", "0 €"),
        (-123_456, "EUR", "es", f"{MINUS}1 234,56 €"),
        (123_456_700, "PLN", "pl", "1 234 567 zł"),
        (50_000, "CHF", "de-ch", "500 CHF"),
        (1_500_000, "HUF", "hu", "1 500 000 Ft"),
        (2_500_000, "CZK", "cs", "25 000 Kč"),
        (2_500_000, "USD", "en", "$25 000"),
        (-2_550, "USD", "en-us", f"{MINUS}$25.50"),
        (2_500_000, "USD", "es", "25 000 $"),
        (2_500_000, "XAF", "en", "25 000 XAF"),
    ],
)
def test_an_amount_is_written_as_its_reader_writes_it(minor: int, currency: str, language: str, text: str) -> None:
    assert shown(minor, currency, language) == text


def test_counts_are_grouped_in_threes() -> None:
    assert [format_count(n).replace(NO_BREAK_SPACE, " ") for n in (0, 7, 999, 1000, 2184, 1_234_567, -1000)] == [
        "0",
        "7",
        "999",
        "1 000",
        "2 184",
        "1 234 567",
        f"{MINUS}1 000",
    ]


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12 500", "EUR", 1_250_000),
        ("12.500,00", "EUR", 1_250_000),
        ("12,500.50", "EUR", 1_250_050),
        ("€ 300", "EUR", 30_000),
        ("300€", "EUR", 30_000),
        ("300 EUR", "EUR", 30_000),
        ("300 eur", "EUR", 30_000),
        ("12'500", "CHF", 1_250_000),
        ("12\u2019500.05", "CHF", 1_250_005),
        ("CHF 12 500", "CHF", 1_250_000),
        ("1.250.000 Ft", "HUF", 1_250_000),
        ("1 250 000,00", "HUF", 1_250_000),
        ("12,5", "EUR", 1_250),
        ("0,05", "EUR", 5),
        (",50", "EUR", 50),
        ("7.", "EUR", 700),
        ("1.234", "EUR", 123_400),
        ("1,234,567", "USD", 123_456_700),
        ("1.234.567,8", "EUR", 123_456_780),
        ("$25", "USD", 2_500),
        ("25 000 Kč", "CZK", 2_500_000),
        ("100 zł", "PLN", 10_000),
        ("١٢٥", "EUR", 12_500),
        ("0", "EUR", 0),
        ("38 000 €", "EUR", 3_800_000),
    ],
)
def test_an_amount_is_read_however_people_type_it(text: str, currency: str, minor: int) -> None:
    assert parse_money(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency", "sentence"),
    [
        ("", "EUR", "in figures"),
        ("€", "EUR", "in figures"),
        (".", "EUR", "in figures"),
        ("a lot", "EUR", "only figures"),
        ("12k", "EUR", "only figures"),
        ("$ 300", "EUR", "only figures"),
        ("1e5", "EUR", "only figures"),
        ("-5", "EUR", "zero or more"),
        ("12.5678", "EUR", "no more than two"),
        ("12,34.567", "EUR", "12 500"),
        ("1.23.456", "EUR", "12 500"),
        ("0.500", "EUR", "12 500"),
        ("1.234,567,890", "EUR", "12 500"),
        ("12,50", "HUF", "no cents"),
        ("9" * 16, "EUR", "too large"),
    ],
)
def test_an_unclear_amount_is_refused_with_what_to_type_instead(text: str, currency: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse_money(text, currency)


@given(
    st.integers(0, 10**14), st.sampled_from(["EUR", "PLN", "CHF", "HUF", "USD", "CZK"]), st.sampled_from(["en", "es"])
)
def test_what_is_shown_can_be_typed_back(minor: int, currency: str, language: str) -> None:
    assert parse_money(format_money(minor, currency, language), currency) == minor


@given(st.text(max_size=20))
def test_any_typing_gives_an_amount_or_a_sentence(text: str) -> None:
    try:
        minor = parse_money(text, "EUR")
    except ValueError as refusal:
        minor = None
        sentence = str(refusal)
    assert minor >= 0 if minor is not None else sentence.endswith(".")


def test_cents_exist_where_people_pay_with_them() -> None:
    assert {code: decimals_of(code) for code in ("EUR", "PLN", "CHF", "USD", "CZK", "HUF", "JPY")} == {
        "EUR": 2,
        "PLN": 2,
        "CHF": 2,
        "USD": 2,
        "CZK": 2,
        "HUF": 0,
        "JPY": 0,
    }
