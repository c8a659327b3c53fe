"""What may be published: no pattern that fewer than 5 share, and no hidden cell that the sums give away."""

from collections import Counter
from collections.abc import Iterator
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.voting.board.material import approvals, definition, examples, material, rankings
from voting.board import bundle, publication, verify
from voting.board.publication import K, Kind, kind_of, merged, suppressed

EXAMPLES = examples()


def kind(defined, choices, **more) -> Kind:
    return kind_of(defined, material(defined, choices, **more).ballots)


def test_the_first_line_of_the_table_that_fits_decides():
    few, alike = approvals(("ab", 2), ("c", 2)), approvals(("ab", 9), ("", 3))
    common, rare = approvals(("ab", 5), ("c", 6)), approvals(("ab", 5), ("c", 4))
    named = definition(secrecy=1, names_shown=True)
    ranked = definition("ranked", "irv")
    assert kind(named, few) is Kind.NAMED
    assert kind(definition(), few) is Kind.TOTALS
    assert kind(definition(), alike) is Kind.TOTALS
    assert kind(definition(), common) is Kind.FULL
    assert kind(definition(), rare) is Kind.COLUMNS
    assert kind(definition(), rare, weights=[1] * 8 + [2]) is Kind.SCRUTINEERS
    assert kind(ranked, rankings(("abc", 6), ("b", 5))) is Kind.FULL
    assert kind(ranked, rankings(("abc", 6), ("b", 4))) is Kind.SCRUTINEERS


def test_equal_shares_is_never_split_into_columns():
    money = definition(rule="equal-shares", budget=1000, currency="EUR")
    for option in money["options"]:
        option["cost"] = 400
    assert kind(money, approvals(("ab", 5), ("c", 4))) is Kind.SCRUTINEERS


def test_names_are_published_only_where_that_was_said_before():
    assert kind(definition(secrecy=1), approvals(("ab", 5), ("c", 4))) is Kind.COLUMNS
    assert kind(definition(secrecy=2, names_shown=True), approvals(("ab", 5), ("c", 4))) is Kind.COLUMNS


def test_a_weight_or_a_channel_that_few_share_hides_the_ballots():
    common = approvals(("ab", 5), ("c", 6))
    assert kind(definition(), common, weights=[1] * 10 + [2]) is Kind.SCRUTINEERS


def test_a_reason_that_somebody_wrote_never_stands_beside_a_code():
    archive = bundle.build(EXAMPLES["consensus"]).archive
    assert b"too loud" not in archive


@pytest.mark.parametrize("name", ["columns", "columns of money", "columns of points", "totals", "scrutineers"])
def test_no_tracking_code_is_in_what_does_not_show_ballots(name):
    archive = bundle.build(EXAMPLES[name]).archive
    assert [b for b in EXAMPLES[name].ballots if b.code.hex().encode() in archive or b.code in archive] == []


def test_columns_share_no_code():
    columns = bundle._columns(EXAMPLES["columns"])["columns"]
    codes = [code for column in columns.values() for code, _points in column]
    assert len(set(codes)) == len(codes) == sum(len(b.choice.get("options", ())) for b in EXAMPLES["columns"].ballots)


PROFILES = st.lists(
    st.tuples(st.sets(st.sampled_from("abcd"), max_size=4), st.integers(1, 9), st.sampled_from([1, 1, 1, 2])),
    min_size=1,
    max_size=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PROFILES, st.sampled_from(["approval", "equal-shares"]))
def test_no_published_pattern_is_shared_by_fewer_than_five(profile, rule):
    check_profile(profile, rule)


@pytest.mark.faults
@settings(max_examples=10_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PROFILES, st.sampled_from(["approval", "equal-shares"]))
def test_no_published_pattern_is_shared_by_fewer_than_five_in_10_000(profile, rule):
    check_profile(profile, rule)


def check_profile(profile, rule) -> None:
    defined = definition(rule=rule, options="abcd", budget=1000, currency="EUR")
    for option in defined["options"]:
        option["cost"] = 300
    choices = approvals(*(("".join(sorted(keys)), times) for keys, times, _weight in profile))
    weights = [weight for _keys, times, weight in profile for _each in range(times)]
    made = bundle.build(material(defined, choices, weights=weights))
    files = verify.unpack(made.archive)
    assert patterns_too_rare(files) == []
    if made.kind is Kind.COLUMNS:
        assert set(verify.parse(files["columns.json"], "")["columns"]) == set("abcd")
        assert set(weights) == {1}
    assert verify.findings(lambda: files, root=made.root.hex())[0]


def patterns_too_rare(files: dict[str, bytes]) -> list[bytes]:
    if "ballots.json" not in files:
        return []
    ballots = verify.parse(files["ballots.json"], "")["ballots"]
    shared = Counter(verify.canonical({**ballot, "code": ""}) for ballot in ballots)
    return [pattern for pattern, times in shared.items() if times < 5]


def test_a_rule_that_counts_to_two_would_be_caught(monkeypatch):
    """The switch: the property above can fail."""
    monkeypatch.setattr(publication, "K", 2)
    made = bundle.build(material(definition(), approvals(("ab", 5), ("c", 4))))
    assert patterns_too_rare(verify.unpack(made.archive)) != []


# Sub-groups

TABLES = st.lists(
    st.lists(st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 8]), min_size=3, max_size=3), min_size=1, max_size=4
).map(lambda rows: {f"ward {n}": dict(zip("xyz", row, strict=True)) for n, row in enumerate(rows)})


def recoverable(shown, table) -> list[tuple[str, str]]:
    """Hidden cells that have one value only in all tables that fit what everybody knows, found by trying them all."""
    groups, options = sorted(shown), sorted(next(iter(shown.values())))
    sums = {option: sum(row.get(option, 0) for row in table.values()) for option in options}
    hidden = [(g, o) for g in groups for o in options if shown[g][o] is None]
    seen: dict[tuple[str, str], set[int]] = {place: set() for place in hidden}
    for filled in tables_that_fit(shown, groups, options, {g: sum(table[g].values()) for g in groups}, sums):
        for place in hidden:
            seen[place].add(filled[place])
        if all(len(values) > 1 for values in seen.values()):
            break
    return [place for place, values in seen.items() if len(values) < 2]


def tables_that_fit(shown, groups, options, turnout, sums) -> Iterator[dict[tuple[str, str], int]]:
    def rows_of(group):
        gaps = [o for o in options if shown[group][o] is None]
        rest = turnout[group] - sum(n for n in shown[group].values() if n is not None)
        known = {o: n for o, n in shown[group].items() if n is not None}
        if not gaps:
            yield known
            return
        for numbers in product(range(rest + 1), repeat=len(gaps) - 1):
            if sum(numbers) <= rest:
                yield known | dict(zip(gaps, (*numbers, rest - sum(numbers)), strict=True))

    def fill(left, sums):
        if not left:
            if not any(sums.values()):
                yield {}
            return
        for row in rows_of(left[0]):
            after = {o: sums[o] - row[o] for o in options}
            if min(after.values()) >= 0:
                for others in fill(left[1:], after):
                    yield {(left[0], o): n for o, n in row.items()} | others

    yield from fill(groups, sums)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(TABLES)
def test_no_hidden_cell_of_a_sub_group_follows_from_the_sums(table):
    shown = suppressed(table)
    if shown is None:
        return
    rows = merged(table)
    assert all(number is None or number >= K for row in shown.values() for number in row.values())
    assert all(
        number in (None, rows[group].get(option, 0)) for group, row in shown.items() for option, number in row.items()
    )
    assert {o: sum(r.get(o, 0) for r in rows.values()) for o in "xyz"} == {
        o: sum(r[o] for r in table.values()) for o in "xyz"
    }
    assert recoverable(shown, rows) == []


def test_without_complementary_cells_a_subtraction_would_do(monkeypatch):
    """The switch: the property above can fail."""
    table = {"north": {"x": 3, "y": 20, "z": 9}, "south": {"x": 9, "y": 30, "z": 8}}
    shown = suppressed(table)
    assert shown
    assert recoverable(shown, table) == []
    assert sum(number is None for row in shown.values() for number in row.values()) == 4
    monkeypatch.setattr(publication, "_may_differ", lambda *about: True)
    bare = suppressed(table)
    assert bare
    assert recoverable(bare, table) == [("north", "x")]


def test_wards_with_fewer_than_five_ballots_are_told_together():
    table = {"a": {"x": 2}, "b": {"x": 1}, "c": {"x": 5, "y": 5}, "d": {"x": 6, "y": 6}}
    assert merged(table) == {"d": {"x": 6, "y": 6}, "…": {"x": 8, "y": 5}}
    assert suppressed({"a": {"x": 2}, "b": {"x": 30}}) is None
