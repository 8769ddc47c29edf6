"""Say what a row of a table is as "One row per ...": the comments of earlier versions said "One row a ..."."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

ALSO_IN_OTHER_WORDS = {
    ("linkage", "person_changes"): "One row per person that became another (what had the old id has the new one since)"
    " or that a mention has left",
    ("ledger", "known_issue_events"): "One row per change of a known issue: who opened or closed it, and when. Rows are"
    " only ever added",
    ("vault", "retention_reviews"): "One row per review of a person's data: what was decided, who decided it and why",
}


def upgrade() -> None:
    """Reword the comments of the tables that earlier versions made; dbt writes those of its own with each build."""
    op.execute(r"""
        do $$
        declare
            told record;
        begin
            for told in
                select
                    format('%I.%I', nspname, relname) as name,
                    regexp_replace(description, '^One row an? ', 'One row per ') as words
                from pg_description
                inner join pg_class on pg_class.oid = objoid
                inner join pg_namespace on pg_namespace.oid = relnamespace
                where
                    classoid = 'pg_class'::regclass
                    and objsubid = 0
                    and relkind in ('r', 'p')
                    and description ~ '^One row an? '
                    and nspname in ('audit', 'disclosure', 'forecast', 'ledger', 'linkage', 'quarantine', 'vault')
            loop
                execute format('comment on table %s is %L', told.name, told.words);
            end loop;
        end
        $$
    """)
    for (schema, table), words in ALSO_IN_OTHER_WORDS.items():
        # The linkage makes some of its tables itself, when it first runs.
        if sa.inspect(op.get_bind()).has_table(table, schema=schema):
            op.create_table_comment(table, words, schema=schema)
