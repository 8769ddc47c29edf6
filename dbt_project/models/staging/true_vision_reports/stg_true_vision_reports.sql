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
        report_ref,
        'true_vision' as body_code,
        cast(reported_at as timestamptz) as reported_at,
        cast(occurred_on as date) as occurred_on,
        {{ text_array_from_bars('strands') }} as strands,
        is_online,
        platform,
        content_url,
        cast(is_anonymous as boolean) as is_anonymous,
        cast(reporter_is_victim as boolean) as reporter_is_victim,
        cast(is_threat_to_life as boolean) as is_threat_to_life,
        description_token,
        reporter_name_token,
        reporter_email_token,
        reporter_phone_token,
        victim_name_token,
        cast(null as text) as victim_email_token,
        cast(null as text) as victim_phone_token,
        victim_date_of_birth_token,
        victim_postcode_token,
        offence_postcode_district,
        offence_lsoa_code,
        borough_named,
        force_named,
        crime_reference,
        cast(consent_share_police as boolean) as consent_share_police,
        cast(consent_share_anonymised as boolean) as consent_share_anonymised,
        cast(consent_refer_support as boolean) as consent_refer_support,
        cast(consent_contact as boolean) as consent_contact
    from source
),

-- A later report with the same reference corrects the earlier one. Never by load time: deliveries come in any order.
latest as (
    select distinct on (report_ref) *
    from renamed
    order by report_ref asc, reported_at desc, record_hash desc
)

select * from latest
