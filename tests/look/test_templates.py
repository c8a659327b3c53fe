"""What every template of the product must keep: no inline code or style, translated words, signs that exist."""

import gzip
import re
from functools import cache
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.template.base import Lexer, Token, TokenType

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
NAMES = [str(file.relative_to(ROOT / "templates")) for file in TEMPLATES]
SAID_ALIKE_EVERYWHERE = {
    "Folkmoot",
    "nbsp",
    "middot",
    "hellip",
    "times",
    "thinsp",
    "ndash",
    "rarr",
    "CSV",
    "JSON",
    "PDF",
}
TAG = r"""</?[a-zA-Z](?:"[^"]*"|'[^']*'|[^>"'])*>"""
SPOKEN = ("aria-label", "aria-description", "alt", "title", "placeholder")
NOT_TEXT = ("main_class", "body_attributes", "exit_url", "paper", "styles", "head", "scripts")  # blocks inside markup
SEEN_BY_SCRIPTS = {"js"}


@cache
def tokens(file: Path) -> list[Token]:
    return Lexer(file.read_text()).tokenize()


def untranslated(file: Path) -> str:
    """The template's text without what the template engine puts in, and without what is translated."""
    parts, inside = [], ""
    for token in tokens(file):
        if token.token_type == TokenType.BLOCK:
            name, *arguments = token.contents.split()
            if name in ("blocktranslate", "blocktrans", "comment") or (name == "block" and arguments[0] in NOT_TEXT):
                inside = inside or name
            elif inside and name == f"end{inside}":
                inside = ""
        elif token.token_type == TokenType.TEXT and not inside:
            parts.append(token.contents)
    return " ".join(parts)


def words(text: str) -> list[str]:
    return [word for word in re.findall(r"[^\W\d_]{2,}", text) if word not in SAID_ALIKE_EVERYWHERE]


@pytest.mark.parametrize("file", TEMPLATES, ids=NAMES)
def test_every_visible_word_can_be_translated(file: Path) -> None:
    text = untranslated(file)
    text = re.sub(r"<!doctype html>|<!--.*?-->|<(script|style|svg)\b.*?</\1>", " ", text, flags=re.DOTALL)
    assert not words(re.sub(TAG, " ", text))
    spoken = re.findall(rf'\b(?:{"|".join(SPOKEN)})="([^"]*)"', text)
    assert not [found for found in spoken if words(found)]


@pytest.mark.parametrize("file", TEMPLATES, ids=NAMES)
def test_nothing_inline_that_the_security_policy_forbids(file: Path) -> None:
    text = file.read_text()
    tags = " ".join(re.findall(TAG, text))
    assert not re.findall(r"\sstyle\s*=", tags)
    assert not re.findall(r"\son[a-z]+\s*=", tags)
    assert not re.findall(r"hx-on|javascript:|hx-vals=.js:|hx-headers=.js:", text)
    assert "<style" not in text
    assert all("src=" in script for script in re.findall(r"<script[^>]*>", text) if "application/json" not in script)
    assert not re.findall(
        r'(?:src|srcset|href|action)="(?:https?:)?//',
        " ".join(re.findall(r"<(?:script|img|link|form|iframe)[^>]*>", text)),
    )


@pytest.mark.parametrize("file", TEMPLATES, ids=NAMES)
def test_every_form_works_without_scripts(file: Path) -> None:
    text = file.read_text()
    for form in re.findall(r"<form\b.*?</form>", text, flags=re.DOTALL):
        opening = form[: form.index(">")]
        assert "action=" in opening, opening
        assert "method=" in opening, opening
        if 'method="post"' in opening:
            assert re.search(r"\{% (?:csrf_token|live_csrf) %\}", form), opening
        else:
            assert "csrf" not in form, f"a GET form would show the token in the address: {opening}"
    buttons = re.findall(r"<button\b[^>]*>", text)
    assert not [button for button in buttons if "type=" not in button]


@cache
def sprite() -> set[str]:
    return set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static" / "icons.svg").read_text()))


@pytest.mark.parametrize("file", TEMPLATES, ids=NAMES)
def test_every_sign_is_in_the_sprite(file: Path) -> None:
    text = file.read_text()
    assert set(re.findall(r"""\{% icon(?:_url)? ["']([^"']+)["']""", text)) <= sprite()
    assert set(re.findall(r"""\bsign=["']([^"']+)["']""", text)) <= sprite()


@cache
def drawn_classes() -> set[str]:
    styles = "".join(file.read_text() for file in (ROOT / "static").glob("*.css"))
    return set(re.findall(r"\.([a-zA-Z][\w-]*)", styles)) | SEEN_BY_SCRIPTS


@pytest.mark.parametrize("file", TEMPLATES, ids=NAMES)
def test_every_class_is_drawn_by_some_style(file: Path) -> None:
    for value in re.findall(r'\bclass="([^"]*)"', untranslated(file)):
        assert set(value.split()) <= drawn_classes()


@pytest.mark.parametrize("file", sorted((ROOT / "static").glob("*.css")), ids=lambda file: file.name)
def test_styles_load_nothing_and_turn_with_the_reading_direction(file: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.DOTALL)
    assert not re.findall(r"url\((?!\"#)|@import|@font-face", text)
    sided = re.findall(
        r"[\s;{]((?:margin|padding|border)-(?:left|right)|left|right|text-align: (?:left|right)|float: (?:left|right))\s*[:;]",
        text,
    )
    assert not sided
    assert len(text.splitlines()) < 500


def test_a_ballot_page_loads_on_a_slow_phone() -> None:
    files = [
        ROOT / "static" / name
        for name in ("civic.css", "forms.css", "ballots.css", "icons.svg", "theme.js", "civic.js")
    ]
    files.append(Path(str(finders.find("django_htmx/htmx-2.min.js"))))
    weights = {file.name: len(gzip.compress(file.read_bytes())) for file in files}
    assert sum(weights.values()) < 50_000, weights
