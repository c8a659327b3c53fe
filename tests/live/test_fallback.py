"""Screens whose network blocks sockets ask by GET."""

from html import unescape

import pytest
from django.template import Context, RequestContext, Template
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries

from assemblies.models import Membership
from live import frames, versions
from live.models import TopicVersion
from tests.live.conftest import Board

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    frames._kept.clear()


def signed_in(member: Membership) -> Client:
    client = Client()
    client.force_login(member.user)
    return client


def test_the_frame_comes_with_its_version(amina: Membership, board: Board) -> None:
    answer = signed_in(amina).get(f"/live/{board.topic}/")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "private, no-store"
    frame = answer.json()
    assert (frame["topic"], frame["seq"]) == (board.topic, 1)
    assert "Nothing yet" in frame["panels"]["notice"]


def test_the_same_version_again_is_304_without_drawing(amina: Membership, board: Board) -> None:
    client = signed_in(amina)
    etag = client.get(f"/live/{board.topic}/")["ETag"]
    board.renders.clear()
    for sent in (etag, "W/" + etag):
        answer = client.get(f"/live/{board.topic}/", headers={"If-None-Match": sent})
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", etag)
    assert board.renders == []
    board.text = "Something new"
    answer = client.get(f"/live/{board.topic}/", headers={"If-None-Match": etag})
    assert answer.status_code == 200
    assert "Something new" in answer.json()["panels"]["notice"]
    assert answer["ETag"] != etag


def test_the_version_of_one_audience_or_language_is_not_that_of_another(
    amina: Membership, bao: Membership, board: Board
) -> None:
    address = f"/live/{board.topic}/"
    answers = [
        signed_in(amina).get(address),
        signed_in(bao).get(address),
        signed_in(amina).get(f"{address}?language=es"),
    ]
    assert len({answer["ETag"] for answer in answers}) == 3
    assert "facilitator, en" in answers[1].json()["panels"]["notice"]
    assert "resident, es" in answers[2].json()["panels"]["notice"]


def test_an_unknown_language_is_the_default_one(amina: Membership, board: Board) -> None:
    answer = signed_in(amina).get(f"/live/{board.topic}/?language=../xx")
    assert "resident, en" in answer.json()["panels"]["notice"]


def test_many_who_poll_share_one_drawing(amina: Membership, board: Board) -> None:
    for _ in range(3):
        signed_in(amina).get(f"/live/{board.topic}/")
    assert board.renders == [("resident", "en")]


def test_chidi_cannot_see_that_the_board_exists(chidi: Membership, board: Board) -> None:
    for client in (signed_in(chidi), Client()):
        assert client.get(f"/live/{board.topic}/").status_code == 404
        assert client.get("/live/notice/1/").status_code == 404
        assert client.get(f"/live/unknown/{board.id}/").status_code == 404
    assert board.renders == []


def test_nothing_can_be_done_there(amina: Membership, board: Board) -> None:
    client = signed_in(amina)
    assert client.head(f"/live/{board.topic}/").status_code == 200
    for method in (client.post, client.put, client.patch, client.delete):
        assert method(f"/live/{board.topic}/").status_code == 405


def test_asking_again_costs_few_queries(
    amina: Membership, board: Board, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(amina)
    etag = client.get(f"/live/{board.topic}/")["ETag"]
    with django_assert_num_queries(3):  # session, user, version; the topic adds its own
        client.get(f"/live/{board.topic}/", headers={"If-None-Match": etag})


def page(board: Board, member: Membership) -> tuple[str, str]:
    """A page that shows one panel of the board, and the token that its forms carry."""
    request = RequestFactory().get("/")
    request.user, request.session = member.user, {}  # type: ignore[assignment]
    template = Template(
        "{% load live %}{% live_topic topic as screen %}<div {{ screen.attributes }}>"
        '<section data-live-panel="notice">{{ screen.panels.notice }}</section></div>'
    )
    html = template.render(RequestContext(request, {"topic": board.topic}))
    return html, html.split('data-live-csrf="')[1].split('"')[0]


def test_a_pushed_panel_equals_a_fresh_page(amina: Membership, board: Board) -> None:
    board.text = "Más árboles & <shade>"
    pushed = signed_in(amina).get(f"/live/{board.topic}/").json()
    html, token = page(board, amina)
    panel = html.split('data-live-panel="notice">')[1].split("</section>")[0]
    assert "&lt;shade&gt;" in panel
    # The one difference: no frame carries a person's form token, so the page fills it in.
    assert panel == pushed["panels"]["notice"].replace(
        'csrfmiddlewaretoken" value=""', f'csrfmiddlewaretoken" value="{token}"'
    )
    assert panel.count(token) == 1


def test_a_page_says_which_version_it_shows_at_least(
    amina: Membership, board: Board, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert 'data-live-seq="0"' in page(board, amina)[0]
    versions.bring_up_to_date(board.topic)
    board.text = "Newer than anyone counted"
    with django_assert_num_queries(1):
        html, _ = page(board, amina)
    assert 'data-live-seq="1"' in html
    assert "Newer than anyone counted" in html
    assert f'data-live-topic="{board.topic}"' in html
    assert 'data-live-language="en"' in html


def test_no_topic_keeps_what_it_shows(amina: Membership, board: Board) -> None:
    board.text = "A name that nobody should find in this table"
    versions.bring_up_to_date(board.topic)
    row = TopicVersion.objects.get()
    assert (row.topic, row.seq) == (board.topic, 1)
    assert "name" not in row.state


def test_a_form_in_a_panel_names_the_token_field_as_django_does() -> None:
    request = RequestFactory().get("/")
    ours = Template("{% load live %}{% live_csrf %}").render(Context())
    token = Template("{% csrf_token %}").render(RequestContext(request))
    assert unescape(ours) == token.split('value="')[0] + 'value="">'
