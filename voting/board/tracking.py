# SPDX-License-Identifier: AGPL-3.0-or-later
"""The tracking code of a sealed ballot: made on the voter's own device, shown there only after publication."""

from . import verify


def tracking_in(text: str) -> bytes | None:
    """The ten bytes of a code as a page sends it; None where the page made none, and the server makes one that nobody sees."""
    try:
        return verify.meant_by(text) if text else None
    except verify.Refused:
        return None
