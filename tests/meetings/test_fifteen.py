"""The fifteen tests that meetings need, each a gap or a fault in other software, each by its number.

Some are a short word about a test that says it at length elsewhere; then they go to the scale that was asked for here.
"""

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from html.parser import HTMLParser
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.test import Client
from django.urls import URLResolver, get_resolver

import live
import live.hub
from assemblies.models import Assembly, Membership
from live.frames import Audience
from live.hub import SECONDS_BETWEEN_FRAMES
from live.rights import Visitor
from live.sockets import Socket
from meetings import quorum, screens, services
from meetings.models import Attendance, Decision, Meeting, QuorumBase, QuorumComparison
from meetings.quorum_now import count_room
from meetings.situation import look
from tests.live.conftest import Phone, make_phone, sign_in
from tests.live.conftest import fresh_hub as fresh_hub
from tests.make import line_of, make_member, make_open_poll
from tests.meetings.evening import (
    current,
    declare_void,
    fresh,
    fresh_poll,
    in_session,
    put_to_the_vote,
    seat,
    vote,
    with_doors_open,
)
from tests.voting.board.test_files_of_a_poll import check
from tests.voting.test_majorities import counted, crowd, opened  # noqa: F401 - the crowd is a fixture
from tests.voting.test_retries import receipt_in, send, send_and_hang_up
from tests.voting.test_storms import close_in_the_middle
from voting import services as voting
from voting.models import OpenBallot, Poll, PollState, Publication
from voting.services import casting
from voting.tally import RULES
from voting.tally.majority import THRESHOLDS

with_commits = pytest.mark.django_db(transaction=True)
PARK = {"options": ["a"]}
AT_ONCE = 16  # connections that the casts share


@pytest.fixture
def phones() -> Iterator[ThreadPoolExecutor]:
    """Many phones on sixteen connections, which are gone before the database is emptied."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield pool
        together = threading.Barrier(AT_ONCE, timeout=30)

        def hang_up() -> None:
            connections.close_all()
            together.wait()

        wait([pool.submit(hang_up) for _ in range(AT_ONCE)])


def town_of(assembly: Assembly, size: int) -> list[Membership]:
    return [make_member(assembly, f"Resident {number}") for number in range(size)]


@with_commits
def test_01_two_hundred_parallel_casts_by_one_person_are_one_ballot(
    riverside: Assembly, amina: Membership, phones: ThreadPoolExecutor
) -> None:
    poll = make_open_poll(riverside, amina)
    line = line_of(poll, amina)
    sent = [
        phones.submit(voting.cast_ballot, poll=poll, line=line, choice=PARK, key=f"key {number:03d} of Amina")
        for number in range(200)
    ]
    answers = [future.exception() or future.result() for future in sent]
    assert sum(isinstance(answer, voting.Receipt) for answer in answers) == 1
    assert sum(isinstance(answer, voting.AlreadyVoted) for answer in answers) == 199
    assert poll.turnout == OpenBallot.objects.filter(poll=poll).count() == 1


@with_commits
def test_02_two_thousand_parallel_casts_by_different_people_are_two_thousand(
    riverside: Assembly, phones: ThreadPoolExecutor
) -> None:
    people = town_of(riverside, 2000)
    poll = make_open_poll(riverside, *people)
    assert poll.register
    sent = [
        phones.submit(voting.cast_ballot, poll=poll, line=line, choice=PARK, key=f"the key of {line.pk}")
        for line in poll.register.lines.all()
    ]
    receipts = {future.result().digest for future in sent}
    poll = voting.close_poll(poll=poll, actor=None)
    outcome = poll.results.get().outcome
    assert len(receipts) == outcome["n"] == 2000
    assert outcome["options"]["a"]["numbers"]["votes"] == 2000


@with_commits
def test_03_what_is_acknowledged_while_a_poll_closes_is_counted_and_what_is_refused_is_not(
    riverside: Assembly, phones: ThreadPoolExecutor
) -> None:
    people = town_of(riverside, 12)
    for number in range(12):
        pause = number * 0.003
        receipts, too_late, poll = close_in_the_middle(riverside, people, phones, 1, pause)  # type: ignore[arg-type]
        assert receipts == set(poll.closed_box.digests)
        assert poll.results.get().outcome["n"] == len(receipts)
        assert len(receipts) + too_late == 12


@with_commits
def test_04_a_retry_with_the_same_key_after_a_cut_connection_is_200_and_one_ballot(
    riverside: Assembly, amina: Membership, client: Client
) -> None:
    client.force_login(amina.user)
    poll = make_open_poll(riverside, amina)
    send_and_hang_up(client, poll, "a", "c")
    again = send(client, poll, "a", "c")
    assert (again.status_code, OpenBallot.objects.filter(poll=poll).count()) == (200, 1)
    assert receipt_in(again)
    assert send(client, poll, "a", key="another key of Amina's").status_code == 409


@pytest.mark.django_db
@pytest.mark.parametrize("threshold", THRESHOLDS)
def test_05_no_yes_and_no_no_carries_nothing_under_any_threshold(
    riverside: Assembly,
    crowd: list[Membership],  # noqa: F811
    threshold: str,
) -> None:
    shown = counted(opened(riverside, crowd, base="cast", **THRESHOLDS[threshold]), crowd, "a-")
    assert (shown.verdict, shown.is_positive) == ("no_valid_ballots", False)


@pytest.mark.django_db
def test_06_a_quorum_of_more_than_half_of_42_members_is_22(riverside: Assembly) -> None:
    people = town_of(riverside, 42)
    meeting = with_doors_open(
        riverside, *people[:21], quorum_base=QuorumBase.MEMBERS, quorum_comparison=QuorumComparison.MORE_THAN
    )
    room = count_room(meeting)
    assert (room.required, room.present, room.state) == (22, 21, quorum.NOT_MET)
    services.check_in(meeting=meeting, membership=people[21])
    assert fresh(meeting).quorum_state == quorum.MET


@pytest.mark.django_db
@pytest.mark.parametrize("base", ["cast", "ballots", "present", "register", "members"])
def test_07_a_weighted_vote_is_a_share_of_weights_and_never_above_all(
    riverside: Assembly,
    crowd: list[Membership],  # noqa: F811
    base: str,
) -> None:
    for answers in ("yyyyy", "y", "yna-n"):
        shown = counted(opened(riverside, crowd, base=base, **THRESHOLDS["majority"]), crowd, answers)
        facts = shown.result.outcome["facts"]
        assert facts["yes"] <= facts["tests"][0]["base_size"] <= 10, "ten votes, whoever holds them"
    assert facts["yes"] == 5  # one person, five votes


@pytest.mark.django_db
def test_08_who_comes_later_cannot_vote_and_who_leaves_keeps_the_right_and_the_base(
    riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    meeting = in_session(riverside, amina)
    held = services.add_poll(
        item=current(meeting), template="yes_no", question="Open until 23:00?",
        threshold=services.Threshold(base="present"), actor=None,
    )  # fmt: skip
    services.open_item_poll(item_poll=held, actor=None)
    services.check_in(meeting=meeting, membership=bao)
    poll = fresh_poll(held).poll
    assert poll.register
    assert list(poll.register.lines.values_list("membership", flat=True)) == [amina.pk]
    services.check_out(attendee=seat(meeting, amina))
    assert not Attendance.objects.present().filter(attendee__membership=amina).exists()
    vote(poll, amina, "yes")
    services.close_item_poll(item_poll=fresh_poll(held), actor=None)
    services.reveal_item_poll(item_poll=fresh_poll(held), actor=None)
    decision = Decision.objects.get(meeting=meeting)
    assert (decision.outcome, decision.numbers["tests"][0]["base_size"], decision.present) == ("carried", 1, 1)


@with_commits
@pytest.mark.parametrize("committed", [True, False])
def test_09_nothing_is_acknowledged_before_it_is_committed(
    riverside: Assembly, amina: Membership, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    """At the moment of the receipt another connection sees the ballot; inside a transaction around it, it does not."""
    poll = make_open_poll(riverside, amina)
    line, seen = line_of(poll, amina), []
    write_receipt = casting._receipt

    def look_from_elsewhere(*stored: Any, **more: Any) -> Any:
        elsewhere = threading.Thread(target=lambda: seen.append(_count_elsewhere(poll)))
        elsewhere.start()
        elsewhere.join()
        return write_receipt(*stored, **more)

    monkeypatch.setattr(casting, "_receipt", look_from_elsewhere)
    if committed:
        voting.cast_ballot(poll=poll, line=line, choice=PARK, key="the key of Amina")
    else:
        monkeypatch.setattr(transaction, "atomic", _not_durable)
        with transaction.Atomic(None, savepoint=True, durable=False):
            voting.cast_ballot(poll=poll, line=line, choice=PARK, key="the key of Amina")
    assert seen == [int(committed)]


def _not_durable(*, durable: bool = False) -> transaction.Atomic:
    return transaction.Atomic(None, savepoint=True, durable=False)


def _count_elsewhere(poll: Poll) -> int:
    try:
        return OpenBallot.objects.filter(poll=poll).count()
    finally:
        connections.close_all()


@pytest.mark.django_db
def test_10_there_is_no_reset_and_a_void_vote_keeps_its_ballots(riverside: Assembly, amina: Membership) -> None:
    addresses = list(_addresses(get_resolver()))
    assert len(addresses) > 100
    assert not [address for address in addresses if re.search(r"poll.*(reset|reopen|go-back|clear|delete)", address)]
    meeting = in_session(riverside, amina)
    held = put_to_the_vote(meeting)
    vote(held.poll, amina, "yes")
    services.close_item_poll(item_poll=held, actor=None)
    services.reveal_item_poll(item_poll=held, actor=None)
    before = OpenBallot.objects.filter(poll=held.poll).values_list("choice", "key_hash")
    kept = list(before)
    declare_void(fresh_poll(held), "The wrong question")
    poll = Poll.objects.get(pk=held.poll_id)
    assert (poll.state, list(before.all()), poll.results.count()) == (PollState.VOIDED, kept, 1)
    assert Decision.objects.get(meeting=meeting).void_reason == "The wrong question"
    for state in (PollState.DRAFT, PollState.OPEN, PollState.PUBLISHED):
        with pytest.raises(DatabaseError), transaction.atomic():
            Poll.objects.filter(pk=poll.pk).update(state=state)
    with pytest.raises(DatabaseError), transaction.atomic():
        OpenBallot.objects.filter(poll=poll).delete()


def _addresses(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        address = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _addresses(pattern, address)
        else:
            yield address


class _Inside(HTMLParser):
    """Which live panels enclose the ballot paper."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.around_the_paper: list[str | None] | None = None
        self.panels: set[str | None] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = dict(attributes)
        if tag not in ("input", "br", "hr", "img", "meta", "link", "use", "path", "rect", "circle", "line", "source"):
            self.open.append((tag, named))
        if "data-live-panel" in named:
            self.panels.add(named["data-live-panel"])
        if named.get("id") == "ballot":
            self.around_the_paper = [each["data-live-panel"] for _tag, each in self.open if "data-live-panel" in each]

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place][0] == tag:
                del self.open[place:]
                return


@pytest.mark.django_db
def test_11_a_half_filled_ballot_stands_in_no_panel_that_a_live_update_replaces(
    riverside: Assembly, amina: Membership, client: Client
) -> None:
    """What a browser makes of it: tests/browser/test_live_updates.py, where typed words and open choices stay."""
    meeting = in_session(riverside, amina)
    put_to_the_vote(meeting)
    client.force_login(amina.user)
    page = _Inside()
    page.feed(client.get(f"/meetings/{meeting.pk}/live/").content.decode())
    assert set(screens.PHONE_PANELS) <= page.panels
    assert page.around_the_paper == []
    frame = client.get(f"/live/meeting/{meeting.pk}/").json()
    assert 'id="ballot"' not in "".join(frame["panels"].values())
    assert "data-vote" in frame["panels"]["now"]


@pytest.mark.asyncio
@pytest.mark.usefixtures("fresh_hub")
@with_commits
async def test_12_a_socket_that_was_gone_shows_what_a_fresh_load_shows_from_any_version(
    riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    meeting = await sync_to_async(in_session)(riverside, amina, bao)
    cookie = await sign_in(amina)
    versions = []
    for number in range(6):
        first = await _connected(meeting, cookie, 0)
        versions.append((await first.frame())["seq"])
        await first.disconnect()
        await sync_to_async(_something_happens)(meeting, amina, number)
    for version in (0, *versions, 9_999):
        back = await _connected(meeting, cookie, version)
        frame = await back.frame()
        await back.disconnect()
        fresh_load = await sync_to_async(screens.render_phone)(meeting.pk, "attendee", "en")
        assert {name: _without_times(html) for name, html in frame["panels"].items()} == {
            name: _without_times(html) for name, html in fresh_load.items()
        }
    newest = frame["seq"]
    back = await _connected(meeting, cookie, newest)
    assert await back.receive_nothing(timeout=0.6), "who has the newest is sent nothing"
    await back.disconnect()


async def _connected(meeting: Meeting, cookie: str, version: int) -> Phone:
    phone = make_phone(meeting.topic, cookie)
    assert (await phone.connect(timeout=10))[0]
    await phone.hello(version)
    return phone


def _something_happens(meeting: Meeting, amina: Membership, number: int) -> None:
    acts: list[Callable[[], object]] = [
        lambda: services.raise_hand(attendee=seat(meeting, amina)),
        lambda: services.call_next(meeting=fresh(meeting), actor=None),
        lambda: put_to_the_vote(meeting),
        lambda: vote(_open_poll(meeting), amina, "yes"),
        lambda: services.close_item_poll(item_poll=_open_poll(meeting).item_poll, actor=None),
        lambda: services.reveal_item_poll(item_poll=_open_poll(meeting).item_poll, actor=None),
    ]
    acts[number]()


def _open_poll(meeting: Meeting) -> Poll:
    return Poll.objects.select_related("register", "item_poll__item__meeting").get(lane=meeting.topic)


def _without_times(html: str) -> str:
    return re.sub(r'data-now="[^"]*"|value="[0-9a-zA-Z_-]{20,}"', "", html)


@pytest.mark.asyncio
@pytest.mark.usefixtures("fresh_hub")
@with_commits
@pytest.mark.parametrize("paced", [True, False])
async def test_13_a_rush_to_the_door_sends_each_phone_a_few_frames_and_not_one_for_each_who_joins(
    riverside: Assembly, amina: Membership, monkeypatch: pytest.MonkeyPatch, paced: bool
) -> None:
    """Two thousand join; without the pause between frames each phone would hear of many more of them."""
    if not paced:
        monkeypatch.setattr(live.hub, "SECONDS_BETWEEN_FRAMES", 0)
        monkeypatch.setattr(live.hub, "LONGEST_REST", 0)
    size, messages = 2000 if paced else 200, 0
    meeting = await sync_to_async(with_doors_open)(riverside, amina)
    versions = iter(range(1, 10**9))
    monkeypatch.setattr(
        live.versions, "bring_up_to_date", lambda address: next(versions)
    )  # everybody changes something
    hub, loop, joined = live.hub.hub(), asyncio.get_running_loop(), []

    async def take(message: dict[str, str]) -> None:
        nonlocal messages
        messages += 1

    began = loop.time()
    for number in range(size):
        visitor, audience = Visitor(number, f"session {number}"), Audience("attendee", "en")
        socket = Socket(take, address=meeting.topic, audience=audience, visitor=visitor, caught_up=hub.catch_up)
        socket.heard(0)
        hub.join(socket)
        joined.append(socket)
        hub.announced(meeting.topic)
        for each in joined[-50:]:
            each.heard(each.seq or 0)
        await asyncio.sleep(0.002)
    await asyncio.sleep(3 * SECONDS_BETWEEN_FRAMES)
    frames = (loop.time() - began) / SECONDS_BETWEEN_FRAMES + 2
    for socket in joined:
        hub.leave(socket)
    assert messages >= size
    if paced:
        assert messages <= size * frames, "each phone gets at most four frames a second, however many join"
        assert messages < size * size / 20
    else:
        assert messages > size * 4


@pytest.mark.django_db
def test_14_a_poll_that_closes_makes_no_phone_ask_at_once(
    riverside: Assembly, amina: Membership, client: Client
) -> None:
    """The result comes with the frame; what phones ask by themselves they ask at random moments, the more the wider."""
    meeting = in_session(riverside, amina)
    client.force_login(amina.user)
    held = put_to_the_vote(meeting)
    services.close_item_poll(item_poll=held, actor=None)
    services.reveal_item_poll(item_poll=held, actor=None)
    frame = client.get(f"/live/meeting/{meeting.pk}/").json()["panels"]
    assert "No decision" in frame["now"] + frame["agenda"], "nothing is left to be fetched"
    spreads = [_spread_with(meeting, size) for size in (1, 60, 900)]
    assert spreads == sorted(set(spreads)), "the more people, the longer phones take"
    script = (settings.BASE_DIR / "static" / "meeting.js").read_text()
    asks = re.findall(r"setTimeout\(\(\) => [^,]*fetchMine\([^)]*\), ([^;]+)\);", script)
    assert asks
    assert all("Math.random()" in ask for ask in asks), "each phone waits as long as its own dice say"


def _spread_with(meeting: Meeting, size: int) -> int:
    now = look(meeting.pk)
    now.__dict__["entitled"] = size
    return now.spread


METHODS: dict[str, dict[str, Any]] = {
    "plurality": {"ballot_type": "choose_one"},
    "majority": {"ballot_type": "yes_no"},
    "consensus": {"ballot_type": "consensus"},
    "approval": {},
    "score": {"ballot_type": "score"},
    "points": {"ballot_type": "points"},
    **{rule: {"ballot_type": "ranked"} for rule in ("irv", "borda", "schulze", "condorcet")},
    **{rule: {"ballot_type": "ranked", "rule_parameters": {"seats": 2}} for rule in ("stv-scottish", "stv-meek")},
    **{
        rule: {"budget": 900, "currency": "EUR", "costs": [500, 400, 300]}
        for rule, known in RULES.items()
        if known.needs_budget
    },
}


def test_15_no_method_is_left_out() -> None:
    assert set(METHODS) == set(RULES)


@pytest.mark.django_db
@pytest.mark.parametrize("rule", RULES)
def test_15_export_recount_equals_published(riverside: Assembly, rule: str) -> None:
    people = town_of(riverside, 12)
    poll = make_open_poll(riverside, *people, rule=rule, names_shown=True, **METHODS[rule])
    keys = list(poll.options.order_by("position").values_list("key", flat=True))
    for number, person in enumerate(people[:11]):
        choice = _choice(poll, keys, number)
        voting.cast_ballot(poll=poll, line=line_of(poll, person), choice=choice, key=f"the key of {number}")
    poll = voting.publish_poll(poll=voting.close_poll(poll=poll, actor=None), actor=None)
    publication = Publication.objects.get(poll=poll)
    said = check(publication)
    assert poll.published_root == publication.root_hex
    assert any("Recounted" in sentence for sentence in said), said


def _choice(poll: Poll, keys: list[str], number: int) -> dict[str, Any]:
    first, second = keys[number % 2], keys[(number + 1) % 2]
    match poll.ballot_type:
        case "ranked":
            return {"ranking": [first, second]}
        case "points":
            return {"points": {first: 2, second: 1}}
        case "score":
            return {"points": {first: 5, second: 1}}
        case "consensus":
            return {"options": ["agree"]}
        case "approval":
            return {"options": sorted([first, second] if number % 3 else [first])}
    return {"options": [first]}
