"""Things that tests need, made by plain functions with defaults."""

from itertools import count
from typing import Any

from allauth.mfa.models import Authenticator
from django.utils import timezone

from accounts.models import User
from assemblies.models import Assembly, Membership, Role
from voting.choices import CONSENSUS_ANSWERS
from voting.models import BallotType, Poll, RegisterLine
from voting.services import NewLine, NewOption, create_poll, open_poll

_numbers = count(1)


def make_user(name: str = "Somebody", **fields: Any) -> User:
    fields.setdefault("email", f"{name.lower().replace(' ', '.')}.{next(_numbers)}@example.org")
    return User.objects.create_user(name=name, **fields)


def make_assembly(name: str = "Riverside", **fields: Any) -> Assembly:
    fields.setdefault("slug", name.lower().replace(" ", "-"))
    return Assembly.objects.create(name=name, **fields)


def make_member(
    assembly: Assembly, name: str = "Somebody", *roles: Role, verified: bool = True, **fields: Any
) -> Membership:
    """A verified resident unless said otherwise, with these roles besides and the second factor that roles need."""
    user = fields.pop("user", None) or make_user(name)
    if roles:
        add_second_factor(user)
    return Membership.objects.create(
        assembly=assembly,
        user=user,
        roles=[role.value for role in roles],
        verified_at=timezone.now() if verified else None,
        **fields,
    )


def add_second_factor(user: User) -> Authenticator:
    """An authenticator app, set up on this person's phone."""
    authenticator, _ = Authenticator.objects.get_or_create(
        user=user, type=Authenticator.Type.TOTP, defaults={"data": {"secret": "JBSWY3DPEHPK3PXP"}}
    )
    return authenticator


def make_poll(assembly: Assembly, *titles: str, **fields: Any) -> Poll:
    """A poll of the assembly itself in draft: approval unless said otherwise, options keyed a, b, c ..."""
    kind = fields.pop("ballot_type", BallotType.APPROVAL)
    answers = {
        BallotType.YES_NO: ("Yes", "No", "Abstain"),
        BallotType.CONSENSUS: ("Agree", "Agree with reservations", "Stand aside", "Block"),
    }
    titles = titles or answers.get(kind, ("Shade trees", "Safe crossing", "Repair café"))
    rules = {
        "yes_no": "majority", "choose_one": "plurality", "ranked": "irv", "points": "points", "score": "score",
        "consensus": "consensus",
    }  # fmt: skip
    costs = fields.pop("costs", [None] * len(titles))
    fixed = {BallotType.YES_NO: ("yes", "no", "abstain"), BallotType.CONSENSUS: CONSENSUS_ANSWERS}
    keys = fixed.get(kind, "abcdefghijklmnopqrstuvwxyz")
    fields.setdefault("rule", rules.get(kind, "approval"))
    fields.setdefault("question", "What shall we do first?")
    return create_poll(
        assembly=assembly,
        owner_kind=fields.pop("owner_kind", "assembly"),
        options=[NewOption(key, title, cost) for key, title, cost in zip(keys, titles, costs, strict=False)],
        ballot_type=kind,
        **fields,
    )


def make_open_poll(assembly: Assembly, *members: Membership, **fields: Any) -> Poll:
    """An open poll in which these members may vote; `agreed` are the two people that a secret poll needs."""
    closes_at = fields.pop("closes_at", None)
    actors = [member.user for member in fields.pop("agreed", ())] or [None]
    poll = make_poll(assembly, *fields.pop("titles", ()), **fields)
    for actor in actors:
        poll = open_poll(poll=poll, lines=[NewLine(member) for member in members], actor=actor, closes_at=closes_at)
    return poll


def line_of(poll: Poll, member: Membership) -> RegisterLine:
    """The member's line in the register of this poll."""
    return RegisterLine.objects.get(register=poll.register, membership=member)
