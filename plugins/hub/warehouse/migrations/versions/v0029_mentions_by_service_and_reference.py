"""Mentions by records of support services under their present ids, which are made of service and reference."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"

STAGING = "staging.stg_victim_support_events"
# As the staging of the feed makes ids of records, and `mention_id` those of mentions.
RENAMED = """
    create temporary table renamed on commit drop as
    with events as (
        select
            event_id as old_event_id,
            cast(
                right('0000' || left(regexp_replace(event_ref, '[^0-9]+', '', 'g'), -3), 4)
                || right(md5('victim_support_events/' || service_code || '/' || event_ref), 28) as uuid
            ) as event_id
        from staging.stg_victim_support_events
    )
    select
        seen.mention_id as old_id,
        cast(
            left(cast(events.event_id as text), 4)
            || right(md5(cast(events.event_id as text) || '/' || seen.role), 28) as uuid
        ) as new_id,
        events.event_id
    from linkage.mention_identities as seen
    inner join events on seen.record_id = events.old_event_id
    where seen.feed = 'victim_support_events'
"""
OVERRIDES = """
    update linkage.person_overrides as overrides
    set mention_a = least(present.one_id, present.other_id), mention_b = greatest(present.one_id, present.other_id)
    from (
        select
            decided.mention_a,
            decided.mention_b,
            coalesce(one.new_id, decided.mention_a) as one_id,
            coalesce(other.new_id, decided.mention_b) as other_id
        from linkage.person_overrides as decided
        left join renamed as one on decided.mention_a = one.old_id
        left join renamed as other on decided.mention_b = other.old_id
        where one.old_id is not null or other.old_id is not null
    ) as present
    where (overrides.mention_a, overrides.mention_b) = (present.mention_a, present.mention_b)
"""
OTHERS = (
    "update vault.held_mentions as held set mention_id = renamed.new_id"
    " from renamed where held.mention_id = renamed.old_id",
    "update linkage.mention_persons as persons set mention_id = renamed.new_id"
    " from renamed where persons.mention_id = renamed.old_id",
    "update linkage.mention_identities as seen set mention_id = renamed.new_id, record_id = renamed.event_id"
    " from renamed where seen.mention_id = renamed.old_id",
)


def upgrade() -> None:
    """Legal holds, and what people decided, follow their mentions; so does who they were, for the log of persons. All
    else that linkage keeps of a mention the next build makes again."""
    if op.get_bind().execute(sa.select(sa.func.to_regclass(STAGING))).scalar() is None:
        return  # nothing has been built
    for statement in (RENAMED, OVERRIDES, *OTHERS):
        op.execute(statement)
    op.execute("drop table renamed")
