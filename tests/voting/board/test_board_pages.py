"""The public board in the browser, with scripts off: what happened, my receipt, the files, the scrutineers' desk."""

import re
from collections.abc import Iterable
from itertools import product
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from assemblies.models import Assembly, Membership, Role
from tests.make import line_of, make_member, make_open_poll
from tests.voting.board.test_files_of_a_poll import BLANK, BOTH, A, B, cast_all
from voting import jobs, services
from voting.board import reading, verify
from voting.models import Poll, Publication, Scrutineer, receipt_code

pytestmark = pytest.mark.django_db
EVERYBODYS = (
    "board/",
    "board/files/",
    "board/log/",
    "board/names/",
    "board/receipts/",
    "check/",
    "scrutineers/",
    "scrutineers/ballots/",
)
POSTED = ("check/", "receipt/mail/", "scrutineers/name/", "scrutineers/sign/")


@pytest.fixture
def members(riverside: Assembly) -> list[Membership]:
    return [make_member(riverside, f"Voter {number}") for number in range(12)]


@pytest.fixture
def adela(riverside: Assembly) -> Membership:
    return make_member(riverside, "Adela", Role.ADMINISTRATOR)


def url(poll: Poll, page: str) -> str:
    return f"/polls/{poll.pk}/{page}"


def text_of(client: Client, poll: Poll, page: str) -> str:
    answer = client.get(url(poll, page))
    assert answer.status_code == 200
    return answer.content.decode()


def close(poll: Poll, *, publish: bool = True) -> None:
    services.close_poll(poll=poll, actor=None)
    if publish:
        services.publish_poll(poll=poll, actor=None)


def leaks(
    client: Client,
    riverside: Assembly,
    members: list[Membership],
    adela: Membership,
    *,
    polls: Iterable[tuple[int, str]] = tuple(product((1, 2), ("approval", "ranked"))),
) -> list[str]:
    """Every page and file of the board that tells something of a result, open and withheld, to whoever asks."""
    found = []
    for secrecy, kind in polls:
        poll = make_open_poll(
            riverside, *members, secrecy=secrecy, ballot_type=kind, titles=("Zebra", "Quagga", "Okapi")
        )
        choices = [A] * 6 + [B] * 3 if kind == "approval" else [{"ranking": ["a"]}] * 6 + [{"ranking": ["b"]}] * 3
        cast_all(poll, members, choices)
        for seat in (members[0], adela):
            Scrutineer.objects.create(poll=poll, membership=seat, named_by=adela.user)
        for step in ("open", "withheld"):
            if step == "withheld":
                close(poll, publish=False)
            secrets = "|".join([*(r.outcome_hash.hex() for r in poll.results.all()), "box_root", "Zebra"])
            for person in (None, members[0], adela):
                client.logout()
                if person:
                    client.force_login(person.user)
                answers = [(page, client.get(url(poll, page))) for page in EVERYBODYS]
                answers.append(("check/", client.post(url(poll, "check/"), {"code": receipt_code(bytes([1] * 10))})))
                for page, answer in answers:
                    told = answer.content.decode(errors="replace").replace(DEFINED, "")
                    if re.search(secrets, told) or (page in FILES and answer.status_code == 200):
                        found.append(f"{poll.secrecy} {kind} {step} {page}")
    return found


DEFINED = r"\"title\":\"Zebra\""  # the options stand in the definition, inside an event of the log
FILES = ("board/files/", "board/names/", "scrutineers/ballots/")


def test_nothing_of_a_result_leaves_before_publication(client, riverside, members, adela):
    assert leaks(client, riverside, members, adela) == []


def test_without_the_embargo_the_log_would_tell(client, riverside, members, adela, monkeypatch):
    """The switch: the test above can fail."""
    from voting import results

    monkeypatch.setattr(results, "are_visible", lambda poll: True)
    found = leaks(client, riverside, members, adela, polls=[(1, "approval")])
    assert any(leak.endswith("withheld board/log/") for leak in found)


def test_the_hash_of_the_count_is_withheld_too(client, riverside, members):
    """Who knows how many voted could try every outcome until one has this hash."""
    import ledger

    poll = make_open_poll(riverside, *members)
    cast_all(poll, members, [A] * 6 + [B] * 5)
    close(poll, publish=False)
    counted = next(event for event in ledger.events(poll.pk) if event.kind == "poll.counted")
    for page in ("board/", "board/log/"):
        assert bytes(counted.hash).hex() not in text_of(client, poll, page)
    services.publish_poll(poll=poll, actor=None)
    for page in ("board/", "board/log/"):
        assert bytes(counted.hash).hex() in text_of(client, poll, page)


def test_anybody_reads_the_board_and_checks_the_files(client, riverside, members):
    poll = make_open_poll(riverside, *members, secrecy=2)
    cast_all(poll, members, [A] * 6 + [B] * 5)
    assert "The list of receipts is shown when voting has closed" in text_of(client, poll, "board/")
    assert client.get(url(poll, "board/receipts/")).status_code == 404
    close(poll)
    root = Publication.objects.get().root_hex
    board = text_of(client, poll, "board/")
    assert root in board
    assert "each choice was made by 5 people or more" in board
    archive = client.get(url(poll, "board/files/"))
    assert archive["Content-Type"] == "application/zip"
    assert verify.findings(lambda: verify.unpack(archive.content), root=root)[0]
    assert verify.unpack(archive.content)["receipts.txt"] == client.get(url(poll, "board/receipts/")).content
    log = client.get(url(poll, "board/log/")).content
    assert log.startswith(verify.unpack(archive.content)["log.jsonl"])
    assert verify.check_log(log, str(poll.pk), [])[-1][2]["bundle_root"] == root or b"keys_destroyed" in log
    assert root in text_of(client, poll, "result/")


def test_a_voter_checks_the_receipt_without_scripts(client, riverside, members):
    poll = make_open_poll(riverside, *members, secrecy=2)
    receipts = cast_all(poll, members, [A] * 6 + [B] * 5)
    code = receipts[3].code
    assert "Voting is still open" in client.post(url(poll, "check/"), {"code": code}).content.decode()
    close(poll, publish=False)
    for typed in (code, code.replace("-", "").lower(), receipts[3].digest.hex()):
        answer = client.post(url(poll, "check/"), {"code": typed}).content.decode()
        assert "Your ballot was in when voting closed" in answer
        assert receipts[3].digest.hex() in answer
    missing = client.post(url(poll, "check/"), {"code": "0000-0000-0000-0000"}).content.decode()
    assert "No ballot in this vote has this code" in missing
    wrong = client.post(url(poll, "check/"), {"code": "what is this"})
    assert wrong.status_code == 422
    assert "A code has 16 letters and figures" in wrong.content.decode()
    assert "what is this" in wrong.content.decode()


@pytest.mark.parametrize("choices", [[A] * 5 + [BOTH] * 6, [A, A, B, BLANK] + [BOTH] * 4], ids=["whole", "columns"])
def test_a_tracking_code_shows_how_the_ballot_was_counted_after_publication_only(client, riverside, members, choices):
    poll = make_open_poll(riverside, *members, secrecy=2, titles=("Trees", "Crossing", "Café"))
    cast_all(poll, members, choices)
    mine = receipt_code(bytes([7] * 10))
    close(poll, publish=False)
    assert "No ballot in this vote" in client.post(url(poll, "check/"), {"code": mine}).content.decode()
    services.publish_poll(poll=poll, actor=None)
    answer = client.post(url(poll, "check/"), {"code": mine}).content.decode()
    assert "Your ballot was counted like this" in answer
    assert "Trees" in answer
    assert "Crossing" in answer
    assert "Café" not in answer


@pytest.mark.parametrize("choices", [[A] * 5 + [B] * 6, [A, A, BLANK, B] + [BOTH] * 4], ids=["whole", "columns"])
def test_who_looks_for_a_code_that_came_twice_hears_so(client, riverside, members, choices):
    poll = make_open_poll(riverside, *members, secrecy=2, titles=("Trees", "Crossing", "Café"))
    for number, (member, choice) in enumerate(zip(members, choices, strict=False)):
        code = bytes([0 if choice == B else number] * 10)
        line = line_of(poll, member)
        services.cast_ballot(poll=poll, line=line, choice=choice, key=f"key of {number}", tracking=code)
    close(poll)
    alone = client.post(url(poll, "check/"), {"code": receipt_code(bytes([1] * 10))}).content.decode()
    assert "Your ballot was counted like this" in alone
    assert "Crossing" not in alone
    twice = client.post(url(poll, "check/"), {"code": receipt_code(bytes(10))}).content.decode()
    assert "More than one ballot was counted under this code" in twice
    assert "Trees" in twice
    assert "Crossing" in twice


def test_a_voter_of_a_named_poll_without_names_sees_the_own_code_alone(client, riverside, members):
    poll = make_open_poll(riverside, *members)
    cast_all(poll, members, [A] * 5 + [BOTH] * 6)
    close(poll)
    client.force_login(members[8].user)
    code = re.search(r'class="key">([0-9A-Z-]{19})<', text_of(client, poll, "check/"))
    assert code
    client.logout()
    assert code[1] not in text_of(client, poll, "check/")
    answer = client.post(url(poll, "check/"), {"code": code[1]}).content.decode()
    assert "Safe crossing" in answer


def test_names_are_told_where_that_was_said(client, riverside, members):
    silent = make_open_poll(riverside, *members)
    cast_all(silent, members, [A, B, BOTH, BLANK, A])
    close(silent)
    assert client.get(url(silent, "board/names/")).status_code == 404
    told = make_open_poll(riverside, *members, names_shown=True)
    cast_all(told, members, [A, B, BOTH, BLANK, A])
    client.force_login(members[0].user)
    other = make_open_poll(riverside, members[0], names_shown=True)
    assert "with your name" in text_of(client, other, "")
    close(told)
    names = text_of(client, told, "board/names/")
    assert "Voter 0" in names
    assert "Voter 5" not in names
    assert "Blank ballot" in names
    assert str(line_of(told, members[0]).pk) in names


def test_the_page_of_names_asks_little_of_the_database(
    client, riverside, members, django_assert_max_num_queries: DjangoAssertNumQueries
):
    poll = make_open_poll(riverside, *members, names_shown=True)
    cast_all(poll, members, [A] * 12)
    close(poll)
    with django_assert_max_num_queries(14):
        text_of(client, poll, "board/names/")


def test_the_board_asks_little_of_the_database(
    client, riverside, members, django_assert_max_num_queries: DjangoAssertNumQueries
):
    poll = make_open_poll(riverside, *members, secrecy=2)
    cast_all(poll, members, [A] * 6 + [B] * 5)
    close(poll)
    with django_assert_max_num_queries(12):
        text_of(client, poll, "board/")


def test_the_receipt_comes_by_mail_without_the_choice(client, riverside, amina):
    poll = make_open_poll(riverside, amina, secrecy=2, titles=("Trees", "Crossing"))
    client.force_login(amina.user)
    assert client.post(url(poll, "receipt/mail/")).status_code == 403
    receipt = cast_all(poll, [amina], [A])[0]
    assert client.post(url(poll, "receipt/mail/")).status_code == 302
    jobs.mail_receipt(str(poll.pk), str(amina.user.pk))
    (letter,) = mail.outbox
    assert letter.to == [amina.user.email]
    assert receipt.code in letter.body
    assert f"/polls/{poll.pk}/check/" in letter.body
    assert "Trees" not in letter.body + letter.subject


def test_nothing_of_the_receipt_waits_in_the_queue(client, riverside, amina):
    from procrastinate.contrib.django.models import ProcrastinateJob

    poll = make_open_poll(riverside, amina, secrecy=2)
    receipt = cast_all(poll, [amina], [A])[0]
    client.force_login(amina.user)
    client.post(url(poll, "receipt/mail/"))
    waiting = [str(job.args) for job in ProcrastinateJob.objects.filter(task_name__endswith="mail_receipt")]
    assert len(waiting) == 1
    assert receipt.code not in waiting[0]
    assert receipt.digest.hex() not in waiting[0]


def test_the_mail_after_publication_brings_the_root(riverside, members):
    poll = make_open_poll(riverside, *members)
    cast_all(poll, members, [A] * 6 + [B] * 5)
    close(poll)
    jobs.mail_receipt(str(poll.pk), str(members[0].user.pk))
    publication = Publication.objects.get()
    assert publication.root_hex in mail.outbox[0].body
    assert f"Check number: {publication.check_number}" in mail.outbox[0].body


def test_the_check_number_is_the_beginning_of_the_root_and_stands_on_the_result(client, riverside, members):
    poll = make_open_poll(riverside, *members, secrecy=2)
    assert reading.root_words(poll) == ""
    cast_all(poll, members, [A] * 6 + [B] * 5)
    close(poll)
    poll.refresh_from_db()
    words = reading.root_words(poll)
    assert [len(group) for group in words.split(" ")] == [4, 4, 4, 4]
    assert Publication.objects.get().root_hex.startswith(words.replace(" ", ""))
    for page in ("result/", "board/"):
        assert words in text_of(client, poll, page)


def test_a_counted_poll_that_is_not_published_has_no_check_number(riverside, members):
    poll = make_open_poll(riverside, *members, secrecy=2)
    cast_all(poll, members, [A] * 6 + [B] * 5)
    assert reading.root_words(services.close_poll(poll=poll, actor=None)) == ""


# Scrutineers


def test_adela_names_two_who_count_again_and_sign(client, riverside, members, adela):
    poll = make_open_poll(riverside, *members, secrecy=2, ballot_type="ranked")
    cast_all(poll, members, [{"ranking": ["a", "b"]}] * 4 + [{"ranking": ["b"]}])
    client.force_login(adela.user)
    wrong = client.post(url(poll, "scrutineers/name/"), {"email": "nobody@example.org"})
    assert wrong.status_code == 422
    assert "No member of this assembly" in wrong.content.decode()
    for member in members[:2]:
        assert client.post(url(poll, "scrutineers/name/"), {"email": member.user.email.upper()}).status_code == 302
    twice = client.post(url(poll, "scrutineers/name/"), {"email": members[0].user.email})
    assert "a scrutineer of this vote already" in twice.content.decode()
    close(poll)
    assert client.get(url(poll, "scrutineers/ballots/")).status_code == 403
    client.force_login(members[0].user)
    ballots = client.get(url(poll, "scrutineers/ballots/"))
    assert b"ballots.json" in ballots.content
    holds, said = verify.findings(lambda: verify.unpack(ballots.content))
    assert holds, said
    root = said[0].rsplit(" ", 1)[1]
    assert root in text_of(client, poll, "board/")
    refused = client.post(url(poll, "scrutineers/sign/"), {"root": "ab" * 32, "agrees": "yes"})
    assert refused.status_code == 422
    assert "not the root" in refused.content.decode()
    assert client.post(url(poll, "scrutineers/sign/"), {"root": root, "agrees": "yes"}).status_code == 302
    board = text_of(client, poll, "board/")
    assert "Counted again: it agrees" in board
    assert "Has not signed yet" in board
    client.force_login(members[5].user)
    for page in ("scrutineers/", "scrutineers/ballots/"):
        assert client.get(url(poll, page)).status_code == 403
    assert client.post(url(poll, "scrutineers/sign/"), {"root": root, "agrees": "no"}).status_code == 403
    assert client.post(url(poll, "scrutineers/name/"), {"email": members[5].user.email}).status_code == 403


def test_a_scrutineer_is_taken_off_the_list_before_the_result_only(client, riverside, members, adela):
    poll = make_open_poll(riverside, *members)
    seat = services.name_scrutineer(poll=poll, membership=members[0], actor=adela.user)
    client.force_login(adela.user)
    assert client.post(url(poll, f"scrutineers/{seat.pk}/drop/")).status_code == 302
    assert not Scrutineer.objects.exists()
    seat = services.name_scrutineer(poll=poll, membership=members[0], actor=adela.user)
    cast_all(poll, members, [A] * 6)
    close(poll)
    answer = client.post(url(poll, f"scrutineers/{seat.pk}/drop/"), follow=True)
    assert "Scrutineers stay as they are" in answer.content.decode()
    assert Scrutineer.objects.exists()


def test_the_form_to_name_scrutineers_goes_with_the_result(client, riverside, members, adela):
    poll = make_open_poll(riverside, *members, secrecy=2, ballot_type="ranked")
    cast_all(poll, members, [{"ranking": ["a", "b"]}] * 4 + [{"ranking": ["b"]}])
    services.name_scrutineer(poll=poll, membership=adela, actor=adela.user)
    client.force_login(adela.user)
    assert "Name a scrutineer" in text_of(client, poll, "scrutineers/")
    close(poll)
    desk = text_of(client, poll, "scrutineers/")
    assert "Name a scrutineer" not in desk
    assert "Nobody gets the ballots" in desk
    refused = client.post(url(poll, "scrutineers/name/"), {"email": members[0].user.email})
    assert refused.status_code == 422
    assert "Scrutineers stay as they are" in refused.content.decode()


def test_the_desk_of_a_secret_poll_asks_for_two_people_who_name(client, riverside, members, adela):
    poll = make_open_poll(riverside, *members, secrecy=3, agreed=members[:2])
    client.force_login(adela.user)
    assert "Two different people must name them" in text_of(client, poll, "scrutineers/")


def test_who_left_the_assembly_gets_no_ballots(client, riverside, members, adela):
    from django.utils import timezone

    poll = make_open_poll(riverside, *members, secrecy=2, ballot_type="ranked")
    cast_all(poll, members, [{"ranking": ["a", "b"]}] * 4 + [{"ranking": ["b"]}])
    for member in members[:2]:
        services.name_scrutineer(poll=poll, membership=member, actor=adela.user)
    close(poll)
    members[0].left_at = timezone.now()
    members[0].save()
    client.force_login(members[0].user)
    assert client.get(url(poll, "scrutineers/ballots/")).status_code == 403


def test_amina_cannot_see_the_board_of_another_towns_poll(client, amina, harbour, chidi):
    private = make_open_poll(harbour, chidi)
    client.force_login(amina.user)
    for page in EVERYBODYS:
        assert client.get(url(private, page)).status_code == 404
    for page in POSTED:
        assert client.post(url(private, page)).status_code == 404


def test_a_ballot_cast_on_the_page_carries_the_code_of_the_device(client, riverside, members):
    poll = make_open_poll(riverside, *members, secrecy=2)
    for number, member in enumerate(members):
        client.force_login(member.user)
        sent: dict[str, Any] = {"key": f"a key for ballot {number}", "options": "ab"[number % 2]}
        client.post(url(poll, "cast/"), {**sent, "tracking": receipt_code(bytes([number] * 10))})
    close(poll)
    client.logout()
    answer = client.post(url(poll, "check/"), {"code": receipt_code(bytes([3] * 10))}).content.decode()
    assert "Safe crossing" in answer
