"""Every kind of event that any act notes has a sentence for whoever writes the minutes."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from assemblies.models import Assembly, Membership
from meetings import event_words, services
from meetings.models import MeetingEvent
from tests.make import make_member
from tests.meetings.evening import in_session, seat, with_doors_open
from tests.meetings.whole_evening import hold
from voting.owners import HEARD_BY_OWNERS

SERVICES = Path(event_words.__file__).parent / "services"


def strings_in(node: ast.expr, module: ast.Module) -> Iterator[str]:
    """What this expression can be: a word, one of two words, or a name that was given one."""
    match node:
        case ast.Constant(value=str() as word):
            yield word
        case ast.IfExp():
            yield from strings_in(node.body, module)
            yield from strings_in(node.orelse, module)
        case ast.Name():
            for one in ast.walk(module):
                if isinstance(one, ast.Assign) and any(getattr(to, "id", "") == node.id for to in one.targets):
                    yield from strings_in(one.value, module)


def kinds_in(source: str) -> set[str]:
    """The kinds that a module notes: what it gives to `record`, and to helpers of its own that take a kind."""
    module = ast.parse(source)
    places = {"record": 1}
    for one in ast.walk(module):
        if isinstance(one, ast.FunctionDef) and one.name.startswith("_"):
            names = [argument.arg for argument in one.args.args]
            if "kind" in names:
                places[one.name] = names.index("kind")
    found: set[str] = set()
    for call in ast.walk(module):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in places:
            place = places[call.func.id]
            given = [argument.value for argument in call.keywords if argument.arg == "kind"]
            given += call.args[place : place + 1]
            found.update(word for node in given for word in strings_in(node, module))
    return found


def noted_kinds() -> set[str]:
    found = {f"poll_{event}" for event in HEARD_BY_OWNERS}
    for file in SERVICES.glob("*.py"):
        found |= kinds_in(file.read_text())
    return found


def test_the_search_finds_kinds_however_they_are_given() -> None:
    source = """
def act(on):
    record(meeting, "plain", at=at)
    record(meeting, "yes" if on else "no", at=at)
    kind = "named"
    record(meeting, kind, at=at)
    _note(meeting, "through_a_helper")
def _note(meeting, kind):
    record(meeting, kind)
"""
    assert kinds_in(source) == {"plain", "yes", "no", "named", "through_a_helper"}


def test_every_kind_of_event_has_words() -> None:
    kinds = noted_kinds()
    assert len(kinds) > 70
    assert sorted(kind for kind in kinds if not event_words.knows(kind)) == []


@pytest.mark.parametrize("kind", sorted(noted_kinds()))
def test_words_stand_even_where_the_event_says_nothing(kind: str) -> None:
    """What an older event did not say yet, or what is gone, makes no page fail."""
    said = event_words.sentence(MeetingEvent(kind=kind, data={}), event_words.Names())
    assert said
    assert "%(" not in said
    assert event_words.group_of(kind) in event_words.GROUPS


def test_an_evening_is_told_by_name_with_as_many_queries_as_a_short_one(
    riverside: Assembly,
    amina: Membership,
    bao: Membership,
    django_assert_num_queries: pytest.FixtureRequest,
) -> None:
    short, evening = in_session(riverside), hold(riverside, bao, amina)
    for meeting in (short, evening):
        with django_assert_num_queries(9):  # type: ignore[operator]
            told = event_words.told(meeting)
    said = [event.sentence for event in told]
    assert "Amina checked in." in said
    assert "“4. Hall hours” was taken up." in said
    assert "Amina began to speak." in said
    assert "The quorum was lost: 1 present, 2 needed." in said
    assert "Hands on “A seat for youth?”: 1 yes, 1 no, 0 abstain; both tellers agree." in said
    assert "Motion “Two seats”: Referred to the youth club." in said
    assert "The meeting was closed; 1 item was carried over." in said
    assert not any("something that is not there any more" in one for one in said)


def test_people_who_came_one_after_another_are_one_line_that_holds_them_all(
    riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    many = [make_member(riverside, f"Neighbour {number}") for number in range(3)]
    meeting = with_doors_open(riverside, *many)
    services.step_out(attendee=seat(meeting, many[0]))
    for member in (amina, bao):
        services.check_in(meeting=meeting, membership=member)
    told = event_words.told(meeting)
    folded = event_words.fold(told)
    assert [one.sentence for one in folded[-4:]] == [
        "3 people checked in.", "Neighbour 0 stepped out.", "Amina checked in.", "Bao checked in.",
    ]  # fmt: skip
    assert [one for line in folded for one in line.folded or [line]] == told
