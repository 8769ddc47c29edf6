"""Simulated samples: files that the hub itself made up. They are known by their bytes, wherever they are delivered."""

import uuid
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from hub.deliveries import DeliveryStatus
from hub.warehouse.columns import is_one_of
from hub.warehouse.tables import DELIVERIES

METADATA = sa.MetaData()
SIMULATED_FILES = sa.Table(
    "simulated_files",
    METADATA,
    sa.Column("sha256", sa.Text, primary_key=True, comment="Of the file as it was delivered"),
    sa.Column("noted_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.now()),
    schema="ledger",
    comment="One row per file that the hub itself made up, as a sample",
)
NOTICE = "This hub holds simulated samples."
"""Beside whatever is published while it is so; data_dictionary_v1 says it in the same words."""
GONE = (DeliveryStatus.WITHDRAWN, DeliveryStatus.DUPLICATE)


def note_simulated(connection: sa.Connection, sha256s: Iterable[str]) -> None:
    """Write down that files with these hashes are simulated, before any of them is delivered."""
    if rows := [{"sha256": one} for one in sha256s]:
        connection.execute(insert(SIMULATED_FILES).on_conflict_do_nothing(), rows)


def deliveries_not_simulated(connection: sa.Connection) -> dict[str, int]:
    """``{feed: how many files came that the hub did not make up}``, whatever became of them, without feeds of none."""
    columns = DELIVERIES.c
    query = (
        sa.select(columns.feed, sa.func.count())
        .where(columns.sha256.not_in(sa.select(SIMULATED_FILES.c.sha256)))
        .group_by(columns.feed)
        .order_by(columns.feed)
    )
    rows: Iterable[Any] = connection.execute(query).all()
    return dict(rows)


def holds_simulated(connection: sa.Connection) -> bool:
    """Whether anything that came, and was not withdrawn, is simulated."""
    columns = DELIVERIES.c
    found = sa.exists().where(columns.sha256 == SIMULATED_FILES.c.sha256, columns.status.not_in(GONE))
    return bool(connection.scalar(sa.select(found)))


def count_simulated_rows(connection: sa.Connection, delivery_ids: Iterable[uuid.UUID]) -> int:
    """How many accepted rows of these deliveries are simulated."""
    columns = DELIVERIES.c
    query = sa.select(sa.func.coalesce(sa.func.sum(columns.rows_accepted), 0)).where(
        is_one_of(columns.delivery_id, list(delivery_ids)), columns.sha256.in_(sa.select(SIMULATED_FILES.c.sha256))
    )
    return int(connection.scalar(query) or 0)
