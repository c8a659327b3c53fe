# SPDX-License-Identifier: AGPL-3.0-or-later
"""Write the pages about counting rules: `make rules-docs`; `python -m docs.rule_pages --check` only looks.

`rules/<rule>.md` and its drawing tell a resident what the pages of the product tell, from the same sentences.
`rules/examples/` holds the ballots of the worked examples as files that the command counts. In `rules/audit/<rule>.md`,
written by hand, the part between the two marks is made here from the registry and from the example's outcome.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.utils import translation

if not apps.ready:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()

from voting.guide import drawings, stories
from voting.guide.drawings import paper_lines
from voting.guide.examples import EXAMPLES, Example, Scene, same_ballots
from voting.guide.pages import FAMILIES, PAGES
from voting.guide.telling import Count, prices
from voting.rules_in_words import RULES_IN_WORDS, rule_name
from voting.tally import RULES, Kind, blt, pb
from voting.tally.types import canonical_json, plain

FOLDER = Path(__file__).parent / "rules"
BEGIN, END = "<!-- made by docs/rule_pages.py -->", "<!-- until here -->"
STYLE = """<style>
.counted{font:400 15px sans-serif;fill:#15221c;font-variant-numeric:tabular-nums}
.head{font:700 16px serif}.strong{font-weight:700}.soft{fill:#4b5850}.sheet{fill:#fffefb}.edge{stroke:#15221c;stroke-width:2}
.fill{fill:#0b5d47}.off{fill:url(#hatch);stroke:#75827a}.tint{fill:#d8eade;stroke:#0b5d47}.track{fill:none;stroke:#75827a}
.paper{fill:#f0f1e9;stroke:#15221c}.mark{stroke:#15221c;stroke-width:3}.hatchline{stroke:#4b5850;stroke-width:2}
.tick{fill:none;stroke:#0b5d47;stroke-width:3}.dash{fill:none;stroke:#4b5850;stroke-width:3}
@media (prefers-color-scheme:dark){
.counted{fill:#f1eee2}.soft{fill:#b4bdb3}.sheet{fill:#1a231e}.edge,.mark{stroke:#f1eee2}.fill{fill:#84d5b3}
.tint{fill:#1d3a2e;stroke:#84d5b3}.off,.track{stroke:#7b897f}.paper{fill:#111814;stroke:#f1eee2}.hatchline{stroke:#b4bdb3}
.tick{stroke:#84d5b3}.dash{stroke:#b4bdb3}}
</style><defs><pattern id="hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">\
<path class="hatchline" d="M0 0V7"/></pattern></defs>"""


class Untrue(Exception):
    """A sentence of an example is not so, or a page is missing what only a person can write."""


def made() -> Iterator[tuple[Path, str]]:
    """Every file that is made, with its content; raises Untrue rather than writing a sentence that is not so."""

    with translation.override("en"):
        scenes = {example.scene.key: example.scene for example in EXAMPLES.values()}
        yield FOLDER / "README.md", _index()
        for scene in scenes.values():
            yield _file(scene), _ballots(scene)
        for rule in RULES:
            yield FOLDER / f"{rule}.md", _resident(rule)
            yield FOLDER / "drawings" / f"{rule}.svg", _drawing(rule)
            yield FOLDER / "audit" / f"{rule}.md", _audit(rule)


def stale() -> list[str]:
    """The files that are not what they would be if they were made now, and those that nothing makes any more."""
    fresh = dict(made())
    wrong = [path for path, text in fresh.items() if not path.exists() or path.read_text() != text]
    left = [path for path in FOLDER.rglob("*") if path.is_file() and path not in fresh]
    return [str(path.relative_to(FOLDER)) for path in sorted({*wrong, *left})]


def _example(rule: str) -> Example:

    example = EXAMPLES.get(rule)
    if example is None:
        raise Untrue(f"the rule {rule} has no example in voting/guide/examples.py")
    for line in stories.untrue(example):
        raise Untrue(f"the example of {rule} says what is not so: {line}")
    return example


def _file(scene: Scene) -> Path:

    return FOLDER / "examples" / f"{scene.key}.{'blt' if scene.kind is Kind.ORDINAL else 'pb'}"


def _ballots(scene: Scene) -> str:

    election = replace(
        scene.election,
        title=str(scene.question),
        options=tuple(replace(option, name=str(scene.names[option.id])) for option in scene.election.options),
    )
    if scene.kind is Kind.ORDINAL:
        return blt.write(election)
    places = {"country": "Example", "unit": "Example", "instance": scene.key, "rule": "unknown"}
    dates = {"date_begin": "2026", "date_end": "2026", "currency": "EUR"}
    return pb.write_election(election, meta={**places, **dates})


def _names(rule: str) -> tuple[str, str]:

    return rule_name(rule), str(RULES_IN_WORDS[rule])


def _index() -> str:

    lines = [
        "# How votes are counted",
        "",
        "For each rule one page for residents, with a small example, and one for auditors, with the exact definition. The",
        "pages of the product at `/rules/` say the same in the reader's language. `make rules-docs` writes what is made here.",
    ]
    for family, title in FAMILIES.items():
        lines += ["", f"## {title}", "", "| rule | in one sentence | for auditors |", "|---|---|---|"]
        for rule in RULES:
            if PAGES[rule].family == family:
                name, words = _names(rule)
                lines.append(f"| [{name}]({rule}.md) | {words} | [`{rule}`](audit/{rule}.md) |")
    return "\n".join(lines) + "\n"


def _resident(rule: str) -> str:

    example, page = _example(rule), PAGES[rule]
    name, words = _names(rule)
    count = Count(example)
    lines = [f"# {name}", "", words, "", "## How it is counted", ""]
    lines += [f"{place}. {step}" for place, step in enumerate(page.steps, 1)]
    lines += [
        "",
        "## A small example",
        "",
        f"**{example.scene.question}**",
        "",
        "| ballots | what they say |",
        "|---|---|",
    ]
    lines += [f"| {weight} | {said} |" for weight, said in paper_lines(count)]
    if prices(count):
        lines += ["", prices(count)]
    lines += ["", f"![{name}: the example as a drawing. The sentences below say the same.](drawings/{rule}.svg)", ""]
    lines += [f"{place}. {line.text}" for place, line in enumerate(stories.steps(example), 1)]
    lines += ["", "Why it came out like this:", ""]
    lines += [f"- {line.text}" for line in stories.reasons(example)]
    others = same_ballots(rule)
    if others:
        lines += ["", "The same ballots by other rules:", "", "| rule | winners |", "|---|---|"]
        lines.append(f"| **{name}** | {count.names(count.winners)} |")
        for other in others:
            winners = Count(other).names(other.outcome.winners)
            lines.append(f"| [{_names(other.rule)[0]}]({other.rule}.md) | {winners} |")
    lines += ["", "## Good to know", "", "What speaks for it:", "", *(f"- {line}" for line in page.good)]
    lines += ["", "What to watch out for:", "", *(f"- {line}" for line in page.careful)]
    lines += ["", f"When options are level: {page.ties}", ""]
    lines += [f"The exact definition, its source and how to count again: [for auditors](audit/{rule}.md)."]
    return "\n".join(lines) + "\n"


def _drawing(rule: str) -> str:

    svg = drawings.draw(_example(rule), title=f"{_names(rule)[0]}: the example as a drawing")
    head, rest = svg.split("</desc>", 1)
    width, height = head.split('viewBox="0 0 ')[1].split('"')[0].split()
    # A margin around the drawing, which in a page the sheet gives.
    view = f'viewBox="-14 -10 {int(width) + 28} {int(height) + 20}" width="{int(width) + 28}"'
    head = head.replace(f'viewBox="0 0 {width} {height}"', view)
    sheet = f'<rect class="sheet" x="-14" y="-10" width="{int(width) + 28}" height="{int(height) + 20}"/>'
    return f"{head}</desc>{STYLE}{sheet}{rest}\n"


def _audit(rule: str) -> str:
    path = FOLDER / "audit" / f"{rule}.md"
    text = path.read_text() if path.exists() else ""
    if BEGIN not in text or END not in text:
        raise Untrue(f"docs/rules/audit/{rule}.md is missing, or its marks {BEGIN} and {END} are")
    before, rest = text.split(BEGIN, 1)
    return f"{before}{BEGIN}\n{_facts(rule)}\n{END}{rest.split(END, 1)[1]}"


def _facts(rule: str) -> str:
    """What the registry and the example's own trail say about the rule."""

    example, entry = _example(rule), RULES[rule]
    outcome = example.outcome
    lines = [
        "## Parameters",
        "",
        f"Ballots: {', '.join(sorted(entry.kinds))}.",
        "",
        "| parameter | default |",
        "|---|---|",
    ]
    for name, default in entry.parameters.items():
        lines.append(f"| `{name}` | `{canonical_json(plain(default))}` |")
    lines += ["", "## In the trail", ""]
    lines.append(f"- `facts`: {_keys(outcome.facts)}")
    if outcome.rounds:
        lines.append(f"- each of `rounds`: {_keys({key: 0 for line in outcome.rounds for key in line})}")
    codes: dict[str, dict[str, int]] = {}
    for reason in outcome.options.values():
        codes.setdefault(reason.code, {}).update(dict.fromkeys(reason.numbers, 0))
    for code, numbers in sorted(codes.items()):
        lines.append(f"- `{code}` (a reason in the example): {_keys(numbers)}")
    lines += ["", "## Count the example again", ""]
    lines.append(f"[{_file(example.scene).name}](../examples/{_file(example.scene).name}) holds the ballots of the")
    lines.append(f"[worked example](../{rule}.md). In the folder of the project:")
    lines += ["", "```console", *(f"$ {command}" for command in commands(rule)), "```", ""]
    lines.append(f"`winners` of the trail: `{canonical_json(list(outcome.winners))}`.")
    if outcome.verdict:
        lines.append(f"`verdict`: `{outcome.verdict}`.")
    lines.append("The last command checks each step by the second, slow implementation.")
    return "\n".join(lines)


def commands(rule: str) -> list[str]:
    """How to count and verify the example of a rule."""
    example = _example(rule)
    file = f"docs/rules/examples/{_file(example.scene).name}"
    flags = f" {example.flags}" if example.flags else ""
    return [
        f"python -m voting.tally count {file} --rule {rule}{flags}",
        f"python -m voting.tally count {file} --rule {rule}{flags} --format json > trail.json",
        "python -m voting.tally verify trail.json",
    ]


def _keys(numbers: Any) -> str:
    return ", ".join(f"`{key}`" for key in sorted(numbers)) or "nothing"


def main() -> int:
    try:
        if "--check" in sys.argv:
            wrong = stale()
            for name in wrong:
                print(f"docs/rules/{name} is out of date: run make rules-docs", file=sys.stderr)
            return 1 if wrong else 0
        for path, text in made():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    except Untrue as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
