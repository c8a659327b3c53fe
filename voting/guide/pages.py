# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a resident reads about each rule: how it counts, what it is good for, what to watch out for.

The worked example of each page is in `examples`, its sentences in `stories`: no figure of an example stands here.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = Promise | str


@dataclass(frozen=True)
class Page:
    """The words of one rule's page; `ties` says what happens when options are level."""

    family: str
    steps: tuple[Text, ...]
    good: tuple[Text, ...]
    careful: tuple[Text, ...]
    ties: Text


FAMILIES: dict[str, Text] = {
    "money": _("Sharing out money"),
    "motion": _("Saying yes or no"),
    "marks": _("Choosing by votes or points"),
    "ranks": _("Choosing by rankings"),
}

MONEY_TIES = _(
    "Two projects with the same standing: the one that costs less goes first. If they cost the same, the one with more"
    " votes goes first. If that is the same too, a lot decides. The lot is drawn from a text that was fixed before"
    " voting opened, so everybody can draw it again."
)
LOT = _(
    "Options that are level and cannot both win: a lot decides. It is drawn from a text that was fixed before voting"
    " opened, so everybody can draw it again. The result says that a lot was used."
)
HISTORY = _(
    "Options that are level: the count looks back to the last round in which they were apart. If they never were, a lot"
    " decides. It is drawn from a text that was fixed before voting opened, so everybody can draw it again."
)

MARK = _("You mark the projects that you like. A mark is one vote.")
ORDER = _("All projects are put in order, from most to fewest votes.")
RANK = _("You put the options in order: your favourite first, then your next choice, and so on.")
RANK_SHORT = _("You may stop early. Options that you leave out all stand last on your ballot.")
TRUE_CHOICE = _("You can say what you truly want. A later choice never harms an earlier one.")
MANY_LIKE = _("It is easy to understand and quick to check by hand.")
BIG_GROUP = _("A large group with one taste can win everything, and a smaller group nothing.")

PAGES: dict[str, Page] = {
    "approval": Page(
        "marks",
        (
            _("You mark every option that you could live with. A mark is one vote."),
            _("The votes of each option are added up."),
            _("The option with most votes wins. With several places to fill, the next ones win too."),
        ),
        (MANY_LIKE, _("Options that are alike do not take votes from each other.")),
        (_("It does not ask which of your options you like best."),),
        LOT,
    ),
    "plurality": Page(
        "marks",
        (
            _("You choose one option."),
            _("The ballots for each option are counted."),
            _("The option with most votes wins, even when it has less than half of them."),
        ),
        (MANY_LIKE,),
        (
            _("Options that are alike share their votes, and a third one can win that most people do not want."),
            _("You may feel that you must choose an option that can win, not the one that you like best."),
        ),
        LOT,
    ),
    "points": Page(
        "marks",
        (
            _("You have a fixed number of points. You share them out as you like."),
            _("The points of each option are added up."),
            _("The option with most points wins."),
        ),
        (_("You can show that one thing matters to you much more than another."),),
        (_("Who puts all points on one option moves more than who spreads them. Some people will plan for that."),),
        LOT,
    ),
    "score": Page(
        "marks",
        (
            _("You give each option a grade, as on a school report. You may give the same grade twice."),
            _("The grades of each option are added up. An option without a grade gets nothing from you."),
            _("The option with the highest sum wins."),
        ),
        (_("You can say how much you like each option, and liking one never takes from another."),),
        (_("Who gives only the best and the lowest grade moves more than who grades with care."),),
        LOT,
    ),
    "majority": Page(
        "motion",
        (
            _("There is one question. You vote yes or no, or you abstain."),
            _("The yes votes are compared with the votes that count. As a rule these are the yes and no votes."),
            _("The motion is carried when yes has more than half of them. Exactly half is not enough."),
            _(
                "Some questions need more, such as two thirds, or half of all members. The vote says so before it opens."
            ),
        ),
        (_("Everybody knows it, and each vote weighs the same."),),
        (
            _("Abstaining is not a quiet no. Where only yes and no count, it changes nothing."),
            _("Where a least number of people must take part and too few do, nothing is decided. That is not a no."),
        ),
        _("As many yes as no votes: the motion is not carried, unless the rules give the chair a casting vote."),
    ),
    "consensus": Page(
        "motion",
        (
            _("There is one question. You vote yes or no, or you stand aside."),
            _("The no votes are counted. The group has agreed before how many it can bear. As a rule that is none."),
            _("The motion is carried when somebody says yes and no more people say no than agreed."),
        ),
        (_("Nobody is outvoted. The group goes on talking until all can live with the plan."),),
        (_("One person can stop everything, and what is old stays as it is."),),
        _("There is nothing to be level here: the no votes are either within the limit or above it."),
    ),
    "greedy": Page(
        "money",
        (
            MARK,
            ORDER,
            _("The list is walked from the top. A project that the money left can pay for is funded."),
            _("A project that costs more than the money left is skipped, and the walk goes on to the next."),
        ),
        (MANY_LIKE, _("Most of the money finds a use.")),
        (
            BIG_GROUP,
            _("A dear project near the top can use up money that would have paid for several smaller ones."),
        ),
        MONEY_TIES,
    ),
    "greedy-no-skip": Page(
        "money",
        (
            MARK,
            ORDER,
            _("The list is walked from the top. A project that the money left can pay for is funded."),
            _("At the first project that does not fit, the walk ends. Nothing further down is funded."),
        ),
        (MANY_LIKE, _("No project is funded while one with more votes is not.")),
        (BIG_GROUP, _("Money can stay unused although a cheaper project would have fitted.")),
        MONEY_TIES,
    ),
    "greedy-threshold": Page(
        "money",
        (
            MARK,
            _("A least number of votes was fixed before. Projects with fewer votes are put aside."),
            _("The others are walked from most to fewest votes. What the money left can pay for is funded."),
            _("A project that costs more than the money left is skipped."),
        ),
        (_("No money goes to a project that hardly anybody wants."),),
        (BIG_GROUP, _("The least number must be chosen with care: in a small district few projects may reach it.")),
        MONEY_TIES,
    ),
    "greedy-per-cost": Page(
        "money",
        (
            MARK,
            _("For each project the votes are divided by the cost: how many votes does each euro buy?"),
            _("The list is walked from most to fewest votes for the money. What fits is funded, the rest is skipped."),
        ),
        (_("The money makes many people happy, because small and well-liked projects come first."),),
        (_("Large projects have a hard time, even with very many votes."),),
        MONEY_TIES,
    ),
    "poznan-80": Page(
        "money",
        (
            MARK,
            ORDER,
            _("The list is walked from the top. A project that the money left can pay for is funded."),
            _(
                "At the first project that does not fit, the walk ends. But if the money left pays for most of it, it is"
                " funded too: the town adds the rest from its reserve."
            ),
        ),
        (_("The last well-liked project is not lost for want of a little money."),),
        (BIG_GROUP, _("The town must have a reserve, and in the end more is spent than the budget.")),
        MONEY_TIES,
    ),
    "equal-shares": Page(
        "money",
        (
            _("The money is shared out: every voter holds the same amount for the count."),
            MARK,
            _("A project is funded when the people who chose it can pay for it together."),
            _("First comes the project where each of them pays least for what they get. They pay, and hold less now."),
            _("Then the next, until no project can be paid for by its own supporters."),
            _(
                "Money is often left. So the count is done again with a little more for everybody, and again, until one"
                " more step would spend more than there is. The last count that fits decides."
            ),
        ),
        (
            _(
                "Every group decides about its share of the money. A group with a tenth of the voters decides about a tenth."
            ),
            _("You never lose your say by liking something popular: it only costs you a little of your share."),
        ),
        (
            _("It takes a computer to count, but anybody can check each payment."),
            _("A project with many votes can lose against several smaller ones from other groups."),
        ),
        MONEY_TIES,
    ),
    "phragmen": Page(
        "money",
        (
            MARK,
            _("Think of money that drips into the purse of every voter, for all at the same speed."),
            _("As soon as the supporters of a project hold enough together, they buy it. Their purses are empty then."),
            _("The money goes on dripping, and the next project is bought in the same way."),
            _("When the next project in turn costs more than the budget has left, the count stops."),
        ),
        (_("Who has just got something waits while others save up, so all groups get their turn."),),
        (_("Money can be left at the end although a cheaper project would have fitted."),),
        MONEY_TIES,
    ),
    "irv": Page(
        "ranks",
        (
            RANK,
            _("Every ballot counts for its first choice."),
            _("Has an option more than half of the ballots that count? Then it wins."),
            _(
                "If not, the option with fewest ballots drops out. Its ballots move to their next choice that is still in."
            ),
            _(
                "This is done again until one option has more than half. A ballot without a further choice stops counting."
            ),
        ),
        (TRUE_CHOICE, _("A wasted vote is rare: if your favourite drops out, your next choice counts.")),
        (
            _("An option that nearly everybody likes second can drop out early, because it has few first choices."),
            _("The ballots of the whole town are needed in one place to count."),
        ),
        HISTORY,
    ),
    "stv-scottish": Page(
        "ranks",
        (
            RANK,
            _("There are several seats. The ballots and the seats give a quota: so many ballots are sure of a seat."),
            _(
                "Who reaches the quota is elected. Ballots above the quota are not wasted: all ballots of that person move"
                " on to their next choice, each with a small part of its value."
            ),
            _("If nobody reaches the quota, the last one drops out, and the ballots move on with the value they have."),
            _("This is done again until all seats are filled."),
        ),
        (_("A group with enough voters gets its share of the seats, and you may choose across groups."), TRUE_CHOICE),
        (_("The parts of ballots make it long to count by hand. Every stage is in the result, to five decimals."),),
        HISTORY,
    ),
    "stv-meek": Page(
        "ranks",
        (
            RANK,
            _("There are several seats, and a quota: so many votes are sure of a seat."),
            _("Who is elected keeps only the part of each ballot that is needed. The rest passes to the next choice."),
            _(
                "If that elects nobody, the last one drops out. Then everything is counted anew, as if that person had"
                " never stood, and the quota is worked out again."
            ),
            _("This is done again until all seats are filled."),
        ),
        (
            _("A ballot counts the same by whatever way it came to a person."),
            _("A group with enough voters gets its share of the seats."),
        ),
        (_("It cannot be counted by hand. The result holds every figure, so that other programs can check it."),),
        LOT,
    ),
    "borda": Page(
        "ranks",
        (
            RANK,
            _("On each ballot an option gets one point for every option that stands below it."),
            _("Options that you leave out stand last together. They share the points of the last places."),
            _("All points are added up, and the option with most points wins."),
        ),
        (_("It looks at whole ballots, so an option that most people can live with does well."),),
        (
            _("Putting a strong rival last helps your favourite, even if you like that rival. Some people will do so."),
            _("An option can win with most first choices against it, or lose with more than half of them."),
        ),
        LOT,
    ),
    "schulze": Page(
        "ranks",
        (
            RANK,
            RANK_SHORT,
            _("Every two options meet in a duel. The one that stands higher on more ballots wins the duel."),
            _("An option that wins all its duels wins the vote."),
            _(
                "If there is none, duels form chains: one beats another, which beats a third. A chain is as strong as its"
                " weakest duel. The option whose chains to all others are stronger than the chains back wins."
            ),
        ),
        (
            _("It finds the option that beats every other, whenever there is one."),
            _("Adding an option that is much like another one does not change who wins between the rest."),
        ),
        (_("When no option wins all duels, the chains are hard to follow without a drawing."),),
        LOT,
    ),
    "condorcet": Page(
        "ranks",
        (
            RANK,
            RANK_SHORT,
            _("Every two options meet in a duel. The one that stands higher on more ballots wins the duel."),
            _("The option that wins all its duels wins the vote."),
        ),
        (_("Nobody can say that most people would rather have had another option: that was asked, duel by duel."),),
        (
            _(
                "Sometimes no option wins all its duels. Then nothing is chosen, and another rule or another vote is needed."
            ),
        ),
        _("A duel with as many ballots on both sides is won by neither. There is no lot."),
    ),
}
