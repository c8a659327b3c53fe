# ruff: noqa: S608 -- statements of our own words
"""What must hold in every meeting at every moment, looked at from outside the services: the invariants of MEETINGS.

One statement reads every row of the meeting; the checks are plain Python.
"""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db import connection
from psycopg import Cursor

from meetings import timing
from meetings.models import HAS_FLOOR, IN_LINE, ROOM_OPEN, AgendaItem, Meeting, MeetingState, QuorumState
from meetings.quorum_now import Room, count_room, rule_of
from meetings.services.item_clock import spent

TABLES = (
    *("meeting", "agendaitem", "itemdocument", "attendee", "attendance", "proxy", "speakerentry", "itempoll", "motion"),
    *("amendment", "handcount", "decision", "objection", "minutes", "meetingevent"),
)
WHO_IS_THERE = ("assemblies_membership", "meetings_attendee", "meetings_attendance", "meetings_proxy")
VOTING_TABLES = ("poll", "option", "register", "registerline", "openballot", "envelope", "result", "approval")
WATCHED = (
    *("assemblies_membership", *(f"meetings_{name}" for name in TABLES)),
    *(f"voting_{name}" for name in VOTING_TABLES),
)
FINGERPRINT = " UNION ALL ".join(
    f"SELECT '{table}', count(*), coalesce(sum(hashtext(t::text)::bigint), 0) FROM {table} t" for table in WATCHED
)
OF_ITEM = "JOIN meetings_agendaitem i ON i.id = t.item_id WHERE i.meeting_id = %(meeting)s"
OF_MEETING = "WHERE t.meeting_id = %(meeting)s"
ROWS = {
    "events": f"SELECT t.seq, t.kind, t.data FROM meetings_meetingevent t {OF_MEETING} ORDER BY t.seq",
    "stays": f"SELECT t.attendee_id, t.began_at, t.ended_at FROM meetings_attendance t {OF_MEETING}"
    " ORDER BY t.began_at, t.ended_at",
    "proxies": f"SELECT t.giver_id, t.holder_id FROM meetings_proxy t {OF_MEETING} AND t.revoked_at IS NULL",
    "verified": "SELECT t.id FROM meetings_attendee t JOIN assemblies_membership m ON m.id = t.membership_id"
    f" {OF_MEETING} AND m.verified_at IS NOT NULL AND m.left_at IS NULL",
    "hands": f"SELECT t.item_id, t.attendee_id, t.kind, t.state FROM meetings_speakerentry t {OF_MEETING}",
    "motions": f"SELECT t.id, t.item_id, t.state, t.title FROM meetings_motion t {OF_ITEM}",
    "objections": f"SELECT t.item_id FROM meetings_objection t {OF_ITEM}",
    "counts": f"SELECT t.item_id, t.closed_at, t.first, t.second, t.present FROM meetings_handcount t {OF_ITEM}",
    "decisions": f"SELECT t.* FROM meetings_decision t {OF_MEETING} ORDER BY t.number",
    "polls": "SELECT t.item_id, t.needs_quorum, p.id, p.state, p.register_id, p.opened_at,"
    " (SELECT count(*) FROM voting_registerline WHERE register_id = p.register_id) AS lines,"
    " (SELECT count(*) FROM voting_openballot WHERE poll_id = p.id)"
    " + greatest((SELECT count(*) FROM voting_envelope WHERE poll_id = p.id),"  # which go once they are counted
    " (SELECT coalesce(sum(ballots), 0) FROM voting_closedbox WHERE poll_id = p.id AND p.secrecy > 1)) AS ballots,"
    " (SELECT outcome->'n' FROM voting_result WHERE poll_id = p.id AND rule = p.rule ORDER BY id DESC LIMIT 1) AS counted"
    f" FROM meetings_itempoll t JOIN voting_poll p ON p.id = t.poll_id {OF_ITEM}",
}
EVERYTHING = "SELECT " + ", ".join(
    f"(SELECT coalesce(json_agg(r), '[]') FROM ({rows}) r)::text AS {name}" for name, rows in ROWS.items()
)

Prints = dict[str, tuple[int, int]]
Row = dict[str, Any]


@dataclass
class Seen:
    """What one look at the meeting found, to be compared with the next."""

    meeting: Meeting
    items: dict[Any, AgendaItem]
    prints: Prints
    rows: dict[str, list[Row]]
    room: Room | None = None


def read(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """What it finds, planned once for all evenings: to plan it takes longer than to run it."""
    connection.ensure_connection()
    with Cursor(connection.connection) as cursor:
        return cursor.execute(statement, values, prepare=True).fetchall()


def fingerprint() -> Prints:
    """How many rows each table has, and what is in them."""
    return {table: (int(count), int(content)) for table, count, content in read(FINGERPRINT)}


def look(pk: Any, prints: Prints) -> Seen:
    """The meeting and its agenda as they are now."""
    meeting = Meeting.objects.select_related("assembly").get(pk=pk)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")  # what the commit would compare
    (found,) = read(EVERYTHING, meeting=pk)
    rows = {name: json.loads(text) for name, text in zip(ROWS, found, strict=True)}
    return Seen(meeting, {str(item.pk): item for item in meeting.items.order_by("position")}, prints, rows)


def check(seen: Seen, before: Seen, now: datetime, act: str) -> None:
    """Everything that must hold does, or an AssertionError says what does not."""
    seen.room = room_of(seen, before)
    for look_at in (events, agenda, clocks, consent, floor, people, votes, decisions):
        look_at(seen, seen.rows)
    what_the_act_did(seen, before, seen.rows, now, act)


def room_of(seen: Seen, before: Seen) -> Room | None:
    """Who is there, counted again where a member, a stay, a seat, a proxy or the rule of the quorum is another."""
    if seen.meeting.state not in ROOM_OPEN:
        return None
    same = all(seen.prints[table] == before.prints[table] for table in WHO_IS_THERE)
    if before.room and same and rule_of(seen.meeting) == rule_of(before.meeting):
        return before.room
    return count_room(seen.meeting)


def events(seen: Seen, rows: dict[str, list[Row]]) -> None:
    numbers = [event["seq"] for event in rows["events"]]
    assert numbers == list(range(1, seen.meeting.event_seq + 1)), "G1: a gap in the events"


def agenda(seen: Seen, rows: dict[str, list[Row]]) -> None:
    items = list(seen.items.values())
    assert len([item for item in items if item.is_current]) <= 1, "M1: two items on the floor"
    assert [item.position for item in items] == list(range(1, len(items) + 1)), "the agenda has gaps"
    for item in items:
        runs = item.is_current and seen.meeting.state == MeetingState.IN_SESSION
        assert (item.running_since is not None) == runs, f"I3: the clock of an item that is {item.state}: {not runs}"
        assert not (item.is_current and seen.meeting.is_over), "an item is on the floor of a closed meeting"


def clocks(seen: Seen, rows: dict[str, list[Row]]) -> None:
    meeting, items = seen.meeting, list(seen.items.values())
    at = meeting.starts_at + (meeting.planned_end_at - meeting.starts_at) * 3
    told, times = timing.read(meeting, items, at=at)
    drift = ahead = 0
    for item in items:
        took, planned = spent(item, meeting.adjourned_at or at), 60 * item.planned_minutes
        assert times[item.pk].spent == took, "I3: the time of an item is told in two ways"
        if item.is_current:
            drift += max(0, took - planned)
        elif not item.is_planned:
            drift += took - planned
        if item.is_current or item.is_planned:
            ahead += max(0, 60 * item.granted_minutes - took)
    assert told.clock.drift == drift, "I3: the drift is not the sum"
    if meeting.has_begun:
        forecast = (told.clock.forecast_end - (meeting.adjourned_at or at)).total_seconds()
        assert forecast == ahead, "I3: the forecast is not the sum"


def consent(seen: Seen, rows: dict[str, list[Row]]) -> None:
    adopted = {item for one in rows["decisions"] if one["way"] == "consent" for item in one["numbers"]["adopted"]}
    together = {pk for pk, item in seen.items.items() if item.state == "consented"}
    assert together <= adopted, "I4: adopted together without a decision that says so"
    assert not together & {one["item_id"] for one in rows["objections"]}, "I4: adopted although somebody objected"


def floor(seen: Seen, rows: dict[str, list[Row]]) -> None:
    states = Counter(hand["state"] for hand in rows["hands"])
    assert states["speaking"] <= 1, "S1: two people speak"
    assert states["paused"] <= 1, "S1: two speeches are interrupted"
    active = [hand for hand in rows["hands"] if hand["state"] in (*IN_LINE, *HAS_FLOOR)]
    waiting = Counter((hand["attendee_id"], hand["kind"]) for hand in active if hand["state"] in IN_LINE)
    assert all(count == 1 for count in waiting.values()), "S2: one person waits twice"
    here = {stay["attendee_id"] for stay in rows["stays"] if stay["ended_at"] is None}
    current = [pk for pk, item in seen.items.items() if item.is_current]
    for hand in active:
        assert hand["attendee_id"] in here, "somebody who left is on the floor"
        assert [hand["item_id"]] == current, "S8: somebody is on the floor for another item"
    if seen.meeting.state != MeetingState.IN_SESSION:
        assert not any(hand["state"] in HAS_FLOOR for hand in active), "I1: somebody speaks outside the session"


def people(seen: Seen, rows: dict[str, list[Row]]) -> None:
    meeting = seen.meeting
    stays = defaultdict(list)
    for stay in rows["stays"]:
        began, ended = (stay[name] and datetime.fromisoformat(stay[name]) for name in ("began_at", "ended_at"))
        stays[stay["attendee_id"]].append((began, ended))
    for mine in stays.values():
        for (_began, ended), (began, _ended) in pairwise(mine):
            assert ended is not None, "A1: two stays at once"
            assert ended <= began, "A1: stays overlap"
    here = {attendee for attendee, mine in stays.items() if mine[-1][1] is None}
    assert not here or meeting.state in ROOM_OPEN, "somebody is there although the meeting is not on"
    givers = {one["giver_id"] for one in rows["proxies"]}
    holders = Counter(one["holder_id"] for one in rows["proxies"])
    assert len(givers) == len(rows["proxies"]), "A4: one vote was given to two people"
    assert not givers & set(holders), "A4: a proxy is passed on"
    assert all(count <= meeting.proxies_per_holder for count in holders.values()), "A4: too many proxies"
    if room := seen.room:
        entitled = {one["id"] for one in rows["verified"]}
        awake = [one for one in rows["proxies"] if one["giver_id"] not in here and one["holder_id"] in here]
        assert room.proxies == len(awake), "A4: a proxy is awake while its giver is there, or sleeps"
        assert room.may_vote == len(here & entitled) + len(awake), "who may vote is counted otherwise"
        assert meeting.quorum_state == room.state, "the quorum is not what it is noted as"


def votes(seen: Seen, rows: dict[str, list[Row]]) -> None:
    running = [poll for poll in rows["polls"] if poll["state"] in ("open", "closing")]
    counting = [count for count in rows["counts"] if count["closed_at"] is None]
    assert len(running) + len(counting) <= 1, "M2: two votes, or a vote and a count of hands"
    for one in [*running, *counting]:
        assert seen.meeting.state == MeetingState.IN_SESSION, "M3: people vote while the meeting is not in session"
        assert seen.items[one["item_id"]].is_current, "I1: people vote on an item that is not on the floor"
    opened = {event["data"]["poll"]: event["data"] for event in rows["events"] if event["kind"] == "poll_opened"}
    for poll in rows["polls"]:
        assert (poll["id"] in opened) == (poll["opened_at"] is not None), "a vote opened without its event"
        if poll["opened_at"] and poll["needs_quorum"]:
            assert opened[poll["id"]]["quorum"]["state"] != QuorumState.NOT_MET, "M3: opened without a quorum"
        assert poll["ballots"] <= (poll["lines"] if poll["opened_at"] else 0), "B1: more ballots than lines"
        if poll["state"] in ("counted", "withheld", "published"):
            assert poll["counted"] == poll["ballots"], "B1: not every ballot is counted, or more than there are"
    for count in rows["counts"]:
        for numbers in (count["first"], count["second"]):
            assert numbers is None or sum(numbers.values()) <= count["present"], "B6: more hands than people"


def decisions(seen: Seen, rows: dict[str, list[Row]]) -> None:
    made = {one["id"]: one for one in rows["decisions"]}
    assert [one["number"] for one in made.values()] == list(range(1, len(made) + 1)), "a gap in the decisions"
    replaced = Counter(one["supersedes_id"] for one in made.values() if one["supersedes_id"] and not one["voided_at"])
    assert all(count == 1 for count in replaced.values()), "R6: one decision is replaced twice"
    for one in made.values():
        assert one["quorum_state"] != QuorumState.NOT_MET or one["poll_id"], "decided without a quorum"
    standing = [one for pk, one in made.items() if pk not in replaced and not one["voided_at"]]
    on_motions = Counter(one["motion_id"] for one in standing if one["motion_id"] and not one["amendment_id"])
    assert all(count == 1 for count in on_motions.values()), "R6: two decisions stand on one motion"
    adopted = {item for one in made.values() if one["way"] == "consent" for item in one["numbers"]["adopted"]}
    for motion in rows["motions"]:
        if motion["state"] in ("carried", "amended_and_carried"):
            has_one = on_motions[motion["id"]] or motion["item_id"] in adopted
            assert has_one, "a motion is carried without a decision that stands"


def what_the_act_did(seen: Seen, before: Seen, rows: dict[str, list[Row]], now: datetime, act: str) -> None:
    """What holds between one moment and the next."""
    assert before.meeting.state != MeetingState.MINUTES_APPROVED, "M4: something changed after the approval"
    assert seen.meeting.version >= before.meeting.version, "G2: the version went back"
    assert seen.meeting.event_seq > before.meeting.event_seq or act in SILENT, f"G1: {act} left no event"
    if act == "take_back":  # then the time went on all along
        return
    undecided = {motion["item_id"] for motion in rows["motions"] if motion["state"] == "proposed"}
    for pk, item in seen.items.items():
        was = before.items.get(pk)
        if was is not None:
            assert spent(item, now) == spent(was, now), "I3: an act changed the time that an item took"
            just_done = item.state in ("concluded", "consented") and was.state == "current"
            assert not (just_done and pk in undecided), "I5: an item is done and its motion has no outcome"


# Who cast when is written nowhere; and who is not excused has a seat from then on, which is no news.
SILENT = ("cast", "cast_by_all", "excuse")
