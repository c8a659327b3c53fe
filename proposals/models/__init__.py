# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is asked for: a cycle with its phases and pots of money, proposals, their review, projects and what became of them."""

from .co_sponsors import CoSponsor
from .comments import Comment, HelpfulMark, Question, Report
from .corrections import Correction
from .cycles import Category, Cycle, Heading, HeadingGroup, Phase
from .desk import (
    Assignment,
    Conflict,
    Department,
    DeskAct,
    Estimate,
    Note,
    ReplyTemplate,
    ReviewAppeal,
    ReviewRule,
    appeal_until,
    rule_of,
)
from .follows import Follow
from .imports import BudgetImport, ImportedProposal, ProposalImport
from .incidents import Incident
from .joining import ANSWERED_WITHIN, CAN_BE_JOINED, Merge, MergePart, Split, SplitPiece
from .moderation import Moderation
from .photos import Photo
from .project_photos import ProjectPhoto
from .projects import Award, Milestone, Project, Spending
from .proposals import Proposal, Review, new_reference
from .savings import SavingsUse
from .search import SearchText
from .supports import Support, SupportRule
from .turnout import AreaTurnout
from .versions import ProposalVersion

__all__ = [
    "ANSWERED_WITHIN",
    "CAN_BE_JOINED",
    "AreaTurnout",
    "Assignment",
    "Award",
    "BudgetImport",
    "Category",
    "CoSponsor",
    "Comment",
    "Conflict",
    "Correction",
    "Cycle",
    "Department",
    "DeskAct",
    "Estimate",
    "Follow",
    "Heading",
    "HeadingGroup",
    "HelpfulMark",
    "ImportedProposal",
    "Incident",
    "Merge",
    "MergePart",
    "Milestone",
    "Moderation",
    "Note",
    "Phase",
    "Photo",
    "Project",
    "ProjectPhoto",
    "Proposal",
    "ProposalImport",
    "ProposalVersion",
    "Question",
    "ReplyTemplate",
    "Report",
    "Review",
    "ReviewAppeal",
    "ReviewRule",
    "SavingsUse",
    "SearchText",
    "Spending",
    "Split",
    "SplitPiece",
    "Support",
    "SupportRule",
    "appeal_until",
    "new_reference",
    "rule_of",
]
