"""What people read in Spanish: pages, dates and answers that somebody put up in English."""

import re
from collections import Counter
from datetime import UTC, datetime
from gettext import GNUTranslations
from pathlib import Path

from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format

from assemblies.models import Assembly, Membership
from meetings import services
from tests.meetings.evening import fresh_poll, in_session, put_to_the_vote, vote

MO = Path(__file__).resolve().parent.parent / "locale/es/LC_MESSAGES/django.mo"
HELD = re.compile(r"%\(\w+\)[sd]|\{\w+\}|</?[a-z][^>]*>|&\w+;|\u00a0")  # what a translation must take over as it is
IN_SPANISH = {"Accept-Language": "es"}
ANSWER = re.compile(r"<span>(Sí|No|Abstención|Yes|Abstain)<")  # beside its box; why it is closed may follow inside


def test_every_translation_keeps_names_tags_and_no_break_spaces():
    with MO.open("rb") as file:
        catalog = GNUTranslations(file)._catalog
    lost = []
    for source, written in catalog.items():
        english = source[0] if isinstance(source, tuple) else source
        english = english.rpartition("\x04")[2]  # without its context
        if english and Counter(HELD.findall(english)) != Counter(HELD.findall(written)):
            lost.append(f"{english} -> {written}")
    assert len(catalog) > 1000
    assert lost == []


def test_a_spanish_date_says_its_weekday():
    with translation.override("es"):
        at = datetime(2026, 11, 21, 18, 30, tzinfo=UTC)
        assert date_format(at, "DATETIME_FORMAT", use_l10n=True) == "sábado 21 de noviembre de 2026, 18:30"


def test_amina_answers_in_spanish_what_was_asked_in_english(riverside: Assembly, amina: Membership) -> None:
    meeting = in_session(riverside, amina)
    item_poll = put_to_the_vote(meeting)
    phone = Client(headers=IN_SPANISH)
    phone.force_login(amina.user)
    ballot = phone.get(reverse("voting:poll", args=[item_poll.poll_id])).content.decode()
    assert ANSWER.findall(ballot) == ["Sí", "No", "Abstención"]
    vote(item_poll.poll, amina, "yes")
    services.close_item_poll(item_poll=fresh_poll(item_poll), actor=None)
    services.reveal_item_poll(item_poll=fresh_poll(item_poll), actor=None)
    result = phone.get(reverse("voting:result", args=[item_poll.poll_id])).content.decode()
    assert re.findall(r'"name">(\w+)<', result) == ["Sí", "No", "Abstención"]


def test_the_same_vote_reads_in_english_for_others(riverside: Assembly, amina: Membership) -> None:
    with translation.override("es"):
        item_poll = put_to_the_vote(in_session(riverside, amina))
    phone = Client()
    phone.force_login(amina.user)
    ballot = phone.get(reverse("voting:poll", args=[item_poll.poll_id])).content.decode()
    assert ANSWER.findall(ballot) == ["Yes", "No", "Abstain"]
