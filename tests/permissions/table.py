"""The permission table: one module of rows for each app. How to write a row: see rows.py.

Each module has ROWS, TOPICS and build(place), which makes in one assembly what its rows visit;
build() runs for Riverside and for the Harbour Co-op, in the order below, so a module may use what
an earlier one made.
"""

from types import ModuleType

from tests.permissions import accounts, assemblies, config, live, meetings, minutes, proposals, voting
from tests.permissions.rows import Row, TopicRow

MODULES: tuple[ModuleType, ...] = (config, accounts, assemblies, voting, proposals, meetings, minutes, live)
ROWS: list[Row] = [row for module in MODULES for row in module.ROWS]
TOPICS: list[TopicRow] = [row for module in MODULES for row in module.TOPICS]
