"""The calendar of an assembly, read by a parser that forgives nothing (RFC 5545)."""

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assemblies.models import Assembly, Membership
from meetings import services
from meetings.calendar_file import calendar_file
from meetings.feeds import token_of
from meetings.models import Meeting
from tests.meetings.evening import announced, make_meeting

LINE = re.compile(r"(?P<name>[A-Z][A-Z-]*)(?:;[A-Z]+=[A-Z]+)*:(?P<value>.*)")
ESCAPED = {"\\\\": "\\", "\\;": ";", "\\,": ",", "\\n": "\n"}
TEXTS = ("SUMMARY", "LOCATION", "DESCRIPTION", "NAME", "X-WR-CALNAME")


def parse(written: bytes) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The properties of a calendar and of its events; anything that RFC 5545 does not allow fails."""
    assert written.endswith(b"\r\n")
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", written), "a bare line break"
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", written), "a control character"
    for octets in written.split(b"\r\n"):
        assert len(octets) <= 75
        octets.decode()  # no letter is cut in two
    calendar: dict[str, str] = {}
    events: list[dict[str, str]] = []
    open_parts: list[str] = []
    for line in written.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n"):
        found = LINE.fullmatch(line)
        assert found, line
        name, value = found["name"], found["value"]
        if name == "BEGIN":
            open_parts.append(value)
            if value == "VEVENT":
                assert open_parts == ["VCALENDAR", "VEVENT"]
                events.append({})
        elif name == "END":
            assert open_parts.pop() == value
        else:
            place = events[-1] if open_parts[-1] == "VEVENT" else calendar
            assert name not in place, f"{name} twice"
            if name in TEXTS:
                assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", value), "not escaped"
                value = re.sub(r"\\[\\;,n]", lambda mark: ESCAPED[mark[0]], value)
            place[name] = value
    assert open_parts == []
    assert {"VERSION", "PRODID"} <= set(calendar)
    for event in events:
        assert {"UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "STATUS"} <= set(event)
        begins, ends = (datetime.strptime(event[name], "%Y%m%dT%H%M%S%z") for name in ("DTSTART", "DTEND"))
        assert begins < ends
    assert len({event["UID"] for event in events}) == len(events)
    return calendar, events


def feed(client: Client, address: str = "/a/riverside/meetings.ics") -> tuple[dict[str, str], list[dict[str, str]]]:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return parse(answer.content)


@pytest.mark.parametrize(
    "text",
    [
        "Soup; bread, and \\n more",
        "one\ntwo\r\nthree\rfour\u2028five",
        "Überraschung 🎉 " * 20,
        "bell \x07 and \x1b escape",
        "",
    ],
)
def test_every_text_comes_back_as_it_was_written(riverside: Assembly, text: str) -> None:
    meeting = Meeting(assembly=riverside, title="T", text=text, place=text, starts_at=timezone.now())
    meeting.planned_end_at = meeting.starts_at + timedelta(hours=1)
    written = calendar_file([meeting], link_of=lambda _meeting: "https://example.org/", at=timezone.now())
    _calendar, [event] = parse(written.encode())
    expected = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", "", "\n".join(text.splitlines()))
    assert event["DESCRIPTION"] == event["LOCATION"] == expected


def test_everybody_follows_the_meetings_of_a_public_assembly(client: Client, riverside: Assembly) -> None:
    coming = announced(riverside, title="Winter, assembly")
    make_meeting(riverside, title="A secret draft")
    calendar, [event] = feed(client)
    assert calendar["X-WR-CALNAME"] == "Meetings of Riverside"
    assert event["SUMMARY"] == "Riverside: Winter, assembly"
    assert (event["UID"], event["STATUS"]) == (f"{coming.pk}@folkmoot", "CONFIRMED")
    assert event["URL"] == f"http://testserver/meetings/{coming.pk}/"


def test_a_meeting_that_was_called_off_is_struck_out_and_a_draft_never_shows(
    client: Client, riverside: Assembly
) -> None:
    coming = announced(riverside)
    before = feed(client)[1][0]["SEQUENCE"]
    services.cancel(meeting=coming, actor=None, reason="Flood.")
    services.cancel(meeting=make_meeting(riverside), actor=None, reason="Never mind.")
    [event] = feed(client)[1]
    assert event["STATUS"] == "CANCELLED"
    assert int(event["SEQUENCE"]) > int(before)


def test_the_list_of_meetings_gives_the_address(client: Client, riverside: Assembly) -> None:
    assert "http://testserver/a/riverside/meetings.ics" in client.get("/a/riverside/meetings/").content.decode()


def test_a_private_calendar_opens_to_a_members_own_address(
    client: Client, harbour: Assembly, chidi: Membership
) -> None:
    announced(harbour)
    assert client.get("/a/harbour/meetings.ics").status_code == 404
    client.force_login(chidi.user)
    page = client.get("/a/harbour/meetings/").content.decode()
    address = f"/a/harbour/meetings/{token_of(chidi)}.ics"
    assert address in page
    client.logout()
    assert len(feed(client, address)[1]) == 1


def test_a_members_address_ends_when_they_leave(client: Client, harbour: Assembly, chidi: Membership) -> None:
    address = f"/a/harbour/meetings/{token_of(chidi)}.ics"
    assert client.get(address).status_code == 200
    chidi.left_at = timezone.now()
    chidi.save(update_fields=["left_at"])
    assert client.get(address).status_code == 404


def test_nobody_guesses_an_address(client: Client, harbour: Assembly, chidi: Membership, amina: Membership) -> None:
    good = token_of(chidi)
    for token in (good[:-1] + ("A" if good[-1] != "A" else "B"), token_of(amina), "x", "x:y", chidi.pk.hex):
        assert client.get(f"/a/harbour/meetings/{token}.ics").status_code == 404
    assert client.get(f"/a/riverside/meetings/{good}.ics").status_code == 404
    assert client.post("/a/riverside/meetings.ics").status_code == 405


def test_a_feed_costs_the_same_however_many_meetings(client: Client, riverside: Assembly) -> None:
    costs = set()
    for _round in range(2):
        for _number in range(3):
            announced(riverside)
        with CaptureQueriesContext(connection) as captured:
            feed(client)
        costs.add(len(captured))
    assert len(costs) == 1
    assert costs.pop() <= 3
