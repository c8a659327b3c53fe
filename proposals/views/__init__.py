# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages of a budget: may you see it (404), may you do it (403), form, service, answer."""
