"""A whole meeting: Bao drives it, three phones and the projector follow by WebSocket without asking."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from assemblies.models import Assembly, Membership
from meetings.models import ItemState, Meeting, MeetingState
from tests.live.conftest import Phone, fresh_hub, make_phone, sign_in
from tests.make import make_member
from tests.meetings.evening import announced, current, fresh, in_session, item, kinds
from voting.models import Poll

__all__ = ["fresh_hub"]  # a fixture, used by name

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio, pytest.mark.usefixtures("fresh_hub")]


class Person:
    """Somebody with a browser, and a screen that follows the meeting and answers every frame as a page does."""

    def __init__(self, member: Membership | None, screen: Phone) -> None:
        self.member, self.screen = member, screen
        self.frames: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self.client = Client()
        if member:
            self.client.force_login(member.user)

    async def watch(self) -> None:
        """Take what comes until the meeting is over for us."""
        while True:
            message = await self.screen.output_queue.get()
            assert message["type"] == "websocket.send", f"the screen was closed: {message}"
            frame = json.loads(message["text"])
            self.frames.put_nowait(frame["panels"])
            await self.screen.hello(frame["seq"])

    async def sees(self, *texts: str) -> dict[str, str]:
        """The next frame that shows all of this; fails after a generous while without one."""
        async with asyncio.timeout(30):
            while True:
                shown = await self.frames.get()
                if all(text in "\n".join(shown.values()) for text in texts):
                    return shown

    @sync_to_async
    def post(self, url: str, **data: Any) -> int:
        return self.client.post(url, data).status_code

    @sync_to_async
    def get(self, url: str) -> str:
        return self.client.get(url).content.decode()

    async def presses(self, meeting: Meeting, path: str, **data: Any) -> None:
        """A button of the cockpit as it is now."""
        version = (await sync_to_async(fresh)(meeting)).version
        assert await self.post(f"/meetings/{meeting.pk}/{path}/", version=version, **data) == 302

    async def votes(self, meeting: Meeting, **choice: Any) -> None:
        """Fetch my paper as the phone does when a vote opens, and send it."""
        paper = await self.get(f"/meetings/{meeting.pk}/my-vote/")
        assert 'id="ballot"' in paper
        url = paper.split('action="')[1].split('"')[0]
        key = paper.split('name="key" value="')[1].split('"')[0]
        assert await self.post(url, key=key, **choice) == 302


@asynccontextmanager
async def following(*screens: tuple[str, Membership | None]) -> AsyncIterator[list[Person]]:
    """These people with these topics on their screens."""
    async with AsyncExitStack() as stack:
        people = []
        for topic, member in screens:
            phone = make_phone(topic, await sign_in(member))
            assert (await phone.connect(timeout=10))[0], "the screen was refused"
            stack.push_async_callback(phone.disconnect)
            await phone.hello(0)
            person = await sync_to_async(Person)(member, phone)
            watching = asyncio.create_task(person.watch())
            stack.callback(watching.cancel)
            people.append(person)
        yield people


@sync_to_async
def open_question(meeting: Meeting) -> Poll:
    return current(meeting).item_polls.order_by("pk").last().poll  # type: ignore[union-attr]


async def test_a_meeting_from_the_open_doors_to_the_end(
    riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    dagny, eli = [await sync_to_async(make_member)(riverside, name) for name in ("Dagny", "Eli")]
    meeting = await sync_to_async(announced)(riverside, "Welcome", "Hall hours", "Festival money", "Youth seat")
    topic = meeting.topic
    async with following(
        (topic, amina), (topic, dagny), (topic, eli), (meeting.cockpit_topic, bao), (meeting.screen_topic, bao)
    ) as (a, d, e, desk, wall):
        phones = (a, d, e)

        # The doors open; people come in with the code.
        await desk.presses(meeting, "open-doors")
        await wall.sees(meeting.join_code, "Join with your phone")
        for phone in phones:
            assert await phone.post(f"/j/{meeting.join_code}/", mode="in_room") == 302
        await desk.sees("3 people checked in")
        for phone in phones:
            await phone.sees("3 people checked in")

        # The agenda moves on every screen.
        await desk.presses(meeting, "call-to-order")
        second = await sync_to_async(item)(meeting, 2)
        first = await sync_to_async(item)(meeting, 1)
        await desk.presses(meeting, f"agenda/{first.pk}/take-up")
        await desk.presses(meeting, f"agenda/{second.pk}/take-up")
        for screen in (*phones, wall):
            await screen.sees("Hall hours</h1>")

        # Hands go up and one is called.
        assert await a.post(f"/meetings/{meeting.pk}/my-hand/raise/") == 302
        await desk.sees("<bdi>1</bdi> waiting")
        entry = await sync_to_async(lambda: meeting.speakers.get())()
        await desk.presses(meeting, f"speakers/{entry.pk}/call")
        await d.sees("Amina is speaking")
        await wall.sees("Amina")

        # Yes or no: two taps, turnout grows live, the result waits until it is revealed.
        await desk.presses(meeting, f"agenda/{second.pk}/quick-vote")
        poll = await open_question(meeting)
        await desk.presses(meeting, f"polls/{poll.pk}/open")
        for screen in (*phones, wall, desk):
            await screen.sees("<bdi>0</bdi>", "<bdi>3</bdi>")
        for number, (phone, answer) in enumerate(((a, "yes"), (d, "no"), (e, "yes")), start=1):
            await phone.votes(meeting, options=answer)
            for screen in phones:
                shown = await screen.sees(f'<span class="big"><bdi>{number}</bdi></span>')
                assert "outcome" not in "".join(shown.values())
        await desk.presses(meeting, f"polls/{poll.pk}/close")
        for screen in phones:
            shown = await screen.sees("The result comes when it is shown to the room")
            assert "Carried" not in "".join(shown.values())
        await desk.presses(meeting, f"polls/{poll.pk}/reveal")
        for screen in (*phones, wall, desk):
            await screen.sees("Carried: 2 yes of 3 counted")

        # An open vote: the tally moves for everybody, and the result is there when it closes.
        third = await sync_to_async(item)(meeting, 3)
        await desk.presses(meeting, f"agenda/{third.pk}/take-up")
        question = {"question": "What first?", "template": "approval", "secrecy": "1", "options": "Tents\nLights"}
        assert await desk.post(f"/meetings/{meeting.pk}/agenda/{third.pk}/vote/", **question) == 302
        poll = await open_question(meeting)
        await desk.presses(meeting, f"polls/{poll.pk}/open")
        await a.sees("Open vote: everybody sees the tally", "Tents")
        await a.votes(meeting, options=["1", "2"])
        for screen in (*phones, wall):
            await screen.sees('width="100.00%"')
        await desk.presses(meeting, f"polls/{poll.pk}/close")
        for screen in (*phones, wall):
            await screen.sees("A tie: Tents and Lights have equally many votes.")

        # A ranking, counted by instant runoff and hidden until it is revealed.
        fourth = await sync_to_async(item)(meeting, 4)
        await desk.presses(meeting, f"agenda/{fourth.pk}/take-up")
        question = {"question": "Who?", "template": "ranked", "secrecy": "1", "options": "Yara\nTomas\nLin"}
        assert await desk.post(f"/meetings/{meeting.pk}/agenda/{fourth.pk}/vote/", **question) == 302
        poll = await open_question(meeting)
        await desk.presses(meeting, f"polls/{poll.pk}/open")
        for phone, ranking in ((a, "312"), (d, "231"), (e, "321")):
            await phone.sees("Who?")
            await phone.votes(meeting, **{f"place-{key}": place for key, place in zip("123", ranking, strict=True)})
        await desk.presses(meeting, f"polls/{poll.pk}/close")
        for screen in phones:
            assert "Chosen" not in "".join((await screen.sees("The result comes when it is shown")).values())
        await desk.presses(meeting, f"polls/{poll.pk}/reveal")
        for screen in (*phones, wall):
            await screen.sees("Chosen: Lin")

        # The end.
        await desk.presses(meeting, "adjourn")
        for screen in (*phones, wall):
            await screen.sees("Thank you for coming")

    over = await sync_to_async(fresh)(meeting)
    assert over.state == MeetingState.ADJOURNED
    assert await sync_to_async(over.items.filter(state=ItemState.CONCLUDED).count)() == 4
    happened = await sync_to_async(kinds)(over)
    assert len(happened) == over.event_seq
    assert happened.count("poll_published") == 3


async def test_a_phone_that_slept_is_right_again_when_it_wakes(
    riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    meeting = await sync_to_async(in_session)(riverside, amina)
    second = await sync_to_async(item)(meeting, 2)
    async with following((meeting.topic, amina)) as (phone,):
        last = await phone.sees("Welcome</h1>")
    assert last
    async with following((meeting.cockpit_topic, bao)) as (desk,):
        await desk.presses(meeting, f"agenda/{second.pk}/take-up")
    async with following((meeting.topic, amina)) as (phone,):
        await phone.sees("Old Tram Hall hours</h1>")


async def test_chidi_and_amina_get_no_socket_to_the_cockpit(
    riverside: Assembly, amina: Membership, chidi: Membership
) -> None:
    meeting = await sync_to_async(in_session)(riverside)
    for member in (amina, chidi, None):
        phone = make_phone(meeting.cockpit_topic, await sign_in(member))
        connected, code = await phone.connect(timeout=10)
        assert (connected, code) == (False, 4404)
