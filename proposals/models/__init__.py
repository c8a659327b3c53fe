# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is asked for: a cycle with its phases and pots of money, proposals, their review, projects and what became of them."""

from .cycles import Category, Cycle, Heading, Phase
from .projects import Award, Milestone, Project, Spending
from .proposals import Proposal, Review, new_reference
from .versions import ProposalVersion

__all__ = [
    "Award",
    "Category",
    "Cycle",
    "Heading",
    "Milestone",
    "Phase",
    "Project",
    "Proposal",
    "ProposalVersion",
    "Review",
    "Spending",
    "new_reference",
]
