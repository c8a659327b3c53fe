# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is told about those behind the ideas of the youth budget."""

CO_SPONSORS = ("mele", "amina")  # the first has said Yes, the second has not answered
GIVEN_BACK = """We like the idea, and cannot check it yet: please write at which place it should be, and who would look after it. \
A photo of the place helps."""
