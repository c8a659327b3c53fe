# SPDX-License-Identifier: AGPL-3.0-or-later
from django.db import transaction
from django.urls import reverse

import jobs
import ledger
from accounts.mails import send, site_address
from accounts.models import User
from assemblies.models import Assembly, Membership, Role

from . import services
from .board import reading
from .models import CodeBatch, Poll


@jobs.every("*/5 * * * *")
def take_checkpoints() -> None:
    """Open polls with at least ten new ballots have a checkpoint in their log, whose root anybody may write down."""
    services.take_checkpoints()


@jobs.every("* * * * *")
def close_due_polls() -> None:
    """Polls whose closing time has passed are closed and counted. A late run changes nothing: casts look at the clock."""
    services.close_due_polls()


@jobs.job(retries=5)
def warn_of_guessing() -> None:
    """Every assembly with voter codes has it in its log that somebody tries codes, and its administrators get a mail."""
    with transaction.atomic():
        for assembly in Assembly.objects.filter(pk__in=CodeBatch.objects.valid().values("assembly")):
            ledger.append(stream=assembly.pk, kind="codes_guessed")
            for administrator in assembly.memberships.holding(Role.ADMINISTRATOR):
                jobs.defer(mail_about_guessing, str(administrator.pk))


@jobs.job(retries=5)
def mail_about_guessing(membership_id: str) -> None:
    """This administrator has a mail that says what happens and what can be done."""
    found = Membership.objects.current().select_related("user", "assembly").filter(pk=membership_id).first()
    if found is None:
        return
    send(found.user, "voting/mail/guessing", {"assembly": found.assembly}, language=found.assembly.language)


@jobs.job(retries=5)
def mail_receipt(poll_id: str, user_id: str) -> None:
    """The voter has their receipt by mail. Nothing of it waits in the queue: it is looked up now, while that is possible."""
    poll = Poll.objects.select_related("assembly", "register").get(pk=poll_id)
    user = User.objects.get(pk=user_id)
    line = poll.register.lines.held_by(user).first() if poll.register else None
    receipt = services.receipt_of(poll, line)
    if receipt is None:
        return
    page = {
        "poll": poll,
        "receipt": receipt,
        "published": reading.publication_of(poll),
        "check_url": site_address() + reverse("voting:check", args=[poll.pk]),
        "board_url": site_address() + reverse("voting:board", args=[poll.pk]),
    }
    send(user, "voting/mail/receipt", page, language=poll.assembly.language)
