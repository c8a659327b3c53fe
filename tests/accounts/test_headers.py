import pytest
from django.test import Client

from assemblies.models import Membership

pytestmark = pytest.mark.django_db


def test_pages_of_a_session_stay_out_of_every_cache(client: Client, amina: Membership) -> None:
    client.force_login(amina.user)
    for page in ("/me/", "/a/riverside/", "/help/"):
        assert client.get(page).headers["Cache-Control"] == "private, no-store"


def test_what_a_visitor_reads_may_be_kept(client: Client) -> None:
    assert "no-store" not in client.get("/help/").headers.get("Cache-Control", "")


def test_the_answer_that_begins_a_session_is_not_kept_either(client: Client, amina: Membership) -> None:
    assert "no-store" in client.post("/sign-in/", {"email": amina.user.email}).headers["Cache-Control"]


def test_no_page_may_use_the_camera_or_talk_to_its_opener(client: Client) -> None:
    headers = client.get("/help/").headers
    assert "camera=()" in headers["Permissions-Policy"]
    assert "publickey-credentials" not in headers["Permissions-Policy"]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "unsafe" not in headers["Content-Security-Policy"]
