# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the tables of a meeting refuse alike."""

import pgtrigger

UPDATE_OR_DELETE = pgtrigger.Update | pgtrigger.Delete

FROZEN = """
    IF EXISTS (SELECT FROM meetings_meeting WHERE id = {meeting} AND state = 'minutes_approved') THEN
        RAISE EXCEPTION 'the minutes are approved: nothing of this meeting changes any more';
    END IF;
"""


def frozen_with_the_minutes(meeting: str = "{row}.meeting_id") -> pgtrigger.Trigger:
    """Once the minutes are approved no row of the meeting changes. `meeting` is SQL for the meeting's id."""
    old, new = (FROZEN.format(meeting=meeting.format(row=row)) for row in ("OLD", "NEW"))
    return pgtrigger.Trigger(
        name="frozen_with_the_minutes",
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.Before,
        func=pgtrigger.Func(
            f"""
            IF TG_OP <> 'INSERT' THEN {old} END IF;
            IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
            {new}
            RETURN NEW;
            """
        ),
    )


def not_emptied() -> pgtrigger.Trigger:
    """TRUNCATE is refused, which no trigger on rows would notice."""
    return pgtrigger.Trigger(
        name="not_emptied",
        operation=pgtrigger.Truncate,
        when=pgtrigger.Before,
        level=pgtrigger.Statement,
        func="RAISE EXCEPTION 'what happened in meetings is never emptied out';",
    )
