"""The planner keeps no statistics of wrapped keys and file names: an erasure could not take them back."""

from alembic import op

revision = "0006"
down_revision = "0005"

COLUMNS = (("vault", "subject_keys", "wrapped"), ("ledger", "deliveries", "file_name"))


def upgrade() -> None:
    """Keep no more statistics of them, and forget what is known. Other columns hold no personal value in clear."""
    connection = op.get_bind()
    for schema, table, column in COLUMNS:
        connection.exec_driver_sql(f"alter table {schema}.{table} alter column {column} set statistics 0")
        connection.exec_driver_sql(f"select pg_clear_attribute_stats('{schema}', '{table}', '{column}', false)")
