"""The planner samples no column of wrapped keys or file names: an erasure could not take the samples back."""

from alembic import op

revision = "0006"
down_revision = "0005"

COLUMNS = (("vault", "subject_keys", "wrapped"), ("ledger", "deliveries", "file_name"))


def upgrade() -> None:
    """Take no more samples, and forget those that were taken."""
    connection = op.get_bind()
    for schema, table, column in COLUMNS:
        connection.exec_driver_sql(f"alter table {schema}.{table} alter column {column} set statistics 0")
        connection.exec_driver_sql(f"select pg_clear_attribute_stats('{schema}', '{table}', '{column}', false)")
