# SPDX-License-Identifier: AGPL-3.0-or-later
"""Reasons as English sentences, for the command line; pages have their own, in every language."""

from __future__ import annotations

from voting.tally.types import Outcome, Reason, plain

SENTENCES = {
    "selected": "{id} won: it costs {cost} and was bought in turn.",
    "selected_from_reserve": "{id} won: {left_before} was left of its cost of {cost}, and the reserve paid {reserve}.",
    "selected_by_floor": "{id} won: it costs {cost}, which the floor of its district {district} paid for.",
    "selected_by_fill": "{id} won with the money that was left, at place {place} of the rest.",
    "selected_all_affordable": "{id} won: the budget pays for everything that anyone voted for.",
    "selected_by_comparison": "{id} won: more voters preferred the greedy outcome, which holds it.",
    "lost_by_comparison": "{id} lost: more voters preferred the greedy outcome, which does not hold it.",
    "too_dear": "{id} lost: it costs {cost}, which was {short_by} more than was left.",
    "rival_funded": "{id} lost: {rival} of the same set was funded before.",
    "unaffordable": "{id} lost: its {supporters} supporters had {money_behind} left together, {short_by} too little.",
    "below_threshold": "{id} lost: it has fewer votes than the threshold of {threshold}.",
    "after_stop": "{id} lost: the count had stopped before its turn.",
    "no_votes": "{id} lost: nobody voted for it.",
    "withdrawn": "{id} was withdrawn.",
    "elected": "{id} was elected.",
    "elected_without_quota": "{id} was elected to a seat that nobody else could fill.",
    "not_elected": "{id} was not elected.",
    "excluded": "{id} was excluded with {votes} votes.",
    "eliminated": "{id} was eliminated in round {round} with {votes} votes.",
    "beaten": "{id} was beaten.",
    "lost_tie": "{id} was level with the winner and lost the tie.",
    "no_condorcet_winner": "Nobody beats everyone else, {id} neither.",
    "below_bar": "{id} lost: its {votes} votes are not more than {bar}.",
    "carried": "The motion is carried: {yes} yes, {no} no.",
    "lost": "The motion is lost: {yes} yes, {no} no.",
    "tie": "The votes are equal: {yes} yes, {no} no.",
    "no_quorum": "No decision: the quorum is not reached.",
    "no_valid_ballots": "No decision: nobody voted yes or no.",
}


def sentence(option: str, reason: Reason) -> str:
    """Why this option won or lost, and what would have changed it."""
    numbers = {key: str(value) for key, value in plain(reason.numbers).items()}
    said = SENTENCES[reason.code].format_map({"id": option, **numbers})
    margin = reason.margin
    if margin is None:
        return said
    won = reason.code.startswith(("selected", "elected", "carried"))
    if margin.votes is not None:
        count = f"{margin.votes} {'vote' if margin.votes == 1 else 'votes'}"
        least = "" if margin.votes_exact else "at most "
        said += f" With {least}{count} {'fewer it would have lost.' if won else 'more it would have won.'}"
    cost = margin.as_dict()["cost"]
    if cost is not None:
        exactly = "" if margin.cost_exact else "about "
        if won:
            said += f" It could have cost {exactly}{cost} more."
        else:
            said += f" It would have won at a cost {exactly}{cost} lower."
    return said


def table(outcome: Outcome, names: dict[str, str]) -> str:
    """The outcome as a table for the eye."""
    data = outcome.as_dict()
    lines = [f"{outcome.rule}: {outcome.n} ballots, {outcome.blanks} blank"]
    if outcome.unspent is not None:
        lines.append(f"cost {data['total_cost']}, unspent {data['unspent']}")
    if outcome.verdict:
        lines.append(f"verdict: {outcome.verdict}")
    place = {option: number for number, option in enumerate(outcome.winners, 1)}
    rows = [("", "option", "name", "decision", "numbers")]
    for option in sorted(outcome.options, key=lambda option: place.get(option, len(place) + 1)):
        reason = outcome.options[option]
        shown = [f"{key} {value}" for key, value in plain(reason.numbers).items() if _short(value)]
        rows.append((str(place.get(option, "")), option, names.get(option, "")[:36], reason.code, ", ".join(shown)))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    for row in rows:
        cells = [row[0].rjust(widths[0]), *(row[column].ljust(widths[column]) for column in range(1, 4)), row[4]]
        lines.append("  ".join(cells).rstrip())
    for tie in data["ties"]:
        lines.append(f"tie over {tie['over']}: {', '.join(tie['tied'])}; {tie['criterion']} chose {tie['chosen']}")
    for repair in data["repairs"]:
        lines.append(f"repaired: {repair['code']}, {repair['times']} times, first in {repair['where']}")
    lines.append("ties by " + ", ".join(str(name) for name in data["parameters"].get("ties", [])))
    lines.append(f"input {outcome.input_sha256}")
    lines.append(f"trail {outcome.sha256}")
    return "\n".join(lines)


def _short(value: object) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and len(value) <= 24)
