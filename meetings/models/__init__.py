# SPDX-License-Identifier: AGPL-3.0-or-later
"""When people meet: a meeting, its agenda, who is there, who asked to speak, what was decided, and what happened.

What must always hold is a constraint: one current item, one speaker, stays that do not overlap, events without
gaps. States move only along the arrows that a trigger knows, and approved minutes freeze everything.
"""

from .agenda import DONE, AgendaItem, ItemDocument, ItemKind, ItemPhase, ItemState, Queue
from .attendance import Attendance, AttendanceEnd, AttendanceMode, AttendanceSource, Attendee, Proxy
from .decisions import (
    Amendment,
    AmendmentState,
    Decision,
    DecisionWay,
    HandCount,
    ItemPoll,
    Motion,
    MotionState,
    Objection,
    Outcome,
)
from .floor import HAS_FLOOR, IN_LINE, Side, SpeakerEntry, SpeakerKind, SpeakerState
from .meetings import (
    AHEAD,
    BEGUN,
    CODE_LENGTH,
    HELD,
    OVER,
    ROOM_OPEN,
    Meeting,
    MeetingEvent,
    MeetingState,
    QuorumBase,
    QuorumComparison,
    QuorumCounts,
    QuorumState,
    Scene,
    new_join_code,
)
from .minutes import Minutes

__all__ = [
    "AHEAD",
    "BEGUN",
    "CODE_LENGTH",
    "DONE",
    "HAS_FLOOR",
    "HELD",
    "IN_LINE",
    "OVER",
    "ROOM_OPEN",
    "AgendaItem",
    "Amendment",
    "AmendmentState",
    "Attendance",
    "AttendanceEnd",
    "AttendanceMode",
    "AttendanceSource",
    "Attendee",
    "Decision",
    "DecisionWay",
    "HandCount",
    "ItemDocument",
    "ItemKind",
    "ItemPhase",
    "ItemPoll",
    "ItemState",
    "Meeting",
    "MeetingEvent",
    "MeetingState",
    "Minutes",
    "Motion",
    "MotionState",
    "Objection",
    "Outcome",
    "Proxy",
    "Queue",
    "QuorumBase",
    "QuorumComparison",
    "QuorumCounts",
    "QuorumState",
    "Scene",
    "Side",
    "SpeakerEntry",
    "SpeakerKind",
    "SpeakerState",
    "new_join_code",
]
