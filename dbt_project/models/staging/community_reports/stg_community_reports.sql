with source as (
    select records.*
    from {{ source('raw', 'community_reports') }} as records
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries
        on records._delivery_id = deliveries.delivery_id
    where deliveries.status = 'loaded'
),

renamed as (
    select
        {{ stable_id(["'community_reports'", "body_code", "case_ref"]) }} as report_id,
        'community_reports' as feed,
        _delivery_id as delivery_id,
        _row_number as row_number,
        _record_hash as record_hash,
        _loaded_at as loaded_at,
        -- The bodies do not pass on whether the reporter gave a name, nor whether the reporter is the victim.
        {{
            report_columns({
                'report_ref': 'case_ref',
                'strands': text_array_from_json('strands'),
                'is_anonymous': none,
                'reporter_is_victim': none,
            })
        }}
    from source
),

-- A later record of the same case corrects the earlier one. Never by load time: deliveries come in any order.
latest as (
    select distinct on (body_code, report_ref) *
    from renamed
    order by body_code asc, report_ref asc, reported_at desc, record_hash desc
)

select * from latest
