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
        slip as report_ref,
        'libraries' as body_code,
        cast(handed_in_at as timestamptz) as reported_at,
        cast(null as date) as occurred_on,
        {{ text_array_from_bars('strands') }} as strands,
        'unknown' as is_online,
        cast(null as text) as platform,
        cast(null as text) as content_url,
        true as is_anonymous,
        cast(null as boolean) as reporter_is_victim,
        cast(null as boolean) as is_threat_to_life,
        words_token as description_token,
        cast(null as text) as reporter_name_token,
        cast(null as text) as reporter_email_token,
        cast(null as text) as reporter_phone_token,
        cast(null as text) as victim_name_token,
        cast(null as text) as victim_email_token,
        cast(null as text) as victim_phone_token,
        cast(null as text) as victim_date_of_birth_token,
        cast(null as text) as victim_postcode_token,
        cast(null as text) as offence_postcode_district,
        cast(null as text) as offence_lsoa_code,
        cast(null as text) as borough_named,
        cast(null as text) as force_named,
        cast(null as text) as crime_reference,
        may_share = 'yes' as consent_share_police,
        may_share = 'yes' as consent_share_anonymised,
        false as consent_refer_support,
        false as consent_contact
    from source
),

latest as (
    select distinct on (report_ref) *
    from renamed
    order by report_ref asc, reported_at desc, record_hash desc
)

select * from latest
