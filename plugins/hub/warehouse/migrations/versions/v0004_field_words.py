"""The field's words for identity records, manual overrides, compared days and encrypted texts. Every row stays."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TABLES = (
    ("linkage", "mention_portraits", "mention_identities"),
    ("linkage", "portrait_keys", "identity_keys"),
    ("linkage", "incident_pins", "incident_overrides"),
    ("linkage", "person_pins", "person_overrides"),
    # Made by the linkage itself: a hub that has never linked has none.
    ("linkage", "followed_pins", "followed_overrides"),
    ("ledger", "judged_days", "compared_days"),
)
COLUMNS = (
    ("linkage", "mention_identities", "portrait_id", "identity_id"),
    ("linkage", "mention_identities", "pins", "overrides"),
    ("linkage", "identity_keys", "portrait_id", "identity_id"),
    ("ledger", "compared_days", "judged_at", "compared_at"),
    ("vault", "quarantined_rows", "sealed", "encrypted"),
)
INDEXES = (
    ("mention_portraits_of_pinned", "mention_identities_of_overridden"),
    ("mention_portraits_by_portrait", "mention_identities_by_identity"),
    ("mention_portraits_by_record", "mention_identities_by_record"),
    ("portrait_keys_of_portrait", "identity_keys_of_identity"),
)
CONSTRAINTS = "select conname from pg_constraint where conrelid = to_regclass(:relation) order by conname"


def upgrade() -> None:
    """Rename. Rights and views follow what is renamed."""
    for schema, old, new in TABLES:
        op.execute(f"alter table if exists {schema}.{old} rename to {new}")
    for schema, table, old, new in COLUMNS:
        op.alter_column(table, old, new_column_name=new, schema=schema)
    for old, new in INDEXES:
        op.execute(f"alter index linkage.{old} rename to {new}")
    _rename_constraints()
    _comment()


def _rename_constraints() -> None:
    """Those that are named after their table or column: a rename of these leaves them as they were."""
    words = [one[1:] for one in TABLES] + [one[2:] for one in COLUMNS]
    for schema, table in sorted({(schema, new) for schema, _, new in TABLES} | {one[:2] for one in COLUMNS}):
        asked = {"relation": f"{schema}.{table}"}
        found: Sequence[str] = op.get_bind().scalars(sa.text(CONSTRAINTS), asked).all()
        for old in found:
            new = old
            for word, other in words:
                new = new.replace(word, other)
            if new != old:
                op.execute(f"alter table {schema}.{table} rename constraint {old} to {new}")


def _comment() -> None:
    told = "One row a feed and day that was compared with the past; one that has grown since is compared again"
    op.create_table_comment("compared_days", told, schema="ledger")
    for column, comment in (
        ("count_rows", "Rows of the day when it was compared"),
        ("is_last", "Whether no later day had come when it was compared"),
    ):
        op.alter_column("compared_days", column, comment=comment, schema="ledger")
