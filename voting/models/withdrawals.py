# SPDX-License-Identifier: AGPL-3.0-or-later
"""What was taken off a ballot while people voted. The options themselves stay as they were when voting opened."""

import pgtrigger
from django.db import models
from django.utils import timezone

from .polls import Option
from .triggers import UPDATE_OR_DELETE, not_emptied


class OptionWithdrawal(models.Model):
    """From this moment nobody can choose the option, and ballots that name it already are void in that one line."""

    option = models.OneToOneField(Option, on_delete=models.PROTECT, primary_key=True, related_name="withdrawal")
    reason = models.TextField()
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["at"]
        constraints = [models.CheckConstraint(condition=~models.Q(reason=""), name="voting_withdrawal_has_reason")]
        triggers = [
            not_emptied(),
            pgtrigger.Protect(name="append_only", operation=UPDATE_OR_DELETE),
            pgtrigger.Trigger(
                name="while_people_vote",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=pgtrigger.Func(
                    """
                    IF NOT EXISTS (
                        SELECT FROM voting_option o JOIN voting_poll p ON p.id = o.poll_id
                        WHERE o.id = NEW.option_id AND p.state = 'open'
                    ) THEN
                        RAISE EXCEPTION 'an option is taken off the ballot only while people vote';
                    END IF;
                    RETURN NEW;
                    """
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.option_id}: {self.reason}"
