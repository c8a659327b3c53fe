"""Rows of the permission table for assemblies; the notation is explained in rows.py."""

from tests.permissions.rows import Place, Row, TopicRow

ROWS: list[Row] = []
TOPICS: list[TopicRow] = []


def build(place: Place) -> None:
    """What the rows above visit."""
