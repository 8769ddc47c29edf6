"""The tables of the schema ``vault``: what is known of people, encrypted, and the wrapped keys that decrypt it; and the
audit log, which says who has read it."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, UUID

from hub.contracts.model import Contract
from hub.warehouse.columns import instant

SCHEMA = "vault"
METADATA = sa.MetaData(schema=SCHEMA)

SUBJECT_KEYS = sa.Table(
    "subject_keys",
    METADATA,
    sa.Column("delivery_id", UUID, primary_key=True),
    sa.Column("row_number", sa.BigInteger, primary_key=True),
    sa.Column("subject", sa.Text(collation="C"), primary_key=True, comment="victim, reporter, text, quarantined, …"),
    sa.Column("key_version", sa.SmallInteger, nullable=False, comment="Of the master key that wraps it"),
    sa.Column("wrapped", sa.LargeBinary, nullable=False, comment="A data key; once gone, its subject is unreadable"),
    comment="One row per subject of a record: the data key of what the vault holds of it, wrapped by the master key",
)

QUARANTINED_TEXTS = sa.Table(
    "quarantined_rows",
    METADATA,
    sa.Column("quarantine_id", UUID, primary_key=True),
    sa.Column("encrypted", sa.LargeBinary, nullable=False, comment="The row as a JSON object, or the unreadable line"),
    comment="One row per quarantined row: its text, personal values and all, encrypted",
)

FEED_KEY_VERSIONS = sa.Table(
    "feed_key_versions",
    METADATA,
    sa.Column("feed", sa.Text, primary_key=True),
    sa.Column("purpose", sa.Text, primary_key=True, comment="person, text or record"),
    sa.Column("version", sa.SmallInteger, nullable=False),
    comment="One row per feed and purpose: the version of the key that tokens and hashes in raw are of",
)

KEY_ROTATIONS = sa.Table(
    "key_rotations",
    METADATA,
    sa.Column("purpose", sa.Text, primary_key=True),
    sa.Column("to_version", sa.SmallInteger, primary_key=True),
    sa.Column("started_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("finished_at", sa.TIMESTAMP(timezone=True), comment="Null while it is not known to have gone everywhere"),
    comment="One row per change of a key for its next version",
)

ERASURES = sa.Table(
    "erasures",
    METADATA,
    sa.Column("erasure_id", UUID, primary_key=True),
    sa.Column("asked_for", sa.Text, nullable=False, comment="A person id, a token, or a quarantined row and who of it"),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("because", sa.Text, nullable=False),
    sa.Column("subjects", JSONB, nullable=False, comment="Feed, subject and count of what was made unreadable"),
    sa.Column("erased_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("finished_at", sa.TIMESTAMP(timezone=True), comment="Null until files and tables were searched again"),
    sa.Index("erasures_by_what_was_asked", "asked_for"),
    comment="One row per erasure that was carried out",
)

TEXT_MENTIONS = sa.Table(
    "text_mentions",
    METADATA,
    sa.Column("erasure_id", UUID, sa.ForeignKey(ERASURES.c.erasure_id), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, comment="Counts those of an erasure, from 1"),
    sa.Column("feed", sa.Text, nullable=False),
    sa.Column("delivery_id", UUID, nullable=False),
    sa.Column("row_number", sa.BigInteger, nullable=False),
    sa.Column("column_name", sa.Text, nullable=False),
    sa.Column(
        "spans", JSONB, nullable=False, comment="Start, end and kind of each part of the text that names someone"
    ),
    sa.Column("state", sa.Text, nullable=False, server_default="open"),
    sa.Column("decided_by", sa.Text),
    sa.Column("decided_at", sa.TIMESTAMP(timezone=True)),
    sa.UniqueConstraint("erasure_id", "delivery_id", "row_number", "column_name"),
    sa.CheckConstraint("state in ('open', 'masked', 'left')", name="state_is_known"),
    sa.CheckConstraint("(state = 'open') = (decided_by is null)", name="what_is_decided_was_decided_by_someone"),
    comment="One row per text of another record that names an erased person, and whether it is masked; no value",
)

LEGAL_HOLDS = sa.Table(
    "legal_holds",
    METADATA,
    sa.Column("hold_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("person_id", UUID, nullable=False),
    sa.Column("because", sa.Text, nullable=False),
    sa.Column("placed_by", sa.Text, nullable=False),
    sa.Column("placed_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("lifted_by", sa.Text),
    sa.Column("lifted_at", sa.TIMESTAMP(timezone=True)),
    sa.Index("legal_holds_by_person", "person_id"),
    comment="One row per order that a person's data must be kept; nobody erases them until it is lifted",
)

HELD_MENTIONS = sa.Table(
    "held_mentions",
    METADATA,
    sa.Column("hold_id", sa.ForeignKey(LEGAL_HOLDS.c.hold_id), primary_key=True),
    sa.Column("mention_id", UUID, primary_key=True),
    sa.Index("held_mentions_by_mention", "mention_id"),
    comment="One row per mention of a person under a legal hold, which follows it to the person's next id",
)

RETENTION_REVIEWS = sa.Table(
    "retention_reviews",
    METADATA,
    sa.Column("person_id", UUID, primary_key=True),
    sa.Column("reviewed_at", sa.TIMESTAMP(timezone=True), primary_key=True, server_default=sa.func.now()),
    sa.Column("decision", sa.Text, nullable=False),
    sa.Column("because", sa.Text, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("retention_group", sa.Integer, nullable=False),
    sa.Column("next_review_on", sa.Date, comment="Null where the person was erased"),
    sa.CheckConstraint("decision in ('keep', 'erase')", name="decision_is_known"),
    comment="One row per review of a person's data: what was decided, who decided it and why",
)

AUDIT_LOG = sa.Table(
    "log",
    METADATA,
    sa.Column("entry_id", sa.BigInteger, primary_key=True, autoincrement=False, comment="From 1, without a gap"),
    instant("at", nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("details", JSONB, nullable=False, comment="Counts and ids; never a value of a person"),
    sa.Column("key_version", sa.SmallInteger, nullable=False),
    sa.Column("previous_hash", sa.Text, nullable=False),
    sa.Column("entry_hash", sa.Text, nullable=False, comment="HMAC-SHA256 over all other columns"),
    schema="audit",
    comment="One row per thing done with people's values; rows are only ever added",
)


def vault_table(contract: Contract) -> sa.Table | None:
    """``vault.<feed>``: for each accepted record one encrypted blob a subject, or None where a feed has none."""
    if not contract.personal_columns:
        return None
    return sa.Table(
        contract.feed,
        sa.MetaData(),
        sa.Column("_delivery_id", UUID, primary_key=True),
        sa.Column("_row_number", sa.BigInteger, primary_key=True),
        *(
            sa.Column(subject, sa.LargeBinary, comment=", ".join(column.name for column in columns))
            for subject, columns in contract.subjects.items()
        ),
        schema=SCHEMA,
        comment=f"{contract.title}: personal and sensitive values, encrypted; one row per accepted record",
    )
