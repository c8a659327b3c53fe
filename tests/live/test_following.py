"""Phones that follow the notice board by socket."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.db import transaction

import live
import live.hub
from assemblies.models import Membership
from live import announcing, sockets, topics
from live.frames import Audience
from live.hub import MAY_NOT_WATCH, SECONDS_BETWEEN_FRAMES, SOCKETS_PER_SESSION, TOO_SLOW
from live.rights import Visitor
from live.sockets import Socket
from tests.live.conftest import Board, PhoneOf, Write, make_phone, sign_in


class Heard(list[str]):
    """Every topic that was announced in this process."""

    def __call__(self, topic: str, in_passing: bool) -> None:
        self.append(topic)

    __hash__ = object.__hash__  # type: ignore[assignment]


pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_hub")]


async def test_a_phone_gets_the_whole_board_first(phone: PhoneOf, amina: Membership, board: Board) -> None:
    async with phone(amina) as screen:
        frame = await screen.frame()
    assert frame["topic"] == board.topic
    assert frame["seq"] == 1
    assert "Nothing yet" in frame["panels"]["notice"]
    assert frame["panels"]["other"] == "<hr>"
    assert frame["now"].endswith("+00:00")


async def test_what_is_written_reaches_every_phone(
    phone: PhoneOf, amina: Membership, bao: Membership, write: Write
) -> None:
    async with phone(amina) as one, phone(bao) as two:
        await write("The meeting starts")
        assert "resident" in (await one.frame_saying("The meeting starts"))["panels"]["notice"]
        assert "facilitator" in (await two.frame_saying("The meeting starts"))["panels"]["notice"]


async def test_the_board_is_drawn_once_per_audience_however_many_phones(
    phone: PhoneOf, amina: Membership, bao: Membership, board: Board, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live.hub, "SOCKETS_PER_SESSION", 1000)
    async with AsyncExitStack() as stack:
        phones = [await stack.enter_async_context(phone(amina)) for _ in range(30)]
        phones += [await stack.enter_async_context(phone(amina, language="es")) for _ in range(3)]
        phones += [await stack.enter_async_context(phone(bao)) for _ in range(2)]
        for screen in phones:
            await screen.frame_saying("Nothing yet")
        board.renders.clear()
        await write("Question 1")
        for screen in phones:
            await screen.frame_saying("Question 1")
    assert Counter(board.renders) == {("resident", "en"): 1, ("resident", "es"): 1, ("facilitator", "en"): 1}


async def test_a_phone_that_connects_later_costs_no_drawing(phone: PhoneOf, amina: Membership, board: Board) -> None:
    async with phone(amina) as first:
        await first.frame()
        async with phone(amina) as second:
            await second.frame()
    assert board.renders == [("resident", "en")]


async def test_many_changes_are_four_frames_a_second_and_the_last_one_shows(
    phone: PhoneOf, amina: Membership, write: Write
) -> None:
    loop = asyncio.get_running_loop()
    async with phone(amina) as screen:
        await screen.frame()
        began, frames = loop.time(), 0
        for count in range(1, 201):
            await write(f"Ballots in: {count}.")
        while True:
            frame = await screen.frame()
            await screen.hello(frame["seq"])
            frames += 1
            if "Ballots in: 200." in frame["panels"]["notice"]:
                break
        assert frames <= (loop.time() - began) / SECONDS_BETWEEN_FRAMES + 1
        assert frames < 200


@pytest.fixture
def long_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """What changes in passing rests for longer than any test."""
    monkeypatch.setattr(live.hub, "REST", 1_000_000)
    monkeypatch.setattr(live.hub, "LONGEST_REST", 60)
    monkeypatch.setattr(live.hub, "SECONDS_BETWEEN_CHECKS", 3600)


async def test_what_changes_in_passing_waits_and_what_matters_does_not(
    phone: PhoneOf, amina: Membership, board: Board, long_rest: None
) -> None:
    """A hall that comes in is served before it is counted, and nothing else waits for that."""
    async with phone(amina) as screen:
        await screen.frame_saying("Nothing yet")
        board.text = "One more is here"
        announcing.announce(board.topic, in_passing=True)
        assert await screen.receive_nothing(timeout=3 * SECONDS_BETWEEN_FRAMES)
        board.text = "The vote is open"
        announcing.announce(board.topic)
        assert "The vote is open" in (await screen.frame())["panels"]["notice"]


async def test_who_comes_while_the_board_rests_has_at_once_what_there_is(
    phone: PhoneOf, amina: Membership, bao: Membership, board: Board, long_rest: None
) -> None:
    """Only what is not drawn yet rests, not who comes meanwhile; nobody is sent what was drawn for others."""
    async with phone(amina) as screen:
        await screen.frame_saying("Nothing yet")
        board.text = "One more is here"
        announcing.announce(board.topic, in_passing=True)
        assert await screen.receive_nothing(timeout=3 * SECONDS_BETWEEN_FRAMES)
        async with phone(amina) as second, phone(bao) as other, phone(amina, seq=1) as third:
            assert (await asyncio.wait_for(second.frame(), 2))["seq"] == 1
            for waits in (other, third, screen, second):  # without a frame of their audience, or with the newest
                assert await waits.receive_nothing(timeout=SECONDS_BETWEEN_FRAMES)
            board.text = "The vote is open"
            announcing.announce(board.topic)
            for each in (screen, second, other, third):
                frame = await each.frame()
                assert (frame["seq"], "The vote is open" in frame["panels"]["notice"]) == (2, True)
                assert ("facilitator" in frame["panels"]["notice"]) == (each is other)


async def test_a_new_role_while_the_board_rests_shows_at_once_what_was_drawn_for_it(
    phone: PhoneOf, amina: Membership, bao: Membership, board: Board, long_rest: None
) -> None:
    async with phone(amina) as screen, phone(bao) as other:
        for each in (screen, other):
            await each.frame_saying("Nothing yet")
        board.text = "One more is here"
        announcing.announce(board.topic, in_passing=True)
        assert await screen.receive_nothing(timeout=SECONDS_BETWEEN_FRAMES)
        board.roles[amina.user_id] = "facilitator"
        await live.hub.hub()._check_rights(user=str(amina.user_id))
        (socket,) = (each for each in live.hub.hub()._all() if each.visitor.user_key == amina.user_id)
        socket.heard(1)  # it has the newest board, but one that was drawn for residents
        frame = await asyncio.wait_for(screen.frame(), 2)
        assert "facilitator" in frame["panels"]["notice"]


async def test_a_phone_that_knows_more_than_this_process_is_not_shown_what_was_before(
    phone: PhoneOf, amina: Membership, board: Board, long_rest: None
) -> None:
    async with phone(amina) as screen:
        await screen.frame_saying("Nothing yet")
        board.text = "One more is here"
        announcing.announce(board.topic, in_passing=True)
        async with phone(amina, seq=7) as ahead:
            assert await ahead.receive_nothing(timeout=3 * SECONDS_BETWEEN_FRAMES)


async def test_a_phone_that_has_the_newest_board_gets_nothing(phone: PhoneOf, amina: Membership) -> None:
    async with phone(amina) as screen:
        seq = (await screen.frame())["seq"]
    async with phone(amina, seq=seq) as screen:
        assert await screen.receive_nothing(timeout=0.6)


async def test_a_phone_that_slept_gets_the_whole_newest_board(phone: PhoneOf, amina: Membership, write: Write) -> None:
    async with phone(amina) as screen:
        seq = (await screen.frame())["seq"]
    await write("While it slept")
    await write("It changed twice")
    async with phone(amina, seq=seq) as screen:
        frame = await screen.frame()
        assert frame["seq"] > seq
        assert "It changed twice" in frame["panels"]["notice"]
        assert await screen.receive_nothing(timeout=0.6)


async def test_a_phone_from_before_a_restored_backup_gets_the_board_too(phone: PhoneOf, amina: Membership) -> None:
    async with phone(amina, seq=5000) as screen:
        assert (await screen.frame())["seq"] == 1


async def test_a_lost_announcement_is_healed_by_the_next_check(phone: PhoneOf, amina: Membership, board: Board) -> None:
    async with phone(amina) as screen:
        await screen.frame()
        board.text = "Nobody announced this"
        assert await screen.receive_nothing(timeout=0.6)
        await live.hub.hub().check()
        assert "Nobody announced this" in (await screen.frame())["panels"]["notice"]


async def test_checks_come_by_themselves_within_five_seconds(
    phone: PhoneOf, amina: Membership, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert live.hub.SECONDS_BETWEEN_CHECKS + SECONDS_BETWEEN_FRAMES < 5
    monkeypatch.setattr(live.hub, "SECONDS_BETWEEN_CHECKS", 0.05)
    async with phone(amina) as screen:
        await screen.frame()
        board.text = "Found without being told"
        await screen.frame_saying("Found without being told")


async def test_a_check_that_finds_nothing_new_sends_and_draws_nothing(
    phone: PhoneOf, amina: Membership, board: Board
) -> None:
    async with phone(amina) as screen:
        await screen.frame()
        board.renders.clear()
        await live.hub.hub().check()
        assert await screen.receive_nothing(timeout=0.6)
    assert board.renders == []


async def test_what_is_rolled_back_is_not_announced(phone: PhoneOf, amina: Membership, board: Board) -> None:
    def write_and_fail() -> None:
        with transaction.atomic():
            board.write("Never happened")
            raise RuntimeError

    heard = Heard()
    announcing.listen(heard)
    try:
        async with phone(amina) as screen:
            await screen.frame()
            with pytest.raises(RuntimeError):
                await sync_to_async(write_and_fail)()
            assert await screen.receive_nothing(timeout=0.6)
            assert heard == []
            await sync_to_async(board.write)("Did happen")
            await screen.frame_saying("Did happen")
            assert heard == [board.topic]
    finally:
        announcing.unlisten(heard)


async def test_nothing_is_announced_before_the_commit(board: Board) -> None:
    heard = Heard()

    def write_slowly() -> list[str]:
        with transaction.atomic():
            board.write("Soon")
            return list(heard)

    announcing.listen(heard)
    try:
        assert await sync_to_async(write_slowly)() == []
        assert heard == [board.topic]
    finally:
        announcing.unlisten(heard)


async def test_an_announcement_from_the_event_loop_arrives_too(phone: PhoneOf, amina: Membership, board: Board) -> None:
    async with phone(amina) as screen:
        await screen.frame()
        board.write("From a coroutine")
        await screen.frame_saying("From a coroutine")


async def test_a_page_of_the_board_hears_what_is_announced_about_the_board(
    phone: PhoneOf, amina: Membership, board: Board, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall = live.Topic(
        name="wall", audience_of=board.audience_of, state=board.state, render=board.render, follows="notice"
    )
    monkeypatch.setitem(topics._topics, "wall", wall)
    screen = make_phone(f"wall/{board.id}", await sign_in(amina))
    assert (await screen.connect(timeout=10))[0]
    await screen.hello(0)
    await screen.frame()
    await write("Said about the board")
    frame = await screen.frame_saying("Said about the board")
    assert frame["topic"] == f"wall/{board.id}"
    await screen.disconnect()


async def test_chidi_cannot_see_that_the_board_exists(chidi: Membership, board: Board) -> None:
    for topic in (board.topic, "notice/00000000-0000-0000-0000-000000000000", f"unknown/{board.id}", "notice/1"):
        for cookie in (await sign_in(chidi), ""):
            assert await make_phone(topic, cookie).connect(timeout=10) == (False, MAY_NOT_WATCH), topic
    assert board.renders == []


async def test_a_phone_that_loses_its_right_is_closed_within_a_minute(
    phone: PhoneOf, amina: Membership, bao: Membership, board: Board, write: Write
) -> None:
    assert live.hub.SECONDS_BETWEEN_CHECKS * live.hub.CHECKS_BETWEEN_RIGHTS <= 60
    async with phone(amina) as hers, phone(bao) as his:
        await hers.frame()
        await his.frame()
        del board.roles[amina.user.pk]
        await live.hub.hub().check(ask_roles=True)
        assert await hers.close_code() == MAY_NOT_WATCH
        await write("Not for Amina")
        await his.frame_saying("Not for Amina")
        assert await hers.receive_nothing(timeout=0.6)


async def test_a_phone_is_closed_at_once_where_the_change_of_rights_is_announced(
    phone: PhoneOf, amina: Membership, bao: Membership, board: Board, write: Write
) -> None:
    async with phone(amina) as hers, phone(bao) as his:
        del board.roles[amina.user.pk]
        await sync_to_async(live.rights_changed)(amina.user.pk)
        assert await hers.close_code() == MAY_NOT_WATCH
        await write("Still here")
        await his.frame_saying("Still here")


async def test_a_phone_whose_viewer_becomes_facilitator_sees_what_facilitators_see(
    phone: PhoneOf, amina: Membership, board: Board
) -> None:
    async with phone(amina) as screen:
        assert "resident" in (await screen.frame())["panels"]["notice"]
        board.roles[amina.user.pk] = "facilitator"
        await sync_to_async(live.rights_changed)(amina.user.pk)
        assert "facilitator" in (await screen.frame())["panels"]["notice"]


async def test_a_phone_is_closed_by_the_next_check_after_signing_out(phone: PhoneOf, amina: Membership) -> None:
    async with phone(amina) as screen:
        await screen.frame()
        await live.hub.hub().check()
        assert await screen.receive_nothing(timeout=0.6)
        await Session.objects.all().adelete()
        await live.hub.hub().check()
        assert await screen.close_code() == MAY_NOT_WATCH


async def test_a_phone_is_closed_by_the_next_check_when_the_account_is_closed(
    phone: PhoneOf, amina: Membership
) -> None:
    async with phone(amina) as screen:
        await screen.frame()
        amina.user.is_active = False
        await amina.user.asave()
        await live.hub.hub().check()
        assert await screen.close_code() == MAY_NOT_WATCH


@pytest.mark.parametrize("protected", [True, False])
async def test_a_phone_that_does_not_keep_up_is_not_sent_frame_upon_frame(
    phone: PhoneOf, amina: Membership, bao: Membership, write: Write, monkeypatch: pytest.MonkeyPatch, protected: bool
) -> None:
    """With the protection removed the silent phone gets every frame, which shows that this test can fail."""
    monkeypatch.setattr(live.hub, "SECONDS_BETWEEN_FRAMES", 0)
    if not protected:
        monkeypatch.setattr(sockets, "UNANSWERED_FRAMES", 1_000_000)
    async with phone(amina) as silent, phone(bao) as quick:
        await silent.frame()
        await silent.hello(1)
        await quick.frame_saying("Nothing yet")
        for count in range(1, 31):
            await write(f"Ballots in: {count}.")
            await quick.frame_saying(f"Ballots in: {count}.")
        got = [await silent.frame() for _ in range(silent.output_queue.qsize())]
        if not protected:
            assert len(got) == 30
            return
        assert len(got) == sockets.UNANSWERED_FRAMES
        await silent.hello(got[-1]["seq"])
        newest = await silent.frame()  # and not the 21 in between
        assert "Ballots in: 30." in newest["panels"]["notice"]
        assert await silent.receive_nothing(timeout=0.6)


async def test_a_phone_that_never_answers_is_asked_to_connect_anew(
    phone: PhoneOf, amina: Membership, bao: Membership, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live.hub, "SECONDS_BETWEEN_FRAMES", 0)
    monkeypatch.setattr(live.hub, "SECONDS_OF_PATIENCE", 0)
    async with phone(amina) as silent, phone(bao) as quick:
        for count in range(1, 12):
            await write(f"Ballots in: {count}.")
            await quick.frame_saying(f"Ballots in: {count}.")
        await live.hub.hub().check()
        assert await silent.close_code() == TOO_SLOW


async def test_a_connection_that_blocks_does_not_hold_up_the_others(
    phone: PhoneOf, amina: Membership, board: Board, write: Write
) -> None:
    """The server may ask us to wait for one connection; only that one waits, and then gets the newest frame."""
    gate, sent = asyncio.Event(), []

    async def send(message: dict[str, str]) -> None:
        await gate.wait()
        sent.append(message["text"])

    hub = live.hub.hub()
    audience, visitor = Audience("resident", "en"), Visitor(amina.user.pk, "a-session")
    blocked = Socket(send, address=board.topic, audience=audience, visitor=visitor, caught_up=hub.catch_up)
    blocked.heard(0)
    hub.join(blocked)
    async with phone(amina) as screen:
        for count in range(1, 6):
            await write(f"Ballots in: {count}.")
            await screen.frame_saying(f"Ballots in: {count}.")
        assert sent == []
        gate.set()
        await screen.receive_nothing(timeout=0.6)
    assert len(sent) == 2
    assert "Ballots in: 5." in sent[-1]
    hub.leave(blocked)


NOT_A_HELLO = [
    "",
    "hello",
    "[]",
    "null",
    '{"type": "hello"}',
    '{"type": "hello", "seq": "1"}',
    '{"type": "hello", "seq": -1}',
    '{"type": "hello", "seq": true}',
    '{"type": "hello", "seq": 1.5}',
    '{"type": "hello", "seq": 9223372036854775808}',
    '{"type": "hello", "seq": 1, "more": 1}',
    '{"type": "vote", "seq": 1}',
    '{"type": "hello", "seq": 1' + " " * 64 + "}",
    "[" * 60,
]


async def test_a_socket_that_says_anything_but_hello_is_closed(phone: PhoneOf, amina: Membership) -> None:
    for message in NOT_A_HELLO:
        async with phone(amina, seq=None) as screen:
            await screen.send_input({"type": "websocket.receive", "text": message})
            assert await screen.close_code() == 4400, message
        assert live.hub.hub()._topics == {}


async def test_a_socket_that_sends_bytes_is_closed(phone: PhoneOf, amina: Membership) -> None:
    async with phone(amina) as screen:
        await screen.frame()
        await screen.send_to(bytes_data=b'{"type": "hello", "seq": 1}')
        assert await screen.close_code() == 4400


async def test_a_socket_that_never_says_hello_is_closed(
    phone: PhoneOf, amina: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live.consumer.SECONDS_TO_SAY_HELLO", 0.05)
    async with phone(amina, seq=None) as screen:
        assert await screen.close_code() == 4400


async def test_a_socket_that_talks_all_the_time_is_closed(phone: PhoneOf, amina: Membership) -> None:
    async with phone(amina) as screen:
        for _ in range(200):
            await screen.hello(1)
        assert await screen.close_code() == 4429


async def test_one_session_holds_a_few_sockets_and_then_polls(phone: PhoneOf, amina: Membership, board: Board) -> None:
    cookie = await sign_in(amina)
    phones = [make_phone(board.topic, cookie) for _ in range(SOCKETS_PER_SESSION)]
    for screen in phones:
        assert (await screen.connect(timeout=10))[0]
        await screen.hello(0)
        await screen.frame()
    assert await make_phone(board.topic, cookie).connect(timeout=10) == (False, 4429)
    await phones[0].disconnect()
    again = make_phone(board.topic, cookie)
    assert (await again.connect(timeout=10))[0]
    for screen in [*phones[1:], again]:
        await screen.disconnect()


async def test_a_board_that_cannot_be_drawn_for_one_audience_still_reaches_the_others(
    phone: PhoneOf, amina: Membership, bao: Membership, board: Board, write: Write
) -> None:
    async with phone(amina) as hers, phone(bao) as his:
        await hers.frame()
        board.broken_for = "resident"
        await write("Trouble")
        await his.frame_saying("Trouble")
        board.broken_for = ""
        await live.hub.hub().check()
        await hers.frame_saying("Trouble")


async def test_nothing_is_kept_when_the_last_phone_goes(phone: PhoneOf, amina: Membership) -> None:
    async with phone(amina) as screen:
        await screen.frame()
    hub = live.hub.hub()
    assert (hub._topics, hub._sessions, hub._size) == ({}, {}, 0)
