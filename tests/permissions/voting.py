"""Polls: everybody who may see the assembly reads them, who is in the register votes, who owns them runs them."""

import uuid

from tests.make import make_open_poll, make_poll
from tests.permissions.rows import Place, Row, TopicRow, pk_of, row, topic
from voting import services
from voting.models import Poll, Secrecy
from voting.services.credentials import enter, make_codes

BALLOT = {"options": "a", "key": "a key for this ballot"}


ROWS: list[Row] = [
    row("voting:rules", get="200"),
    row("voting:protection", get="200"),
    row("voting:rule", args=lambda place: ["equal-shares"], in_assembly=False, get="200"),
    row("voting:rule", args=lambda place: ["no-such-rule"], in_assembly=False, label="unknown", get="404"),
    row("voting:poll", args=pk_of("open_poll"), label="open", get="200"),
    row("voting:poll", args=pk_of("published_poll"), label="published", get="200"),
    row("voting:poll", args=pk_of("draft_poll"), label="draft", get="404"),
    row("voting:result", args=pk_of("open_poll"), label="open", get="200"),
    row("voting:result", args=pk_of("published_poll"), label="published", get="200"),
    row("voting:receipt", args=pk_of("open_poll"), get="302 visitor=login guest=302"),
    row(
        "voting:review",
        args=pk_of("open_poll"),
        post="200 visitor=login guest=200 stranger,resident=403",
        data=lambda place: BALLOT,
    ),
    row(
        "voting:cast",
        args=pk_of("open_poll"),
        post="302 visitor=login guest=302 stranger,resident=403",
        data=lambda place: BALLOT,
    ),
    row("voting:board", args=pk_of("open_poll"), label="open", get="200"),
    row("voting:board", args=pk_of("published_poll"), label="published", get="200"),
    row("voting:log", args=pk_of("counted_poll"), get="200"),
    row("voting:receipts", args=pk_of("open_poll"), label="open", get="404"),
    row("voting:receipts", args=pk_of("counted_poll"), label="counted", get="200"),
    row("voting:bundle", args=pk_of("counted_poll"), label="counted", get="404"),
    row("voting:bundle", args=pk_of("published_poll"), label="published", get="200"),
    row("voting:names", args=pk_of("published_poll"), label="no names", get="404"),
    row("voting:names", args=pk_of("named_poll"), label="names", get="200"),
    row(
        "voting:check",
        args=pk_of("published_poll"),
        get="200",
        post="200",
        data=lambda place: {"code": "0000-0000-0000-0000"},
    ),
    row("voting:mail_receipt", args=pk_of("open_poll"), post="403 visitor=login"),
    row(
        "voting:scrutineers", args=pk_of("published_poll"), get="403 visitor=login administrator,auditor,secretary=200"
    ),
    row(
        "voting:full_bundle",
        args=pk_of("published_poll"),
        label="nothing more",
        get="403 visitor=login auditor,secretary=404",
    ),
    row("voting:full_bundle", args=pk_of("counted_poll"), label="counted", get="403 visitor=login"),
    row(
        "voting:name_scrutineer",
        args=pk_of("open_poll"),
        post="403 visitor=login administrator=302",
        data=lambda place: {"email": place.people["clerk"].user.email},
    ),
    row(
        "voting:drop_scrutineer",
        args=lambda place: [place.counted_poll.pk, place.seat.pk],
        post="403 visitor=login administrator=302",
    ),
    row(
        "voting:sign_count",
        args=pk_of("published_poll"),
        post="403 visitor=login auditor,secretary=302",
        data=lambda place: {"root": place.published_poll.publication.root_hex, "agrees": "yes"},
    ),
    row("voting:enter_code", get="200", post="422", data=lambda place: {"code": "no code"}),
    row("voting:with_code", get="302 guest=200"),
    row("voting:leave_code", post="302"),
    row("voting:register", args=pk_of("draft_poll"), label="draft", get="404 visitor=login administrator=200"),
    row("voting:register", args=pk_of("open_poll"), label="open", get="403 visitor=login administrator=200"),
    row(
        "voting:change_register",
        args=pk_of("draft_poll"),
        post="404 visitor=login administrator=302",
        data=lambda place: {"electorate": "members", "late_admission": "lock"},
    ),
    # Who may act on the register is asked for a fresh proof first: tests/voting/test_secret_registers.py.
    row(
        "voting:share_register",
        args=pk_of("draft_poll"),
        data=lambda place: {"other": "", "max_polls": "1"},
        post="404 visitor=login administrator=422",
    ),
    row("voting:stop_sharing", args=pk_of("draft_poll"), post="404 visitor=login administrator=302"),
    row("voting:admit_late", args=pk_of("open_poll"), post="403 visitor=login administrator=302"),
    row(
        "voting:make_codes",
        args=pk_of("draft_poll"),
        post="404 visitor=login administrator=302",
        data=lambda place: {"batch": uuid.uuid4(), "label": "Guests", "size": "2"},
    ),
    row(
        "voting:revoke_codes",
        args=lambda place: [place.open_poll.pk, place.guests_code.batch_id],
        post="403 visitor=login administrator=302",
    ),
    row(
        "voting:revoke_card",
        args=lambda place: [place.open_poll.pk, place.guests_code.batch_id],
        data=lambda place: {"number": ""},
        post="403 visitor=login administrator=422",
    ),
    row("voting:polls", args=lambda place: [place.assembly.slug], get="200"),
    row(
        "voting:make_poll",
        args=lambda place: [place.assembly.slug],
        get="403 visitor=login administrator=200",
        post="403 visitor=login administrator=200",
    ),
    row("voting:desk", args=pk_of("draft_poll"), label="draft", get="404 visitor=login administrator=200"),
    row("voting:desk", args=pk_of("open_poll"), label="open", get="403 visitor=login administrator=200"),
    row("voting:desk", args=pk_of("published_poll"), label="published", get="403 visitor=login administrator=200"),
    row(
        "voting:change_poll",
        args=pk_of("draft_poll"),
        get="404 visitor=login administrator=200",
        post="404 visitor=login administrator=422",
    ),
    row("voting:preview_poll", args=pk_of("draft_poll"), get="404 visitor=login administrator=200"),
    row("voting:mark_ready", args=pk_of("draft_poll"), post="404 visitor=login administrator=302"),
    row("voting:back_to_draft", args=pk_of("draft_poll"), post="404 visitor=login administrator=302"),
    row("voting:discard_poll", args=pk_of("draft_poll"), post="404 visitor=login administrator=302"),
    # Who may act is asked for a fresh proof first: tests/voting/test_desk.py.
    row(
        "voting:open_poll",
        args=pk_of("draft_poll"),
        get="404 visitor=login administrator=302",
        post="404 visitor=login administrator=302",
    ),
    row(
        "voting:close",
        args=pk_of("open_poll"),
        get="403 visitor=login administrator=302",
        post="403 visitor=login administrator=302",
    ),
    row(
        "voting:publish",
        args=pk_of("counted_poll"),
        get="403 visitor=login administrator=302",
        post="403 visitor=login administrator=302",
    ),
    row(
        "voting:void",
        args=pk_of("open_poll"),
        get="403 visitor=login administrator=302",
        post="403 visitor=login administrator=302",
        data=lambda place: {"reason": "The question was wrong."},
    ),
    row(
        "voting:remove_ballot",
        args=pk_of("open_poll"),
        get="403 visitor=login administrator=302",
        post="403 visitor=login administrator=302",
    ),
    row(
        "voting:trustees",
        args=pk_of("secret_poll"),
        get="404 visitor=login administrator,auditor=200",
    ),
    row(
        "voting:name_trustee",
        args=pk_of("secret_poll"),
        post="404 visitor=login auditor=403 administrator=302",
        data=lambda place: {"email": place.people["clerk"].user.email},
    ),
    row(
        "voting:drop_trustee",
        args=lambda place: [place.secret_poll.pk, place.trustee.pk],
        post="404 visitor=login auditor=403 administrator=302",
    ),
    row("voting:make_key", args=pk_of("secret_poll"), post="404 visitor=login auditor=200 administrator=403"),
    row("voting:prove_key", args=pk_of("secret_poll"), post="404 visitor=login auditor=422 administrator=403"),
    row("voting:enter_key", args=pk_of("secret_poll"), post="404 visitor=login auditor=422 administrator=403"),
]
TOPICS: list[TopicRow] = [topic("poll", id=lambda place: place.open_poll.pk, audience="public")]


def build(place: Place) -> None:
    """One poll in each state that a page looks at; the register holds the verified people."""
    voters = [person for person in place.people.values() if person.verified_at]
    place.draft_poll = make_poll(place.assembly)
    place.open_poll = make_poll(place.assembly)
    _batch, (card,) = make_codes(
        poll=place.open_poll, batch_id=uuid.uuid4(), label="Guests", size=1, counts_once_entered=False, actor=None
    )
    place.guests_code = enter(typed=card.code, device="the guest's phone")
    lines = [services.NewLine(voter) for voter in voters]
    place.open_poll = services.open_poll(poll=place.open_poll, lines=lines, actor=None)
    place.counted_poll = _closed(make_open_poll(place.assembly, *voters))
    runs = place.people["administrator"].user
    counted_again = make_open_poll(place.assembly, *voters, published_at_close=True)
    for poll, role in [(place.counted_poll, "auditor"), (counted_again, "auditor"), (counted_again, "secretary")]:
        seat = services.name_scrutineer(poll=poll, membership=place.people[role], actor=runs)
        place.seat = seat if poll == place.counted_poll else place.seat
    place.published_poll = _closed(counted_again)
    place.named_poll = _closed(make_open_poll(place.assembly, *voters, published_at_close=True, names_shown=True))
    place.secret_poll = make_poll(place.assembly, secrecy=Secrecy.SECRET)
    place.trustee = services.name_trustee(poll=place.secret_poll, membership=place.people["auditor"])


def _closed(poll: Poll) -> Poll:
    return services.close_poll(poll=poll, actor=None)
