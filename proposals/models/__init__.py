# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is asked for: a cycle with its phases and pots of money, proposals, their review, projects and what became of them."""

from .comments import Comment, HelpfulMark, Question, Report
from .cycles import Category, Cycle, Heading, Phase
from .imports import ImportedProposal, ProposalImport
from .incidents import Incident
from .moderation import Moderation
from .photos import Photo
from .projects import Award, Milestone, Project, Spending
from .proposals import Proposal, Review, new_reference
from .savings import SavingsUse
from .supports import Support, SupportRule
from .turnout import AreaTurnout
from .versions import ProposalVersion

__all__ = [
    "AreaTurnout",
    "Award",
    "Category",
    "Comment",
    "Cycle",
    "Heading",
    "HelpfulMark",
    "ImportedProposal",
    "Incident",
    "Milestone",
    "Moderation",
    "Phase",
    "Photo",
    "Project",
    "Proposal",
    "ProposalImport",
    "ProposalVersion",
    "Question",
    "Report",
    "Review",
    "SavingsUse",
    "Spending",
    "Support",
    "SupportRule",
    "new_reference",
]
