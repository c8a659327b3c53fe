# SPDX-License-Identifier: AGPL-3.0-or-later
"""Trustees of a secret poll: named, their keys made and tried before it opens, and asked for after it has closed."""

from itertools import permutations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

import jobs
from accounts.models import User
from assemblies.models import Membership
from voting import keys, mails, trustees
from voting.models import NOT_OPENED, Poll, SealedKey, Trustee

from .records import record
from .refusals import PollRefused

TRUSTEES = 3


@transaction.atomic
def name_trustee(*, poll: Poll, membership: Membership) -> Trustee:
    """This member keeps one of the three keys, once they have made it."""
    poll = _not_opened(poll)
    if not poll.is_secret:
        raise PollRefused(_("Only a secret vote has trustees."))
    if membership.assembly_id != poll.assembly_id or membership.left_at is not None:
        raise PollRefused(_("A trustee is a member of this assembly."))
    if poll.trustees.filter(user=membership.user_id).exists():
        raise PollRefused(_("This person is a trustee already."))
    if poll.trustees.count() >= TRUSTEES:
        raise PollRefused(_("There are three trustees already. Take one off the list first."))
    trustee = Trustee.objects.create(poll=poll, user=membership.user)
    jobs.defer(mails.ask_trustee, str(trustee.pk))
    return trustee


@transaction.atomic
def drop_trustee(*, trustee: Trustee) -> None:
    """This person keeps no key any more; another can be named until the poll opens."""
    _not_opened(trustee.poll)
    trustee.delete()


@transaction.atomic
def make_key(*, trustee: Trustee) -> str:
    """A new key of this trustee, written for people. It is nowhere else: whoever loses it makes another."""
    _not_opened(trustee.poll)
    trustee = Trustee.objects.select_for_update().get(pk=trustee.pk)
    with trustees.wiped(trustees.new_key()) as key:
        trustee.public_key = trustees.public_key_of(key)
        trustee.canary, trustee.canary_hash = trustees.canary_for(trustee.public_key)
        trustee.proved_at = None
        trustee.save(update_fields=["public_key", "canary", "canary_hash", "proved_at"])
        return trustees.written(key)


@transaction.atomic
def prove_key(*, trustee: Trustee, typed: str) -> Trustee:
    """What the trustee wrote down opens an envelope that was sealed for it, so it will open the box as well."""
    _not_opened(trustee.poll)
    trustee = Trustee.objects.select_for_update().get(pk=trustee.pk)
    if trustee.canary is None or trustee.canary_hash is None:
        raise PollRefused(_("Make your key first."))
    with trustees.wiped(key_typed_by(trustee, typed)) as key:
        if not trustees.opens_canary(key, bytes(trustee.canary), bytes(trustee.canary_hash)):
            raise PollRefused(_("This key does not open the test envelope. Make a new key."))
    trustee.proved_at = timezone.now()
    trustee.save(update_fields=["proved_at"])
    return trustee


def key_typed_by(trustee: Trustee, typed: str) -> bytes:
    """The private key of this trustee, or a sentence about what is wrong with what was typed."""
    try:
        key = trustees.read(typed)
    except trustees.NotAKey as unlike:
        found = int(str(unlike))
        if found == trustees.LETTERS:
            raise PollRefused(_("One of the letters is wrong. Compare them with your paper, group by group.")) from None
        raise PollRefused(
            ngettext(
                "A key has 52 letters and figures, and you typed %(found)d.",
                "A key has 52 letters and figures, and you typed %(found)d.",
                found,
            )
            % {"found": found}
        ) from None
    if trustee.public_key is None or trustees.public_key_of(key) != bytes(trustee.public_key):
        raise PollRefused(_("This is a key, but not the one that you made for this vote. Look for the other paper."))
    return key


def problems(poll: Poll) -> list[str]:
    """Sentences about trustees that stand in the way of opening the poll; a lost key would make it uncountable."""
    named = list(poll.trustees.select_related("user"))
    if not named:
        return []
    if not poll.is_secret:
        return [_("Only a secret vote has trustees. Take them off the list, or choose the secret level again.")]
    sentences = []
    if len(named) != TRUSTEES:
        sentences.append(
            ngettext(
                "%(count)d trustee is named. Name three, or none.",
                "%(count)d trustees are named. Name three, or none.",
                len(named),
            )
            % {"count": len(named)}
        )
    staying = set(
        Membership.objects.current()
        .filter(assembly=poll.assembly_id, user__in=[trustee.user_id for trustee in named])
        .values_list("user_id", flat=True)
    )
    for trustee in named:
        if trustee.user_id not in staying:
            sentences.append(
                _("%(name)s has left the assembly. Take this trustee off the list and name another member.")
                % {"name": trustee.user.shown_name}
            )
        elif trustee.proved_at is None:
            sentences.append(
                _("%(name)s has to make a key, write it down and type it back.") % {"name": trustee.user.shown_name}
            )
    return sentences


def make_box(poll: Poll) -> bytes:
    """The keys of a sealed poll that opens now; answers the public key of its box.

    With trustees the private one is on no disk: it leaves this function sealed for each pair of them, or not at all.
    """
    guards = list(poll.trustees.all())
    if not guards:
        return keys.make_for(poll.pk)
    keys.make_link(poll.pk)
    with trustees.wiped(trustees.new_key()) as secret:
        SealedKey.objects.bulk_create(
            SealedKey(
                poll=poll,
                outer=outer,
                inner=inner,
                body=trustees.seal_for_pair(
                    secret, outer=bytes(outer.public_key or b""), inner=bytes(inner.public_key or b"")
                ),
            )
            for outer, inner in permutations(guards, 2)
        )
        return trustees.public_key_of(secret)


def have_the_key(poll: Poll) -> bool:
    """Whether the box of this poll opens with the keys of trustees only."""
    return poll.is_secret and poll.trustees.exists()


def call(poll: Poll) -> None:
    """Every trustee has a mail once their keys can be entered."""
    for trustee in poll.trustees.all():
        jobs.defer_at(poll.challenge_until or timezone.now(), mails.ask_trustee, str(trustee.pk))


def who_came(poll: Poll) -> list[Trustee]:
    """The trustees whose keys were entered since the close."""
    return list(poll.trustees.filter(outer_layers__peeled__isnull=False).select_related("user").distinct())


def use_key(poll: Poll, trustee: Trustee, typed: str, actor: User) -> bytes | None:
    """The first key peels a layer and answers None. The second one, of somebody else, answers the key of the box."""
    with trustees.wiped(key_typed_by(trustee, typed)) as key:
        waiting = SealedKey.objects.filter(poll=poll, inner=trustee, peeled__isnull=False).first()
        if waiting is not None:
            secret = trustees.peel(key, bytes(waiting.peeled or b""))
            if trustees.public_key_of(secret) != bytes(poll.box_public_key or b""):
                raise ValueError("what the trustees guard is not the key of this box")
            return secret
        layers = list(SealedKey.objects.select_for_update().filter(poll=poll, outer=trustee, peeled=None))
        if not layers:
            raise PollRefused(_("Your key is in already. One of the other two must come now."))
        for layer in layers:
            layer.peeled = trustees.peel(key, bytes(layer.body))
            layer.save(update_fields=["peeled"])
    record(poll, "key_entered", actor)
    return None


def _not_opened(poll: Poll) -> Poll:
    locked = Poll.objects.select_for_update().get(pk=poll.pk)
    if locked.state not in NOT_OPENED:
        raise PollRefused(_("Trustees and their keys are fixed when voting opens."))
    return locked
