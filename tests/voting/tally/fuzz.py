"""Damaged files: each must give a result or one plain error, never anything else."""

from __future__ import annotations

import random
import resource

from tests.voting.tally.test_files import TOWN, WARD
from voting.tally import RULES, TallyError, count
from voting.tally.files import parse_election

POINTS = TOWN.replace("approval", "cumulative\nmax_sum_points;9").replace("voter_id;vote", "voter_id;vote;points")
POINTS = POINTS.replace("1;10,2\n2;10\n3;b\n4;2,10\n", "1;10,2;3,4\n2;10;1\n3;b;2.5\n4;;\n")
ORDERS = "# NUMBER ALTERNATIVES: 3\n# NUMBER VOTERS: 9\n# ALTERNATIVE NAME 1: A\n4: 1,2\n3: {2,3},1\n2: \n"
SCOTTISH = (
    '3,2,\n5,1,2,\n4,2,3,1,\n2,3,\n"Candidate 1","A","X",\n"Candidate 2","B","Y",\n"Candidate 3","C","Z",\n"Ward",\n'
)
SEEDS = [(".pb", TOWN), (".pb", POINTS), (".blt", WARD), (".toi", ORDERS), (".csv", SCOTTISH)]
SCRAPS = ["", ";", ",", "\n", "\r\n", '"', "0", "-1", "999999999", "1e9", "99999999999999999999", "{", "}", "=", "-", "#", "\0",
          "\ufeff", "NaN", "None", "META\n", "VOTES\n", "0.1", "1/3", " ", "\t", "é", "٣", "1,1", "[", "("]  # fmt: skip
MOST_MEMORY = 2**30


def damaged(chance: random.Random) -> tuple[str, bytes]:
    ending, text = chance.choice(SEEDS)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(text) + 1)
        act = chance.randrange(5)
        if act == 0:
            text = text[:at] + chance.choice(SCRAPS) + text[at:]
        elif act == 1:
            text = text[:at] + text[min(len(text), at + chance.randint(1, 9)) :]
        elif act == 2:
            text = text[:at] + chance.choice(SCRAPS) + text[at + 1 :]
        elif act == 3:
            lines = text.split("\n")
            chance.shuffle(lines) if chance.random() < 0.2 else lines.insert(
                chance.randrange(len(lines)), chance.choice(lines)
            )
            text = "\n".join(lines)
        else:
            text = text.replace(chance.choice("0123456789;,"), chance.choice(SCRAPS), 1)
    raw = text.encode("utf-8", "surrogatepass")
    if chance.random() < 0.05:
        raw = raw[: len(raw) // 2] + b"\xff\xfe" + raw[len(raw) // 2 :]
    return (chance.choice(SEEDS)[0] if chance.random() < 0.05 else ending), raw


def try_files(seed: int, files: int) -> tuple[int, int]:
    """How many files were counted and how many refused; anything else is raised."""
    chance = random.Random(seed)
    counted = refused = 0
    for _ in range(files):
        ending, raw = damaged(chance)
        lenient = chance.random() < 0.7
        try:
            election = parse_election(raw, ending=ending, lenient=lenient)
            rule = chance.choice([rule for rule in RULES.values() if election.kind in rule.kinds])
            parameters = {}
            if rule.name == "equal-shares":
                parameters["utility"] = chance.choice(["cost", "uniform", "points"])
                parameters["completion"] = chance.choice(["none", "add1", "add1e+u"])
            count(rule.name, election, **parameters).canonical()
            counted += 1
        except TallyError as error:
            if not str(error) or "\n" in str(error):
                raise AssertionError(f"not one plain line: {error!r}") from error
            refused += 1
        except Exception as error:
            raise AssertionError(f"{ending} {raw!r} lenient={lenient}") from error
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if peak > MOST_MEMORY:
        raise AssertionError(f"{peak} bytes of memory")
    return counted, refused
