with source as (
    {{ accepted_rows('mps_recorded_crime') }}
),

renamed as (
    select
        source.delivery_id,
        source.row_number,
        source._record_hash as record_hash,
        source.loaded_at,
        deliveries.delivery_order,
        case when source.lsoa_code is null then 'borough' else 'lsoa' end as area_kind,
        {{ plain_code('source.lsoa_code') }} as lsoa_code,
        source.lsoa_name,
        source.area_name as borough_named,
        source.major_category as offence_major,
        source.minor_category as offence_minor,
        source.counts as counts_by_month,
        -- Never later than the month of receipt: a wrong header does not hold the newest place for ever.
        least(
            (
                select max(months.month_text)
                from jsonb_object_keys(source.counts) as months (month_text)
            ),
            to_char(deliveries.received_at at time zone 'Europe/London', 'YYYYMM')
        ) as last_month_text
    from source
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries on source.delivery_id = deliveries.delivery_id
)

select * from renamed
