# SPDX-License-Identifier: AGPL-3.0-or-later
"""What minutes say and how they are kept: the draft from what happened, Markdown, and the record that is frozen."""
