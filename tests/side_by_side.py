"""How one run of the tests is divided among processes: `pytest -n 3 --dist loadfile --no-loadscope-reorder`."""

from typing import Any

import pytest
from xdist.scheduler import LoadFileScheduling

LONG = (
    "tests/browser/",
    "tests/permissions/",
)  # what takes longest begins first, so that nobody waits for it at the end
MOVES_THE_TOWN_ON = "tests/browser/test_budget_story"  # the other stories find the demo town as it was seeded
SITES_OF_THEIR_OWN = ("test_ballot_papers", "test_live_updates", "test_look", "test_paper", "test_whole_meeting")


class WorldsTogether(LoadFileScheduling):  # type: ignore[misc]
    """Tests of one file stay together, and so do all that walk through the same demo town, which takes a minute to seed."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        if file.startswith("tests/browser/") and not any(name in file for name in SITES_OF_THEIR_OWN):
            return "tests/browser"
        return file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> WorldsTogether:
    return WorldsTogether(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """After pytest-django has put them into its own order."""

    def place(item: pytest.Item) -> tuple[int, bool]:
        folder = next((place for place, folder in enumerate(LONG) if folder in item.nodeid), len(LONG))
        return folder, MOVES_THE_TOWN_ON in item.nodeid

    items.sort(key=place)
