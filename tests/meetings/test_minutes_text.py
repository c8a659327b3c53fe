"""What a draft of minutes says, section by section, and that Markdown is safe whatever people typed."""

import html

import nh3
import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from assemblies.models import Assembly, Membership
from meetings import services
from meetings.minutes import markdown
from meetings.minutes.text import draft_of
from meetings.models import Decision, ItemPoll, Meeting
from meetings.services import undo
from tests.meetings.evening import declare_decision_void, fresh, in_session
from tests.meetings.whole_evening import town_after_it
from tests.once import made_once, parts_of_it

world = made_once(town_after_it)
riverside, amina, bao, evening = parts_of_it("riverside", "amina", "bao", "evening")


def section(text: str, heading: str) -> str:
    """What stands under this heading until the next of its kind."""
    marks = heading.split(" ")[0]
    after = text.split(f"{heading}\n", 1)[1]
    return after.split(f"\n{marks} ", 1)[0]


def test_the_draft_tells_the_whole_evening(evening: Meeting) -> None:
    text = draft_of(evening)

    head = text.split("## ")[0]
    assert head.startswith("# Spring assembly \\*2026\\*\n\nMinutes of a meeting of Riverside\n")
    for line in (
        "- **Day:** 10 March 2026",
        "- **Place:** Old Tram Hall",
        "- **Planned:** 19:00 to 21:00",
        "- **Doors opened:** 18:40",
        "- **Began:** 19:01",
        "- **Break:** 19:25 to 19:35",
        "- **Closed:** 19:50",
        "- **Chair:** Bao",
    ):
        assert f"{line}\n" in head

    there = section(text, "## Who was there")
    assert "**Members in the room** (2): Amina, Bao" in there
    assert "**Guests:** 1" in there

    quorum = section(text, "## Quorum")
    assert "When the meeting began: 2 present, 2 needed: the quorum was met." in quorum
    assert "- 19:27: Amina left; 1 present, 2 needed: the quorum was not met." in quorum
    assert "- 19:33: Amina came; 2 present, 2 needed: the quorum was met." in quorum

    report = section(text, "### 1. Report")
    assert "- **Presented by:** Dede" in report
    assert "- **Time:** 19:02 to 19:10, 8 minutes" in report
    assert "- **Outcome:** Taken note of" in report

    hall = section(text, "### 4. Hall hours")
    motion = section(hall, "#### Motion: Open later")
    assert "- **Moved by:** Amina\n- **Supported by:** Bao\n- **What became of it:** Carried with changes" in motion
    assert "> The hall is open until ten.\n> \\# Not a heading" in motion
    assert "Change 1, by Dede: adopted.\nWhy: Buses\nWith it the text would read:" in motion
    assert motion.rstrip().endswith("The text with the changes that were adopted:\n\n> The hall is open until eleven.")

    vote = section(hall, "#### Decision 3: Open later?")
    poll = ItemPoll.objects.get(item__meeting=evening).poll
    assert "Carried: 2 yes of 2 counted, needed 2." in vote
    assert "- **Numbers:** yes 2, no 0, abstain 0" in vote
    assert "- **Who was there:** 2 present, 2 needed: the quorum was met" in vote
    assert f"- **Check number:** `{poll.check_number}`" in vote
    assert f"/polls/{poll.pk}/result/>" in vote

    seats = section(text, "### 5. Youth seat")
    assert "- **What became of it:** Referred to the youth club" in seats
    assert "A tie: 1 yes and 1 no. The motion is not carried." in seats
    assert "- **Counted by:** two tellers, who agreed" in seats

    together = section(text, "## Adopted together, without debate")
    assert "What was adopted:\n\n- 2\\. Minutes of autumn\n- 3\\. Lease of the shed" in together

    assert "- 6\\. Flags (postponed: the summer assembly)\n- 7\\. Any other matter (carried over)" in section(
        text, "## Not finished"
    )
    assert section(text, "## End").strip() == "The meeting was closed at 19:50."


def test_no_speech_no_guest_and_no_voter_is_named(evening: Meeting) -> None:
    text = draft_of(evening)
    assert "Loud Guest" not in text
    assert text.count("Amina") == 4  # who was there, the quorum twice, the motion she moved; never a ballot or a speech


def test_the_draft_is_in_the_language_of_the_assembly(evening: Meeting) -> None:
    with translation.override("es"):
        assert "## Who was there" in draft_of(evening)


def test_a_void_decision_says_so(evening: Meeting) -> None:
    decision = Decision.objects.get(meeting=evening, number=4)
    declare_decision_void(decision, "Miscounted.")
    assert "**Void: Miscounted.**" in section(draft_of(fresh(evening)), "#### Decision 4: A seat for youth?")


def test_a_break_that_was_taken_back_is_none(riverside: Assembly, bao: Membership) -> None:
    meeting = in_session(riverside, bao)
    services.recess(meeting=meeting, actor=bao.user)
    undo.undo(meeting=fresh(meeting), seq=fresh(meeting).event_seq, actor=bao.user)
    services.adjourn(meeting=fresh(meeting), actor=bao.user)
    assert "**Break:**" not in draft_of(fresh(meeting))


def test_a_long_evening_asks_the_database_no_more_often(
    evening: Meeting, riverside: Assembly, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_max_num_queries(22) as short:  # type: ignore[operator]
        draft_of(evening)
    for number in range(20):
        Decision.objects.create(
            meeting=evening, number=100 + number, item=evening.items.first(), way="agreement", outcome="carried",
            question="?", sentence="!", present=2, quorum_state="not_set", decided_at=evening.starts_at,
        )  # fmt: skip
    with django_assert_max_num_queries(len(short)):  # type: ignore[operator]
        draft_of(evening)


# Markdown


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[press](javascript:alert(1))",
    "[press](JaVaScRiPt:alert(1))",
    "[press](data:text/html,<script>alert(1)</script>)",
    "<javascript:alert(1)>",
    "![seen](https://elsewhere.example/pixel.png)",
    "<a href=# onclick=alert(1)>x</a>",
    "[x]: javascript:alert(1)\n\n[x]",
    "<style>body{display:none}</style>",
    "```html\n<iframe src=//elsewhere.example></iframe>\n```",
]


@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_markdown_is_shown_and_does_nothing(typed: str) -> None:
    shown = markdown.render(typed)
    for tag in ("<script", "<img", "<style", "<iframe", 'onclick=a"', '<a href="javascript', '<a href="data'):
        assert tag not in shown.lower()


def test_headings_begin_below_the_one_of_the_page_and_links_lead_on() -> None:
    shown = markdown.render("# A\n\n###### F\n\n**b** [c](https://example.org)\n\n|x|\n|-|\n|y|")
    assert "<h2>A</h2>" in shown
    assert "<h6>F</h6>" in shown
    assert "<strong>b</strong>" in shown
    assert '<a href="https://example.org" rel="nofollow noopener noreferrer">c</a>' in shown
    assert "<td>y</td>" in shown


PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=60)


@given(PRINTABLE)
def test_what_was_typed_elsewhere_reads_exactly_as_it_was_typed(typed: str) -> None:
    words = " ".join(typed.split())
    shown = html.unescape(nh3.clean(markdown.render(f"- {markdown.escape(typed)}"), tags=set())).strip()
    assert " ".join(shown.split()) == words
    quoted = html.unescape(nh3.clean(markdown.render(markdown.quote(typed)), tags=set())).strip()
    assert " ".join(quoted.split()) == words
