"""What the linkage of persons remembers between runs, so that a run looks only at what is new.

An *identity record* is a person's details as they were written, made comparable. Kept here are only keyed numbers of it
(``identity_id``) and of its blocking keys: nobody without the hub's key can tell what they are made of. Both have 64
bits, which halves the largest table of the linkage; that two of a million records share a number has a chance of three
in a hundred million.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

METADATA = sa.MetaData(schema="linkage")
PEOPLE_LOCK = 4_207_006
"""Advisory lock: one linkage of persons at a time."""

MENTION_IDENTITIES = sa.Table(
    "mention_identities",
    METADATA,
    sa.Column("mention_id", UUID, primary_key=True),
    sa.Column("record_id", UUID, nullable=False, comment="Report, or event of a support service"),
    sa.Column(
        "appearance_id",
        UUID,
        nullable=False,
        comment="One id for reporter and victim of a record where they are the same person",
    ),
    sa.Column("identity_id", sa.BigInteger, comment="Null where the record gives nothing of the person"),
    sa.Column(
        "is_erased",
        sa.Boolean,
        nullable=False,
        server_default=sa.false(),
        comment="Whether the vault has nothing of the person any more",
    ),
    sa.Column("feed", sa.Text, nullable=False, comment="Feed of the record"),
    sa.Column("role", sa.Text, nullable=False, comment="victim or reporter"),
    sa.Column("is_reporter_victim", sa.Boolean, comment="Null where the report does not say"),
    sa.Column("delivery_id", UUID, nullable=False, comment="Delivery of the record's version that counts"),
    sa.Column("row_number", sa.BigInteger, nullable=False, comment="Its row in that delivery"),
    sa.Column(
        "incident_id", UUID, comment="Incident of the record, if the person is or may be its victim; as of the last run"
    ),
    sa.Column("client_id", UUID, comment="Made from the service and its own number of the client"),
    sa.Column(
        "told_at",
        sa.TIMESTAMP(timezone=True),
        comment="Time of the record: when a report was made, or an event happened",
    ),
    sa.Column("overrides", sa.Text, comment="Digest of what people decided about the mention"),
    sa.Index("mention_identities_by_identity", "identity_id"),
    sa.Index("mention_identities_by_record", "record_id"),
    comment="One row per mention of a person: what was last seen of it",
)

OVERRIDDEN = sa.Index(
    "mention_identities_of_overridden",
    MENTION_IDENTITIES.c.record_id,
    postgresql_where=MENTION_IDENTITIES.c.overrides.is_not(None),
)

IDENTITY_KEYS = sa.Table(
    "identity_keys",
    METADATA,
    sa.Column("key", sa.BigInteger, primary_key=True),
    sa.Column("identity_id", sa.BigInteger, primary_key=True),
    sa.Index("identity_keys_of_identity", "identity_id", "key"),
    comment="One row per identity record and blocking key: only records that share a key are compared",
)

PEOPLE_RUNS = sa.Table(
    "people_runs",
    METADATA,
    sa.Column("run_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("parameters", sa.Text, nullable=False, comment="Digest of the parameter file and of what else decides"),
    sa.Column("is_full", sa.Boolean, nullable=False),
    sa.Column("finished_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.now()),
    comment="One row per linkage of persons that changed something or looked at everything",
)
