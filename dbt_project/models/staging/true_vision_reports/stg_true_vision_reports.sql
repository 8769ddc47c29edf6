with source as (
    select records.*
    from {{ source('raw', 'true_vision_reports') }} as records
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries
        on records._delivery_id = deliveries.delivery_id
    where deliveries.status = 'loaded'
),

renamed as (
    select
        {{ stable_id(["'true_vision_reports'", "report_ref"]) }} as report_id,
        'true_vision_reports' as feed,
        _delivery_id as delivery_id,
        _row_number as row_number,
        _record_hash as record_hash,
        _loaded_at as loaded_at,
        {{
            report_columns({
                'body_code': "'true_vision'",
                'strands': text_array_from_bars('strands'),
                'victim_email_token': none,
                'victim_phone_token': none,
            })
        }}
    from source
),

-- A later report with the same reference corrects the earlier one. Never by load time: deliveries come in any order.
latest as (
    select distinct on (report_ref) *
    from renamed
    order by report_ref asc, reported_at desc, record_hash desc
)

select * from latest
