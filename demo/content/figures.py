# SPDX-License-Identifier: AGPL-3.0-or-later
"""Figures as the town prints them: what belongs together is never torn apart at the end of a line."""

import re

NO_BREAK_SPACE = "\u00a0"
INSIDE_A_FIGURE = re.compile(r"(?<=\d) (?=\d{3}(?!\d)|€|%|km/h)")


def together(text: str) -> str:
    """The text with its amounts held together.

    >>> together("It costs 84 000 € in 2 places.").replace(NO_BREAK_SPACE, "~")
    'It costs 84~000~€ in 2 places.'
    """
    return INSIDE_A_FIGURE.sub(NO_BREAK_SPACE, text)
