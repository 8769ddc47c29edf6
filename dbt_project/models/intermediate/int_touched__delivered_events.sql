{{ config(post_hook='{{ keep_statistics(this) }}') }}

-- Events that new deliveries brought, or whose person linkage has since changed.
with moved_mentions as (
    select mentions.mention_id
    from {{ ref('stg_linkage__mention_persons') }} as mentions
    where {{ since_last_build('mentions.changed_at') }}
)

select records.event_id
from {{ ref('int_journey_records') }} as records
where
    records.delivery_id = any(
        array(select fresh.delivery_id from {{ ref('stg_ledger__new_deliveries') }} as fresh)
    )
union
select report_id as event_id from {{ ref('int_touched__reports') }}
union
select moved.record_id as event_id
from moved_mentions
cross join lateral (
    select people.record_id
    from {{ ref('stg_linkage__mention_portraits') }} as people
    where people.mention_id = moved_mentions.mention_id
    {{ row_by_row() }}
) as moved
