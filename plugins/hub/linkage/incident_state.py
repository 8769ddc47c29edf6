"""What the linkage of incidents remembers between its runs, in the schema ``linkage``: of each report the row that it
was read from and the keys under which others may find it; the manual overrides that the last run followed, and of which
version the rules were.

Private to ``hub.linkage.incidents``; it can be thrown away at any time, and a full run makes it again. It holds hashes,
never a value of a report but its day and the length of its text.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from hub.linkage.tables import SCHEMA

METADATA = sa.MetaData(schema=SCHEMA)
LINKAGE_LOCK = 4_207_005

REPORT_MARKS = sa.Table(
    "report_marks",
    METADATA,
    sa.Column("report_id", UUID, primary_key=True),
    sa.Column("delivery_id", UUID, nullable=False),
    sa.Column("row_number", sa.BigInteger, nullable=False),
    sa.Column("keys", sa.ARRAY(sa.BigInteger), nullable=False),
    sa.Column("positions", sa.ARRAY(sa.BigInteger), nullable=False, comment="Its place under each of the keys"),
    comment="One row per report that has been linked",
)

REPORT_KEYS = sa.Table(
    "report_keys",
    METADATA,
    sa.Column(
        "key",
        sa.BigInteger,
        nullable=False,
        comment="Keyed hash of a part of its text or of a person's details; hash of a reference or post",
    ),
    sa.Column("position", sa.BigInteger, nullable=False, comment="Day, then the length of the text"),
    sa.Column("report_id", UUID, nullable=False),
    comment="One row per report and key: those that are close under one key are compared",
)
REPORT_KEYS_IN_ORDER = sa.Index(
    "report_keys_in_order", REPORT_KEYS.c.key, REPORT_KEYS.c.position, REPORT_KEYS.c.report_id
)

FOLLOWED_OVERRIDES = sa.Table(
    "followed_overrides",
    METADATA,
    sa.Column("report_a", UUID, primary_key=True),
    sa.Column("report_b", UUID, primary_key=True),
    sa.Column("is_together", sa.Boolean, nullable=False),
    sa.Column("decided_at", sa.TIMESTAMP(timezone=True), nullable=False),
    comment="One row per override that the last run followed: what differs in incident_overrides came or went since",
)

INCIDENT_RULES = sa.Table(
    "incident_rules",
    METADATA,
    sa.Column("rules_version", sa.Text, primary_key=True),
    comment="One row: the version of the rules and fingerprints of the state; another one means a full run",
)
