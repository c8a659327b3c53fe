# SPDX-License-Identifier: AGPL-3.0-or-later
"""Squares for cameras, drawn here and not by somebody else's server."""

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_code(text: str) -> SafeString:
    """The picture of this text, hidden from screen readers: the page that shows it says the same in letters."""
    drawing = segno.make(text, error="m", micro=False).svg_inline(
        border=0, svgclass=None, lineclass=None, omitsize=True
    )
    return mark_safe(drawing.replace("<svg ", '<svg aria-hidden="true" ', 1))  # noqa: S308 - drawn here, from squares
