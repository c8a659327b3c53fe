"""What is written down about running says nothing about persons."""

import io
import json
import logging

import pytest
import structlog
from django.test import RequestFactory

from config.logs import configuration


@pytest.fixture(params=[True, False], ids=["json", "readable"])
def log(request):
    """A logger set up as in the settings, whose lines can be read back."""
    line = dict(configuration(as_json=request.param)["formatters"]["line"])
    written = io.StringIO()
    stream = logging.StreamHandler(written)
    stream.setFormatter(line.pop("()")(**line))
    logger = logging.Logger("folkmoot.test")
    logger.addHandler(stream)
    logger.read = written.getvalue
    logger.as_json = request.param
    return logger


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("mail to amina@example.org failed", "amina"),
        ("from 203.0.113.7", "203.0"),
        ("from 2001:db8:85a3::8a2e:370:7334", "8a2e"),
        ("GET /search/?q=amina&page=2", "amina"),
        ("duplicate key\nDETAIL:  Key (name)=(Amina Benali) already exists.", "Benali"),
    ],
)
def test_persons_are_struck_out_of_every_line(log, text, gone):
    log.warning(text)
    log.warning("it said %s", text)
    log.warning("extra", extra={"reason": text})
    assert gone not in log.read()


def test_persons_are_struck_out_of_tracebacks_too(log):
    try:
        raise ValueError("no amina@example.org at 203.0.113.7")
    except ValueError:
        log.exception("It failed.")
    said = log.read()
    assert "ValueError: no [e-mail] at [address]" in said.encode().decode("unicode_escape")
    assert "test_logs.py" in said


def test_what_is_no_person_stays_readable(log):
    log.warning("Job voting.jobs.close_poll failed at 12:30:05 after 3 of 5 tries")
    assert "Job voting.jobs.close_poll failed at 12:30:05 after 3 of 5 tries" in log.read()


def test_djangos_line_about_a_request_loses_its_path(log):
    request = RequestFactory().get("/people/amina/")
    log.error("%s: %s", "Internal Server Error", "/people/amina/", extra={"request": request})
    said = log.read()
    assert "amina" not in said
    assert "Internal Server Error" in said


def test_public_installations_write_json_with_time_and_level(log):
    log.warning("hello")
    said = log.read()
    if log.as_json:
        line = json.loads(said)
        assert (line["event"], line["level"]) == ("hello", "warning")
        assert line["timestamp"].endswith("Z")
    else:
        assert "hello" in said


@pytest.mark.django_db
def test_every_answer_has_a_number_and_one_line_with_its_route(client):
    with structlog.testing.capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        answer = client.get("/?email=amina@example.org", headers={"X-Forwarded-For": "203.0.113.7"})
        other = client.get("/no/such/page/")
    first, second = [line for line in lines if line["event"] == "answered"]
    assert first["request"] == answer["X-Request-ID"] != second["request"] == other["X-Request-ID"]
    assert (first["method"], first["route"], first["status"]) == ("GET", "assemblies:index", answer.status_code)
    assert (second["route"], second["status"]) == (None, 404)
    assert set(first) == {"request", "method", "route", "status", "milliseconds", "event", "log_level"}


@pytest.mark.django_db
def test_health_checks_leave_no_line(client):
    with structlog.testing.capture_logs() as lines:
        client.get("/healthz")
    assert lines == []
