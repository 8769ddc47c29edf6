"""What the database has of archived rows: sums, the key of each record, and the objects that hold them whole."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

METADATA = sa.MetaData()
ARCHIVE_SUMS = sa.Table(
    "archive_sums",
    METADATA,
    sa.Column("sum_id", sa.Integer, sa.Identity(always=False), primary_key=True),
    sa.Column("delivery_id", sa.UUID, nullable=False),
    sa.Column("summed_by", JSONB, nullable=False, comment="What the rows have in common, by column; never personal"),
    sa.Column("count_rows", sa.BigInteger, nullable=False),
    sa.Index("archive_sums_by_delivery", "delivery_id"),
    schema="ledger",
    comment="One row per sum of accepted rows of a delivery that are not followed, and so not in raw",
)
ARCHIVED_RECORDS = sa.Table(
    "archived_records",
    METADATA,
    sa.Column("record_key", sa.UUID, nullable=False, comment="128 bits of SHA-256 over feed and key"),
    sa.Column("record_hash", sa.UUID, nullable=False, comment="128-bit BLAKE2b over all columns as delivered"),
    sa.Column("row_number", sa.BigInteger, nullable=False),
    sa.Column("sum_id", sa.Integer, nullable=False, comment="The sum that counts it, and so its delivery"),
    sa.Column(
        "is_other_version", sa.Boolean, nullable=False, comment="Whether another record of the key was archived before"
    ),
    sa.Index("archived_records_by_key", "record_key"),
    sa.Index("archived_records_by_sum", "sum_id", postgresql_using="brin"),
    sa.Index("archived_records_in_versions", "record_key", postgresql_where=sa.text("is_other_version")),
    schema="ledger",
    comment="One row per archived record: its key tells whether it has come before, so that it is counted once",
)
ARCHIVE_FILES = sa.Table(
    "archive_files",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True, comment="In the archive of the store"),
    sa.Column("delivery_id", sa.UUID, nullable=False),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("on_day", sa.Date, nullable=False),
    sa.Column("count_rows", sa.BigInteger, nullable=False),
    sa.Column("columns", sa.ARRAY(sa.Text), nullable=False, comment="Those in which a row of it has a value"),
    sa.Index("archive_files_by_delivery", "delivery_id"),
    schema="ledger",
    comment="One row per encrypted Parquet file of archived rows: of one delivery, sender and day",
)
