# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every write of a cycle that carries a rule: its calendar, proposals and reviews, the ballot, and delivery."""

from proposals.plans import NewPhase
from proposals.refusals import CycleRefused

from .balloting import draw_up_awards, open_ballot, put_on_ballot, revoke_awards, take_off_list
from .co_sponsors import (
    CAN_BE_SPONSORED,
    accept_co_sponsorship,
    decline_co_sponsorship,
    invite_co_sponsor,
    leave_co_sponsorship,
    take_invitation_back,
)
from .comments import mark_helpful, report, restore_comment, withdraw_comment, write_comment
from .corrections import (
    accept_uncorrected,
    extend_correction,
    last_day_for_correction,
    return_proposal,
    send_again,
)
from .cycles import (
    NewGroup,
    NewHeading,
    copy_cycle,
    create_cycle,
    move_end,
    publish_cycle,
    start_phase,
    take_back_budget,
)
from .delivery import record_milestone, record_spending, set_status
from .desk import assign_proposals, unassign_proposals, undo_desk_act
from .editing import edit_cycle
from .follows import follow_proposal, unfollow_proposal
from .groups import voters_live_in
from .importing import NewProposal, look_at_file, take_in, undo_import
from .incidents import report_incident
from .merging import (
    CAN_BE_JOINED,
    MOST_PARTS,
    agree_to_merge,
    refuse_merge,
    refuse_undoing,
    reword_merge,
    suggest_merge,
    take_merge_back,
    undo_merge,
)
from .moderation import appeal_moderation, bring_back, decide_moderation_appeal, decide_reports
from .phases import REVIEW_PHASES, TALKING_PHASES
from .photos import MOST_PHOTOS, add_photo, hide_photo, put_photo_first, remove_photo, show_photo
from .project_photos import MOST_PROJECT_PHOTOS, add_project_photo, remove_project_photo
from .proposing import (
    CAN_BE_TAKEN_BACK,
    discard_draft,
    draft_proposal,
    edit_draft,
    forget_old_drafts,
    submit_proposal,
    withdraw_proposal,
)
from .questions import answer_question, ask_question
from .review_appeals import appeal_review, decide_review_appeal
from .reviewing import (
    declare_conflict,
    give_estimate,
    review_proposal,
    rule_is_in_use,
    send_back,
    set_review_rule,
    sign_answer,
    write_note,
)
from .rules import hash_of_rule, lock_rule, rule_in_full, rule_of, set_conditions
from .savings import carry_over, fund_next_project
from .splitting import (
    MOST_PIECES,
    UNDONE_WITHIN,
    Piece,
    agree_to_split,
    can_be_undone,
    refuse_split,
    split_proposal,
    take_split_back,
    undo_split,
)
from .supports import (
    CAN_BE_SUPPORTED,
    GOES_ON_ELSEWHERE,
    end_all_unsupported,
    end_unsupported,
    set_support_rule,
    support_phases,
    support_proposal,
    support_rule_of,
    supports_end_at,
    withdraw_support,
)
from .unanswered import end_unanswered, remind_of_unanswered
from .versions import change_proposal

__all__ = [
    "CAN_BE_JOINED",
    "CAN_BE_SPONSORED",
    "CAN_BE_SUPPORTED",
    "CAN_BE_TAKEN_BACK",
    "GOES_ON_ELSEWHERE",
    "MOST_PARTS",
    "MOST_PHOTOS",
    "MOST_PIECES",
    "MOST_PROJECT_PHOTOS",
    "REVIEW_PHASES",
    "TALKING_PHASES",
    "UNDONE_WITHIN",
    "CycleRefused",
    "NewGroup",
    "NewHeading",
    "NewPhase",
    "NewProposal",
    "Piece",
    "accept_co_sponsorship",
    "accept_uncorrected",
    "add_photo",
    "add_project_photo",
    "agree_to_merge",
    "agree_to_split",
    "answer_question",
    "appeal_moderation",
    "appeal_review",
    "ask_question",
    "assign_proposals",
    "bring_back",
    "can_be_undone",
    "carry_over",
    "change_proposal",
    "copy_cycle",
    "create_cycle",
    "decide_moderation_appeal",
    "decide_reports",
    "decide_review_appeal",
    "declare_conflict",
    "decline_co_sponsorship",
    "discard_draft",
    "draft_proposal",
    "draw_up_awards",
    "edit_cycle",
    "edit_draft",
    "end_all_unsupported",
    "end_unanswered",
    "end_unsupported",
    "extend_correction",
    "follow_proposal",
    "forget_old_drafts",
    "fund_next_project",
    "give_estimate",
    "hash_of_rule",
    "hide_photo",
    "invite_co_sponsor",
    "last_day_for_correction",
    "leave_co_sponsorship",
    "lock_rule",
    "look_at_file",
    "mark_helpful",
    "move_end",
    "open_ballot",
    "publish_cycle",
    "put_on_ballot",
    "put_photo_first",
    "record_milestone",
    "record_spending",
    "refuse_merge",
    "refuse_split",
    "refuse_undoing",
    "remind_of_unanswered",
    "remove_photo",
    "remove_project_photo",
    "report",
    "report_incident",
    "restore_comment",
    "return_proposal",
    "review_proposal",
    "revoke_awards",
    "reword_merge",
    "rule_in_full",
    "rule_is_in_use",
    "rule_of",
    "send_again",
    "send_back",
    "set_conditions",
    "set_review_rule",
    "set_status",
    "set_support_rule",
    "show_photo",
    "sign_answer",
    "split_proposal",
    "start_phase",
    "submit_proposal",
    "suggest_merge",
    "support_phases",
    "support_proposal",
    "support_rule_of",
    "supports_end_at",
    "take_back_budget",
    "take_in",
    "take_invitation_back",
    "take_merge_back",
    "take_off_list",
    "take_split_back",
    "unassign_proposals",
    "undo_desk_act",
    "undo_import",
    "undo_merge",
    "undo_split",
    "unfollow_proposal",
    "voters_live_in",
    "withdraw_comment",
    "withdraw_proposal",
    "withdraw_support",
    "write_comment",
    "write_note",
]
