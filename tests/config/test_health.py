"""/healthz tells a load balancer whether this process can do its work."""

import pytest

from config import health

pytestmark = pytest.mark.django_db


def test_a_process_with_database_and_channel_layer_is_well(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"ok", "text/plain")
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("missing", health.CHECKS)
def test_a_process_that_lacks_one_says_which_and_nothing_secret(client, monkeypatch, missing):
    async def fail():
        raise OSError("postgres://folkmoot:secret@db refused")

    monkeypatch.setitem(health.CHECKS, missing, fail)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (503, f"no {missing}".encode())


def test_a_check_that_never_answers_counts_as_no(client, monkeypatch):
    async def wait():
        await health.asyncio.sleep(600)

    monkeypatch.setattr(health, "PATIENCE", 0.01)
    monkeypatch.setitem(health.CHECKS, "database", wait)
    assert client.get("/healthz").status_code == 503


def test_it_may_only_be_read(client):
    assert client.post("/healthz").status_code == 405


def test_it_is_answered_without_tls_and_never_redirected(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz").status_code == 200
