"""Sockets are opened from our own pages only, whatever cookies the browser sends along."""

import pytest
from pytest_django import Settings

from assemblies.models import Membership
from live.origins import as_browsers_write, is_ours
from tests.live.conftest import HOST, ORIGIN, Board, make_phone, sign_in

HOSTILE = {
    "another site": [(b"host", HOST), (b"origin", b"http://evil.example")],
    "another scheme": [(b"host", HOST), (b"origin", b"https://localhost:8000")],
    "another port": [(b"host", HOST), (b"origin", b"http://localhost:8080")],
    "no port": [(b"host", HOST), (b"origin", b"http://localhost")],
    "our name as a prefix": [(b"host", HOST), (b"origin", b"http://localhost:8000.evil.example")],
    "our name as a suffix": [(b"host", HOST), (b"origin", b"http://evil-localhost:8000")],
    "our name as a user": [(b"host", HOST), (b"origin", b"http://localhost:8000@evil.example")],
    "a sandboxed frame": [(b"host", HOST), (b"origin", b"null")],
    "no origin": [(b"host", HOST)],
    "two origins": [(b"host", HOST), (b"origin", ORIGIN), (b"origin", b"http://evil.example")],
    "two origins in one": [(b"host", HOST), (b"origin", ORIGIN + b", http://evil.example")],
    "a control character": [(b"host", HOST), (b"origin", ORIGIN + b"\x0b")],
    "a path": [(b"host", HOST), (b"origin", ORIGIN + b"/")],
    "an empty origin": [(b"host", HOST), (b"origin", b"")],
    "bytes that are no text": [(b"host", HOST), (b"origin", b"http://local\xffhost:8000")],
    "another host": [(b"host", b"evil.example"), (b"origin", ORIGIN)],
    "no host": [(b"origin", ORIGIN)],
    "two hosts": [(b"host", HOST), (b"host", b"evil.example"), (b"origin", ORIGIN)],
}


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fresh_hub")
async def test_every_hostile_handshake_is_refused_and_every_page_of_ours_is_taken(
    amina: Membership, board: Board
) -> None:
    cookie = await sign_in(amina)
    for name, headers in HOSTILE.items():
        assert await make_phone(board.topic, cookie, headers=headers).connect() == (False, 4403), name
    for host in (b"localhost:8000", b"127.0.0.1:8000", b"[::1]:8000"):
        ours = [(b"Host", host), (b"Origin", b"http://" + host)]
        phone = make_phone(board.topic, cookie, headers=ours)
        assert (await phone.connect(timeout=10))[0], host
        await phone.disconnect()


@pytest.mark.parametrize(
    ("setting", "written"),
    [
        ("https://vote.example", b"https://vote.example"),
        ("https://vote.example:443", b"https://vote.example"),
        ("http://vote.example:80", b"http://vote.example"),
        ("http://vote.example:443", b"http://vote.example:443"),
        ("https://Vote.Example:8443", b"https://vote.example:8443"),
        ("http://[::1]:8000", b"http://[::1]:8000"),
    ],
)
def test_an_origin_is_compared_in_the_spelling_of_browsers(setting: str, written: bytes) -> None:
    assert as_browsers_write(setting) == written


def test_a_public_site_takes_its_own_pages_and_no_plain_http(settings: Settings) -> None:
    settings.ALLOWED_HOSTS, settings.ALLOWED_ORIGINS = ["vote.example"], ["https://vote.example"]
    assert is_ours([(b"host", b"vote.example"), (b"origin", b"https://vote.example")])
    assert not is_ours([(b"host", b"vote.example"), (b"origin", b"http://vote.example")])
    assert not is_ours([(b"host", b"localhost:8000"), (b"origin", b"http://localhost:8000")])
