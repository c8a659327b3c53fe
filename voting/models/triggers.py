# SPDX-License-Identifier: AGPL-3.0-or-later
"""What several tables refuse alike."""

import pgtrigger

UPDATE_OR_DELETE = pgtrigger.Update | pgtrigger.Delete


def not_emptied() -> pgtrigger.Trigger:
    """TRUNCATE is refused, which no trigger on rows would notice."""
    return pgtrigger.Trigger(
        name="not_emptied",
        operation=pgtrigger.Truncate,
        when=pgtrigger.Before,
        level=pgtrigger.Statement,
        func="RAISE EXCEPTION 'votes are never emptied out';",
    )
