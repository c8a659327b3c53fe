"""The page on which a ballot comes back that could not be stored."""

import re
from uuid import uuid4

from django.test import RequestFactory

from config.errors import broken

TOKEN = "a" * 64


def test_a_ballot_that_comes_back_is_sent_again_under_the_token_that_it_came_with():
    sent = {"csrfmiddlewaretoken": TOKEN, "key": "my key", "options": ["a", "c"]}
    page = broken(RequestFactory().post(f"/polls/{uuid4()}/cast/", sent)).content.decode()
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="(\w[^"]*)">', page)
    assert hidden == [("csrfmiddlewaretoken", TOKEN), ("key", "my key"), ("options", "a"), ("options", "c")]


def test_a_ballot_that_came_without_a_token_comes_back_without_one():
    page = broken(RequestFactory().post(f"/polls/{uuid4()}/cast/", {"key": "my key"})).content.decode()
    assert "csrfmiddlewaretoken" not in page
    assert 'value="my key"' in page
