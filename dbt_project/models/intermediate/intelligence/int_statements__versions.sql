-- Of statements that have several versions, at least one of them in the archive: which one counts. It is the newest, as
-- among the versions in raw: the one that the newest delivery states, and in that the last row.
with in_full as (
    select
        -- As the load writes the key of a record into the archive: 128 bits of SHA-256 over feed and key.
        cast(
            left(encode(sha256(convert_to('provider_statements ' || cast(statement_id as text), 'UTF8')), 'hex'), 32)
            as uuid
        ) as record_key,
        record_hash,
        delivery_id,
        row_number
    from {{ ref('stg_provider_statements') }}
),

deliveries as (
    select
        delivery_id,
        delivery_order
    from {{ ref('stg_ledger__deliveries') }}
    where feed = 'provider_statements' and status = 'loaded'
),

archived as (
    select
        records.record_key,
        records.record_hash,
        records.row_number,
        records.is_other_version,
        records.sum_id,
        sums.delivery_id
    from {{ ref('stg_ledger__archived_records') }} as records
    inner join {{ ref('stg_ledger__archive_sums') }} as sums on records.sum_id = sums.sum_id
    inner join deliveries on sums.delivery_id = deliveries.delivery_id
),

several as (
    select record_key from archived
    where is_other_version
    union
    select in_full.record_key from in_full
    inner join archived on in_full.record_key = archived.record_key
),

stated as (
    select
        archived.record_key,
        archived.record_hash,
        archived.sum_id,
        archived.delivery_id,
        archived.row_number
    from several
    inner join archived on several.record_key = archived.record_key
    union all
    select
        archived.record_key,
        archived.record_hash,
        archived.sum_id,
        restated.delivery_id,
        restated.row_number
    from several
    inner join archived on several.record_key = archived.record_key
    inner join {{ ref('stg_ledger__restated_records') }} as restated on archived.record_hash = restated.record_hash
    union all
    select
        in_full.record_key,
        in_full.record_hash,
        cast(null as integer) as sum_id,
        in_full.delivery_id,
        in_full.row_number
    from several
    inner join in_full on several.record_key = in_full.record_key
),

-- A version that several deliveries state has its place in the newest of them.
placed as (
    select distinct on (stated.record_hash)
        stated.record_key,
        stated.record_hash,
        stated.sum_id,
        deliveries.delivery_order,
        stated.row_number
    from stated
    inner join deliveries on stated.delivery_id = deliveries.delivery_id
    order by stated.record_hash asc, deliveries.delivery_order desc, stated.row_number desc
)

select
    record_key,
    record_hash,
    sum_id,
    row_number() over (partition by record_key order by delivery_order desc, row_number desc) = 1 as is_newest
from placed
