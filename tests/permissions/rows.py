"""Who gets which answer, in a notation short enough to read as a table.

    row(
        "proposals:review",
        args=lambda place: [place.proposal.pk],
        get="403 visitor=login evaluator=200",
        post="403 visitor=login evaluator=302",
        data=lambda place: {"feasibility": "feasible", "cost": "100"},
    )

A guest is a visitor on whose device a voter code of Riverside is entered: the guest gets what a visitor gets,
unless the row says otherwise. So casting needs no sign-in where `guest=` says so.

An expectation starts with the answer for everybody and goes on with exceptions, later ones winning:
`role=answer` or `role,role=answer`. Roles are those of ROLES, or a group: outsiders (visitor, guest and
stranger), members (all others), staff (every member with a role). An answer is a status, or `login` for
a redirect to the sign-in page. So `302` always means a redirect to somewhere else.

Most acts on a budget are for certain people only. The row above in one line, and an act without a page of its own:

    form("review", pk_of("proposal"), "evaluator", feasibility="feasible", cost="100")
    button("write_note", pk_of("proposal"), "evaluator", text="Call the railway.")

A method that the row does not name is expected to be refused with 405 (a visitor may be sent to sign in first).

`args` gives the URL's arguments for a place: one assembly with people in every role and the objects that
the modules of this package build in it. The same row is visited in two places, Riverside (public) and the
Harbour Co-op (private). Members of Riverside must get 404 for everything in Harbour; where that is not so
by design (a page that anyone with a code may open), say `foreign_get=` or `foreign_post=`.
Rows without `args`, or with `in_assembly=False`, belong to no assembly and are visited in Riverside only.

`data` is what a POST sends. Each cell runs in its own transaction and is rolled back, so a row may act.
A URL may have several rows, for objects in several states; give each a `label`.

    topic("meeting", id=lambda place: place.meeting.pk, audience="public visitor=- facilitator=desk")

says for each role as which audience a live topic may be watched; `-` means that the socket is closed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

VISITOR, GUEST, STRANGER, RESIDENT, VERIFIED = "visitor", "guest", "stranger", "resident", "verified"
STAFF = ("facilitator", "secretary", "evaluator", "moderator", "clerk", "auditor", "administrator")
MEMBERS = (RESIDENT, VERIFIED, *STAFF)
ROLES = (VISITOR, GUEST, STRANGER, *MEMBERS)
NOT_SIGNED_IN = (VISITOR, GUEST)
GROUPS = {"outsiders": (VISITOR, STRANGER), "members": MEMBERS, "staff": STAFF}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
LOGIN, CLOSED = "login", "-"


class Place(SimpleNamespace):
    """One assembly (`place.assembly`), its people by role (`place.people["clerk"]`, a Membership), and what
    the modules built in it: each sets attributes that its rows then use."""

    assembly: Any
    people: dict[str, Any]


Args = Callable[[Place], Sequence[Any]]
Data = Callable[[Place], Mapping[str, Any]]


def expectation(text: str) -> dict[str, str]:
    """The expected answer for each role, read from the notation above."""
    general, *exceptions = text.split()
    if "=" in general:
        raise ValueError(f"{text!r} must start with the answer for everybody.")
    answers = dict.fromkeys(ROLES, general)
    guests_answer = ""
    for exception in exceptions:
        names, found, answer = exception.partition("=")
        if not (found and answer):
            raise ValueError(f"{exception!r} is not role=answer.")
        for name in names.split(","):
            for role in GROUPS.get(name, (name,)):
                if role not in answers:
                    raise ValueError(f"{role!r} is not a role.")
                answers[role] = answer
                if role == GUEST and name == GUEST:
                    guests_answer = answer
    return answers | {GUEST: guests_answer or answers[VISITOR]}


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    label: str
    args: Args | None
    expected: Mapping[str, Mapping[str, str]]  # method -> role -> answer
    foreign: Mapping[str, Mapping[str, str]]
    data: Data | None
    in_assembly: bool

    def __str__(self) -> str:
        return f"{self.name} ({self.label})" if self.label else self.name


def row(
    name: str,
    *,
    args: Args | None = None,
    get: str = "",
    post: str = "",
    foreign_get: str = "",
    foreign_post: str = "",
    data: Data | None = None,
    label: str = "",
    in_assembly: bool = True,
) -> Row:
    """One line of the table: what each role gets from this URL, by method."""
    expected = {method: expectation(text) for method, text in (("GET", get), ("POST", post)) if text}
    foreign = {method: expectation(text) for method, text in (("GET", foreign_get), ("POST", foreign_post)) if text}
    for method, answers in expected.items():
        # Who is not signed in may be asked to sign in before anything is looked up; all others find nothing.
        asked = LOGIN if answers[VISITOR] == LOGIN else "404"
        # A guest of Riverside is nobody in particular in Harbour, but may be known well enough not to be asked.
        known = "404" if answers[GUEST] != LOGIN else asked
        foreign.setdefault(method, dict.fromkeys(ROLES, "404") | {VISITOR: asked, GUEST: known})
    return Row(
        name=name,
        label=label,
        args=args,
        expected=expected,
        foreign=foreign,
        data=data,
        in_assembly=in_assembly and args is not None,
    )


def pk_of(name: str) -> Args:
    """The id of the thing of this name in a place."""
    return lambda place: [getattr(place, name).pk]


def slug_of(place: Place) -> Sequence[Any]:
    return [place.assembly.slug]


def button(name: str, args: Args, who: str, /, *, others: str = "403", label: str = "", **typed: Any) -> Row:
    """An act on a budget: who may do it is sent on; others are refused, or find nothing when `others` is "404"."""
    may = f"{others} visitor=login {who}"
    return row(f"proposals:{name}", args=args, post=f"{may}=302", data=lambda place: typed, label=label)


def form(name: str, args: Args, who: str, /, *, others: str = "403", label: str = "", **typed: Any) -> Row:
    """An act on a budget with a page of its own at the same address, for the same people."""
    may = f"{others} visitor=login {who}"
    return row(
        f"proposals:{name}", args=args, get=f"{may}=200", post=f"{may}=302", data=lambda place: typed, label=label
    )


@dataclass(frozen=True, kw_only=True)
class TopicRow:
    name: str
    id: Callable[[Place], Any]
    audience: Mapping[str, str]
    label: str

    def __str__(self) -> str:
        return f"{self.name} ({self.label})" if self.label else self.name


def topic(name: str, *, id: Callable[[Place], Any], audience: str, label: str = "") -> TopicRow:
    """One line of the table of live topics: as which audience each role may watch."""
    return TopicRow(name=name, id=id, audience=expectation(audience), label=label)
