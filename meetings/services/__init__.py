# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every act of a meeting. Each is one transaction: lock, guard, state, one event with the next number, screens told."""

from .acts import MeetingRefused, StaleClick
from .agenda import (
    add_item,
    advance,
    edit_item,
    go_back,
    move_item,
    note_outcome,
    remove_item,
    skip_item,
    take_back_item,
)
from .attendance import attendee_of, check_in, check_out
from .floor import call_speaker, finish_speaker, raise_hand, withdraw_hand
from .meetings import (
    adjourn,
    call_to_order,
    cancel,
    create_meeting,
    edit_meeting,
    open_doors,
    recess,
    resume,
    schedule,
)
from .polls import (
    TEMPLATES,
    PollTemplate,
    add_poll,
    close_item_poll,
    correct_poll,
    open_item_poll,
    remove_poll,
    reveal_item_poll,
    template_of,
    void_item_poll,
)
from .screen import blank, set_scene

__all__ = [
    "TEMPLATES",
    "MeetingRefused",
    "PollTemplate",
    "StaleClick",
    "add_item",
    "add_poll",
    "adjourn",
    "advance",
    "attendee_of",
    "blank",
    "call_speaker",
    "call_to_order",
    "cancel",
    "check_in",
    "check_out",
    "close_item_poll",
    "correct_poll",
    "create_meeting",
    "edit_item",
    "edit_meeting",
    "finish_speaker",
    "go_back",
    "move_item",
    "note_outcome",
    "open_doors",
    "open_item_poll",
    "raise_hand",
    "recess",
    "remove_item",
    "remove_poll",
    "resume",
    "reveal_item_poll",
    "schedule",
    "set_scene",
    "skip_item",
    "take_back_item",
    "template_of",
    "void_item_poll",
    "withdraw_hand",
]
