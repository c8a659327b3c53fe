"""Rows of the permission table for the addresses of the installation itself; the notation is explained in rows.py."""

from tests.permissions.rows import Place, Row, TopicRow, row

ROWS: list[Row] = [row("healthz", get="200")]
TOPICS: list[TopicRow] = []


def build(place: Place) -> None:
    """The installation belongs to no assembly: there is nothing to build."""
