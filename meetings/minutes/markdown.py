# SPDX-License-Identifier: AGPL-3.0-or-later
"""Minutes are Markdown. What people typed elsewhere comes in as plain words, and what comes out is safe to show.

Two layers: the parser takes no HTML, no pictures and no addresses but those of pages and mails; then whatever it made
is held against a list of what may stand there.
"""

import re
from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

ANYWHERE = re.compile(
    r"[\\`*\[\]<>|~]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)"
)  # what Markdown would not take as a letter
LINE_START = re.compile(r"^(?P<sign>[-+=#]|\d{1,9}(?=[.)]))")
LINE_END = re.compile(r"\r\n?|\n")  # what Markdown takes for one
SCHEMES = {"http", "https", "mailto"}
TAGS = {
    *("h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "strong", "em", "code", "pre", "blockquote", "ul", "ol", "li"),
    *("a", "table", "thead", "tbody", "tr", "th", "td"),
}
SMALLEST = 6


def escape(text: str) -> str:
    """These words on one line, so that Markdown shows them exactly as they were typed.

    >>> escape("# 5 * 3 <b>")
    '\\\\# 5 \\\\* 3 \\\\<b\\\\>'
    """
    return _line(" ".join(text.split()))


def quote(text: str) -> str:
    """These words as a quotation, line by line as they were typed."""
    lines = [_line(line.strip()) for line in LINE_END.split(text.strip())]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def link(words: str, address: str) -> str:
    """These words leading to that page of ours."""
    return f"[{escape(words)}]({address})"


def render(text: str) -> SafeString:
    """The text as HTML that is safe on any page. Headings start below the page's own."""
    parser = _parser()
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1:]) + 1, SMALLEST)}"
    html = parser.renderer.render(tokens, parser.options, {})
    cleaned = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        url_schemes=SCHEMES,
        link_rel="nofollow noopener noreferrer",
    )
    return mark_safe(cleaned)  # noqa: S308 - nh3 has let through what is on the list and nothing else


def _line(text: str) -> str:
    text = ANYWHERE.sub(lambda found: f"\\{found[0]}", text)
    return LINE_START.sub(_harmless, text)


def _harmless(found: re.Match[str]) -> str:
    """A figure cannot be escaped: what follows it can. Everything else is escaped itself."""
    sign = found["sign"]
    return f"{sign}\\" if sign.isdigit() else f"\\{sign}"


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    """A line in the text is a line on the page. Pictures would ask another server who reads this."""
    return (
        MarkdownIt("commonmark", {"html": False, "breaks": True})
        .enable("table")
        .disable(["image", "html_inline", "html_block"])
    )
