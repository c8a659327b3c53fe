"""Versions grow only when the state changed, also when several processes look at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from live import versions
from live.models import TopicVersion
from live.topics import Topic, UnknownTopic, register, registered, resolve
from tests.live.conftest import Board


@pytest.mark.django_db
def test_a_version_counts_changes_of_state_only(board: Board) -> None:
    assert versions.last_seen(board.topic) == 0
    assert [versions.bring_up_to_date(board.topic) for _ in range(3)] == [1, 1, 1]
    board.text = "Changed"
    assert [versions.bring_up_to_date(board.topic) for _ in range(3)] == [2, 2, 2]
    assert versions.last_seen(board.topic) == 2


@pytest.mark.django_db
def test_an_empty_state_is_a_state(board: Board) -> None:
    board.text = ""
    assert versions.bring_up_to_date(board.topic) == 1


@pytest.mark.django_db(transaction=True)
def test_hubs_that_look_at_once_count_one_change_once(board: Board) -> None:
    hubs, rounds = 4, 25
    together = Barrier(hubs)

    def look(number: int) -> list[int]:
        seen = []
        try:
            for round in range(rounds):
                if together.wait() == 0:
                    board.text = f"Round {round}"
                together.wait()
                seen.append(versions.bring_up_to_date(board.topic))
        finally:
            connection.close()
        return seen

    with ThreadPoolExecutor(hubs) as pool:
        seen = list(pool.map(look, range(hubs)))
    assert seen == [list(range(1, rounds + 1))] * hubs
    assert TopicVersion.objects.get().seq == rounds


def test_two_apps_cannot_register_one_name(board: Board) -> None:
    other = Topic(name="notice", audience_of=lambda user, id: None, state=lambda id: "", render=lambda *asked: {})
    with pytest.raises(ValueError, match="notice"):
        register(other)
    assert other not in registered()


@pytest.mark.parametrize(
    "address", ["", "notice", "notice/", "notice/1", "/x", "notice/{0}/more", "notice/{1}", "other/{0}"]
)
def test_a_topic_has_one_spelling(board: Board, address: str) -> None:
    with pytest.raises(UnknownTopic):
        resolve(address.format(board.id, str(board.id).upper()))
