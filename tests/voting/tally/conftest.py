"""Properties are tried on few examples in everyday runs, and on many by `make test-faults`."""

import os

from hypothesis import settings

settings.register_profile("tally", deadline=None, max_examples=25)
settings.register_profile("tally-long", deadline=None, max_examples=1500)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "tally"))
