"""A whole rehearsal on a server of its own: its people come, raise hands and vote by HTTP and by socket alone."""

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from assemblies.models import Assembly, Membership
from benchmarks.own_server import ROOT, free_port
from meetings import services
from meetings.models import Meeting, SpeakerEntry
from meetings.rehearsal.crowd import Habits, Told, simulate
from meetings.rehearsal.phones import Server
from meetings.services import rehearsals
from tests.meetings.evening import announced, current, fresh, fresh_poll
from voting.models import OpenBallot

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 5
PATIENCE = 90.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Folkmoot as it is served, on the database of the tests and with keys of its own."""
    port = free_port()
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    environment = os.environ | {
        "DATABASE_URL": url, "HOST": "127.0.0.1", "PORT": str(port), "REDIS_URL": "", "VAR_DIR": str(tmp_path),
        "SECRET_KEY": settings.SECRET_KEY, "PUBLIC_URL": "",
    }  # fmt: skip
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.hall_site"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            yield Server.at(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()
            process.wait()


def until(holds: Callable[[], bool]) -> None:
    """Wait until this holds."""
    for _ in range(int(PATIENCE / 0.1)):
        if holds():
            return
        time.sleep(0.1)
    pytest.fail("The simulated people did not do it.")


def test_five_simulated_people_come_raise_hands_and_vote_and_go_when_it_is_over(
    riverside: Assembly, bao: Membership, server: Server
) -> None:
    meeting = rehearsals.clone_for_rehearsal(meeting=announced(riverside), attendees=PEOPLE, actor=None)
    keys, told = rehearsals.sign_in_simulated(meeting), []
    habits = Habits(come_within=0.5, think_for=0.5, vote=1, speak=1)
    crowd_at_work = threading.Thread(target=lambda: told.append(_come(server, meeting, keys, habits)))
    crowd_at_work.start()
    try:
        services.open_doors(meeting=meeting, actor=None)
        until(lambda: meeting.attendances.filter(ended_at=None).count() == PEOPLE)
        services.call_to_order(meeting=fresh(meeting), actor=None)
        services.advance(meeting=fresh(meeting), to=meeting.items.get(position=1), actor=None)
        until(lambda: SpeakerEntry.objects.in_line().filter(meeting=meeting).exists())
        held = services.add_poll(item=current(meeting), template="yes_no", question="Shall we?", actor=None)
        services.open_item_poll(item_poll=held, actor=None)
        until(lambda: OpenBallot.objects.filter(poll=held.poll).count() == PEOPLE)
        services.close_item_poll(item_poll=fresh_poll(held), actor=None)
    finally:
        if fresh(meeting).state == "in_session":
            services.adjourn(meeting=fresh(meeting), actor=None)
        crowd_at_work.join(PATIENCE)
    assert not crowd_at_work.is_alive(), "they go home by themselves"
    assert told[0].counts["checked in"] == told[0].counts["voted"] == PEOPLE
    assert meeting.rehearses
    assert not riverside.meetings.exclude(pk=meeting.rehearses.pk).exists()


def _come(server: Server, meeting: Meeting, keys: list[str], habits: Habits) -> Told:
    return asyncio.run(simulate(server, str(meeting.pk), keys, seconds=PATIENCE * 3, habits=habits))
