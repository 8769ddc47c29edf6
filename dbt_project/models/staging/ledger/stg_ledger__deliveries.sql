-- A table, not a view: it is built first and settles which deliveries this build sees. A delivery that is loaded
-- while the build runs is in none of its tables, and in all of the next build's. Emptied and filled in one transaction
-- and not made again, because dropping it would take every staging view with it. Every staging model joins it, so the
-- planner must know how small it is.
{{
    config(
        materialized='incremental',
        pre_hook='{% if is_incremental() %} delete from {{ this }} {% endif %}',
    )
}}

with source as (
    select * from {{ source('ledger', 'deliveries') }}
),

renamed as (
    select
        delivery_id,
        duplicate_of as first_delivery_id,
        feed,
        sender,
        status,
        contract_version,
        sequence_number,
        bytes as count_bytes,
        rows_read as count_rows_read,
        rows_accepted as count_rows_accepted,
        rows_quarantined as count_rows_quarantined,
        rows_duplicate as count_rows_duplicate,
        stated_rows as count_rows_stated,
        period_start as period_starts_on,
        period_end as period_ends_on,
        first_event_on,
        last_event_on,
        received_at,
        loaded_at,
        sha256 as content_sha256,
        array[
            coalesce(
                position_on, least(period_end, cast(received_at at time zone 'Europe/London' as date))
            ) - date '1970-01-01',
            coalesce(position_number, 0),
            coalesce(arrival_number, 0),
            cast(extract(epoch from received_at) * 1000000 as bigint)
        ] as arrival_order
    from source
)

-- The same file again states all its rows again: the first receipt, under which they are kept, moves to that place.
select
    renamed.*,
    max(renamed.arrival_order) filter (where renamed.status in ('loaded', 'duplicate')) over (
        partition by coalesce(renamed.first_delivery_id, renamed.delivery_id)
    ) as delivery_order
from renamed
