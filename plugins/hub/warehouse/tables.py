"""The tables of ledger and quarantine, and each feed's raw table. The vault's and the audit log are in
``hub.vault.tables``; marts and published views are dbt's and ``hub.publish``'s."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from hub.contracts.model import Contract
from hub.contracts.values import LogicalType
from hub.warehouse.columns import instant

METADATA = sa.MetaData()

STATUSES = ("received", "loaded", "held", "refused", "duplicate", "superseded", "withdrawn")
"""Of a delivery; ``hub.deliveries.DeliveryStatus`` says what each means."""

DELIVERIES = sa.Table(
    "deliveries",
    METADATA,
    sa.Column("delivery_id", UUID, primary_key=True, comment="Made from feed and content hash: same bytes, same id"),
    sa.Column("feed", sa.Text, nullable=False),
    sa.Column("sender", sa.Text),
    sa.Column("file_name", sa.Text, nullable=False, comment="As the sender named it, made safe to print"),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("sequence_number", sa.BigInteger),
    sa.Column("period_start", sa.Date),
    sa.Column("period_end", sa.Date),
    sa.Column("part", sa.Text, comment="Which of several files for one period it is, where its name says so"),
    instant("received_at", nullable=False, default_now=True),
    sa.Column("position_on", sa.Date, comment="Day of its place among the feed's deliveries; null: the day of receipt"),
    sa.Column("position_number", sa.BigInteger, comment="Its place among those of that day"),
    sa.Column("arrival_number", sa.BigInteger, comment="Its number among the arrivals of its feed"),
    sa.Column("status", sa.Text, nullable=False, comment=" or ".join(STATUSES)),
    sa.Column("rows_read", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("rows_accepted", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("rows_quarantined", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("rows_duplicate", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("first_event_on", sa.Date),
    sa.Column("last_event_on", sa.Date),
    sa.Column("contract_version", sa.Text),
    sa.Column("bounds_version", sa.Text, comment="The later version whose bounds its accepted rows were held against"),
    instant("loaded_at"),
    sa.Column("reason", sa.Text, comment="Why it was refused or held; never holds a value from the file"),
    sa.Column("duplicate_of", UUID, comment="First receipt of the same bytes"),
    sa.Column("records_new", sa.BigInteger, comment="Of a snapshot: records that the issue before did not have"),
    sa.Column("records_changed", sa.BigInteger, comment="Of a snapshot: records with another text than before"),
    sa.Column(
        "records_withdrawn", sa.BigInteger, comment="Of a snapshot: records of the issue before that are missing"
    ),
    sa.Column("records_unchanged", sa.BigInteger, comment="Of a snapshot: records that are as before"),
    instant("withdrawn_at"),
    sa.Column("withdrawn_by", sa.Text, comment="Who took the delivery out of the warehouse"),
    sa.Column("withdrawn_because", sa.Text, comment="and why"),
    sa.Column("stated_rows", sa.BigInteger, comment="The sender's own control total"),
    sa.Column(
        "is_total_unreadable", sa.Boolean, nullable=False, server_default="false", comment="Whether that is unreadable"
    ),
    sa.Column("landing_path", sa.Text, comment="Where the bytes are kept, under the landing folder"),
    instant("file_modified_at"),
    instant("bytes_destroyed_at"),
    sa.Column("bytes_destroyed_because", sa.Text, comment="Why the delivered bytes are no longer kept"),
    sa.Column(
        "unfinished_reads",
        sa.SmallInteger,
        nullable=False,
        server_default="0",
        comment="Reads that were begun and have no end, of workers that died; the one under way among them",
    ),
    instant(
        "read_on_server_since",
        comment="When the database server of the last of them was started: a restart since ends a read for no fault of "
        "the file",
    ),
    sa.Column(
        "rule_counts", JSONB, comment="Of each rule: how many rows were held against it, how many break it; no value"
    ),
    sa.CheckConstraint("rows_read = rows_accepted + rows_quarantined + rows_duplicate", name="nothing_is_lost"),
    sa.CheckConstraint(f"status in {STATUSES}", name="status_is_known"),
    sa.Index("deliveries_by_feed", "feed", "received_at"),
    schema="ledger",
    comment="One row per delivery: the receipt, and what became of its rows",
)

RESTATED_RECORDS = sa.Table(
    "restated_records",
    METADATA,
    sa.Column("delivery_id", UUID, nullable=False),
    sa.Column("row_number", sa.BigInteger, nullable=False),
    sa.Column("record_hash", UUID, nullable=False, comment="Of the record in the feed's raw table"),
    sa.Index("restated_records_by_delivery", "delivery_id"),
    schema="ledger",
    comment="One row per row of a delivery that raw had already: which delivery states which record again",
)

ALERTS = sa.Table(
    "alerts",
    METADATA,
    sa.Column("alert_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("cause", sa.Text, nullable=False, comment="What is wrong, as a stable key: silent:<feed>, …"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("feed", sa.Text),
    sa.Column("delivery_id", UUID),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    instant("opened_at", nullable=False, default_now=True),
    instant("last_seen_at", nullable=False, default_now=True),
    instant("closed_at"),
    sa.Index("one_open_alert_a_cause", "cause", unique=True, postgresql_where=sa.text("closed_at is null")),
    schema="ledger",
    comment="One row per alert: a feed that is late, silent, gap in sequence, control total, refused contract",
)

FEEDS = sa.Table(
    "feeds",
    METADATA,
    sa.Column("feed", sa.Text, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("sender", sa.Text, nullable=False),
    sa.Column("contract_version", sa.Text, nullable=False),
    sa.Column("every_days", sa.Integer, nullable=False, comment="A delivery is due after so many days"),
    sa.Column("grace_hours", sa.Integer, nullable=False, comment="and late after so many further hours"),
    instant("first_known_at", nullable=False, default_now=True),
    sa.Column("is_snapshot", sa.Boolean, comment="Whether each file is the whole table of its sender"),
    schema="ledger",
    comment="One row per feed whose contract the hub knows; one that never delivered is awaited from first_known_at on",
)

BUILDS = sa.Table(
    "builds",
    METADATA,
    sa.Column("build_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("status", sa.Text, nullable=False, server_default="running"),
    sa.Column("selection", sa.Text, comment="What was asked for; null: everything"),
    sa.Column("code_sha256", sa.Text, nullable=False, comment="Over all files of the dbt project"),
    sa.Column("seeds_sha256", sa.Text, nullable=False, comment="Over its code lists"),
    sa.Column("covers", sa.Text, comment="Mark of what was loaded and decided when Airflow began it"),
    sa.Column("count_nodes", sa.Integer),
    sa.Column("failed", sa.ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Column("reason", sa.Text, comment="What failed, with the deliveries and rows behind it; never a value of a row"),
    sa.Column("delivery_ids", sa.ARRAY(UUID), comment="Loaded deliveries that the marts rest on"),
    sa.Column("deliveries_state", sa.Text, comment="Digest of all deliveries and feeds as the marts know them"),
    instant("data_as_of"),
    instant("started_at", nullable=False, default_now=True),
    instant("linked_at"),
    instant("last_step_at"),
    instant("finished_at"),
    sa.Column(
        "nodes_by_state", JSONB, comment="Of each step that runs dbt: how many models and tests ended in which state"
    ),
    sa.CheckConstraint("status in ('running', 'succeeded', 'failed')", name="status_is_known"),
    schema="ledger",
    comment="One row per build of the warehouse; one that says running without a process behind it was killed",
)

BUILT_DELIVERIES = sa.Table(
    "built_deliveries",
    METADATA,
    sa.Column("delivery_id", UUID, primary_key=True),
    sa.Column("rows_accepted", sa.BigInteger, nullable=False, comment="Of it, when the build began"),
    sa.Column("rows_duplicate", sa.BigInteger, comment="Of it, when the build began"),
    sa.Column("delivery_order", sa.ARRAY(sa.BigInteger), comment="Its place among the deliveries then"),
    instant("loaded_at", comment="Of it, when the build began"),
    sa.Column("build_id", sa.BigInteger, sa.ForeignKey(BUILDS.c.build_id), nullable=False),
    schema="ledger",
    comment="One row per delivery whose rows are in the warehouse; the next build takes what is not, or is otherwise",
)

PUBLISHES = sa.Table(
    "publishes",
    METADATA,
    sa.Column("publish_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("build_id", sa.BigInteger, sa.ForeignKey(BUILDS.c.build_id), nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False, comment="Over the deliveries, feeds and code that it rests on"),
    sa.Column("code_version", sa.Text, nullable=False),
    sa.Column("delivery_ids", sa.ARRAY(UUID), nullable=False, comment="Loaded deliveries that it rests on"),
    sa.Column("contract_versions", JSONB, comment="Version of each feed's contract"),
    sa.Column("row_counts", JSONB, nullable=False, server_default="{}", comment="Rows of each view"),
    sa.Column(
        "checks",
        JSONB,
        nullable=False,
        server_default="[]",
        comment="What was checked before the switch, and with what result",
    ),
    instant("data_as_of"),
    instant("published_at", nullable=False, default_now=True),
    sa.Column("count_rows_simulated", sa.BigInteger, comment="Rows of simulated samples that it rests on"),
    schema="ledger",
    comment="One row per publish: the manifest of what readers see from then on",
)

LAST_PUBLISH = sa.Table(
    "last_publish",
    METADATA,
    sa.Column("publish_id", sa.BigInteger, nullable=False),
    sa.Column("is_the_only_row", sa.Boolean, primary_key=True, server_default=sa.true()),
    sa.CheckConstraint("is_the_only_row", name="is_the_only_row"),
    schema="ledger",
    comment="The one row counts publishes; a publish that fails is not counted",
)

PUBLISH_SWITCHES = sa.Table(
    "publish_switches",
    METADATA,
    sa.Column("switch_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("publish_id", sa.BigInteger, sa.ForeignKey(PUBLISHES.c.publish_id), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("because", sa.Text, comment="Who switched back or forward, and why"),
    instant("switched_at", nullable=False, default_now=True),
    sa.CheckConstraint("kind in ('published', 'switched')", name="kind_is_known"),
    schema="ledger",
    comment="One row per time that readers were given another publish; the last row's is the one that they see",
)

QUARANTINED_ROWS = sa.Table(
    "rows",
    METADATA,
    sa.Column("quarantine_id", UUID, primary_key=True),
    sa.Column("delivery_id", UUID, sa.ForeignKey(DELIVERIES.c.delivery_id), nullable=False),
    sa.Column("feed", sa.Text, nullable=False),
    sa.Column("row_number", sa.BigInteger, nullable=False, comment="Record in the file, from 1; headers do not count"),
    sa.Column("line_number", sa.BigInteger, comment="Line in the file, from 1; null where the form has no lines"),
    sa.Column("column_name", sa.Text),
    sa.Column("rule", sa.Text, nullable=False, comment="The first rule of the contract that the row breaks"),
    sa.Column("because", sa.Text, nullable=False, comment="Why that rule stands; never holds a value of the row"),
    sa.Column("other_rules", sa.ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Column("state", sa.Text, nullable=False, server_default="open"),
    instant("first_seen_at", nullable=False, default_now=True),
    instant("decided_at"),
    sa.Column("decided_by", sa.Text),
    sa.Column("key_hash", UUID, comment="Keyed 128-bit BLAKE2b over the key of its record; null: unknown, or decided"),
    sa.Index("rows_by_key", "key_hash", postgresql_where=sa.text("key_hash is not null")),
    sa.CheckConstraint("state in ('open', 'corrected', 'released', 'rejected')", name="state_is_known"),
    sa.UniqueConstraint("delivery_id", "row_number", name="one_entry_a_row"),
    schema="quarantine",
    comment="One row per row of a delivery that its contract did not accept; the row's own text is in the vault",
)

MASKED_ROWS = sa.Table(
    "masked_rows",
    METADATA,
    sa.Column(
        "quarantine_id", UUID, sa.ForeignKey(QUARANTINED_ROWS.c.quarantine_id, ondelete="CASCADE"), primary_key=True
    ),
    sa.Column(
        "masked_values",
        JSONB,
        nullable=False,
        comment="By column the form of its value; of personal values and free text the number of characters",
    ),
    schema="quarantine",
    comment="One row per quarantined row that could be split into columns: the form of its values, and no value",
)


def raw_table(contract: Contract) -> sa.Table:
    """``raw.<feed>``: one row per accepted record, as delivered (text, dates in ISO 8601), with lineage. Unique by
    ``_record_hash``: the index is made at the end of the feed's first load (``record_index.py``)."""
    columns = [
        sa.Column(
            column.raw_name, JSONB if column.logical_type is LogicalType.OBJECT else sa.Text, comment=column.description
        )
        for column in contract.columns
    ]
    return sa.Table(
        contract.feed,
        sa.MetaData(),
        *columns,
        sa.Column("_delivery_id", UUID, nullable=False),
        sa.Column("_row_number", sa.BigInteger, nullable=False),
        instant("_loaded_at", nullable=False, default_now=True),
        sa.Column("_record_hash", UUID, nullable=False, comment="128-bit BLAKE2b over all columns as delivered"),
        # A delivery's rows lie together and share their load time, so this finds them; a tree over the delivery ids
        # would cost a load four times as much.
        sa.Index(
            f"{contract.feed}_loaded_at",
            "_loaded_at",
            postgresql_using="brin",
            postgresql_with={"pages_per_range": 16, "autosummarize": True},
        ),
        schema="raw",
        comment=f"{contract.title}: one row per accepted record, as delivered",
    )
