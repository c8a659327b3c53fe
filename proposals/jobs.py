# SPDX-License-Identifier: AGPL-3.0-or-later
import jobs
from proposals import budget_files, services


@jobs.every("11 * * * *")
def end_unsupported_proposals() -> None:
    """Ideas that too few supported in their time have ended. A late run changes nothing: supporting looks at the clock."""
    services.end_all_unsupported()


@jobs.every("41 3 * * *")
def forget_old_drafts() -> None:
    """Drafts that rested for three months are gone, with their photos, and budgets that nobody brought in."""
    services.forget_old_drafts()
    budget_files.forget_budget_files()


@jobs.every("26 * * * *")
def end_unanswered_suggestions() -> None:
    """Merges and splits that nobody answered have ended. A late run changes nothing: answering looks at the clock."""
    services.end_unanswered()


@jobs.every("5 8 * * *")
def remind_of_unanswered_suggestions() -> None:
    """Authors who have not answered about a merge or a split are reminded once, some days before it ends."""
    services.remind_of_unanswered()
