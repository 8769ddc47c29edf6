"""The tables of the schema ``vault``: what is known of people, encrypted, and the wrapped keys that open it."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from hub.contracts import Contract

SCHEMA = "vault"
METADATA = sa.MetaData(schema=SCHEMA)

SUBJECT_KEYS = sa.Table(
    "subject_keys",
    METADATA,
    sa.Column("delivery_id", UUID, primary_key=True),
    sa.Column("row_number", sa.BigInteger, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True, comment="victim, reporter, text, quarantined, …"),
    sa.Column("key_version", sa.SmallInteger, nullable=False, comment="Of the master key that wraps it"),
    sa.Column("wrapped", sa.LargeBinary, nullable=False, comment="A data key; once gone, its subject is unreadable"),
    comment="One row a subject of a record: the data key of what the vault holds of it, wrapped by the master key",
)

QUARANTINED_TEXTS = sa.Table(
    "quarantined_rows",
    METADATA,
    sa.Column("quarantine_id", UUID, primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False, comment="The row as a JSON object, or the unreadable line"),
    comment="One row a quarantined row: its text, personal values and all, encrypted",
)

FEED_KEY_VERSIONS = sa.Table(
    "feed_key_versions",
    METADATA,
    sa.Column("feed", sa.Text, primary_key=True),
    sa.Column("purpose", sa.Text, primary_key=True, comment="person, text or record"),
    sa.Column("version", sa.SmallInteger, nullable=False),
    comment="One row a feed and purpose: the version of the key that tokens and hashes in raw are of",
)

KEY_ROTATIONS = sa.Table(
    "key_rotations",
    METADATA,
    sa.Column("purpose", sa.Text, primary_key=True),
    sa.Column("to_version", sa.SmallInteger, primary_key=True),
    sa.Column("started_at", sa.TIMESTAMP(timezone=True), nullable=False, server_default=sa.func.now()),
    sa.Column("finished_at", sa.TIMESTAMP(timezone=True), comment="Null while it is not known to have gone everywhere"),
    comment="One row a change of a key for its next version",
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
        comment=f"{contract.title}: personal and sensitive values, encrypted; one row an accepted record",
    )
