# SPDX-License-Identifier: AGPL-3.0-or-later
"""A zero too many, or one too few: a price decides what is funded, so one that looks wrong is asked about once."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assemblies.money import money_text

TIMES = 10
RIGHT = "price_is_right"


def is_a_zero_apart(cost: int, expected: int | None) -> bool:
    """Whether a zero may have slipped: the cost is at least ten times what was expected, or at most a tenth of it.

    Ten, because one zero makes exactly that. And not less, because residents guess, and a guess is often three or five
    times off: a question that comes with every second price is ticked away unread, also when it matters.
    """
    if not expected or cost <= 0:
        return False
    return cost >= TIMES * expected or cost * TIMES <= expected


def doubts_about(cost: int | None, *, guess: int | None, pot: int, currency: str) -> list[str]:
    """Why the price of a proposal may be mistyped, as whoever signs it reads it."""
    if cost is None:
        return []
    return doubts_beside_guess(cost, guess=guess, currency=currency) + doubts_beside_pot(
        cost, pot=pot, currency=currency
    )


def doubts_beside_guess(cost: int, *, guess: int | None, currency: str) -> list[str]:
    if guess is None or not is_a_zero_apart(cost, guess):
        return []
    if cost > guess:
        doubt = _("The author guessed %(guess)s, and the price here is %(cost)s. Is there a zero too many?")
    else:
        doubt = _("The author guessed %(guess)s, and the price here is %(cost)s. Is a zero missing?")
    return [doubt % {"guess": money_text(guess, currency), "cost": money_text(cost, currency)}]


def doubts_beside_pot(cost: int, *, pot: int, currency: str) -> list[str]:
    if cost <= pot:
        return []
    doubt = _("The price here is %(cost)s, and the whole pot is %(pot)s: it could never be paid from it.")
    return [doubt % {"cost": money_text(cost, currency), "pot": money_text(pot, currency)}]


def doubts_about_new_price(cost: int | None, *, before: int, currency: str) -> list[str]:
    """Why the new price of a project may be mistyped."""
    if cost is None or not is_a_zero_apart(cost, before):
        return []
    if cost > before:
        doubt = _("On the ballot it costs %(before)s, and the new price here is %(cost)s. Is there a zero too many?")
    else:
        doubt = _("On the ballot it costs %(before)s, and the new price here is %(cost)s. Is a zero missing?")
    return [doubt % {"before": money_text(before, currency), "cost": money_text(cost, currency)}]


class RightForThisPrice(forms.CheckboxInput):
    """It names the price that it is about: a tick for one price says nothing about the next."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> bool:
        return bool(data.get(name) == self.attrs["value"])


class PriceForm(forms.Form):
    """Asks once about a price that looks mistyped: the box to tick is there only when it is needed."""

    price_name: ClassVar[str]  # of the field below which the box stands

    def ask_about(self, price: int, *, said: bool = False) -> bool:
        """Show the box for this price; answer whether it was ticked."""
        names = [name for name in self.fields if name != RIGHT]
        names.insert(names.index(self.price_name) + 1, RIGHT)
        self.fields[RIGHT] = forms.BooleanField(
            label=gettext_lazy("This price is right"),
            required=False,
            widget=RightForThisPrice(attrs={"value": str(price)}),
        )
        self.initial = {**self.initial, RIGHT: said}
        self.order_fields(names)
        return bool(self.is_bound and self[RIGHT].data)

    def keep_tick(self, typed: Mapping[str, Any]) -> None:
        """Show the box, ticked, to whoever ticked it for the price that they typed; nobody else is asked yet."""
        try:
            price = self.fields[self.price_name].clean(typed.get(self.price_name, ""))
        except forms.ValidationError:
            return
        if price is not None and typed.get(RIGHT) == str(price):
            self.ask_about(price, said=True)

    def refuse_unless_right(self, price: int, doubts: list[str]) -> None:
        """The form comes back with the doubts unless somebody has said that this price is right."""
        if doubts and not self.ask_about(price):
            self.add_error(RIGHT, " ".join([*doubts, _("Correct the price, or tick that it is right.")]))
