with source as (
    select records.*
    from {{ source('raw', 'volunteer_reports') }} as records
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries
        on records._delivery_id = deliveries.delivery_id
    where deliveries.status = 'loaded'
),

renamed as (
    select
        {{ stable_id(["'volunteer_reports'", "report_ref"]) }} as report_id,
        'volunteer_reports' as feed,
        _delivery_id as delivery_id,
        _row_number as row_number,
        _record_hash as record_hash,
        _loaded_at as loaded_at,
        {{
            report_columns({
                'body_code': "'volunteers'",
                'strands': text_array_from_bars('strands'),
                'is_online': "'yes'",
                'is_anonymous': none,
                'reporter_is_victim': 'false',
                'reporter_name_token': none,
                'reporter_email_token': none,
                'reporter_phone_token': none,
                'victim_name_token': none,
                'victim_email_token': none,
                'victim_phone_token': none,
                'victim_date_of_birth_token': none,
                'victim_postcode_token': none,
                'offence_postcode_district': none,
                'offence_lsoa_code': none,
                'crime_reference': none,
                'consent_share_police': 'true',
                'consent_share_anonymised': 'true',
                'consent_refer_support': 'false',
                'consent_contact': 'false',
            })
        }},
        volunteer_code,
        action,
        is_criminal_in_view,
        cast(reported_to_platform_at as timestamptz) as reported_to_platform_at
    from source
),

-- A later report with the same reference corrects the earlier one. Never by load time: deliveries come in any order.
latest as (
    select distinct on (report_ref) *
    from renamed
    order by report_ref asc, reported_at desc, record_hash desc
)

select * from latest
