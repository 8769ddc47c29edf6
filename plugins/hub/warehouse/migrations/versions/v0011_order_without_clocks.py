"""The order of arrivals and the numbers of publishes, from counters: a clock can be set back, a sequence jumps."""

from alembic import op

revision = "0011"
down_revision = "0010"

STATEMENTS = (
    "alter table ledger.deliveries add column arrival_number bigint",
    "comment on column ledger.deliveries.arrival_number is 'Its number among the arrivals of its feed'",
    """
    update ledger.deliveries as delivery
    set arrival_number = numbered.arrival_number
    from (
        select delivery_id,
               row_number() over (partition by feed order by received_at, file_name, delivery_id) as arrival_number
        from ledger.deliveries
    ) as numbered
    where delivery.delivery_id = numbered.delivery_id
    """,
    "alter table ledger.publishes alter column publish_id drop identity",
    """
    create table ledger.last_publish (
        publish_id bigint not null,
        is_the_only_row boolean default true not null,
        primary key (is_the_only_row),
        constraint is_the_only_row check (is_the_only_row)
    )
    """,
    "comment on table ledger.last_publish is 'The one row counts publishes; a publish that fails is not counted'",
    "insert into ledger.last_publish (publish_id) select coalesce(max(publish_id), 0) from ledger.publishes",
)


def upgrade() -> None:
    """Every delivery and publish keeps its place and its number."""
    for statement in STATEMENTS:
        op.execute(statement)
