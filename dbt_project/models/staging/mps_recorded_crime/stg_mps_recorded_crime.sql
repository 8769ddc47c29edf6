with source as (
    select records.*
    from {{ source('raw', 'mps_recorded_crime') }} as records
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries
        on records._delivery_id = deliveries.delivery_id
    where deliveries.status = 'loaded'
),

renamed as (
    select
        _delivery_id as delivery_id,
        _row_number as row_number,
        _record_hash as record_hash,
        _loaded_at as loaded_at,
        case when lsoa_code is null then 'borough' else 'lsoa' end as area_kind,
        lsoa_code,
        lsoa_name,
        area_name as borough_named,
        major_category as offence_major,
        minor_category as offence_minor,
        counts as counts_by_month,
        (
            select max(months.month_text)
            from jsonb_object_keys(source.counts) as months (month_text)
        ) as last_month_text
    from source
)

select * from renamed
