"""Who stands behind an idea, and in which form it goes on: authors for themselves, officials ask them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from proposals.models import CoSponsor, Merge
from proposals.services import (
    Piece,
    accept_co_sponsorship,
    agree_to_merge,
    invite_co_sponsor,
    return_proposal,
    split_proposal,
    suggest_merge,
)
from tests.permissions.rows import Place, Row, button, form, pk_of, row
from tests.proposals.making import make_proposal

IDEA = {"title": "A bench", "summary": "To sit.", "text": "There is none.", "category": "streets"}
WORDS: dict[str, Any] = {"title": "One of both", "summary": "Both of them.", "text": "As one."}


def _in_days(number: int) -> str:
    return (timezone.localdate() + timedelta(days=number)).isoformat()


ROWS: list[Row] = [
    form("co_sponsors", pk_of("sent"), "resident", others="404", email="somebody.else@example.org"),
    row("proposals:co_sponsorship", args=pk_of("asked"), get="404 visitor=login verified=200"),
    button("accept_co_sponsorship", pk_of("asked"), "verified", others="404"),
    button("decline_co_sponsorship", pk_of("asked"), "verified", others="404"),
    button("leave_co_sponsorship", pk_of("sponsoring"), "verified", others="404"),
    button("take_invitation_back", pk_of("asked"), "resident", others="404"),
    row(
        "proposals:return_proposal",
        args=pk_of("sent"),
        get="403 visitor=login evaluator=200",
        post="403 visitor=login evaluator=302",
        data=lambda place: {"reason": "Say where.", "last_day": _in_days(3)},
    ),
    row(
        "proposals:extend_correction",
        args=pk_of("returned"),
        post="403 visitor=login evaluator=302",
        data=lambda place: {"last_day": _in_days(4)},
    ),
    button("accept_uncorrected", pk_of("returned"), "evaluator"),
    form("send_again", pk_of("returned"), "resident", others="404", **IDEA, reason="I said where."),
    row(
        "proposals:suggest_merge",
        args=pk_of("sent"),
        get="403 visitor=login resident,evaluator=200",
        post="403 visitor=login resident,evaluator=302",
        data=lambda place: WORDS | {"references": place.other.reference},
    ),
    row("proposals:merge", args=pk_of("merge"), get="404 visitor=login resident,verified,evaluator=200"),
    row(
        "proposals:agree_to_merge",
        args=pk_of("merge"),
        post="404 visitor=login resident,verified=302 evaluator=403",
        data=lambda place: {"wording": "1"},
    ),
    row("proposals:refuse_merge", args=pk_of("merge"), post="404 visitor=login resident,verified=302 evaluator=403"),
    row("proposals:take_merge_back", args=pk_of("merge"), post="404 visitor=login resident,verified=403 evaluator=302"),
    row(
        "proposals:reword_merge",
        args=pk_of("merge"),
        post="404 visitor=login resident,verified=302 evaluator=403",
        data=lambda place: WORDS | {"title": "Other words"},
    ),
    row(
        "proposals:undo_merge",
        args=pk_of("merged"),
        post="404 visitor=login resident,verified=302 evaluator=403",
        data=lambda place: {"reason": "They differ."},
    ),
    row(
        "proposals:split",
        args=pk_of("sent"),
        get="403 visitor=login resident,evaluator=200",
        post="403 visitor=login resident,evaluator=302",
        data=lambda place: {
            "reason": "Two things.",
            **{f"{name}{n}": f"{word} {n}" for name, word in WORDS.items() for n in (1, 2)},
        },
    ),
    row("proposals:split_page", args=pk_of("split"), get="404 visitor=login resident,evaluator=200"),
    row("proposals:agree_to_split", args=pk_of("split"), post="404 visitor=login resident=302 evaluator=403"),
    row("proposals:refuse_split", args=pk_of("split"), post="404 visitor=login resident=302 evaluator=403"),
    row(
        "proposals:undo_split",
        args=pk_of("was_split"),
        post="404 visitor=login resident=302 evaluator=403",
        data=lambda place: {"reason": "It is one thing."},
    ),
    row("proposals:take_split_back", args=pk_of("split"), post="404 visitor=login resident=403 evaluator=302"),
]


def _asked(place: Place, title: str) -> CoSponsor:
    """The resident asks the verified member to stand behind this."""
    author, person = place.people["resident"], place.people["verified"]
    return invite_co_sponsor(proposal=make_proposal(place.ideas, author, title), author=author, email=person.user.email)


def _joined(place: Place) -> None:
    """A merge and a split that an official suggests, and a merge that both authors wanted."""
    author, other, official = (place.people[name] for name in ("resident", "verified", "evaluator"))
    place.other = make_proposal(place.ideas, other, "A row of trees")

    def merge(suggester: Any, title: str) -> Merge:
        target, source = make_proposal(place.ideas, author, title), make_proposal(place.ideas, other, f"{title} too")
        return suggest_merge(target=target, others=[source], suggester=suggester, **WORDS)

    place.merge, place.merged = merge(official, "A pond"), merge(author, "A pool")
    agree_to_merge(merge=place.merged, author=other.user, wording=1)
    pieces = [Piece("A door", "Red.", "Wood."), Piece("A roof", "Flat.", "Stone.")]
    place.split = split_proposal(
        proposal=make_proposal(place.ideas, author, "A house"), actor=official, pieces=pieces, reason="Two things."
    )
    place.was_split = split_proposal(
        proposal=make_proposal(place.ideas, author, "A barn"), actor=author, pieces=pieces, reason="Two things."
    )


def build(place: Place) -> None:
    """Somebody asked and somebody named, an idea that was given back, and ideas that could be one or several."""
    author, evaluator = place.people["resident"], place.people["evaluator"]
    place.asked, place.sponsoring = (_asked(place, title) for title in ("A path", "A gate"))
    accept_co_sponsorship(co_sponsor=place.sponsoring, person=place.people["verified"])
    place.returned = make_proposal(place.ideas, author, "A stair")
    until = timezone.now() + timedelta(days=2)
    return_proposal(proposal=place.returned, official=evaluator, reason="Say where.", until=until)
    _joined(place)
