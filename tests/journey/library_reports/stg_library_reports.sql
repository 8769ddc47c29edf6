with source as (
    select records.*
    from {{ source('raw', 'library_reports') }} as records
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries
        on records._delivery_id = deliveries.delivery_id
    where deliveries.status = 'loaded'
),

renamed as (
    select
        {{ stable_id(["'library_reports'", "slip"]) }} as report_id,
        'library_reports' as feed,
        _delivery_id as delivery_id,
        _row_number as row_number,
        _record_hash as record_hash,
        _loaded_at as loaded_at,
        {{
            report_columns({
                'report_ref': 'slip',
                'body_code': "'libraries'",
                'reported_at': 'cast(handed_in_at as timestamptz)',
                'occurred_on': none,
                'strands': text_array_from_bars('strands'),
                'is_online': "'unknown'",
                'platform': none,
                'content_url': none,
                'is_anonymous': 'true',
                'reporter_is_victim': none,
                'is_threat_to_life': none,
                'description_token': 'words_token',
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
                'borough_named': none,
                'force_named': none,
                'crime_reference': none,
                'consent_share_police': "may_share = 'yes'",
                'consent_share_anonymised': "may_share = 'yes'",
                'consent_refer_support': 'false',
                'consent_contact': 'false',
            })
        }}
    from source
),

latest as (
    select distinct on (report_ref) *
    from renamed
    order by report_ref asc, reported_at desc, record_hash desc
)

select * from latest
