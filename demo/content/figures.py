# SPDX-License-Identifier: AGPL-3.0-or-later
"""Figures as the town prints them: what belongs together is never torn apart at the end of a line."""

import re

NO_BREAK_SPACE = "\u00a0"
FIGURE = re.compile(r"(?<!\d)\d{1,3}(?: \d{3})+(?!\d)")
BEFORE_A_UNIT = re.compile(r"(?<=\d) (?=€|%|km/h)")


def together(text: str) -> str:
    """The text with its amounts held together.

    >>> together("It costs 84 000 € in 2 places.").replace(NO_BREAK_SPACE, "~")
    'It costs 84~000~€ in 2 places.'
    """
    figures = FIGURE.sub(lambda figure: figure[0].replace(" ", NO_BREAK_SPACE), text)
    return BEFORE_A_UNIT.sub(NO_BREAK_SPACE, figures)
