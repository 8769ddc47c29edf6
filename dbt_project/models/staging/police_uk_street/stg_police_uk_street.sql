-- No latest version is taken here: several rows with one Crime ID and another place or outcome are what the site
-- publishes, and rows without a Crime ID are separate incidents even where they are equal to the letter.
with source as (
    select records.*
    from {{ source('raw', 'police_uk_street') }} as records
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries
        on records._delivery_id = deliveries.delivery_id
    where deliveries.status = 'loaded'
),

renamed as (
    select
        _record_hash as street_crime_id,
        _delivery_id as delivery_id,
        _row_number as row_number,
        _loaded_at as loaded_at,
        crime_id,
        {{ plain_code('lsoa_code') }} as lsoa_code,
        lsoa_name,
        reported_by,
        falls_within,
        location,
        crime_type,
        last_outcome_category as last_outcome,
        context,
        cast(longitude as double precision) as longitude,
        cast(latitude as double precision) as latitude,
        {{ month_start('month') }} as month
    from source
)

select * from renamed
