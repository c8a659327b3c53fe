# SPDX-License-Identifier: AGPL-3.0-or-later
"""Simulated people who come to a rehearsal as real ones would: by HTTP and by socket. The benchmarks use them too."""
