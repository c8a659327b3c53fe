# SPDX-License-Identifier: AGPL-3.0-or-later
"""Codes that people read aloud and type: of these letters and figures none looks like another."""

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O and U, which people misread
LOOK_ALIKES = str.maketrans("ILO", "110", "-")


def new_code(length: int) -> str:
    """A code of this length that nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _place in range(length))


def meant_by(typed: str) -> str:
    """The code that somebody meant: small letters, spaces, dashes and look-alikes are forgiven."""
    return "".join(typed.upper().translate(LOOK_ALIKES).split())
