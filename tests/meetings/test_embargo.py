"""Nobody sees a result before it is revealed: not in a frame of any audience, not on any page, in no language."""

from collections.abc import Callable, Iterable, Iterator
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from assemblies.models import Assembly, Membership
from live import frames
from live.frames import Audience
from meetings import services
from meetings.models import ItemPoll
from tests.make import make_member
from tests.meetings.evening import fresh_poll, in_session, put_to_the_vote, vote
from voting import results

AUDIENCES = [("meeting", "attendee"), ("meeting", "public"), ("cockpit", "facilitator"), ("screen", "screen")]
PAGES = ["meeting", "live", "my_vote", "my_hand", "screen", "calendar", "cockpit", "agenda"]


@pytest.fixture
def evening(riverside: Assembly, amina: Membership, bao: Membership) -> ItemPoll:
    """An open vote on which three have voted, two of them yes."""
    people = [amina, bao, make_member(riverside, "Dagny")]
    meeting = in_session(riverside, *people)
    item_poll = put_to_the_vote(meeting)
    for person, answer in zip(people, ("yes", "yes", "no"), strict=True):
        vote(item_poll.poll, person, answer)
    return item_poll


def everything_shown(item_poll: ItemPoll, *viewers: Membership | None) -> Iterator[str]:
    """Every page as each viewer gets it, and every frame in both languages."""
    meeting = item_poll.item.meeting
    for viewer in viewers:
        client = Client()
        if viewer:
            client.force_login(viewer.user)
        urls = [reverse(f"meetings:{page}", args=[meeting.pk]) for page in PAGES]
        urls += [reverse("meetings:meetings", args=["riverside"]), reverse("assemblies:home", args=["riverside"])]
        urls += [reverse(f"voting:{page}", args=[item_poll.poll.pk]) for page in ("poll", "result")]
        urls += [f"/live/{name}/{meeting.pk}/" for name in ("meeting", "cockpit", "screen")]
        for url in urls:
            yield unescape(client.get(url).content.decode())
            yield unescape(client.get(url, headers={"hx-request": "true"}).content.decode())
    for name, role in AUDIENCES:
        for language in ("en", "es"):
            yield unescape(frames.render(f"{name}/{meeting.pk}", Audience(role, language), 1).encoded)


def tells_the_result(shown: Iterable[str]) -> bool:
    """Whether anything in it says how people voted: the sentence of the outcome, or bars of any kind."""
    sentinels = ("Carried:", "Aprobada", 'class="outcome', "Votes so far", "2 yes")
    return any(sentinel in one for one in shown for sentinel in sentinels)


def test_while_the_vote_is_open_only_turnout_is_shown(evening: ItemPoll, amina: Membership, bao: Membership) -> None:
    assert not tells_the_result(everything_shown(evening, None, amina, bao))


def test_a_counted_result_is_hidden_from_everybody(evening: ItemPoll, amina: Membership, bao: Membership) -> None:
    services.close_item_poll(item_poll=evening, actor=bao.user)
    assert not tells_the_result(everything_shown(fresh_poll(evening), None, amina, bao))


def test_a_revealed_result_is_shown_to_everybody(evening: ItemPoll, amina: Membership, bao: Membership) -> None:
    services.close_item_poll(item_poll=evening, actor=bao.user)
    services.reveal_item_poll(item_poll=evening, actor=bao.user)
    for viewer in (None, amina, bao):
        assert tells_the_result(everything_shown(fresh_poll(evening), viewer))


def remove_the_embargo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "are_visible", lambda poll: True)


def remove_the_rule_on_tallies(monkeypatch: pytest.MonkeyPatch) -> None:
    running_tally = results.running_tally

    def shown_always(poll: object) -> object:
        monkeypatch.setattr(type(poll), "shows_running_tally", True)
        return running_tally(poll)  # type: ignore[arg-type]

    monkeypatch.setattr(results, "running_tally", shown_always)


@pytest.mark.parametrize(("protection", "is_closed"), [(remove_the_embargo, True), (remove_the_rule_on_tallies, False)])
def test_this_walk_would_notice_a_leak(
    evening: ItemPoll,
    bao: Membership,
    monkeypatch: pytest.MonkeyPatch,
    protection: Callable[[pytest.MonkeyPatch], None],
    is_closed: bool,
) -> None:
    if is_closed:
        services.close_item_poll(item_poll=evening, actor=bao.user)
    protection(monkeypatch)
    assert tells_the_result(everything_shown(fresh_poll(evening), bao))
