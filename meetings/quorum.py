# SPDX-License-Identifier: AGPL-3.0-or-later
"""How many must be there before a meeting may decide, in whole numbers: a fact beside the state of the meeting."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from assemblies.money import format_count

FIXED = "fixed"
RESIDENTS = "residents"
MEMBERS = "members"

AT_LEAST = "at_least"
MORE_THAN = "more_than"

IN_ROOM = "in_room"
ALL_PRESENT = "all_present"
WITH_PROXIES = "with_proxies"

NOT_SET = "not_set"
MET = "met"
NOT_MET = "not_met"


@dataclass(frozen=True)
class Quorum:
    """Which share of whom must be there, or how many. An empty base is no quorum."""

    base: str = ""
    numerator: int = 1
    denominator: int = 2
    number: int | None = None  # for a fixed one
    comparison: str = MORE_THAN
    counts: str = ALL_PRESENT

    def __post_init__(self) -> None:
        if self.base not in ("", FIXED, RESIDENTS, MEMBERS):
            raise ValueError(f"not a base of a quorum: {self.base!r}")
        if self.comparison not in (AT_LEAST, MORE_THAN):
            raise ValueError(f"not a comparison: {self.comparison!r}")
        if self.counts not in (IN_ROOM, ALL_PRESENT, WITH_PROXIES):
            raise ValueError(f"not a way to count: {self.counts!r}")
        if not 1 <= self.numerator <= self.denominator:
            raise ValueError("a share lies between 0 and 1")
        if self.base == FIXED and (self.number is None or self.number < 1):
            raise ValueError("a fixed quorum is at least one person")

    @property
    def is_set(self) -> bool:
        return self.base != ""

    @property
    def can_never_be_met(self) -> bool:
        """Whether it asks for more people than there are: more than all of them."""
        return self.base in (RESIDENTS, MEMBERS) and self.comparison == MORE_THAN and self.numerator == self.denominator


def required(quorum: Quorum, base_size: int) -> int:
    """How many must be there. Somebody always must, so that an empty room decides nothing.

    >>> required(Quorum(base="members", numerator=1, denominator=2, comparison="more_than"), 42)
    22
    """
    if not quorum.is_set:
        return 0
    if quorum.base == FIXED and quorum.number is not None:  # it could not be made without
        return quorum.number
    share_of_all = quorum.numerator * base_size
    if quorum.comparison == MORE_THAN:
        return share_of_all // quorum.denominator + 1
    return max(1, -(-share_of_all // quorum.denominator))


def state(quorum: Quorum, base_size: int, present: int) -> str:
    """Whether enough are there: `met` or `not_met`, or `not_set` where nobody asked."""
    if not quorum.is_set:
        return NOT_SET
    return MET if present >= required(quorum, base_size) else NOT_MET


def counted(counts: str, in_room: int, remote: int, proxies: int) -> int:
    """How many are there for the quorum. `proxies` are those given by people who are not there themselves."""
    match counts:
        case "in_room":
            return in_room
        case "all_present":
            return in_room + remote
        case "with_proxies":
            return in_room + remote + proxies
    raise ValueError(f"not a way to count: {counts!r}")


def sentence(quorum: Quorum, base_size: int, present: int) -> str:
    """What holds now, in one sentence with its numbers."""
    needed = required(quorum, base_size)
    if not quorum.is_set:
        text = ngettext("%(present)s is here. No quorum is set.", "%(present)s are here. No quorum is set.", present)
        return text % {"present": format_count(present)}
    holds = {"quorum": headline(quorum, base_size, present)}
    if present >= needed:
        return f"{holds['quorum']}."
    missing = needed - present
    return ngettext(
        "%(quorum)s. %(missing)s more must come before anything is decided.",
        "%(quorum)s. %(missing)s more must come before anything is decided.",
        missing,
    ) % {**holds, "missing": format_count(missing)}


def headline(quorum: Quorum, base_size: int, present: int) -> str:
    """Whether there is a quorum: who counts for it, how many of them are there, and how many it takes.

    It says who is counted, because it stands beside the number of everybody who came, and guests are no voters.
    """
    needed = required(quorum, base_size)
    numbers = {"present": format_count(present), "needed": format_count(needed)}
    is_met = present >= needed
    if quorum.base == MEMBERS:
        if is_met:
            text = ngettext(
                "Quorum met: %(present)s member here, needed %(needed)s",
                "Quorum met: %(present)s members here, needed %(needed)s",
                present,
            )
        else:
            text = ngettext(
                "No quorum: %(present)s member here, needed %(needed)s",
                "No quorum: %(present)s members here, needed %(needed)s",
                present,
            )
    elif is_met:
        text = ngettext(
            "Quorum met: %(present)s voter here, needed %(needed)s",
            "Quorum met: %(present)s voters here, needed %(needed)s",
            present,
        )
    else:
        text = ngettext(
            "No quorum: %(present)s voter here, needed %(needed)s",
            "No quorum: %(present)s voters here, needed %(needed)s",
            present,
        )
    return text % numbers


def rule_in_words(quorum: Quorum, base_size: int) -> str:
    """What the rule asks for: the share in words, of how many, and what that makes."""
    if not quorum.is_set:
        return _("Any number of people may decide.")
    needed = required(quorum, base_size)
    if quorum.base == FIXED:
        text = ngettext("%(needed)s person must be here.", "%(needed)s people must be here.", needed)
        return text % {"needed": format_count(needed)}
    more = quorum.comparison == MORE_THAN
    everybody = quorum.numerator == quorum.denominator
    match quorum.base, more:
        case "members", False if everybody:
            text = _("All %(all)s members must be here.")
        case "residents", False if everybody:
            text = _("All %(all)s who may vote must be here.")
        case "members", True:
            text = _("More than %(share)s of all %(all)s members must be here: %(needed)s.")
        case "members", False:
            text = _("At least %(share)s of all %(all)s members must be here: %(needed)s.")
        case _, True:
            text = _("More than %(share)s of all %(all)s who may vote must be here: %(needed)s.")
        case _:
            text = _("At least %(share)s of all %(all)s who may vote must be here: %(needed)s.")
    numbers = {"all": format_count(base_size), "needed": format_count(needed)}
    return text % {**numbers, "share": share_in_words(quorum.numerator, quorum.denominator)}


def share_in_words(numerator: int, denominator: int) -> str:
    """A share as people say it where there is a word for it, else in figures."""
    words = {
        (1, 2): pgettext("share", "half"),
        (1, 3): pgettext("share", "a third"),
        (2, 3): pgettext("share", "two thirds"),
        (1, 4): pgettext("share", "a quarter"),
        (3, 4): pgettext("share", "three quarters"),
        (1, 1): pgettext("share", "the whole"),
    }
    return words.get((numerator, denominator), f"{numerator}/{denominator}")
